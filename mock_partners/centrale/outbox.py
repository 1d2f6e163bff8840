"""What a simulated cooperative has to say: now, later, twice or never; and what the hub has not read yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from mock_partners.centrale.state import API, Document, Due, State
from mock_partners.kit import FaultScript, MockClock
from mock_partners.kit.clock import parse_duration

ACQUITTEMENT, ETAT, MARCHES, PRODUITS = "acquittement", "etat", "marches", "produits"
READ_KEPT = 200
"""Exchanges that were read are kept that long, for those who look at what was said."""


class Outbox:
    """The exchanges of one cooperative.

    Args:
        state: its state.
        faults: the scenarios in force.
        clock: its clock.
        differe: usual delay of an acknowledgement, a duration such as "2s"; ``None``: with the request.
    """

    def __init__(self, state: State, faults: FaultScript, clock: MockClock, differe: str | None) -> None:
        self._state = state
        self._faults = faults
        self._clock = clock
        self._differe = None if differe is None else parse_duration(differe)

    def answer(self, document: Document, canal: str) -> Document | None:
        """What goes back with the request itself; ``None`` when it is only a receipt, the rest later or never."""
        if self._faults.use("acquit_perdu") is not None:
            return None
        if self._differe is not None:
            self.put(ACQUITTEMENT, document, canal, self._differe)
            return None
        if self._faults.use("acquit_en_double") is not None:
            self.put(ACQUITTEMENT, document, canal)
        return document

    def put(self, nature: str, document: Document, canal: str, wait: timedelta = timedelta(0)) -> str:
        """Queue a document; returns the id of the exchange."""
        identifier = f"ECH-{self._state.next_number('echange'):06d}"
        due = Due(nature=nature, du=(self._clock.now() + wait).isoformat(), canal=canal, document=document)
        (self._state.aEmettre if canal == API else self._state.aDeposer)[identifier] = due
        return identifier

    def readable(self, *, read: bool = False) -> Iterator[tuple[str, Due]]:
        """Exchanges of the API that are due: those the hub has not confirmed, or has."""
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


def pages_of(document: Document, size: int) -> list[list[Document]]:
    """The lines of a publication, page by page; at least one page."""
    lines = document["lignes"]
    return [lines[start : start + size] for start in range(0, len(lines), size)] or [[]]
