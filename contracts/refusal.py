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
    return None if len(body) <= limit else ("TAILLE", None, _too_big(len(body), limit))


def refuse_size(size: int, limit: int) -> None:
    """Raise Refused when a document of that size in bytes is larger than the limit."""
    if size > limit:
        raise Refused("TAILLE", None, _too_big(size, limit))


def _too_big(size: int, limit: int) -> str:
    message = f"Le document pèse {size / 1048576:.1f} Mio, la limite est de {limit / 1048576:.0f} Mio"
    return message.replace(".", ",", 1) + " : découpez-le en plusieurs envois."
