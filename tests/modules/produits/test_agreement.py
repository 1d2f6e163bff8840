"""The vectorised check and ``contracts.validate`` say the same of every line, whatever the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import contracts
from contracts.report import MAX_FINDINGS
from contracts.rules.produits_table import CONTRACT, fields
from semaphore_hub.modules.marches.produits.control import FirstPass
from semaphore_hub.modules.marches.produits.report import Rapport
from tests.contracts.produits_samples import BREAKING, DRUG, HEADER, LINE, text_of

Verdict = set[tuple[str, str, str]]


def by_columns(path: Path, block_bytes: int = 3000) -> Verdict:
    """Rule, place and severity of everything the vectorised check finds."""
    with Rapport() as rapport:
        FirstPass(path, block_bytes, rapport, lambda *_: None).run()
    assert rapport.errors + rapport.warnings <= 100
    return {(one.regle, one.chemin, one.gravite) for one in rapport.first}


def by_lines(body: bytes) -> Verdict:
    """The same by the interface contract."""
    findings = contracts.validate(CONTRACT, body).findings
    assert len(findings) < MAX_FINDINGS
    return {(one.rule, one.path, one.severity) for one in findings}


def assert_agree(folder: Path, body: bytes, block_bytes: int = 3000) -> Verdict:
    path = folder / "essai.csv"
    path.write_bytes(body)
    found = by_columns(path, block_bytes)
    assert found == by_lines(body)
    return found


@pytest.mark.parametrize("rule", sorted(BREAKING))
def test_both_find_each_planted_violation(tmp_path: Path, rule: str) -> None:
    lines = [{**LINE, "reference_fournisseur": f"X{i}", **change} for i, (_, change) in enumerate(BREAKING[rule])]
    assert {found for found, _, _ in assert_agree(tmp_path, text_of(DRUG, *lines).encode())} == {rule}


@pytest.mark.parametrize(
    "example", [one.path for one in contracts.get(CONTRACT).examples], ids=lambda path: str(path.name)
)
def test_both_agree_on_every_example(tmp_path: Path, example: Path) -> None:
    assert_agree(tmp_path, example.read_bytes())


def test_both_agree_where_values_come_back_thousands_of_times(tmp_path: Path) -> None:
    # Columns of few distinct values are checked on those: the wrong ones must come back on each of their lines.
    lines = [{**LINE, "reference_fournisseur": f"X{i}"} for i in range(4200)]
    for rank in (7, 2500, 4100):
        lines[rank].update(fournisseur_siret="1", taux_tva="7", prix_unitaire_ttc="", beneficiaires="990780018")
    found = assert_agree(tmp_path, text_of(*lines).encode(), 1 << 24)
    assert len(found) == 9


CELLS = st.one_of(
    st.sampled_from(["", " ", "0", "-1", "12,5", "5.5", "20", "100,01", "1e3", "+5", "2026-01-01", "2025-02-30"]),
    st.sampled_from(["0000-01-01", "99988801900018", "35600000049837", "3400935955838", "3400892611044", "96385074"]),
    st.sampled_from(["990780009", "2A0780009|990780018", "N02BE01", "MED", "S", "a;b", 'x"y', "é" * 40, "a\nb", "١٢"]),
    st.text("0123456789,.-+ ABé|", max_size=15),
    st.from_regex(r"[0-9]{13,14}", fullmatch=True),
)
CHANGES = st.dictionaries(st.sampled_from([field["name"] for field in fields()]), CELLS, max_size=4)
LINES = st.lists(st.tuples(st.sampled_from([LINE, DRUG]), st.sampled_from("AAAB"), CHANGES), max_size=6)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=LINES,
    end=st.sampled_from(["\n", "\r\n", "\n\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig"]),
    block=st.sampled_from([1, 700, 5000]),
)
def test_both_agree_on_dirty_files(
    tmp_path: Path, lines: list[tuple[dict[str, str], str, dict[str, str]]], end: str, encoding: str, block: int
) -> None:
    text = text_of(*({**base, "numero_lot": lot, **change} for base, lot, change in lines), end=end)
    assert_agree(tmp_path, text.encode(encoding), block)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    place=st.integers(0, 2000),
    cut=st.integers(0, 40),
    added=st.binary(max_size=3).map(bytes)
    | st.sampled_from([b";", b'"', b"\n", b"\r", b"\0", b"\x81", b"\xe9", b";;"]),
    block=st.sampled_from([1, 700, 5000]),
)
def test_both_agree_on_damaged_files(tmp_path: Path, place: int, cut: int, added: bytes, block: int) -> None:
    body = text_of({**LINE, "gtin": "1"}, DRUG, {**LINE, "reference_fournisseur": 'TUBE 5" ; L'}).encode()
    place = min(place, len(body))
    assert_agree(tmp_path, body[:place] + added + body[place + cut :], block)


def test_columns_may_come_in_any_order_and_optional_ones_may_be_left_out(tmp_path: Path) -> None:
    header = tuple(reversed([name for name in HEADER if name != "gtin"]))
    assert assert_agree(tmp_path, text_of(LINE, DRUG, header=header).encode()) == set()
