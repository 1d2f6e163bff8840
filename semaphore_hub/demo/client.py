"""What the demo asks of the hub and of the control planes of the mocks: HTTP only, as anybody's client would."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

Json = dict[str, Any]


class CallRefused(Exception):
    """A request did not succeed; the sentence says what was asked and what was answered."""


class Client:
    """One server: the hub, or the control plane of a mock."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        # Environment proxies are ignored: the server is in this process. An idle connection is let go well before the
        # five seconds after which the server closes it: used at that very moment, it would break.
        self._http = httpx.AsyncClient(
            base_url=base_url, trust_env=False, timeout=20, limits=httpx.Limits(keepalive_expiry=2.0)
        )

    async def close(self) -> None:
        """Release connections."""
        await self._http.aclose()

    async def get(self, path: str, **params: str | int) -> Json:
        """Read a resource.

        Raises:
            CallRefused: the answer is not a success.
        """
        content: Json = (await self._call("GET", path, params=params)).json()
        return content

    async def body(self, path: str) -> bytes:
        """Read a document byte for byte. Raises CallRefused."""
        return (await self._call("GET", path)).content

    async def post(self, path: str, body: Mapping[str, Any] | None = None, *, version: int | None = None) -> Json:
        """Create or change a resource, based on its ``version`` when it has one. Raises CallRefused."""
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        content: Json = (await self._call("POST", path, json=body, headers=headers)).json()
        return content

    async def send(self, path: str, content: bytes, media_type: str, *, version: int | None = None) -> Json:
        """Post a document as it is. Raises CallRefused."""
        headers = {"Content-Type": media_type}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        answer: Json = (await self._call("POST", path, content=content, headers=headers)).json()
        return answer

    async def put(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        """Replace. Raises CallRefused."""
        return await self._call("PUT", path, json=body)

    async def delete(self, path: str) -> None:
        """Remove. Raises CallRefused."""
        await self._call("DELETE", path)

    async def everything(self, path: str, **params: str | int) -> list[Json]:
        """Every item of a list of the hub, page by page (``next`` is the following ``cursor``, or ``after``)."""
        items: list[Json] = []
        while True:
            page = await self.get(path, limit=200, **params)
            items += page["items"]
            if page["next"] is None:
                return items
            params["after" if path == "/v1/events" else "cursor"] = page["next"]

    async def _call(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            answer = await self._http.request(method, path, **request)
        except httpx.HTTPError as error:
            raise CallRefused(f"{method} {self.base_url}{path} : {type(error).__name__} {error}") from error
        if answer.is_success:
            return answer
        raise CallRefused(f"{method} {path} : {answer.status_code} {_said(answer)}")


def _said(answer: httpx.Response) -> str:
    """The detail and the broken rules of a problem document."""
    try:
        problem = answer.json()
    except ValueError:
        return answer.text[:200]
    errors = [f"{item['path']} {item['message']}" for item in problem.get("errors", [])]
    return " ; ".join([str(problem.get("detail", "")), *errors])
