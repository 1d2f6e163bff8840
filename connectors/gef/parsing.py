"""Reads what a GEF sends: its comptes rendus, as normalised acknowledgements, and its flux, as commands; pure.

The interface contract judges first: what it refuses is not read further. Its warnings go with the interpretation.
"""

from __future__ import annotations

import contracts
from connectors.gef.model import Document
from connectors.gef.reading import contract_of, read_document
from semaphore_hub.ports.connector import Acknowledgement, Command, Inbound, Interpretation, LineResult, Verdict
from semaphore_hub.ports.outcomes import Unreadable

_VERDICTS = {
    "accepte": Verdict.ACCEPTED,
    "rejete": Verdict.REJECTED,
    "partiel": Verdict.PARTIAL,
    "en_attente": Verdict.WAITING,
}


def interpret(document: Inbound) -> Interpretation:
    """What a compte rendu or a flux says.

    Raises:
        Unreadable: it is neither, or its contract finds errors in it.
    """
    contract = contract_of(document.body)
    if contract is None:
        raise Unreadable(
            f"« {document.name} » n'est ni un compte rendu ni un flux du modèle commun des GEF : "
            "vérifiez que la GEF l'a déposé au bon endroit."
        )
    report = contracts.validate(contract, document.body)
    if not report.valid:
        first = next(finding for finding in report.findings if finding.severity == "error")
        where = f" (ligne {first.line})" if first.line else ""
        raise Unreadable(
            f"« {document.name} » ne respecte pas le contrat {contract} : [{first.rule}]{where} {first.message} "
            "Rien n'en a été appliqué.",
            report.findings,
        )
    read = read_document(document.body)
    warnings = tuple(finding.message for finding in report.findings)
    if "typeFlux" in read:
        return Interpretation(commands=(Command(f"gef.{read['typeFlux']}", read),), warnings=warnings)
    return Interpretation(acknowledgements=(_acknowledgement(read),), warnings=warnings)


def _acknowledgement(answer: Document) -> Acknowledgement:
    lines = tuple(
        LineResult(str(line["ligne"]), line["statut"] == "accepte", line.get("code"), line.get("libelle"))
        for line in answer["lignes"]
    )
    motive = answer.get("motif", {})
    code, message = motive.get("code"), motive.get("libelle")
    verdict = _VERDICTS[answer["verdict"]]
    if verdict is not Verdict.ACCEPTED and code is None:
        code, message = _summary(lines)
    return Acknowledgement(answer["idMessage"], verdict, answer.get("numeroMarche"), code, message, lines)


def _summary(lines: tuple[LineResult, ...]) -> tuple[str | None, str | None]:
    """The code of the first line not accepted, and all of them in one text, for whoever reads the delivery."""
    others = [line for line in lines if not line.accepted]
    if not others:
        return None, None
    said = [f"Ligne {line.line} : {line.message or line.code or 'sans motif'}" for line in others]
    return others[0].code, " ".join(said)
