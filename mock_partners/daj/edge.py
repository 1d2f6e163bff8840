"""The HTTP edge of the deposit: headers, and refusals in the form of the contract ``daj/depot-decp/1``."""

from __future__ import annotations

import re

from fastapi import Request, Response

from mock_partners.kit import problem

MAX_FILE_BYTES = 50 * 1024 * 1024
_HEADERS = {
    "X-Nom-Fichier": (
        re.compile(r"decp-[0-9]{14}-[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{2,6}\.json"),
        "decp-<SIRET>-AAAA-MM-JJ-NN.json",
    ),
    "Idempotency-Key": (re.compile(r"[!-~]{1,255}"), "une clé par envoi, la même à chaque reprise"),
}
_REPLACES = re.compile(r"[!-~]{15,255}")
ALREADY_USED = {
    "nom-deja-vu": "{name} a déjà été déposé avec un autre contenu : prenez le numéro suivant.",
    "cle-reemployee": "Cette Idempotency-Key a servi pour un autre contenu.",
}


def refusal(status: int, code: str, detail: str) -> Response:
    """A problem document of the deposit."""
    return problem(status, detail, code, headers=None, type=f"urn:fictif:decp:{code}")


def unauthorised() -> Response:
    """The answer to a request without the right token."""
    return refusal(401, "non-authentifie", "Présentez un jeton valide.")


def unknown_report(identifier: str) -> Response:
    """The answer about a report that does not exist, or not yet."""
    return refusal(404, "compte-rendu-inconnu", f"Aucun compte rendu {identifier}.")


def refuse_headers(request: Request) -> Response | None:
    """Why the headers of a deposit cannot be accepted; ``None`` when they can."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        return refusal(415, "type-de-contenu", "Envoyez le fichier en application/json.")
    for header, (pattern, expected) in _HEADERS.items():
        if not pattern.fullmatch(request.headers.get(header, "")):
            return refusal(400, "entete-invalide", f"L'en-tête {header} est absent ou mal formé : {expected}.")
    replaces = request.headers.get("x-remplace")
    if replaces is not None and not _REPLACES.fullmatch(replaces):
        return refusal(400, "entete-invalide", "L'en-tête X-Remplace est mal formé : SIRET puis numéro interne.")
    return None
