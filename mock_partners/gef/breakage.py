"""Breaks on purpose the bytes of a file that a simulated GEF is about to put."""

from __future__ import annotations

from mock_partners.kit import FaultScript


def broken(faults: FaultScript, body: bytes, extension: str) -> bytes:
    """The file's bytes as the scenarios in force want them; a scenario that would change nothing is kept for later.

    Args:
        faults: the scenarios.
        body: the sound file, in UTF-8.
        extension: "csv" or "xml".
    """
    if extension == "csv" and faults.use("mauvais_separateur"):
        body = body.replace(b";", b",")
    if faults.use("fichier_partiel"):
        body = b"".join(body.splitlines(keepends=True)[:-1]) if extension == "csv" else body[: len(body) * 2 // 3]
    if not body.isascii() and faults.use("cp1252_non_declare"):
        body = body.decode("utf-8").encode("cp1252", errors="replace")
    return body
