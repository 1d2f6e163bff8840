"""A marché from its attribution to its closing: dates in order, delay before the signature, ways to end."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import update

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.marches.models import Marche
from semaphore_hub.modules.marches.projets import rules as projet_rules
from semaphore_hub.modules.marches.transitions import rules
from semaphore_hub.modules.marches.transitions.standstill import first_day_to_sign
from semaphore_hub.modules.referentiel.rules import Rule
from semaphore_hub.ports import events as types
from semaphore_hub.ports.payloads import MarcheCree, MarchePayload, ProjetPayload
from tests.modules.fakes import RecordedEvents
from tests.modules.marches.projets.life import (
    NOTIFICATION,
    SIGNATURE,
    Life,
    attributed,
    attribution,
    executed,
    notified,
    opened,
)
from tests.modules.samples import FICTIMED, SUPPORT, marche

UNTOLD = {"dateInformationEvinces": None}
ONE_OFFER = {"offresRecues": 1}
UNSIGNED = {"complements": {"dateSignature": None}}


async def recorded(hub: AsyncClient, **changes: Any) -> Life:
    """A marché recorded without a projet."""
    return Life(hub, await hub.post("/v1/marches", json=marche(**changes)))


async def test_a_whole_life_is_one_event_by_step_without_a_gap(
    hub: AsyncClient, events: RecordedEvents, clock: ManualClock
) -> None:
    life = await executed(hub)
    assert life.seen["dateFin"] == "2028-03-31"
    await life.done("suspension", {"date": "2026-07-01", "motif": "Intempéries"})
    await life.done("reprise", {"date": "2026-07-15", "motif": "Beau temps"})
    clock.set(datetime(2028, 4, 1, tzinfo=UTC))
    await life.done("echeance")
    closed = await life.done("solde", {"date": "2028-06-30"})
    assert closed["statut"] == "solde"
    assert closed["suspensions"] == [{"debut": "2026-07-01", "fin": "2026-07-15", "motif": "Intempéries"}]
    assert [(event.type, event.version) for event in events] == [
        (types.MARCHE_PROJETE, 1),
        (types.MARCHE_CONSULTE, 2),
        (types.MARCHE_ANALYSE, 3),
        (types.MARCHE_ATTRIBUE, 4),
        (types.MARCHE_SIGNE, 5),
        (types.MARCHE_NOTIFIE, 6),
        (types.MARCHE_DEMARRE, 7),
        (types.MARCHE_SUSPENDU, 8),
        (types.MARCHE_REPRIS, 9),
        (types.MARCHE_ECHU, 10),
        (types.MARCHE_SOLDE, 11),
    ]
    said = [MarchePayload.model_validate(event.data) for event in events[5:]]
    assert [payload.marche.statut for payload in said] == [
        "notifie",
        "en_execution",
        "suspendu",
        "en_execution",
        "echu",
        "solde",
    ]
    assert [payload.dateEffet for payload in said[1:]] == [
        date(2026, 4, 1),
        date(2026, 7, 1),
        date(2026, 7, 15),
        date(2028, 3, 31),
        date(2028, 6, 30),
    ]
    assert [payload.motif for payload in said[2:4]] == ["Intempéries", "Beau temps"]
    assert said[0].marche.complements.dateSignature == date(2026, 2, 24)
    assert said[1].marche.complements.dateDebutExecution == date(2026, 4, 1)


async def test_a_transition_is_idempotent_and_needs_its_version(hub: AsyncClient, events: RecordedEvents) -> None:
    life = await attributed(hub)
    address, headers = f"/v1/marches/{life.uid}/signature", {"If-Match": '"4"', "Idempotency-Key": "signature-1"}
    first = await hub.post(address, json=SIGNATURE, headers=headers)
    again = await hub.post(address, json=SIGNATURE, headers=headers)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert len(events) == 5
    assert (await hub.post(address, json=SIGNATURE)).status_code == 428
    assert (await hub.post(address, json=SIGNATURE, headers={"If-Match": '"4"'})).status_code == 412
    assert (await hub.post(f"/v1/marches/{life.uid}/echeance", headers={"If-Match": '"5"'})).status_code == 409


# --- signature --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "electronic", "first"),
    [
        (date(2010, 12, 28), False, date(2011, 1, 13)),  # the dates of the decision of the Conseil d'État
        (date(2026, 2, 13), True, date(2026, 2, 24)),
    ],
)
def test_the_delay_counts_the_day_of_the_sending(told: date, electronic: bool, first: date) -> None:
    assert first_day_to_sign(told, electronic=electronic) == first


@pytest.mark.parametrize(
    ("electronic", "early", "first"), [(True, "2026-02-23", "2026-02-24"), (False, "2026-02-28", "2026-03-01")]
)
async def test_a_formalised_procedure_waits_before_the_signature(
    hub: AsyncClient, electronic: bool, early: str, first: str
) -> None:
    life = await attributed(hub)
    how = {"informationElectronique": electronic}
    answer = await life.ask("signature", {"dateSignature": early, **how})
    assert [item["rule"] for item in answer.json()["errors"]] == ["MAR-STANDSTILL"]
    assert first in answer.json()["detail"]
    signed = await life.done("signature", {"dateSignature": first, **how, "nomSignataire": "A. FICTIF"})
    assert (signed["statut"], signed["avertissements"]) == ("signe", [])
    assert (signed["complements"]["dateSignature"], signed["complements"]["nomSignataire"]) == (first, "A. FICTIF")


@pytest.mark.parametrize(
    "changes",
    [
        ONE_OFFER,
        {"procedure": "Procédure adaptée"},
        {"techniques": ["Système d'acquisition dynamique"], "modalitesExecution": ["Sans objet"]},
        {
            "techniques": ["Sans objet"],
            "modalitesExecution": ["Sans objet"],
            "idAccordCadre": "AC1",
            "complements": {"dateSignature": None, "siretPAAccordCadre": SUPPORT},
        },
    ],
    ids=["one offer", "adapted", "dynamic system", "subsequent"],
)
async def test_some_marches_do_not_wait(hub: AsyncClient, changes: dict[str, Any]) -> None:
    offers = 1 if changes == ONE_OFFER else 4
    more = {"procedure": changes["procedure"]} if "procedure" in changes else {}
    life = await opened(hub, offers, **more)
    await life.done("attribution", attribution(**changes))
    assert (await life.done("signature", {"dateSignature": "2026-02-13"}))["statut"] == "signe"


async def test_the_candidates_may_be_told_between_the_attribution_and_the_signature(hub: AsyncClient) -> None:
    life = await attributed(hub, **UNTOLD)
    assert await life.refused("signature", SIGNATURE) == {("MAR-EVINCES-INCONNUE", "$.dateInformationEvinces")}
    before = {**SIGNATURE, "dateInformationEvinces": "2026-02-11"}
    assert await life.refused("signature", before) == {("MAR-ETAPE-DATES", "$.dateInformationEvinces")}
    assert (await life.done("signature", {**SIGNATURE, "dateInformationEvinces": "2026-02-13"}))["statut"] == "signe"


async def test_the_signature_keeps_to_what_is_already_known(hub: AsyncClient) -> None:
    life = await attributed(hub)
    other = {**SIGNATURE, "dateInformationEvinces": "2026-02-12"}
    assert await life.refused("signature", other) == {("MAR-EVINCES-AUTRE", "$.dateInformationEvinces")}
    early = {"dateSignature": "2026-02-11"}
    assert ("MAR-ETAPE-DATES", "$.dateSignature") in await life.refused("signature", early)
    direct = await recorded(hub, id="DM002")
    assert await direct.refused("signature", SIGNATURE) == {("MAR-SIGNATURE-AUTRE", "$.dateSignature")}


async def test_a_procedure_run_outside_is_signed_with_a_warning(hub: AsyncClient, events: RecordedEvents) -> None:
    life = await recorded(hub, **UNSIGNED)
    signed = await life.done("signature", SIGNATURE)
    assert [one["regle"] for one in signed["avertissements"]] == ["MAR-EVINCES-NON-VERIFIEE"]
    assert (await hub.get(f"/v1/marches/{life.uid}")).json() == signed
    said = MarcheCree.model_validate(events[-1].data)
    assert (said.uid, said.id, said.acheteur, said.objet) == (life.uid, "DM001", SUPPORT, signed["objet"])
    assert (f"{said.montant}", said.offresRecues) == ("200000.00", signed["offresRecues"])
    assert [holder.fournisseur.id for holder in said.titulaires] == [FICTIMED]
    told = await recorded(hub, id="DM002", **UNSIGNED)
    checked = await told.done("signature", {**SIGNATURE, "dateInformationEvinces": "2026-02-13"})
    assert checked["avertissements"] == []


async def test_a_marche_that_was_a_projet_is_signed_before_its_notification(hub: AsyncClient) -> None:
    life = await attributed(hub)
    assert await life.refused("notification", NOTIFICATION) == {("MAR-SIGNATURE-REQUISE", "$.dateNotification")}
    await life.done("signature", SIGNATURE)
    early = {**NOTIFICATION, "dateNotification": "2026-02-23"}
    assert await life.refused("notification", early) == {("MAR-DATES-SIGNATURE", "$.dateNotification")}
    assert (await life.done("notification", NOTIFICATION))["statut"] == "notifie"
    direct = await recorded(hub, id="DM002")
    assert (await direct.done("notification", NOTIFICATION))["statut"] == "notifie"


async def test_the_buyer_may_give_up_until_the_signature(hub: AsyncClient, events: RecordedEvents) -> None:
    life = await attributed(hub)
    body = {"date": "2026-02-11", "motif": "Budget retiré"}
    assert await life.refused("sans-suite", body) == {("MAR-ETAPE-DATES", "$.date")}
    assert (await life.done("sans-suite", {**body, "date": "2026-02-20"}))["statut"] == "sans_suite"
    said = ProjetPayload.model_validate(events[-1].data)
    assert (events[-1].type, said.statut, said.motif) == (types.MARCHE_SANS_SUITE, "sans_suite", "Budget retiré")
    assert str(said.montantEstime) == "400000.00"


# --- execution --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "begins", "changes"),
    [
        ("MAR-DATES-EXECUTION", "2026-02-28", {}),
        ("MAR-DATES-DEBUT", "2026-03-31", {"complements": {"dateSignature": None, "dateDebutMarche": "2026-04-01"}}),
        ("MAR-DATE-PERIODE", "2040-01-01", {}),
    ],
)
async def test_a_broken_rule_refuses_the_start(
    hub: AsyncClient, rule: str, begins: str, changes: dict[str, Any]
) -> None:
    life = await notified(hub, **changes)
    assert (rule, "$.dateDebut") in await life.refused("demarrage", {"dateDebut": begins})


async def renewable(hub: AsyncClient, reconductibilite: str = "02") -> Life:
    """A marché of one firm year from 1 March 2026, notified, that may be renewed for another."""
    year = {"numero": 1, "debut": "2027-03-01", "fin": "2028-02-29", "montant": "100000"}
    complements = {"dateSignature": None, "reconductibilite": reconductibilite}
    return await notified(hub, reconductions=[year], complements=complements)


async def test_the_execution_begins_inside_the_firm_period(hub: AsyncClient) -> None:
    life = await renewable(hub)
    assert life.seen["dateFin"] == "2027-02-28"
    assert await life.refused("demarrage", {"dateDebut": "2027-03-01"}) == {("MAR-DEMARRAGE-FIN", "$.dateDebut")}
    assert (await life.done("demarrage", {"dateDebut": "2026-06-01"}))["dateFin"] == "2027-02-28"


async def test_a_last_day_fixed_by_an_amendment_does_not_follow_the_first(hub: AsyncClient, known: Services) -> None:
    life = await notified(hub)
    with known.database.write() as unit:
        fixed = update(table_of(Marche)).where(table_of(Marche).c.uid == life.uid).values(date_fin=date(2028, 5, 15))
        unit.connection.execute(fixed)
    assert (await life.done("demarrage", {"dateDebut": "2026-04-01"}))["dateFin"] == "2028-05-15"


async def test_interruptions_follow_one_another_inside_the_marche(hub: AsyncClient) -> None:
    life = await executed(hub)
    pause = {"date": "2026-03-31", "motif": "Travaux"}
    assert await life.refused("suspension", pause) == {("MAR-ETAPE-DATES", "$.date")}
    assert await life.refused("suspension", {**pause, "date": "2028-04-01"}) == {("MAR-APRES-FIN", "$.date")}
    await life.done("suspension", {**pause, "date": "2026-07-01"})
    assert await life.refused("reprise", {"date": "2026-06-30"}) == {("MAR-ETAPE-DATES", "$.date")}
    assert await life.refused("reprise", {"date": "2028-04-01"}) == {("MAR-APRES-FIN", "$.date")}
    await life.done("reprise", {"date": "2026-07-15"})
    assert await life.refused("suspension", {**pause, "date": "2026-07-14"}) == {("MAR-ETAPE-DATES", "$.date")}


# --- ends -------------------------------------------------------------------------------------------------------------


async def test_the_term_is_seen_by_the_clock_only(hub: AsyncClient, clock: ManualClock) -> None:
    life = await executed(hub)
    clock.set(datetime(2028, 3, 31, 23, 59, tzinfo=UTC))
    assert await life.refused("echeance") == {("MAR-ECHEANCE-FUTURE", "$")}
    clock.set(datetime(2028, 4, 1, tzinfo=UTC))
    assert (await life.done("echeance"))["statut"] == "echu"


async def test_a_tacit_renewal_is_said_before_the_term(hub: AsyncClient, clock: ManualClock) -> None:
    life = await renewable(hub)
    clock.set(datetime(2027, 3, 1, tzinfo=UTC))
    assert await life.refused("echeance") == {("MAR-ECHEANCE-RECONDUCTION", "$")}


async def test_an_express_renewal_not_decided_has_not_happened(hub: AsyncClient, clock: ManualClock) -> None:
    life = await renewable(hub, "03")
    clock.set(datetime(2027, 3, 1, tzinfo=UTC))
    assert (await life.done("echeance"))["statut"] == "echu"


@pytest.mark.parametrize(
    ("motif", "basis"),
    [
        ("force majeure", "art. L.2195-2 CCP"),
        ("faute du titulaire", "art. L.2195-3 1° CCP"),
        ("exclusion", "art. L.2195-4 CCP"),
        ("accord", "hypothèse"),
    ],
)
async def test_a_marche_ends_early_for_a_reason_and_its_basis(
    hub: AsyncClient, events: RecordedEvents, motif: str, basis: str
) -> None:
    life = await notified(hub)
    body = {"motif": motif, "dateEffet": "2026-12-31", "explication": "Fermeture du site"}
    ended = await life.done("resiliation", body)
    assert ended["resiliation"] == body
    assert (ended["statut"], ended["dateFin"]) == ("resilie", "2028-02-29")
    said = MarchePayload.model_validate(events[-1].data)
    assert said.motif is not None
    assert said.motif.startswith(f"{motif} ({basis}")
    assert (said.dateEffet, said.marche.statut) == (date(2026, 12, 31), "resilie")


async def test_a_marche_does_not_end_before_what_happened_nor_after_its_term(hub: AsyncClient) -> None:
    life = await notified(hub)
    body = {"motif": "accord", "dateEffet": "2026-02-28", "explication": "Fermeture"}
    assert await life.refused("resiliation", body) == {("MAR-ETAPE-DATES", "$.dateEffet")}
    assert await life.refused("resiliation", {**body, "dateEffet": "2028-03-01"}) == {("MAR-APRES-FIN", "$.dateEffet")}
    await life.done("demarrage", {"dateDebut": "2026-04-01"})
    await life.done("suspension", {"date": "2026-07-01", "motif": "Travaux"})
    answer = await life.ask("resiliation", {**body, "dateEffet": "2026-06-30"})
    assert "la suspension (2026-07-01)" in answer.json()["detail"]


async def test_a_framework_ends_with_a_warning_and_is_closed_after_its_subsequent_marches(
    hub: AsyncClient, known: Services
) -> None:
    framework = await notified(hub)
    subsequent = await recorded(hub, id="MS1", titulaires=[{"typeIdentifiant": "SIRET", "id": FICTIMED}])
    table = table_of(Marche)
    with known.database.write() as unit:
        unit.connection.execute(
            update(table).where(table.c.uid == subsequent.uid).values(accord_cadre_uid=framework.uid)
        )
    ended = await framework.done(
        "resiliation", {"motif": "accord", "dateEffet": "2026-12-31", "explication": "Fermeture"}
    )
    (warning,) = [one for one in ended["avertissements"] if one["regle"] == "MAR-RESILIATION-SUBSEQUENTS"]
    assert "MS1" in warning["message"]
    assert await framework.refused("solde", {"date": "2027-01-31"}) == {("MAR-SOLDE-SUBSEQUENTS", "$")}
    await subsequent.done("sans-suite", {"date": "2026-12-01", "motif": "Plus d'accord-cadre"})
    assert await framework.refused("solde", {"date": "2026-12-30"}) == {("MAR-ETAPE-DATES", "$.date")}
    assert (await framework.done("solde", {"date": "2026-12-31"}))["statut"] == "solde"


async def test_a_marche_is_not_closed_before_its_term(hub: AsyncClient, clock: ManualClock) -> None:
    life = await executed(hub)
    clock.set(datetime(2028, 5, 1, tzinfo=UTC))
    await life.done("echeance")
    assert await life.refused("solde", {"date": "2028-03-30"}) == {("MAR-ETAPE-DATES", "$.date")}


def test_rules_have_distinct_ids_a_sentence_and_a_source() -> None:
    declared = [value for module in (rules, projet_rules) for value in vars(module).values() if isinstance(value, Rule)]
    assert len({rule.id for rule in declared}) == len(declared) > 25
    for rule in declared:
        assert rule.id.startswith("MAR-")
        assert rule.message.endswith(".")
        assert rule.source
