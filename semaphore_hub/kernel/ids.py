"""Identifiers of our own rows: UUID version 7, so that they sort by creation time."""

from __future__ import annotations

import re

from uuid_utils import uuid7

ID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
_ID = re.compile(ID_PATTERN)


def new_id() -> str:
    """A new identifier, unique and sortable by time."""
    return str(uuid7())


def is_id(value: str) -> bool:
    """Whether a text has the form of one of our identifiers."""
    return _ID.match(value) is not None
