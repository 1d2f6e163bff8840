"""Idempotent POST: the same ``Idempotency-Key`` from the same caller gives the same answer, once done.

The answer is kept in the transaction of the change itself. A refused request keeps nothing, so it may be put right and
sent again under its key. Keys are kept :data:`KEPT_HOURS`, on the database's clock.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel, StringConstraints
from sqlalchemy import JSON, BigInteger, Column, LargeBinary, Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, SQLModel

from semaphore_hub.api.dependencies import CallerDep, Services, ServicesDep
from semaphore_hub.kernel.access import Caller
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import KeyReused
from semaphore_hub.modules.referentiel.champs import SansNull

KEPT_HOURS = 24
_PENDING = 0


class Idempotency(SQLModel, table=True):
    """One key of one caller, with the request it came with and the answer it got."""

    __tablename__: ClassVar[Any] = "idempotency"

    caller: str = Field(primary_key=True, max_length=200)
    key: str = Field(primary_key=True, max_length=128)
    request_sha256: str = Field(max_length=64)
    status: int
    headers: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_ms: int = Field(sa_column=Column(BigInteger, nullable=False, index=True))


_keys: Table = table_of(Idempotency)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation answers; kept as it is under the request's key.

    Attributes:
        content: the resource.
        status: HTTP status of success.
        headers: ``ETag``, ``Location``.
    """

    content: BaseModel
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """A request that changes something: who asks, with which key, and the transaction it runs in."""

    services: Services
    caller: Caller
    key: str | None
    fingerprint: str

    def run(self, operation: Callable[[UnitOfWork], Answer]) -> Response:
        """Run the operation in one transaction, or give again the answer kept under the key.

        Raises:
            KeyReused: the key came with another request.
        """
        database = self.services.database
        with database.write() as unit:
            if self.key is None:
                return _response(operation(unit))
            kept = self._claim(unit)
            if kept is not None:
                return kept
            answer = operation(unit)
            response = _response(answer)
            unit.connection.execute(
                update(_keys)
                .where(_keys.c.caller == self.caller.name, _keys.c.key == self.key)
                .values(status=answer.status, headers=dict(answer.headers), body=bytes(response.body))
            )
            return response

    def _claim(self, unit: UnitOfWork) -> Response | None:
        """Take the key, or return the answer it already has. On PostgreSQL a concurrent holder is waited for."""
        database = self.services.database
        unit.connection.execute(delete(_keys).where(_keys.c.created_ms < database.now_ms - KEPT_HOURS * 3_600_000))
        dialect = sqlite if database.is_sqlite else postgresql
        claim = dialect.insert(_keys).values(
            caller=self.caller.name,
            key=self.key,
            request_sha256=self.fingerprint,
            status=_PENDING,
            headers={},
            body=b"",
            created_ms=database.now_ms,
        )
        # RETURNING rather than rowcount, which psycopg does not give for an insert.
        if unit.connection.execute(claim.on_conflict_do_nothing().returning(_keys.c.key)).first() is not None:
            return None
        row = (
            unit.connection.execute(select(_keys).where(_keys.c.caller == self.caller.name, _keys.c.key == self.key))
            .mappings()
            .one()
        )
        if row["request_sha256"] != self.fingerprint:
            raise KeyReused(
                "Cette clé d'idempotence a déjà servi pour une autre requête : prenez-en une nouvelle par opération."
            )
        headers = {**row["headers"], "Idempotency-Replayed": "true"}
        return Response(row["body"], row["status"], headers, "application/json")


def _response(answer: Answer) -> Response:
    # Serialised once by pydantic and sent as it is: the framework would validate and serialise it a second time.
    return Response(answer.content.model_dump_json().encode(), answer.status, dict(answer.headers), "application/json")


async def _change(
    request: Request,
    services: ServicesDep,
    caller: CallerDep,
    key: Annotated[
        Annotated[str, StringConstraints(pattern="^[A-Za-z0-9._:-]{1,128}$")] | None,
        SansNull(),
        Header(
            alias="Idempotency-Key",
            description="même clé, même requête : même réponse, avec l'en-tête Idempotency-Replayed ; gardée 24 h",
        ),
    ] = None,
) -> Change:
    fingerprint = ""
    if key is not None:
        request_line = f"{request.method} {request.url.path}\n".encode()
        fingerprint = hashlib.sha256(request_line + await request.body()).hexdigest()
    return Change(services, caller, key, fingerprint)


ChangeDep = Annotated[Change, Depends(_change)]
"""Dependency of every operation that changes something."""
