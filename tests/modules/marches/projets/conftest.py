"""Fixtures of the life of a marché."""

from tests.modules.marches.projets.life import hub

__all__ = ["hub"]
