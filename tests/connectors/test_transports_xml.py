"""XML in the attribute style, encoded in ISO-8859-1 without losing a character silently."""

from __future__ import annotations

import pytest
from lxml import etree

from connectors.transports.xml import ValueWriter, XmlRefused, parse, serialise_latin1, to_latin1


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


def test_values_are_attributes_and_the_document_declares_its_encoding() -> None:
    writer, root = ValueWriter(), etree.Element("Racine")
    writer.value(root, "Objet", "Pansements stérilisés & <divers>")
    writer.optional(root, "Absent", None)
    writer.optional(root, "Vide", "")
    body = serialise_latin1(root)
    assert body.startswith(b"<?xml version='1.0' encoding='ISO-8859-1'?>")
    assert b'<Objet V="Pansements st\xe9rilis\xe9s &amp; &lt;divers&gt;"/>' in body
    assert [node.tag for node in parse(body).getroot()] == ["Objet"]
    assert (writer.transliterated, writer.truncated) == (False, set())


def test_a_value_wider_than_allowed_is_cut_and_remembered() -> None:
    writer, root = ValueWriter(), etree.Element("Racine")
    writer.value(root, "Nom", "abcd efgh", width=5)
    writer.value(root, "Ville", "abcde", width=5)
    assert root.find("Nom").get("V") == "abcd"  # type: ignore[union-attr]
    assert writer.truncated == {"Nom"}


def test_a_replaced_character_is_remembered() -> None:
    writer = ValueWriter()
    writer.value(etree.Element("Racine"), "Nom", "l’hôpital")
    assert writer.transliterated


def test_reading_refuses_a_doctype() -> None:
    with pytest.raises(XmlRefused, match="DOCTYPE"):
        parse(b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>')
