"""Manifests are checked before any code of their connector runs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from semaphore_hub.kernel.errors import ConfigurationError
from semaphore_hub.ports.manifest import Loss, load_manifest, parse_delay

GOOD = """
id = "gef_test"
name = "Test"
kind = "gef"
status = "assumed"
description = "d"
idempotent = true
retry_schedule = ["5s", "2m"]
[[channels]]
id = "api"
label = "API"
contracts = { marche = "gef_test/marches/1" }
[[messages]]
event = "fr.semaphore.marche.notifie.v1"
message = "marche"
audience = "beneficiaires"
ordering = "receipt"
acknowledgement = true
"""


def _write(folder: Path, text: str, name: str = "gef_test") -> Path:
    path = folder / name / "manifest.toml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return path


def test_a_complete_manifest_loads(tmp_path: Path) -> None:
    manifest = load_manifest(_write(tmp_path, GOOD))
    assert manifest.spec_for("fr.semaphore.marche.notifie.v1") is not None
    assert manifest.spec_for("fr.semaphore.marche.cree.v1") is None
    assert manifest.channel("file") is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('status = "assumed"', 'status = "certain"'), "status"),
        (('"5s"', '"5 seconds"'), "delay"),
        (("marche = ", "autre = "), "names no contract"),
        (('kind = "gef"', 'kind = "gef"\ncolour = "blue"'), "colour"),
        (("idempotent = true", ""), "idempotent"),
        (("[[channels]]", "[[channels"), "manifest.toml"),
    ],
)
def test_what_is_wrong_with_a_manifest_is_named(tmp_path: Path, change: tuple[str, str], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        load_manifest(_write(tmp_path, GOOD.replace(*change)))


def test_the_folder_must_bear_the_id(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="folder"):
        load_manifest(_write(tmp_path, GOOD, "gef_other"))


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("200ms", timedelta(milliseconds=200)),
        ("5s", timedelta(seconds=5)),
        ("2m", timedelta(minutes=2)),
        ("1h", timedelta(hours=1)),
        ("3d", timedelta(days=3)),
    ],
)
def test_delays_are_readable(text: str, duration: timedelta) -> None:
    assert parse_delay(text) == duration


@pytest.mark.parametrize("text", ["", "5", "s", "5x", "-5s", "1.5s", "5 s", "ms"])
def test_other_delays_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a delay"):
        parse_delay(text)


@pytest.mark.parametrize(
    ("champs", "covered", "left"),
    [
        ("objet", ["objet"], ["objets", "modifications[1].objet"]),
        ("lot.*", ["lot.numero"], ["lot", "lots.numero"]),
        ("titulaires[*].montant", ["titulaires[SIRET 1].montant"], ["titulaires[SIRET 1].role", "titulaires.montant"]),
        ("modifications[*].*", ["modifications[2].objet"], ["modificationsActesSousTraitance[1].id"]),
    ],
)
def test_a_loss_covers_the_fields_its_patterns_name(champs: str, covered: list[str], left: list[str]) -> None:
    loss = Loss(id="perte", description="…", champs=(champs,))
    assert all(loss.covers(name) for name in covered)
    assert not any(loss.covers(name) for name in left)
