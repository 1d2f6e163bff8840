"""What follows an attempt, as a table."""

from __future__ import annotations

from datetime import timedelta

import pytest

from semaphore_hub.delivery.decisions import Decision, after_failure, after_success, breaker_delay
from semaphore_hub.delivery.states import DISCARDABLE, REPLAYABLE, TRANSITIONS, Hold, State
from semaphore_hub.ports.outcomes import Misconfigured, Outcome, Reject, Retry, Unknown, Unsupported

SCHEDULE = (timedelta(seconds=5), timedelta(minutes=2))


@pytest.mark.parametrize(
    ("acknowledgement", "ordering", "expected"),
    [
        (False, "receipt", Decision(State.ACKNOWLEDGED, passes=True)),
        (True, "receipt", Decision(State.SENT, passes=True)),
        (True, "acceptance", Decision(State.SENT, hold=Hold.ACKNOWLEDGEMENT)),
    ],
)
def test_success(acknowledgement: bool, ordering: str, expected: Decision) -> None:
    assert after_success(acknowledgement=acknowledgement, ordering=ordering) == expected


@pytest.mark.parametrize(
    ("outcome", "attempts", "idempotent", "ordering", "state", "hold", "delay", "passes"),
    [
        (Retry("x"), 1, True, "receipt", State.RETRYING, None, SCHEDULE[0], False),
        (Retry("x"), 2, True, "receipt", State.RETRYING, None, SCHEDULE[1], False),
        (Retry("x"), 3, True, "receipt", State.DEAD, Hold.DEAD, None, False),
        (Retry("x", after_seconds=60), 1, True, "receipt", State.RETRYING, None, timedelta(seconds=60), False),
        (Retry("x", after_seconds=1), 1, True, "receipt", State.RETRYING, None, SCHEDULE[0], False),
        (Retry("x", after_seconds=9e9), 1, True, "receipt", State.RETRYING, None, timedelta(hours=6), False),
        (Unknown("x"), 1, True, "receipt", State.RETRYING, None, SCHEDULE[0], False),
        (Unknown("x"), 3, True, "receipt", State.DEAD, Hold.DEAD, None, False),
        (Unknown("x"), 1, False, "receipt", State.UNCERTAIN, Hold.UNCERTAIN, None, False),
        (Reject("x"), 1, True, "receipt", State.REJECTED, None, None, True),
        (Reject("x"), 1, True, "acceptance", State.REJECTED, Hold.REJECTED, None, False),
        (Misconfigured("x"), 1, True, "receipt", State.PENDING, None, None, False),
        (Unsupported("x"), 1, True, "receipt", State.DEAD, Hold.DEAD, None, False),
    ],
)
def test_failure(
    outcome: Outcome,
    attempts: int,
    idempotent: bool,
    ordering: str,
    state: State,
    hold: Hold | None,
    delay: timedelta | None,
    passes: bool,
) -> None:
    decision = after_failure(outcome, attempts=attempts, schedule=SCHEDULE, idempotent=idempotent, ordering=ordering)
    assert (decision.state, decision.hold, decision.delay, decision.passes) == (state, hold, delay, passes)
    assert decision.pause is isinstance(outcome, Misconfigured)
    assert decision.failure is isinstance(outcome, Retry | Unknown)
    assert state in TRANSITIONS[State.SENDING]


def test_the_breaker_doubles_up_to_its_cap() -> None:
    delays = [breaker_delay(failures, threshold=5, base_ms=100) for failures in (0, 4, 5, 6, 7, 9, 30)]
    assert delays == [0, 0, 100, 200, 400, 1600, 1600]


def test_final_states_are_final_and_people_act_on_the_others_only() -> None:
    assert TRANSITIONS[State.ACKNOWLEDGED] == TRANSITIONS[State.DISCARDED] == frozenset()
    assert {State.DEAD, State.REJECTED, State.UNCERTAIN, State.OVERDUE, State.SENT} == REPLAYABLE
    assert State.SENDING not in DISCARDABLE
    assert set(TRANSITIONS) == set(State)
