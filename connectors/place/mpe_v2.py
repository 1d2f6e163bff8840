"""MPE v2, **assumed** (hypothèse): a JWT, JSON-LD, Hydra collections. Implements :class:`.platform.Consultations`.

No specification was found: paths, fields and statuses are those of our contract ``place/mpe-v2/2``.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from connectors.place.platform import Listed
from connectors.transports.http import HttpResponse, HttpTransport, classify, problem_of
from semaphore_hub.ports.connector import Outgoing, Receipt
from semaphore_hub.ports.outcomes import Misconfigured, NotOffered, Outcome, Reject, Retry, Unknown

NOT_OFFERED, REFUSED_TOKEN = 501, 401
GONE, NO_SUCH_ADDRESS = (404, 410), (404, 405)
PAGE_SIZE = 100
MAX_PAGES = 1000
_PREFIX = "/api/v2"
_WRITES = {"consultation": "/consultations", "attribution": "/contrats", "abandon": "/abandons"}
_JSON_LD = "application/ld+json"


class MpeV2:
    """The v2 API of one platform, for one account. A token is kept until it is refused."""

    def __init__(self, http: HttpTransport, login: str, password: str, organisme: str) -> None:
        self._http = http
        self._login = login
        self._password = password
        self._organisme = organisme
        self._token: str | None = None

    async def write(self, outgoing: Outgoing) -> Receipt:
        """See ``Consultations.write``."""
        message = outgoing.message
        headers = {"Content-Type": message.media_type, "Idempotency-Key": outgoing.idempotency_key, **message.headers}
        answer = await self._call("POST", _WRITES[message.type], content=message.body, headers=headers)
        if answer.status in NO_SUCH_ADDRESS and problem_of(answer)[1] is None:
            # Not a refusal of the message, which has a code: it is another server, or another version.
            raise Misconfigured(f"{answer.url} answered {answer.status}: check baseUrl", status=answer.status)
        _done(answer)
        written = answer.json()
        if not isinstance(written, dict) or not isinstance(written.get("@id"), str):
            raise Unknown("PLACE answered without @id", status=answer.status, excerpt=answer.excerpt)
        return Receipt(reference=written["@id"], status=answer.status)

    async def listed(self) -> AsyncIterator[Listed]:
        """See ``Consultations.listed``."""
        seen = 0
        for page in range(1, MAX_PAGES + 1):
            params = {"organisme": self._organisme, "page": str(page), "itemsPerPage": str(PAGE_SIZE)}
            answer = _done(await self._call("GET", "/consultations", params=params))
            members, total = _members(answer)
            for member in members:
                yield Listed(member["@id"], str(member["reference"]), str(member["dateModification"]))
            seen += len(members)
            if not members or seen >= total:
                return
        raise Retry(f"PLACE lists more than {MAX_PAGES * PAGE_SIZE} consultations")

    async def read(self, one: Listed) -> bytes | None:
        """See ``Consultations.read``."""
        answer = await self._call("GET", one.address.removeprefix(_PREFIX))
        return None if answer.status in GONE else _done(answer).body

    async def check(self) -> tuple[str, ...]:
        """See ``Consultations.check``."""
        answer = _done(await self._http.request("GET", f"{_PREFIX}/healthCheck"))
        said = answer.json()
        absent = said.get("absentes", []) if isinstance(said, dict) else []
        await self._sign_in()
        return tuple(str(one) for one in absent) if isinstance(absent, list) else ()

    async def _call(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> HttpResponse:
        """One call with a token; once more with a new one when the token we had is refused."""
        for fresh in (self._token is None, True):
            token = self._token or await self._sign_in()
            sent = {"Accept": _JSON_LD, **(headers or {}), "Authorization": f"Bearer {token}"}
            answer = await self._http.request(method, f"{_PREFIX}{path}", content=content, headers=sent, params=params)
            if answer.status != REFUSED_TOKEN or fresh:
                return answer
            self._token = None
        raise AssertionError("the second call always ends")

    async def _sign_in(self) -> str:
        """A new token. Nothing has been sent yet when this fails: what is not a setting to correct is tried again."""
        content = json.dumps({"login": self._login, "password": self._password}).encode("utf-8")
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        try:
            answer = _done(await self._http.request("POST", f"{_PREFIX}/token", content=content, headers=headers))
            token = answer.json()["token"]
        except (KeyError, TypeError) as error:
            raise Retry("PLACE gave no token") from error
        except Unknown as unsure:
            raise Retry(unsure.reason, status=unsure.status) from unsure
        except Reject as refusal:
            said = f"PLACE refused the account {self._login}: {refusal.reason}; check baseUrl and login"
            raise Misconfigured(said, status=refusal.status) from refusal
        if not isinstance(token, str) or not token:
            raise Misconfigured(f"PLACE gave no token to the account {self._login}")
        self._token = token
        return token


def _done(answer: HttpResponse) -> HttpResponse:
    if answer.status == NOT_OFFERED:
        raise NotOffered(_not_offered(answer), status=answer.status, excerpt=answer.excerpt)
    outcome: Outcome | None = classify(answer)
    if outcome is not None:
        raise outcome
    return answer


def _not_offered(answer: HttpResponse) -> str:
    return f"PLACE does not offer {answer.method} {answer.url}"


def _members(answer: HttpResponse) -> tuple[list[dict[str, Any]], int]:
    page = answer.json()
    members = page.get("hydra:member") if isinstance(page, dict) else None
    if not isinstance(members, list) or not all(_is_listed(member) for member in members):
        raise Retry("the list of consultations is not in its form", status=answer.status, excerpt=answer.excerpt)
    total = page.get("hydra:totalItems")
    return members, total if isinstance(total, int) else len(members)


def _is_listed(member: Any) -> bool:
    if not isinstance(member, dict) or not {"reference", "dateModification"} <= set(member):
        return False
    address = member.get("@id")
    return isinstance(address, str) and address.startswith(f"{_PREFIX}/consultations/")
