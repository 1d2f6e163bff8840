"""Two states of a plan, line by line."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from semaphore_hub.modules.paat.campagnes.ecarts import comparer
from semaphore_hub.modules.paat.campagnes.schemas import EcartLigne, LigneFigee


def ligne(numero: str = "A-001", **changes: Any) -> LigneFigee:
    return LigneFigee.model_validate(
        {
            "numero": numero,
            "libelle": f"Action fictive {numero}",
            "statut": "en_cours",
            "famille": None,
            "operateur": "ght",
            "methode": "montant",
            "origine": "saisie",
            "montantReference": "100000.00",
            "perimetre": "100000.00",
            "gain": "12000.00",
            "gainAnnee": None,
            "report": None,
            "controle": None,
            "commentaireDGOS": None,
            "exclue": False,
            "gainRetenu": "12000.00",
            **changes,
        }
    )


def champs(ecart: EcartLigne) -> list[tuple[str, str | None, str | None, Decimal | None]]:
    return [(one.champ, one.avant, one.apres, one.difference) for one in ecart.champs]


def test_the_same_lines_have_no_difference() -> None:
    assert comparer([ligne(), ligne("A-002")], [ligne("A-002"), ligne()]) == []


def test_changed_amounts_have_their_difference_and_the_rest_is_named() -> None:
    after = ligne(gain="9000.50", gainRetenu="0.00", controle="Q3", exclue=True, statut="realisee", famille="SYN-01")
    (found,) = comparer([ligne()], [after])
    assert (found.numero, found.nature) == ("A-001", "modifiee")
    assert champs(found) == [
        ("gain", "12000.00", "9000.50", Decimal("-2999.50")),
        ("gainRetenu", "12000.00", "0.00", Decimal("-12000.00")),
        ("statut", "En cours", "Réalisée", None),
        ("famille", None, "SYN-01", None),
        ("controle", None, "Q3", None),
        ("exclue", "non", "oui", None),
    ]


def test_lines_added_and_removed_count_for_their_whole_amounts() -> None:
    removed, added = comparer([ligne("A-001", gainAnnee="4000.00")], [ligne("A-002", perimetre=None, gain="-1.00")])
    assert (removed.numero, removed.nature, added.numero, added.nature) == ("A-001", "retiree", "A-002", "ajoutee")
    assert champs(removed)[2:4] == [
        ("gain", "12000.00", None, Decimal("-12000.00")),
        ("gainAnnee", "4000.00", None, Decimal("-4000.00")),
    ]
    assert champs(added) == [
        ("montantReference", None, "100000.00", Decimal("100000.00")),
        ("gain", None, "-1.00", Decimal("-1.00")),
        ("gainRetenu", None, "12000.00", Decimal("12000.00")),
    ]


_PLANS = st.dictionaries(
    st.sampled_from(["A", "B", "C"]), st.decimals("-999.99", "999.99", places=2, allow_nan=False), max_size=3
)


@settings(max_examples=50)
@given(avant=_PLANS, apres=_PLANS)
def test_differences_add_up_to_the_difference_of_the_totals(
    avant: dict[str, Decimal], apres: dict[str, Decimal]
) -> None:
    before, after = ([ligne(numero, gain=gain) for numero, gain in one.items()] for one in (avant, apres))
    told = [one.difference or 0 for line in comparer(before, after) for one in line.champs if one.champ == "gain"]
    assert sum(told) == sum(apres.values()) - sum(avant.values())
