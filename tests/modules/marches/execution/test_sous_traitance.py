"""Subcontracting acts (DC4) and their modifications."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from httpx import AsyncClient

from semaphore_hub.modules.marches.execution.sous_traitance import MAX_ACTS, rounded_months
from semaphore_hub.ports.events import MARCHE_SOUS_TRAITANCE_DECLAREE, MARCHE_SOUS_TRAITANCE_MODIFIEE
from semaphore_hub.ports.payloads import MarchePayload
from tests.modules.fakes import RecordedEvents
from tests.modules.marches.execution.lives import HOLDER, SUBCONTRACTOR, done, notified, refused
from tests.modules.samples import FICTIMED, PHARMAFICTIF, siret
from tests.modules.world import change

ACT: dict[str, Any] = {
    "objet": "Stérilisation des plateaux",
    "sousTraitant": SUBCONTRACTOR,
    "titulaire": HOLDER,
    "montant": "12000.00",
    "montantTVA": "2400.00",
    "dureeMois": 1,
    "dureeJours": 14,
    "dateNotification": "2026-05-04",
    "datePublicationDonnees": "2026-07-04",
    "variationPrix": "Ferme",
    "paiementDirect": True,
}
MORE: dict[str, Any] = {
    "objet": "Plateaux supplémentaires",
    "dateNotificationModificationSousTraitance": "2026-09-01",
    "datePublicationDonnees": "2026-09-08",
    "montant": "15000.50",
}
STRANGER = {"typeIdentifiant": "SIRET", "id": siret("99988803")}
ACTS, CHANGES = "sous-traitances", "sous-traitances/1/modifications"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """SQLite alone: the operations run on both databases in ``test_whole_life``."""
    return sqlite_url


@pytest.mark.parametrize(
    ("months", "days", "rounded"), [(0, 20, 1), (1, 14, 2), (3, 0, 3), (0, 30, 1), (0, 31, 2), (0, 0, 0), (12, 1, 13)]
)
def test_a_duration_is_rounded_up_to_the_month(months: int, days: int, rounded: int) -> None:
    assert rounded_months(months, days) == rounded


async def test_an_act_is_numbered_and_said(client: AsyncClient, events: RecordedEvents) -> None:
    uid = await notified(client)
    after = await done(client, uid, ACTS, ACT)
    act = after["actesSousTraitance"][0]
    assert (act["id"], act["dureeMois"], act["idSousTraitant"], act["idTitulaire"]) == (1, 2, PHARMAFICTIF, FICTIMED)
    assert after["avertissements"] == []
    second = await done(client, uid, ACTS, {**ACT, "dateNotification": "2026-05-05"}, 3)
    assert [one["id"] for one in second["actesSousTraitance"]] == [1, 2]
    said = MarchePayload.model_validate(events[-1].data)
    assert (events[-1].type, said.numero, said.dateEffet) == (MARCHE_SOUS_TRAITANCE_DECLAREE, 2, date(2026, 5, 5))
    assert said.marche.actesSousTraitance[1].sousTraitant.denominationSociale == "Pharmafictif SA"


async def test_a_modification_gives_new_totals_and_their_difference(
    client: AsyncClient, events: RecordedEvents
) -> None:
    uid = await notified(client)
    await done(client, uid, ACTS, ACT)
    first = await done(client, uid, CHANGES, MORE, 3)
    assert first["modificationsActesSousTraitance"] == [
        {
            "id": 1,
            "numero": 1,
            "objet": "Plateaux supplémentaires",
            "dateNotificationModificationSousTraitance": "2026-09-01",
            "datePublicationDonnees": "2026-09-08",
            "dureeMois": None,
            "montant": "15000.50",
            "deltaMontant": "3000.50",
        }
    ]
    less = {**MORE, "montant": "10000", "dureeJours": 100}
    second = (await done(client, uid, CHANGES, less, 4))["modificationsActesSousTraitance"][1]
    assert (second["numero"], second["deltaMontant"], second["dureeMois"]) == (2, "-5000.50", 4)
    said = MarchePayload.model_validate(events[-1].data)
    assert (events[-1].type, said.numero) == (MARCHE_SOUS_TRAITANCE_MODIFIEE, 2)
    assert await refused(client, uid, CHANGES, less, 5) == {("MAR-ST-MODIFICATION-VIDE", "$")}
    # What counts against the holder's share is the act as it stands: 10000 of 200000.
    rest = {**ACT, "dateNotification": "2026-10-01", "datePublicationDonnees": "2026-10-02", "montantTVA": None}
    assert await refused(client, uid, ACTS, {**rest, "montant": "190000"}, 5) == {("MAR-ST-TOTALE", "$.montant")}
    await done(client, uid, ACTS, {**rest, "montant": "189999.99"}, 5)


REFUSALS: list[tuple[str, str, dict[str, Any]]] = [
    ("MAR-TITULAIRE", "$.sousTraitant.id", {"sousTraitant": STRANGER}),
    ("MAR-TITULAIRE-ABSENT", "$.titulaire.id", {"titulaire": STRANGER}),
    ("MAR-ST-TITULAIRE", "$.sousTraitant.id", {"sousTraitant": HOLDER}),
    ("MAR-ST-PLAFOND", "$.montant", {"montant": "200000.01"}),
    ("MAR-ST-TOTALE", "$.montant", {"montant": "200000"}),
    ("MAR-ST-PAIEMENT-DIRECT", "$.paiementDirect", {"montant": "500", "montantTVA": "100", "paiementDirect": False}),
    ("MAR-ST-AUTOLIQUIDATION", "$.montantTVA", {"autoliquidationTVA": True}),
    ("MAR-ST-MONTANT", "$.montant", {"montant": "0", "montantTVA": None}),
    ("MAR-ST-DUREE", "$.dureeMois", {"dureeMois": 0, "dureeJours": 0}),
    ("MAR-ST-DUREE", "$.dureeMois", {"dureeMois": 999, "dureeJours": 1}),
    ("MAR-EXECUTION-AVANT", "$.dateNotification", {"dateNotification": "2026-02-28"}),
    (
        "MAR-EXECUTION-APRES",
        "$.dateNotification",
        {"dateNotification": "2028-03-01", "datePublicationDonnees": "2028-03-01"},
    ),
    ("MAR-DATES-PUBLICATION", "$.datePublicationDonnees", {"datePublicationDonnees": "2026-05-03"}),
    ("MAR-DATE-PERIODE", "$.datePublicationDonnees", {"datePublicationDonnees": "2040-01-01"}),
]


async def test_what_an_act_is_refused_for(client: AsyncClient) -> None:
    uid = await notified(client)
    for rule, path, changes in REFUSALS:
        assert await refused(client, uid, ACTS, {**ACT, **changes}) == {(rule, path)}, changes
    under = {**ACT, "montant": "499.99", "montantTVA": "100.00", "paiementDirect": False, "dureeMois": 999}
    await done(client, uid, ACTS, {**under, "dureeJours": 0})
    earlier = {**ACT, "dateNotification": "2026-05-03"}
    assert await refused(client, uid, ACTS, earlier, 3) == {("MAR-ST-ORDRE", "$.dateNotification")}


MODIFICATIONS: list[tuple[str, str, dict[str, Any]]] = [
    ("MAR-ST-PLAFOND", "$.montant", {"montant": "200000.01"}),
    ("MAR-ST-TOTALE", "$.montant", {"montant": "200000"}),
    ("MAR-ST-MONTANT", "$.montant", {"montant": "0"}),
    ("MAR-ST-DUREE", "$.dureeMois", {"dureeMois": 0}),
    (
        "MAR-ST-ORDRE",
        "$.dateNotificationModificationSousTraitance",
        {"dateNotificationModificationSousTraitance": "2026-05-03"},
    ),
    ("MAR-DATES-PUBLICATION", "$.datePublicationDonnees", {"datePublicationDonnees": "2026-08-31"}),
    ("MAR-ST-MODIFICATION-VIDE", "$", {"montant": "12000", "dureeMois": 2}),
]


async def test_what_a_modification_is_refused_for(client: AsyncClient) -> None:
    uid = await notified(client)
    await done(client, uid, ACTS, ACT)
    for rule, path, changes in MODIFICATIONS:
        assert await refused(client, uid, CHANGES, {**MORE, **changes}, 3) == {(rule, path)}, changes
    assert (await change(client, uid, "sous-traitances/2/modifications", MORE, 3)).status_code == 404


async def test_an_act_that_grows_beyond_600_euros_is_paid_directly(client: AsyncClient) -> None:
    uid = await notified(client)
    small = {**ACT, "montant": "400", "montantTVA": "80", "paiementDirect": False}
    await done(client, uid, ACTS, small)
    # 500 HT at the same rate of tax make 600 TTC.
    grown = await refused(client, uid, CHANGES, {**MORE, "montant": "500"}, 3)
    assert grown == {("MAR-ST-PAIEMENT-DIRECT", "$.paiementDirect")}
    await done(client, uid, CHANGES, {**MORE, "montant": "499.99"}, 3)


async def test_each_holder_of_a_group_subcontracts_within_its_share(client: AsyncClient) -> None:
    third = {"typeIdentifiant": "SIRET", "id": siret("99988804"), "denominationSociale": "Tiersfictif SARL"}
    assert (await client.post("/v1/fournisseurs", json=third)).status_code == 201
    group = {
        "typeGroupementOperateurs": "Conjoint",
        "titulaires": [
            {**HOLDER, "montant": "150000"},
            {**SUBCONTRACTOR, "montant": "50000", "role": "co-traitant"},
        ],
    }
    uid = await notified(client, **group)
    own = {**ACT, "sousTraitant": {"typeIdentifiant": "SIRET", "id": third["id"]}, "titulaire": SUBCONTRACTOR}
    assert await refused(client, uid, ACTS, {**own, "montant": "50000"}) == {("MAR-ST-TOTALE", "$.montant")}
    await done(client, uid, ACTS, {**own, "montant": "49999"})
    await done(client, uid, ACTS, {**own, "montant": "149999", "titulaire": HOLDER}, 3)
    co_holder = {**ACT, "titulaire": HOLDER, "sousTraitant": SUBCONTRACTOR, "montant": "0.50"}
    assert ("MAR-ST-TITULAIRE", "$.sousTraitant.id") in await refused(client, uid, ACTS, co_holder, 4)


async def test_a_late_publication_of_an_act_is_a_warning(client: AsyncClient) -> None:
    uid = await notified(client)
    late = await done(client, uid, ACTS, {**ACT, "datePublicationDonnees": "2026-07-05"})
    assert [(item["regle"], item["champ"]) for item in late["avertissements"]] == [
        ("MAR-PUBLICATION-DELAI", "$.actesSousTraitance[0]")
    ]
    more = await done(client, uid, CHANGES, {**MORE, "datePublicationDonnees": "2026-11-02"}, 3)
    assert [item["champ"] for item in more["avertissements"]] == [
        "$.actesSousTraitance[0]",
        "$.modificationsActesSousTraitance[0]",
    ]


async def test_a_marche_carries_at_most_99_acts(client: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_ACTS == 99
    monkeypatch.setattr("semaphore_hub.modules.marches.execution.sous_traitance.MAX_ACTS", 1)
    uid = await notified(client)
    await done(client, uid, ACTS, ACT)
    assert await refused(client, uid, ACTS, ACT, 3) == {("MAR-ST-NOMBRE", "$")}
    await done(client, uid, CHANGES, MORE, 3)
    assert await refused(client, uid, CHANGES, {**MORE, "montant": "16000"}, 4) == {("MAR-ST-NOMBRE", "$")}
