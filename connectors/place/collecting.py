"""What waits at PLACE: consultations that changed, and the essential data of notified contracts, month by month.

The platform keeps no list of what was read: each channel opened remembers what it saw. After a restart everything is
read once more, and what the hub already has is recognised by its name and bytes, or simply compared again.
"""

from __future__ import annotations

import calendar
import hashlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from connectors.place.mpe_v1 import MpeV1
from connectors.place.platform import Consultations
from connectors.place.settings import PlaceSettings
from connectors.transports.http import HttpTransport
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.ports.connector import Inbound
from semaphore_hub.ports.outcomes import NotOffered, Outcome

JSON_LD, XML = "application/ld+json", "application/xml"
TOO_FRESH = timedelta(seconds=2)
"""Versions are instants to the second: within it a consultation may change again and keep its version."""

NO_CONTRACTS = b'<?xml version="1.0" encoding="UTF-8"?><marches/>'
"""A period without contracts, as a document: an answer too short to hold any may be nothing at all."""


@dataclass(slots=True)
class Known:
    """What was stored of a consultation or of a period; ``settled`` once its version says all there is."""

    version: str
    digest: str
    read_at: datetime
    settled: bool = False


@dataclass(slots=True)
class PlaceApi:
    """The platform as one instance reaches it, and what was seen of it since it was opened."""

    http: HttpTransport
    contracts: MpeV1
    consultations: Consultations
    settings: PlaceSettings
    clock: Clock
    known: dict[str, Known] = field(default_factory=dict)
    contracts_read_at: datetime | None = None

    async def close(self) -> None:
        """Release connections."""
        await self.http.close()

    def remember(self, token: str) -> None:
        """A document was stored: it is not given again until it changes."""
        key, version, digest = token.rsplit("|", 2)
        self.known[key] = Known(version, digest, self.clock.now())


async def collect(api: PlaceApi) -> AsyncIterator[Inbound]:
    """Everything that changed. An operation that is not offered, or fails, does not stop the others.

    Raises:
        Outcome: the first failure, once everything that could be read was given.
    """
    failures: list[Outcome] = []
    for part in (_consultations(api, failures), _contracts(api, failures)):
        async for document in part:
            yield document
    if failures:
        raise failures[0]


async def _consultations(api: PlaceApi, failures: list[Outcome]) -> AsyncIterator[Inbound]:
    try:
        listed = [one async for one in api.consultations.listed()]
    except NotOffered:
        return
    except Outcome as failure:
        failures.append(failure)
        return
    for one in listed:
        before = api.known.get(one.address)
        same = before is not None and before.version == one.version
        if before is not None and same and (before.settled or api.clock.now() < before.read_at + TOO_FRESH):
            continue
        try:
            body = await api.consultations.read(one)
        except NotOffered:
            return
        except Outcome as failure:
            failures.append(failure)
            continue
        if body is None:
            continue
        digest = hashlib.sha256(body).hexdigest()
        if before is not None and same and before.digest == digest:
            before.settled = True
            continue
        number = one.address.rpartition("/")[2]
        name = f"consultation-{number}-{_plain(one.version)}.json"
        yield Inbound(name, body, JSON_LD, "api", token=f"{one.address}|{one.version}|{digest}")


async def _contracts(api: PlaceApi, failures: list[Outcome]) -> AsyncIterator[Inbound]:
    now = api.clock.now()
    every = timedelta(minutes=api.settings.releveContratsMinutes)
    if api.contracts_read_at is not None and now < api.contracts_read_at + every:
        return
    failed = len(failures)
    years: set[int] = set()
    for first, last in _months(api, now.date()):
        try:
            body = await api.contracts.month(first, last)
        except NotOffered:
            years.add(first.year)
            continue
        except Outcome as failure:
            failures.append(failure)
            continue
        if (document := _contract_document(api, f"contrats-{first:%Y-%m}", body, now)) is not None:
            yield document
    for year in sorted(years):
        try:
            body = await api.contracts.year(year)
        except NotOffered:
            continue
        except Outcome as failure:
            failures.append(failure)
            continue
        if (document := _contract_document(api, f"contrats-{year}", body, now)) is not None:
            yield document
    if len(failures) == failed:
        api.contracts_read_at = now


def _contract_document(api: PlaceApi, period: str, body: bytes | None, now: datetime) -> Inbound | None:
    """The document of a period, when it says something that was not stored yet; that it is empty, as well."""
    if body is None:
        body = NO_CONTRACTS
    digest = hashlib.sha256(body).hexdigest()
    before = api.known.get(period)
    if before is not None and before.digest == digest:
        return None
    # The instant is in the name: a period that comes back to what it once was is news.
    return Inbound(f"{period}-{now:%Y%m%dT%H%M%S}.xml", body, XML, "api", token=f"{period}||{digest}")


def _months(api: PlaceApi, today: date) -> Iterator[tuple[date, date]]:
    """First and last day of each month to read, oldest first; all of them only the first time."""
    month = _months_before(today, api.settings.moisSuivis - 1)
    since = api.settings.contratsDepuis
    if since is not None and api.contracts_read_at is None:
        month = min(month, since.replace(day=1))
    while month <= today:
        last = month.replace(day=calendar.monthrange(month.year, month.month)[1])
        yield month, last
        month = last + timedelta(days=1)


def _months_before(day: date, count: int) -> date:
    """First day of the month so many months before."""
    months = day.year * 12 + day.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)


def _plain(version: str) -> str:
    """A version as a part of a file name."""
    return "".join(character if character.isalnum() else "-" for character in version)
