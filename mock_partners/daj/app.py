"""The DAJ mock: the deposit API ``daj/depot-decp/1`` and the same service by folders (``depot``, ``retour``).

A file is judged record by record: one that is set aside does not hold the others. What is published is computed from
everything that was deposited (see :mod:`mock_partners.daj.consolidation`).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from mock_partners.daj.consolidation import Consolidation
from mock_partners.daj.edge import (
    ALREADY_USED,
    MAX_FILE_BYTES,
    refusal,
    refuse_headers,
    unauthorised,
    unknown_report,
)
from mock_partners.daj.folder import files, move, put
from mock_partners.daj.ministry import judge
from mock_partners.daj.reading import CONCESSION, MARCHE, Given, NotAFile, day_of, read_file
from mock_partners.daj.records import (
    Deposit,
    Judged,
    Report,
    listed,
    receipt,
    verdict_of,
    write_report,
)
from mock_partners.kit import Mock, MockConfig, read_body
from mock_partners.kit.clock import parse_duration

DONE, REFUSED = "traites", "rejetes"
_VERDICTS = {"accepte": "accepted", "rejete": "rejected", "partiel": "partial"}


class DajMock(Mock):
    """Takes DECP files, answers with reports, publishes what passes."""

    id = "daj"
    title = "DAJ : dépôt de données essentielles et contrôles du ministère simulés"
    fault_target = "POST /depots"
    scenarios: ClassVar[Mapping[str, str]] = {
        "rejet_enregistrement": "le premier enregistrement est écarté (libellé donné : rejet_enregistrement:libellé)",
        "doublon_autre_source": "une autre source a publié le même contrat un jour plus tard : il est en double",
        "source_sans_validation": "le schéma n'est pas contrôlé, comme le ministère le fait de certaines sources",
        "compte_rendu_perdu": "le compte rendu n'est pas émis ; un nouveau dépôt du même fichier le fait émettre",
        "compte_rendu_en_double": "le compte rendu est émis deux fois",
        "compte_rendu_tardif": "le compte rendu attend la durée donnée (compte_rendu_tardif:2s)",
        "compte_rendu_errone": "le compte rendu porte l'identifiant d'un autre marché",
        "compte_rendu_contradictoire": "le verdict du compte rendu contredit ses enregistrements",
    }

    def clear(self) -> None:
        """No deposit, no record, no report."""
        self.data = Consolidation()
        self.deposits: dict[str, Deposit] = {}
        self.reports: dict[str, Report] = {}
        self.keys: dict[str, str] = {}

    def snapshot(self) -> dict[str, Any]:
        """Records in the order of arrival, versions by contract, deposits, reports, idempotency keys."""
        return {
            "enregistrements": self.data.to_list(),
            "contrats": self.data.versions(),
            "depots": {key: asdict(deposit) for key, deposit in self.deposits.items()},
            "comptesRendus": {key: asdict(report) for key, report in self.reports.items()},
            "cles": dict(self.keys),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take a snapshot back, whole or in part (``contrats`` is computed)."""
        try:
            if "enregistrements" in state:
                self.data.load(state["enregistrements"])
            if "depots" in state:
                self.deposits = {key: Deposit(**one) for key, one in state["depots"].items()}
            if "comptesRendus" in state:
                self.reports = {key: Report(**one) for key, one in state["comptesRendus"].items()}
            if "cles" in state:
                self.keys = {str(key): str(value) for key, value in state["cles"].items()}
        except (TypeError, AttributeError) as error:
            raise ValueError(f"not a state of the DAJ mock: {error}") from error

    def router(self) -> APIRouter:
        """The operations of the contract ``daj/depot-decp/1``."""
        router = APIRouter()
        router.add_api_route("/depots", self.deposit_by_api, methods=["POST"])
        router.add_api_route("/depots/{deposit_id}/compte-rendu", self.read_report_of, methods=["GET"])
        router.add_api_route("/comptes-rendus", self.list_reports, methods=["GET"])
        router.add_api_route("/comptes-rendus/{report_id}", self.read_report, methods=["GET"])
        router.add_api_route("/comptes-rendus/{report_id}/lecture", self.mark_read, methods=["POST"])
        router.add_api_route("/donnees/marches", self.published_marches, methods=["GET"])
        router.add_api_route("/donnees/concessions", self.published_concessions, methods=["GET"])
        router.add_api_route("/sante", self.health, methods=["GET"])
        return router

    async def health(self) -> dict[str, str]:
        """The service is up."""
        return {"statut": "ok"}

    # -- deposits ---------------------------------------------------------------------------------------------------

    async def deposit_by_api(self, request: Request) -> Response:
        """Deposit one JSON file."""
        refused = None if self._may(request) else unauthorised()
        refused = refused or refuse_headers(request)
        if refused is not None:
            return refused
        body = await read_body(request, MAX_FILE_BYTES)
        name, key = request.headers["x-nom-fichier"], request.headers["idempotency-key"]
        seen = {
            "channel": "api",
            "name": name,
            "media_type": "application/json",
            "body": body,
            "headers": {header: value for header, value in request.headers.items() if header != "authorization"},
        }
        digest = hashlib.sha256(body).hexdigest()
        known = self.deposits.get(name)
        code = "nom-deja-vu" if known is not None and known.sha256 != digest else None
        code = "cle-reemployee" if self.keys.get(key, digest) != digest else code
        if code is not None:
            detail = ALREADY_USED[code].format(name=name)
            await self.record(**seen, verdict="rejected", detail=detail, status=409)
            return refusal(409, code, detail)
        if known is not None:
            self.keys[key] = digest
            self._emit_lost(name, "api")
            await self.record(**seen, verdict="replayed", detail="déjà déposé", status=200)
            await self.changed()
            return JSONResponse(receipt(known), 200)
        try:
            given = read_file(body)
        except NotAFile as reason:
            await self.record(**seen, verdict="rejected", detail=str(reason), status=422)
            return refusal(422, "illisible", str(reason))
        self.keys[key] = digest
        deposit = self._remember(name, body)
        replaces = unquote(request.headers["x-remplace"]) if "x-remplace" in request.headers else None
        judged = self._judge(given, name, replaces)
        self._prepare_reports(deposit, judged, "api")
        await self.record(**seen, verdict=_VERDICTS[verdict_of(judged)], detail=_errors_in(judged), status=201)
        await self.changed()
        location = {"Location": f"/depots/{deposit.id}/compte-rendu"}
        return JSONResponse(receipt(deposit), 201, location)

    def _may(self, request: Request) -> bool:
        return self.authorised(request, "Authorization")

    def _remember(self, name: str, body: bytes) -> Deposit:
        deposit = Deposit(
            id=f"d-{len(self.deposits) + 1:06d}",
            name=name,
            sha256=hashlib.sha256(body).hexdigest(),
            at=self.clock.now().isoformat(),
        )
        self.deposits[name] = deposit
        return deposit

    def _judge(self, given: Sequence[Given], name: str, replaces: str | None) -> list[Judged]:
        day = day_of(name, self.clock.today())
        return judge(given, self.data, self.faults, day=day, replaces=replaces, buyers=self.config.known_buyers)

    # -- reports ----------------------------------------------------------------------------------------------------

    def _prepare_reports(self, deposit: Deposit, judged: list[Judged], channel: str, motive: str | None = None) -> None:
        lost = self.faults.use("compte_rendu_perdu") is not None
        late = self.faults.use("compte_rendu_tardif")
        delay = parse_duration((late.parameter if late else None) or ("2s" if late else "0s"))
        if self.faults.use("compte_rendu_errone"):
            for one in judged:
                one.uid = "000000000000002020INCONNU"
        due = self.clock.now() + delay
        verdict = verdict_of(judged)
        if self.faults.use("compte_rendu_contradictoire"):
            verdict = "rejete" if verdict == "accepte" else "accepte"
        for _copy in range(2 if self.faults.use("compte_rendu_en_double") else 1):
            identifier = f"cr-{len(self.reports) + 1:06d}"
            body = write_report(identifier, deposit, due, verdict, judged, motive)
            self.reports[identifier] = Report(
                id=identifier,
                deposit=deposit.id,
                file=deposit.name,
                channel="lost" if lost else channel,
                due=due.isoformat(),
                body=body,
            )

    def _emit_lost(self, file: str, channel: str) -> None:
        """A file deposited again gets the report that was lost, unless it is to be lost again."""
        for report in self.reports.values():
            if report.channel == "lost" and report.file == file and not self.faults.use("compte_rendu_perdu"):
                report.channel = channel

    def _due(self, channel: str) -> list[Report]:
        now = self.clock.now()
        return [
            report
            for report in self.reports.values()
            if report.channel == channel and datetime.fromisoformat(report.due) <= now
        ]

    async def list_reports(self, request: Request) -> Response:
        """Reports offered, oldest first; ``lu=false`` keeps those not marked as read."""
        if not self._may(request):
            return unauthorised()
        wanted = {"true": (True,), "false": (False,)}.get(request.query_params.get("lu", ""), (True, False))
        return JSONResponse({"comptesRendus": [listed(one) for one in self._due("api") if one.read in wanted]})

    async def read_report(self, request: Request, report_id: str) -> Response:
        """One report."""
        return await self._report(request, report_id, "id")

    async def read_report_of(self, request: Request, deposit_id: str) -> Response:
        """The report of one deposit."""
        return await self._report(request, deposit_id, "deposit")

    async def _report(self, request: Request, identifier: str, field: str) -> Response:
        if not self._may(request):
            return unauthorised()
        report = next((one for one in self._due("api") if getattr(one, field) == identifier), None)
        if report is None:
            return unknown_report(identifier)
        return Response(report.body.encode("utf-8"), media_type="application/json")

    async def mark_read(self, request: Request, report_id: str) -> Response:
        """Say that a report is safely stored."""
        if not self._may(request):
            return unauthorised()
        report = next((one for one in self._due("api") if one.id == report_id), None)
        if report is None:
            return unknown_report(report_id)
        report.read = True
        await self.changed()
        return Response(status_code=204)

    # -- open data --------------------------------------------------------------------------------------------------

    async def published_marches(self, acheteur: str | None = None) -> dict[str, Any]:
        """Published marchés, of one buyer or of all."""
        return self._published(MARCHE, acheteur)

    async def published_concessions(self, autorite: str | None = None) -> dict[str, Any]:
        """Published concessions, of one authority or of all."""
        return self._published(CONCESSION, autorite)

    def _published(self, kind: str, authority: str | None) -> dict[str, Any]:
        found = [record.value for record in self.data.published(kind, authority)]
        return {"total": len(found), "donnees": found}

    # -- folders ----------------------------------------------------------------------------------------------------

    async def scan(self) -> None:
        """Take the files of ``depot``, then put the reports that are due into ``retour``."""
        assert self.config.depot_dir is not None
        for path in await asyncio.to_thread(files, self.config.depot_dir):
            await self._take_file(path, await asyncio.to_thread(path.read_bytes))
        if self.config.retour_dir is not None:
            for report in self._due("file"):
                body = report.body.encode("utf-8")
                if not report.read and await asyncio.to_thread(put, self.config.retour_dir, report.name, body):
                    report.read = True
                    await self.changed()

    async def _take_file(self, path: Path, body: bytes) -> None:
        """One file of the folder. A name already seen is set aside without a report, as a deposit does."""
        known = self.deposits.get(path.name)
        folder = DONE
        if known is None:
            deposit = self._remember(path.name, body)
            try:
                judged = self._judge(read_file(body), path.name, None)
                self._prepare_reports(deposit, judged, "file")
                verdict, detail = _VERDICTS[verdict_of(judged)], _errors_in(judged)
            except NotAFile as reason:
                self._prepare_reports(deposit, [], "file", str(reason))
                verdict, detail, folder = "rejected", str(reason), REFUSED
        elif known.sha256 == hashlib.sha256(body).hexdigest():
            self._emit_lost(path.name, "file")
            verdict, detail = "replayed", "déjà déposé"
        else:
            verdict, detail, folder = "rejected", ALREADY_USED["nom-deja-vu"].format(name=path.name), REFUSED
        media_type = "application/xml" if path.suffix == ".xml" else "application/json"
        await self.record(
            channel="file", name=path.name, media_type=media_type, body=body, verdict=verdict, detail=detail
        )
        await self.changed()
        await asyncio.to_thread(move, path, path.parent / folder)


def _errors_in(judged: Sequence[Judged]) -> str:
    return " ; ".join(error for one in judged for error in one.errors)


def create(config: MockConfig) -> DajMock:
    """A DAJ mock."""
    return DajMock(config)
