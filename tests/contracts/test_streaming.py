"""Files are read one contract at a time: same contracts wherever the blocks are cut, same refusals, no memory kept."""

from __future__ import annotations

import io
import json
import random
import tracemalloc
from collections.abc import Iterator

import pytest

import contracts.json as strict_json
from contracts.json import JsonRefused
from contracts.streaming import JsonRecord, WrongEnvelope, check_json, json_records
from contracts.streaming_xml import check_xml, xml_records
from contracts.xml import XmlRefused

NASTY = (
    '\ufeff{ "avant" : {"marches":[1]},\n"marches":{"note":[1,2],\n"marche":[\n'
    '{"id":"é\\u00e9\\\\","s":"}]{[,\\""} ,\n\n {"n":-12.50e3,"vide":{},"l":[[],[{}]]},12345 ,"texte",null, true\n],'
    '"contrat-concession":[{"autoriteConcedante":{"id":"😀"}}]\n} , "après":"\\ud83d\\ude00" }\n\n'
)
SMALL = (1, 2, 3, 5, 7, 11, 64, 100_000)


def records(text: str | bytes, block: int = 64) -> list[JsonRecord]:
    """Every record of a text, read block by block."""
    body = text.encode() if isinstance(text, str) else text
    return list(json_records(io.BytesIO(body), block=block))


@pytest.mark.parametrize("block", SMALL)
def test_the_contracts_are_the_same_wherever_the_blocks_are_cut(block: int) -> None:
    value, _ = strict_json.parse(NASTY.encode())
    found = records(NASTY, block)
    assert [(record.kind, record.pointer) for record in found] == [
        *(("marche", ("marches", "marche", rank)) for rank in range(6)),
        ("contrat-concession", ("marches", "contrat-concession", 0)),
    ]
    expected = [*value["marches"]["marche"], *value["marches"]["contrat-concession"]]
    assert [strict_json.parse(record.text.encode())[0] for record in found] == expected
    assert [record.line for record in found] == [4, 6, 6, 6, 6, 6, 7]
    assert found[0].text == '{"id":"é\\u00e9\\\\","s":"}]{[,\\""}'


@pytest.mark.parametrize("block", SMALL)
def test_a_former_file_is_a_bare_list_where_an_authority_makes_a_concession(block: int) -> None:
    found = records('{"marches":[{"acheteur":1},\n{"autoriteConcedante":2}]}', block)
    assert [(record.kind, record.pointer, record.line) for record in found] == [
        ("marche", ("marches", 0), 1),
        ("contrat-concession", ("marches", 1), 2),
    ]


def test_every_cut_of_a_file_is_refused_as_the_whole_reading_does() -> None:
    body = NASTY.strip().encode()
    for length in range(len(body)):
        with pytest.raises(JsonRefused):
            check_json(io.BytesIO(body[:length]), block=13)


def test_any_small_damage_is_refused_exactly_when_strict_json_refuses_it() -> None:
    rng = random.Random(20240101)
    for _ in range(400):
        body = bytearray(NASTY.encode())
        for _ in range(rng.randint(1, 2)):
            body[rng.randrange(len(body))] = rng.choice(b'{}[]",:\\ 0x\xe9\n')
        try:
            value, _ = strict_json.parse(bytes(body))
        except JsonRefused:
            value = None
        envelope = value.get("marches") if isinstance(value, dict) else None
        lists = (
            [envelope.get(kind, []) for kind in ("marche", "contrat-concession")] if isinstance(envelope, dict) else []
        )
        named = isinstance(envelope, dict) and envelope.keys() & {"marche", "contrat-concession"}
        right = isinstance(envelope, list) or (named and all(isinstance(held, list) for held in lists))
        try:
            check_json(io.BytesIO(bytes(body)), block=rng.choice(SMALL))
        except JsonRefused:
            assert not right, bytes(body)
        else:
            assert right, bytes(body)


@pytest.mark.parametrize(
    ("body", "rule", "line", "words"),
    [
        (b"", "JSON", 1, "vide"),
        (b'{"marches":{"marche":[\n{"a":1},\n{"a":2 "b"}]}}', "JSON", 3, "virgule"),
        (b'{"marches":{"marche":[\n{"a":1}\n{"a":2}]}}', "JSON", 3, "une virgule est attendue"),
        (b'{"marches":{"marche":[{"a":1},]}}', "JSON", 1, "en trop"),
        (b'{"marches":{"marche":[]}}\n x', "JSON", 2, "suit la fin"),
        (b'{"marches":{"marche":[],\n"marche":[]}}', "JSON", 2, "deux fois"),
        (b'{"marches" {"marche":[]}}', "JSON", 1, "deux-points"),
        (b"{marches:1}", "JSON", 1, "guillemets"),
        (b'{"marches":{"marche":[\n{"a":1,"a":2}]}}', "JSON", 2, "deux fois"),
        (b'{"marches":{"marche":[\n{"a":NaN}]}}', "JSON", 2, "NaN"),
        (b'{"x":\nInfinity,"marches":[]}', "JSON", 2, "Infinity"),
        (b'{"marches":{"marche":[\n{"a":"\xe9"}]}}', "ENCODAGE", 2, "0xE9"),
        (b'{"marches":{"marche":[{"a":' + b"[" * 100 + b"]" * 100 + b"}]}}", "JSON", 1, "imbri"),
        (b'{"marches":{"marche":[{"a":' + b"[" * 100_000, "JSON", 1, "imbri"),
        (b'{"marches":{"marche":[{"a":' + b"9" * 5000 + b"}]}}", "JSON", 1, "chiffres"),
        (b'{"marches":{"marche":[\n{"a":"\\ud83d"}]}}', "JSON", 2, "demi-paire"),
    ],
)
def test_a_broken_file_is_refused_at_its_line(body: bytes, rule: str, line: int, words: str) -> None:
    for block in (7, 100_000):
        with pytest.raises(JsonRefused, match=words) as refused:
            check_json(io.BytesIO(body), block=block)
        assert (refused.value.rule, refused.value.line) == (rule, line)


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ("[]", ()),
        ("12", ()),
        ("{}", ("marches",)),
        ('{"marches": 3}', ("marches",)),
        ('{"marches": {}}', ("marches",)),
        ('{"marches": {"marche": {}}}', ("marches", "marche")),
    ],
)
def test_json_that_is_no_list_of_contracts_says_where_it_stops_being_one(text: str, pointer: tuple[str, ...]) -> None:
    with pytest.raises(WrongEnvelope) as refused:
        check_json(io.BytesIO(text.encode()))
    assert refused.value.pointer == pointer


@pytest.mark.parametrize(
    ("start", "more", "rule", "words"),
    [
        ('{"a":[', "1,", "TAILLE", "bien fermé"),
        ('{"a":"', "x", "JSON", "pas fermé par un guillemet"),
        ('{"a":"" "', "x", "JSON", "virgule"),
    ],
)
def test_a_contract_that_never_ends_is_refused_without_being_held(start: str, more: str, rule: str, words: str) -> None:
    source = io.BytesIO(f'{{"marches":{{"marche":[\n{start}'.encode() + more.encode() * 200_000)
    with pytest.raises(JsonRefused, match=words) as refused:
        list(json_records(source, block=1000, limit=100_000))
    assert (refused.value.rule, refused.value.line) == (rule, 2)
    assert source.tell() < 200_000


class Made(io.RawIOBase):
    """A file made as it is read, so that it takes no memory itself."""

    def __init__(self, before: bytes, item: bytes, after: bytes, count: int) -> None:
        self._parts = self._made(before, item, after, count)
        self._rest = b""

    @staticmethod
    def _made(before: bytes, item: bytes, after: bytes, count: int) -> Iterator[bytes]:
        yield before + item
        for _ in range(count - 1):
            yield b",\n" + item if item.startswith(b"{") else item
        yield after

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""
        while len(self._rest) < size and (part := next(self._parts, b"")):
            self._rest += part
        data, self._rest = self._rest[:size], self._rest[size:]
        return data


def _peak(count: int) -> int:
    item = json.dumps({"id": "x" * 16, "objet": "y" * 900, "montant": 12.5}).encode()
    source = Made(b'{"marches":{"marche":[', item, b"]}}", count)
    tracemalloc.start()
    try:
        assert check_json(source, block=16_384) == count
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_number_of_json_contracts() -> None:
    small, large = _peak(50), _peak(1500)
    assert large < small * 1.3


# --- XML --------------------------------------------------------------------------------------------------------------

XML = (
    '<?xml version="1.0"?><!-- é --><marches>\n<marche><id>1</id></marche>texte\n<autre/><marche>\n<id>é</id>'
    "<marche>dedans</marche></marche><!-- fin --></marches>"
).encode()


@pytest.mark.parametrize("block", [1, 2, 3, 7, 64, 10_000])
def test_the_blocks_are_the_same_wherever_the_xml_is_cut(block: int) -> None:
    found = [
        (one.name, one.rank, one.line, one.element.findtext("id")) for one in xml_records(io.BytesIO(XML), block=block)
    ]
    assert found == [("marche", 1, 2, "1"), ("autre", 1, 3, None), ("marche", 2, 3, "é")]


def test_blocks_are_found_at_their_path_and_the_head_stays_readable() -> None:
    body = b"<r><head v='1'/><a><b n='1'/></a><a><b n='2'/><c/></a><b n='3'/><big><x/></big></r>"
    seen = []
    for one in xml_records(io.BytesIO(body), [("a", "b")], dropped=[("big",)], block=3):
        root = one.element.getroottree().getroot()
        head = root.find("head")
        assert head is not None
        seen.append((one.element.get("n"), head.get("v")))
    assert seen == [("1", "1"), ("2", "1")]


def test_a_document_of_one_contract_is_one_block() -> None:
    found = list(xml_records(io.BytesIO(b"<marche><id>1</id></marche>"), single=("marche",)))
    assert [(one.name, one.rank) for one in found] == [("marche", 1)]


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b"", "XML"),
        (b"<marches><marche>", "XML"),
        (b"<marches><marche></marches>", "XML"),
        (b"<marches>&a;</marches>", "XML"),
        (b"<marches/><marches/>", "XML"),
        (b'<!DOCTYPE marches [<!ENTITY a "b">]>\n<marches>&a;</marches>', "DOCTYPE"),
        (b"<!-- " + b"x" * 70_000 + b" --><!DOCTYPE marches><marches/>", "DOCTYPE"),
        ('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE m><m/>'.encode("utf-16"), "DOCTYPE"),
        (b'<?xml version="1.0" encoding="UTF-8"?><marches><a>\xe9</a></marches>', "ENCODAGE"),
        ('<?xml version="1.0" encoding="ISO-8859-1"?><marches><a>é</a></marches>'.encode(), "ENCODAGE"),
    ],
)
def test_a_broken_xml_file_is_refused(body: bytes, rule: str) -> None:
    with pytest.raises(XmlRefused) as refused:
        check_xml(io.BytesIO(body))
    assert refused.value.rule == rule
    assert refused.value.message.endswith(".")


def test_every_cut_of_an_xml_file_is_refused() -> None:
    for length in range(len(XML)):
        with pytest.raises(XmlRefused):
            check_xml(io.BytesIO(XML[:length]), block=17)


def test_what_was_read_is_forgotten_in_xml() -> None:
    source = Made(
        b"<marches>", b"<marche><id>1</id><objet>" + b"x" * 500 + b"</objet></marche><!-- c -->\n", b"</marches>", 3000
    )
    held = []
    for one in xml_records(source, block=8192):
        held.append(len(one.element.getroottree().getroot()))
    assert len(held) == 3000
    assert max(held) < 60  # what one block of the file holds
    assert check_xml(Made(b"<marches>", b"<a/>", b"</marches>", 10)).count == 10


def test_lines_are_counted_far_into_a_file() -> None:
    body = b"<marches>" + b"\n" * 70_000 + b"<marche/></marches>"
    assert [one.line for one in xml_records(io.BytesIO(body))] == [70_001]
