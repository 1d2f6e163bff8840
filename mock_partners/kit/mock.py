"""Base class of every mock partner: an HTTP application, a state, a journal, and an optional folder it watches."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, ClassVar

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp

from mock_partners.kit.config import MockConfig
from mock_partners.kit.control import control_router
from mock_partners.kit.faults import FROZEN, FaultScript
from mock_partners.kit.http import MAX_BODY_BYTES, Direct, Operation, TooLarge, too_large
from mock_partners.kit.journal import Journal, Received
from mock_partners.kit.middleware import FaultMiddleware, ShortCut
from mock_partners.kit.state_file import StateFile

_log = logging.getLogger(__name__)


class Mock(ABC):
    """One simulated partner. Its state is touched from the event loop only.

    Class attributes:
        id: folder name, and name on the command line.
        title: who it plays, in French.
        scenarios: business scenarios it can play, name to French sentence.
        fault_target: requests that consume the fault script by default, for example "POST /depots".
    """

    id: ClassVar[str]
    title: ClassVar[str]
    scenarios: ClassVar[Mapping[str, str]] = {}
    fault_target: ClassVar[str] = "POST"

    def __init__(self, config: MockConfig) -> None:
        self.config = config
        self.clock = config.clock
        self.partner = config.partner or self.id
        self.faults = FaultScript(self.scenarios, self.fault_target)
        self.journal = Journal(
            config.journal_size, None if config.received_dir is None else config.received_dir / self.partner
        )
        self.stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._direct: dict[tuple[str, str], ASGIApp] = {}
        self._state_file = None if config.state_file is None else StateFile(config.state_file, config.state_seconds)
        self.clear()
        if self._state_file is not None:
            kept = self._state_file.read()
            if kept is not None:
                self.restore(kept)
        framework = FastAPI(title=self.title, docs_url=None, redoc_url=None)
        framework.include_router(self.router())
        framework.include_router(control_router(self))
        framework.add_exception_handler(TooLarge, _answer_too_large)
        self.app: ASGIApp = FaultMiddleware(ShortCut(framework, self._direct), self)

    @abstractmethod
    def router(self) -> APIRouter:
        """The partner's own operations."""

    def direct(self, method: str, path: str, operation: Operation, limit: int = MAX_BODY_BYTES) -> Direct:
        """Serve an operation without the framework; called by :meth:`router`, which also adds what this returns.

        Args:
            method: in capitals.
            path: exact, without parameters.
            operation: what answers.
            limit: of the body, in bytes.
        """
        served = self._direct[method, path] = Direct(operation, limit)
        return served

    @abstractmethod
    def clear(self) -> None:
        """Set the business state to what it is at creation."""

    @abstractmethod
    def snapshot(self) -> dict[str, Any]:
        """The business state as JSON: shown by ``/_mock/state`` and kept in the state file."""

    @abstractmethod
    def restore(self, state: Mapping[str, Any]) -> None:
        """Take a state given by :meth:`snapshot` (missing keys keep their value).

        Raises:
            ValueError: it is not such a state.
        """

    async def scan(self) -> None:
        """One look at the watched folder.

        Raises:
            NotImplementedError: this mock has no file channel, yet a folder to watch was configured.
        """
        raise NotImplementedError(f"the mock {self.id} has no file channel")

    async def start(self) -> None:
        """Begin to watch the folder, when one is configured."""
        self.stopping.clear()
        if self.config.depot_dir is not None and self._task is None:
            self._task = asyncio.create_task(self._watch(), name=f"mock-{self.partner}")

    async def stop(self) -> None:
        """Stop watching and release the requests held by a simulated silence."""
        self.stopping.set()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        if self._state_file is not None:
            await self._state_file.flush()

    async def record(self, **fields: Any) -> Received:
        """Add a received document to the journal and to the folder of received documents (see :class:`Journal`)."""
        entry = self.journal.add(at=self.clock.now(), **fields)
        await self.journal.store(entry)
        return entry

    async def changed(self) -> None:
        """Call after each change of state: writes the snapshot, so that a restarted mock goes on where it was.

        When this returns the state is in its file, unless ``MockConfig.state_seconds`` lets it come later.
        """
        if self._state_file is not None:
            await self._state_file.changed(self.snapshot)

    def authorised(self, request: Request, header: str = "X-API-Key") -> bool:
        """Whether the request carries the configured API key in that header (any request does when none is configured).

        In ``Authorization`` the key is a bearer token.
        """
        key = self.config.api_key
        if key is None:
            return True
        return request.headers.get(header) == (f"Bearer {key}" if header.lower() == "authorization" else key)

    async def _watch(self) -> None:
        while True:
            if self.faults.active(FROZEN) is None:
                try:
                    await self.scan()
                except OSError as error:
                    # A folder that is briefly away (mount, rights) must not kill the partner.
                    _log.warning("mock %s could not scan its folder: %s", self.partner, error)
            await asyncio.sleep(self.config.scan_seconds)


async def _answer_too_large(_request: Request, error: Exception) -> JSONResponse:
    return too_large(error)
