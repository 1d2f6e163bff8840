"""Errors of the business and of the operations, by what the caller can do about them.

HubError
├── NotFound               the thing named does not exist (or lies outside the caller's perimeter)
├── Refused                well-formed, but a business rule or the present state forbids it
│   ├── RuleBroken         one or several business rules, each with its place, id and remedy
│   ├── WrongState         the operation is not possible in the present state
│   ├── AlreadyExists      a unique key is taken
│   └── KeyReused          an idempotency key came back with another request
├── Outdated               the caller's version (If-Match) is not the present one
├── Forbidden              the caller's role or perimeter does not allow it
└── ConfigurationError     the hub itself is not configured as it must be; it stops

The HTTP edge turns each into one status; nothing below the edge knows HTTP.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to fix: where, which rule, and what to do (a French sentence where a hospital reads it)."""

    path: str
    rule: str
    message: str


class HubError(Exception):
    """Something the caller asked for cannot be done."""

    def __init__(self, detail: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.problems = tuple(problems)


class NotFound(HubError):
    """The thing named does not exist, or lies outside the caller's perimeter."""


class Refused(HubError):
    """Well-formed, but a business rule or the present state forbids it."""


class RuleBroken(Refused):
    """One or several business rules are broken."""


class WrongState(Refused):
    """The operation is not possible in the present state."""


class AlreadyExists(Refused):
    """A unique key is already taken."""


class KeyReused(Refused):
    """An idempotency key came back with a different request."""


class Outdated(HubError):
    """The version given with If-Match is not the present one: read again, then retry."""


class Forbidden(HubError):
    """The caller's role or perimeter does not allow this."""


class ConfigurationError(HubError):
    """The hub is not configured as it must be; it does not start."""
