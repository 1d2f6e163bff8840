"""From the former DECP formats and the DGFiP's open data to the common form of the DECP 2.0.4.

The source is valid against its own contract: types are known. Every value that the present format does not have is
translated, completed by a documented default, declared lost, or refused; nothing is done in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from contracts.correspondance.notes import Converted, Marche, named
from contracts.rules.decp_v1 import day_of

_VAT = re.compile(r"[A-Z]{2}[A-Z0-9]{7,14}")
# The number of the arrêté of 22 March 2019: year, 1 to 10 characters, two digits of modification. The accountant's
# number of the contract is what stands before those two digits.
_NUMBER = re.compile(r"(20(?:[0-4][0-9]|50)[A-Z0-9]{1,10})[0-9]{2}")
_APOSTROPHE = "’"
_V1_PRICES = {
    "Ferme": "Définitif ferme",
    "Ferme et actualisable": "Définitif actualisable",
    "Révisable": "Définitif révisable",
}
_V1_NATURES = {"Accord-cadre", "Marché subséquent"}
_200_MODALITES = {
    "Marché à tranches": ["Tranches"],
    "Bon de commande": ["Bons de commande"],
    "Marché subséquent": ["Marchés subséquents"],
    "Mixte": ["Bons de commande", "Marchés subséquents"],
}
_200_NAMES = {"technique": "techniques", "modaliteExecution": "modalitesExecution", "typePrix": "typesPrix"}
_200_ACT_NAMES = {
    "dateNotificationModificationActeSousTraitance": "dateNotificationModificationSousTraitance",
    "datePublicationDonneesModificationActeSousTraitance": "datePublicationDonnees",
}
_DATES = ("dateNotification", "datePublicationDonnees", "dateSignature", "dateDebutExecution")
_AMENDMENT_DATES = (
    "dateNotificationModification",
    "dateSignatureModification",
    "datePublicationDonneesModification",
)
_NOT_CARRIED = {"uid", "_type", "dateTransmissionDonneesEtalab"}


def of_1_5_0(fields: Mapping[str, Any]) -> Converted:
    """A contract of 1.5.0, or of what the DGFiP transmitted in that format."""
    concession = "autoriteConcedante" in fields
    made = Converted("contrat-concession" if concession else "marche", {})
    data = made.data
    for name, value in fields.items():
        if name not in _NOT_CARRIED and value is not None:
            data[name] = value
    _authority(made, "autoriteConcedante" if concession else "acheteur")
    number = _NUMBER.fullmatch(data["id"])
    if number is not None and number[1][:4] == str(data.get("dateNotification"))[:4]:
        made.complements["idContrat"] = number[1]
    _dates(made, data, _DATES, "$")
    _v1_place(made, concession=concession)
    _operators(made, "concessionnaires" if concession else "titulaires")
    if concession:
        _v1_concession(made)
    else:
        _v1_marche(made)
    _v1_amendments(made)
    for name in ("donneesExecution", "modifications"):
        if not data.get(name, True):
            del data[name]
    return made


def _authority(made: Converted, name: str) -> None:
    party = made.data[name]
    made.data[name] = {"id": party["id"]}
    made.names = named(made.names, party["id"], party.get("nom"))
    if "nom" in party:
        made.lose("noms")
    if party.get("urlProfilAcheteur"):
        made.complements["urlProfilAcheteur"] = party["urlProfilAcheteur"]
        made.lose("profil-acheteur")


def _v1_place(made: Converted, *, concession: bool) -> None:
    place = made.data["lieuExecution"]
    made.lose("lieu-nom")
    if concession:
        del made.data["lieuExecution"]
        return
    made.data["lieuExecution"] = {"code": place["code"], "typeCode": place["typeCode"]}
    if place.get("nom", "").strip():
        made.complements["nomLieuExecution"] = place["nom"].strip()


def _v1_marche(made: Converted) -> None:
    data = made.data
    nature = data["nature"]
    if nature in _V1_NATURES:
        data["nature"] = "Marché"
    if nature == "Accord-cadre":
        data["techniques"] = ["Accord-cadre"]
    else:
        made.complete("techniques")
    if nature == "Marché subséquent":
        made.lose("accord-cadre-inconnu", "$.idAccordCadre")
    data["typesPrix"] = [_V1_PRICES[data["formePrix"]]]
    if "datePublicationDonnees" not in data:
        made.complete("datePublicationDonnees", data["dateNotification"])
    for name in (
        "formePrix",
        "modalitesExecution",
        "marcheInnovant",
        "ccag",
        "offresRecues",
        "attributionAvance",
        "sousTraitanceDeclaree",
        "considerationsSociales",
        "considerationsEnvironnementales",
    ):
        made.complete(name)
    made.complete("typeGroupementOperateurs", grouping(len(data["titulaires"])))
    _amount(made, data, "montant", "$")


def _v1_concession(made: Converted) -> None:
    if "datePublicationDonnees" not in made.data:
        made.complete("datePublicationDonnees", made.data["dateSignature"])
    made.complete("considerationsSociales")
    made.complete("considerationsEnvironnementales")
    _amount(made, made.data, "valeurGlobale", "$")
    for rank, year in enumerate(made.data.get("donneesExecution", ())):
        if year.get("datePublicationDonneesExecution") is None:
            year["datePublicationDonneesExecution"] = made.data["datePublicationDonnees"]
            made.say_completed(f"donneesExecution[{rank}].datePublicationDonneesExecution", made.data["dateSignature"])
        _dates(made, year, ("datePublicationDonneesExecution",), f"$.donneesExecution[{rank}]")


def _v1_amendments(made: Converted) -> None:
    kept: list[Marche] = []
    for rank, source in enumerate(made.data.get("modifications", ())):
        place = f"$.modifications[{rank}]"
        change: Marche = {"id": rank + 1, **source}
        made.say_completed(f"modifications[{rank}].id", rank + 1)
        made.objets.append(change.pop("objetModification", None) or None)
        made.lose("modification-objet")
        _dates(made, change, _AMENDMENT_DATES, place)
        day = change.get("dateNotificationModification", change.get("dateSignatureModification"))
        if change.get("datePublicationDonneesModification") is None:
            change["datePublicationDonneesModification"] = day
            made.say_completed(f"modifications[{rank}].datePublicationDonneesModification", day)
        for name in ("montant", "valeurGlobale"):
            _amount(made, change, name, place)
        if "titulaires" in change:
            change["titulaires"] = _distinct(made, change["titulaires"], f"{place}.titulaires")
        kept.append(change)
    made.data["modifications"] = kept


def of_2_0_0(fields: Mapping[str, Any]) -> Converted:
    """A contract of 2.0.0: other names of lists, empty lists and null where the present format has a word."""
    concession = "autoriteConcedante" in fields
    made = Converted("contrat-concession" if concession else "marche", {})
    data = made.data
    for name, value in fields.items():
        if name not in _NOT_CARRIED and value is not None:
            data[_200_NAMES.get(name, name)] = value
    _dates(made, data, _DATES, "$")
    _operators(made, "concessionnaires" if concession else "titulaires")
    _none_said(data)
    _amount(made, data, "valeurGlobale" if concession else "montant", "$")
    if not concession:
        _200_marche(made)
    _numbered(made, "modifications")
    for rank, change in enumerate(data.get("modifications", ())):
        place = f"$.modifications[{rank}]"
        _dates(made, change, _AMENDMENT_DATES, place)
        for name in ("montant", "valeurGlobale"):
            _amount(made, change, name, place)
        if "titulaires" in change:
            change["titulaires"] = _distinct(made, change["titulaires"], f"{place}.titulaires")
    for name in ("donneesExecution", "modifications", "actesSousTraitance", "modificationsActesSousTraitance"):
        if not data.get(name, True):
            del data[name]
    return made


def _none_said(data: Marche) -> None:
    """An empty list means "none", which the present format says with a word."""
    for name, none in (
        ("considerationsSociales", "Pas de considération sociale"),
        ("considerationsEnvironnementales", "Pas de considération environnementale"),
    ):
        data[name] = list(data.get(name) or [none])


def _200_marche(made: Converted) -> None:
    data = made.data
    data["techniques"] = [straight(value) for value in data.get("techniques", ())] or ["Sans objet"]
    modalites = data.get("modalitesExecution", ())
    if "Mixte" in modalites:
        made.lose("modalite-mixte", "$.modalitesExecution")
    data["modalitesExecution"] = list(dict.fromkeys(one for value in modalites for one in _200_MODALITES[value])) or [
        "Sans objet"
    ]
    ccag = straight(data.get("ccag") or "Pas de CCAG")
    data["ccag"] = "Maitrise d'œuvre" if ccag == "Maîtrise d'œuvre" else ccag
    data.setdefault("typeGroupementOperateurs", "Pas de groupement")
    _numbered(made, "actesSousTraitance", "modificationsActesSousTraitance")
    for rank, act in enumerate(data.get("actesSousTraitance", ())):
        place = f"$.actesSousTraitance[{rank}]"
        act["sousTraitant"] = _distinct(made, [act["sousTraitant"]], f"{place}.sousTraitant")[0]
        _dates(made, act, _DATES, place)
        _amount(made, act, "montant", place)
    renamed: list[Marche] = []
    for rank, change in enumerate(data.get("modificationsActesSousTraitance", ())):
        renamed.append({_200_ACT_NAMES.get(name, name): value for name, value in change.items()})
        _amount(made, renamed[-1], "montant", f"$.modificationsActesSousTraitance[{rank}]")
    data["modificationsActesSousTraitance"] = renamed


def _numbered(made: Converted, *collections: str) -> None:
    """Numbers counted from 0 are counted from 1, in every list that quotes them."""
    entries = [dict(entry) for name in collections for entry in made.data.get(name, ())]
    shift = 1 if any(entry.get("id") == 0 for entry in entries) else 0
    if shift:
        made.lose("rang-zero", f"$.{collections[0]}")
    for name in collections:
        if name in made.data:
            made.data[name] = [
                {"id": entry.get("id", rank) + shift, **{key: held for key, held in entry.items() if key != "id"}}
                for rank, entry in enumerate(made.data[name], start=1 - shift)
            ]


def of_opendata(fields: Mapping[str, Any]) -> Converted:
    """A contract of what the DGFiP publishes from the PES 5.30: "NC" values, amounts from 0, another spelling."""
    concession = "autoriteConcedante" in fields
    made = Converted("contrat-concession" if concession else "marche", dict(fields))
    data = made.data
    for name in ("marcheInnovant", "offresRecues", "attributionAvance", "sousTraitanceDeclaree"):
        if data.get(name) == "NC":
            made.complete(name)
    if "NC" in data.get("typesPrix", ()):
        known = [value for value in data["typesPrix"] if value != "NC"]
        made.complete("typesPrix", known or None)
    if data.get("ccag") == "Maitrise d'oeuvre":
        data["ccag"] = "Maitrise d'œuvre"
    _amount(made, data, "valeurGlobale" if concession else "montant", "$")
    _opendata_acts(made)
    for rank, change in enumerate(data.get("modifications", ())):
        for name in ("montant", "valeurGlobale"):
            _amount(made, change, name, f"$.modifications[{rank}]")
    if not data.get("donneesExecution", True):
        del data["donneesExecution"]
    return made


def _opendata_acts(made: Converted) -> None:
    data = made.data
    kept: list[Marche] = []
    for rank, act in enumerate(data.get("actesSousTraitance", ())):
        if "NC" in (act["dureeMois"], act["variationPrix"]):
            made.lose("acte-non-communique", f"$.actesSousTraitance[{rank}]")
        else:
            _amount(made, act, "montant", f"$.actesSousTraitance[{rank}]")
            kept.append(act)
    known = {act["id"] for act in kept}
    changes = []
    for rank, change in enumerate(data.get("modificationsActesSousTraitance", ())):
        _amount(made, change, "montant", f"$.modificationsActesSousTraitance[{rank}]")
        if change["id"] in known:
            changes.append(change)
        else:
            made.lose("modification-acte-sans-acte", f"$.modificationsActesSousTraitance[{rank}]")
    for name, entries in (("actesSousTraitance", kept), ("modificationsActesSousTraitance", changes)):
        data.pop(name, None)
        if entries:
            data[name] = entries


def grouping(holders: int) -> str:
    """The kind of group that a number of holders shows; solidarity is never presumed (art. 1310 du code civil)."""
    return "Conjoint" if holders > 1 else "Pas de groupement"


def straight(text: str) -> str:
    """A value of a list with the apostrophe of the present format."""
    return text.replace(_APOSTROPHE, "'")


def _operators(made: Converted, name: str) -> None:
    made.data[name] = _distinct(made, made.data[name], f"$.{name}")


def _distinct(made: Converted, operators: list[Marche], place: str) -> list[Marche]:
    """The operators as the present format identifies them, each once."""
    found: dict[tuple[str, str], Marche] = {}
    for rank, operator in enumerate(operators):
        kind, number = operator["typeIdentifiant"], operator["id"]
        if "denominationSociale" in operator:
            made.names = named(made.names, number, operator["denominationSociale"])
            made.lose("noms")
        if kind == "UE":
            if _VAT.fullmatch(number):
                kind = "TVA"
                made.lose("type-ue", f"{place}[{rank}]")
            else:
                made.refuse("CONV-IDENTIFIANT-UE", f"{place}[{rank}]")
        if (kind, number) in found:
            made.lose("titulaire-repete", f"{place}[{rank}]")
        found.setdefault((kind, number), {"typeIdentifiant": kind, "id": number})
    return list(found.values())


def _amount(made: Converted, holder: Marche, name: str, place: str) -> None:
    value = holder.get(name)
    if isinstance(value, (int, float, Decimal)) and value < 1:
        made.refuse("CONV-MONTANT", f"{place}.{name}")


def _dates(made: Converted, holder: Marche, names: tuple[str, ...], place: str) -> None:
    for name in names:
        text = holder.get(name)
        if not isinstance(text, str):
            continue
        day = day_of(text)
        if day is None:
            made.refuse("CONV-DATE", f"{place}.{name}")
        elif day != text:
            holder[name] = day
            made.lose("date-decalage", f"{place}.{name}")


CONVERSIONS: Mapping[str, Callable[[Mapping[str, Any]], Converted]] = {
    "daj/decp-json/1.5.0": of_1_5_0,
    "daj/decp-xml/1.5.0": of_1_5_0,
    "daj/decp-json/2.0.0": of_2_0_0,
    "daj/decp-xml/2.0.0": of_2_0_0,
    "dgfip/opendata/1.5.0": of_1_5_0,
    "dgfip/opendata/5.30": of_opendata,
}
"""How a contract of each former format becomes one of the present format."""
