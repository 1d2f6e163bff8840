"""From the marchés and concessions of a PES Marché file to the common form of the DECP.

A PES block holds the consolidated state; the DECP freezes what was notified and appends the changes. What was notified
is found by taking off the differences of the amendments (``DeltaMontantHTNotifie``, ``DeltaDureeEnMois``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from lxml import etree

from contracts.correspondance.codes import decp_of_pes_codes
from contracts.correspondance.former import grouping
from contracts.correspondance.notes import Converted, Marche, named
from contracts.correspondance.pes_actes import acts_of
from contracts.correspondance.pes_values import flag, money, number, v, vs
from contracts.correspondance.table import table
from contracts.xml import line_of, local_name, path_of

_CODES = (
    "NatureMarche",
    "ProcedureMarche",
)
_CONDITION_CODES = ("ModaliteExecution", "TypeGroupement", "CCAGReference")
_BLOCKS = {
    "TechniquesAchat": "TechniqueAchat",
    "ConsiderationsSociales": "ConsiderationSociale",
    "ConsiderationsEnvironnementales": "ConsiderationEnvironnementale",
}
_CONDITION_FLAGS = (
    "MarcheInnovant",
    "SousTraitanceDeclaree",
    "AttributionAvance",
    "ClauseSociale",
    "ClauseEnvironnementale",
)


def contracts_of(root: etree._Element) -> Iterator[Converted]:
    """Every contract of a PES Marché document that is valid, in the order of the file."""
    authority = v(root, "EnTetePES/IdColl")
    for element in root.iterfind("PES_Marche/Marches/Marche"):
        yield of_marche(element)
    for element in root.iterfind("PES_Marche/Concessions/Concession"):
        yield of_concession(element, authority)


def of_block(element: etree._Element, authority: str | None) -> Converted:
    """One contract, whichever it is.

    Args:
        element: a ``Marche`` or a ``Concession``.
        authority: SIRET of the header, which a concession does not repeat.
    """
    return of_marche(element) if local_name(element) == "Marche" else of_concession(element, authority)


def codes_of(element: etree._Element) -> dict[str, Any]:
    """The codes of a Marche block, by name of element, as the correspondence of codes wants them."""
    found: dict[str, Any] = {name: v(element, name) for name in _CODES}
    conditions = element.find("ConditionsExecution")
    assert conditions is not None
    for name in _CONDITION_CODES:
        if conditions.find(name) is not None:
            found[name] = v(conditions, name)
    for block, item in _BLOCKS.items():
        found[block] = vs(conditions, f"{block}/{item}")
    for name in _CONDITION_FLAGS:
        if conditions.find(name) is not None:
            found[name] = flag(conditions, name)
    found["RegimeAvance"] = vs(element, "Operateurs/Titulaire/ConditionsExecutionTitulaire/RegimeAvance")
    return found


def of_marche(element: etree._Element) -> Converted:
    """One marché."""
    made = Converted("marche", {}, path_of(element), line_of(element))
    data, codes = made.data, codes_of(element)
    data["id"] = v(element, "IdentifiantMarche/IdContrat")
    _buyer(element, made)
    data["objet"] = v(element, "Objet")
    data["codeCPV"] = v(element, "CodeCPV")
    place = element.find("LieuExecution")
    assert place is not None
    data["lieuExecution"] = {
        "code": v(place, "CodeLieuExecution"),
        "typeCode": table().lists["typeCodeLieu"].pes[str(v(place, "TypeCode"))],
    }
    data["dateNotification"] = v(element, "DateNotification")
    _holders(element, made)
    decp_of_pes_codes(codes, made)
    _framework(element, made)
    _optional(element, made, codes)
    _prices(element, made)
    data["dureeMois"] = number(element, "DureeEnMois")
    data["montant"] = money(element, "MontantHTNotifie")
    _amendments(element, made)
    acts_of(element, made)
    for loss in ("comptable", "noms", "lieu-nom", *(["modification-objet"] if made.objets else [])):
        made.lose(loss)
    if data["montant"] is not None and data["montant"] < 1:
        made.refuse("CONV-MONTANT", "$.montant")
    return made


def _buyer(element: etree._Element, made: Converted) -> None:
    buyers = element.findall("Acheteurs/Acheteur")
    for buyer in buyers:
        made.names = named(made.names, v(buyer, "IdAcheteur"), v(buyer, "NomAcheteur"))
    authority = element.find("PA")
    if authority is None:
        made.data["acheteur"] = {"id": v(buyers[0], "IdAcheteur")}
    else:
        made.data["acheteur"] = {"id": v(authority, "IdPA")}
        made.names = named(made.names, v(authority, "IdPA"), v(authority, "NomPA"))
    if {v(buyer, "IdAcheteur") for buyer in buyers} != {made.data["acheteur"]["id"]}:
        made.lose("acheteurs")


def _holders(element: etree._Element, made: Converted) -> None:
    holders: list[Marche] = []
    for rank, holder in enumerate(element.iterfind("Operateurs/Titulaire")):
        identified = operator(holder, "NatIdTitulaire", "IdTitulaire")
        made.names = named(made.names, v(holder, "IdTitulaire"), v(holder, "DenominationSociale"))
        if identified is None:
            made.refuse("CONV-IMMATRICULATION", f"$.titulaires[{rank}]")
        elif identified not in holders:
            holders.append(identified)
    if element.find("Operateurs/Titulaire") is None:
        made.refuse("CONV-OPERATEURS", "$.titulaires")
    made.data["titulaires"] = holders


def operator(element: etree._Element, kind: str, identifier: str) -> Marche | None:
    """An economic operator; None when it has no number yet, which the DECP cannot say."""
    found = table().lists["natureIdentifiant"].pes.get(str(v(element, kind)))
    return None if found is None else {"typeIdentifiant": found, "id": v(element, identifier)}


def _framework(element: etree._Element, made: Converted) -> None:
    framework = v(element, "ConditionsExecution/IdAccordCadre")
    if framework is not None:
        made.data["idAccordCadre"] = framework


def _optional(element: etree._Element, made: Converted, codes: Mapping[str, Any]) -> None:
    data = made.data
    published = v(element, "DatePublicationDonnees")
    if published is None:
        made.complete("datePublicationDonnees", data["dateNotification"])
    else:
        data["datePublicationDonnees"] = published
    offers = number(element, "ConditionsExecution/NbTotalPropositionsRecu")
    if offers:
        data["offresRecues"] = offers
    else:
        made.complete("offresRecues")
    if "TypeGroupement" not in codes:
        made.complete("typeGroupementOperateurs", grouping(len(data["titulaires"])))
    if "SousTraitanceDeclaree" not in codes:
        if element.find("Operateurs/SousTraitantPaiementDirect") is not None:
            data["sousTraitanceDeclaree"] = True
        else:
            made.complete("sousTraitanceDeclaree")
    rate = money(element, "ConditionsExecution/TauxAvance")
    percentages = {money(one, ".") for one in element.iterfind(".//ConditionsExecutionTitulaire/PourcentageAvance")}
    if rate is None and len(percentages) == 1 and data["attributionAvance"]:
        (percentage,) = percentages
        rate = None if percentage is None else (percentage / 100).normalize()
    for field, value in (
        ("tauxAvance", rate),
        ("origineUE", money(element, "ConditionsExecution/OrigineUE")),
        ("origineFrance", money(element, "ConditionsExecution/OrigineFrance")),
    ):
        if value is not None and value <= 1:
            data[field] = value


def _prices(element: etree._Element, made: Converted) -> None:
    conditions = "Operateurs/Titulaire/ConditionsExecutionTitulaire"
    forms = {table().lists["formePrix"].pes[one] for one in vs(element, f"{conditions}/FormePrix")}
    prices = {table().lists["typePrix"].pes[one] for one in vs(element, f"{conditions}/VariationPrix")}
    if len(forms) > 1 or len(prices) > 1:
        made.lose("forme-prix-par-titulaire")
    made.data["typesPrix"] = [one for one in table().lists["typePrix"].decp if one in prices]
    made.data["formePrix"] = next(iter(forms)) if len(forms) == 1 else "Mixte"


def _amendments(element: etree._Element, made: Converted) -> None:
    changes: dict[int, Marche] = {}
    subjects: dict[int, str | None] = {}
    every = element.findall("ModificationsMarche/*")
    for change in every:
        rank = number(change, "NumeroActe")
        name = local_name(change)
        if rank is None or name == "ModificationSousTraitancePaiementDirect":
            continue
        made_one = changes.setdefault(rank, {"id": rank})
        subjects.setdefault(rank, v(change, "ObjetModification"))
        made_one["dateNotificationModification"] = v(change, "DateSignatureModification")
        published = v(change, "DatePublicationDonneesModification")
        if published is not None:
            made_one["datePublicationDonneesModification"] = published
        if name == "ModificationMontantDuree":
            _totals(change, made_one)
            made.data["montant"] -= money(change, "DeltaMontantHTNotifie") or 0
            made.data["dureeMois"] -= number(change, "DeltaDureeEnMois") or 0
        else:
            _changed_holders(change, made_one, made, rank)
    for position, rank in enumerate(sorted(changes)):
        one = changes[rank]
        if "datePublicationDonneesModification" not in one:
            one["datePublicationDonneesModification"] = one["dateNotificationModification"]
            made.say_completed(
                f"modifications[{position}].datePublicationDonneesModification", one["dateNotificationModification"]
            )
        made.objets.append(subjects[rank])
    last = number(element, "IdentifiantMarche/NumeroOrdreModification") or 0
    if last > len(every):
        made.lose("modifications-anterieures")
    if changes:
        made.data["modifications"] = [changes[rank] for rank in sorted(changes)]


def _totals(change: etree._Element, made_one: Marche) -> None:
    months, amount = number(change, "DureeEnMois"), money(change, "MontantHTNotifie")
    if months is not None:
        made_one["dureeMois"] = months
    if amount is not None:
        made_one["montant"] = amount


def _changed_holders(change: etree._Element, made_one: Marche, made: Converted, rank: int) -> None:
    holders: list[Marche] = []
    for holder in change.iterfind("Titulaires/Titulaire"):
        made.names = named(made.names, v(holder, "Id"), v(holder, "DenominationSociale"))
        identified = operator(holder, "NatId", "Id")
        if identified is None:
            made.refuse("CONV-IMMATRICULATION", f"$.modifications[{rank}].titulaires")
        elif identified not in holders:
            holders.append(identified)
    if holders:
        made_one["titulaires"] = holders
    made.lose("titulaires-initiaux")
    if change.find("TypeGroupement") is not None:
        made.lose("groupement-modifie")


def of_concession(element: etree._Element, authority: str | None) -> Converted:
    """One concession; the block does not name its authority, which is the header's."""
    made = Converted("contrat-concession", {}, path_of(element), line_of(element))
    lists = table().lists
    data = made.data
    data["id"] = v(element, "IdentifiantConcession/IdContrat")
    data["autoriteConcedante"] = {"id": authority}
    data["nature"] = lists["natureConcession"].pes[str(v(element, "NatureConcession"))]
    data["objet"] = v(element, "Objet")
    data["procedure"] = lists["procedureConcession"].pes[str(v(element, "ProcedureConcession"))]
    made.lose("concession-lieu")
    made.lose("noms")
    data["dureeMois"] = number(element, "DureeMoisInitiale")
    for field, name in (("dateSignature", "DateSignature"), ("dateDebutExecution", "DateDebutExecution")):
        data[field] = v(element, name)
    _published(element, made)
    for field, name in (("valeurGlobale", "ValeurGlobale"), ("montantSubventionPublique", "MontantSubventionPublique")):
        data[field] = money(element, name)
    holders = [
        (one, operator(one, "NatIdConcessionnaire", "IdConcessionnaire"))
        for one in element.iterfind("Concessionnaires/Concessionnaire")
    ]
    for rank, (one, identified) in enumerate(holders):
        made.names = named(made.names, v(one, "IdConcessionnaire"), v(one, "DenominationSociale"))
        if identified is None:
            made.refuse("CONV-IMMATRICULATION", f"$.concessionnaires[{rank}]")
    data["concessionnaires"] = [identified for _, identified in holders if identified is not None]
    made.complete("considerationsSociales")
    made.complete("considerationsEnvironnementales")
    _concession_years(element, made)
    _concession_amendments(element, made)
    if data["valeurGlobale"] is not None and data["valeurGlobale"] < 1:
        made.refuse("CONV-MONTANT", "$.valeurGlobale")
    return made


def _published(element: etree._Element, made: Converted) -> None:
    published = v(element, "DatePublicationDonnees")
    if published is None:
        made.complete("datePublicationDonnees", made.data["dateSignature"])
    else:
        made.data["datePublicationDonnees"] = published


def _concession_years(element: etree._Element, made: Converted) -> None:
    years: list[Marche] = []
    for rank, year in enumerate(element.iterfind("DonneesExecution/DonneeAnnuelle")):
        day = v(year, "DatePublicationDonneesExecution")
        if day is None:
            day = made.data["datePublicationDonnees"]
            made.say_completed(f"donneesExecution[{rank}].datePublicationDonneesExecution", day)
        tariffs = [
            {"intituleTarif": v(one, "IntituleTarif"), "tarif": money(one, "MontantTarif")}
            for one in year.iterfind("Tarifs/Tarif")
        ]
        spent = money(year, "DepensesInvestissement") or Decimal(0)
        years.append({"datePublicationDonneesExecution": day, "depensesInvestissement": spent, "tarifs": tariffs})
    if years:
        made.data["donneesExecution"] = years


def _concession_amendments(element: etree._Element, made: Converted) -> None:
    changes: list[Marche] = []
    for rank, change in enumerate(element.iterfind("ModificationsConcession/ModificationConcession"), start=1):
        one: Marche = {"id": rank, "dateSignatureModification": v(change, "DateSignatureModification")}
        made.say_completed(f"modifications[{rank - 1}].id", rank)
        made.objets.append(v(change, "ObjetModification"))
        made.lose("modification-objet")
        published = v(change, "DatePublicationDonneesModification")
        if published is None:
            published = one["dateSignatureModification"]
            made.say_completed(f"modifications[{rank - 1}].datePublicationDonneesModification", published)
        one["datePublicationDonneesModification"] = published
        months, value = number(change, "DureeMois"), money(change, "ValeurGlobale")
        one |= {"dureeMois": months} if months is not None else {}
        one |= {"valeurGlobale": value} if value is not None else {}
        changes.append(one)
    if changes:
        made.data["modifications"] = changes
