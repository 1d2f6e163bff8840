"""What a scenario is made of: steps, the actions of each, and the outcome expected of every partner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Connect:
    """Configure every partner in the hub."""


@dataclass(frozen=True, slots=True)
class CreateSupplier:
    """Record a supplier of the demo."""

    name: str


@dataclass(frozen=True, slots=True)
class ChangeSupplier:
    """Change a supplier."""

    name: str
    changes: Body


@dataclass(frozen=True, slots=True)
class Notify:
    """Record a marché of the demo, then notify it on the step's day."""

    marche: str


@dataclass(frozen=True, slots=True)
class Amend:
    """Notify an amendment on the step's day."""

    marche: str
    changes: Body


@dataclass(frozen=True, slots=True)
class Correct:
    """Put a material error right."""

    marche: str
    changes: Body


@dataclass(frozen=True, slots=True)
class Operate:
    """Any other operation on a marché, by the path it has in the API."""

    marche: str
    operation: str
    body: Body


@dataclass(frozen=True, slots=True)
class Concede:
    """Record a signed concession; operations on it name it as they name a marché."""

    marche: str
    body: Body


@dataclass(frozen=True, slots=True)
class Foresee:
    """Record a need (projet) of the demo; operations name it as they name a marché."""

    marche: str
    body: Body


@dataclass(frozen=True, slots=True)
class Award:
    """Choose the holder: the projet becomes a marché."""

    marche: str
    body: Body


@dataclass(frozen=True, slots=True)
class Adhere:
    """Ask to join a marché of a cooperative; operations name the adhesion as they name a marché."""

    marche: str
    body: Body


@dataclass(frozen=True, slots=True)
class Reach:
    """Wait until the cooperative has brought an adhesion that far."""

    marche: str
    statut: str


@dataclass(frozen=True, slots=True)
class Arrive:
    """Wait until a marché that a partner sends is recorded, and its products said to those who order on it."""

    marche: str
    number: str


@dataclass(frozen=True, slots=True)
class SendFlow:
    """Have a GEF send what it keeps the truth of; the hub must answer that every line is taken."""

    partner: str
    flow: str


@dataclass(frozen=True, slots=True)
class Spend:
    """Have a hospital order, receive and pay on a marché, through its GEF; the consumption must follow."""

    partner: str
    marche: str
    amount: str


@dataclass(frozen=True, slots=True)
class Replay:
    """Have an operator send the present delivery of a marché to a partner again."""

    partner: str
    marche: str


@dataclass(frozen=True, slots=True)
class Configure:
    """Change some settings of a partner in the hub."""

    partner: str
    settings: Body


@dataclass(frozen=True, slots=True)
class SwitchChannel:
    """Have an operator choose a partner's channel."""

    partner: str
    channel: str


@dataclass(frozen=True, slots=True)
class Upgrade:
    """The partner's product is upgraded: the mock is, then the hub is told."""

    partner: str
    version: str


@dataclass(frozen=True, slots=True)
class Break:
    """Script technical faults and business scenarios at a mock; the step must use them up."""

    partner: str
    script: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AtPartner:
    """Somebody at the partner's changes its own state (opens an account…)."""

    partner: str
    state: Body


Action = (
    Connect
    | CreateSupplier
    | ChangeSupplier
    | Notify
    | Amend
    | Correct
    | Operate
    | Concede
    | Foresee
    | Award
    | Adhere
    | Reach
    | Arrive
    | SendFlow
    | Spend
    | Replay
    | Configure
    | SwitchChannel
    | Upgrade
    | Break
    | AtPartner
)


@dataclass(frozen=True, slots=True)
class Expected:
    """The outcome expected of one partner.

    Attributes:
        state: of the delivery that says the subject's last event.
        code: the partner's own code, for a refusal.
        channel: channel it must have gone through, when it matters.
        sequence: its rank in its lane, when it matters.
        attempts: how many it took at least, when the incident of the step must have cost some.
    """

    state: str = "ACKNOWLEDGED"
    code: str | None = None
    channel: str | None = None
    sequence: int | None = None
    attempts: int = 0


ACCEPTED = Expected()
BY_FILE = Expected(channel="file")
BY_API = Expected(channel="api")
RETRYING = Expected("RETRYING", channel="api")
AFTER_RETRY = Expected(attempts=2)
AWAITED = Expected("SENT")
QUEUED = Expected("PENDING")


def refused(code: str) -> Expected:
    """A planned refusal, with the partner's code."""
    return Expected("REJECTED", code)


_ABOUT_A_MARCHE = (Notify, Amend, Correct, Operate, Concede, Foresee, Award, Adhere, Arrive, Replay)


@dataclass(frozen=True, slots=True)
class Step:
    """One moment of the hospital's life.

    Attributes:
        day: simulated day.
        sentence: what happens, in French.
        actions: in order.
        expected: by partner, for every marché and supplier of the step; a partner not named must accept.
        about: marchés looked at though no action of the step changes them.
        hour: simulated hour (UTC).
    """

    day: date
    sentence: str
    actions: tuple[Action, ...] = ()
    expected: Mapping[str, Expected] = field(default_factory=dict)
    about: tuple[str, ...] = ()
    hour: int = 9

    @property
    def instant(self) -> datetime:
        """When it happens."""
        return datetime.combine(self.day, time(self.hour), UTC)

    @property
    def marches(self) -> tuple[str, ...]:
        """Names of the marchés concerned, each once."""
        named = [action.marche for action in self.actions if isinstance(action, _ABOUT_A_MARCHE)]
        return tuple(dict.fromkeys((*named, *self.about)))

    @property
    def suppliers(self) -> tuple[str, ...]:
        """Names of the suppliers concerned."""
        return tuple(action.name for action in self.actions if isinstance(action, CreateSupplier | ChangeSupplier))
