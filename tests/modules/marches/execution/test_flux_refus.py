"""Lines of orders, receipts and payments that are refused, each with its code; the others of the file are kept."""

from __future__ import annotations

from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import func, select, update

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import Caller, Role
from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.errors import NotFound
from semaphore_hub.modules.marches.execution.flux import vues
from semaphore_hub.modules.marches.execution.models import GefCommande, GefMandat
from semaphore_hub.modules.marches.models import Marche
from tests.modules.flux import COMMANDE, COMPTE, MANDAT, RECEPTION, TIERS, UF, lines, prepare, said, send
from tests.modules.marches.execution.lives import notified
from tests.modules.samples import PARTIE, siret
from tests.modules.world import recorded

UNKNOWN = siret("99988899")


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """SQLite alone: what is written runs on both databases in ``test_flux``."""
    return sqlite_url


REFUSED: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("commandes", COMMANDE, {"uf": "9999"}, "FLU-UF"),
    ("commandes", COMMANDE, {"uf": "4513"}, "FLU-UF-FERMEE"),
    ("commandes", COMMANDE, {"compte": "60222"}, "FLU-COMPTE"),
    ("commandes", COMMANDE, {"date": "2027-01-15"}, "FLU-COMPTE"),
    ("commandes", COMMANDE, {"compte": "60229"}, "FLU-COMPTE-FERME"),
    ("commandes", COMMANDE, {"numeroMarche": "2026DM009"}, "FLU-MARCHE"),
    ("commandes", COMMANDE, {"numeroMarche": "ABC"}, "FLU-MARCHE-AMBIGU"),
    ("commandes", COMMANDE, {"date": "2026-02-28"}, "MAR-CONSO-AVANT"),
    ("commandes", COMMANDE, {"numeroMarche": "ATTRIBUE"}, "MAR-ETAT"),
    ("commandes", COMMANDE, {"numeroMarche": "AILLEURS"}, "MAR-CONSO-ETABLISSEMENT"),
    ("commandes", COMMANDE, {"montantHT": "1.001"}, "FLU-FORME"),
    ("commandes", COMMANDE, {"montantHT": 87.5}, "FLU-FORME"),
    ("commandes", COMMANDE, {"prixUnitaireHT": "0.0000001"}, "FLU-FORME"),
    ("commandes", COMMANDE, {"date": "15/04/2026"}, "FLU-FORME"),
    ("receptions", RECEPTION, {"numeroCommande": "BC-0"}, "FLU-COMMANDE"),
    ("receptions", RECEPTION, {"ligneCommande": 9}, "FLU-COMMANDE"),
    ("mandats", MANDAT, {"fournisseur": {"id": UNKNOWN}}, "FLU-FOURNISSEUR"),
    ("mandats", MANDAT, {"exercice": 2025}, "FLU-COMPTE"),
    ("mandats", MANDAT, {"compte": "60229"}, "FLU-COMPTE-FERME"),
    ("mandats", MANDAT, {"date": "2026-02-28"}, "MAR-CONSO-AVANT"),
    ("mandats", MANDAT, {"rib": "x"}, "FLU-FORME"),
]


async def world(known: Services, client: AsyncClient) -> str:
    """A notified marché, others that cannot be ordered on, a closed UF and a closed account."""
    uid = await notified(client)
    for number, contract in (("AB-C", "2026ABC"), ("A-BC", "2026ABC2")):
        await notified(client, id=number, complements={"idContrat": contract})
    await recorded(client, id="ATTRIBUE")
    await notified(client, id="AILLEURS", beneficiaires=[{"id": PARTIE}])
    prepare(known)
    day = "2026-04-01T06:00:00Z"
    send(known, "structures", [{**UF, "codeUF": "4513", "actif": False}], emisLe=day)
    send(known, "comptes", [{**COMPTE, "compte": "60229", "ouvert": False}], emisLe=day)
    assert send(known, "commandes", [COMMANDE]).verdict == "accepte"
    return uid


async def test_each_bad_line_is_refused_alone(known: Services, client: AsyncClient) -> None:
    uid = await world(known, client)
    good: dict[str, dict[str, Any]] = {
        "commandes": {"ligneCommande": 2, "montantHT": "1.00"},
        "receptions": {},
        "mandats": {"numeroMandat": "1", "montantHT": "1.00"},
    }
    keys = {"commandes": "numeroCommande", "receptions": "numeroReception", "mandats": "numeroMandat"}
    for rank, (kind, base, changes, code) in enumerate(REFUSED):
        answer = send(known, kind, lines(base, {keys[kind]: f"N{rank}", **changes}, good[kind]))
        assert (answer.verdict, said(answer)) == (
            "partiel",
            [(1, "rejete", code), (2, "accepte", None)],
        ), (changes, answer)
        assert answer.lignes[0].libelle, changes
    found = (await client.get(f"/v1/marches/{uid}/consommations")).json()["totaux"]
    assert (found["bonsDeCommande"], found["mandats"]) == ("88.50", "1.00")
    with known.database.read() as connection:
        for model, count in ((GefCommande, 2), (GefMandat, 1)):
            assert connection.scalar(select(func.count()).select_from(table_of(model))) == count


async def test_a_change_that_is_refused_leaves_what_was_said(known: Services, client: AsyncClient) -> None:
    uid = await world(known, client)
    later = {"emisLe": "2026-05-02T10:00:00Z"}
    assert said(send(known, "commandes", [{**COMMANDE, "date": "2026-02-01"}], **later)) == [
        (1, "rejete", "MAR-CONSO-AVANT")
    ]
    (order,) = (await client.get(f"/v1/marches/{uid}/commandes")).json()["items"]
    assert (order["date"], order["version"]) == ("2026-04-15", 1)


async def test_an_account_closed_since_does_not_refuse_what_is_known(known: Services, client: AsyncClient) -> None:
    await world(known, client)
    bare = {"numeroMarche": None, "ligneCommande": 7}
    assert send(known, "commandes", lines(COMMANDE, bare)).verdict == "accepte"
    send(known, "comptes", [{**COMPTE, "ouvert": False}], emisLe="2026-05-02T06:00:00Z")
    answer = send(known, "commandes", lines(COMMANDE, {}, bare, {"ligneCommande": 8}), emisLe="2026-05-03T10:00:00Z")
    assert said(answer) == [(1, "accepte", None), (2, "accepte", None), (3, "rejete", "FLU-COMPTE-FERME")]
    page = (await client.get("/v1/marches/commandes-hors-marche")).json()
    assert [(one["ligneCommande"], one["horsMarche"]) for one in page["items"]] == [(7, "sans_numero")]
    assert page["totaux"] == {"nombre": 1, "montantHT": "87.50"}


async def test_a_third_party_of_the_gef_is_known(known: Services, client: AsyncClient) -> None:
    await world(known, client)
    send(known, "fournisseurs", [{**TIERS, "id": UNKNOWN}])
    assert said(send(known, "mandats", lines(MANDAT, {"fournisseur": {"id": UNKNOWN}}))) == [(1, "accepte", None)]
    closed = {**TIERS, "id": UNKNOWN, "actif": False}
    send(known, "fournisseurs", [closed], emisLe="2026-05-02T10:00:00Z")
    refused = send(known, "mandats", lines(MANDAT, {"ligneMandat": 2, "fournisseur": {"id": UNKNOWN}}))
    assert said(refused) == [(1, "rejete", "FLU-FOURNISSEUR")]


async def test_a_line_leaves_no_marche_that_is_settled(known: Services, client: AsyncClient) -> None:
    uid = await world(known, client)
    await notified(client, id="DM002")
    with known.database.write() as unit:
        marche = table_of(Marche)
        unit.connection.execute(update(marche).where(marche.c.uid == uid).values(statut="solde"))
    moved = send(known, "commandes", [{**COMMANDE, "numeroMarche": "DM002"}], emisLe="2026-05-02T10:00:00Z")
    assert said(moved) == [(1, "rejete", "MAR-ETAT")]
    same = send(known, "commandes", [COMMANDE], emisLe="2026-05-02T10:00:00Z")
    assert said(same) == [(1, "accepte", None)]


async def test_lists_stay_inside_the_perimeter(known: Services, client: AsyncClient) -> None:
    uid = await world(known, client)
    stranger = Caller("autre", Role.ACHETEUR, frozenset({"FIC-02"}))
    send(known, "mandats", lines(MANDAT, {"numeroMarche": None, "numeroCommande": None}))
    with known.database.read() as connection:
        for read in (vues.commandes_du_marche, vues.receptions_du_marche, vues.mandats_du_marche):
            with pytest.raises(NotFound):
                read(connection, stranger, uid, limit=5, after=None)
        items, totaux, _ = vues.mandats_hors_marche(connection, stranger, vues.FiltresHorsMarche(), limit=5, after=None)
    assert (items, totaux.nombre) == ([], 0)
    unknown = await client.get("/v1/marches/00000000-0000-7000-8000-000000000000/mandats")
    assert (unknown.status_code, unknown.headers["content-type"]) == (404, "application/problem+json")
