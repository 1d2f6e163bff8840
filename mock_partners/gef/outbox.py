"""What a simulated GEF has to say: now, later, twice, wrongly or never; and what the hub has not read yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from mock_partners.gef import scenarios
from mock_partners.gef.documents import Document
from mock_partners.gef.state import Due, State
from mock_partners.kit import FaultScript, MockClock

COMPTE_RENDU, FLUX = "compteRendu", "flux"
READ_KEPT = 200
"""Exchanges that were read are kept that long, for those who look at what was said."""


class Outbox:
    """The exchanges of one GEF."""

    def __init__(self, state: State, faults: FaultScript, clock: MockClock, differe: str | None) -> None:
        self._state = state
        self._faults = faults
        self._clock = clock
        self._differe = differe

    def answer(self, document: Document, canal: str, finess: str) -> Document | None:
        """What goes back with the request itself; ``None`` when it is only a receipt, the rest later or never."""
        if self._faults.use("acquit_perdu") is not None:
            return None
        document = scenarios.perhaps_wrong(self._faults, document)
        wait = scenarios.delay(self._faults, self._differe)
        if wait is not None:
            self.put(document, COMPTE_RENDU, canal, finess, wait)
            return None
        if self._faults.use("acquit_en_double") is not None:
            self.put(document, COMPTE_RENDU, canal, finess)
        return document

    def send(self, document: Document, canal: str, finess: str) -> None:
        """A compte rendu that goes by itself: a file, or the end of a wait."""
        now = self.answer(document, canal, finess)
        if now is not None:
            self.put(now, COMPTE_RENDU, canal, finess)

    def put(self, document: Document, nature: str, canal: str, finess: str, wait: timedelta = timedelta(0)) -> str:
        """Queue a document; returns the id of the exchange."""
        identifier = f"ECH-{self._state.next_number('echange'):06d}"
        due = (self._clock.now() + wait).isoformat()
        queue = self._state.aEmettre if canal == "api" else self._state.aDeposer
        queue[identifier] = Due(nature=nature, du=due, canal=canal, finess=finess, document=document)
        return identifier

    def readable(self, *, read: bool = False) -> Iterator[tuple[str, Due]]:
        """Exchanges of the programming interface that are due: those the hub has not confirmed, or has."""
        now = self._clock.now()
        for identifier, one in self._state.aEmettre.items():
            if one.lu is read and datetime.fromisoformat(one.du) <= now:
                yield identifier, one

    def find(self, identifier: str) -> Due | None:
        """One exchange that may be read, or was."""
        one = self._state.aEmettre.get(identifier)
        return one if one is not None and datetime.fromisoformat(one.du) <= self._clock.now() else None

    def confirm(self, identifier: str) -> bool:
        """The hub has read it; ``False`` when there is no such exchange. Twice is as once."""
        one = self.find(identifier)
        if one is None:
            return False
        one.lu = True
        read = [known for known, other in self._state.aEmettre.items() if other.lu]
        for known in read[:-READ_KEPT]:
            del self._state.aEmettre[known]
        return True

    def files_due(self) -> list[tuple[str, Due]]:
        """Documents to be put as files now, in order."""
        now = self._clock.now()
        return [(known, one) for known, one in self._state.aDeposer.items() if datetime.fromisoformat(one.du) <= now]

    def written(self, identifier: str) -> None:
        """The file is there."""
        self._state.aDeposer.pop(identifier, None)
