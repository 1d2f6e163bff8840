"""The simulated IDEO GELF: its operations, its folder, its scenarios.

``MockConfig.options``: ``version`` and ``versionMinimum`` (installed, and the lowest that takes the flow),
``etablissements``, ``ufs``, ``comptes`` (lists of what it knows; absent: anything), ``differe`` (a duration such as
"2s": every answer comes that much later instead of with the request).
"""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse

import contracts
from mock_partners.gef_ideo_gelf import folder
from mock_partners.gef_ideo_gelf.answers import as_csv, as_json
from mock_partners.gef_ideo_gelf.ledger import Answer, Ledger, Refusal, State
from mock_partners.gef_ideo_gelf.reading import (
    API_CONTRACT,
    FILE_CONTRACT,
    Incomplete,
    LineRead,
    MessageRead,
    read_csv,
    read_json,
)
from mock_partners.kit import Mock, MockConfig, problem, read_body
from mock_partners.kit.clock import parse_duration

_FORCED: Mapping[str, Refusal] = {
    "tiers_inconnu": ("TIERS_INCONNU", "Le tiers {tiers} n'existe pas : créez-le puis renvoyez le marché."),
    "uf_inconnue": ("UF_INCONNUE", "L'UF {uf} n'existe pas dans l'établissement {etablissement}."),
    "compte_inconnu": ("COMPTE_INCONNU", "Le compte {compte} n'est pas ouvert."),
}
_FORCED_BY: Mapping[str, str] = {"tiers_inconnu": "tiers", "uf_inconnue": "uf", "compte_inconnu": "compte"}
_VERDICTS = {"accepte": "accepted", "rejete": "rejected", "partiel": "partial"}
_DEFAULT_DELAY = "2s"
OTHER_MARCHE, OTHER_MESSAGE = "AUTRE-MARCHE", "AUTRE-MESSAGE"


class IdeoGelfMock(Mock):
    """One establishment's IDEO GELF."""

    id = "gef_ideo_gelf"
    title = "IDEO GELF (simulée, format supposé)"
    scenarios: ClassVar[Mapping[str, str]] = {
        "tiers_inconnu": "refuse les lignes dont le titulaire (paramètre, sinon tous) serait inconnu",
        "uf_inconnue": "refuse les lignes dont l'UF (paramètre, sinon toutes) serait inconnue",
        "compte_inconnu": "refuse les lignes dont le compte (paramètre, sinon tous) serait fermé",
        "acquit_perdu": "traite le message mais n'envoie jamais l'acquittement",
        "acquit_en_double": "envoie deux fois le même acquittement",
        "acquit_tardif": "envoie l'acquittement après un délai (paramètre, 2s par défaut)",
        "acquit_errone": "répond pour un autre marché, ou pour un autre message s'il s'agit d'un fournisseur",
    }
    fault_target = "POST"

    def clear(self) -> None:
        """Forget everything but what the configuration says is known."""
        options = self.config.options
        known = self.config.known_suppliers
        given = {key: options[key] for key in ("version", "versionMinimum") if key in options}
        lists = {key: options.get(key) for key in ("etablissements", "ufs", "comptes")}
        self.state = State(**given, **lists, tiersConnus=None if known is None else sorted(known))
        self.ledger = Ledger(self.state)

    def snapshot(self) -> dict[str, Any]:
        """The business state."""
        return self.state.model_dump(mode="json")

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take a state; missing keys keep their value."""
        self.state = State.model_validate({**self.snapshot(), **state})
        self.ledger = Ledger(self.state)

    def router(self) -> APIRouter:
        """The operations of the supposed API (contracts/gef_ideo_gelf/marches-api/1/openapi.yaml)."""
        router = APIRouter(prefix="/v1")
        for path, kind in (
            ("/fournisseurs", "fournisseur"),
            ("/marches", "marche"),
            # A marché's number may hold a "/", which arrives decoded.
            ("/marches/{numero:path}/modifications", "modification"),
            ("/marches/{numero:path}/corrections", "correction"),
        ):
            router.add_api_route(path, self._sending(kind), methods=["POST"], name=kind)
        router.add_api_route("/messages/{id_message}/acquittement", self._status, methods=["GET"])
        router.add_api_route("/acquittements", self._list, methods=["GET"])
        router.add_api_route("/acquittements/{identifier}", self._one, methods=["GET"])
        router.add_api_route("/acquittements/{identifier}/lecture", self._confirm, methods=["PUT"])
        router.add_api_route("/sante", self._health, methods=["GET"])
        return router

    async def scan(self) -> None:
        """Read the complete files of the folder, then write the reports that are due."""
        inbox = self.config.depot_dir
        assert inbox is not None
        for dropped in await asyncio.to_thread(folder.complete_files, inbox):
            outcome = await self._treat(dropped)
            await asyncio.to_thread(folder.settle, inbox, dropped.name, outcome)
        now = self.clock.now()
        reports = self.config.retour_dir or inbox / "retour"
        for entry in [entry for entry in self.state.aEmettre if entry["fichier"] and _due(entry) <= now]:
            await asyncio.to_thread(folder.write_report, reports, entry["fichier"], as_csv(entry["document"]))
            # A reset may have emptied the list while the report was being written.
            if entry in self.state.aEmettre:
                self.state.aEmettre.remove(entry)
            await self.changed()

    def _sending(self, kind: str) -> Any:
        async def send(
            request: Request,
            numero: str | None = None,
            idempotency_key: Annotated[str | None, Header()] = None,
            x_id_message: Annotated[str | None, Header()] = None,
        ) -> Response:
            if not self.authorised(request):
                return _unauthorised()
            body = await read_body(request)
            refused = self._unfit(kind, numero, request, idempotency_key, x_id_message, body)
            if refused is not None:
                await self._record_api(request, x_id_message, body, "rejected", refused)
                return refused
            message = read_json(body)
            answer = self.ledger.judge(message, self.clock.now(), self._imposed(message))
            if message.id in self.state.effets and idempotency_key is not None:
                self.state.cles[idempotency_key] = _sha(body)
            response = self._answer_api(message, answer)
            verdict = "replayed" if answer.replayed else _VERDICTS[answer.document["verdict"]]
            await self._record_api(request, message.id, body, verdict, response)
            await self.changed()
            return response

        return send

    def _unfit(
        self, kind: str, numero: str | None, request: Request, key: str | None, message_id: str | None, body: bytes
    ) -> JSONResponse | None:
        """The refusal of a request that is not a message this operation takes; nothing has taken effect."""
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return problem(415, "Le corps doit être de type application/json.", "TYPE_DE_CONTENU")
        if not key or not message_id:
            return problem(400, "Les entêtes Idempotency-Key et X-Id-Message sont obligatoires.", "ENTETE_ABSENT")
        broken = _broken_contract(body)
        if broken is not None:
            return broken
        message = read_json(body)
        if message.kind != kind or message.id != message_id or (numero is not None and numero != message.marche):
            return problem(422, "L'adresse ou l'entête X-Id-Message contredit le corps du message.", "CONTRADICTION")
        if self.state.cles.get(key, _sha(body)) != _sha(body):
            return problem(409, "Cette clé d'idempotence a déjà servi à un autre contenu.", "CLE_REUTILISEE")
        return None

    def _answer_api(self, message: MessageRead, answer: Answer) -> Response:
        headers = {"Idempotent-Replay": "true"} if answer.replayed else {}
        if self.faults.use("acquit_perdu") is not None:
            return self._receipt(message.id, headers)
        document = self._perhaps_wrong(answer.document)
        delay = self._delay()
        if delay is not None:
            self._queue(document, delay, None)
            return self._receipt(message.id, headers)
        if self.faults.use("acquit_en_double") is not None:
            self._queue(document, timedelta(0), None)
        return Response(as_json(document), headers=headers, media_type="application/json")

    async def _treat(self, dropped: folder.Dropped) -> str:
        """Judge one file and queue its report; returns the folder where the file goes."""
        document, replayed, reason = self._judge_file(dropped)
        if document is None:
            verdict, outcome = "rejected", folder.REFUSED
        else:
            verdict = "replayed" if replayed else _VERDICTS[document["verdict"]]
            outcome = folder.TREATED if reason == "" else folder.REFUSED
            self._answer_file(dropped.name, document)
        await self.record(
            channel="file",
            name=dropped.name,
            media_type="text/csv",
            body=dropped.body,
            verdict=verdict,
            detail=reason,
        )
        await self.changed()
        return outcome

    def _judge_file(self, dropped: folder.Dropped) -> tuple[dict[str, Any] | None, bool, str]:
        """The answer, whether the message was already known, and why the file is no message at all, if it is none."""
        report = contracts.validate(FILE_CONTRACT, dropped.body)
        reason = next((f"{found.path} : {found.message}" for found in report.findings if found.severity == "error"), "")
        if not reason and not folder.FILE_NAME.fullmatch(dropped.name):
            reason = f"Le nom {dropped.name} n'est pas IDEO_<FINESS>_<AAAAMMJJ>_<NNNNN>.csv."
        if not reason:
            try:
                message = read_csv(dropped.body)
            except Incomplete as error:
                reason = str(error)
            else:
                answer = self.ledger.judge(message, self.clock.now(), self._imposed(message))
                return answer.document, answer.replayed, ""
        message_id = _first_id(dropped.body)
        if message_id is None:
            return None, False, reason
        return self.ledger.refuse(message_id, ("FICHIER_INVALIDE", reason[:500]), self.clock.now()), False, reason

    def _answer_file(self, name: str, document: dict[str, Any]) -> None:
        if self.faults.use("acquit_perdu") is not None:
            return
        document = self._perhaps_wrong(document)
        stem = name.removesuffix(".csv")
        self._queue(document, self._delay() or timedelta(0), f"CR_{stem}.csv")
        if self.faults.use("acquit_en_double") is not None:
            self._queue(document, timedelta(0), f"CR_{stem}_bis.csv")

    def _perhaps_wrong(self, document: dict[str, Any]) -> dict[str, Any]:
        if self.faults.use("acquit_errone") is None:
            return document
        wrong = {"numeroMarche": OTHER_MARCHE} if "numeroMarche" in document else {"idMessage": OTHER_MESSAGE}
        return {**document, **wrong}

    def _delay(self) -> timedelta | None:
        late = self.faults.use("acquit_tardif")
        if late is not None:
            return parse_duration(late.parameter or _DEFAULT_DELAY)
        given = self.config.options.get("differe")
        return None if given is None else parse_duration(given)

    def _queue(self, document: dict[str, Any], delay: timedelta, file: str | None) -> None:
        due = (self.clock.now() + delay).isoformat()
        self.state.aEmettre.append({"du": due, "fichier": file, "document": document})

    def _receipt(self, message_id: str, headers: dict[str, str]) -> Response:
        received = {"idMessage": message_id, "recuLe": self.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")}
        return JSONResponse(received, 202, headers)

    def _imposed(self, message: MessageRead) -> dict[int, Refusal]:
        """Refusals that scenarios impose, by line; ``*times`` counts the messages concerned."""
        imposed: dict[int, Refusal] = {}
        for name, key in _FORCED_BY.items():
            scenario = self.faults.active(name)
            if scenario is None:
                continue
            code, sentence = _FORCED[name]
            values = {line.number: _values(line) for line in message.lines}
            concerned = [number for number, value in values.items() if scenario.parameter in (None, value[key])]
            if concerned:
                self.faults.use(name)
            imposed |= {number: (code, sentence.format(**values[number])) for number in concerned}
        return imposed

    async def _record_api(
        self, request: Request, message_id: str | None, body: bytes, verdict: str, response: Response
    ) -> None:
        await self.record(
            channel="api",
            name=f"{message_id or 'sans-id'}.json",
            media_type=request.headers.get("content-type", ""),
            body=body,
            verdict=verdict,
            detail=bytes(response.body).decode("utf-8"),
            status=response.status_code,
            headers={name: value for name, value in request.headers.items() if name != "x-api-key"},
        )

    async def _status(self, id_message: str, request: Request) -> Response:
        if not self.authorised(request):
            return _unauthorised()
        document = self.state.acquittements.get(id_message)
        if document is None:
            return problem(404, f"Le message {id_message} n'a pas été reçu.", "MESSAGE_INCONNU")
        return Response(as_json(document), media_type="application/json")

    async def _list(self, request: Request, depuis: str | None = None) -> Response:
        if not self.authorised(request):
            return _unauthorised()
        try:
            given = None if depuis is None else datetime.fromisoformat(depuis)
        except ValueError:
            return problem(422, "« depuis » n'est pas une date et heure AAAA-MM-JJThh:mm:ssZ.", "PARAMETRE")
        since = None if given is None else given.replace(tzinfo=given.tzinfo or UTC)
        entries = [
            {key: entry["document"][key] for key in ("idAcquittement", "idMessage", "emisLe")}
            for entry in self._readable()
            if since is None or datetime.fromisoformat(entry["document"]["emisLe"]) >= since
        ]
        return JSONResponse({"acquittements": entries})

    async def _one(self, identifier: str, request: Request) -> Response:
        if not self.authorised(request):
            return _unauthorised()
        for entry in self._readable():
            if entry["document"]["idAcquittement"] == identifier:
                return Response(as_json(entry["document"]), media_type="application/json")
        return problem(404, f"L'acquittement {identifier} n'est pas à lire.", "ACQUITTEMENT_INCONNU")

    async def _confirm(self, identifier: str, request: Request) -> Response:
        if not self.authorised(request):
            return _unauthorised()
        read = [entry for entry in self._readable() if entry["document"]["idAcquittement"] == identifier]
        given = {document["idAcquittement"] for document in self.state.acquittements.values()}
        if not read and identifier not in given:
            return problem(404, f"L'acquittement {identifier} n'existe pas.", "ACQUITTEMENT_INCONNU")
        for entry in read:
            self.state.aEmettre.remove(entry)
        await self.changed()
        return Response(status_code=204)

    async def _health(self, request: Request) -> Response:
        if not self.authorised(request):
            return _unauthorised()
        return JSONResponse({"statut": "ok", "produit": "IDEO GELF", "version": self.state.version})

    def _readable(self) -> list[dict[str, Any]]:
        now = self.clock.now()
        return [entry for entry in self.state.aEmettre if entry["fichier"] is None and _due(entry) <= now]


def create(config: MockConfig) -> Mock:
    """The mock, for ``mock_partners.MOCKS``."""
    return IdeoGelfMock(config)


def _unauthorised() -> JSONResponse:
    return problem(401, "La clé d'API est absente ou fausse.", "NON_AUTORISE")


def _broken_contract(body: bytes) -> JSONResponse | None:
    report = contracts.validate(API_CONTRACT, body)
    anomalies = [finding for finding in report.to_dict()["findings"] if finding["severity"] == "error"]
    if not anomalies:
        return None
    unreadable = anomalies[0]["rule"] in ("GEF-JSON", "GEF-ENCODAGE")
    status, code = (400, "JSON_ILLISIBLE") if unreadable else (422, "CONTRAT_NON_RESPECTE")
    return problem(status, anomalies[0]["message"], code, anomalies=anomalies)


def _values(line: LineRead) -> dict[str, str]:
    return {"tiers": line.supplier, "uf": line.unit, "compte": line.account, "etablissement": line.establishment}


def _sha(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _due(entry: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(entry["du"])


def _first_id(body: bytes) -> str | None:
    """The message id of a file that breaks its contract, when it can still be read."""
    try:
        row = next(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=";"), {})
    except (UnicodeDecodeError, csv.Error):
        return None
    found = row.get("id_message")
    return found if isinstance(found, str) and found else None
