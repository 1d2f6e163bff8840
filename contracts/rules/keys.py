"""Check digits of French identifiers, on the exact text of a document: no spaces, no separators forgiven."""

from __future__ import annotations

import re
from functools import lru_cache

from stdnum import luhn
from stdnum.fr import siret as _siret

_FOURTEEN = re.compile(r"[0-9]{14}")


# The same buyers and suppliers come back in every file, and their keys are the slow part of a record.
@lru_cache(maxsize=20_000)
def siret_is_valid(text: str) -> bool:
    """14 digits with a right key, La Poste's establishments included (their digits sum to a multiple of 5).

    Source: INSEE's rule as kept by python-stdnum.
    """
    return _FOURTEEN.fullmatch(text) is not None and bool(_siret.is_valid(text))


@lru_cache(maxsize=20_000)
def siret_passes_luhn(text: str) -> bool:
    """14 digits with a Luhn key, without La Poste's exception: what the ministry's consolidation checks."""
    return _FOURTEEN.fullmatch(text) is not None and bool(luhn.is_valid(text))
