"""Files that a GEF spoils: each is set aside with a report a hospital can read, and nothing is applied twice."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from semaphore_hub.delivery import queries
from semaphore_hub.delivery.partners import FILE
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.clock import ManualClock
from tests.e2e.partners import Played, Way, manifest_of
from tests.e2e.partners_scenarios import started, suppliers
from tests.e2e.test_partners_inbound import WAYS, Gef, opened

BY_FOLDER = [way for way in WAYS if way.channel != "api"]
Logs = list[Any]


class Spoiler:
    """A GEF whose next file is spoilt."""

    def __init__(self, hub: Played) -> None:
        self.hub = hub
        self.gef = Gef(hub)
        self.retour = hub.folder / "retour"
        channel = manifest_of(hub.way.partner).channel(hub.way.channel)
        assert channel is not None
        self.csv = any("-csv/" in one for one in channel.inbound)

    async def emit(self, scenario: str, kind: str = "structures") -> str:
        """Send one flux with that defect; its id."""
        await self.hub.control("PUT", "faults", {"scenarios": [f"{scenario}*1"]})
        flux: str = (await self.hub.control("POST", "emettre", {"typeFlux": kind}))["idFlux"]
        assert self.hub.mock.faults.scenarios == []
        return flux

    async def quarantined(self, scenario: str) -> str:
        """The reason of the quarantine that follows."""
        before = len(self.hub.quarantine())
        await self.emit(scenario)
        await self.hub.until(lambda: len(self.hub.quarantine()) > before, seconds=10)
        reason: str = self.hub.quarantine()[-1].reason
        return reason

    def waiting(self) -> list[str]:
        """Files in the folder the hub reads."""
        return sorted(one.name for one in self.retour.iterdir() if one.is_file())

    def copies(self, kind: str) -> int:
        """How many flux of a kind the hub keeps."""
        found = queries.list_inbox(self.hub.services.database, LOCAL, limit=1000)
        return sum(f"_{kind}_" in one.message_id for one in found)


@pytest.mark.parametrize("way", BY_FOLDER, ids=str)
async def test_a_spoilt_file_is_said_in_french_and_changes_nothing(
    way: Way, sqlite_template: Path, tmp_path: Path, clock: ManualClock
) -> None:
    async with opened(sqlite_template, tmp_path / "hub", clock, way) as hub:
        spoiler = Spoiler(hub)
        gef = spoiler.gef
        await _cut(spoiler)
        if spoiler.csv:
            assert "n'est ni un compte rendu ni un flux" in await spoiler.quarantined("mauvais_separateur")
        reason = await spoiler.quarantined("cp1252_non_declare")
        assert "GEFC-ENCODAGE" in reason
        assert "Rien n'en a été appliqué" in reason
        await _wrong_checksum(spoiler)
        assert gef.units() == []
        with capture_logs() as logs:
            await _without_marker(spoiler, logs)
        assert gef.units() == ["1000", "2110"]


async def _cut(spoiler: Spoiler) -> None:
    """A file without its end: XML is not read at all; CSV is, and the GEF is told that lines are missing."""
    if not spoiler.csv:
        reason = await spoiler.quarantined("fichier_partiel")
        assert "GEFC-XML" in reason
        assert "Rien n'en a été appliqué" in reason
        return
    answer = await spoiler.gef.answer(await spoiler.emit("fichier_partiel"))
    [line] = answer["lignes"]
    assert (answer["verdict"], line["statut"], line["code"]) == ("rejete", "rejete", "FLU_NOMBRE")
    assert "annonce 2 ligne(s) et en porte 1" in line["libelle"]


async def _wrong_checksum(spoiler: Spoiler) -> None:
    """A file that its marker does not announce is put aside with its report."""
    await spoiler.emit("somme_fausse")
    rejected = spoiler.retour / "rejected"
    await spoiler.hub.until(lambda: any(rejected.glob("*.rejet.txt")), seconds=10)
    [report] = rejected.glob("*.rejet.txt")
    text = report.read_text("utf-8")
    assert "EFI-EMPREINTE" in text
    assert "Le fichier n'a pas été traité" in text


async def _without_marker(spoiler: Spoiler, logs: Logs) -> None:
    """A file without marker waits, whatever comes after it; a gap in the numbers is pointed at."""
    late = await spoiler.emit("sans_temoin")
    [left] = spoiler.waiting()
    number = int(left.rpartition("_")[2].partition(".")[0])
    kept = await spoiler.gef.answer(await spoiler.emit("rupture_sequence"))
    assert kept["verdict"] == "accepte"
    gaps = [one["said"] for one in logs if one.get("rule") == "EFI-TROU"]
    assert f"à {number + 1:05d}" in gaps[0]
    assert "trou" in gaps[0]
    assert spoiler.waiting() == [left]
    assert spoiler.hub.mock.state.flux[late].comptesRendus == []
    if spoiler.hub.way.channel == FILE:
        # Its marker comes at last: it is read, and answered.
        (spoiler.retour / f"{left}.ok").touch()
        assert (await spoiler.gef.answer(late))["verdict"] == "accepte"
        assert spoiler.waiting() == []


@pytest.mark.parametrize("way", BY_FOLDER, ids=str)
async def test_a_file_put_twice_counts_once(
    way: Way, sqlite_template: Path, tmp_path: Path, clock: ManualClock
) -> None:
    async with opened(sqlite_template, tmp_path / "hub", clock, way) as hub:
        spoiler = Spoiler(hub)
        gef = spoiler.gef
        await suppliers(hub)
        uid = started(hub)
        await hub.settled()
        for kind in ("structures", "comptes"):
            await gef.emit(kind)
        with capture_logs() as logs:
            await hub.control("PUT", "faults", {"scenarios": ["fichier_en_double*1"]})
            answers = await gef.order(montantHT="1500.00")
            await hub.until(lambda: any(one["event"] == "exchange.duplicate" for one in logs), seconds=10)
        assert [one["verdict"] for one in answers] == ["accepte"] * 3
        await hub.until(lambda: spoiler.waiting() == [], seconds=5)
        totals = gef.consumed(uid)
        assert (totals.bonsDeCommande, totals.mandats) == (Decimal(1500), Decimal(1500))
        assert spoiler.copies("CMD") == 1
        assert hub.quarantine() == []
