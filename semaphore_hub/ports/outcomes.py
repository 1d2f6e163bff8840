"""What a connector raises, named by what the engine does next.

Outcome
├── Retry           surely not processed: the next attempt follows the schedule (``Retry-After`` honoured)
├── Unknown         perhaps processed: retried only towards an idempotent partner, else UNCERTAIN
├── Reject          understood and refused: REJECTED, an event tells the module, no retry
├── NotOffered      this operation does not exist on this channel (501): a new delivery by file takes its place
├── Misconfigured   credentials, host key, missing setting: the partner is paused, its queue kept, one alert
└── Unsupported     cannot be said to this partner: DEAD with the reason, unless the manifest declares the loss

Unreadable          (inbound) the document cannot be interpreted: quarantined with its findings
"""

from __future__ import annotations

from collections.abc import Sequence

from contracts import Finding


class Outcome(Exception):
    """The delivery did not simply succeed.

    Args:
        reason: one sentence an operator can act on.
        status: transport status if there was one (an HTTP code), for the attempt's record.
        excerpt: beginning of what the partner answered, for the attempt's record.
    """

    def __init__(self, reason: str, *, status: int | None = None, excerpt: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.excerpt = excerpt


class Retry(Outcome):
    """Surely not processed (cannot connect, 429, 503).

    Args:
        after_seconds: what the partner asked to wait (``Retry-After``), if it did.
    """

    def __init__(
        self,
        reason: str,
        *,
        after_seconds: float | None = None,
        status: int | None = None,
        excerpt: str | None = None,
    ) -> None:
        super().__init__(reason, status=status, excerpt=excerpt)
        self.after_seconds = after_seconds


class Unknown(Outcome):
    """Perhaps processed (read timeout, connection lost after sending, unreadable answer)."""


class Reject(Outcome):
    """Understood and refused by the partner.

    Args:
        code: the partner's own code, if it gave one.
    """

    def __init__(
        self, reason: str, *, code: str | None = None, status: int | None = None, excerpt: str | None = None
    ) -> None:
        super().__init__(reason, status=status, excerpt=excerpt)
        self.code = code


class NotOffered(Outcome):
    """Surely not processed, and never will be on this channel: the partner's API lacks the operation."""


class Misconfigured(Outcome):
    """Not the message's fault: credentials, host key or a setting must be put right first."""


class Unsupported(Outcome):
    """This event cannot be said to this partner."""


class Unreadable(Exception):
    """An inbound document that cannot be interpreted.

    Args:
        reason: one French sentence: what is wrong and what to do.
        findings: the detail, as found by the interface contract.
    """

    def __init__(self, reason: str, findings: Sequence[Finding] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.findings = tuple(findings)
