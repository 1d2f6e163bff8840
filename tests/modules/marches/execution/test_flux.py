"""Orders, receipts and payments as the GEF sends them: once, replaced when changed, counted on their marché."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from httpx import AsyncClient

import contracts
from semaphore_hub.api.dependencies import Services
from semaphore_hub.modules.marches.alertes.regles import CodeAlerte
from semaphore_hub.modules.marches.execution.flux.lignes import LigneCommande, LigneMandat, LigneReception
from semaphore_hub.modules.referentiel.gef.lignes import (
    Enveloppe,
    Ligne,
    LigneCompte,
    LigneFournisseur,
    LigneStructure,
)
from semaphore_hub.ports.events import MARCHE_CONSOMME
from tests.modules.fakes import RecordedEvents
from tests.modules.flux import COMMANDE, MANDAT, PARTENAIRE, RECEPTION, lines, prepare, said, send
from tests.modules.marches.execution.lives import notified
from tests.modules.samples import SUPPORT


async def totals(client: AsyncClient, uid: str) -> tuple[str, str, str]:
    """Orders, payments and consumption of a marché."""
    found = (await client.get(f"/v1/marches/{uid}/consommations")).json()["totaux"]
    assert (await client.get(f"/v1/marches/{uid}")).json()["consomme"] == found["consomme"]
    return found["bonsDeCommande"], found["mandats"], found["consomme"]


async def listed(client: AsyncClient, path: str) -> list[dict[str, Any]]:
    """Items of a list."""
    answer = await client.get(f"/v1/marches/{path}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_from_the_order_to_the_payment(known: Services, client: AsyncClient, events: RecordedEvents) -> None:
    uid = await notified(client)
    prepare(known)
    events.clear()
    free = {"ligneCommande": 2, "montantHT": "0", "montantTTC": "0", "libelle": "Échantillon gratuit"}
    assert send(known, "commandes", lines(COMMANDE, {}, free)).verdict == "accepte"
    assert send(known, "receptions", [RECEPTION]).verdict == "accepte"
    assert said(send(known, "mandats", [MANDAT])) == [(1, "accepte", None)]
    assert await totals(client, uid) == ("87.50", "87.50", "87.50")
    # One event for each flow that consumes, whatever its lines.
    assert [(event.type, event.version, event.data["dateEffet"]) for event in events] == [
        (MARCHE_CONSOMME, 3, "2026-04-15"),
        (MARCHE_CONSOMME, 4, "2026-05-20"),
    ]
    assert events[0].data["motif"] == (
        f"Flux GEF-0001 ({PARTENAIRE}) : 1 écriture(s), 87.50 euros HT consommés en tout"
    )
    order, gift = await listed(client, f"{uid}/commandes")
    assert (order["quantite"], order["prixUnitaireHT"], order["montantTTC"]) == ("1000", "0.0875", "105.00")
    assert (order["marche"], order["horsMarche"], order["version"], order["etablissement"]) == (uid, None, 1, SUPPORT)
    assert gift["montantHT"] == "0.00"
    (receipt,) = await listed(client, f"{uid}/receptions")
    assert (receipt["numeroReception"], receipt["ligneCommande"], receipt["quantite"]) == ("R-77", 1, "600")
    (payment,) = await listed(client, f"{uid}/mandats")
    assert (payment["numeroMarche"], payment["montantTVA"], payment["marche"]) == ("2026-DM001-00", "17.50", uid)


async def test_the_same_again_has_no_effect_and_a_change_replaces(
    known: Services, client: AsyncClient, events: RecordedEvents
) -> None:
    uid = await notified(client)
    prepare(known)
    for kind, line in (("commandes", COMMANDE), ("mandats", MANDAT), ("receptions", RECEPTION)):
        send(known, kind, [line])
    events.clear()
    later = {"emisLe": "2026-05-02T10:00:00Z", "idFlux": "GEF-0002"}
    for kind, line in (("commandes", COMMANDE), ("mandats", MANDAT), ("receptions", RECEPTION)):
        assert said(send(known, kind, [line], **later)) == [(1, "accepte", None)]
    assert events == []
    assert (await listed(client, f"{uid}/commandes"))[0]["idFlux"] == "GEF-0001"
    changed = {**COMMANDE, "montantHT": "100.00", "quantite": "1100.0"}
    assert send(known, "commandes", [changed], **later).verdict == "accepte"
    assert send(known, "receptions", [{**RECEPTION, "quantite": "700"}], **later).verdict == "accepte"
    assert await totals(client, uid) == ("100.00", "87.50", "100.00")
    assert len(events) == 1
    (order,) = await listed(client, f"{uid}/commandes")
    assert (order["version"], order["montantHT"], order["quantite"], order["idFlux"]) == (
        2,
        "100.00",
        "1100",
        "GEF-0002",
    )
    (former,) = order["anterieures"]
    assert (former["version"], former["idFlux"], former["remplaceePar"]) == (1, "GEF-0001", "GEF-0002")
    assert (former["contenu"]["montant_ht_cents"], former["contenu"]["date"]) == (8750, "2026-04-15")
    assert (await listed(client, f"{uid}/receptions"))[0]["quantite"] == "700"
    stale = send(known, "commandes", [{**COMMANDE, "montantHT": "1.00"}], emisLe="2026-05-01T09:00:00Z")
    assert said(stale) == [(1, "accepte", "FLU-ANTERIEUR")]
    free = {**changed, "montantHT": "0", "montantTTC": "0"}
    send(known, "commandes", [free], emisLe="2026-05-03T10:00:00Z")
    assert await totals(client, uid) == ("0.00", "87.50", "87.50")


async def test_a_line_goes_from_a_marche_to_another(known: Services, client: AsyncClient) -> None:
    first, second = await notified(client), await notified(client, id="DM002")
    prepare(known)
    send(known, "commandes", [COMMANDE])
    send(known, "receptions", [RECEPTION])
    moved = {**COMMANDE, "numeroMarche": "2026DM002"}
    assert send(known, "commandes", [moved], emisLe="2026-05-02T10:00:00Z").verdict == "accepte"
    assert (await totals(client, first))[0] == "0.00"
    assert (await totals(client, second))[0] == "87.50"
    assert await listed(client, f"{first}/commandes") == await listed(client, f"{first}/receptions") == []
    assert len(await listed(client, f"{second}/receptions")) == 1


async def test_payments_off_contract_are_kept_until_their_marche_is_known(known: Services, client: AsyncClient) -> None:
    prepare(known)
    bare = {"numeroMarche": None, "numeroCommande": None}
    answer = send(known, "mandats", lines(MANDAT, {}, {**bare, "ligneMandat": 2, "montantHT": "10.00"}))
    assert (answer.verdict, said(answer)) == (
        "accepte",
        [(1, "accepte", "FLU-HORS-MARCHE"), (2, "accepte", "FLU-HORS-MARCHE")],
    )
    assert "aucun marché de l'établissement ne porte le numéro 2026-DM001-00" in (answer.lignes[0].libelle or "")
    page = (await client.get("/v1/marches/mandats-hors-marche?limit=1")).json()
    assert page["totaux"] == {"nombre": 2, "montantHT": "97.50"}
    assert (page["items"][0]["horsMarche"], page["items"][0]["marche"]) == ("inconnu", None)
    rest = (await client.get(f"/v1/marches/mandats-hors-marche?limit=1&cursor={page['next']}")).json()
    assert [one["horsMarche"] for one in rest["items"]] == ["sans_numero"]
    for query, count in (
        ("motif=inconnu", 1),
        (f"etablissement={SUPPORT}&depuis=2026-05-20&avant=2026-05-21", 2),
        ("depuis=2026-05-21", 0),
    ):
        found = (await client.get(f"/v1/marches/mandats-hors-marche?{query}")).json()
        assert found["totaux"]["nombre"] == len(found["items"]) == count, query
    uid = await notified(client)
    assert said(send(known, "mandats", [MANDAT], emisLe="2026-06-01T10:00:00Z")) == [(1, "accepte", None)]
    assert (await totals(client, uid))[1] == "87.50"
    assert (await client.get("/v1/marches/mandats-hors-marche")).json()["totaux"]["nombre"] == 1


async def test_a_payment_follows_its_order_when_it_names_no_marche(known: Services, client: AsyncClient) -> None:
    uid = await notified(client)
    prepare(known)
    send(known, "commandes", [COMMANDE])
    answer = send(known, "mandats", lines(MANDAT, {"numeroMarche": None}, {"numeroMarche": "?", "ligneMandat": 2}))
    assert said(answer) == [(1, "accepte", None), (2, "accepte", None)]
    assert (await totals(client, uid))[1] == "175.00"


async def test_beyond_the_maximum_an_order_is_recorded_and_an_alert_says_so(
    known: Services, client: AsyncClient
) -> None:
    uid = await notified(client)
    prepare(known)
    answer = send(known, "commandes", [{**COMMANDE, "montantHT": "200000.01", "montantTTC": "240000.01"}])
    assert said(answer) == [(1, "accepte", None)]
    assert (await totals(client, uid))[2] == "200000.01"
    await client.post("/v1/marches/alertes/evaluation", json={"jour": "2026-05-04"})
    alerts = (await client.get(f"/v1/marches/alertes?marche={uid}&code={CodeAlerte.CONSOMMATION}")).json()["items"]
    assert [one["message"][:5] for one in alerts] == ["100 %", "90 % ", "80 % "]


async def test_what_is_cancelled_is_taken_off(known: Services, client: AsyncClient) -> None:
    uid = await notified(client)
    prepare(known)
    refund = {"montantHT": "-20.00", "montantTVA": "-4.00", "montantTTC": "-24.00", "ligneMandat": 2}
    send(known, "mandats", lines(MANDAT, {}, refund))
    assert await totals(client, uid) == ("0.00", "67.50", "67.50")
    back = {"ligneCommande": 2, "quantite": "-5", "montantHT": "-100.00", "montantTTC": "-120.00"}
    assert send(known, "commandes", lines(COMMANDE, {}, back)).verdict == "accepte"
    assert await totals(client, uid) == ("-12.50", "67.50", "67.50")
    assert [one["montantHT"] for one in await listed(client, f"{uid}/mandats")] == ["87.50", "-20.00"]
    send(known, "mandats", lines(MANDAT, {"ligneMandat": 3, "montantHT": "-100.00"}))
    assert await totals(client, uid) == ("-12.50", "-32.50", "0.00")


async def test_the_same_flows_sent_at_once_count_once(known: Services, client: AsyncClient) -> None:
    uids = [await notified(client, id=f"DM00{rank}") for rank in range(1, 5)]
    prepare(known)
    numbers = [{"numeroMarche": f"DM00{rank}", "ligneMandat": rank, "ligneCommande": rank} for rank in range(1, 5)]
    orders = lines(COMMANDE, *({k: v for k, v in one.items() if k != "ligneMandat"} for one in numbers))
    payments = lines(MANDAT, *({k: v for k, v in one.items() if k != "ligneCommande"} for one in reversed(numbers)))

    def deposit(rank: int) -> str:
        kind, found = (("commandes", orders), ("mandats", payments))[rank % 2]
        return send(known, kind, found).verdict

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(deposit, range(8))) == {"accepte"}
    assert {await totals(client, uid) for uid in uids} == {("87.50", "87.50", "87.50")}


EXAMPLES = sorted(Path(contracts.__file__).parent.glob("gef/flux-json/1/examples/valid/*.json"))
MODELS: dict[str, type[Ligne]] = {
    "structures": LigneStructure,
    "comptes": LigneCompte,
    "fournisseurs": LigneFournisseur,
    "commandes": LigneCommande,
    "receptions": LigneReception,
    "mandats": LigneMandat,
}


def test_every_line_of_the_valid_examples_of_the_contract_is_read() -> None:
    read = Counter[str]()
    for path in EXAMPLES:
        envelope = Enveloppe.model_validate(json.loads(path.read_text("utf-8")))
        for line in envelope.lignes:
            MODELS[envelope.typeFlux].model_validate(line)
            read[envelope.typeFlux] += 1
    assert set(read) == set(MODELS)
