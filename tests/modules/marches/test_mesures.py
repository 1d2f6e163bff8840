"""What the indicators read of marchés and of mandats."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import update

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.marches.mesures import MesuresMarches, operateur_de, siren_de
from semaphore_hub.modules.marches.schemas import MarcheImporte
from semaphore_hub.modules.referentiel.models import Etablissement
from semaphore_hub.ports.mesures import DepenseMesuree, MarcheMesure
from tests.modules.flux import MANDAT, PARTENAIRE, lines, prepare, send
from tests.modules.marches.execution.lives import notified
from tests.modules.samples import FICTIMED, NOTIFICATION, PARTIE, PHARMAFICTIF, SUPPORT, marche

PORT = MesuresMarches()


def measured(services: Services, uid: str) -> MarcheMesure:
    with services.database.read() as connection:
        found = PORT.marche(connection, uid)
    assert found is not None
    return found


def imported(services: Services, *completed: str, **changes: Any) -> str:
    donnees = MarcheImporte.model_validate(marche(**{**NOTIFICATION, **changes}))
    with services.database.write() as unit:
        return services.marches.importer(unit, LOCAL, donnees, list(completed), []).uid


def test_a_marche_says_what_is_known_of_it(known: Services) -> None:
    uid = imported(
        known,
        titulaires=[
            {"typeIdentifiant": "SIRET", "id": PHARMAFICTIF, "role": "titulaire"},
            {"typeIdentifiant": "SIRET", "id": FICTIMED, "role": "co-traitant"},
        ],
        typeGroupementOperateurs="Conjoint",
        considerationsSociales=["Pas de considération sociale"],
        beneficiaires=[{"id": SUPPORT}, {"id": PARTIE}],
    )
    assert measured(known, uid) == MarcheMesure(
        uid=uid,
        version=2,
        ght="FIC-01",
        etablissement_siret=SUPPORT,
        id="DM001",
        objet="Fourniture de dispositifs médicaux stériles",
        code_cpv="33140000-3",
        operateur="ght",
        statut="notifie",
        procedure="Appel d'offres ouvert",
        date_lancement=None,
        date_attribution=None,
        date_notification=date(2026, 3, 1),
        date_fin=date(2028, 2, 29),
        montant_cents=20_000_000,
        montant_max_cents=20_000_000,
        consomme_cents=0,
        offres_recues=4,
        sirens=(PHARMAFICTIF[:9], FICTIMED[:9]),
        environnement=True,
        social=False,
        beneficiaires=2,
    )


def test_what_an_import_completed_is_not_known(embedded: Services) -> None:
    found = measured(
        embedded,
        imported(
            embedded,
            "offresRecues",
            "considerationsSociales",
            "considerationsEnvironnementales",
            techniques=["Sans objet"],
            considerationsEnvironnementales=["Pas de considération environnementale"],
        ),
    )
    assert (found.offres_recues, found.social, found.environnement) == (None, None, None)
    assert found.procedure == "Appel d'offres ouvert"
    # Another marché than a framework has an amount, not a maximum.
    assert (found.montant_cents, found.montant_max_cents) == (20_000_000, None)


async def test_a_need_is_no_marche_until_its_attribution(client: AsyncClient, known: Services) -> None:
    uid = await notified(client)
    with known.database.read() as connection:
        assert PORT.uids(connection) == [uid]
        assert PORT.marche(connection, "0" * 36) is None
        assert [one.uid for one in PORT.marches(connection, ["0" * 36, uid])] == [uid]


@pytest.mark.parametrize(
    ("acheteur", "operateur"),
    [
        ("UniHA (simulée)", "uniha"),
        ("GIP Resah", "resah"),
        ("UGAP", "ugap"),
        ("CH Fictif de Valmont", "ght"),
        ("CH de Resahville", "ght"),
        (None, "ght"),
    ],
)
def test_a_cooperative_is_known_by_its_name(acheteur: str | None, operateur: str) -> None:
    assert operateur_de(acheteur) == operateur


@pytest.mark.parametrize(
    ("kind", "number", "siren"),
    [
        ("SIRET", FICTIMED, FICTIMED[:9]),
        ("TVA", "FR32123456789", "123456789"),
        ("TVA", "DE123456789", ""),
        ("RIDET", "123456789", ""),
    ],
)
def test_a_siren_is_read_in_an_identifier(kind: str, number: str, siren: str) -> None:
    assert siren_de(kind, number) == siren


async def test_mandats_say_what_their_marche_gives_them(client: AsyncClient, known: Services) -> None:
    uid = await notified(client, beneficiaires=[{"id": SUPPORT}, {"id": PARTIE}])
    prepare(known)
    off = {"numeroMandat": "8813", "numeroMarche": None, "numeroCommande": None}
    send(known, "mandats", lines(MANDAT, {}, off))
    with known.database.read() as connection:
        found = PORT.depenses_du_flux(connection, PARTENAIRE, "GEF-0001")
        on, out = sorted(found, key=lambda one: one.reference)
        assert on == DepenseMesuree(
            uid=on.uid,
            annee=2026,
            date=date(2026, 5, 20),
            ght="FIC-01",
            etablissement_siret=SUPPORT,
            compte="60221",
            numero_marche="2026-DM001-00",
            marche_uid=uid,
            code_cpv="33140000-3",
            operateur="ght",
            mutualise=True,
            hors_marche=None,
            reference="8812/1",
            montant_ht_cents=8_750,
            montant_ttc_cents=10_500,
        )
        assert (out.marche_uid, out.code_cpv, out.operateur, out.mutualise) == (None, None, "ght", False)
        assert (out.hors_marche, out.reference) == ("sans_numero", "8813/1")
        assert PORT.depenses_du_flux(connection, "another", "GEF-0001") == []
        assert PORT.depenses_du_marche(connection, uid) == [on]
        pages = [PORT.depenses(connection, after, 1) for after in ("", *(one.uid for one in found))]
    assert pages == [[found[0]], [found[1]], []]


async def test_the_marche_of_a_cooperative_is_shared_by_nature(client: AsyncClient, known: Services) -> None:
    uid = await notified(client)
    table = table_of(Etablissement)
    with known.database.write() as unit:
        unit.connection.execute(update(table).where(table.c.siret == SUPPORT).values(nom="UniHA (fictive)"))
    prepare(known)
    send(known, "mandats", [MANDAT])
    with known.database.read() as connection:
        (paid,) = PORT.depenses_du_marche(connection, uid)
    assert (paid.operateur, paid.mutualise, measured(known, uid).operateur) == ("uniha", True, "uniha")
