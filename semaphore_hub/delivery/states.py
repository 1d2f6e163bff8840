"""The closed vocabulary of deliveries: states, what holds a lane, and the transitions allowed, as a table."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a delivery stands; each value with its sentence."""

    PENDING = "PENDING"  #: waits for its turn in its lane
    SENDING = "SENDING"  #: an attempt is under way
    RETRYING = "RETRYING"  #: surely not processed so far; the next attempt is scheduled
    SENT = "SENT"  #: the partner has the bytes; its functional answer is awaited
    ACKNOWLEDGED = "ACKNOWLEDGED"  #: the partner accepted it (or has it, when it never answers)
    REJECTED = "REJECTED"  #: the partner understood and refused it
    UNCERTAIN = "UNCERTAIN"  #: perhaps processed by a partner that does not deduplicate; a person decides
    OVERDUE = "OVERDUE"  #: sent, but the functional answer did not come before its deadline
    DEAD = "DEAD"  #: will not be sent: retries exhausted, or a body that breaks its contract
    DISCARDED = "DISCARDED"  #: set aside by a person, with a reason, or replaced by another delivery


class Hold(StrEnum):
    """Why a lane does not move although it has deliveries."""

    ACKNOWLEDGEMENT = "acknowledgement"  #: the head is sent and the format wants its acceptance first
    REJECTED = "rejected"  #: the head was refused and the format wants it accepted first
    DEAD = "dead"  #: the head is dead
    UNCERTAIN = "uncertain"  #: the head is uncertain


SENDABLE = (State.PENDING, State.RETRYING, State.SENDING)
"""States of a delivery that a claim may take as the head of its lane (SENDING: its process died)."""

TRANSITIONS: dict[State, frozenset[State]] = {
    State.PENDING: frozenset({State.SENDING, State.DEAD, State.DISCARDED, State.ACKNOWLEDGED, State.REJECTED}),
    State.SENDING: frozenset(
        {
            State.PENDING,
            State.RETRYING,
            State.SENT,
            State.ACKNOWLEDGED,
            State.REJECTED,
            State.UNCERTAIN,
            State.DEAD,
        }
    ),
    State.RETRYING: frozenset({State.SENDING, State.ACKNOWLEDGED, State.REJECTED, State.DISCARDED}),
    State.SENT: frozenset({State.ACKNOWLEDGED, State.REJECTED, State.OVERDUE, State.PENDING}),
    State.OVERDUE: frozenset({State.ACKNOWLEDGED, State.REJECTED, State.PENDING, State.DISCARDED, State.SENT}),
    State.UNCERTAIN: frozenset({State.ACKNOWLEDGED, State.REJECTED, State.PENDING, State.DISCARDED}),
    State.DEAD: frozenset({State.ACKNOWLEDGED, State.REJECTED, State.PENDING, State.DISCARDED}),
    State.REJECTED: frozenset({State.PENDING, State.DISCARDED}),
    State.ACKNOWLEDGED: frozenset(),
    State.DISCARDED: frozenset(),
}
"""What may follow what. PENDING and DEAD may be answered too: an earlier attempt may have been processed after all.
A late partner may say that it waits for something: SENT again.
"""

REPLAYABLE = frozenset(state for state, following in TRANSITIONS.items() if State.PENDING in following) - {
    State.SENDING
}
"""States from which a person may send the same bytes again."""

DISCARDABLE = frozenset(state for state, following in TRANSITIONS.items() if State.DISCARDED in following)
"""States from which a person may set a delivery aside."""

ANSWERABLE = frozenset(state for state, following in TRANSITIONS.items() if State.REJECTED in following)
"""States in which a functional answer is applied. SENDING is among them: an answer may overtake the receipt."""
