"""Optimistic concurrency: the version of a resource is its ETag, and every change must say which one it is based on."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Header

_PATTERN = r'^"[1-9][0-9]{0,8}"$'


def etag(version: int) -> str:
    """Strong ETag of a version."""
    return f'"{version}"'


async def _expected_version(
    if_match: Annotated[
        str,
        Header(
            alias="If-Match",
            pattern=_PATTERN,
            description="ETag reçu à la lecture ; absent : 428, périmé : 412",
            examples=['"1"'],
        ),
    ],
) -> int:
    return int(if_match.strip('"'))


ExpectedVersion = Annotated[int, Depends(_expected_version)]
"""Version named by If-Match. Without the header the answer is 428 (see :mod:`semaphore_hub.api.problems`)."""

ETAG_HEADER = {"ETag": {"description": "version de la ressource, à rendre dans If-Match", "schema": {"type": "string"}}}
"""Declaration of the header in ``responses``."""


def versioned(read: str, *changes: str) -> dict[str, Any]:
    """Declaration of a success that carries a versioned resource: its ETag, and links to what can follow.

    Args:
        read: operation id that reads the resource by its uid.
        changes: operation ids that change it, and so ask for its ETag.
    """
    uid = {"uid": "$response.body#/uid"}
    links: dict[str, Any] = {read: {"operationId": read, "parameters": uid}}
    for change in changes:
        links[change] = {"operationId": change, "parameters": {**uid, "If-Match": "$response.header.ETag"}}
    return {"headers": ETAG_HEADER, "links": links}
