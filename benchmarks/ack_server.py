"""The partner of the benchmarks: a raw ASGI process that accepts every message line by line with next to no work.

``python -m benchmarks.ack_server FD`` serves on an inherited listening socket and ends when its standard input does.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

_arrivals: dict[str, int] = {}
_HEADERS = [(b"content-type", b"application/json")]


async def answer(scope: Any, receive: Any, send: Any) -> None:
    """The ASGI application."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    arrived = time.time_ns()
    if scope["method"] == "POST":
        said = next(value for name, value in scope["headers"] if name == b"x-id-message")
        _arrivals[said.decode()] = arrived
        content = _acknowledgement(said, body.count(b'"ligne":'))
    elif scope["path"] == "/arrivals":
        content = json.dumps(_arrivals).encode()
        _arrivals.clear()
    else:
        content = b'{"acquittements":[]}'
    length = (b"content-length", str(len(content)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [*_HEADERS, length]})
    await send({"type": "http.response.body", "body": content})


def _acknowledgement(message_id: bytes, lines: int) -> bytes:
    accepted = b",".join(b'{"ligne":%d,"statut":"accepte"}' % number for number in range(1, lines + 1))
    return (
        b'{"idAcquittement":"ACK-%s","idMessage":"%s","emisLe":"2026-11-20T08:00:00Z","verdict":"accepte","lignes":[%s]}'
        % (message_id, message_id, accepted)
    )


@contextmanager
def running() -> Iterator[str]:
    """The server in its own process; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        descriptor = listening.fileno()
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.ack_server", str(descriptor)],
            pass_fds=(descriptor,),
            stdin=subprocess.PIPE,
            cwd=Path(__file__).parents[1],
        )
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            process.communicate(timeout=10)


def leave_with_the_parent() -> None:
    """End this process when its standard input is closed, or its parent gone."""

    def wait() -> None:
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def main(descriptor: int) -> None:
    """Serve until the parent closes our standard input, or is gone."""
    leave_with_the_parent()
    config = uvicorn.Config(answer, log_level="warning", access_log=False, lifespan="off")
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])


if __name__ == "__main__":
    main(int(sys.argv[1]))
