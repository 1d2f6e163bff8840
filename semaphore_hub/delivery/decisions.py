"""What follows an attempt: a pure function of the outcome and the manifest, tested as a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from semaphore_hub.delivery.states import Hold, State
from semaphore_hub.ports.connector import Verdict
from semaphore_hub.ports.outcomes import Misconfigured, NotOffered, Outcome, Reject, Retry, Unknown, Unsupported

BREAKER_THRESHOLD = 5
"""Failures in a row that open a partner's breaker."""
RETRY_AFTER_CAP = timedelta(hours=6)
"""A partner may ask for patience, not for a lost day: longer ``Retry-After`` values are cut to this."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a delivery and of its lane.

    Attributes:
        state: new state of the delivery.
        hold: what holds the lane from now on; ``None`` lets it move.
        delay: when the lane is next due (``None``: at once).
        passes: the delivery leaves the lane's queue.
        failure: counts as a failure of the partner, for its breaker.
        pause: the partner is to be paused.
        falls_back: a delivery by the file channel is to take this one's place.
        reason: one sentence for the operator, when there is something to say.
    """

    state: State
    hold: Hold | None = None
    delay: timedelta | None = None
    passes: bool = False
    failure: bool = False
    pause: bool = False
    falls_back: bool = False
    reason: str | None = None

    @property
    def settles(self) -> bool:
        """Whether nothing more is expected, unless a person acts."""
        return self.state in {State.ACKNOWLEDGED, State.REJECTED, State.DEAD}


def after_success(*, acknowledgement: bool, ordering: str) -> Decision:
    """The partner has the bytes: wait for its answer, or be done when it never gives one."""
    if not acknowledgement:
        return Decision(State.ACKNOWLEDGED, passes=True)
    if ordering == "acceptance":
        return Decision(State.SENT, hold=Hold.ACKNOWLEDGEMENT)
    return Decision(State.SENT, passes=True)


def after_answer(verdict: Verdict, *, ordering: str) -> Decision:
    """The partner's functional answer came with its receipt."""
    if verdict is Verdict.ACCEPTED:
        return Decision(State.ACKNOWLEDGED, passes=True)
    if verdict is Verdict.WAITING:
        return after_success(acknowledgement=True, ordering=ordering)
    held = ordering == "acceptance"
    return Decision(State.REJECTED, hold=Hold.REJECTED if held else None, passes=not held)


def after_failure(
    outcome: Outcome,
    *,
    attempts: int,
    schedule: tuple[timedelta, ...],
    idempotent: bool,
    ordering: str,
) -> Decision:
    """The attempt did not simply succeed.

    Args:
        outcome: what the connector raised.
        attempts: attempts made so far, this one included.
        schedule: waits before the second, third… attempt.
        idempotent: whether the partner deduplicates, so that sending again is harmless.
        ordering: the manifest's rule for this message.
    """
    match outcome:
        case Reject():
            held = ordering == "acceptance"
            return Decision(
                State.REJECTED, hold=Hold.REJECTED if held else None, passes=not held, reason=outcome.reason
            )
        case NotOffered() | Misconfigured():
            lacks = isinstance(outcome, NotOffered)
            return Decision(State.PENDING, pause=not lacks, falls_back=lacks, reason=outcome.reason)
        case Unsupported():
            return Decision(State.DEAD, hold=Hold.DEAD, reason=outcome.reason)
        case Unknown() if not idempotent:
            return Decision(
                State.UNCERTAIN,
                hold=Hold.UNCERTAIN,
                failure=True,
                reason=f"{outcome.reason}; the partner may have processed it and does not deduplicate",
            )
        case Retry() | Unknown():
            if attempts > len(schedule):
                return Decision(
                    State.DEAD,
                    hold=Hold.DEAD,
                    failure=True,
                    reason=f"{outcome.reason}; given up after {attempts} attempts",
                )
            delay = schedule[attempts - 1]
            if isinstance(outcome, Retry) and outcome.after_seconds is not None:
                delay = max(delay, min(timedelta(seconds=outcome.after_seconds), RETRY_AFTER_CAP))
            return Decision(State.RETRYING, delay=delay, failure=True, reason=outcome.reason)
    raise TypeError(f"unknown outcome {outcome!r}")


def breaker_delay(failures: int, *, threshold: int, base_ms: int, cap_factor: int = 16) -> int:
    """How long the breaker stays open after that many failures in a row, in milliseconds (0: it stays closed).

    It doubles with each failed probe, up to ``cap_factor`` times the base.
    """
    if failures < threshold:
        return 0
    return int(base_ms * min(2 ** (failures - threshold), cap_factor))
