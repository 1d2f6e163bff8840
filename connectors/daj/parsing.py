"""Reading the report of a deposit (assumed format ``daj/compte-rendu/1``): a verdict for each record.

Lenient where nothing is lost (unknown properties, a missing overall verdict), strict where meaning would be guessed: a
report that names no file, or contradicts its own records, is refused whole. What is understood although it breaks its
interface contract comes with a warning for each error found.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import contracts
from semaphore_hub.ports.connector import Acknowledgement, Inbound, Interpretation, LineResult, Verdict
from semaphore_hub.ports.outcomes import Unreadable

_CONTRACT = "daj/compte-rendu/1"
_SAID_HERE = "DAJ-CR-ERREUR"
"""Rule of the contract that the reading says in its own words, by the record's uid."""
_VERDICTS = {"accepte": Verdict.ACCEPTED, "rejete": Verdict.REJECTED, "partiel": Verdict.PARTIAL}
_PUBLISHED, _STATES = "publie", ("publie", "ecarte", "doublon")
_WITHOUT_REASON = "sans motif"


def interpret(document: Inbound) -> Interpretation:
    """The verdict of a report.

    Raises:
        Unreadable: not a report, or without the name of the file it answers, or whose verdict contradicts its records.
    """
    name = document.name
    report = _report_of(document)
    reference = _text(report.get("nomFichier"))
    if not reference:
        raise Unreadable(
            f"Le compte rendu « {name} » ne dit pas à quel fichier il répond (nomFichier absent ou vide) : "
            "demandez au portail de le renvoyer."
        )
    rows = report.get("enregistrements", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Unreadable(f"Le compte rendu « {name} » n'a pas de liste « enregistrements » lisible.")
    warnings: list[str] = []
    lines = tuple(_line(name, row, warnings) for row in rows)
    verdict = _verdict(name, report, lines, warnings)
    uids = {uid for row in rows if (uid := _text(row.get("uid")))}
    code, message = _reason(report, rows, lines)
    acknowledgement = Acknowledgement(
        reference=reference,
        verdict=verdict,
        business_ref=uids.pop() if len(uids) == 1 else None,
        code=None if verdict is Verdict.ACCEPTED else code,
        message=None if verdict is Verdict.ACCEPTED else message,
        lines=lines,
    )
    return Interpretation((acknowledgement,), warnings=(*warnings, *_errors(document.body)))


def _errors(body: bytes) -> Iterator[str]:
    """What else a report that is understood breaks."""
    for one in contracts.validate(_CONTRACT, body).findings:
        if one.severity == "error" and one.rule != _SAID_HERE:
            yield f"{one.path} : {one.message}"


def _report_of(document: Inbound) -> dict[str, Any]:
    try:
        report = json.loads(document.body.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        raise Unreadable(
            f"Le compte rendu « {document.name} » n'est pas du JSON complet en UTF-8 : demandez-le de nouveau."
        ) from error
    if not isinstance(report, dict):
        raise Unreadable(f"Le document « {document.name} » n'est pas un compte rendu de dépôt DECP.")
    return report


def _line(name: str, row: Mapping[str, Any], warnings: list[str]) -> LineResult:
    """One record: published, set aside, or taken for the duplicate of another that is published in its place."""
    label = _text(row.get("uid")) or f"enregistrement {_text(row.get('rang')) or '?'}"
    state = _text(row.get("statut")).lower()
    if state not in _STATES:
        raise Unreadable(f"Dans le compte rendu « {name} », « {label} » a un statut inconnu « {state} ».")
    for correction in _texts(row.get("corrections")):
        warnings.append(f"Le ministère a corrigé « {label} » : {correction}")
    for remark in _texts(row.get("avertissements")):
        warnings.append(f"Le ministère signale pour « {label} » : {remark}")
    errors = _texts(row.get("erreurs"))
    if state == _PUBLISHED:
        for error in errors:
            warnings.append(f"« {label} » est publié malgré une erreur citée : {error}")
        return LineResult(label, True)
    if not errors:
        warnings.append(f"Le compte rendu écarte « {label} » sans donner de motif.")
    return LineResult(label, False, state.upper(), "; ".join(errors) or _WITHOUT_REASON)


def _verdict(name: str, report: Mapping[str, Any], lines: tuple[LineResult, ...], warnings: list[str]) -> Verdict:
    said = _text(report.get("verdict")).lower()
    if said and said not in _VERDICTS:
        raise Unreadable(
            f"Le compte rendu « {name} » a un verdict inconnu « {said} » (attendu : {', '.join(_VERDICTS)})."
        )
    states = {line.accepted for line in lines}
    found = {
        frozenset({True}): Verdict.ACCEPTED,
        frozenset({False}): Verdict.REJECTED,
        frozenset({True, False}): Verdict.PARTIAL,
    }.get(frozenset(states))
    if found is None:
        # The whole file was refused before its records were read: only the verdict says so.
        if _VERDICTS.get(said) is not Verdict.REJECTED:
            raise Unreadable(f"Le compte rendu « {name} » ne donne de verdict sur aucun enregistrement.")
        return Verdict.REJECTED
    if not said:
        warnings.append("Le compte rendu n'a pas de verdict d'ensemble : il est déduit des enregistrements.")
    elif _VERDICTS[said] is not found:
        raise Unreadable(
            f"Dans le compte rendu « {name} », le verdict « {said} » contredit les enregistrements : "
            "demandez au portail lequel fait foi."
        )
    return found


def _reason(
    report: Mapping[str, Any], rows: list[dict[str, Any]], lines: tuple[LineResult, ...]
) -> tuple[str | None, str | None]:
    """A code (the state of the first refused record), and the exact words of the ministry."""
    refused = [line for line in lines if not line.accepted]
    if not refused:
        return "FICHIER", _text(report.get("motif")) or None
    if len(rows) == 1:
        return refused[0].code, refused[0].message
    return refused[0].code, " ".join(f"{line.line} : {line.message}" for line in refused)


def _texts(value: Any) -> list[str]:
    return [str(one) for one in value if one not in (None, "")] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()
