"""The DGFIP mock: the deposit API ``dgfip/depot/1`` and the same service by folders (``depot``, ``retour``).

Options (``MockConfig.options``):

- ``budgets``, a list of ``{siret, codique, codCol, codBud?, finess?, annexe?}``: who may send; without it any budget
  may (within ``known_buyers`` when given).
- ``budgets_actifs``, a list of SIRETs: the buyers that a marché may name; without it, any.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from mock_partners.dgfip.acquit import ATTACHMENT, MARCHE, Answer, acquit_name, write_acquit
from mock_partners.dgfip.aller import Flow, NotAFlow, read_flow
from mock_partners.dgfip.edge import (
    ALREADY_USED,
    MAX_FLOW_BYTES,
    check_headers,
    refusal,
    refuse_headers,
    unauthorised,
)
from mock_partners.dgfip.helios import Budget, Helios
from mock_partners.dgfip.records import Acquit, Deposit, deposit_key, listed, receipt
from mock_partners.kit import Mock, MockConfig, read_body
from mock_partners.kit.clock import parse_duration

DONE, REFUSED = "traites", "rejetes"
_UNFINISHED = (".tmp", ".part", ".partial", ".filepart")


class DgfipMock(Mock):
    """Takes PES Marché files, answers with PES_ACQUIT files."""

    id = "dgfip"
    title = "DGFIP : dépôt de flux PES et Hélios simulés"
    fault_target = "POST /depots"
    scenarios: ClassVar[Mapping[str, str]] = {
        "acquit_perdu": "l'acquit n'est jamais émis ; un nouveau dépôt du même fichier le fait émettre ensuite",
        "acquit_en_double": "l'acquit est émis deux fois",
        "acquit_tardif": "l'acquit attend la durée donnée (acquit_tardif:2s)",
        "acquit_errone": "l'acquit porte l'identifiant d'un autre marché",
        "acquit_sans_emetteur": "l'acquit n'a pas de bloc Emetteur et ne respecte donc pas le schéma",
        "acquit_partiel": "le marché est accepté mais une pièce jointe est refusée",
        "rupture_sequence": "le marché est refusé comme si une séquence manquait",
        "budget_inconnu": "le flux est refusé comme si le budget était inconnu",
    }

    def clear(self) -> None:
        """No deposit, no marché, no acknowledgement."""
        budgets = self.config.options.get("budgets")
        known = None if budgets is None else tuple(Budget(**budget) for budget in budgets)
        active = self.config.options.get("budgets_actifs")
        self.helios = Helios(known, self.config.known_buyers, None if active is None else frozenset(active))
        self.deposits: dict[str, Deposit] = {}
        self.acquits: dict[str, Acquit] = {}
        self.keys: dict[str, str] = {}

    def snapshot(self) -> dict[str, Any]:
        """Marchés with their integrated sequences, deposits, acknowledgements, idempotency keys."""
        return {
            "marches": self.helios.to_dict(),
            "pieces": sorted(self.helios.pieces),
            "depots": {key: asdict(deposit) for key, deposit in self.deposits.items()},
            "acquits": {key: asdict(acquit) for key, acquit in self.acquits.items()},
            "cles": dict(self.keys),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take a snapshot back, whole or in part."""
        try:
            if "depots" in state:
                self.deposits = {key: Deposit(**one) for key, one in state["depots"].items()}
            if "acquits" in state:
                self.acquits = {key: Acquit(**one) for key, one in state["acquits"].items()}
            if "cles" in state:
                self.keys = {str(key): str(value) for key, value in state["cles"].items()}
            if "pieces" in state:
                self.helios.pieces = {str(piece) for piece in state["pieces"]}
        except (TypeError, AttributeError) as error:
            raise ValueError(f"not a state of the DGFIP mock: {error}") from error
        if "marches" in state:
            self.helios.load(state["marches"])

    # -- deposits ---------------------------------------------------------------------------------------------------

    def router(self) -> APIRouter:
        """The operations of the contract ``dgfip/depot/1``."""
        router = APIRouter()
        router.add_api_route("/depots", self.deposit_by_api, methods=["POST"])
        router.add_api_route("/acquits", self.list_acquits, methods=["GET"])
        router.add_api_route("/acquits/{acquit_id}", self.read_acquit, methods=["GET"])
        router.add_api_route("/acquits/{acquit_id}/lecture", self.mark_read, methods=["POST"])
        router.add_api_route("/sante", self.health, methods=["GET"])
        return router

    async def health(self) -> dict[str, str]:
        """The service is up."""
        return {"statut": "ok"}

    async def deposit_by_api(self, request: Request) -> Response:
        """Deposit one PES file."""
        refused = None if self._may(request) else unauthorised()
        refused = refused or refuse_headers(request)
        if refused is not None:
            return refused
        body = await read_body(request, MAX_FLOW_BYTES)
        name = request.headers["x-nom-fichier"]
        seen = {
            "channel": "api",
            "name": name,
            "media_type": "application/xml",
            "body": body,
            "headers": {key: value for key, value in request.headers.items() if key != "authorization"},
        }
        try:
            flow = read_flow(body)
            check_headers(request, flow)
        except NotAFlow as reason:
            await self.record(**seen, verdict="rejected", detail=str(reason), status=422)
            return refusal(422, "illisible", str(reason))
        key = request.headers["idempotency-key"]
        digest = hashlib.sha256(body).hexdigest()
        known = self.deposits.get(deposit_key(flow))
        code = "nom-deja-vu" if known is not None and known.sha256 != digest else None
        code = "cle-reemployee" if self.keys.get(key, digest) != digest else code
        if code is not None:
            detail = ALREADY_USED[code].format(name=flow.name, collectivite=flow.collectivite)
            await self.record(**seen, verdict="rejected", detail=detail, status=409)
            return refusal(409, code, detail, name=flow.name)
        self.keys[key] = digest
        if known is not None:
            self._emit_lost(flow, "api")
            await self.record(**seen, verdict="replayed", detail="déjà déposé", status=200)
            await self.changed()
            return JSONResponse(receipt(known), 200)
        deposit, verdict, detail = self._accept(flow, body, "api")
        await self.record(**seen, verdict=verdict, detail=detail, status=201)
        await self.changed()
        return JSONResponse(receipt(deposit), 201)

    def _may(self, request: Request) -> bool:
        return self.authorised(request, "Authorization")

    def _accept(self, flow: Flow, body: bytes, channel: str) -> tuple[Deposit, str, str]:
        """Take a new file: remember its name, let Hélios work, prepare the acknowledgement."""
        deposit = Deposit(
            id=f"d-{len(self.deposits) + 1:06d}",
            name=flow.name,
            collectivite=flow.collectivite,
            sha256=hashlib.sha256(body).hexdigest(),
            at=self.clock.now().isoformat(),
        )
        self.deposits[deposit_key(flow)] = deposit
        answers = self.helios.receive(
            flow,
            body,
            force_break=self.faults.use("rupture_sequence") is not None,
            force_unknown=self.faults.use("budget_inconnu") is not None,
        )
        self._prepare_acquits(flow, answers, channel)
        refused = [answer for answer in answers if not answer.accepted]
        verdict = "accepted" if not refused else "rejected" if len(refused) == len(answers) else "partial"
        return deposit, verdict, " ; ".join(label for answer in refused for _, label in answer.errors)

    # -- acknowledgements -------------------------------------------------------------------------------------------

    def _prepare_acquits(self, flow: Flow, answers: list[Answer], channel: str) -> None:
        lost = self.faults.use("acquit_perdu") is not None
        late = self.faults.use("acquit_tardif")
        delay = parse_duration((late.parameter if late else None) or ("2s" if late else "0s"))
        if self.faults.use("acquit_errone"):
            answers = [Answer(MARCHE, answer.accepted, "2020INCONNU-001", errors=answer.errors) for answer in answers]
        if self.faults.use("acquit_partiel"):
            error = ("ERREUR_PJ", "La pièce jointe ne peut pas être ouverte (simulé).")
            answers = [*answers, Answer(ATTACHMENT, False, attachment="PIECE0001", errors=(error,))]
        body = write_acquit(flow, answers, without_sender=self.faults.use("acquit_sans_emetteur") is not None)
        copies = 2 if self.faults.use("acquit_en_double") else 1
        for _ in range(copies):
            self._add_acquit(flow, body, channel, self.clock.now() + delay, lost=lost)

    def _add_acquit(self, flow: Flow, body: bytes, channel: str, due: datetime, *, lost: bool) -> None:
        identifier = f"a-{len(self.acquits) + 1:06d}"
        self.acquits[identifier] = Acquit(
            id=identifier,
            name=acquit_name(flow.name),
            flow=f"{flow.collectivite}/{flow.name}",
            channel="lost" if lost else channel,
            due=due.isoformat(),
            body=base64.b64encode(body).decode("ascii"),
        )

    def _emit_lost(self, flow: Flow, channel: str) -> None:
        """A file deposited again gets the acknowledgement that was lost, unless it is to be lost again."""
        for acquit in self.acquits.values():
            if acquit.channel == "lost" and acquit.flow == deposit_key(flow) and not self.faults.use("acquit_perdu"):
                acquit.channel = channel

    def _due(self, channel: str) -> list[Acquit]:
        now = self.clock.now()
        return [
            acquit
            for acquit in self.acquits.values()
            if acquit.channel == channel and datetime.fromisoformat(acquit.due) <= now
        ]

    async def list_acquits(self, request: Request) -> Response:
        """Acknowledgements offered, oldest first; ``lu=false`` keeps those not marked as read."""
        if not self._may(request):
            return unauthorised()
        wanted = {"true": (True,), "false": (False,)}.get(request.query_params.get("lu", ""), (True, False))
        offered = [acquit for acquit in self._due("api") if acquit.read in wanted]
        return JSONResponse({"acquits": [listed(acquit) for acquit in offered]})

    async def read_acquit(self, request: Request, acquit_id: str) -> Response:
        """One acknowledgement, as XML."""
        if not self._may(request):
            return unauthorised()
        acquit = next((one for one in self._due("api") if one.id == acquit_id), None)
        if acquit is None:
            return refusal(404, "acquit-inconnu", f"Aucun acquittement {acquit_id}.")
        return Response(acquit.content, media_type="application/xml")

    async def mark_read(self, request: Request, acquit_id: str) -> Response:
        """Say that an acknowledgement is safely stored."""
        if not self._may(request):
            return unauthorised()
        acquit = next((one for one in self._due("api") if one.id == acquit_id), None)
        if acquit is None:
            return refusal(404, "acquit-inconnu", f"Aucun acquittement {acquit_id}.")
        acquit.read = True
        await self.changed()
        return Response(status_code=204)

    # -- folders ----------------------------------------------------------------------------------------------------

    async def scan(self) -> None:
        """Take the files of ``depot``, then put the acknowledgements that are due into ``retour``."""
        assert self.config.depot_dir is not None
        for path in await asyncio.to_thread(_files, self.config.depot_dir):
            await self._take_file(path, await asyncio.to_thread(path.read_bytes))
        if self.config.retour_dir is not None:
            for acquit in self._due("file"):
                if not acquit.read and await asyncio.to_thread(
                    _put, self.config.retour_dir, acquit.name, acquit.content
                ):
                    acquit.read = True
                    await self.changed()

    async def _take_file(self, path: Path, body: bytes) -> None:
        """One file of the folder. A name already seen is set aside without acknowledgement, as a deposit does."""
        try:
            flow = read_flow(body)
            if flow.name != path.name:
                raise NotAFlow(f"Le fichier s'appelle « {path.name} » alors que NomFic vaut « {flow.name} ».")
            known = self.deposits.get(deposit_key(flow))
            if known is None:
                _, verdict, detail = self._accept(flow, body, "file")
            elif known.sha256 == hashlib.sha256(body).hexdigest():
                self._emit_lost(flow, "file")
                verdict, detail = "replayed", "déjà déposé"
            else:
                verdict, detail = "rejected", f"Le fichier {flow.name} a déjà été déposé avec un autre contenu."
            folder = DONE if known is None or verdict == "replayed" else REFUSED
        except NotAFlow as reason:
            verdict, detail, folder = "rejected", str(reason), REFUSED
        await self.record(
            channel="file", name=path.name, media_type="application/xml", body=body, verdict=verdict, detail=detail
        )
        await self.changed()
        await asyncio.to_thread(_move, path, path.parent / folder)


def _files(folder: Path) -> list[Path]:
    """Complete files of a folder, oldest first."""
    found = [
        path
        for path in folder.iterdir()
        if path.is_file() and not path.name.startswith(".") and not path.name.lower().endswith(_UNFINISHED)
    ]
    return sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name))


def _put(folder: Path, name: str, body: bytes) -> bool:
    """Write a file at once; False while one of that name has not been taken yet."""
    target = folder / name
    if target.exists():
        return False
    temporary = folder / f".{name}.tmp"
    temporary.write_bytes(body)
    temporary.rename(target)
    return True


def _move(path: Path, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    path.replace(folder / path.name)


def create(config: MockConfig) -> DgfipMock:
    """A DGFIP mock."""
    return DgfipMock(config)
