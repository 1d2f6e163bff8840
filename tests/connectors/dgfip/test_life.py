"""What each sending says of a marché's life: modifications, updates, corrections, first sequences."""

from __future__ import annotations

from typing import Any

import pytest

import contracts
from mock_partners.dgfip.aller import read_flow
from mock_partners.dgfip.helios import Helios
from semaphore_hub.ports.connector import Message
from semaphore_hub.ports.events import (
    MARCHE_CORRIGE,
    MARCHE_MODIFIE,
    MARCHE_NOTIFIE,
    MARCHE_PIECE_AJOUTEE,
    MARCHE_PRIX_REVISE,
    MARCHE_RECONDUIT,
    MARCHE_SOUS_TRAITANCE_DECLAREE,
    MARCHE_SOUS_TRAITANCE_MODIFIEE,
    MARCHE_TRANCHE_AFFERMIE,
)
from semaphore_hub.ports.outcomes import Unsupported
from tests.connectors.dgfip.builders import (
    act,
    act_change,
    connector,
    context,
    event,
    holders,
    marche,
    modification,
    rich,
    supplier,
    translate,
    values,
)

CONNECTOR = connector()
MODIFICATIONS = "ModificationsMarche"
BOTH = ["5.17", "5.30"]


def blocks(message: Message) -> list[str]:
    """Kinds of the blocks of modifications, in their order."""
    (marche_block,) = read_flow(message.body).contracts
    return [node.tag for node in marche_block.block.iterfind(f"{MODIFICATIONS}/*")]


def order(message: Message) -> str:
    """NumeroOrdreModification."""
    return values(message, "IdentifiantMarche/NumeroOrdreModification")[0]


def flagged(message: Message) -> bool:
    """Whether the message is flagged as a correction."""
    return values(message, "IdentifiantMarche/CaractereCorrectifEnregistrement") == ["1"]


def with_acts(*acts: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A marché with acts of sub-contracting."""
    return marche(actesSousTraitance=list(acts), **changes)


@pytest.mark.parametrize("version", BOTH)
def test_the_blocks_come_by_kind_in_the_order_of_the_schema(version: str) -> None:
    message = translate(event(rich(), MARCHE_MODIFIE), context(3, versionPES=version))
    assert blocks(message) == [
        "ModificationMontantDuree",
        "ModificationTitulaire",
        "DeclarationSousTraitancePaiementDirect",
        "DeclarationSousTraitancePaiementDirect",
        "ModificationSousTraitancePaiementDirect",
    ]
    assert order(message) == "05"  # two amendments, two acts, one change of an act


def test_an_amendment_that_changes_amount_and_holders_is_one_act_in_two_blocks() -> None:
    both = modification(titulaires=holders("120000.00", "100000.00"), typeGroupementOperateurs="Conjoint")
    data = marche(
        montant="220000.00",
        dureeMois=30,
        titulaires=holders("120000.00", "100000.00"),
        typeGroupementOperateurs="Conjoint",
        modifications=[both],
    )
    message = translate(event(data, MARCHE_MODIFIE), context(2))
    assert blocks(message) == ["ModificationMontantDuree", "ModificationTitulaire"]
    assert values(message, f"{MODIFICATIONS}/*/NumeroActe") == ["01", "01"]
    assert order(message) == "01"
    told = f"{MODIFICATIONS}/ModificationTitulaire"
    assert values(message, f"{told}/Titulaires/Titulaire/MontantHTNotifie") == ["120000.00", "100000.00"]
    assert values(message, f"{told}/NbEntreprisesGroupees") == ["2"]


def test_holders_who_left_since_cannot_be_named_but_their_amendment_is_told() -> None:
    first = modification(1, montant=None, deltaMontant=None, dureeMois=None, deltaDureeMois=None)
    left = {**first, "titulaires": [{"role": "titulaire", "fournisseur": supplier(2)}]}
    last = {**first, "id": 2, "titulaires": [{"role": "titulaire", "fournisseur": supplier(3)}]}
    data = marche(titulaires=[{"role": "titulaire", "fournisseur": supplier(3)}], modifications=[left, last])
    message = translate(event(data, MARCHE_MODIFIE), context(3))
    assert blocks(message) == ["ModificationMontantDuree", "ModificationTitulaire"]
    assert values(message, f"{MODIFICATIONS}/ModificationTitulaire/NumeroActe") == ["02"]
    assert values(message, f"{MODIFICATIONS}/ModificationTitulaire/TypeGroupement") == ["01"]
    assert "anciens-titulaires" in message.losses


def test_a_sub_contractor_is_declared_with_its_coordinates_and_its_changes_with_their_difference() -> None:
    data = with_acts(act(), modificationsActesSousTraitance=[act_change(1), act_change(2, montant="22000.00")])
    message = translate(event(data, MARCHE_SOUS_TRAITANCE_MODIFIEE, numero=2), context(4))
    declared = f"{MODIFICATIONS}/DeclarationSousTraitancePaiementDirect"
    changed = f"{MODIFICATIONS}/ModificationSousTraitancePaiementDirect"
    assert values(message, "Operateurs/SousTraitantPaiementDirect/NumeroActeSousTraitance") == ["01"]
    assert values(message, "Operateurs/SousTraitantPaiementDirect/CpteBancaire/IBAN") == ["FR7699999000010000000000115"]
    assert [values(message, f"{declared}/{tag}") for tag in ("MontantHTNotifie", "VariationPrix", "DureeEnMois")] == [
        ["20000.00"],
        ["01"],
        ["12"],
    ]
    assert values(message, f"{changed}/NumeroActe") == ["01", "02"]
    assert values(message, f"{changed}/DeltaMontantHTNotifie") == ["5000.00", "-3000.00"]


@pytest.mark.parametrize("type_", [MARCHE_RECONDUIT, MARCHE_TRANCHE_AFFERMIE, MARCHE_PRIX_REVISE, MARCHE_PIECE_AJOUTEE])
@pytest.mark.parametrize("version", BOTH)
def test_what_is_no_modification_to_publish_is_an_update_without_blocks(type_: str, version: str) -> None:
    message = translate(event(rich(), type_, numero=1), context(6, versionPES=version))
    assert blocks(message) == []
    assert not flagged(message)
    assert order(message) == "05"
    assert "historique" in message.losses
    assert contracts.validate(message.contract, message.body).findings == ()


def test_sub_contracting_without_direct_payment_is_an_update_and_a_loss() -> None:
    data = with_acts(act(paiementDirect=False))
    message = translate(event(data, MARCHE_SOUS_TRAITANCE_DECLAREE, numero=1), context(2))
    assert (blocks(message), order(message)) == ([], "00")
    assert values(message, "Operateurs/SousTraitantPaiementDirect/IdSousTraitant") == []
    assert "sous-traitance-indirecte" in message.losses
    mixed = with_acts(act(), act(2, paiementDirect=False))
    declared = translate(event(mixed, MARCHE_SOUS_TRAITANCE_DECLAREE, numero=2), context(3))
    assert blocks(declared) == []
    assert blocks(translate(event(mixed, MARCHE_SOUS_TRAITANCE_DECLAREE, numero=1), context(3))) != []


@pytest.mark.parametrize(
    ("data", "sequence", "follows", "replaces"),
    [
        (marche(), 2, None, True),  # the initial contract
        (marche(modifications=[modification()]), 3, MARCHE_MODIFIE, True),
        (marche(modifications=[modification()]), 3, MARCHE_RECONDUIT, False),
        (with_acts(act()), 3, MARCHE_SOUS_TRAITANCE_DECLAREE, True),
        (with_acts(act(), act(2, paiementDirect=False)), 4, MARCHE_SOUS_TRAITANCE_DECLAREE, False),
        (marche(modifications=[modification()]), 3, None, True),  # nothing shows an update
        (marche(montantActualise="201000.00"), 3, None, False),
        (rich(), 9, None, False),
        (rich(), 9, MARCHE_MODIFIE, True),
    ],
)
def test_a_correction_is_flagged_only_where_it_may_replace_the_sending_before(
    data: dict[str, Any], sequence: int, follows: str | None, replaces: bool
) -> None:
    message = translate(event(data, MARCHE_CORRIGE), context(sequence, follows=follows))
    assert flagged(message) is replaces
    if not replaces:
        assert blocks(message) == []


def test_a_correction_in_the_place_of_a_refused_sending_says_everything() -> None:
    message = translate(event(rich(), MARCHE_CORRIGE), context(4, replaces_rejected=True))
    assert not flagged(message)
    assert len(blocks(message)) == 5


def test_a_correction_after_the_initial_alone_tells_the_history_that_was_never_said() -> None:
    data = marche(montant="220000.00", dureeMois=30, modifications=[modification()])
    message = translate(event(data, MARCHE_CORRIGE), context(2))
    assert (flagged(message), order(message), blocks(message)) == (False, "01", ["ModificationMontantDuree"])


def test_a_first_sequence_says_the_initial_contract_then_the_present_one() -> None:
    first, second = CONNECTOR.translate(event(rich(), MARCHE_NOTIFIE), "api", context(1, 7, versionPES="5.30"))
    assert (order(first), blocks(first), values(first, "MontantHTNotifie")) == ("00", [], ["200000.00"])
    assert values(first, "Operateurs/SousTraitantPaiementDirect/IdSousTraitant") == []
    assert values(first, "Operateurs/Titulaire/IdTitulaire") == [supplier(1)["id"]]
    assert values(first, "ConditionsExecution/TypeGroupement") == ["01"]
    assert values(first, "MontantHTActualise") == values(first, "MontantTVANotifie") == []
    assert set(values(first, "VentilationsAcheteurs/VentilationAcheteur/Tranches/Tranche/TypeTranche")) == {"02", "03"}
    assert (order(second), len(blocks(second))) == ("05", 5)
    assert (first.business_ref, second.business_ref) == ("2026DM001-001", "2026DM001-002")
    assert (first.filename[-7:], second.filename[-7:]) == ("007.xml", "008.xml")


def test_a_first_sequence_of_an_updated_marche_is_followed_by_its_update() -> None:
    data = marche(montantActualise="201000.00")
    first, second = CONNECTOR.translate(event(data, MARCHE_PRIX_REVISE), "api", context(1, versionPES="5.30"))
    assert (values(first, "MontantHTActualise"), values(second, "MontantHTActualise")) == ([], ["201000.00"])
    assert (order(second), blocks(second)) == ("00", [])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (with_acts(act(100)), "99"),
        (marche(modifications=[modification(number) for number in range(1, 60)] * 2), "118"),
        (with_acts(act(), modificationsActesSousTraitance=[act_change(100)]), "100"),
        (with_acts(act(montant="0.00")), "montant positif"),
        (
            with_acts(act(), modificationsActesSousTraitance=[act_change(montant=None, deltaMontant="-20000.01")]),
            "montant positif",
        ),
        (with_acts(act(sousTraitant={**supplier(3), "compteBancaire": None})), "compte bancaire"),
        (with_acts(act(sousTraitant={**supplier(3), "adresse": None})), "adresse"),
        (with_acts(act(sousTraitant={**supplier(3), "id": "123"})), "de 9 à 100"),
        (marche(modifications=[modification(dureeMois=30, deltaDureeMois=None)]), "n° 1"),
        (marche(modifications=[modification(titulaires=holders("220000.00"), montant="0.00")]), "n'est pas positive"),
        (marche(lieuExecution={"code": "990011", "typeCode": "Code commune"}), "cinq caractères"),
    ],
)
def test_what_the_pes_cannot_say_is_refused_with_what_to_correct(data: dict[str, Any], words: str) -> None:
    with pytest.raises(Unsupported) as caught:
        translate(event(data, MARCHE_MODIFIE), context(3))
    assert words in caught.value.reason


LIFE: list[tuple[str, dict[str, Any]]] = [
    (MARCHE_NOTIFIE, {}),
    (MARCHE_CORRIGE, {"objet": "Objet corrigé"}),
    (MARCHE_SOUS_TRAITANCE_DECLAREE, {"actesSousTraitance": [act()]}),
    (MARCHE_MODIFIE, {"montant": "220000.00", "dureeMois": 30, "modifications": [modification()]}),
    (MARCHE_CORRIGE, {"codeCPV": "33141000-0"}),
    (MARCHE_CORRIGE, {"offresRecues": 5}),
    (MARCHE_PRIX_REVISE, {"montantActualise": "226000.00"}),
    (MARCHE_CORRIGE, {"offresRecues": 6}),
    (MARCHE_SOUS_TRAITANCE_MODIFIEE, {"modificationsActesSousTraitance": [act_change()]}),
    (MARCHE_PIECE_AJOUTEE, {"pieces": [{"idUnique": "AE1", "nom": "acte.pdf", "support": "01"}]}),
]


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize("known", [True, False])
def test_a_whole_life_is_integrated_whether_or_not_the_engine_says_what_came_before(version: str, known: bool) -> None:
    helios, state, follows = Helios(), marche(), None
    for rank, (type_, changes) in enumerate(LIFE):
        state = {**state, **changes}
        where = context(rank + 1, rank + 1, versionPES=version, follows=follows if known else None)
        message = translate(event(state, type_, rank + 1, numero=1), where)
        (answer,) = helios.receive(read_flow(message.body), message.body)
        assert answer.accepted, (type_, answer.errors)
        follows = follows if type_ == MARCHE_CORRIGE else type_
    kinds = [one.kind for one in helios.marches["26990001500018/2026DM001"]]
    assert kinds == [
        "initial",
        "correctif",
        "modification",
        "modification",
        "correctif",
        "correctif",
        "actualisation",
        "actualisation",
        "modification",
        "actualisation",
    ]
