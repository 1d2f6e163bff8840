"""What a concession becomes in a PES Marché file."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

import contracts
from mock_partners.dgfip.aller import read_flow
from mock_partners.dgfip.helios import Helios
from semaphore_hub.ports.connector import Message
from semaphore_hub.ports.events import (
    CONCESSION_CORRIGEE,
    CONCESSION_EXECUTEE,
    CONCESSION_MODIFIEE,
    CONCESSION_SIGNEE,
)
from semaphore_hub.ports.outcomes import Unsupported
from tests.connectors.dgfip.builders import (
    PARTY,
    concession,
    concession_event,
    concession_modification,
    connector,
    context,
    establishment,
    supplier,
    translate,
    values,
    year,
)
from tests.shared import shared_path

CONNECTOR = connector()
BLOCK = "Concessions/Concession"
AMENDED: dict[str, Any] = {"dureeMois": 72, "valeurGlobale": "600000.00"}


def told(message: Message, path: str) -> list[str]:
    """Values at a path of the concession."""
    return values(message, path, BLOCK)


def amended(*numbers: int, **changes: Any) -> dict[str, Any]:
    """A concession after these amendments, each of a year and 100 000 €."""
    made = [
        concession_modification(
            number,
            dateSignatureModification=f"{2026 + number}-02-01",
            datePublicationDonneesModification=f"{2026 + number}-02-15",
        )
        for number in numbers
    ]
    total = {"dureeMois": 60 + 12 * len(made), "valeurGlobale": f"{500000 + 100000 * len(made)}.00"}
    return concession(**{**total, "modifications": made, **changes})


def objects(message: Message) -> list[str]:
    """Amendments told."""
    return told(message, "ModificationsConcession/ModificationConcession/ObjetModification")


@pytest.mark.parametrize(("version", "folder"), [("5.17", "xsd-v5.17"), ("5.30", "xsd-v5.30-reconstruit")])
def test_a_concession_satisfies_our_contract_and_the_official_schema(version: str, folder: str) -> None:
    schema = etree.XMLSchema(file=str(shared_path("standards", "pes", folder, "PES_V2", "Rev0", "PES_Aller.xsd")))
    full = concession_event(amended(1, donneesExecution=[year()]), CONCESSION_MODIFIEE)
    for sequence in (1, 3):
        for message in CONNECTOR.translate(full, "api", context(sequence, versionPES=version)):
            assert contracts.validate(message.contract, message.body).findings == ()
            schema.assertValid(etree.fromstring(message.body))


def test_a_signed_concession_is_the_first_sequence() -> None:
    message = translate(concession_event())
    assert (message.type, message.business_ref) == ("pes_concession", "2026CC001-001")
    assert message.losses == ("considerations-concession",)
    assert told(message, "IdentifiantConcession/NumeroOrdreModification") == ["00"]
    assert told(message, "NatureConcession") == ["02"]
    assert told(message, "ProcedureConcession") == ["01"]
    assert told(message, "MontantSubventionPublique") == ["10000.00"]
    assert objects(message) == []


def test_only_the_last_amendment_is_told_with_the_initial_duration_and_the_present_value() -> None:
    data = amended(1, 2)
    for more in ({"modification": data["modifications"][1]}, {}):
        message = translate(concession_event(data, CONCESSION_MODIFIEE, **more), context(3))
        assert objects(message) == ["Prolongation n° 2"]
        assert told(message, "IdentifiantConcession/NumeroOrdreModification") == ["02"]
        assert told(message, "DureeMoisInitiale") == ["60"]
        assert told(message, "ValeurGlobale") == ["700000.00"]
        assert told(message, "ModificationsConcession/ModificationConcession/DureeMois") == ["72"]


def test_a_year_of_execution_is_an_update_with_its_tariffs() -> None:
    data = amended(1, donneesExecution=[year(), year(2, tarifs=[])])
    message = translate(concession_event(data, CONCESSION_EXECUTEE), context(4))
    assert objects(message) == []
    assert told(message, "DonneesExecution/DonneeAnnuelle/Tarifs/Tarif/MontantTarif") == ["9.50"]
    assert told(message, "DonneesExecution/DonneeAnnuelle/DepensesInvestissement") == ["0.00"]
    assert "donnees-execution" in message.losses


@pytest.mark.parametrize(
    ("data", "sequence", "replaces", "news"),
    [
        (concession(), 2, True, []),
        (amended(1), 3, True, ["Prolongation n° 1"]),
        (amended(1, donneesExecution=[year(1)]), 4, False, []),  # the year was published last
        (amended(1, 2, donneesExecution=[year(1)]), 5, True, ["Prolongation n° 2"]),
    ],
)
def test_a_correction_replaces_a_modification_but_not_a_year(
    data: dict[str, Any], sequence: int, replaces: bool, news: list[str]
) -> None:
    message = translate(concession_event(data, CONCESSION_CORRIGEE, motif="Erreur"), context(sequence))
    assert told(message, "IdentifiantConcession/CaractereCorrectifEnregistrement") == ["1" if replaces else "0"]
    assert objects(message) == news


def test_in_the_place_of_a_refused_sending_what_was_not_integrated_is_said() -> None:
    data = amended(1, 2, donneesExecution=[year(1)])
    # The initial contract and the first amendment are integrated: the year and the second amendment are not.
    message = translate(concession_event(data, CONCESSION_CORRIGEE), context(3, replaces_rejected=True))
    assert told(message, "IdentifiantConcession/CaractereCorrectifEnregistrement") == ["0"]
    assert objects(message) == ["Prolongation n° 2"]


def test_a_changed_concession_starts_with_its_initial_state() -> None:
    data = amended(1, 2, donneesExecution=[year()])
    first, second = CONNECTOR.translate(concession_event(data, CONCESSION_MODIFIEE), "file", context(1))
    assert (told(first, "ValeurGlobale"), objects(first), told(first, "DonneesExecution")) == (["500000.00"], [], [])
    assert objects(second) == ["Prolongation n° 1", "Prolongation n° 2"]
    assert second.business_ref == "2026CC001-002"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"montantSubventionPublique": "0.00"}, "strictement positif"),
        ({"lieuExecution": None}, "lieu d'exécution"),
        ({"nomLieuExecution": None}, "nomLieuExecution"),
        ({"nature": "Concession inconnue"}, "NatureConcession"),
        ({"procedure": "Procédure adaptée"}, "ProcedureConcession"),
        ({"concessionnaires": [{**supplier(), "id": "123"}]}, "de 9 à 100"),
        ({"autoriteConcedante": establishment(PARTY, "CH FICTIF", "partie")}, PARTY),
        ({"modifications": [concession_modification(deltaDureeMois=None)]}, "deltaDureeMois"),
        ({"modifications": [concession_modification(number) for number in range(1, 101)], "dureeMois": 1300}, "99"),
    ],
)
def test_what_the_pes_cannot_say_is_refused_with_what_to_complete(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(Unsupported) as caught:
        translate(concession_event(concession(**changes), CONCESSION_MODIFIEE), context(3))
    assert words in caught.value.reason


def test_a_value_without_its_difference_does_not_give_the_initial_one() -> None:
    data = concession(modifications=[concession_modification(deltaValeurGlobale=None)])
    with pytest.raises(Unsupported, match="deltaValeurGlobale"):
        translate(concession_event(data, CONCESSION_MODIFIEE))


def test_the_buyers_own_number_is_a_loss_when_it_is_not_the_pes_number() -> None:
    assert "numero-interne" in translate(concession_event(concession(id="C-12"))).losses


def test_a_whole_life_is_integrated() -> None:
    helios = Helios()
    life = [
        (CONCESSION_SIGNEE, concession()),
        (CONCESSION_CORRIGEE, concession(objet="Objet corrigé")),
        (CONCESSION_MODIFIEE, amended(1)),
        (CONCESSION_CORRIGEE, amended(1, objet="Objet corrigé")),
        (CONCESSION_EXECUTEE, amended(1, donneesExecution=[year(1)])),
        (CONCESSION_CORRIGEE, amended(1, donneesExecution=[year(1)], objet="Encore")),
        (CONCESSION_MODIFIEE, amended(1, 2, donneesExecution=[year(1)])),
    ]
    for rank, (type_, data) in enumerate(life, start=1):
        message = translate(concession_event(data, type_), context(rank, rank))
        (answer,) = helios.receive(read_flow(message.body), message.body)
        assert answer.accepted, answer.errors
        assert answer.marche == f"2026CC001-{rank:03d}"
    assert [one.kind for one in helios.marches["concession/26990001500018/2026CC001"]] == [
        "initial",
        "correctif",
        "modification",
        "correctif",
        "actualisation",
        "actualisation",
        "modification",
    ]
