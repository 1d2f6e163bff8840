"""The subcontracting acts of an imported marché: kept with it, said with its notification, or refused."""

from __future__ import annotations

from typing import Any

import pytest

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.errors import RuleBroken
from semaphore_hub.modules.marches import imported as module
from semaphore_hub.modules.marches.answers import ImportMarche
from semaphore_hub.modules.marches.models import Marche
from semaphore_hub.modules.marches.schemas import MarcheImporte
from semaphore_hub.modules.referentiel.rules import Rule
from semaphore_hub.ports.events import MARCHE_CREE, MARCHE_NOTIFIE
from semaphore_hub.ports.payloads import MarchePayload
from tests.modules.fakes import RecordedEvents
from tests.modules.samples import FICTIMED, NOTIFICATION, PHARMAFICTIF, marche, siret

ACTE: dict[str, Any] = {
    "id": 1,
    "sousTraitant": {"typeIdentifiant": "SIRET", "id": PHARMAFICTIF},
    "dureeMois": 12,
    "dateNotification": "2026-04-01",
    "datePublicationDonnees": "2026-04-02",
    "montant": "20000.00",
    "variationPrix": "Ferme",
}
MODIFIE: dict[str, Any] = {
    "id": 1,
    "dateNotificationModificationSousTraitance": "2026-06-01",
    "datePublicationDonnees": "2026-06-02",
    "montant": "25000.00",
}


def imported(services: Services, **changes: Any) -> ImportMarche:
    donnees = MarcheImporte.model_validate(marche(**NOTIFICATION, **changes))
    with services.database.write() as unit:
        return services.marches.importer(unit, LOCAL, donnees)


def test_acts_are_kept_and_said_with_the_notification(known: Services, events: RecordedEvents) -> None:
    lower = {**MODIFIE, "dateNotificationModificationSousTraitance": "2026-07-01", "montant": "15000.00"}
    result = imported(known, actesSousTraitance=[ACTE], modificationsActesSousTraitance=[MODIFIE, lower])
    assert [(event.type, event.version) for event in events] == [(MARCHE_CREE, 1), (MARCHE_NOTIFIE, 2)]
    said = MarchePayload.model_validate(events[-1].data).marche
    (act,) = said.actesSousTraitance
    assert (act.sousTraitant.id, act.titulaire, act.paiementDirect) == (PHARMAFICTIF, FICTIMED, False)
    assert [(one.id, one.numero, str(one.deltaMontant)) for one in said.modificationsActesSousTraitance] == [
        (1, 1, "5000.00"),
        (1, 2, "-10000.00"),
    ]
    with known.database.read() as connection:
        found = known.marches.lire(connection, LOCAL, result.uid)
    assert [one.idSousTraitant for one in found.actesSousTraitance] == [PHARMAFICTIF]
    again = imported(known, actesSousTraitance=[ACTE], modificationsActesSousTraitance=[MODIFIE, lower])
    assert again.statut == "inchangé"


REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    (
        "MAR-IMPORT-SOUS-TRAITANT",
        "$.actesSousTraitance[0].sousTraitant.id",
        {"actesSousTraitance": [{**ACTE, "sousTraitant": {"typeIdentifiant": "SIRET", "id": siret("99988803")}}]},
    ),
    (
        "MAR-IMPORT-ACTE-TITULAIRE",
        "$.actesSousTraitance[0].titulaire.id",
        {"actesSousTraitance": [{**ACTE, "titulaire": {"typeIdentifiant": "SIRET", "id": PHARMAFICTIF}}]},
    ),
    ("MAR-IMPORT-ACTE-DOUBLE", "$.actesSousTraitance[1].id", {"actesSousTraitance": [ACTE, ACTE]}),
    (
        "MAR-IMPORT-ACTE-INCONNU",
        "$.modificationsActesSousTraitance[0].id",
        {"actesSousTraitance": [ACTE], "modificationsActesSousTraitance": [{**MODIFIE, "id": 2}]},
    ),
]


def test_an_act_that_breaks_a_rule_refuses_the_marche(known: Services, events: RecordedEvents) -> None:
    for rule, path, changes in REFUSED:
        with pytest.raises(RuleBroken) as refusal:
            imported(known, **changes)
        assert [(problem.rule, problem.path) for problem in refusal.value.problems] == [(rule, path)]
    assert events == []


def test_the_same_file_is_the_same_after_an_upgrade_that_added_fields(known: Services) -> None:
    first = imported(known)
    whole = table_of(Marche)
    with known.database.write() as unit:
        stored = unit.connection.execute(whole.select().where(whole.c.uid == first.uid)).mappings().one()["importe"]
        older = {name: value for name, value in stored.items() if "ousTraitance" not in name or value != []}
        assert older != stored
        unit.connection.execute(whole.update().where(whole.c.uid == first.uid).values(importe=older))
    assert imported(known).statut == "inchangé"


def test_a_content_that_is_not_readable_any_more_is_another_content(known: Services) -> None:
    assert module.known_content({"id": ""}) == {"id": ""}
    assert module.known_content(None) == {}


def test_rules_have_distinct_ids_a_sentence_and_a_source() -> None:
    declared = [value for value in vars(module).values() if isinstance(value, Rule)]
    assert len({rule.id for rule in declared}) == len(declared) == 4
    assert all(rule.message.endswith(".") and rule.source for rule in declared)
