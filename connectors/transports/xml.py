"""Writing XML in the style of the State's flows: every value in an attribute ``V``, encoded in ISO-8859-1.

Reading is :func:`contracts.xml.parse`, re-exported: one parser configuration in the whole product.
"""

from __future__ import annotations

import unicodedata

from lxml import etree

from contracts.xml import XmlRefused, local_name, parse

__all__ = ["ValueWriter", "XmlRefused", "local_name", "parse", "serialise_latin1", "to_latin1"]

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


class ValueWriter:
    """Adds elements to a tree and remembers whether a value had to be changed to fit the encoding or a width.

    Attributes:
        transliterated: at least one character was replaced.
        truncated: names of the elements whose value was cut.
    """

    def __init__(self) -> None:
        self.transliterated = False
        self.truncated: set[str] = set()

    def child(self, parent: etree._Element, tag: str) -> etree._Element:
        """A sub-element without value."""
        return etree.SubElement(parent, tag)

    def value(self, parent: etree._Element, tag: str, text: str, *, width: int | None = None) -> None:
        """A sub-element ``<tag V="text"/>``; longer than ``width`` (in characters) it is cut, and remembered."""
        written = text
        if not (text.isascii() and text.isprintable()):
            written, changed = to_latin1(text)
            self.transliterated = self.transliterated or changed
        if width is not None and len(written) > width:
            written = written[:width].rstrip()
            self.truncated.add(tag)
        etree.SubElement(parent, tag, {"V": written})

    def optional(self, parent: etree._Element, tag: str, text: str | None, *, width: int | None = None) -> None:
        """Same, but nothing is written when there is no value."""
        if text:
            self.value(parent, tag, text, width=width)


def serialise_latin1(root: etree._Element) -> bytes:
    """The document, indented, declared and encoded in ISO-8859-1; the same tree always gives the same bytes."""
    etree.indent(root)
    written = etree.tostring(root, encoding=ENCODING, xml_declaration=True)
    assert isinstance(written, bytes)  # the stubs also foresee encoding="unicode"
    return written
