"""What the planning asks of marchés: one of them, and those that end soon, in the caller's perimeter only."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL, Caller, Role
from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.marches.connus import MarchesEnVigueur
from semaphore_hub.modules.marches.lifecycle import AVANT_ATTRIBUTION, Statut
from semaphore_hub.modules.marches.models import Marche
from semaphore_hub.modules.marches.projets.schemas import NouveauProjet
from semaphore_hub.modules.marches.schemas import NouveauMarche
from semaphore_hub.ports.marches import MarcheConnu
from tests.modules.marches.projets.life import projet
from tests.modules.samples import PARTIE, SUPPORT, marche

VOISIN = Caller("acheteur-fictif", Role.ACHETEUR, frozenset({"FIC-02"}))
DU_GHT = Caller("acheteur-fictif", Role.ACHETEUR, frozenset({"FIC-01"}))
CONNUS = MarchesEnVigueur()
_marche = table_of(Marche)


def recorded(services: Services, statut: str, fin: date | None, **changes: Any) -> str:
    """A marché recorded, then put at a status with a last day."""
    with services.database.write() as unit:
        found = services.marches.creer(unit, LOCAL, NouveauMarche.model_validate(marche(**changes)))
        values = {"statut": statut, "date_fin": fin}
        unit.connection.execute(update(_marche).where(_marche.c.uid == found.uid).values(values))
    return found.uid


def test_a_marche_is_known_with_what_a_project_takes_from_it(known: Services) -> None:
    uid = recorded(
        known, "en_execution", date(2026, 12, 31), id="DM007", beneficiaires=[{"id": PARTIE}, {"id": SUPPORT}]
    )
    with known.database.read() as connection:
        found = CONNUS.connu(connection, DU_GHT, uid)
        assert CONNUS.connu(connection, VOISIN, uid) is None
    assert found == MarcheConnu(
        uid=uid,
        id="DM007",
        ght="FIC-01",
        objet="Fourniture de dispositifs médicaux stériles",
        code_cpv="33140000-3",
        type_achat="fournitures",
        montant=Decimal("200000.00"),
        duree_mois=24,
        statut="en_execution",
        date_fin=date(2026, 12, 31),
        # In the order they were given, not that of their numbers.
        beneficiaires=(PARTIE, SUPPORT),
    )


def test_nothing_is_known_of_what_does_not_exist_or_is_still_a_need(known: Services) -> None:
    with known.database.write() as unit:
        need = known.projets.creer(unit, LOCAL, NouveauProjet.model_validate(projet(id="DM008")))
    given_up = recorded(known, "sans_suite", None)
    with known.database.read() as connection:
        for uid in (need.uid, given_up, "019a8f2e-5b7c-7d31-8f4e-2a6b9c0d1e3f"):
            assert CONNUS.connu(connection, LOCAL, uid) is None


@pytest.mark.parametrize("statut", sorted(Statut))
def test_only_a_living_marche_has_an_expiry_to_prepare(embedded: Services, statut: Statut) -> None:
    uid = recorded(embedded, statut.value, date(2026, 6, 30))
    with embedded.database.read() as connection:
        ending = CONNUS.echeances(connection, LOCAL, date(2026, 7, 1), limit=10, after=None)
        known = CONNUS.connu(connection, LOCAL, uid)
    living = statut in {Statut.NOTIFIE, Statut.EN_EXECUTION, Statut.SUSPENDU}
    assert [one.uid for one in ending] == ([uid] if living else [])
    # A project may renew a marché that is over; it may not renew a need.
    assert (known is not None) is (statut not in AVANT_ATTRIBUTION)


def test_expiries_are_those_strictly_before_the_day_page_by_page(known: Services) -> None:
    ends = [date(2026, 6, 29), date(2026, 6, 30), date(2026, 7, 1), date(2025, 1, 1), None]
    uids = [recorded(known, "notifie", fin, id=f"DM10{rank}") for rank, fin in enumerate(ends)]
    expected = sorted([uids[0], uids[1], uids[3]])
    with known.database.read() as connection:
        assert CONNUS.echeances(connection, VOISIN, date(2026, 7, 1), limit=10, after=None) == []
        whole = CONNUS.echeances(connection, DU_GHT, date(2026, 7, 1), limit=10, after=None)
        first = CONNUS.echeances(connection, DU_GHT, date(2026, 7, 1), limit=2, after=None)
        second = CONNUS.echeances(connection, DU_GHT, date(2026, 7, 1), limit=2, after=first[-1].uid)
    assert [one.uid for one in whole] == expected
    assert [*first, *second] == whole
    assert {one.uid: one.beneficiaires for one in whole} == dict.fromkeys(expected, (SUPPORT,))
