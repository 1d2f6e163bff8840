"""Whatever the text, what is written is XML in ISO-8859-1 that reads back as the same text."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from connectors.dgfip.writer import PesWriter
from connectors.transports.xml import to_latin1


def written(text: str, width: int | None = None) -> tuple[bytes, PesWriter]:
    """One value in one block."""
    writer = PesWriter("PES_Aller", "urn:test")
    with writer.block("Bloc"):
        writer.value("Texte", text, width=width)
    return writer.document(), writer


@given(st.text(max_size=80))
def test_any_text_reads_back_as_what_latin_1_can_say_of_it(text: str) -> None:
    body, writer = written(text)
    expected, _ = to_latin1(text)
    root = etree.fromstring(body)
    assert root.tag == "{urn:test}PES_Aller"
    assert [node.get("V") for node in root.iterfind("Bloc/Texte")] == [expected]
    assert ("caracteres-remplaces" in writer.losses) is (expected != text)


def test_markup_is_escaped_as_a_tree_would() -> None:
    body, _ = written("<a & \"b\" 'c'>")
    root = etree.fromstring(body)
    assert body == etree.tostring(root, encoding="ISO-8859-1", xml_declaration=True)


def test_a_text_is_cut_at_its_width_and_never_ends_with_a_blank() -> None:
    body, writer = written("abc def", width=4)
    assert b'V="abc"' in body
    assert writer.all_losses() == ("texte-tronque",)
    assert written("abcd", width=4)[1].all_losses() == ()


def test_rates_have_two_decimals_and_zero_is_no_number() -> None:
    writer = PesWriter("PES_Aller", "urn:test")
    writer.rate("Taux", Decimal("0.125"))
    writer.rate("Taux", None)
    writer.number("Nombre", 0)
    writer.number("Nombre", None)
    assert [node.get("V") for node in etree.fromstring(writer.document())] == ["0.13"]
    assert writer.all_losses() == ("taux-arrondi",)
