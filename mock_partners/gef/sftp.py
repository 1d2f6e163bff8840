"""A simulated GEF whose folders can be reached by a real SFTP server, started and stopped with it.

``options["sftp"]``: ``{"port": 0, "user": "hub", "password": "…"}``. The two folders must lie in one folder, or the
answers in the deposit: the user sees that folder, and nothing above. ``host_key`` is the file of the server's private
key, made when it is missing; by default beside that folder, out of the user's sight.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import APIRouter, HTTPException

from mock_partners.gef.mock import GefMock
from mock_partners.kit import MockConfig
from mock_partners.kit.sftp import Account, SftpServer


class SftpGefMock(GefMock):
    """A GEF that may also be a server of files."""

    def __init__(self, config: MockConfig) -> None:
        super().__init__(config)
        given = config.options.get("sftp")
        self.sftp = None if given is None else self._server(given)
        self._user = "" if given is None else given["user"]

    async def start(self) -> None:
        """Make the folders, serve them, begin to watch."""
        if self.sftp is not None:
            for folder in self.files.folders or ():
                folder.mkdir(parents=True, exist_ok=True)
            await self.sftp.start()
        await super().start()

    async def stop(self) -> None:
        """Stop watching, then serving."""
        await super().stop()
        if self.sftp is not None:
            await self.sftp.stop()

    def router(self) -> APIRouter:
        """The control of the flux, and where the SFTP server is."""
        router = super().router()

        @router.get("/_mock/sftp", tags=["pilotage du simulateur"])
        async def place() -> dict[str, Any]:
            """Address of the two folders, and the host key that a client pins."""
            if self.sftp is None or self.files.folders is None:
                raise HTTPException(404, "no SFTP server was asked for")
            root = self._root()
            depot, retour = (
                f"/{folder.relative_to(root).as_posix()}".removesuffix("/.") for folder in self.files.folders
            )
            return {
                "depot": self.sftp.url(self._user, depot or "/"),
                "retour": self.sftp.url(self._user, retour),
                "hostKey": self.sftp.host_key_line,
                "fingerprint": self.sftp.fingerprint,
            }

        return router

    def _server(self, given: Mapping[str, Any]) -> SftpServer:
        root = self._root()
        root.mkdir(parents=True, exist_ok=True)
        key = Path(given.get("host_key", root.parent / f"{self.partner}_ssh_host_key"))
        account = Account(folder=root, password=given["password"])
        return SftpServer({given["user"]: account}, key, int(given.get("port", 0)))

    def _root(self) -> Path:
        folders = self.files.folders
        if folders is None:
            raise ValueError("sftp: a depot_dir is needed")
        depot, retour = folders
        if retour.parent == depot:
            return depot
        if retour.parent != depot.parent:
            raise ValueError("sftp: depot_dir and retour_dir must lie in the same folder")
        return depot.parent
