"""Reads IDEO GELF's answers, JSON or CSV, as normalised acknowledgements; pure.

Tolerant where nothing is lost (unknown properties, a byte order mark, verdict in capitals), strict where meaning would
be guessed: an answer without message id or with an unknown verdict is refused whole. What is understood although it
breaks its interface contract comes with a warning for each error found.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

import contracts
from semaphore_hub.ports.connector import Acknowledgement, Inbound, Interpretation, LineResult, Verdict
from semaphore_hub.ports.outcomes import Unreadable

_VERDICTS = {"accepte": Verdict.ACCEPTED, "rejete": Verdict.REJECTED, "partiel": Verdict.PARTIAL}
_STATES = {"accepte": True, "rejete": False}
_JSON, _CSV = "gef_ideo_gelf/acquittement-json/1", "gef_ideo_gelf/acquittement-csv/1"
_NEEDED_COLUMNS = ("id_message", "verdict", "ligne", "statut")


def interpret(document: Inbound) -> Interpretation:
    """What an answer says.

    Raises:
        Unreadable: it is neither a JSON acknowledgement nor a CSV report, or it contradicts itself.
    """
    body = document.body.removeprefix(b"\xef\xbb\xbf")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"L'acquittement « {document.name} » n'est pas en UTF-8 (octet {error.start + 1}) : "
            "demandez à l'éditeur de le renvoyer."
        ) from error
    if text.lstrip().startswith("{"):
        return Interpretation(_from_json(document.name, text), warnings=_errors(_JSON, document.body))
    return Interpretation(_from_csv(document.name, text), warnings=_errors(_CSV, document.body))


def _errors(contract: str, body: bytes) -> tuple[str, ...]:
    """What an answer that is understood breaks."""
    findings = contracts.validate(contract, body).findings
    return tuple(f"{one.path} : {one.message}" for one in findings if one.severity == "error")


def _from_json(name: str, text: str) -> tuple[Acknowledgement, ...]:
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"L'acquittement « {name} » n'est pas du JSON complet : demandez-le de nouveau.") from error
    lines = answer.get("lignes") if isinstance(answer, dict) else None
    if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
        raise Unreadable(f"L'acquittement « {name} » n'a pas de liste « lignes » : son format n'est pas celui attendu.")
    motive = answer.get("motif")
    acknowledgement = _acknowledgement(
        name,
        _text(answer.get("idMessage")),
        _text(answer.get("verdict")),
        _text(answer.get("numeroMarche")),
        motive if isinstance(motive, dict) else {},
        lines,
    )
    return (acknowledgement,)


def _from_csv(name: str, text: str) -> tuple[Acknowledgement, ...]:
    if "\0" in text:
        raise Unreadable(f"Le compte rendu « {name} » contient un octet nul : le fichier est abîmé.")
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=";", strict=True)
        missing = [column for column in _NEEDED_COLUMNS if column not in (reader.fieldnames or ())]
        if missing:
            raise Unreadable(f"Le compte rendu « {name} » n'a pas les colonnes {', '.join(missing)}.")
        rows = list(reader)
    except csv.Error as error:
        raise Unreadable(f"Le compte rendu « {name} » n'est pas un CSV complet : {error}.") from error
    by_message: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if None in row or None in row.values():
            raise Unreadable(f"Le compte rendu « {name} » a une ligne coupée : demandez-le de nouveau.")
        by_message.setdefault(row["id_message"].strip(), []).append(row)
    if not by_message:
        raise Unreadable(f"Le compte rendu « {name} » ne contient aucune ligne.")
    acknowledgements: list[Acknowledgement] = []
    for reference, group in by_message.items():
        verdicts = {row["verdict"] for row in group}
        numbers = {row.get("numero_marche") or "" for row in group}
        if len(verdicts) > 1 or len(numbers) > 1:
            raise Unreadable(f"Le compte rendu « {name} » donne deux réponses au message « {reference} ».")
        whole = next((row for row in group if row["ligne"].strip() == "0"), {})
        lines = [row for row in group if row is not whole]
        acknowledgements.append(_acknowledgement(name, reference, verdicts.pop(), numbers.pop(), whole, lines))
    return tuple(acknowledgements)


def _acknowledgement(
    name: str,
    reference: str,
    verdict_text: str,
    business_ref: str,
    motive: Mapping[str, Any],
    rows: Iterable[Mapping[str, Any]],
) -> Acknowledgement:
    if not reference:
        raise Unreadable(f"L'acquittement « {name} » ne dit pas à quel message il répond.")
    verdict = _VERDICTS.get(verdict_text.strip().lower())
    if verdict is None:
        raise Unreadable(
            f"L'acquittement « {name} » a un verdict inconnu « {verdict_text} » (attendu : {', '.join(_VERDICTS)})."
        )
    lines = tuple(_line(name, row) for row in rows)
    _agree(name, verdict, lines)
    code, message = _optional(motive.get("code")), _optional(motive.get("libelle"))
    if verdict is not Verdict.ACCEPTED and code is None:
        code, message = _summary(lines)
    return Acknowledgement(reference, verdict, business_ref or None, code, message, lines)


def _line(name: str, row: Mapping[str, Any]) -> LineResult:
    number, state = _text(row.get("ligne")).strip(), _text(row.get("statut")).strip().lower()
    if not number or state not in _STATES:
        raise Unreadable(f"L'acquittement « {name} » a une ligne « {number} » au statut inconnu « {state} ».")
    return LineResult(number, _STATES[state], _optional(row.get("code")), _optional(row.get("libelle")))


def _agree(name: str, verdict: Verdict, lines: tuple[LineResult, ...]) -> None:
    """A verdict that its own lines contradict is not interpreted: nobody knows which of the two took effect."""
    accepted = {line.accepted for line in lines}
    wanted = {Verdict.ACCEPTED: {True}, Verdict.REJECTED: {False}, Verdict.PARTIAL: {True, False}}[verdict]
    if accepted and accepted != wanted:
        raise Unreadable(f"Dans l'acquittement « {name} », le verdict contredit les lignes : demandez lequel fait foi.")


def _summary(lines: tuple[LineResult, ...]) -> tuple[str | None, str | None]:
    """The code of the first refused line, and every refusal in one text, for whoever reads the delivery."""
    refused = [line for line in lines if not line.accepted]
    if not refused:
        return None, None
    said = [f"Ligne {line.line} : {line.message or line.code or 'rejetée sans motif'}" for line in refused]
    return refused[0].code, " ".join(said)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _optional(value: Any) -> str | None:
    return _text(value).strip() or None
