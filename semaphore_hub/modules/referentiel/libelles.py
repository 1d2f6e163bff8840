"""How labels written by people are compared: no accents, no case, no punctuation, single blanks."""

from __future__ import annotations

import re
import unicodedata

_NOT_WORD = re.compile(r"[\W_]+")


def cle_de(libelle: str) -> str:
    """The key of a label: ``"Médicaments "`` and ``"MEDICAMENTS"`` have the same one."""
    words = _NOT_WORD.sub(" ", unicodedata.normalize("NFC", libelle)).strip().lower().replace("œ", "oe")
    return unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
