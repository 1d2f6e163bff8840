"""A simulated GEF in file mode: what it refuses, and the files it breaks on purpose."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import contracts
from contracts import Finding
from contracts.rules.echange_fichiers import Depot, Expected, Marker, findings, parse_name
from mock_partners.gef_eai_prodige import enveloppe
from tests.mock_partners.gef.hubs import FINESS, FileHub, Place, example, make
from tests.mock_partners.gef_eai_prodige.envelope import EaiHub

Make = Callable[[], FileHub]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "depot", tmp_path / "retour")


@pytest.fixture(params=["csv", "xml", "eai"])
def hub(request: pytest.FixtureRequest, place: Place) -> Iterator[FileHub]:
    """A hub in front of a GEF in CSV, in XML with markers, in XML with envelopes."""
    options = {"etablissement": FINESS, "emission": "fichier"}
    if request.param == "csv":
        yield FileHub(make("gef_0904", place, options=options), "csv")
    elif request.param == "xml":
        yield FileHub(make("gef_2k22", place, options=options), "xml")
    else:
        yield EaiHub(make("gef_eai_prodige", place, options={"etablissement": FINESS}), "xml")


async def test_a_file_waits_for_its_marker_and_is_set_aside_once_read(hub: FileHub) -> None:
    body = example(hub.syntax, "marche", {})
    name = f"SEM_MAR_{FINESS}_20261201_00001.{hub.syntax}"
    (hub.depot / name).write_bytes(body)
    await hub.mock.scan()
    assert hub.mock.state.marches == {}
    (hub.depot / f"{name}{hub.marker_suffix}").write_bytes(hub.marker(name, body))
    await hub.mock.scan()
    assert hub.mock.state.effets == {"SEM-0004": [1, 2]}
    assert (hub.depot / "traites" / name).read_bytes() == body
    assert [path.name for path in hub.depot.iterdir()] == ["traites"]
    written = sorted(path.name for path in hub.retour.iterdir())
    answer = f"GEF_CR_{FINESS}_20261201_00001.{hub.syntax}"
    assert written == [answer, f"{answer}{hub.marker_suffix}"]
    entry = hub.mock.journal.search()[0]
    assert (entry.channel, entry.verdict, entry.body) == ("file", "accepted", body)


def refused_name(syntax: str, kind: str = "MAR", finess: str = FINESS, sender: str = "SEM") -> str:
    return f"{sender}_{kind}_{finess}_20261201_00001.{syntax}"


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("MARCHE.{}", "EFI-NOM"),
        (refused_name("{}", sender="GEF"), "EFI-EMETTEUR"),
        (refused_name("{}", kind="CMD"), "EFI-TYPE"),
        (refused_name("{}", finess="990780025"), "EFI-ETABLISSEMENT"),
        (refused_name("{}", kind="EVT"), "FICHIER_INVALIDE"),
    ],
)
async def test_a_file_under_a_wrong_name_is_refused_with_a_report(hub: FileHub, name: str, rule: str) -> None:
    name = name.format(hub.syntax)
    body = example(hub.syntax, "marche", {})
    if isinstance(hub, EaiHub):
        envelope = hub.marker(f"SEM_MAR_{FINESS}_20261201_00001.xml", body)
        kind = (parse_name(name) or parse_name(refused_name("xml"))).type  # type: ignore[union-attr]
        envelope = envelope.replace(b"<codeFlux>MAR<", f"<codeFlux>{kind}<".encode())
        (hub.depot / name).write_bytes(body)
        (hub.depot / f"{name}.env.xml").write_bytes(envelope)
        await hub.mock.scan()
    else:
        await hub.drop("MAR", body, name=name)
    assert hub.mock.state.marches == {}
    report = (hub.depot / "refuses" / f"{name}.rejet.txt").read_text("utf-8")
    assert f"[{rule}]" in report
    assert hub.mock.journal.search()[0].verdict == "rejected"


async def test_a_file_that_breaks_its_contract_is_refused_and_answered(hub: FileHub) -> None:
    await hub.drop("MAR", example(hub.syntax, "marche", {"200000.00": "200000.001"}))
    [answer] = await hub.fetch()
    assert (answer["idMessage"], answer["verdict"], answer["motif"]["code"]) == (
        "SEM-0004",
        "rejete",
        "FICHIER_INVALIDE",
    )
    assert "200000.001" in answer["motif"]["libelle"]
    assert answer["motif"]["libelle"].startswith("[GEFC-")
    assert len(list((hub.depot / "refuses").glob("*.rejet.txt"))) == 1
    assert hub.mock.state.marches == {}


@pytest.mark.parametrize("body", [b"n'importe quoi", b"\xff\xfe\x00"])
async def test_a_file_without_a_readable_id_is_refused_without_answer(hub: FileHub, body: bytes) -> None:
    name = await hub.drop("MAR", body)
    assert (hub.depot / "refuses" / name).exists()
    assert await hub.fetch() == []


async def test_a_wrong_checksum_is_refused(hub: FileHub) -> None:
    body = example(hub.syntax, "marche", {})
    name = f"SEM_MAR_{FINESS}_20261201_00001.{hub.syntax}"
    (hub.depot / name).write_bytes(body)
    (hub.depot / f"{name}{hub.marker_suffix}").write_bytes(hub.marker(name, body + b" "))
    await hub.mock.scan()
    assert "[EFI-EMPREINTE]" in (hub.depot / "refuses" / f"{name}.rejet.txt").read_text("utf-8")
    assert hub.mock.state.marches == {}


async def test_the_same_file_twice_is_without_effect_and_other_bytes_are_refused(hub: FileHub) -> None:
    body = example(hub.syntax, "marche", {})
    name = await hub.drop("MAR", body)
    await hub.fetch()
    await hub.drop("MAR", body, name=name)
    assert hub.mock.journal.search()[0].verdict == "replayed"
    assert await hub.fetch() == []
    other = example(hub.syntax, "marche", {"SEM-0004": "SEM-0099"})
    await hub.drop("MAR", other, name=name)
    assert "[EFI-NOM-REUTILISE]" in (hub.depot / "refuses" / f"{name}.rejet.txt").read_text("utf-8")
    assert hub.mock.state.effets == {"SEM-0004": [1, 2]}
    assert [one["idMessage"] for one in await hub.fetch()] == ["SEM-0099"]


async def test_a_spoiled_copy_of_a_message_in_force_is_refused_without_a_word_to_the_contrary(hub: FileHub) -> None:
    await hub.send("marche")
    name = await hub.drop("MAR", example(hub.syntax, "marche", {"200000.00": "200000.001"}))
    assert (hub.depot / "refuses" / f"{name}.rejet.txt").exists()
    assert await hub.fetch() == []


async def test_an_answer_to_a_flux_that_was_never_sent_is_refused(hub: FileHub) -> None:
    body = contracts.get(f"gef/compte-rendu-{hub.syntax}/1").folder / "examples" / "valid" / f"accepte.{hub.syntax}"
    name = await hub.drop("CR", body.read_bytes())
    assert (hub.depot / "refuses" / name).exists()


def seen(hub: FileHub) -> tuple[str, list[Finding]]:
    """What the hub sees of the newest file of the GEF: its name, and what the protocol says of it."""
    read = (parse_name(path.name) for path in hub.retour.iterdir())
    name = str(max(one for one in read if one is not None))
    marker = hub.retour / f"{name}{hub.marker_suffix}"
    form = enveloppe.MARKER if isinstance(hub, EaiHub) else Marker()
    depot = Depot(
        name,
        body=(hub.retour / name).read_bytes(),
        marker=marker.read_bytes() if marker.exists() else None,
        expected=Expected(emetteurs=frozenset({"GEF"}), finess=FINESS),
        form=form,
    )
    return name, list(findings(depot))


@pytest.mark.parametrize(
    ("scenario", "csv_rule", "xml_rule"),
    [
        ("rupture_sequence", "EFI-TROU", "EFI-TROU"),
        ("fichier_partiel", "EFI-PARTIEL", None),
        ("mauvais_separateur", "EFI-SEPARATEUR", None),
        ("cp1252_non_declare", "EFI-ENCODAGE", "EFI-ENCODAGE"),
        ("somme_fausse", "EFI-EMPREINTE", "EFI-EMPREINTE"),
    ],
)
async def test_a_scenario_breaks_the_next_file(
    hub: FileHub, scenario: str, csv_rule: str | None, xml_rule: str | None
) -> None:
    await hub.faults(f"{scenario}*1")
    await hub.control("POST", "emettre", {"typeFlux": "structures"})
    name, found = seen(hub)
    rule = csv_rule if hub.syntax == "csv" else xml_rule
    assert {one.rule for one in found} == ({rule} if rule else set())
    if scenario == "fichier_partiel" and hub.syntax == "xml":
        broken = contracts.validate("gef/flux-xml/1", (hub.retour / name).read_bytes())
        assert {one.rule for one in broken.findings} == {"GEFC-XML"}
    for path in hub.retour.iterdir():
        path.unlink()
    await hub.control("DELETE", "faults")
    await hub.control("POST", "emettre", {"typeFlux": "comptes"})
    assert [one.rule for one in seen(hub)[1] if one.severity == "error"] == []


async def test_a_file_may_come_without_its_marker(hub: FileHub) -> None:
    await hub.faults("sans_temoin*1")
    await hub.control("POST", "emettre", {"typeFlux": "structures"})
    assert [path.name for path in hub.retour.iterdir()] == [f"GEF_STR_{FINESS}_20261201_00001.{hub.syntax}"]
    assert await hub.fetch() == []


async def test_a_file_may_come_twice_once_the_first_was_taken(hub: FileHub) -> None:
    await hub.faults("fichier_en_double*1")
    await hub.control("POST", "emettre", {"typeFlux": "structures"})
    name, _ = seen(hub)
    body = (hub.retour / name).read_bytes()
    await hub.mock.scan()
    assert len(await hub.fetch()) == 1
    assert not (hub.retour / name).exists()
    await hub.mock.scan()
    assert (hub.retour / name).read_bytes() == body
    assert len(await hub.fetch()) == 1
    await hub.mock.scan()
    assert await hub.fetch() == []


async def test_numbers_go_on_by_day_and_after_a_reset(hub: FileHub) -> None:
    await hub.control("POST", "emettre", {"typeFlux": "structures"})
    await hub.control("POST", "emettre", {"typeFlux": "comptes"})
    await hub.control("POST", "reset")
    hub.mock.clock.set(hub.mock.clock.now().replace(year=2026, month=12, day=1))
    await hub.control("POST", "emettre", {"typeFlux": "structures"})
    hub.mock.clock.set(hub.mock.clock.now().replace(day=2))
    await hub.control("POST", "emettre", {"typeFlux": "structures"})
    names = [parse_name(path.name) for path in hub.retour.iterdir()]
    assert sorted((name.jour.day, name.numero) for name in names if name) == [(1, 1), (1, 2), (1, 3), (2, 1)]
    assert len({flux["idFlux"] for flux in await hub.fetch()}) == 4


async def test_a_folder_that_is_away_loses_nothing(hub: FileHub, tmp_path: Path) -> None:
    (tmp_path / "retour").write_bytes(b"not a folder")
    await hub.control("POST", "emettre", {"typeFlux": "structures"})
    assert len(hub.mock.state.aDeposer) == 1
    (tmp_path / "retour").unlink()
    [flux] = await hub.fetch()
    assert flux["typeFlux"] == "structures"
    assert hub.mock.state.aDeposer == {}


async def test_a_gef_of_two_hospitals_takes_the_files_of_both(place: Place) -> None:
    both = {"etablissement": "990780025", "etablissements": ["990780025", FINESS]}
    hub = FileHub(make("gef_0904", place, options=both), "csv")
    answer = await hub.send("marche")
    assert answer is not None
    assert answer["verdict"] == "accepte"
