"""How labels written by people are compared: no accents, no case, no punctuation, single blanks."""

from __future__ import annotations

import re
import unicodedata

_NOT_WORD = re.compile(r"[^a-z0-9]+")


def cle_de(libelle: str) -> str:
    """The key of a label: ``"Médicaments "`` and ``"MEDICAMENTS"`` have the same one."""
    plain = unicodedata.normalize("NFKD", libelle).encode("ascii", "ignore").decode().lower()
    return _NOT_WORD.sub(" ", plain).strip()
