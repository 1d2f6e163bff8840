"""Errors of the HTTP edge: RFC 9457 ``application/problem+json``, one shape for every operation, in French.

:func:`install` turns every error of the kernel, of validation and of the framework into that shape;
:func:`responses` declares them in the OpenAPI document.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match

from semaphore_hub.api.sentences import say
from semaphore_hub.kernel import errors

MEDIA_TYPE = "application/problem+json"
_SCHEMA_REF = {"$ref": "#/components/schemas/Problem"}

TITLES = {
    400: ("requete-illisible", "Requête illisible"),
    401: ("authentification", "Authentification requise"),
    403: ("interdit", "Opération interdite"),
    404: ("introuvable", "Ressource introuvable"),
    405: ("methode", "Méthode non permise"),
    409: ("regle-metier", "Règle métier non respectée"),
    412: ("version-perimee", "Version périmée"),
    413: ("trop-volumineux", "Requête trop volumineuse"),
    415: ("type-de-media", "Type de contenu non accepté"),
    422: ("forme-invalide", "Forme de la requête invalide"),
    428: ("version-requise", "Version requise"),
    500: ("erreur-interne", "Erreur interne"),
}
"""Slug of the problem type and title of each status."""

_log = structlog.get_logger(__name__)


class ProblemItem(BaseModel):
    """One thing to fix."""

    model_config = ConfigDict(extra="forbid", title="ProblemItem")

    path: str = Field(description="où : chemin JSON dans le corps, ou query.x, header.x, path.x")
    rule: str = Field(description="identifiant de la règle")
    message: str = Field(description="ce qu'il faut corriger")


class ProblemDocument(BaseModel):
    """RFC 9457 problem; ``errors`` lists every thing to fix (it may be empty)."""

    model_config = ConfigDict(extra="forbid", title="Problem")

    type: str = Field(description="URN de la sorte de problème")
    title: str
    status: int
    detail: str
    instance: str = Field(description="chemin de la requête")
    errors: list[ProblemItem]


class PreconditionRequired(Exception):
    """A change was asked for without saying which version it is based on."""


class InvalidRequest(HTTPException):
    """The shape of the request is wrong in a way the schemas cannot say.

    An HTTPException because the framework turns any other error raised while it reads the body into a bare 400.
    """

    def __init__(self, problems: Sequence[errors.Problem]) -> None:
        super().__init__(422, problems[0].message)
        self.problems = tuple(problems)


def problem_response(
    request: Request,
    status: int,
    detail: str,
    problems: Sequence[errors.Problem] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """The answer that reports a problem.

    Args:
        request: what was asked; its path becomes ``instance``.
        status: HTTP status, one of :data:`TITLES`.
        detail: one French sentence.
        problems: each thing to fix.
        headers: more headers (``WWW-Authenticate``, ``Allow``).
    """
    slug, title = TITLES.get(status, ("erreur", "Erreur"))
    document = {
        "type": f"urn:fr:semaphore:probleme:{slug}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
        "errors": [{"path": item.path, "rule": item.rule, "message": item.message} for item in problems],
    }
    # A name taken from the request may hold what UTF-8 cannot say; the answer must never fail on it.
    body = json.dumps(document, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return Response(body, status_code=status, media_type=MEDIA_TYPE, headers=headers)


_HUB_STATUS: tuple[tuple[type[errors.HubError], int], ...] = (
    (errors.NotFound, 404),
    (errors.Outdated, 412),
    (errors.Forbidden, 403),
    (errors.Refused, 409),
)


def _on_hub_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.HubError)
    for kind, status in _HUB_STATUS:
        if isinstance(error, kind):
            return problem_response(request, status, error.detail, error.problems)
    return _on_crash(request, error)


def _on_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    problems = [say(item) for item in error.errors()]
    if any(problem.path == "header.If-Match" and problem.rule == "missing" for problem in problems):
        return _on_precondition(request, PreconditionRequired())
    return problem_response(request, 422, "La requête n'a pas la forme attendue.", problems)


def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, InvalidRequest)
    return problem_response(request, 422, "La requête n'a pas la forme attendue.", error.problems)


def _on_precondition(request: Request, _error: Exception) -> Response:
    return problem_response(
        request,
        428,
        "Indiquez la version que vous modifiez dans l'en-tête If-Match : c'est l'ETag reçu à la lecture.",
    )


_SENTENCES = {
    400: "La requête n'a pas pu être lue.",
    404: "Cette adresse n'existe pas.",
    405: "Cette méthode n'est pas permise à cette adresse.",
}


def _allowed(routes: Sequence[BaseRoute], scope: dict[str, Any]) -> set[str]:
    """Methods of every route of the path: the framework only knows those of the first one."""
    methods: set[str] = set()
    for route in routes:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"):
            if route.matches({**scope, "method": method})[0] is Match.FULL:
                methods.add(method)
    return methods


def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(sorted(_allowed(request.app.router.routes, dict(request.scope))))
    own_words = error.detail if error.status_code not in (404, 405) else ""
    framework_words = own_words in ("", "There was an error parsing the body")
    detail = _SENTENCES.get(error.status_code, error.detail) if framework_words else own_words
    return problem_response(request, error.status_code, detail, headers=headers or None)


def _on_crash(request: Request, error: Exception) -> Response:
    _log.error("request failed", method=request.method, path=request.url.path, exc_info=error)
    return problem_response(request, 500, "Une erreur interne est survenue ; elle est consignée au journal.")


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What to give to ``responses=`` of an operation so that each of these problems is declared."""
    return {
        status: {"description": TITLES[status][1], "content": {MEDIA_TYPE: {"schema": _SCHEMA_REF}}}
        for status in statuses
    }


def schemas() -> dict[str, Any]:
    """The components that :func:`responses` refers to."""
    document = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    definitions = document.pop("$defs")
    return {"Problem": document, **definitions}


def install(app: FastAPI, *, optional_auth: bool = False) -> None:
    """Make an application answer every error as a problem, and declare the schema in its OpenAPI document.

    Args:
        app: the application; its routers may be included before or after.
        optional_auth: the server accepts calls without a token (loopback): the document says so.
    """
    app.add_exception_handler(errors.HubError, _on_hub_error)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(InvalidRequest, _on_invalid)
    app.add_exception_handler(PreconditionRequired, _on_precondition)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_crash)
    bare_openapi = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = bare_openapi()
            document.setdefault("components", {}).setdefault("schemas", {}).update(schemas())
            if optional_auth:
                for operation in _operations(document):
                    if "security" in operation:
                        operation["security"] = [{}, *operation["security"]]
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the documented way to complete the document


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for item in document.get("paths", {}).values() for operation in item.values()]
