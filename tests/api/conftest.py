"""Fixtures of the business modules and of the edge around them."""

from tests.modules.world import client, embedded, events, known, services

__all__ = ["client", "embedded", "events", "known", "services"]
