"""Documents that cannot be read at all: the refusal common to every format, and the size limit."""

from __future__ import annotations

# A document is given whole, in memory: bigger flows are cut by their own protocols well below this.
MAX_BYTES = 50 * 1024 * 1024


class Refused(Exception):
    """A document refused before any schema was applied.

    ``rule`` is the suffix of the rule's id (``XML``, ``JSON``, ``CSV``, ``DOCTYPE``, ``ENCODAGE``, ``TAILLE``): the
    contract's prefix goes before it. ``line`` counts from 1. ``message`` is French, for the person who must fix it.
    """

    def __init__(self, rule: str, line: int | None, message: str) -> None:
        super().__init__(message)
        self.rule = rule
        self.line = line
        self.message = message


def size_refusal(body: bytes, limit: int) -> tuple[str, None, str] | None:
    """The arguments of the refusal when the body is larger than the limit in bytes, else None."""
    if len(body) <= limit:
        return None
    size, most = len(body) / 1048576, limit / 1048576
    message = f"Le document pèse {size:.1f} Mio, la limite est de {most:.0f} Mio : découpez-le en plusieurs envois."
    return "TAILLE", None, message.replace(".", ",", 1)
