"""The file exchange protocol: each rule with what breaks it, and what is right under all of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

import contracts
from contracts.rules.echange_fichiers import (
    CONTRACT,
    OK_MARKER,
    Depot,
    ExchangeName,
    Expected,
    Marker,
    findings,
    is_duplicate,
    is_temporary,
    parse_name,
    reading_order,
    refusal_report,
    refusals,
    sha256_hex,
)

NAME = "GEF_CMD_920000007_20260501_00001.csv"
BODY = "type_flux;nombre_lignes;ligne;libelle\r\ncommandes;2;1;Pansement\r\ncommandes;2;2;Éponge\r\n".encode()
EXPECTED = Expected(frozenset({"GEF"}), frozenset({"CMD", "CR"}), "920000007", max_bytes=1000)
RIGHT = Depot(NAME, size=len(BODY), body=BODY, marker=sha256_hex(BODY).encode(), expected=EXPECTED)


def name(number: int, day: int = 1, emetteur: str = "GEF", kind: str = "CMD") -> ExchangeName:
    return ExchangeName(date(2026, 5, day), number, emetteur, kind, "920000007", "csv")


def numbered(number: int, *treated: ExchangeName, day: int = 1) -> Depot:
    return replace(RIGHT, name=str(name(number, day)), marker=b"", treated=frozenset(treated))


def with_body(body: bytes, file: str = NAME) -> Depot:
    return replace(RIGHT, name=file, body=body, marker=b"", size=len(body))


WRONG = {
    "EFI-NOM": [replace(RIGHT, name=wrong) for wrong in ("commandes.csv", NAME.lower(), "é.csv", NAME + ".bak")],
    "EFI-EMETTEUR": [replace(RIGHT, name=NAME.replace("GEF", "SEM"))],
    "EFI-TYPE": [replace(RIGHT, name=NAME.replace("CMD", "MAR"))],
    "EFI-ETABLISSEMENT": [replace(RIGHT, name=NAME.replace("920000007", "2A0000014"))],
    "EFI-TEMPORAIRE": [replace(RIGHT, name=f"{NAME}.part", body=None), replace(RIGHT, name=f".{NAME}", body=None)],
    "EFI-TEMOIN": [
        replace(RIGHT, marker=b"fini"),
        replace(RIGHT, marker=b"\xff\xfe"),
        replace(RIGHT, marker=f"{sha256_hex(BODY)}  autre.csv".encode()),
        replace(RIGHT, marker=b" " * 70_000),
    ],
    "EFI-EMPREINTE": [replace(RIGHT, marker=sha256_hex(b"").encode())],
    "EFI-TEMOIN-DELAI": [Depot(NAME, unmarked_for=timedelta(minutes=61))],
    "EFI-TAILLE": [replace(RIGHT, size=1001)],
    "EFI-BOM": [with_body("a;b".encode("utf-16"))],
    "EFI-ENCODAGE": [
        with_body("libelle\r\nÉponge".encode("cp1252")),
        with_body(b'<?xml version="1.0" encoding="ISO-8859-1"?><flux/>', NAME.replace(".csv", ".xml")),
    ],
    "EFI-SEPARATEUR": [with_body(b"type_flux,nombre_lignes\r\nx,1\r\n"), with_body(b"type_flux\tligne\r\n")],
    "EFI-PARTIEL": [
        with_body(BODY.rpartition(b"commandes")[0]),
        with_body(BODY.partition(b"\r\n")[0]),
        with_body(BODY + b"commandes;2;3;Gant\r\n"),
    ],
    "EFI-DOUBLON": [replace(RIGHT, earlier=BODY)],
    "EFI-NOM-REUTILISE": [replace(RIGHT, earlier=BODY + b"\r\n")],
    "EFI-TROU": [
        numbered(2),
        numbered(5, name(1), name(2, kind="CR")),
        numbered(2, name(1, emetteur="SEM")),
        numbered(3, name(1), name(1, emetteur="SEM"), name(2, emetteur="SEM")),
    ],
    "EFI-ORDRE": [numbered(1, name(2)), numbered(3, name(1, day=2), name(2))],
    "EFI-COMPTE-RENDU": [Depot(NAME, unanswered_for=timedelta(hours=25))],
}


def test_what_is_right_breaks_no_rule() -> None:
    assert findings(RIGHT) == ()


@pytest.mark.parametrize(
    "right",
    [
        replace(RIGHT, marker=b""),
        replace(RIGHT, marker=None),
        replace(RIGHT, marker=f"{sha256_hex(BODY).upper()} *{NAME}\r\n".encode()),
        with_body(b"\xef\xbb\xbf" + BODY),
        with_body(BODY.replace(b"\r\n", b"\n") + b"\n"),
        with_body(b"une_colonne\r\n"),
        with_body(b'id;libelle\r\n1;"a ""b"", c\r\nd;e"\r\n'),
        with_body(b'<?xml version="1.0" encoding="utf-8"?><flux/>', NAME.replace(".csv", ".xml")),
        Depot(NAME, unmarked_for=timedelta(minutes=59), unanswered_for=timedelta(hours=23)),
        numbered(3, name(1), name(2, kind="CR")),
        numbered(1, name(9, day=1), day=2),
        numbered(1, name(9, day=2, emetteur="SEM")),
        Depot("n'importe quoi.csv", expected=Expected(named=False)),
    ],
)
def test_what_is_merely_different_is_right_too(right: Depot) -> None:
    assert findings(right) == ()


@pytest.mark.parametrize(("rule", "wrong"), [(rule, wrong) for rule, all_wrong in WRONG.items() for wrong in all_wrong])
def test_each_rule_is_broken_alone_by_its_example(rule: str, wrong: Depot) -> None:
    (found,) = findings(wrong)
    assert found.rule == rule
    assert found.severity == contracts.get(CONTRACT).rule(rule).severity
    assert "{detail}" not in found.message
    assert "()" not in found.message


def test_every_rule_of_the_contract_has_an_example_that_breaks_it() -> None:
    coded = {rule.id for rule in contracts.get(CONTRACT).rules if rule.kind == "coded"}
    assert coded == WRONG.keys()


def test_the_contract_says_that_it_is_assumed() -> None:
    contract = contracts.get(CONTRACT)
    assert contract.status == "assumed"
    assert any("hypothèse" in source for source in contract.sources)


def test_a_name_is_read_and_written_back() -> None:
    read = parse_name("GEF_CR_2A0000014_20260501_00012.xml")
    assert read == ExchangeName(date(2026, 5, 1), 12, "GEF", "CR", "2A0000014", "xml")
    assert str(read) == "GEF_CR_2A0000014_20260501_00012.xml"


@pytest.mark.parametrize(
    "wrong",
    [
        "GEF_CR_920000007_20260230_00001.csv",
        "GEF_CR_920000007_20260501_00000.csv",
        "GEF_CR_92000000_20260501_00001.csv",
        "GEF_CR_920000007_20260501_00001.CSV",
        "GEF_CR_920000007_20260501_00001.csv\n",
        "GEF_CR_920000007_20260501_0000１.csv",
    ],
)
def test_a_name_that_is_not_of_the_protocol_is_not_read(wrong: str) -> None:
    assert parse_name(wrong) is None


def test_files_are_read_by_date_then_number_and_strangers_last() -> None:
    names = [
        "stranger.csv",
        "GEF_CR_920000007_20260502_00001.csv",
        "GEF_CMD_920000007_20260501_00010.csv",
        "GEF_MAN_920000007_20260501_00009.csv",
    ]
    assert sorted(names, key=reading_order) == [names[3], names[2], names[1], names[0]]


@pytest.mark.parametrize("wrong", [".A.csv", "A.csv.tmp", "A.PART", "A.filepart", ".A.csv.swp"])
def test_a_transfer_under_way_is_recognised_by_its_name(wrong: str) -> None:
    assert is_temporary(wrong)
    assert not is_temporary(NAME)


def test_markers_are_named_after_their_file_and_back() -> None:
    ideo, envelope = Marker(replaces=".csv"), Marker(".env.xml")
    assert (OK_MARKER.name_of("A.csv"), OK_MARKER.file_of("A.csv.ok")) == ("A.csv.ok", "A.csv")
    assert (ideo.name_of("A.csv"), ideo.file_of("A.ok"), ideo.file_of("A.csv")) == ("A.ok", "A.csv", None)
    assert (envelope.name_of("A.xml"), envelope.file_of("A.xml.env.xml")) == ("A.xml.env.xml", "A.xml")


def test_a_duplicate_is_no_refusal_and_a_reused_name_is_one() -> None:
    same, other = findings(WRONG["EFI-DOUBLON"][0]), findings(WRONG["EFI-NOM-REUTILISE"][0])
    assert (is_duplicate(same), refusals(same)) == (True, ())
    assert (is_duplicate(other), len(refusals(other))) == (False, 1)


def test_the_report_of_a_refusal_says_the_file_the_rule_and_what_to_do() -> None:
    wrong = WRONG["EFI-ENCODAGE"][0]
    report = refusal_report(wrong.name, findings(wrong), datetime(2026, 5, 1, 10, 30, tzinfo=UTC))
    assert report.splitlines() == [
        f"Fichier refusé : {NAME}",
        "Refusé le : 01/05/2026 à 10:30:00 (UTC)",
        "Contrat d'échange : commun/echange-fichiers/1 (hypothèse)",
        "",
        "Le fichier n'a pas été traité. À corriger :",
        "- [EFI-ENCODAGE] (ligne 2) Le fichier n'est pas en UTF-8 (octet 10) : enregistrez-le en UTF-8.",
    ]
