"""Fixtures of the business modules and of the edge around them."""

from tests.modules.world import client, events, known, services

__all__ = ["client", "events", "known", "services"]
