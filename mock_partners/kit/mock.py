"""Base class of every mock partner: an HTTP application, a state, a journal, and an optional folder it watches."""

from __future__ import annotations

import asyncio
import json
import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse

from mock_partners.kit.config import MockConfig
from mock_partners.kit.control import control_router
from mock_partners.kit.faults import FROZEN, FaultScript
from mock_partners.kit.http import TooLarge, problem
from mock_partners.kit.journal import Journal, Received
from mock_partners.kit.middleware import FaultMiddleware

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
        self.clear()
        if config.state_file is not None and config.state_file.exists():
            self.restore(json.loads(config.state_file.read_text(encoding="utf-8")))
        self.app = FastAPI(title=self.title, docs_url=None, redoc_url=None)
        self.app.include_router(self.router())
        self.app.include_router(control_router(self))
        self.app.add_middleware(FaultMiddleware, mock=self)
        self.app.add_exception_handler(TooLarge, _too_large)

    @abstractmethod
    def router(self) -> APIRouter:
        """The partner's own operations."""

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

    async def record(self, **fields: Any) -> Received:
        """Add a received document to the journal and to the folder of received documents (see :class:`Journal`)."""
        entry = self.journal.add(at=self.clock.now(), **fields)
        if self.config.received_dir is not None:
            await asyncio.to_thread(self.journal.store, entry)
        return entry

    async def changed(self) -> None:
        """Call after each change of state: writes the snapshot, so that a restarted mock goes on where it was."""
        if self.config.state_file is not None:
            text = json.dumps(self.snapshot(), ensure_ascii=False, indent=1)
            await asyncio.to_thread(_write, self.config.state_file, text)

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


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


async def _too_large(_request: Request, error: Exception) -> JSONResponse:
    return problem(413, str(error), "TROP_VOLUMINEUX")
