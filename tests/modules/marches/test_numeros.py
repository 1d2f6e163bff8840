"""One marché, four written forms of its number."""

from __future__ import annotations

import pytest

from semaphore_hub.modules.marches.numeros import Candidat, Rapprochement, Repertoire, lectures

REPERTOIRE = Repertoire(
    [
        Candidat("dm", "DM001", "2026DM001", 2026),
        Candidat("ancien", "15018D", "201515018D", 2015),
        Candidat("tranches", "2024-15-001", None, 2024),
        Candidat("lot-1", "AOO-17", "2025AOO171", 2025, 1),
        Candidat("lot-2", "AOO 17", "2025AOO172", 2025, 2),
        Candidat("attribue", "N12"),
        Candidat("premier", "1-23", None, 2026),
        Candidat("second", "12-3", None, 2026),
        Candidat("douze", "12", None, 2026),
        Candidat("exact", "AB-C", "2026ABC", 2026),
        Candidat("voisin", "A-BC", "2026ABC2", 2026),
    ]
)


@pytest.mark.parametrize(
    ("numero", "uid"),
    [
        ("DM001", "dm"),  # DECP id
        ("dm-001", "dm"),
        ("2026DM001", "dm"),  # PES IdContrat
        ("2026DM001-001", "dm"),  # PES acknowledgement
        ("2026DM001-012", "dm"),
        ("2026-DM001-00", "dm"),  # mandat
        ("2026/DM001/02", "dm"),
        ("2015-15018D-00", "ancien"),  # the real example of a mandat
        ("Marché n° 2026 DM001", "dm"),  # Chorus
        ("MARCHE N°2026DM001", "dm"),
        ("Numéro : 2026DM001", "dm"),
        ("2024-15-001", "tranches"),  # literal before any group is taken for a sequence
        ("n12", "attribue"),
        ("1-23", "premier"),
        ("2026 12-3", "second"),
        ("12", "douze"),
        ("2026ABC", "exact"),  # its own IdContrat, though the other may be written so
        ("A-BC", "voisin"),
    ],
)
def test_every_form_finds_its_marche(numero: str, uid: str) -> None:
    assert REPERTOIRE.rapprocher(numero) == Rapprochement(uid)


@pytest.mark.parametrize(
    ("numero", "defaut"),
    [
        ("2027DM001", "inconnu"),
        ("DM001-01", "inconnu"),  # without its year, a last group may be a lot or anything
        ("DM0011", "inconnu"),
        ("20-26DM001", "inconnu"),
        ("12-04", "inconnu"),
        ("-", "inconnu"),
        ("AOO17", "ambigu"),
        ("ABC", "ambigu"),
        ("123", "ambigu"),  # 1-23 or 12-3
    ],
)
def test_none_or_several_is_none(numero: str, defaut: str) -> None:
    assert REPERTOIRE.rapprocher(numero) == Rapprochement(None, defaut)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("numero", "lot", "uid"),
    [("AOO17", 2, "lot-2"), ("AOO-17 lot 1", None, "lot-1"), ("AOO17 LOT N°02", None, "lot-2"), ("DM001", 4, "dm")],
)
def test_the_lot_tells_marches_apart(numero: str, lot: int | None, uid: str) -> None:
    assert REPERTOIRE.rapprocher(numero, lot).uid == uid


def test_a_marche_of_another_lot_is_not_meant() -> None:
    assert REPERTOIRE.rapprocher("2025AOO171", 2) == Rapprochement(None, "inconnu")


def test_the_most_literal_reading_comes_first() -> None:
    assert lectures("2015-15018d-00") == (("2015-15018D-00", None), ("2015-15018D", None))
    assert lectures("Marché n° 12 lot 3") == (("MARCHE N° 12 LOT 3", None), ("MARCHE N° 12", 3), ("12", 3))
