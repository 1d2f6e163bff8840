"""One marché, several views: field by field, what each partner was told, against what the hub knows.

What a partner was told is read back from the bytes of the last message it did not refuse. A field that differs is
explained, or it is a difference to look at:

- the message declared a loss that covers the field;
- something newer waits for this partner, was refused by it, or is never said to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, select

from semaphore_hub.delivery.event_log import to_event
from semaphore_hub.delivery.registry import ConnectorRegistry
from semaphore_hub.delivery.states import State
from semaphore_hub.delivery.tables import delivery, partner
from semaphore_hub.delivery.tables import event as event_table
from semaphore_hub.kernel.access import Caller, within
from semaphore_hub.kernel.errors import NotFound
from semaphore_hub.ports.champs import Champs, champs_of
from semaphore_hub.ports.events import MARCHE_ETATS, Event
from semaphore_hub.ports.manifest import Manifest
from semaphore_hub.ports.payloads import MarchePayload

_TOLD = frozenset({State.ACKNOWLEDGED, State.SENT, State.OVERDUE, State.UNCERTAIN})
_REFUSED = frozenset({State.REJECTED, State.DEAD})


class Verdict(StrEnum):
    """How what a partner was told of one field compares with what the hub knows."""

    IDENTIQUE = "identique"
    PERTE = "perte déclarée"
    EN_ATTENTE = "en attente"
    REFUSE = "refusé"
    NON_DIT = "non dit"  #: the fact that changed it is not one this partner hears
    DIFFERENCE = "différence"  #: nothing explains it


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field at one partner; ``raison`` is the declared loss, or the reason of the verdict."""

    valeur: str | None
    verdict: Verdict
    raison: str | None = None


@dataclass(frozen=True, slots=True)
class PartnerView:
    """What one partner was told.

    Attributes:
        partner: its id.
        label: who it is.
        connector: kind of partner.
        told: the delivery it was told by; ``None`` when it was told nothing it did not refuse.
        waiting: state of a newer delivery that is on its way.
        refused: state of a newer delivery that was refused or is dead, and why.
        fields: every field known to the hub or told to the partner.
    """

    partner: str
    label: str
    connector: str
    told: Row[Any] | None
    waiting: str | None
    refused: str | None
    fields: Mapping[str, FieldView]


@dataclass(frozen=True, slots=True)
class MarcheViews:
    """A marché as the hub knows it, and as each partner was told.

    Attributes:
        event: the last event about it that carries its state.
        reference: every field, as the hub knows it.
        partners: views of the partners that have deliveries about it, by id.
    """

    event: Event
    reference: Champs
    partners: tuple[PartnerView, ...]

    @property
    def differences(self) -> int:
        """How many fields nothing explains."""
        return sum(view.verdict is Verdict.DIFFERENCE for one in self.partners for view in one.fields.values())


def views_of(connection: Connection, registry: ConnectorRegistry, caller: Caller, uid: str) -> MarcheViews:
    """The views of a marché.

    Raises:
        NotFound: no marché of this uid was notified in the caller's perimeter.
    """
    subject = f"marche/{uid}"
    query = select(event_table).where(event_table.c.subject == subject).order_by(event_table.c.version)
    events = [to_event(row) for row in connection.execute(within(query, event_table.c.ght, caller))]
    states = [event for event in events if event.type in MARCHE_ETATS]
    if not states:
        raise NotFound(f"Le marché {uid} n'existe pas, ou n'a pas encore été notifié.")
    reference = _fields(states[-1])
    sent = select(delivery, partner.c.label).join(partner, partner.c.id == delivery.c.partner)
    sent = sent.where(delivery.c.lane_key == subject, delivery.c.event_type.in_(MARCHE_ETATS)).order_by(
        delivery.c.partner, delivery.c.position
    )
    by_partner: dict[str, list[Row[Any]]] = {}
    for row in connection.execute(within(sent, delivery.c.ght, caller)):
        by_partner.setdefault(row.partner, []).append(row)
    seen = {event.id: event for event in states}
    views = tuple(_partner_view(registry, rows, reference, seen, states[-1]) for _, rows in sorted(by_partner.items()))
    return MarcheViews(states[-1], reference, views)


def _fields(event: Event) -> Champs:
    return champs_of(MarchePayload.model_validate(event.data).marche)


def _partner_view(
    registry: ConnectorRegistry,
    rows: Sequence[Row[Any]],
    reference: Champs,
    events: Mapping[str, Event],
    last: Event,
) -> PartnerView:
    first = rows[0]
    connector = registry.get(first.connector)
    current = [row for row in rows if row.state != State.DISCARDED and row.replaced_by is None]
    told = next((row for row in reversed(current) if row.state in _TOLD), None)
    newer = [row for row in current if told is None or row.position > told.position]
    waiting = next((row.state for row in newer if row.state not in _REFUSED), None)
    refusal = next((row for row in newer if row.state in _REFUSED), None)
    refused = None if refusal is None else f"{refusal.state} : {refusal.reason or refusal.code or 'sans motif'}"
    known = connector.tells(told.message_type, told.body) if told is not None else {}
    then = _fields(events[told.event_id]) if told is not None and told.event_id in events else reference
    compared = _Comparison(
        manifest=connector.manifest,
        losses=tuple(told.losses) if told is not None else (),
        waiting=waiting,
        refused=refused,
        last=last,
        told_anything=told is not None,
    )
    return PartnerView(
        partner=first.partner,
        label=first.label,
        connector=first.connector,
        told=told,
        waiting=waiting,
        refused=refused,
        fields={
            name: compared.verdict(name, reference.get(name), then.get(name), known.get(name))
            for name in dict.fromkeys((*reference, *known))
        },
    )


@dataclass(frozen=True, slots=True)
class _Comparison:
    """What explains a difference at one partner."""

    manifest: Manifest
    losses: tuple[str, ...]
    waiting: str | None
    refused: str | None
    last: Event
    told_anything: bool

    def verdict(self, name: str, now: str | None, then: str | None, told: str | None) -> FieldView:
        """One field: as the hub knows it now, knew it when the message was made, and told it."""
        if told == now:
            return FieldView(told, Verdict.IDENTIQUE)
        loss = next(self._losses(name, left_out=told is None), None)
        if loss is not None:
            return FieldView(told, Verdict.PERTE, loss)
        if self.told_anything and told != then:
            return FieldView(told, Verdict.DIFFERENCE)
        return self._overtaken(told)

    def _overtaken(self, told: str | None) -> FieldView:
        """The message was right when it was made; the marché has changed since, or no message got through."""
        if self.refused is not None:
            return FieldView(told, Verdict.REFUSE, self.refused)
        if self.waiting is not None:
            return FieldView(told, Verdict.EN_ATTENTE, self.waiting)
        if self.manifest.spec_for(self.last.type) is None:
            return FieldView(told, Verdict.NON_DIT, self.last.type)
        return FieldView(told, Verdict.DIFFERENCE)

    def _losses(self, name: str, *, left_out: bool) -> Iterator[str]:
        """Ids of the losses this message declared that cover the field."""
        for loss in self.manifest.losses:
            if loss.id in self.losses and loss.covers(name) and (left_out or loss.alteration):
                yield loss.id
