"""What the GEF send, by each channel: kept, counted on the marchés, answered; and what is broken changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from semaphore_hub.delivery.partners import FILE
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.modules.marches.execution.schemas import TotauxConsommation
from semaphore_hub.modules.referentiel.gef.vues import lister_comptes, lister_structures, lister_tiers
from tests.e2e.partners import Played, Way, degraded, kinds, manifest_of, nominal, played
from tests.e2e.partners_scenarios import NUMERO, renamed, started, supplier, suppliers
from tests.modules.samples import FICTIMED, PHARMAFICTIF, SUPPORT

FAMILY = [
    partner
    for partner in kinds("gef")
    if any(contract.startswith("gef/flux-") for one in manifest_of(partner).channels for contract in one.inbound)
]
"""The GEF of the common model: IDEO GELF sends no flux."""
WAYS = [way for partner in FAMILY for way in (nominal(partner), degraded(partner))]
_EMISSION = {"api": "api", "eai": "eai", FILE: "fichier"}
_ALL: Mapping[str, Any] = {"limit": 100, "after": None}


def opened(
    template: Path, folder: Path, clock: ManualClock, way: Way, **more: Any
) -> AbstractAsyncContextManager[Played]:
    """A hub and a GEF that knows two UF and one account."""
    known = {"structures": [_unit("1000"), _unit("2110")], "comptes": ["6022"]}
    return played(template, folder, clock, way, emission=_EMISSION[way.channel], **known)


def _unit(code: str) -> dict[str, str]:
    return {"codeUF": code, "libelle": f"Unité d'été n° {code}", "finessJuridique": "990780009", "pole": "Pôle fictif"}


class Gef:
    """What is asked of the GEF, and what the hub made of it."""

    def __init__(self, hub: Played) -> None:
        self.hub = hub

    async def emit(self, kind: str, mode: str | None = None) -> dict[str, Any]:
        """Send a flux; what the hub answers."""
        asked = {"typeFlux": kind} | ({"mode": mode} if mode else {})
        return await self.answer((await self.hub.control("POST", "emettre", asked))["idFlux"])

    async def order(self, **asked: Any) -> list[dict[str, Any]]:
        """Order, receive and pay on the marché; the answers to the three flux."""
        made = await self.hub.control("POST", "commander", {"numeroMarche": NUMERO, **asked})
        return [await self.answer(one["idFlux"]) for one in made["flux"]]

    async def answer(self, flux: str) -> dict[str, Any]:
        """The one compte rendu of the hub about a flux."""
        await self.hub.until(lambda: bool(self.hub.mock.snapshot()["flux"][flux]["comptesRendus"]), seconds=10)
        found = await self.hub.control("GET", "flux")
        [answer] = next(one["comptesRendus"] for one in found["flux"] if one["idFlux"] == flux)
        assert isinstance(answer, dict)
        return answer

    def units(self) -> list[str]:
        """UF that the hub knows."""
        with self.hub.services.database.read() as connection:
            return [one.codeUF for one in lister_structures(connection, LOCAL, SUPPORT, actives=True, **_ALL)[0]]

    def accounts(self) -> list[str]:
        """Accounts that the hub knows."""
        with self.hub.services.database.read() as connection:
            found, _ = lister_comptes(connection, LOCAL, SUPPORT, exercice=None, ouverts=True, **_ALL)
        return [one.compte for one in found]

    def third_parties(self) -> set[str]:
        """Identifiers under which the GEF's suppliers are linked to the hub's."""
        with self.hub.services.database.read() as connection:
            found, _ = lister_tiers(connection, LOCAL, SUPPORT, etat="lie", **_ALL)
        return {one.id for one in found}

    def consumed(self, uid: str) -> TotauxConsommation:
        """What was consumed on a marché."""
        with self.hub.services.database.read() as connection:
            _, totals, _ = self.hub.services.consommations.lister(connection, LOCAL, uid, **_ALL)
        return totals


@pytest.mark.parametrize("way", WAYS, ids=str)
async def test_what_a_gef_sends_is_kept_counted_and_answered(
    way: Way, sqlite_template: Path, tmp_path: Path, clock: ManualClock
) -> None:
    async with opened(sqlite_template, tmp_path / "hub", clock, way) as hub:
        gef = Gef(hub)
        await suppliers(hub)
        uid = started(hub)
        await hub.settled()
        answers = [await gef.emit(kind) for kind in ("structures", "comptes", "fournisseurs")]
        assert [(one["verdict"], len(one["lignes"])) for one in answers] == [("accepte", n) for n in (2, 1, 2)]
        assert (gef.units(), gef.accounts()) == (["1000", "2110"], ["6022"])
        assert gef.third_parties() == {FICTIMED, PHARMAFICTIF}

        for rank, forme in enumerate(("acquit", "mandat"), 1):
            answers = await gef.order(montantHT="1500.00", formeNumero=forme)
            assert [one["verdict"] for one in answers] == ["accepte"] * 3, answers
            totals = gef.consumed(uid)
            assert [totals.bonsDeCommande, totals.mandats] == [Decimal(1500 * rank)] * 2
            assert totals.consomme == Decimal(1500 * rank)

        # An order on a UF that the GEF never said: its line is refused, the others are kept and the file is too.
        await hub.control("PUT", "state", {"structures": {code: _unit(code) for code in ("1000", "2110", "9999")}})
        refused = (await gef.order(montantHT="700.00", uf="9999"))[0]
        assert (refused["verdict"], [one["statut"] for one in refused["lignes"]]) == ("rejete", ["rejete"])
        answer = await gef.emit("commandes", "complet")
        assert (answer["verdict"], [one["statut"] for one in answer["lignes"]]) == (
            "partiel",
            ["accepte"] * 2 + ["rejete"],
        )
        assert "9999" in answer["lignes"][2]["libelle"]
        assert gef.consumed(uid).bonsDeCommande == Decimal(3000)
        # Once the GEF says that UF, the same order is taken.
        assert (await gef.emit("structures"))["verdict"] == "accepte"
        assert (await gef.emit("commandes", "complet"))["verdict"] == "accepte"
        assert gef.consumed(uid).bonsDeCommande == Decimal(3700)
        assert hub.quarantine() == []
        await hub.settled()


@pytest.mark.parametrize("way", WAYS, ids=str)
async def test_a_marche_before_its_supplier_waits_for_it(
    way: Way, sqlite_template: Path, tmp_path: Path, clock: ManualClock
) -> None:
    async with opened(sqlite_template, tmp_path / "hub", clock, way) as hub:
        known = supplier(hub)
        supplier(hub, PHARMAFICTIF, "Pharmafictif SA")
        await hub.settled()
        # The GEF was put back to before the hub: it knows one of the two.
        tiers = hub.mock.snapshot()["tiers"]
        await hub.control("PUT", "state", {"tiers": {PHARMAFICTIF: tiers[PHARMAFICTIF]}, "controleTiers": True})
        started(hub)

        def states() -> list[str]:
            return hub.states()[2:]

        def said() -> list[str]:
            return [row.reason or "" for row in hub.deliveries()[2:]]

        await hub.until(lambda: states() == ["SENT"] * 2 and all(said()), seconds=10)
        waiting, behind = hub.deliveries()[2:]
        assert waiting.code == "TIERS_INCONNU"
        assert FICTIMED in waiting.reason
        assert behind.code == "MARCHE_EN_ATTENTE"
        assert hub.mock.snapshot()["marches"] == {}
        renamed(hub, known, "Fictimed France SAS")
        await hub.until(lambda: states() == ["ACKNOWLEDGED"] * 3, seconds=10)
        assert len(hub.mock.snapshot()["marches"][NUMERO]["imputations"]) == 2
        assert hub.quarantine() == []
