"""One request, one transaction: several callers at once, and an event log that refuses."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.db import UnitOfWork
from semaphore_hub.kernel.errors import AlreadyExists, HubError, Outdated
from semaphore_hub.modules.marches.schemas import NotificationMarche, NouveauMarche
from semaphore_hub.modules.marches.search import Filtres
from semaphore_hub.modules.marches.service import MarchesService
from semaphore_hub.modules.marches.store import MarcheStore
from semaphore_hub.ports.events import Event
from tests.modules.fakes import RecordedEvents
from tests.modules.samples import NOTIFICATION, marche


class RefusingLog:
    """An event log that has seen the version already."""

    def append(self, unit: UnitOfWork, event: Event) -> None:
        raise Outdated(f"version {event.version} exists")


def test_when_the_event_cannot_be_written_the_marche_is_not_either(known: Services, clock: ManualClock) -> None:
    service = MarchesService(MarcheStore(clock, RefusingLog()))
    with pytest.raises(Outdated), known.database.write() as unit:
        service.creer(unit, LOCAL, NouveauMarche.model_validate(marche()))
    with known.database.read() as connection:
        assert known.marches.lister(connection, LOCAL, Filtres(), limit=5, after=None) == ([], None)


def test_of_ten_callers_who_notify_at_once_one_succeeds(known: Services, events: RecordedEvents) -> None:
    with known.database.write() as unit:
        uid = known.marches.creer(unit, LOCAL, NouveauMarche.model_validate(marche())).uid
    events.clear()
    notification = NotificationMarche.model_validate(NOTIFICATION)

    def notify(_: int) -> str:
        try:
            with known.database.write() as unit:
                return known.marches.notifier(unit, LOCAL, uid, 1, notification).statut
        except HubError as error:
            return type(error).__name__

    with ThreadPoolExecutor(5) as pool:
        outcomes = list(pool.map(notify, range(10)))
    assert sorted(outcomes) == ["Outdated"] * 9 + ["notifie"]
    assert len(events) == 1


def test_of_ten_callers_who_create_the_same_id_one_succeeds(known: Services, events: RecordedEvents) -> None:
    nouveau = NouveauMarche.model_validate(marche())

    def create(_: int) -> bool:
        try:
            with known.database.write() as unit:
                known.marches.creer(unit, LOCAL, nouveau)
        except AlreadyExists:
            return False
        return True

    with ThreadPoolExecutor(5) as pool:
        assert sum(pool.map(create, range(10))) == 1
    assert len(events) == 1
