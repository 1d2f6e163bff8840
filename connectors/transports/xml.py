"""XML of the State's flows: texts that fit its encoding, ISO-8859-1.

Reading is :func:`contracts.xml.parse`, re-exported: one parser configuration in the whole product.
"""

from __future__ import annotations

import unicodedata

from contracts.xml import XmlRefused, local_name, parse

__all__ = ["XmlRefused", "local_name", "parse", "to_latin1"]

ENCODING = "ISO-8859-1"
_TYPOGRAPHY = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "‚": ",",
        "′": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "″": '"',
        "–": "-",
        "—": "-",
        "‑": "-",
        "‐": "-",
        "−": "-",
        "…": "...",
        "•": "-",
        "œ": "oe",
        "Œ": "OE",
        "€": "EUR",
        "™": "(TM)",
        "‹": "<",
        "›": ">",
        "Ÿ": "Y",
        "\u202f": " ",
        "\u2009": " ",
        "\u200b": "",
        "\ufeff": "",
    }
)


def to_latin1(text: str) -> tuple[str, bool]:
    """A text that ISO-8859-1 can carry, on one line, and whether a character was changed to get there.

    Typographic characters become their plain form (’ → ', œ → oe), other letters lose their foreign accent (ć → c),
    the rest becomes "?". Control characters, which XML forbids or folds in attributes, become spaces.
    """
    if text.isprintable() and _encodable(text):
        return text, False
    composed = unicodedata.normalize("NFC", text)
    plain = "".join(" " if unicodedata.category(character) == "Cc" else character for character in composed)
    written = "".join(_latin1(character) for character in plain.translate(_TYPOGRAPHY))
    return written, written != plain


def _encodable(text: str) -> bool:
    try:
        text.encode(ENCODING)
    except UnicodeEncodeError:
        return False
    return True


def _latin1(character: str) -> str:
    if ord(character) < 256:
        return character
    base = "".join(part for part in unicodedata.normalize("NFKD", character) if ord(part) < 256)
    return base or "?"
