"""From a payload to one DECP record, in the shape of the JSON format; the XML file says the same record.

A record says the whole life: the initial data as they were notified, which nothing after them changes, then
every change in the order of its notification, with new totals (arrêtés of 22 December 2022, NOR ECOM2235715A for
marchés and ECOM2235716A for concessions). Numbers stay Decimal until they are written.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from semaphore_hub.ports.outcomes import Unsupported
from semaphore_hub.ports.payloads import (
    ActeSousTraitance,
    Concession,
    DonneesAnnuelles,
    Fournisseur,
    Marche,
    Modification,
    ModificationActeSousTraitance,
    ModificationConcession,
    Titulaire,
    initial_of,
)

Record = dict[str, Any]
"""A marché or a concession as the JSON format nests it; values are texts, booleans, int, Decimal, dict and list."""

MAX_ID = 16


def highest_total(marche: Marche) -> Decimal:
    """The highest total HT the marché ever had, in euros: what is compared with the publication threshold.

    An amendment that lowers the amount must not make a published marché fall silent.
    """
    totals = [one.montant for one in marche.modifications if one.montant is not None]
    return max(initial_of(marche).montant, marche.montant, *totals)


def marche_record(marche: Marche) -> Record:
    """The DECP 2.0.4 record of a marché.

    Raises:
        Unsupported: something the DECP requires is missing or cannot be written; the French sentence says what to do.
    """
    initial = initial_of(marche)
    record: Record = {
        "id": _number_of_contract(marche.id, "Le numéro du marché"),
        "acheteur": {"id": marche.acheteur.siret},
        "nature": marche.nature,
        "objet": _printable(marche.objet),
        "codeCPV": marche.codeCPV,
        "techniques": {"technique": list(marche.techniques)},
        "modalitesExecution": {"modaliteExecution": list(marche.modalitesExecution)},
    }
    if marche.idAccordCadre:
        record["idAccordCadre"] = _number_of_contract(marche.idAccordCadre, "L'identifiant de l'accord-cadre")
    record |= {
        "marcheInnovant": marche.marcheInnovant,
        "ccag": marche.ccag,
        "offresRecues": _at_least_one(marche.offresRecues, "Le nombre d'offres reçues"),
        "attributionAvance": marche.attributionAvance,
        **_present(tauxAvance=marche.tauxAvance),
        "typeGroupementOperateurs": initial.typeGroupementOperateurs,
        "sousTraitanceDeclaree": marche.sousTraitanceDeclaree,
        **_wrapped("actesSousTraitance", "acteSousTraitance", map(_act, _by_id(marche.actesSousTraitance))),
        "procedure": marche.procedure,
        "lieuExecution": {
            "code": _printable(marche.lieuExecution.code),
            "typeCode": marche.lieuExecution.typeCode,
        },
        "dureeMois": _at_least_one(initial.dureeMois, "La durée initiale en mois"),
        "dateNotification": marche.dateNotification.isoformat(),
        "datePublicationDonnees": marche.datePublicationDonnees.isoformat(),
        "montant": _amount(initial.montant, "Le montant initial"),
        "typesPrix": {"typePrix": list(marche.typesPrix)},
        "formePrix": marche.formePrix,
        **_present(origineUE=marche.origineUE, origineFrance=marche.origineFrance),
        "titulaires": _holders(initial.titulaires, "Le marché"),
        "considerationsSociales": {"considerationSociale": list(marche.considerationsSociales)},
        "considerationsEnvironnementales": {
            "considerationEnvironnementale": list(marche.considerationsEnvironnementales)
        },
        **_wrapped(
            "modificationsActesSousTraitance",
            "modificationActeSousTraitance",
            _act_changes(marche),
        ),
        **_wrapped("modifications", "modification", map(_modification, _by_id(marche.modifications))),
    }
    return record


def concession_record(concession: Concession) -> Record:
    """The DECP 2.0.4 record of a concession: initial data are the present ones less what its amendments changed.

    Raises:
        Unsupported: something the DECP requires is missing or cannot be written; the French sentence says what to do.
    """
    changes = concession.modifications
    months = concession.dureeMois - sum(one.deltaDureeMois or 0 for one in changes)
    value = concession.valeurGlobale - sum((one.deltaValeurGlobale or Decimal(0) for one in changes), Decimal(0))
    if not concession.concessionnaires:
        raise Unsupported("La concession n'a pas de concessionnaire : la DECP en exige un au moins.")
    years = sorted(concession.donneesExecution, key=lambda one: one.datePublicationDonneesExecution)
    return {
        "id": _number_of_contract(concession.id, "Le numéro de la concession"),
        "autoriteConcedante": {"id": concession.autoriteConcedante.siret},
        "nature": concession.nature,
        "objet": _printable(concession.objet),
        "procedure": concession.procedure,
        "dureeMois": _at_least_one(months, "La durée initiale en mois"),
        "dateSignature": concession.dateSignature.isoformat(),
        "datePublicationDonnees": concession.datePublicationDonnees.isoformat(),
        "dateDebutExecution": concession.dateDebutExecution.isoformat(),
        "valeurGlobale": _amount(value, "La valeur globale initiale"),
        "montantSubventionPublique": concession.montantSubventionPublique,
        **_wrapped("donneesExecution", "donneesAnnuelles", map(_year, years)),
        "concessionnaires": [{"concessionnaire": _operator(one)} for one in concession.concessionnaires],
        "considerationsSociales": {"considerationSociale": list(concession.considerationsSociales)},
        "considerationsEnvironnementales": {
            "considerationEnvironnementale": list(concession.considerationsEnvironnementales)
        },
        **_wrapped("modifications", "modification", map(_concession_change, _by_id(changes))),
    }


def _act_changes(marche: Marche) -> list[Record]:
    """Modifications of acts in their order. The DECP refuses two that are alike in all it says of them (an amount
    changed and changed back on the same days): the last one stands for both.
    """
    records = [_act_change(one) for one in sorted(marche.modificationsActesSousTraitance, key=lambda one: one.numero)]
    return [record for rank, record in enumerate(records) if record not in records[rank + 1 :]]


def _modification(one: Modification) -> Record:
    """An amendment: only what it changed, as new totals; holders are the whole list after it."""
    place = f"La modification n° {one.id}"
    record: Record = {"id": one.id}
    if one.dureeMois is not None:
        record["dureeMois"] = _at_least_one(one.dureeMois, f"{place} : la durée en mois")
    if one.montant is not None:
        record["montant"] = _amount(one.montant, f"{place} : le montant")
    if one.titulaires:
        record["titulaires"] = _holders(one.titulaires, place)
    return record | {
        "dateNotificationModification": one.dateNotificationModification.isoformat(),
        "datePublicationDonneesModification": one.datePublicationDonneesModification.isoformat(),
    }


def _act(one: ActeSousTraitance) -> Record:
    place = f"L'acte de sous-traitance n° {one.id}"
    return {
        "id": one.id,
        "sousTraitant": _operator(one.sousTraitant),
        "dureeMois": _at_least_one(one.dureeMois, f"{place} : la durée en mois"),
        "dateNotification": one.dateNotification.isoformat(),
        "datePublicationDonnees": one.datePublicationDonnees.isoformat(),
        "montant": _amount(one.montant, f"{place} : le montant"),
        "variationPrix": one.variationPrix,
    }


def _act_change(one: ModificationActeSousTraitance) -> Record:
    """A modification of an act: its id is that of the act, its rank in the list says the order."""
    place = f"La modification de l'acte de sous-traitance n° {one.id}"
    record: Record = {"id": one.id}
    if one.dureeMois is not None:
        record["dureeMois"] = _at_least_one(one.dureeMois, f"{place} : la durée en mois")
    record["dateNotificationModificationSousTraitance"] = one.dateNotificationModificationSousTraitance.isoformat()
    if one.montant is not None:
        record["montant"] = _amount(one.montant, f"{place} : le montant")
    return record | {"datePublicationDonnees": one.datePublicationDonnees.isoformat()}


def _concession_change(one: ModificationConcession) -> Record:
    place = f"La modification n° {one.id}"
    record: Record = {"id": one.id}
    if one.dureeMois is not None:
        record["dureeMois"] = _at_least_one(one.dureeMois, f"{place} : la durée en mois")
    if one.valeurGlobale is not None:
        record["valeurGlobale"] = _amount(one.valeurGlobale, f"{place} : la valeur globale")
    return record | {
        "dateSignatureModification": one.dateSignatureModification.isoformat(),
        "datePublicationDonneesModification": one.datePublicationDonneesModification.isoformat(),
    }


def _year(one: DonneesAnnuelles) -> Record:
    if not one.tarifs:
        raise Unsupported(
            f"Les données d'exécution publiées le {one.datePublicationDonneesExecution:%d/%m/%Y} n'ont pas de tarif : "
            "la DECP en exige un au moins (0 pour un service gratuit)."
        )
    return {
        "datePublicationDonneesExecution": one.datePublicationDonneesExecution.isoformat(),
        "depensesInvestissement": one.depensesInvestissement,
        "tarifs": [
            {"tarif": {"intituleTarif": _printable(tarif.intituleTarif), "tarif": tarif.tarif}} for tarif in one.tarifs
        ],
    }


def _holders(titulaires: Iterable[Titulaire], place: str) -> list[Record]:
    said = [{"titulaire": _operator(one.fournisseur)} for one in titulaires]
    if not said:
        raise Unsupported(f"{place} n'a pas de titulaire : la DECP en exige un au moins.")
    return said


def _operator(one: Fournisseur) -> Record:
    if not one.id.strip():
        raise Unsupported(
            f"L'opérateur « {one.denominationSociale} » n'a pas d'identifiant : la DECP n'a pas d'équivalent pour une "
            "immatriculation en cours, complétez la fiche du fournisseur."
        )
    return {"typeIdentifiant": one.typeIdentifiant, "id": one.id}


def _number_of_contract(number: str, what: str) -> str:
    written = _printable(number)
    if not 1 <= len(written) <= MAX_ID:
        raise Unsupported(
            f"{what} « {number} » n'a pas de 1 à {MAX_ID} caractères, comme la DECP l'exige : "
            "donnez un numéro plus court."
        )
    return written


def _amount(value: Decimal, what: str) -> Decimal:
    if value < 1:
        raise Unsupported(f"{what} vaut {value} € : la DECP exige au moins 1 €, vérifiez le montant.")
    return value


def _at_least_one(value: int, what: str) -> int:
    if value < 1:
        raise Unsupported(f"{what} vaut {value} : la DECP exige au moins 1, vérifiez la valeur.")
    return value


def _by_id(items: Iterable[Any]) -> list[Any]:
    """In the order of their numbers, which is that of their notifications."""
    return sorted(items, key=lambda one: one.id)


def _wrapped(collection: str, item: str, records: Iterable[Record]) -> Record:
    """The list under its name, absent when it is empty: the format refuses empty lists."""
    made = [{item: record} for record in records]
    return {collection: made} if made else {}


def _present(**values: Decimal | None) -> Record:
    """The values that are known: the JSON format refuses null."""
    return {name: value for name, value in values.items() if value is not None}


def _printable(text: str) -> str:
    """The text without control characters nor halves of surrogate pairs, which XML cannot carry."""
    if text.isprintable():
        return text
    return "".join(" " if unicodedata.category(one) in ("Cc", "Cs") or one in "\ufffe\uffff" else one for one in text)
