"""Texts are brought to ISO-8859-1 without losing a character silently."""

from __future__ import annotations

import pytest

from connectors.transports.xml import XmlRefused, parse, to_latin1


@pytest.mark.parametrize(
    ("text", "written", "changed"),
    [
        ("Fourniture élémentaire « à bas coût » n° 2", "Fourniture élémentaire « à bas coût » n° 2", False),
        ("l’hôpital – “cœur” … 5 €", 'l\'hôpital - "coeur" ... 5 EUR', True),
        ("Kovač Łódź", "Kovac ?ódz", True),
        ("日本", "??", True),
        ("e\u0301te\u0301", "été", False),
        ("ligne 1\nligne 2\t\x00", "ligne 1 ligne 2  ", False),
    ],
)
def test_a_text_becomes_latin_1_and_says_when_it_changed(text: str, written: str, changed: bool) -> None:
    assert to_latin1(text) == (written, changed)
    written.encode("latin-1")


def test_reading_refuses_a_doctype() -> None:
    with pytest.raises(XmlRefused, match="DOCTYPE"):
        parse(b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>')
