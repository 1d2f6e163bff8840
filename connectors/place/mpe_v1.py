"""MPE v1: a ticket, then the essential data of notified contracts. Derived from publicly documented calls.

Sources: megalis-bretagne/opendata-extraction, ``app/tasks/marches_tasks.py``; ColinMaudry/atexo-decp-scraper. What the
platform answers to a wrong ticket is not documented: 401, or its web page with status 200, both ask for a new ticket.
"""

from __future__ import annotations

from datetime import date
from urllib.parse import quote, urlencode

from connectors.place.essential_data import EMPTY_BELOW_BYTES, is_page
from connectors.transports.http import HttpResponse, HttpTransport, classify
from connectors.transports.xml import XmlRefused, parse
from semaphore_hub.ports.outcomes import Misconfigured, NotOffered, Outcome, Reject, Retry

NOT_OFFERED = 501
_BASE = "/app.php/api/v1/donnees-essentielles/contrat"
_MONTHLY = ("format-pivot", "format-etendu")
"""In order of preference: the second adds data of the platform's agents, which the hub has no use for."""


class MpeV1:
    """The v1 web services of one platform, for one account. A ticket is kept until it is refused.

    Args:
        http: the platform.
        login: technical account.
        password: sent in the address of one call, as the platform wants it; hidden from every message.
        organisme: acronym of the organisation.
    """

    def __init__(self, http: HttpTransport, login: str, password: str, organisme: str) -> None:
        self._http = http
        self._login = login
        self._password = password
        self._organisme = organisme
        self._ticket: str | None = None

    async def sign_in(self) -> str:
        """A new ticket.

        Raises:
            Misconfigured: the account is refused. NotOffered, Retry: as any call.
        """
        path = f"/api.php/ws/authentification/connexion/{quote(self._login, safe='')}/{quote(self._password, safe='')}"
        try:
            answer = _not_a_page(_done(await self._http.request("GET", path)))
        except Reject as refusal:
            said = f"PLACE refused the account {self._login} ({refusal.status}): check baseUrl, login and password"
            raise Misconfigured(said, status=refusal.status) from None
        except Outcome as outcome:
            raise self._hidden(outcome) from None
        try:
            ticket = parse(answer.body).getroot().text
        except XmlRefused:
            ticket = None
        if not ticket or not ticket.strip():
            raise Misconfigured(f"PLACE gave no ticket to the account {self._login}", status=answer.status)
        self._ticket = ticket.strip()
        return self._ticket

    async def month(self, first: date, last: date) -> bytes | None:
        """Essential data notified between two days, as they came; ``None`` when there are none.

        Raises:
            NotOffered: neither form is offered. Retry, Unknown, Misconfigured: as any call.
        """
        refusal: NotOffered | None = None
        for operation in _MONTHLY:
            try:
                return await self._notified(operation, first, last)
            except NotOffered as absent:
                refusal = absent
        assert refusal is not None
        raise refusal

    async def year(self, year: int) -> bytes | None:
        """Essential data of a year, by the call that needs no account.

        Raises:
            NotOffered, Retry: as any call.
        """
        path = f"{_BASE}/xml-extraire-criteres/{self._organisme}/0/1/{year}" + "/false" * 9
        return _content(_not_a_page(_done(await self._http.request("GET", path))))

    async def _notified(self, operation: str, first: date, last: date) -> bytes | None:
        for attempt in (1, 2):
            fresh = self._ticket is None
            form = {
                "token": self._ticket or await self.sign_in(),
                "version": "v1",
                "date_notif_min": f"{first:%d-%m-%Y}",
                "date_notif_max": f"{last:%d-%m-%Y}",
            }
            answer = await self._http.request(
                "POST",
                f"{_BASE}/{operation}",
                content=urlencode(form).encode("ascii"),
                headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/xml"},
            )
            doubtful = answer.status in (401, 403) or (answer.status < 300 and _page(answer))
            if doubtful and not fresh and attempt == 1:
                self._ticket = None  # probably at its end: once more with a new one
                continue
            return _content(_not_a_page(_done(answer)))
        raise AssertionError("the second attempt always ends")

    def _hidden(self, outcome: Outcome) -> Outcome:
        """The same outcome without the password, which the address of the call holds."""
        secret = quote(self._password, safe="")

        def hide(text: str | None) -> str | None:
            return text and text.replace(secret, "***").replace(self._password, "***")

        outcome.reason = hide(outcome.reason) or ""
        outcome.excerpt = hide(outcome.excerpt)
        outcome.args = (outcome.reason,)
        outcome.__cause__ = outcome.__context__ = None
        return outcome


def _done(answer: HttpResponse) -> HttpResponse:
    if answer.status == NOT_OFFERED:
        raise NotOffered("PLACE does not offer this operation", status=answer.status, excerpt=answer.excerpt)
    outcome = classify(answer)
    if outcome is not None:
        raise outcome
    return answer


def _not_a_page(answer: HttpResponse) -> HttpResponse:
    if _page(answer):
        raise Retry(f"{answer.url} answered a web page instead of XML", status=answer.status, excerpt=answer.excerpt)
    return answer


def _page(answer: HttpResponse) -> bool:
    return answer.media_type == "text/html" or is_page(answer.body.lstrip()[:200].lower())


def _content(answer: HttpResponse) -> bytes | None:
    return answer.body if len(answer.body) >= EMPTY_BELOW_BYTES else None
