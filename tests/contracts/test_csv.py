"""CSV files are read line by line against a Table Schema: each fault at its line and column."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import contracts
from contracts.tabular import CsvRefused, Table

FIELDS: list[dict[str, Any]] = [
    {"name": "id", "type": "string", "constraints": {"required": True, "unique": True, "maxLength": 5}},
    {"name": "montant", "type": "number", "decimalChar": ",", "groupChar": " ", "constraints": {"minimum": 0}},
    {"name": "jour", "type": "date", "format": "%d/%m/%Y"},
    {"name": "iso", "type": "date"},
    {"name": "n", "type": "integer", "constraints": {"minimum": 1, "maximum": 12}},
    {"name": "actif", "type": "boolean", "trueValues": ["O"], "falseValues": ["N"]},
    {"name": "code", "type": "string", "constraints": {"pattern": "[0-9]{3}", "minLength": 3}},
    {"name": "type", "type": "string", "constraints": {"enum": ["A", "B"]}},
    {"name": "note", "type": "string", "optionalColumn": True},
]
HEADER = "id;montant;jour;iso;n;actif;code;type"
GOOD = "x1;1 234,50;01/02/2026;2026-02-01;3;O;007;A"


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    path = tmp_path / "essai.tableschema.json"
    path.write_text(json.dumps({"fields": FIELDS}), "utf-8")
    return path


def faults(schema: Path, text: str | bytes, **options: Any) -> list[tuple[str, str]]:
    body = text.encode() if isinstance(text, str) else text
    return [(e.path, e.message) for _, errors in Table(schema, body, **options).check() for e in errors]


def test_a_right_file_has_no_fault_with_or_without_mark_and_final_newline(schema: Path) -> None:
    for text in (
        f"{HEADER}\n{GOOD}\n",
        f"{HEADER}\r\n{GOOD}",
        f"\ufeff{HEADER}\n\n{GOOD}\n\n",
        f"{HEADER}\n;;;;;;;\n"[:-9],
    ):
        assert faults(schema, text) == []


@pytest.mark.parametrize(
    ("old", "new", "column", "said"),
    [
        ("x1", "", "id", "obligatoire"),
        ("x1", "x12345", "id", "le maximum est 5"),
        ("1 234,50", "1234.50", "montant", "n'est pas un nombre"),
        ("1 234,50", "-1", "montant", "trop petite"),
        ("1 234,50", "NaN", "montant", "n'est pas un nombre"),
        ("01/02/2026", "31/02/2026", "jour", "JJ/MM/AAAA"),
        ("2026-02-01", "20260201", "iso", "AAAA-MM-JJ"),
        (";3;", ";13;", "n", "trop grande"),
        (";3;", ";3.0;", "n", "nombre entier"),
        (";O;", ";Oui;", "actif", "O ou N"),
        ("007", "07a", "code", "3 chiffres"),
        (";A", ";C", "type", "A · B"),
    ],
)
def test_a_wrong_cell_is_found_at_its_line_and_column(schema: Path, old: str, new: str, column: str, said: str) -> None:
    found = faults(schema, f"{HEADER}\n{GOOD.replace('x1', 'x0')}\n{GOOD.replace(old, new, 1)}\n")
    assert [path for path, _ in found] == [f"ligne 3, colonne {column}"]
    assert said in found[0][1]


def test_empty_optional_cells_are_right(schema: Path) -> None:
    assert faults(schema, f"{HEADER}\nx1;;;;;;;\n") == []


def test_a_value_that_must_be_unique_names_the_earlier_line(schema: Path) -> None:
    found = faults(schema, f"{HEADER}\n{GOOD}\n{GOOD}\n")
    assert found == [("ligne 3, colonne id", "la valeur « x1 » est déjà à la ligne 2, elle doit être unique")]


def test_the_header_names_what_is_missing_unknown_or_double(schema: Path) -> None:
    found = faults(schema, "id;montant;jour;iso;n;actif;code;id;autre\n")
    assert [path for path, _ in found] == [
        "ligne 1, colonne type",
        "ligne 1, colonne id",
        "ligne 1, colonne autre",
    ]
    assert faults(schema, f"{HEADER};autre\n{GOOD};z\n", extra_columns=True) == []
    assert faults(schema, f"{HEADER};note\n{GOOD};z\n") == []


def test_another_separator_is_said_as_such(schema: Path) -> None:
    assert "le séparateur attendu est « ; »" in faults(schema, HEADER.replace(";", ","))[0][1]


def test_a_cut_line_is_one_fault_and_the_next_lines_are_read(schema: Path) -> None:
    found = faults(schema, f"{HEADER}\nx1;1\n{GOOD.replace('x1', 'x2')};trop\n{GOOD.replace(';A', ';Z')}\n")
    assert [path for path, _ in found] == ["ligne 2", "ligne 3", "ligne 4, colonne type"]


def test_a_quoted_cell_may_hold_separators_and_line_ends(schema: Path) -> None:
    text = f'{HEADER};note\n{GOOD};"a;b\nc ""d"""\n{GOOD.replace("x1", "x2").replace(";A", ";Z")};\n'
    assert [path for path, _ in faults(schema, text)] == ["ligne 4, colonne type"]


@pytest.mark.parametrize(
    ("body", "rule", "line"),
    [
        (b"", "CSV", None),
        (b"\xef\xbb\xbf", "CSV", None),
        (f'{HEADER}\n"x1;1\n'.encode(), "CSV", 2),
        (f"{HEADER}\nx\0;;;;;;;\n".encode(), "CSV", 2),
        (f"{HEADER}\n{GOOD}\nMarché;;;;;;;\n".encode("cp1252"), "ENCODAGE", 3),
        (f"{HEADER}\n".encode("utf-16"), "CSV", 1),
    ],
)
def test_an_unreadable_file_is_refused_with_its_line(schema: Path, body: bytes, rule: str, line: int | None) -> None:
    with pytest.raises(CsvRefused) as caught:
        faults(schema, body)
    assert (caught.value.rule, caught.value.line) == (rule, line)


def test_sixty_megabytes_are_refused_by_their_size_alone(schema: Path) -> None:
    with pytest.raises(CsvRefused) as caught:
        Table(schema, b" " * (60 * 1024 * 1024))
    assert caught.value.rule == "TAILLE"


def test_windows_encoding_is_read_when_the_contract_says_so(schema: Path) -> None:
    body = f"{HEADER}\n{GOOD.replace('x1', 'é1')}\n".encode("cp1252")
    assert faults(schema, body, encoding="cp1252") == []
    assert faults(schema, body, encoding="utf-8", also_accepts=("cp1252",)) == []
    rows = [row for row, _ in Table(schema, body, also_accepts=("cp1252",)).check() if row]
    assert rows[0].values["id"] == "é1"


def test_a_type_we_do_not_read_is_refused_with_the_column(tmp_path: Path) -> None:
    path = tmp_path / "faux.tableschema.json"
    path.write_text('{"fields": [{"name": "lieu", "type": "geopoint"}]}', "utf-8")
    with pytest.raises(ValueError, match=r"lieu.*geopoint"):
        Table(path, b"lieu\n")


def test_findings_of_a_csv_contract_carry_rule_path_and_line() -> None:
    folder = contracts.get("daj/decp-csv/1").folder / "examples/invalid"
    report = contracts.validate("daj/decp-csv/1", (folder / "DECP-SCHEMA__date.csv").read_bytes())
    (finding,) = report.findings
    assert (finding.rule, finding.path, finding.line) == ("DECP-SCHEMA", "ligne 2, colonne dateNotification", 2)
    assert finding.message == "« dateNotification » : « 02/03/2026 » n'est pas une date AAAA-MM-JJ."
