"""The route class of every JSON operation: what is read from the wire, before any schema looks at it.

Beside what the framework does: a body that is not JSON is a 400 with line and column, another media type a 415, a
repeated query parameter and a NUL character are a 422. Nothing of that may ever reach the database as a 500.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from email.message import Message
from typing import Any

from fastapi import Request, Response, params
from fastapi.routing import APIRoute
from pydantic_core import from_json
from starlette.exceptions import HTTPException

from semaphore_hub.api.problems import InvalidRequest
from semaphore_hub.kernel.errors import Problem


class StrictRequest(Request):
    """A request whose body is read by a JSON parser that refuses NaN, lone surrogates, invalid UTF-8 and NUL."""

    async def json(self) -> Any:
        """The body's value.

        Raises:
            HTTPException: 400, not JSON; the detail says at which line and column.
            InvalidRequest: a text holds the NUL character.
        """
        body = await self.body()
        try:
            value = from_json(body, allow_inf_nan=False)
        except ValueError as error:
            words = str(error).replace(" at line ", ", ligne ").replace(" column ", ", colonne ")
            raise HTTPException(400, f"Le corps n'est pas du JSON valide : {words}.") from error
        # PostgreSQL cannot store NUL. The escape is rare, so the values are walked only when it is there.
        if b"\\u0000" in body:
            found = [Problem(path, "nul", "le caractère NUL (\\u0000) n'est pas permis") for path in _nul(value, "$")]
            if found:
                raise InvalidRequest(found)
        return value


def _nul(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, str):
        if "\x00" in value:
            yield path
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _nul(item, f"{path}[{index}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            if "\x00" in key:
                yield path
            yield from _nul(item, f"{path}.{key}")


class StrictRoute(APIRoute):
    """Route of a JSON operation; give it to ``APIRouter(route_class=StrictRoute)``."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The framework's handler, behind the checks of the wire."""
        handle = super().get_route_handler()
        reads_json = self.body_field is not None and not isinstance(self.body_field.field_info, params.Form)

        async def checked(request: Request) -> Response:
            if request.scope["query_string"]:
                _refuse_repeated(request)
            if reads_json:
                _require_json(request)
                request = StrictRequest(request.scope, request.receive)
            return await handle(request)

        return checked


def _refuse_repeated(request: Request) -> None:
    counts = Counter(name for name, _ in request.query_params.multi_items())
    problems = [
        Problem(f"query.{name}", "repete", "ce paramètre est donné plusieurs fois")
        for name, count in counts.items()
        if count > 1
    ]
    if problems:
        raise InvalidRequest(problems)


def _require_json(request: Request) -> None:
    declared = request.headers.get("content-type")
    if declared == "application/json":
        return
    if declared is None:
        if request.headers.get("content-length", "0") == "0" and "transfer-encoding" not in request.headers:
            return
        raise HTTPException(415, "Indiquez le type du contenu : Content-Type: application/json.")
    header = Message()
    header["content-type"] = declared
    charset = header.get_param("charset", "utf-8")
    if header.get_content_type() != "application/json" or str(charset).lower() not in ("utf-8", "utf8"):
        raise HTTPException(415, f"Le type {declared} n'est pas accepté : envoyez du application/json en UTF-8.")
