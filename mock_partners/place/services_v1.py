"""MPE v1 of the simulated platform: tickets, and the essential data of notified contracts. Errors are web pages."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date, datetime
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response

from mock_partners.kit import read_body
from mock_partners.kit.clock import parse_duration
from mock_partners.place import access, views
from mock_partners.place.state import Contrat

if TYPE_CHECKING:
    from mock_partners.place.app import PlaceMock

_BASE = "/app.php/api/v1/donnees-essentielles/contrat"
_DAY = re.compile(r"[0-9]{2}-[0-9]{2}-[0-9]{4}")
_XML = "application/xml"


class ServicesV1:
    """The v1 web services of one platform."""

    def __init__(self, mock: PlaceMock) -> None:
        self._mock = mock

    def router(self) -> APIRouter:
        """The operations of the contract ``place/mpe-v1/1``."""
        router = APIRouter()
        router.add_api_route(
            "/api.php/ws/authentification/connexion/{login}/{password:path}", self._sign_in, methods=["GET"]
        )
        for form in ("format-pivot", "format-etendu"):
            router.add_api_route(f"{_BASE}/{form}", self._notified(form), methods=["POST"], name=form)
        router.add_api_route(
            f"{_BASE}/xml-extraire-criteres/{{organisme}}/0/1/{{year}}/{{criteria:path}}", self._public, methods=["GET"]
        )
        return router

    async def _sign_in(self, login: str, password: str) -> Response:
        mock = self._mock
        if not mock.offers("v1.connexion"):
            return _page(501, "Service non implémenté : connexion.")
        if not mock.knows(login, password):
            return _page(401, "Compte ou mot de passe inconnu.")
        ticket = access.new_ticket()
        life = parse_duration(mock.config.options.get("dureeTicket", "30m"))
        now = mock.clock.now()
        mock.state.tickets = {one: end for one, end in mock.state.tickets.items() if end > now} | {ticket: now + life}
        await mock.changed()
        return Response(f'<?xml version="1.0" encoding="UTF-8"?><ticket>{ticket}</ticket>', media_type=_XML)

    def _notified(self, form: str) -> Any:
        async def answer(request: Request) -> Response:
            mock = self._mock
            if not mock.offers(f"v1.{form}"):
                return _page(501, f"Service non implémenté : {form}.")
            given = await _parameters(request)
            end = mock.state.tickets.get(given.get("token", ""))
            if end is None or end <= mock.clock.now() or mock.faults.use("ticket_expire") is not None:
                mock.state.tickets.pop(given.get("token", ""), None)
                return _page(401, "Votre session a expiré.")
            first, last = _day(given.get("date_notif_min")), _day(given.get("date_notif_max"))
            if first is None or last is None:
                return _page(200, "Une erreur est survenue : dates attendues au format JJ-MM-AAAA.")
            siren = given.get("siren", "")
            found = [
                one
                for one in mock.state.contracts()
                if one.dateNotification and first <= one.dateNotification <= last and one.acheteur.startswith(siren)
            ]
            return self._answer(found, extended=form == "format-etendu")

        return answer

    async def _public(self, organisme: str, year: int, criteria: str) -> Response:
        mock = self._mock
        if not mock.offers("v1.xml-extraire-criteres"):
            return _page(501, "Service non implémenté : xml-extraire-criteres.")
        if organisme != mock.state.organisme or criteria != "/".join(["false"] * 9):
            return _page(200, "Une erreur est survenue : organisme ou critères inconnus.")
        found = [one for one in mock.state.contracts() if one.dateNotification and one.dateNotification.year == year]
        return self._answer(found, extended=False)

    def _answer(self, found: Sequence[Contrat], *, extended: bool) -> Response:
        faults = self._mock.faults
        if faults.use("html_au_lieu_de_xml") is not None:
            return _page(200, "Maintenance en cours.")
        if faults.use("resultat_vide") is not None:
            found = ()
        other = faults.use("contrat_divergent") if found else None
        if other is not None:
            found = [one.model_copy(update={"montantHT": other.parameter or "1.00"}) for one in found]
        return Response(views.essential_data(found, self._mock.state, extended=extended), media_type=_XML)


async def _parameters(request: Request) -> dict[str, str]:
    """Those of a form, or of a JSON object."""
    body = await read_body(request)
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            given = json.loads(body)
        except ValueError:
            return {}
        return {str(name): str(value) for name, value in given.items()} if isinstance(given, dict) else {}
    return {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _day(text: str | None) -> date | None:
    if text is None or not _DAY.fullmatch(text):
        return None
    try:
        return datetime.strptime(text, "%d-%m-%Y").date()  # noqa: DTZ007 - a day has no time zone
    except ValueError:
        return None


def _page(status: int, sentence: str) -> Response:
    html = f"<!DOCTYPE html>\n<html><head><title>PLACE</title></head><body><p>{escape(sentence)}</p></body></html>\n"
    return Response(html, status, media_type="text/html")
