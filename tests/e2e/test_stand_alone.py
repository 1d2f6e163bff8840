"""The simulated GEF without the hub: started from the command line, driven by the very lines of their README."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import mock_partners.gef

ROOT = Path(__file__).resolve().parents[2]
README = Path(mock_partners.gef.__file__).with_name("README.md")
FIRST, SFTP_API, SFTP = 9103, 9113, 2203
"""Ports of the README: three mocks in a row, then the one with SFTP."""
PASSWORD = "fictif"
pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


def blocks(title: str) -> list[str]:
    """The shell blocks of a section."""
    [section] = [one for one in README.read_text("utf-8").split("\n## ") if one.startswith(title)]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)


def free_ports(count: int) -> int:
    """The first of so many free ports in a row."""
    for first in range(20_000, 32_000, 7):
        probes = [socket.socket() for _ in range(count)]
        try:
            for offset, probe in enumerate(probes):
                probe.bind(("127.0.0.1", first + offset))
        except OSError:
            continue
        finally:
            for probe in probes:
                probe.close()
        return first
    raise AssertionError("no free ports")


class Shell:
    """Types the lines of the README where the repository would be, with free ports instead of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        first = free_ports(5)
        self.ports = {FIRST + rank: first + rank for rank in range(3)} | {SFTP_API: first + 3, SFTP: first + 4}
        (folder / "contracts").symlink_to(ROOT / "contracts")
        command = folder / "bin" / "semaphore-hub"
        command.parent.mkdir()
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m semaphore_hub "$@"\n')
        command.chmod(0o755)
        asked = folder / "askpass"
        asked.write_text(f"#!/bin/sh\necho {PASSWORD}\n")
        asked.chmod(0o755)
        self.environment = {
            **os.environ,
            "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "SSH_ASKPASS": str(asked),
            "SSH_ASKPASS_REQUIRE": "force",
        }

    def lines(self, text: str) -> str:
        """Lines of the README, on the ports of this test."""
        for known, free in self.ports.items():
            text = re.sub(rf"\b{known}\b", str(free), text)
        return text

    def run(self, title: str, *blocks_of: str) -> list[str]:
        """What each block prints, one after the other in the same shell."""
        script = "\necho =====\n".join(blocks_of or blocks(title))
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", self.lines(script)],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.split("=====\n")


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """The mocks of the README, in a process of their own."""
    folder = tmp_path_factory.mktemp("stand-alone")
    typed = Shell(folder)
    [command] = blocks("Run")
    process = subprocess.Popen(
        ["bash", "-c", f"exec {typed.lines(command)}"],
        cwd=folder,
        env=typed.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(process, [typed.ports[FIRST + rank] for rank in range(3)])
        yield typed
    finally:
        process.terminate()
        process.wait(15)


def _wait(process: subprocess.Popen[bytes], ports: list[int]) -> None:
    for port in ports:
        for _ in range(300):
            assert process.poll() is None, "the mocks stopped"
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_mock/clock", timeout=1).close()
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
            else:
                break
        else:
            raise AssertionError(f"nobody answers on {port}")


def documents(text: str) -> list[dict[str, Any]]:
    """JSON documents printed one after the other."""
    decoder, found, at = json.JSONDecoder(), [], 0
    while at < len(text.rstrip()):
        document, end = decoder.raw_decode(text, at)
        found.append(document)
        at = end + len(text[end:]) - len(text[end:].lstrip())
    return found


def test_rest(shell: Shell) -> None:
    first, waiting, orders = map(documents, shell.run("REST: `gef_0904`"))
    health, accepted, again, amended = first
    assert (health["statut"], health["version"]) == ("ok", "09.04.00226")
    assert (accepted["verdict"], amended["verdict"]) == ("accepte", "accepte")
    assert again == accepted
    held, supplier, listed = waiting
    assert (held["verdict"], supplier["verdict"]) == ("en_attente", "accepte")
    assert [one["nature"] for one in listed["echanges"]] == ["compteRendu"]
    made, emitted, listed = orders
    assert [one["typeFlux"] for one in made["flux"]] == ["commandes", "receptions", "mandats"]
    assert emitted["typeFlux"] == "structures"
    assert [one["nature"] for one in listed["echanges"]] == ["compteRendu", *["flux"] * 4]


def test_oauth(shell: Shell) -> None:
    [answer] = shell.run("OAuth 2: `gef_saas`")
    assert documents(answer)[0]["verdict"] == "accepte"


def test_soap(shell: Shell) -> None:
    [answer] = shell.run("SOAP: `gef_2k22`")
    assert "definitions" in answer
    assert "<verdict>accepte</verdict>" in answer
    assert "2K22.00" in answer
    assert "Fault" not in answer


def test_files(shell: Shell) -> None:
    [answer] = shell.run("Files")
    header, line = answer.removeprefix("\ufeff").splitlines()
    assert dict(zip(header.split(";"), line.split(";"), strict=True))["verdict"] == "accepte"


@pytest.mark.skipif(shutil.which("sftp") is None, reason="OpenSSH's sftp is not installed")
def test_sftp(shell: Shell) -> None:
    [answer] = shell.run("SFTP: `gef_0904`, `gef_eai_prodige`")
    assert f"sftp://hub@127.0.0.1:{shell.ports[SFTP]}/depot" in answer
    listed = answer.rpartition("ls retour")[2].split()
    assert [name for name in listed if re.fullmatch(r"retour/GEF_(STR|CR)_990780017_\d{8}_\d{5}\.csv(\.ok)?", name)]
    assert len(listed) == 4, answer
    report = next((shell.folder / "demo-data/gef-sftp/gef_0904/retour").glob("GEF_CR_*.csv"))
    assert ";accepte;" in report.read_text("utf-8")
