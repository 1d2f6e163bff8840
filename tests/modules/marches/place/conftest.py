"""The application with what PLACE says, on the référentiel of the tests."""

from __future__ import annotations

from tests.modules.marches.place.suivi import embedded_place, place

__all__ = ["embedded_place", "place"]
