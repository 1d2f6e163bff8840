"""XML is read in one safe way: hostile, damaged and mis-encoded documents are refused with a line and a reason."""

from __future__ import annotations

import threading
import time

import pytest
from lxml import etree

import contracts
from contracts.xml import XmlRefused, declared_encoding, line_of, parse, path_of

LAUGHS = (
    b'<?xml version="1.0"?>\n<!DOCTYPE l [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (c, b"&%c;" % (c - 1) * 10) for c in range(ord("b"), ord("m")))
    + b"]>\n<marches>&l;</marches>"
)


def refused(body: bytes) -> XmlRefused:
    with pytest.raises(XmlRefused) as caught:
        parse(body)
    return caught.value


def test_a_billion_laughs_is_refused_before_any_entity_is_read() -> None:
    start = time.perf_counter()
    refusal = refused(LAUGHS)
    assert (refusal.rule, refusal.line) == ("DOCTYPE", 2)
    assert time.perf_counter() - start < 0.5


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE r SYSTEM "http://exemple.invalid/r.dtd"><r/>',
        b'<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]><r>&e;</r>',
        b"\xef\xbb\xbf<!-- avant --><?pi?>\n<!DOCTYPE r><r/>",
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE r [<!ENTITY e "x">]><r>&e;</r>'.encode("utf-16"),
    ],
)
def test_any_doctype_is_refused_in_any_encoding(body: bytes) -> None:
    assert refused(body).rule == "DOCTYPE"


def test_the_word_doctype_in_a_comment_or_a_text_is_no_doctype() -> None:
    assert parse(b"<!-- <!DOCTYPE r> --><r><![CDATA[<!DOCTYPE r>]]></r>").getroot().tag == "r"


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b"", 1),
        (b"   ", 1),
        (b"<a>\n<b>\n</a>", 3),
        (b"<a>\n<b/>", 2),
        (b"<a>\n\x00</a>", 2),
        (b"<a>\n&inconnue;</a>", 2),
        (b"<a/>\n<b/>", 2),
        (b"pas du XML", 1),
        (b"\x00\x01\x02", 1),
    ],
)
def test_malformed_xml_is_refused_with_its_line(body: bytes, line: int) -> None:
    refusal = refused(body)
    assert (refusal.rule, refusal.line) == ("XML", line)
    assert "bien formé" in refusal.message


@pytest.mark.parametrize(
    "body",
    [
        '<?xml version="1.0" encoding="UTF-8"?><a>Marché</a>'.encode("latin-1"),
        '<?xml version="1.0" encoding="ISO-8859-1"?><a>Marché</a>'.encode(),
        b'<?xml version="1.0" encoding="ISO-8859-99"?><a/>',
    ],
)
def test_bytes_that_are_not_in_the_announced_encoding_are_refused(body: bytes) -> None:
    assert refused(body).rule == "ENCODAGE"


def test_latin1_text_announced_as_latin1_is_read() -> None:
    body = '<?xml version="1.0" encoding="ISO-8859-1"?><a>Marché à 10 £</a>'.encode("latin-1")
    assert parse(body).getroot().text == "Marché à 10 £"


def test_a_document_over_the_limit_is_refused_by_its_size_alone() -> None:
    body = b"<a>" + b" " * (60 * 1024 * 1024)
    refusal = refused(body)
    assert (refusal.rule, refusal.line) == ("TAILLE", None)
    assert "60,0 Mio" in refusal.message


def test_nesting_without_end_is_refused() -> None:
    assert refused(b"<a>" * 100_000).rule == "XML"


def test_the_announced_encoding_is_read_from_the_mark_or_the_declaration() -> None:
    assert declared_encoding(b"<a/>") == "UTF-8"
    assert declared_encoding(b"<?xml version='1.0' encoding='ISO-8859-1'?><a/>") == "ISO-8859-1"
    assert declared_encoding(b"\xef\xbb\xbf<a/>") == "UTF-8"


def test_a_path_names_elements_without_prefixes_and_counts_twins_only() -> None:
    root = parse(b'<n:r xmlns:n="urn:x">\n<a/><b/>\n<a><c/></a></n:r>').getroot()
    assert path_of(root) == "/r"
    assert path_of(root[1]) == "/r/b"
    assert path_of(root[2][0]) == "/r/a[2]/c"
    assert line_of(root[2][0]) == 3


def test_threads_validate_at_the_same_time_with_schemas_of_their_own() -> None:
    contract = contracts.get("daj/decp-xml/2.0.2")
    good = (contract.folder / "examples/valid/accord_cadre.xml").read_bytes()
    bad = good.replace(b"<offresRecues>4", b"<offresRecues>0")
    wrong: list[str] = []

    def work() -> None:
        for _ in range(50):
            if (
                not contracts.validate(contract.id, good).valid
                or len(contracts.validate(contract.id, bad).findings) != 1
            ):
                wrong.append(threading.current_thread().name)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_the_tree_is_an_lxml_tree() -> None:
    assert isinstance(parse(b"<a/>"), etree._ElementTree)


@pytest.mark.parametrize(
    ("body", "blanks"),
    [
        (b'<?xml version="1.0"?>\n<r>\n  <a> </a>\n  <b>x<c/> <d/></b>\n</r>', 0),
        (b'<?xml version="1.0"?>\n<r>\n  <a>! ?</a>\n</r>', 0),
        (b"<r>\n  <a/>\n</r>", 2),
        (b'<?xml version="1.0"?>\n<r>\n  <a> <!-- x --></a>\n</r>', 2),
        (b'<?xml version="1.0"?>\n<r>\n  <a> <![CDATA[x]]></a>\n</r>', 2),
        (b'<?xml version="1.0"?>\n<r>\n  <a> <?x y?></a>\n</r>', 2),
    ],
)
def test_only_the_layout_between_tags_is_left_out_of_the_tree(body: bytes, blanks: int) -> None:
    tree, plain = parse(body), etree.fromstring(body)
    assert tree.xpath("count(/r/text()[not(normalize-space())])") == blanks
    for ours, theirs in zip(tree.iter("a", "b", "c", "d"), plain.iter("a", "b", "c", "d"), strict=True):
        assert etree.tostring(ours, with_tail=False) == etree.tostring(theirs, with_tail=False)
        assert ours.sourceline == theirs.sourceline
