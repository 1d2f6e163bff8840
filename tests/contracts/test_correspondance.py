"""The table of correspondences: every official code of both sides is answered, and round trips lose what they say."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from lxml import etree

import contracts
from contracts.correspondance import Converted, PesCodes, decp_of_pes_codes, pes_codes_of_decp, table

XS = "{http://www.w3.org/2001/XMLSchema}"
DECP = json.loads((contracts.get("daj/decp-json/2.0.4").folder / "decp.schema.json").read_text("utf-8"))["$defs"]

# List of the table, type of the PES schema, values of the DECP schema.
LISTS: list[tuple[str, str, list[str]]] = [
    ("natureIdentifiant", "CodeNatureIdentifiant", DECP["operateur"]["properties"]["typeIdentifiant"]["enum"]),
    ("formePrix", "CodeFormePrix", DECP["marche"]["properties"]["formePrix"]["enum"]),
    ("variationPrixActe", "CodeVariationPrix", DECP["acteSousTraitance"]["properties"]["variationPrix"]["enum"]),
    ("typeGroupement", "CodeTypeGroupement", DECP["marche"]["properties"]["typeGroupementOperateurs"]["enum"]),
    ("ccag", "CodeCcag", DECP["marche"]["properties"]["ccag"]["enum"]),
    ("natureConcession", "CodeNatureConcession", DECP["contratConcession"]["properties"]["nature"]["enum"]),
    ("procedureConcession", "CodeProcedureConcession", DECP["contratConcession"]["properties"]["procedure"]["enum"]),
]


def inner(field: str, item: str, holder: str = "marche") -> list[str]:
    """Values of a list of codes of the DECP."""
    values: list[str] = DECP[holder]["properties"][field]["properties"][item]["items"]["enum"]
    return values


LISTS += [
    ("typePrix", "CodeVariationPrix", inner("typesPrix", "typePrix")),
    ("technique", "CodeTechniqueAchat", inner("techniques", "technique")),
    ("considerationSociale", "CodeConsiderationSociale", inner("considerationsSociales", "considerationSociale")),
    (
        "considerationEnvironnementale",
        "CodeConsiderationEnvironnementale",
        inner("considerationsEnvironnementales", "considerationEnvironnementale"),
    ),
    ("typeCodeLieu", "CodeTypeLieu", DECP["marche"]["properties"]["lieuExecution"]["properties"]["typeCode"]["enum"]),
]


def pes_codes(name: str) -> set[str]:
    """The codes of a type of the PES 5.30 schema."""
    tree = etree.parse(contracts.get("dgfip/pes-marche/5.30").folder / "codes.xsd")
    (found,) = tree.getroot().iterfind(f"{XS}complexType[@name='{name}']")
    return {str(one.get("value")) for one in found.iter(f"{XS}enumeration")}


@pytest.mark.parametrize(("name", "pes", "decp"), LISTS, ids=lambda value: value if isinstance(value, str) else "")
def test_every_code_and_every_value_has_its_answer(name: str, pes: str, decp: list[str]) -> None:
    found = table().lists[name]
    assert set(found.pes) | set(found.without) == pes_codes(pes)
    assert set(found.pes).isdisjoint(found.without)
    assert set(found.pes.values()) | ({found.absent} if found.absent else set()) == set(decp)
    assert {found.decp[value]: value for value in found.decp} == dict(found.pes)
    assert all(said in table().losses or said in table().refusals for said in found.without.values())


@pytest.mark.parametrize(
    ("compound", "pes", "field"),
    [
        (table().nature, "CodeNatureMarche", "nature"),
        (table().procedure, "CodeProcedureMarche", "procedure"),
        (table().modalite, "CodeModaliteExecution", "modalites"),
    ],
    ids=["nature", "procedure", "modalite"],
)
def test_every_compound_code_says_values_of_the_decp_or_why_not(
    compound: Mapping[str, Mapping[str, Any]], pes: str, field: str
) -> None:
    assert set(compound) == pes_codes(pes)
    marche = DECP["marche"]["properties"]
    for said in compound.values():
        assert (field in said) != ("refus" in said)
        assert said.get("nature", "Marché") in marche["nature"]["enum"]
        assert said.get("procedure", "Procédure adaptée") in marche["procedure"]["enum"]
        assert set(said.get("techniques", ())) <= set(inner("techniques", "technique"))
        assert set(said.get("modalites", ())) <= set(inner("modalitesExecution", "modaliteExecution"))
        assert said.get("perte", "comptable") in table().losses
        assert said.get("refus", "CONV-MONTANT") in table().refusals


def test_what_the_public_standards_say_of_the_correspondence_is_there() -> None:
    assert table().nature["03"]["modalites"] == ["Bons de commande"]
    assert table().nature["04"]["modalites"] == ["Marchés subséquents"]
    assert {table().procedure[code]["procedure"] for code in ("04", "05")} == {"Procédure avec négociation"}
    assert table().procedure["08"]["techniques"] == ["Concours"]
    assert table().procedure["09"]["techniques"] == ["Système d'acquisition dynamique"]
    assert table().procedure["10"] == {"refus": "CONV-PROCEDURE-AUTRE"}
    assert table().modalite["04"]["modalites"] == ["Bons de commande", "Tranches"]
    assert table().lists["natureIdentifiant"].without == {"09": "CONV-IMMATRICULATION"}
    # Canton and arrondissement are not in the order of the DECP's list.
    assert [table().lists["typeCodeLieu"].pes[code] for code in ("03", "04")] == ["Code canton", "Code arrondissement"]


def test_each_loss_and_refusal_has_a_sentence_a_source_and_a_direction() -> None:
    for said in (*table().losses.values(), *table().refusals.values()):
        assert said.message.endswith(".")
        assert said.message[0].isupper() or said.message[0] == "«"
        assert said.source
    assert {said.sens for said in table().losses.values()} == {
        "pes-decp",
        "decp-pes",
        "les deux",
        "decp-decp",
        "vers decp",
    }
    assert all(said.id.startswith("CONV-") and not said.sens for said in table().refusals.values())


def test_a_default_is_a_value_of_the_decp() -> None:
    marche = DECP["marche"]["properties"]
    for champ, value in table().defaults.items():
        assert champ in marche
        if isinstance(value, list):
            item = next(iter(marche[champ]["properties"]))
            assert set(value) <= set(inner(champ, item))
    with pytest.raises(KeyError):
        table().default("montant")
    assert table().default("techniques") is not table().default("techniques")


# --- DECP → codes → DECP ----------------------------------------------------------------------------------------------


def decp_of(codes: Mapping[str, Any], data: Mapping[str, Any]) -> Converted:
    """What the codes say of a marché, with what the other elements of a PES block say as they are."""
    made = Converted("marche", {})
    decp_of_pes_codes(codes, made)
    lists = table().lists
    made.data["formePrix"] = lists["formePrix"].pes[codes["FormePrix"]]
    made.data["typesPrix"] = [lists["typePrix"].pes[codes["VariationPrix"]]]
    made.data["lieuExecution"] = {
        "code": data["lieuExecution"]["code"],
        "typeCode": lists["typeCodeLieu"].pes[codes["TypeCode"]],
    }
    made.data["titulaires"] = [
        {"typeIdentifiant": lists["natureIdentifiant"].pes[kind], "id": holder["id"]}
        for kind, holder in zip(codes["NatId"], data["titulaires"], strict=True)
    ]
    return made


def some_of(rng: random.Random, values: list[str], none: str) -> list[str]:
    """One value or several; "none" alone most of the time, as the ministry wants it."""
    chosen = rng.sample(values, rng.randint(1, 3))
    return [none] if none in chosen and rng.random() < 0.8 else chosen


def marches(count: int, seed: int) -> Iterator[dict[str, Any]]:
    """Marchés of every kind of codes."""
    rng = random.Random(seed)
    fields = DECP["marche"]["properties"]
    for _ in range(count):
        data: dict[str, Any] = {
            field: rng.choice(fields[field]["enum"])
            for field in ("nature", "procedure", "ccag", "typeGroupementOperateurs", "formePrix")
        }
        data["techniques"] = some_of(rng, inner("techniques", "technique"), "Sans objet")
        data["modalitesExecution"] = some_of(rng, inner("modalitesExecution", "modaliteExecution"), "Sans objet")
        data["typesPrix"] = rng.sample(inner("typesPrix", "typePrix"), rng.randint(1, 2))
        data["considerationsSociales"] = some_of(
            rng, inner("considerationsSociales", "considerationSociale"), "Pas de considération sociale"
        )
        data["considerationsEnvironnementales"] = some_of(
            rng,
            inner("considerationsEnvironnementales", "considerationEnvironnementale"),
            "Pas de considération environnementale",
        )
        for field in ("marcheInnovant", "sousTraitanceDeclaree", "attributionAvance"):
            data[field] = rng.random() < 0.5
        if rng.random() < 0.3:
            data["idAccordCadre"] = "2024AC001"
        place = fields["lieuExecution"]["properties"]["typeCode"]["enum"]
        data["lieuExecution"] = {"code": "99001", "typeCode": rng.choice(place)}
        kinds = DECP["operateur"]["properties"]["typeIdentifiant"]["enum"]
        data["titulaires"] = [{"typeIdentifiant": kind, "id": "123456789"} for kind in rng.sample(kinds, 2)]
        yield data


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """Fields of the codes that differ; lists of codes have no order."""

    def plain(value: Any) -> Any:
        return set(value) if isinstance(value, list) and value and isinstance(value[0], str) else value

    return {name for name in after if plain(before[name]) != plain(after[name])}


@pytest.mark.parametrize("version", ["5.30", "5.17"])
def test_a_round_trip_by_the_codes_differs_only_where_a_loss_says_so(version: Any) -> None:
    seen: set[str] = set()
    for data in marches(1500, 7):
        codes = pes_codes_of_decp(data, version=version)
        made = decp_of(codes.values, data)
        lost = {champ for said in codes.losses for champ in said.champs}
        assert not made.refusals
        completed = {item.champ for item in made.completions}
        assert completed <= {"ccag", "marcheInnovant"} if version == "5.17" else not completed
        assert not differences(data, made.data) - lost, (data, codes)
        seen |= codes.loss_ids()
    expected = {said.id for said in table().losses.values() if said.sens in ("decp-pes", "les deux")}
    assert seen == expected - ({"version-5.17"} if version == "5.30" else set())


def test_each_code_of_the_pes_comes_back_or_says_its_loss() -> None:
    for nature, procedure, modalite in itertools.product(table().nature, table().procedure, table().modalite):
        made = Converted("marche", {})
        decp_of_pes_codes(
            {
                "NatureMarche": nature,
                "ProcedureMarche": procedure,
                "ModaliteExecution": modalite,
                "RegimeAvance": ["01"],
            },
            made,
        )
        assert bool(made.refusals) == (procedure == "10")
        if made.refusals:
            continue
        data = {
            **made.data,
            "lieuExecution": {"code": "1", "typeCode": "Code pays"},
            "typeGroupementOperateurs": "Pas de groupement",
            "formePrix": "Mixte",
            "typesPrix": ["Provisoire"],
            "titulaires": [],
            "sousTraitanceDeclaree": False,
            **({"idAccordCadre": "2024AC001"} if nature == "05" else {}),
        }
        back: PesCodes = pes_codes_of_decp(data)
        lost = made.loss_ids()
        if "nature-detaillee" not in lost:
            assert back.values["NatureMarche"] == nature
        if "procedure-negociee" not in lost:
            assert back.values["ProcedureMarche"] == procedure
        # The nature 03 says "bons de commande" itself: the two codes then say the same.
        plain = "modalite-detaillee" not in lost
        said = {"02", "04"} if nature == "03" else {modalite}
        assert not plain or back.values["ModaliteExecution"] in said


def test_the_advance_of_5_17_is_read_from_its_regime() -> None:
    for regimes, advance in ((["01"], False), (["05", "01"], False), (["02"], True), (["03", "01"], True)):
        made = Converted("marche", {})
        codes = {"NatureMarche": "01", "ProcedureMarche": "01", "ModaliteExecution": "01", "RegimeAvance": regimes}
        decp_of_pes_codes(codes, made)
        assert made.data["attributionAvance"] is advance
