"""The simulated PLACE: MPE v1 (``place/mpe-v1/1``), MPE v2 (``place/mpe-v2/2``, assumed), and a buyer with files.

``MockConfig.options``: ``absentes`` (operations that answer 501; see ``state.OPERATIONS``), ``organisme``, ``login``,
``dureeTicket`` and ``dureeJeton`` ("30m"), ``export`` ("csv" or "json": what the buyer exports). ``api_key`` is the
password of the account. Control plane of its own: ``POST /_mock/offres``, ``POST /_mock/attribuer``.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from typing import Any, ClassVar

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import ValidationError

import contracts
from mock_partners.kit import Mock, MockConfig, problem, read_body
from mock_partners.kit.clock import parse_duration
from mock_partners.place import access, folder, views
from mock_partners.place.buyer import Attribution, NewOffers, attribute_by_hand, receive_offers
from mock_partners.place.ledger import Ledger, Refusal
from mock_partners.place.services_v1 import ServicesV1
from mock_partners.place.state import MISSING_BY_DEFAULT, Message, State

JSON_LD = "application/ld+json"
WRITTEN, IMPORTED = "place/mpe-v2/2", "place/depot-csv/1"
_TYPES = {"consultations": "Consultation", "contrats": "Contrat", "abandons": "Abandon"}


class PlaceMock(Mock):
    """One organisation at PLACE, and its buyer."""

    id = "place"
    title = "PLACE (simulée ; MPE v2 supposé)"
    fault_target = "POST /api/v2/"
    scenarios: ClassVar[Mapping[str, str]] = {
        "consultation_infructueuse": "à l'ouverture des plis, la consultation est déclarée infructueuse à PLACE",
        "offre_tardive": "les offres suivantes arrivent le lendemain de la date limite",
        "ticket_expire": "le ticket est échu au moment de servir",
        "jeton_expire": "le jeton est échu au moment de servir",
        "html_au_lieu_de_xml": "une page HTML est répondue avec le statut 200 à la place du XML",
        "resultat_vide": "la période demandée n'a rien : moins de 60 octets",
        "contrat_divergent": "les contrats publiés ont un autre montant (paramètre, sinon 1.00)",
        "reference_prise": "la consultation écrite est refusée : sa référence est celle d'une autre",
    }

    def clear(self) -> None:
        """An organisation without consultations, with the operations that the configuration takes away."""
        options = self.config.options
        given = {name: options[name] for name in ("organisme",) if name in options}
        self.state = State(absentes=sorted(options.get("absentes", MISSING_BY_DEFAULT)), **given)
        self.ledger = Ledger(self.state)

    def snapshot(self) -> dict[str, Any]:
        """The business state."""
        return self.state.model_dump(mode="json")

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take a state; missing keys keep their value."""
        self.state = State.model_validate({**self.snapshot(), **state})
        self.ledger = Ledger(self.state)

    def router(self) -> APIRouter:
        """The operations of both generations, and what a person does at the platform."""
        router = APIRouter()
        router.include_router(ServicesV1(self).router())
        router.add_api_route("/api/v2/healthCheck", self._health, methods=["GET"])
        router.add_api_route("/api/v2/token", self._token, methods=["POST"])
        router.add_api_route("/api/v2/consultations", self._list, methods=["GET"])
        router.add_api_route("/api/v2/consultations/{number}", self._read, methods=["GET"])
        for resource in _TYPES:
            router.add_api_route(f"/api/v2/{resource}", self._writing(resource), methods=["POST"], name=resource)
        router.add_api_route("/_mock/offres", self._offers, methods=["POST"])
        router.add_api_route("/_mock/attribuer", self._attribute, methods=["POST"])
        return router

    def knows(self, login: str, password: str) -> bool:
        """Whether this is the account (any password will do when none is configured)."""
        expected = self.config.options.get("login")
        return (expected is None or login == expected) and self.config.api_key in (None, password)

    def offers(self, operation: str) -> bool:
        """Whether the platform has this operation."""
        return operation not in self.state.absentes

    # -- v2 ---------------------------------------------------------------------------------------------------------

    async def _health(self) -> dict[str, Any]:
        return {"statut": "ok", "produit": "PLACE (simulée)", "absentes": self.state.absentes}

    async def _token(self, request: Request) -> Response:
        if not self.offers("v2.token"):
            return _not_offered("v2.token")
        try:
            given = json.loads(await read_body(request))
            known = self.knows(str(given["login"]), str(given["password"]))
        except (ValueError, KeyError, TypeError):
            return problem(400, "Le corps doit dire login et password.", "CORPS")
        if not known:
            return problem(401, "Compte ou mot de passe inconnu.", "COMPTE")
        life = parse_duration(self.config.options.get("dureeJeton", "1h"))
        return JSONResponse({"token": access.new_token(str(given["login"]), self.clock.now(), life)})

    async def _list(self, request: Request, page: int = 1, itemsPerPage: int = 30) -> Response:
        refused = self._refuse(request, "v2.consultations.lire")
        if refused is not None:
            return refused
        size = max(1, min(itemsPerPage, 100))
        everything = list(self.state.consultations.values())
        members = [views.listed(one) for one in everything[(max(page, 1) - 1) * size : max(page, 1) * size]]
        content = {"@type": "hydra:Collection", "hydra:totalItems": len(everything), "hydra:member": members}
        return JSONResponse(content, media_type=JSON_LD)

    async def _read(self, number: str, request: Request) -> Response:
        refused = self._refuse(request, "v2.consultations.lire")
        if refused is not None:
            return refused
        for one in self.state.consultations.values():
            if str(one.id) == number:
                return JSONResponse(views.consultation_json(one, self.state.organisme), media_type=JSON_LD)
        return problem(404, f"La consultation {number} n'existe pas.", "CONSULTATION_INCONNUE")

    def _writing(self, resource: str) -> Any:
        async def write(request: Request) -> Response:
            refused = self._refuse(request, f"v2.{resource}.ecrire")
            if refused is not None:
                return refused
            body = await read_body(request)
            response, verdict = self._written(resource, request, body)
            await self.record(
                channel="api",
                name=f"{resource}-{hashlib.sha256(body).hexdigest()[:12]}.json",
                media_type=request.headers.get("content-type", ""),
                body=body,
                verdict=verdict,
                detail=bytes(response.body).decode("utf-8"),
                status=response.status_code,
                headers={name: value for name, value in request.headers.items() if name != "authorization"},
            )
            await self.changed()
            return response

        return write

    def _written(self, resource: str, request: Request, body: bytes) -> tuple[Response, str]:
        """The answer to one message, applied, and the verdict for the journal."""
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type not in (JSON_LD, "application/json"):
            return problem(415, "Le corps doit être de type application/ld+json.", "TYPE_DE_CONTENU"), "rejected"
        errors = [one for one in contracts.validate(WRITTEN, body).findings if one.severity == "error"]
        if errors:
            status = 400 if errors[0].rule in ("PLACE-JSON", "PLACE-ENCODAGE") else 422
            violations = [{"propertyPath": one.path, "message": one.message, "code": one.rule} for one in errors]
            return problem(status, errors[0].message, errors[0].rule, violations=violations), "rejected"
        message = json.loads(body)
        if message["@type"] != _TYPES[resource]:
            return problem(422, f"Un {message['@type']} ne s'écrit pas ici.", "TYPE"), "rejected"
        digest = hashlib.sha256(body).hexdigest()
        if digest in self.state.ecrits:
            return _answer(self.state.ecrits[digest], "deja_ecrit", 200), "replayed"
        try:
            written = self._apply(message)
        except Refusal as refusal:
            return problem(refusal.status, refusal.detail, refusal.code), "rejected"
        self.state.ecrits[digest] = written.address
        return _answer(written.address, written.statut, 201 if written.created else 200), "accepted"

    def _apply(self, message: Message) -> Any:
        if message["@type"] == "Consultation" and self.faults.use("reference_prise") is not None:
            raise Refusal(409, "DEJA_PRIS", f"La référence {message['reference']} est celle d'une autre consultation.")
        written = self.ledger.write(message, self.clock.now())
        self._happened()
        if message.get("etape") == "analyse" and self.faults.use("consultation_infructueuse") is not None:
            self._fail(message["reference"])
        return written

    def _fail(self, reference: str) -> None:
        """The buyer finds nothing to retain and says so at the platform, not in the hub."""
        for part in self.state.consultations[reference].parts:
            part.statut, part.motif = "infructueuse", "aucune offre"

    def _refuse(self, request: Request, operation: str) -> JSONResponse | None:
        """Why a v2 call is not served; the operation is looked at first, as a gateway does."""
        if not self.offers(operation):
            return _not_offered(operation)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        good = scheme.lower() == "bearer" and token.count(".") == 2 and access.token_is_good(token, self.clock.now())
        if not good or self.faults.use("jeton_expire") is not None:
            return problem(401, "Le jeton est absent, faux ou échu.", "JETON")
        return None

    # -- the buyer at the platform ------------------------------------------------------------------------------------

    async def _offers(self, given: NewOffers) -> Response:
        """Offers come for a consultation."""
        late = self.faults.use("offre_tardive") is not None
        return await self._by_hand(lambda: receive_offers(self.state, given, self.clock.now(), late=late))

    async def _attribute(self, given: Attribution) -> Response:
        """The buyer attributes, completes the contract and notifies it."""
        return await self._by_hand(lambda: attribute_by_hand(self.state, given, self.clock.now()))

    async def _by_hand(self, act: Any) -> Response:
        before = self.snapshot()
        try:
            content = act()
        except (Refusal, ValidationError) as error:
            self.restore(before)
            if isinstance(error, Refusal):
                return problem(error.status, error.detail, error.code)
            return problem(422, str(error), "VALEURS")
        self._happened()
        await self.changed()
        return JSONResponse(content)

    async def scan(self) -> None:
        """The buyer imports the files of the hub, then exports what has changed."""
        inbox = self.config.depot_dir
        assert inbox is not None
        for name, body in await asyncio.to_thread(folder.waiting, inbox):
            reason = self._import(name, body)
            await asyncio.to_thread(folder.settle, inbox, name, folder.REFUSED if reason else folder.IMPORTED)
            verdict = "rejected" if reason else "accepted"
            await self.record(
                channel="file", name=name, media_type="text/csv", body=body, verdict=verdict, detail=reason
            )
            await self.changed()
        if self.state.aExporter and self.config.retour_dir is not None:
            await self._export()

    def _import(self, name: str, body: bytes) -> str:
        """Why a file is refused; empty when every row was applied."""
        errors = [one for one in contracts.validate(IMPORTED, body).findings if one.severity == "error"]
        if errors:
            return f"{errors[0].path} : {errors[0].message}"
        if not folder.FILE_NAME.fullmatch(name):
            return f"Le nom {name} n'est pas PLACE_<organisme>_<AAAAMMJJ>_<NNNNN>.csv."
        before = self.snapshot()
        try:
            for message in folder.messages(body):
                self._apply(message)
        except Refusal as refusal:
            self.restore(before)
            return f"{refusal.code} : {refusal.detail}"
        self.state.aExporter = True
        return ""

    def _happened(self) -> None:
        """Something changed: the buyer exports it for the hub when the hub cannot read it by itself."""
        self.state.aExporter = self.state.aExporter or not self.offers("v2.consultations.lire")

    async def _export(self) -> None:
        assert self.config.retour_dir is not None
        kind = self.config.options.get("export", "csv")
        self.state.exports += 1
        self.state.aExporter = False
        body = views.export_json(self.state, self.clock.now()) if kind == "json" else views.export_csv(self.state)
        name = f"export-consultations-{self.clock.today():%Y%m%d}-{self.state.exports:03d}.{kind}"
        await asyncio.to_thread(folder.put, self.config.retour_dir, name, body)
        await self.changed()


def create(config: MockConfig) -> Mock:
    """The mock, for ``mock_partners.MOCKS``."""
    return PlaceMock(config)


def _not_offered(operation: str) -> JSONResponse:
    return problem(501, f"Opération non implémentée : {operation}.", "NON_IMPLEMENTE")


def _answer(address: str, statut: str, status: int) -> JSONResponse:
    return JSONResponse({"@id": address, "statut": statut}, status, media_type=JSON_LD)
