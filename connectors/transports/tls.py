"""Trust and client certificate of one partner (mutual TLS), as ``tls=`` of the HTTP transport."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Self

import httpx
from pydantic import BaseModel, ConfigDict, Field, model_validator

from semaphore_hub.ports.outcomes import Misconfigured

PATIENCE_SECONDS = 2.0
"""How long a server is given to refuse us, when we say nothing."""


class TlsSettings(BaseModel):
    """Files in PEM. The private key is not encrypted: its file is readable by the hub only."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    autorite: Path | None = Field(
        default=None, description="certificates of the authority that signed the partner's; default: the public ones"
    )
    certificat: Path | None = Field(default=None, description="our client certificate, with its chain")
    cle: Path | None = Field(default=None, description="its private key, when it is not in the certificate's file")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.cle is not None and self.certificat is None:
            raise ValueError("cle goes with certificat")
        return self

    def context(self) -> ssl.SSLContext:
        """What a connection trusts and shows; TLS 1.2 at least, host name checked.

        Raises:
            Misconfigured: a file is missing, unreadable, or the key is not that of the certificate.
        """
        try:
            if self.autorite is None:
                made = httpx.create_ssl_context(trust_env=False)
            else:
                made = ssl.create_default_context(cafile=str(self.autorite))
            if self.certificat is not None:
                # The empty password: an encrypted key fails here instead of asking for one on the terminal.
                made.load_cert_chain(self.certificat, self.cle, password="")
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            named = ", ".join(str(path) for path in (self.autorite, self.certificat, self.cle) if path)
            raise Misconfigured(f"the certificates {named} cannot be used: {error}") from error
        made.minimum_version = ssl.TLSVersion.TLSv1_2
        return made


async def alert_of(host: str, port: int, context: ssl.SSLContext) -> ssl.SSLError | None:
    """The alert with which a server ends a connection on which nothing is sent; None when it does not.

    In TLS 1.3 a client learns after its handshake that its certificate is refused or missing. If it has sent a request
    by then, the server's system answers with a reset that may overtake the alert; with nothing sent, the alert is read.
    """
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            reader, writer = await asyncio.open_connection(host, port, ssl=context)
            try:
                await reader.read(1)
            finally:
                writer.close()
    except ssl.SSLError as error:
        return error
    except OSError:  # with its TimeoutError: the server waits for a request, as it should
        return None
    return None
