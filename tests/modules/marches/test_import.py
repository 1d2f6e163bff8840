"""Importing marchés: recorded, notified and amended at once, only once, by the same rules."""

from __future__ import annotations

from typing import Any

import pytest

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.errors import RuleBroken
from semaphore_hub.modules.marches.answers import ImportMarche
from semaphore_hub.modules.marches.schemas import MarcheImporte, NouveauMarche
from semaphore_hub.ports.events import MARCHE_CREE, MARCHE_MODIFIE, MARCHE_NOTIFIE
from semaphore_hub.ports.payloads import MarchePayload
from tests.modules.fakes import RecordedEvents
from tests.modules.samples import MODIFICATION, NOTIFICATION, marche


def imported(services: Services, **changes: Any) -> ImportMarche:
    donnees = MarcheImporte.model_validate(marche(**{**NOTIFICATION, **changes}))
    with services.database.write() as unit:
        return services.marches.importer(
            unit, LOCAL, donnees, ["complements.penalite"], ["Le champ ccag était vide dans le fichier."]
        )


def test_an_imported_marche_is_notified_amended_and_says_what_was_completed(
    known: Services, events: RecordedEvents
) -> None:
    result = imported(known, modifications=[MODIFICATION])
    assert result.statut == "créé"
    assert result.avertissements == ("Le champ ccag était vide dans le fichier.",)
    assert [event.type for event in events] == [MARCHE_CREE, MARCHE_NOTIFIE, MARCHE_MODIFIE]
    assert [event.version for event in events] == [1, 2, 3]
    assert MarchePayload.model_validate(events[1].data).marche.champsCompletes == ("complements.penalite",)
    with known.database.read() as connection:
        vue = known.marches.lire(connection, LOCAL, result.uid)
    assert (vue.statut, vue.version, str(vue.montant)) == ("notifie", 3, "215000.00")
    assert vue.champsCompletes == ("complements.penalite",)


def test_importing_the_same_content_again_changes_nothing(known: Services, events: RecordedEvents) -> None:
    first = imported(known)
    events.clear()
    again = imported(known)
    assert (again.statut, again.uid) == ("inchangé", first.uid)
    assert events == []


def test_importing_another_content_is_refused_and_names_what_differs(known: Services, events: RecordedEvents) -> None:
    imported(known)
    events.clear()
    with pytest.raises(RuleBroken, match="objet, montant") as refusal:
        imported(known, objet="Autre objet", montant="210000.00")
    assert [problem.rule for problem in refusal.value.problems] == ["MAR-IMPORT-DIFFERENT"]
    assert events == []


def test_a_marche_recorded_by_hand_is_not_overwritten_by_an_import(known: Services) -> None:
    with known.database.write() as unit:
        known.marches.creer(unit, LOCAL, NouveauMarche.model_validate(marche()))
    with pytest.raises(RuleBroken, match="saisi dans le hub"):
        imported(known)


def test_an_import_that_breaks_a_rule_leaves_nothing(known: Services, events: RecordedEvents) -> None:
    with pytest.raises(RuleBroken) as refusal:
        imported(known, modifications=[{**MODIFICATION, "montant": "200000.00"}])
    assert [problem.rule for problem in refusal.value.problems] == ["MAR-MODIFICATION-VIDE"]
    assert events == []
    assert imported(known).statut == "créé"


def test_an_amendment_dated_before_the_notification_is_imported_with_a_warning(known: Services) -> None:
    result = imported(known, modifications=[{**MODIFICATION, "dateNotificationModification": "2026-02-01"}])
    assert result.statut == "créé"
    assert any("2026-02-01" in sentence for sentence in result.avertissements)
