"""JSON is read strictly, and violations are said in French at their line of the source text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from contracts import json as strict
from contracts.json import JsonRefused, SchemaBroken, lines, parse, show


def refused(body: bytes) -> JsonRefused:
    with pytest.raises(JsonRefused) as caught:
        parse(body)
    return caught.value


@pytest.mark.parametrize(
    ("body", "line", "said"),
    [
        (b"", 1, "vide"),
        (b'{"a": 1,\n"b":', 2, "tronqué"),
        (b'{"a":\n[1, 2', 2, "tronqué"),
        (b'{"a": "texte', 1, "guillemet"),
        (b'{"a" 1}', 1, "deux-points"),
        (b"{'a': 1}", 1, "guillemets doubles"),
        (b'{"a": 1}\n{}', 2, "suit la fin"),
        (b'{"a": "x\0y"}', 1, "caractère de contrôle"),
        (b"[1 2]", 1, "virgule"),
    ],
)
def test_malformed_json_is_refused_with_its_line(body: bytes, line: int, said: str) -> None:
    refusal = refused(body)
    assert (refusal.rule, refusal.line) == ("JSON", line)
    assert said in refusal.message


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "-Infinity"),
        (b'{"a": 1, "a": 1}', "« a » est écrite deux fois"),
        (b'{"a": ' + b"9" * 5000 + b"}", "trop de chiffres"),
        (b"[" * 100 + b"]" * 100, "niveaux d'imbrication"),
        (b"[" * 100_000, "imbriqué trop profondément"),
        (b'{"a": "\\ud83d"}', "demi-paire"),
    ],
)
def test_what_only_lenient_readers_accept_is_refused(body: bytes, said: str) -> None:
    refusal = refused(body)
    assert refusal.rule == "JSON"
    assert said in refusal.message


def test_latin1_bytes_are_refused_with_the_line_and_the_byte() -> None:
    refusal = refused('{"a": 1,\n"b": "Marché"}'.encode("latin-1"))
    assert (refusal.rule, refusal.line) == ("ENCODAGE", 2)
    assert "0xE9" in refusal.message


def test_sixty_megabytes_are_refused_by_their_size_alone() -> None:
    assert refused(b" " * (60 * 1024 * 1024)).rule == "TAILLE"


def test_a_byte_order_mark_and_whole_emoji_are_accepted() -> None:
    value, _ = parse(b'\xef\xbb\xbf{"a": "\\ud83d\\ude00"}')
    assert value == {"a": "😀"}


def test_amounts_are_decimal_never_float() -> None:
    value, _ = parse(b'{"montant": 0.1}')
    assert str(value["montant"]) == "0.1"
    assert type(value["montant"]).__name__ == "Decimal"


def test_the_line_of_any_value_is_found() -> None:
    document = {"a": [1, {"b c": 'x\n"y"', "d": [True, None, 1.5]}], "é": {}, "vide": []}
    text = json.dumps(document, indent=2)
    rows = text.splitlines()
    places: dict[tuple[str | int, ...], str] = {
        (): "{",
        ("a",): '"a"',
        ("a", 0): "1",
        ("a", 1, "b c"): '"b c"',
        ("a", 1, "d", 2): "1.5",
        ("vide",): '"vide"',
    }
    for pointer, line in lines(text, places).items():
        assert places[pointer] in rows[line - 1], pointer


def test_an_absent_value_gets_the_line_of_its_object() -> None:
    text = '{\n"a": {\n"b": 1}}'
    assert lines(text, [("a", "absent"), ("absent", "x")]) == {("a", "absent"): 2, ("absent", "x"): 1}


def test_a_pointer_is_shown_as_a_json_path() -> None:
    assert show(()) == "$"
    assert show(("marches", "contrat-concession", 0, "id")) == "$.marches['contrat-concession'][0].id"


SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["id"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "pattern": "^[0-9]{14}$"},
        "n": {"type": ["integer", "null"], "minimum": 1, "maximum": 9, "multipleOf": 2},
        "liste": {"type": "array", "minItems": 1, "maxItems": 2, "uniqueItems": True, "items": {"enum": ["A", "B"]}},
        "jour": {"type": "string", "format": "date"},
        "choix": {"oneOf": [{"required": ["x"]}, {"required": ["y"]}]},
        "fixe": {"const": "F"},
        "court": {"type": "string", "minLength": 2, "maxLength": 3},
    },
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "12"}, "« id » : la valeur « 12 » n'a pas la forme attendue : 14 chiffres."),
        ({"id": 12}, "« id » : 12 n'est pas un texte."),
        ({"id": ...}, "Document : la donnée obligatoire « id » est absente."),
        ({"z": 1}, "Document : propriété inconnue « z » : retirez-la ou corrigez son nom."),
        ({"n": 0}, "« n » : la valeur 0 est trop petite, le minimum est 1."),
        ({"n": 10}, "« n » : la valeur 10 est trop grande, le maximum est 9."),
        ({"n": 3}, "« n » : la valeur 3 doit être un multiple de 2."),
        ({"n": "x"}, "« n » : « x » n'est pas null ou un nombre entier."),
        ({"liste": []}, "« liste » : la liste a 0 élément(s), le minimum est 1."),
        ({"liste": ["A", "A"]}, "« liste » : la liste contient deux fois le même élément."),
        ({"liste": ["C"]}, "« liste » : la valeur « C » n'est pas dans la liste permise : A · B."),
        ({"jour": "2026-02-30"}, "« jour » : la valeur « 2026-02-30 » n'est pas une date AAAA-MM-JJ."),
        ({"choix": {}}, "« choix » : une de ces données est obligatoire : x · y."),
        ({"fixe": "G"}, "« fixe » : la valeur « G » doit être « F »."),
        ({"court": "a"}, "« court » : la valeur a 1 caractère(s), le minimum est 2."),
        ({"court": "abcd"}, "« court » : la valeur a 4 caractères, le maximum est 3."),
    ],
)
def test_each_keyword_is_said_in_one_french_sentence(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = tmp_path / "essai.schema.json"
    path.write_text(json.dumps(SCHEMA), "utf-8")
    value = {key: held for key, held in {"id": "1" * 14, **change}.items() if held is not ...}
    assert message in [error.message for error in strict.errors(path, value)]


def test_a_schema_may_refer_to_a_file_of_its_folder_and_to_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "commun.schema.json").write_text('{"$id": "urn:x:commun", "type": "integer"}', "utf-8")
    path = tmp_path / "principal.schema.json"
    path.write_text('{"$id": "urn:x:principal", "$ref": "commun.schema.json"}', "utf-8")
    assert list(strict.errors(path, 1)) == []
    assert len(list(strict.errors(path, "x"))) == 1
    for outside in ("https://exemple.invalid/x.json", "../voisin.json", "file:///etc/passwd", "absent.json"):
        other = tmp_path / f"autre{abs(hash(outside))}.schema.json"
        other.write_text(json.dumps({"$ref": outside}), "utf-8")
        with pytest.raises(SchemaBroken):
            strict.validator(other)


def test_a_flood_of_violations_is_read_a_little_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "liste.schema.json"
    path.write_text('{"type": "object", "properties": {"l": {"items": {"type": "object"}}}}', "utf-8")
    errors = strict.errors(path, {"l": [1] * 1_000_000})
    assert [next(errors).pointer for _ in range(3)] == [("l", 0), ("l", 1), ("l", 2)]


def test_violations_in_long_nested_lists_keep_their_rank(tmp_path: Path) -> None:
    path = tmp_path / "nested.schema.json"
    path.write_text('{"items": {"properties": {"l": {"items": {"type": "integer"}, "uniqueItems": true}}}}', "utf-8")
    value: list[dict[str, list[Any]]] = [{"l": list(range(2000 if n == 550 else 2))} for n in range(600)]
    value[550]["l"][1234] = "x"
    assert [error.pointer for error in strict.errors(path, value)] == [(550, "l", 1234)]
    value[550]["l"][1234] = 7
    assert [error.pointer for error in strict.errors(path, value)] == [(550, "l")]
