"""DECP XML: the same marchés as in JSON, with the values of XML."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from semaphore_hub.imports import Outcome
from tests.imports.hub import MARCHE, Hub, changed, completed_in, json_file, rules_of


def xml_file(path: Path, *contracts: str, declaration: str = "") -> Path:
    """A DECP XML file of these contracts, each on its own line."""
    path.write_text(declaration + "<marches>\n" + "\n".join(contracts) + "\n</marches>", "utf-8")
    return path


def as_xml(fields: dict[str, Any]) -> str:
    """A marché of the JSON form as XML."""
    return f"<marche>{''.join(_element(name, value) for name, value in fields.items())}</marche>"


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return f"<{name}>{''.join(_element(key, held) for item in value for key, held in item.items())}</{name}>"
    if isinstance(value, dict):
        parts = [
            "".join(f"<{key}>{text}</{key}>" for text in held) if isinstance(held, list) else _element(key, held)
            for key, held in value.items()
        ]
        return f"<{name}>{''.join(parts)}</{name}>"
    return f"<{name}>{('oui' if value else 'non') if isinstance(value, bool) else value}</{name}>"


def test_an_xml_marche_is_the_same_as_in_json(hub: Hub, tmp_path: Path) -> None:
    (from_xml,) = hub.run(xml_file(tmp_path / "decp.xml", as_xml(MARCHE))).enregistrements
    assert from_xml.resultat is Outcome.COMPLETE
    assert hub.marche(from_xml).montant == Decimal("400000.25")
    (from_json,) = hub.run(json_file(tmp_path / "decp.json", changed())).enregistrements
    assert (from_json.resultat, from_json.uid) == (Outcome.INCHANGE, from_xml.uid)


def test_an_empty_origin_means_not_concerned(hub: Hub, tmp_path: Path) -> None:
    marche = as_xml(MARCHE).replace("</marche>", "<origineUE/><origineFrance></origineFrance></marche>")
    (record,) = hub.run(xml_file(tmp_path / "decp.xml", marche)).enregistrements
    view = hub.marche(record)
    assert (view.origineUE, view.origineFrance) == (None, None)


def test_amendments_of_an_xml_marche_are_applied(hub: Hub, tmp_path: Path) -> None:
    amendment = {
        "id": 1,
        "dureeMois": 36,
        "montant": "500000.10",
        "dateNotificationModification": "2026-06-01",
        "datePublicationDonneesModification": "2026-06-02",
    }
    marche = as_xml(changed(modifications=[{"modification": amendment}]))
    (record,) = hub.run(xml_file(tmp_path / "decp.xml", marche)).enregistrements
    view = hub.marche(record)
    assert (view.montant, view.dureeMois) == (Decimal("500000.10"), 36)
    assert "modifications[0].objet" in completed_in(record)


def test_one_bad_xml_marche_leaves_the_others_and_says_its_line(hub: Hub, tmp_path: Path) -> None:
    bad = as_xml(changed(id="2026DM002", nature="Accord-cadre")).replace("<nature>", "\n<nature>")
    concession = "<contrat-concession><id>2026DSP01</id></contrat-concession>"
    path = xml_file(tmp_path / "decp.xml", as_xml(MARCHE), concession, bad, as_xml(changed(id="2026DM003")))
    first, refused_concession, refused, last = hub.run(path).enregistrements
    assert (first.resultat, last.resultat) == (Outcome.COMPLETE, Outcome.COMPLETE)
    assert rules_of(refused_concession) == ["IMP-CONCESSION"]
    assert (refused.place, refused.ligne, rules_of(refused)) == ("/marches/marche[2]", 4, ["DECP-SCHEMA"])
    assert (refused.motifs[0].chemin, refused.motifs[0].ligne) == ("/marches/marche[2]/nature", 5)


def test_an_unknown_element_among_the_marches_is_refused_not_skipped(hub: Hub, tmp_path: Path) -> None:
    path = xml_file(tmp_path / "decp.xml", as_xml(MARCHE), "<marché><id>1</id></marché>", "<!-- rien -->")
    good, unknown = hub.run(path).enregistrements
    assert good.resultat is Outcome.COMPLETE
    assert rules_of(unknown) == ["DECP-SCHEMA"]


@pytest.mark.parametrize("amount", ["1000.125", "1000000000000"])
def test_amounts_are_exact_in_xml_too(hub: Hub, tmp_path: Path, amount: str) -> None:
    (record,) = hub.run(xml_file(tmp_path / "decp.xml", as_xml(changed(montant=amount)))).enregistrements
    assert rules_of(record)[0] in ("IMP-MONTANT-DECIMALES", "IMP-MONTANT-LARGEUR")
    assert amount in record.motifs[0].message
