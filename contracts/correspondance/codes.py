"""Codes of the PES to values of the DECP, and back: one marché at a time, without its file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from contracts.correspondance.notes import Converted
from contracts.correspondance.table import Said, table

# From the most to the least variable: the first one declared is the one the PES is told.
_PRICES = ("Provisoire", "Définitif révisable", "Définitif actualisable", "Définitif ferme")
_ONLY_5_30 = ("TechniquesAchat", "ConsiderationsSociales", "ConsiderationsEnvironnementales")
_FLAGS = {
    "MarcheInnovant": "marcheInnovant",
    "SousTraitanceDeclaree": "sousTraitanceDeclaree",
    "AttributionAvance": "attributionAvance",
}
_NO_ADVANCE = {"01", "05"}


@dataclass(frozen=True, slots=True)
class PesCodes:
    """What a marché of the DECP is in codes of the PES.

    Attributes:
        values: by name of element; a list for blocks that repeat (TechniquesAchat…).
        losses: what these codes do not say.
    """

    values: Mapping[str, Any]
    losses: tuple[Said, ...]

    def loss_ids(self) -> set[str]:
        """Ids of the losses."""
        return {said.id for said in self.losses}


def pes_codes_of_decp(data: Mapping[str, Any], *, version: Literal["5.17", "5.30"] = "5.30") -> PesCodes:
    """The codes of a valid marché in the common form, for one version of the PES."""
    codes: dict[str, Any] = {}
    losses: dict[str, Said] = {}

    def lose(loss: str) -> None:
        losses[loss] = table().losses[loss]

    codes["NatureMarche"] = _nature(data, lose)
    codes["ProcedureMarche"] = _procedure(data, lose)
    codes["ModaliteExecution"] = _modalite(data, codes["NatureMarche"], lose)
    codes["TypeCode"] = code("typeCodeLieu", data["lieuExecution"]["typeCode"])
    codes["TypeGroupement"] = code("typeGroupement", data["typeGroupementOperateurs"])
    codes["CCAGReference"] = code("ccag", data["ccag"])
    codes["FormePrix"] = code("formePrix", data["formePrix"])
    prices = [price for price in _PRICES if price in data["typesPrix"]]
    codes["VariationPrix"] = code("typePrix", prices[0])
    if len(prices) > 1:
        lose("types-prix")
    codes["NatId"] = [code("natureIdentifiant", one["typeIdentifiant"]) for one in data["titulaires"]]
    for block, name, field, loss in (
        ("TechniquesAchat", "technique", "techniques", "technique-sans-objet"),
        ("ConsiderationsSociales", "considerationSociale", "considerationsSociales", "consideration-absente"),
        (
            "ConsiderationsEnvironnementales",
            "considerationEnvironnementale",
            "considerationsEnvironnementales",
            "consideration-absente",
        ),
    ):
        known = table().lists[name]
        codes[block] = [known.decp[value] for value in data[field] if value != known.absent]
        if known.absent in data[field] and codes[block]:
            lose(loss)
    for element, field in _FLAGS.items():
        codes[element] = data[field]
    codes["ClauseSociale"] = "Clause sociale" in data["considerationsSociales"]
    codes["ClauseEnvironnementale"] = "Clause environnementale" in data["considerationsEnvironnementales"]
    codes["RegimeAvance"] = ["02" if data["attributionAvance"] else "01"]
    if version == "5.17":
        _without_5_30(codes, lose)
    return PesCodes(codes, tuple(losses.values()))


def code(name: str, value: str) -> str:
    """The code of a value. Raises KeyError: the value is not one of the DECP's."""
    return table().lists[name].decp[value]


def _nature(data: Mapping[str, Any], lose: Any) -> str:
    if data["nature"] == "Marché de défense ou de sécurité":
        lose("nature-defense")
    if data["nature"] == "Marché de partenariat":
        return "02"
    if data.get("idAccordCadre") is not None:
        return "05"
    if "Accord-cadre" in data["techniques"]:
        return "04" if "Marchés subséquents" in data["modalitesExecution"] else "03"
    return "01"


def _procedure(data: Mapping[str, Any], lose: Any) -> str:
    for technique, found in (("Concours", "08"), ("Système d'acquisition dynamique", "09")):
        if technique in data["techniques"]:
            if data["procedure"] != table().procedure[found]["procedure"]:
                lose(table().procedure[found]["perte"])
            return found
    return next(one for one, said in table().procedure.items() if said.get("procedure") == data["procedure"])


def _modalite(data: Mapping[str, Any], nature: str, lose: Any) -> str:
    wanted = set(data["modalitesExecution"])
    plain = wanted - {"Sans objet", "Marchés subséquents"}
    if "Sans objet" in wanted and len(wanted) > 1:
        lose("modalite-sans-objet")
    if "Marchés subséquents" in wanted and nature != "04":
        lose("modalite-subsequents")
    if nature == "03" and "Bons de commande" not in plain:
        lose("modalite-accord-cadre")
    return next(one for one, said in table().modalite.items() if set(said["modalites"]) == plain)


def _without_5_30(codes: dict[str, Any], lose: Any) -> None:
    """Take off what 5.17 has no place for."""
    said_otherwise = {"TechniquesAchat": {"01"} if codes["NatureMarche"] in ("03", "04") else set()}
    said_otherwise["TechniquesAchat"] |= {"08": {"02"}, "09": {"04"}}.get(codes["ProcedureMarche"], set())
    said_otherwise["ConsiderationsSociales"] = {"01"}
    said_otherwise["ConsiderationsEnvironnementales"] = {"01"}
    lost = any(set(codes[block]) - said_otherwise[block] for block in _ONLY_5_30)
    for block in _ONLY_5_30:
        del codes[block]
    lost |= bool(codes.pop("MarcheInnovant")) | bool(codes.pop("SousTraitanceDeclaree"))
    del codes["AttributionAvance"]
    if codes["CCAGReference"] == "07":
        del codes["CCAGReference"]
        lost = True
    if lost:
        lose("version-5.17")


def decp_of_pes_codes(codes: Mapping[str, Any], made: Converted) -> None:
    """Put what the codes say into a marché, with what is completed, lost and refused.

    Args:
        codes: by name of element, as :func:`pes_codes_of_decp` gives them; an absent one is not in the mapping.
        made: the marché being converted.
    """
    data = made.data
    nature, procedure = table().nature[codes["NatureMarche"]], table().procedure[codes["ProcedureMarche"]]
    modalite = table().modalite[codes["ModaliteExecution"]]
    for said in (nature, procedure, modalite):
        if "perte" in said:
            made.lose(said["perte"])
    data["nature"] = nature["nature"]
    if "refus" in procedure:
        made.refuse(procedure["refus"], "$.procedure")
    else:
        data["procedure"] = procedure["procedure"]
    techniques = [*values("technique", codes.get("TechniquesAchat", ()))]
    techniques += [*nature.get("techniques", ()), *procedure.get("techniques", ())]
    data["techniques"] = _ordered("technique", techniques) or [_absent("technique")]
    modalites = {*nature.get("modalites", ()), *modalite["modalites"]}
    order = ("Tranches", "Bons de commande", "Marchés subséquents")
    data["modalitesExecution"] = [one for one in order if one in modalites] or ["Sans objet"]
    for block, flag, name, field in (
        ("ConsiderationsSociales", "ClauseSociale", "considerationSociale", "considerationsSociales"),
        (
            "ConsiderationsEnvironnementales",
            "ClauseEnvironnementale",
            "considerationEnvironnementale",
            "considerationsEnvironnementales",
        ),
    ):
        found = [*values(name, codes.get(block, ())), *(values(name, ["01"]) if codes.get(flag) else ())]
        data[field] = _ordered(name, found) or [_absent(name)]
    _conditions(codes, made)


def _conditions(codes: Mapping[str, Any], made: Converted) -> None:
    data = made.data
    for element, name, field in (
        ("CCAGReference", "ccag", "ccag"),
        ("TypeGroupement", "typeGroupement", "typeGroupementOperateurs"),
    ):
        if element in codes:
            data[field] = table().lists[name].pes[codes[element]]
    if "CCAGReference" not in codes:
        made.complete("ccag")
    for element, field in _FLAGS.items():
        if element in codes:
            data[field] = bool(codes[element])
    if "AttributionAvance" not in codes:
        data["attributionAvance"] = not set(codes.get("RegimeAvance", ())) <= _NO_ADVANCE
    if "MarcheInnovant" not in codes:
        made.complete("marcheInnovant")


def values(name: str, codes: Iterable[str]) -> Sequence[str]:
    """The values of these codes, in the order of the list. Raises KeyError for a code that has none."""
    return [table().lists[name].pes[one] for one in codes]


def _ordered(name: str, found: Iterable[str]) -> list[str]:
    present = set(found)
    return [value for value in table().lists[name].pes.values() if value in present]


def _absent(name: str) -> str:
    absent = table().lists[name].absent
    assert absent is not None
    return absent
