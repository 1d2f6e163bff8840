"""Breakdowns add up to the cent, in rows and in columns, for the amount and for the VAT."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st

import contracts
from connectors.dgfip.amounts import allocate, cents_text, shares_of, split
from connectors.dgfip.life import direct_acts
from connectors.dgfip.ventilations import ventilation_of
from connectors.dgfip.writer import PesWriter
from semaphore_hub.kernel.money import to_cents
from semaphore_hub.ports.connector import Message
from semaphore_hub.ports.events import MARCHE_MODIFIE
from semaphore_hub.ports.outcomes import Unsupported
from semaphore_hub.ports.payloads import Marche
from tests.connectors.dgfip.builders import (
    BUYER,
    PARTY,
    act,
    buyers,
    context,
    establishment,
    event,
    holders,
    marche,
    modification,
    rich,
    settings,
    supplier,
    translate,
    values,
)
from tests.connectors.dgfip.lives import lives

BUYERS = "VentilationsAcheteurs/VentilationAcheteur"
HOLDERS = f"{BUYERS}/VentilationsTitulaire/VentilationTitulaire"
SUBS = f"{HOLDERS}/VentilationsSousTraitantPaiementDirect/VentilationSousTraitantPaiementDirect"
CONDITIONS = f"{SUBS}/ConditionsExecutionSousTraitantPaiementDirect"


def said(data: dict[str, Any], sequence: int = 3, **more: Any) -> Message:
    """The present state of a marché; what it breaks of its contract is an error of the test."""
    message = translate(event(data, MARCHE_MODIFIE), context(sequence, **more))
    report = contracts.validate(message.contract, message.body)
    assert report.valid, report.findings
    return message


def shared(*shares: str | None, **changes: Any) -> dict[str, Any]:
    """A marché held by a group."""
    return marche(typeGroupementOperateurs="Conjoint", titulaires=holders(*shares), **changes)


@bounded(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=6), st.lists(st.integers(0, 10**6), min_size=1, max_size=6))
def test_a_table_has_the_sums_it_was_asked_for(rows: list[int], columns: list[int]) -> None:
    gap = sum(rows) - sum(columns)
    rows, columns = [*rows, max(-gap, 0)], [*columns, max(gap, 0)]
    table = allocate(rows, columns)
    assert [sum(row) for row in table] == rows
    assert [sum(column) for column in zip(*table, strict=True)] == columns
    assert min(map(min, table)) >= 0
    assert table == allocate(rows, columns)


@given(st.integers(0, 10**14), st.lists(st.integers(0, 10**12), min_size=1, max_size=9))
def test_a_split_never_loses_a_cent(total: int, weights: list[int]) -> None:
    parts = split(total, weights)
    assert sum(parts) == total
    assert min(parts) >= 0


def test_a_split_without_weights_is_equal_and_the_first_part_takes_the_rest() -> None:
    assert split(5, [0, 0]) == (3, 2)
    assert split(10_000, [1] * 7) == (1432, 1428, 1428, 1428, 1428, 1428, 1428)
    assert [cents_text(cents) for cents in (0, 5, 123456, -705)] == ["0.00", "0.05", "1234.56", "-7.05"]


@bounded(max_examples=25, deadline=None)
@given(lives())
def test_any_breakdown_adds_up(data: dict[str, Any]) -> None:
    read = Marche.model_validate(data)
    acts = direct_acts(read)
    found = ventilation_of(PesWriter("x", "urn:x"), read, acts, settings(), amended=bool(read.modifications))
    total, direct = to_cents(read.montant), sum(one.cents for one in acts)
    assert sum(buyer.cents for buyer in found.buyers) == sum(found.shares.amounts) == total
    assert [sum(row) for row in found.cells] == [buyer.cents for buyer in found.buyers]
    assert [sum(column) for column in zip(*found.cells, strict=True)] == [column.cents for column in found.columns]
    assert sum(column.cents for column in found.columns if column.acts) == direct
    assert all(cell >= 0 for row in found.cells for cell in row)
    if found.taxes is not None:
        assert sum(map(sum, found.taxes)) == to_cents(read.complements.montantTVA or read.montant)
        assert all(cell >= 0 for row in found.taxes for cell in row)


def test_several_buyers_are_named_with_their_parts_and_their_estimates() -> None:
    message = said(rich(), versionPES="5.30")
    assert values(message, "Acheteurs/Acheteur/IdAcheteur") == values(message, f"{BUYERS}/IdAcheteur") == [BUYER, PARTY]
    assert values(message, f"{BUYERS}/MontantHTNotifie") == ["120000.01", "99999.99"]
    assert values(message, "Acheteurs/Acheteur/MontantHTEstime") == ["163636.38", "136363.62"]
    assert values(message, "PA/IdPA") == []
    given_parts = [
        {**one, "montantEstime": part} for one, part in zip(buyers("1.00", "2.00"), ("40.00", "60.00"), strict=True)
    ]
    data = marche(acheteurs=given_parts, montant="3.00", complements={"montantEstime": "100.00"})
    assert values(said(data), "Acheteurs/Acheteur/MontantHTEstime") == ["40.00", "60.00"]


def test_an_authority_that_is_not_one_of_the_buyers_is_named() -> None:
    data = marche(acheteurs=[{"etablissement": establishment(PARTY, "CH FICTIF", "partie"), "montant": "200000.00"}])
    message = said(data)
    assert values(message, "PA/IdPA") == [BUYER]
    assert values(message, "Acheteurs/Acheteur/IdAcheteur") == [PARTY]
    assert "repartition-acheteurs" in message.losses


def test_parts_of_buyers_follow_an_amendment_and_otherwise_must_add_up() -> None:
    parts = buyers("150000.00", "50000.00")
    amended = marche(acheteurs=parts, montant="220000.00", dureeMois=30, modifications=[modification()])
    message = said(amended)
    assert values(message, f"{BUYERS}/MontantHTNotifie") == ["165000.00", "55000.00"]
    assert "repartition-acheteurs" in message.losses
    with pytest.raises(Unsupported, match="parts des acheteurs"):
        translate(event(marche(acheteurs=buyers("150000.00", "60000.00"))))


def test_a_sub_contractor_is_beside_its_holder_and_not_in_its_amount() -> None:
    message = said(shared("150000.00", "50000.00", actesSousTraitance=[act(titulaire=supplier(2)["id"])]))
    assert values(message, f"{HOLDERS}/MontantHTNotifie") == ["150000.00", "30000.00"]
    assert values(message, f"{SUBS}/MontantHTNotifie") == ["20000.00"]
    assert values(message, f"{SUBS}/DureeEnMois") == ["12"]
    assert values(message, f"{CONDITIONS}/AutoliquidationTVA") == ["1"]
    assert "repartition-titulaires" not in message.losses


def test_unknown_shares_leave_room_for_the_sub_contractors() -> None:
    message = said(shared(None, None, actesSousTraitance=[act(montant="150000.00")]))
    assert values(message, f"{HOLDERS}/MontantHTNotifie") == ["25000.00", "25000.00"]
    amended = shared(
        "180000.00",
        "20000.00",
        montant="220000.00",
        modifications=[modification(dureeMois=None, deltaDureeMois=None)],
        actesSousTraitance=[act(montant="10000.00", titulaire=supplier(2)["id"])],
    )
    message = said(amended)
    assert values(message, f"{HOLDERS}/MontantHTNotifie") == ["198947.37", "11052.63"]
    assert "repartition-titulaires" in message.losses


def test_acts_of_one_sub_contractor_are_put_together_for_a_holder() -> None:
    acts = [act(1), act(2, dureeMois=18, montant="5000.00"), act(3, sousTraitant=supplier(2), montant="1.00")]
    message = said(marche(actesSousTraitance=acts))
    assert values(message, f"{SUBS}/IdSousTraitant") == [supplier(2)["id"], supplier(3)["id"]]
    assert values(message, f"{SUBS}/MontantHTNotifie") == ["1.00", "25000.00"]
    assert values(message, f"{SUBS}/DureeEnMois") == ["12", "18"]
    assert values(message, "Operateurs/SousTraitantPaiementDirect/NumeroActeSousTraitance") == ["01", "02", "03"]


def test_a_sub_contractor_whose_holder_left_stands_under_the_first_one() -> None:
    message = said(marche(actesSousTraitance=[act(titulaire="99988899900019")]))
    assert values(message, f"{SUBS}/IdSousTraitant") == [supplier(3)["id"]]
    assert "sous-traitant-rattache" in message.losses


def test_with_reverse_charge_the_holder_bears_the_tax_and_without_it_the_sub_contractor() -> None:
    taxed = {"complements": {"montantTVA": "40000.00"}}
    reverse = said(marche(actesSousTraitance=[act()], **taxed))
    assert values(reverse, f"{HOLDERS}/MontantTVANotifie") == ["40000.00"]
    assert values(reverse, f"{SUBS}/MontantTVANotifie") == []
    plain = act(autoliquidationTVA=False)
    estimated = said(marche(actesSousTraitance=[plain], **taxed))
    assert values(estimated, f"{SUBS}/MontantTVANotifie") == ["4000.00"]
    assert values(estimated, f"{CONDITIONS}/AutoliquidationTVA") == ["0"]
    known = said(marche(actesSousTraitance=[{**plain, "montantTVA": "1100.00"}], **taxed))
    assert values(known, f"{HOLDERS}/MontantTVANotifie") == ["38900.00"]
    assert values(known, f"{SUBS}/MontantTVANotifie") == ["1100.00"]


@pytest.mark.parametrize(
    "data",
    [
        marche(actesSousTraitance=[act(autoliquidationTVA=False)]),
        marche(actesSousTraitance=[act(), act(2, autoliquidationTVA=False)], complements={"montantTVA": "40000.00"}),
    ],
)
def test_reverse_charge_is_left_out_when_the_tax_or_the_acts_do_not_allow_to_say_it(data: dict[str, Any]) -> None:
    message = said(data)
    assert values(message, f"{CONDITIONS}/AutoliquidationTVA") == []
    assert "conditions-sous-traitant" in message.losses


def test_taxes_of_the_buyers_are_theirs_when_they_add_up() -> None:
    parts = [
        {**one, "montantTVA": tax}
        for one, tax in zip(buyers("100000.00", "100000.00"), ("5500.00", "34500.00"), strict=True)
    ]
    message = said(marche(acheteurs=parts, complements={"montantTVA": "40000.00"}))
    assert values(message, f"{BUYERS}/MontantTVANotifie") == ["5500.00", "34500.00"]


def test_tranches_and_renewals_are_shared_between_the_buyers_in_5_30() -> None:
    message = said(rich(), versionPES="5.30")
    tranches, periods = f"{BUYERS}/Tranches/Tranche", f"{BUYERS}/PeriodesReconduction/PeriodeReconduction"
    assert values(message, f"{tranches}/NumTranche") == ["1", "2", "3"] * 2
    assert values(message, f"{tranches}/TypeTranche") == ["02", "01", "03"] * 2
    assert values(message, f"{tranches}/MontantTVATranche") == ["16363.64", "13636.36"]
    assert values(message, f"{periods}/MontantHTPeriode") == ["49090.92", "40909.08"]
    assert values(said(rich()), f"{tranches}/NumTranche") == []


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (shared("190000.00", "10000.00", actesSousTraitance=[act(titulaire=supplier(2)["id"])]), "plus que sa part"),
        (shared(None, None, actesSousTraitance=[act(montant="200000.01")]), "plus que sa part"),
        (marche(actesSousTraitance=[act(montant="200000.01")]), "plus que sa part"),
        (
            marche(
                actesSousTraitance=[act(autoliquidationTVA=False, montantTVA="4000.00")],
                complements={"montantTVA": "3999.99"},
            ),
            "dépasse celle du marché",
        ),
    ],
)
def test_sub_contractors_cannot_take_more_than_there_is(data: dict[str, Any], words: str) -> None:
    with pytest.raises(Unsupported) as caught:
        translate(event(data, MARCHE_MODIFIE), context(3))
    assert words in caught.value.reason


def test_shares_of_an_empty_rest_are_refused() -> None:
    read = Marche.model_validate(shared("200000.00", None))
    with pytest.raises(Unsupported, match="somme"):
        shares_of(20_000_000, read.titulaires, {}, amended=True)


def test_advances_and_guarantees_follow_the_shares_and_need_their_terms() -> None:
    message = said(rich(), versionPES="5.30")
    terms = "Operateurs/Titulaire/ConditionsExecutionTitulaire"
    assert values(message, f"{terms}/MontantAvance") == ["8727.28", "3272.73"]
    assert values(message, f"{terms}/Garantie/MontantGarantie") == ["8000.00", "3000.00"]
    assert values(message, f"{terms}/Garantie/TauxGarantie") == ["5.00", "5.00"]
    assert values(message, f"{terms}/IndicesReference/IndiceReference/Valeur") == ["138.2500"] * 2
    for more, words in (
        ({"avance": {"montant": "1.00"}}, "régime"),
        ({"regimeAvance": "02", "avance": {"montantGarantie": "1.00", "typeGarantie": "01"}}, "typeGarantie"),
        ({"garantie": {"type": "02"}}, "delaiGarantieMois"),
    ):
        with pytest.raises(Unsupported, match=words):
            translate(event(marche(complements=more)))


def test_an_index_with_more_decimals_is_rounded_and_declared() -> None:
    index = {"indice": "IM", "moisAnnee": "10-2016", "valeur": "1.84495", "formule": "P0"}
    message = said(marche(complements={"indices": [index]}))
    assert message.losses == ("taux-arrondi",)
