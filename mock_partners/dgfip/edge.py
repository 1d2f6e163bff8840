"""The HTTP edge of the deposit: headers, and refusals in the form of the contract ``dgfip/depot/1``."""

from __future__ import annotations

import re

from fastapi import Request, Response

from mock_partners.dgfip.aller import Flow, NotAFlow
from mock_partners.kit import problem

MAX_FLOW_BYTES = 50 * 1024 * 1024
_HEADERS = {
    "X-Nom-Fichier": (re.compile(r"[A-Za-z0-9._-]{1,100}"), "le nom du flux, égal à NomFic"),
    "X-P-Msg": (
        re.compile(r"PES#[0-9]{3}#(02[AB][0-9]{3,4}|[0-9]{6,7})#[A-Z0-9][0-9]"),
        "PES#CodCol#IdPost#CodBud, par exemple PES#010#099001#00",
    ),
    "Idempotency-Key": (re.compile(r"[!-~]{1,255}"), "une clé par envoi, la même à chaque reprise"),
}
ALREADY_USED = {
    "nom-deja-vu": (
        "{name} a déjà été déposé pour le code collectivité {collectivite} avec un autre contenu : prenez le numéro "
        "d'ordre suivant."
    ),
    "cle-reemployee": "Cette Idempotency-Key a servi pour un autre contenu.",
}


def refusal(status: int, code: str, detail: str, *, name: str | None = None) -> Response:
    """A problem document of the deposit."""
    members = {} if name is None else {"nomFichier": name}
    return problem(status, detail, code, headers=None, type=f"urn:fictif:depot:{code}", **members)


def unauthorised() -> Response:
    """The answer to a request without the right token."""
    return refusal(401, "non-authentifie", "Présentez un jeton valide.")


def refuse_headers(request: Request) -> Response | None:
    """Why the headers of a deposit cannot be accepted; ``None`` when they can."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/xml":
        return refusal(415, "type-de-contenu", "Envoyez le flux en application/xml.")
    for header, (pattern, expected) in _HEADERS.items():
        if not pattern.fullmatch(request.headers.get(header, "")):
            return refusal(400, "entete-invalide", f"L'en-tête {header} est absent ou mal formé : {expected}.")
    return None


def check_headers(request: Request, flow: Flow) -> None:
    """The headers must say what the flow says.

    Raises:
        NotAFlow: they contradict it.
    """
    name, p_msg = request.headers["x-nom-fichier"], request.headers["x-p-msg"]
    if name != flow.name:
        raise NotAFlow(f"X-Nom-Fichier vaut « {name} » alors que NomFic vaut « {flow.name} ».")
    if p_msg != flow.p_msg:
        raise NotAFlow(f"X-P-Msg vaut « {p_msg} », « {flow.p_msg} » est attendu.")
