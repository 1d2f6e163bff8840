"""The demo as a program: port, data folder, signals."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from semaphore_hub.demo import program
from semaphore_hub.demo.folder import MARKER, FolderRefused, data_folder
from semaphore_hub.demo.identifiers import siret
from tests.demo.conftest import command


def _start(root: Path, **options: object) -> subprocess.Popen[str]:
    return subprocess.Popen(command(root, **options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _leave_an_attempt_without_answer(url: str, shown: list[str]) -> None:
    """The GEF falls silent while the hub waits for its answer: stopping must not wait too."""
    mock = next(line.split()[-1] for line in shown if "gef_ideo_gelf : son état" in line).removesuffix("/state")
    with httpx.Client(trust_env=False) as client:
        gate = client.post(
            f"{url}/v1/partners/gef_ideo_gelf/version", json={"productVersion": "2.1"}, headers={"If-Match": '"1"'}
        )
        assert gate.json()["effectiveChannel"] == "api"
        client.put(f"{mock}/faults", json={"scenarios": ["partenaire_fige"]}).raise_for_status()
        supplier = {"typeIdentifiant": "SIRET", "id": siret("99988899"), "denominationSociale": "Silence Fictif SAS"}
        client.post(f"{url}/v1/fournisseurs", json=supplier).raise_for_status()
        deadline = time.monotonic() + 20
        while not client.get(f"{url}/v1/deliveries", params={"state": "SENDING"}).json()["items"]:
            assert time.monotonic() < deadline, "the hub never tried"
            time.sleep(0.05)


def test_it_stays_up_until_ctrl_c_then_ends_cleanly(tmp_path: Path) -> None:
    with _start(tmp_path / "data", steps=2) as demo:
        assert demo.stdout is not None
        assert demo.stderr is not None
        shown = []
        for line in demo.stdout:
            shown.append(line)
            if line.startswith("Ctrl-C"):
                break
        url = next(word for line in shown for word in line.split() if word.endswith("/docs")).removesuffix("/docs")
        assert httpx.get(f"{url}/health", trust_env=False).json()["status"] == "ok"
        deliveries = httpx.get(f"{url}/v1/deliveries", trust_env=False).json()["items"]
        assert {item["state"] for item in deliveries} == {"ACKNOWLEDGED"}
        _leave_an_attempt_without_answer(url, shown)
        asked = time.monotonic()
        demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=10) == 0
        assert time.monotonic() - asked < 5
        assert demo.stderr.read() == ""
    assert any("gef_ideo_gelf" in line and "fichier" in line and "accepté" in line for line in shown)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/health", trust_env=False)


@pytest.mark.parametrize(("once", "code"), [(True, 130), (False, 0)])
def test_ctrl_c_during_the_scenario_stops_at_once(tmp_path: Path, once: bool, code: int) -> None:
    with _start(tmp_path / "data", steps=3, once=once) as demo:
        assert demo.stdout is not None
        for line in demo.stdout:
            if "Raccordement" in line:
                break
        demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=10) == code


def test_a_port_that_is_taken_is_said_and_nothing_is_touched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert program.run(port=port, data_dir=tmp_path / "data", once=True) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert f"port {port} cannot be used" in said.err
    assert "--port" in said.err
    assert not (tmp_path / "data").exists()


def test_a_port_that_does_not_exist_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.run(port=70_000, data_dir=tmp_path / "data") == 2
    assert "port 70000 cannot be used" in capsys.readouterr().err


def test_a_folder_that_is_not_ours_is_refused_and_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    letter = tmp_path / "received"
    letter.mkdir()
    (letter / "letter.txt").write_text("keep me")
    assert program.run(port=0, data_dir=tmp_path, once=True) == 2
    assert "was not made by the demo" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["received"]
    assert (letter / "letter.txt").read_text() == "keep me"


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(FolderRefused), data_folder(tmp_path / "data"):
        pass
    assert (tmp_path / "data").read_text() == "a file"


def test_our_folder_is_emptied_of_our_files_only(tmp_path: Path) -> None:
    with data_folder(tmp_path / "data") as folder:
        folder.database.write_text("old")
        folder.shared("dgfip")[0].joinpath("old.xml").write_text("old")
    (tmp_path / "data" / "notes.txt").write_text("somebody's")
    with data_folder(tmp_path / "data") as folder:
        assert sorted(path.name for path in folder.root.iterdir()) == [MARKER, "notes.txt"]


def test_two_demos_do_not_share_a_folder(tmp_path: Path) -> None:
    with (
        data_folder(tmp_path / "data"),
        pytest.raises(FolderRefused, match="another demo is running"),
        data_folder(tmp_path / "data"),
    ):
        pass


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    with data_folder(tmp_path) as folder:
        assert (folder.root / MARKER).is_file()
