"""What an inbound document is and says; pure, whatever is wrong with it becomes a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import structlog

import contracts
from semaphore_hub.ports.connector import Acknowledgement, Connector, Inbound, Interpretation
from semaphore_hub.ports.outcomes import Unreadable

log = structlog.get_logger()
CODE_WIDTH = 100


@dataclass(slots=True)
class Reading:
    """What a document is, what it says, or why it cannot be read.

    Attributes:
        contract_id: interface contract it was recognised as.
        findings: what that contract found in it.
        says: its interpretation; ``None`` when it cannot be read.
        reason: why it cannot be read, a French sentence.
        remarks: what its transport remarked, French sentences.
    """

    contract_id: str | None
    findings: list[contracts.Finding]
    says: Interpretation | None = None
    reason: str | None = None
    remarks: tuple[str, ...] = ()

    def plain_answer(self, reference: str, business_ref: str | None) -> Acknowledgement | None:
        """The one acknowledgement it holds, when that is all it says and it speaks of this very message."""
        says = self.says
        if says is None or says.commands or len(says.acknowledgements) != 1:
            return None
        answer = says.acknowledgements[0]
        agrees = business_ref is None or answer.business_ref in (None, business_ref)
        return answer if answer.reference == reference and agrees else None


def read(connector: Connector, document: Inbound) -> Reading:
    """Recognise, validate and interpret a document. Never raises: a defect of the connector is a reason too."""
    contract_id = contracts.recognise(document.body, document.name)
    findings = list(contracts.validate(contract_id, document.body).findings) if contract_id else []
    reading = Reading(contract_id, findings, remarks=document.warnings)
    try:
        reading.says = connector.interpret(document)
    except Unreadable as refusal:
        # What the transport remarked may be the very cause: a wrong separator makes a file that is nothing known.
        reading.reason = " ".join((refusal.reason, *document.warnings))
        reading.findings = list(refusal.findings) or findings
    except Exception as defect:
        log.exception("interpretation failed", connector=connector.manifest.id, document=document.name)
        reading.reason = f"Défaut interne du connecteur {connector.manifest.id} ({type(defect).__name__}) : à signaler."
    return reading


def words_of(answer: Acknowledgement) -> tuple[str | None, str | None]:
    """The partner's code and sentence, as the database can hold them."""
    return clean(answer.code, CODE_WIDTH), clean(answer.message)


def record_of(answer: Acknowledgement) -> dict[str, Any]:
    """The answer as it is kept with the delivery, line by line."""
    return {
        "verdict": answer.verdict,
        "code": answer.code,
        "message": answer.message,
        "lines": [
            {"line": line.line, "accepted": line.accepted, "code": line.code, "message": line.message}
            for line in answer.lines
        ],
    }


def clean(text: str | None, limit: int | None = None) -> str | None:
    """A partner's text as the database can hold it: no NUL (PostgreSQL refuses it), no longer than the column."""
    return None if text is None else text.replace("\x00", "\ufffd")[:limit]
