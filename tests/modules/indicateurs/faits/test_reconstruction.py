"""A rebuild finds what the events gave, and leaves the lines of imported files alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from httpx import AsyncClient
from sqlalchemy import delete, insert, select, update

from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.referentiel.models import Etablissement
from semaphore_hub.modules.referentiel.schemas import NouveauRattachement
from tests.modules.flux import MANDAT, lines, prepare
from tests.modules.indicateurs.faits.situations import ACTION, FAITS, OFF, PROJET, Monde, put, read
from tests.modules.marches.execution.lives import notified
from tests.modules.samples import MODIFICATION, PARTIE, SUPPORT
from tests.modules.world import change


async def test_read_little_by_little_or_all_anew_the_facts_are_the_same(monde: Monde, api: AsyncClient) -> None:
    uid = await notified(api)
    prepare(monde.services)
    monde.mandats(lines(MANDAT, {}, OFF), "GEF-1")
    put(monde, "p", replace(ACTION, uid="a"), replace(ACTION, uid="b", annee=2027))
    put(monde, "q", replace(ACTION, uid="c", operateur="ght"))
    monde.projets.held["r"] = replace(PROJET, uid="r")
    monde.noter("planification/r")
    read(monde)
    # An amendment, an action given up, a mandat sent again, a marché more, an établissement that leaves.
    assert (await change(api, uid, "modifications", MODIFICATION, 3)).status_code == 201
    put(monde, "p", replace(ACTION, uid="b", annee=2027, gain_retenu_cents=0, exclue=True, controle="Q2"))
    monde.mandats(
        lines(MANDAT, {"montantHT": "100.00", "montantTVA": "20.00", "montantTTC": "120.00"}),
        "GEF-2",
        emisLe="2026-06-01T10:00:00Z",
    )
    other = await notified(api, id="DM002", beneficiaires=[{"id": SUPPORT}, {"id": PARTIE}])
    table = table_of(Etablissement)
    with monde.database.write() as unit:
        partie = unit.connection.execute(select(table.c.uid).where(table.c.siret == PARTIE)).scalar_one()
        moved = NouveauRattachement.model_validate({"ght": "FIC-02", "role": "partie", "dateDebut": "2026-07-01"})
        monde.services.referentiel.rattacher(unit, LOCAL, partie, 1, moved)
    monde.projets.held["r"] = replace(PROJET, uid="r", statut="dce", marche_renouvele_uid=other)
    monde.noter("planification/r")
    read(monde)
    before, revisions = monde.tout(), monde.revisions()
    assert {name: len(rows) for name, rows in before.items()} == {
        "indicateur_action": 2,
        "indicateur_depense": 2,
        "indicateur_marche": 2,
        "indicateur_projet": 1,
    }
    # A rebuild that finds the same writes nothing.
    done = monde.faits.reconstruire(LOCAL)
    assert (done.actions, done.marches, done.projets, done.depenses) == (2, 2, 1, 2)
    assert (monde.tout(), monde.revisions()) == (before, revisions)
    monde.oublier()
    monde.faits.reconstruire(LOCAL)
    assert monde.tout() == before


def test_a_rebuild_takes_away_what_is_no_more_and_leaves_files_alone(embarque: Monde) -> None:
    put(embarque, "p", replace(ACTION, uid="a"))
    embarque.projets.held["q"] = replace(PROJET, uid="q")
    embarque.noter("planification/q")
    read(embarque)
    imported = {**embarque.table("action")[0], "uid": "i1:1", "source": "import", "sujet": None}
    with embarque.database.write() as unit:
        unit.connection.execute(insert(FAITS["indicateur_action"]).values(imported))
    embarque.plans.held.clear()
    embarque.projets.held.clear()
    done = embarque.faits.reconstruire(LOCAL)
    assert (done.actions, done.projets) == (0, 0)
    assert embarque.table("action") == [imported]
    assert embarque.table("projet") == []


def test_a_rebuild_reads_mandats_page_by_page(embarque: Monde, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("semaphore_hub.modules.indicateurs.faits.reconstruction._LINES", 2)
    prepare(embarque.services)
    embarque.mandats(lines(MANDAT, *({**OFF, "numeroMandat": str(9000 + rank)} for rank in range(5))), "GEF-1")
    read(embarque)
    before = embarque.table("depense")
    assert len(before) == 5
    table = FAITS["indicateur_depense"]
    with embarque.database.write() as unit:
        unit.connection.execute(delete(table).where(table.c.uid.in_([before[0]["uid"], before[4]["uid"]])))
        unit.connection.execute(update(table).where(table.c.uid == before[2]["uid"]).values(montant_ht_cents=1))
        ghosts = [{**before[0], "uid": uid} for uid in (before[1]["uid"] + "x", "z")]
        unit.connection.execute(insert(table), ghosts)
    assert embarque.faits.reconstruire(LOCAL).depenses == 5
    assert embarque.table("depense") == before
