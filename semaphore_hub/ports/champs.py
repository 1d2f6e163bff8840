"""The fields of a marché, flat: the common names under which what each partner was told can be compared.

A name is the path of the field in the DECP's words ("lieuExecution.code"); items of lists carry what identifies them
("titulaires[SIRET 99988801300019].montant", "modifications[2].dureeMois", "actesSousTraitance[1].montant"). A value is
a text: amounts with two decimals, dates in ISO form, booleans "oui" or "non", sets of labels sorted and joined by
" ; ", rates without trailing zeros. Amounts of zero and empty values are absent, as partners leave them out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from semaphore_hub.kernel.money import CENT
from semaphore_hub.ports.payloads import (
    ActeSousTraitance,
    ComplementsPES,
    Marche,
    Modification,
    ModificationActeSousTraitance,
    Titulaire,
    initial_of,
)

Value = str | Decimal | int | bool | date | None
Champs = Mapping[str, str]
"""Values by field name, both texts."""


def amount(value: Decimal | None) -> str | None:
    """An amount with two decimals; absent when it is zero."""
    return None if not value else format(value.quantize(CENT), "f")


def rate(value: Decimal | None) -> str | None:
    """A ratio without trailing zeros ("0.05", "0")."""
    return None if value is None else format(value.normalize(), "f")


def labels(values: Iterable[str]) -> str | None:
    """A set of labels."""
    return " ; ".join(sorted(values)) or None


def text(value: Value) -> str | None:
    """Any other value as a text; empty ones are absent."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, date):
        return value.isoformat()
    return None if value is None or value == "" else str(value)


def present(pairs: Iterable[tuple[str, str | None]]) -> dict[str, str]:
    """The pairs that have a value, in their order."""
    return {name: value for name, value in pairs if value is not None}


def champs_of(marche: Marche) -> dict[str, str]:
    """Every field of a marché that some partner may be told, consolidated state and history."""
    return present(
        (
            *_identity(marche),
            *_description(marche),
            *_present_state(marche),
            *_initial(marche),
            *_history(marche),
            *_complements(marche.complements),
        )
    )


def holder(titulaire: Titulaire) -> str:
    """What identifies a holder: type and identifier."""
    return f"{titulaire.fournisseur.typeIdentifiant} {titulaire.fournisseur.id}"


def _identity(marche: Marche) -> Iterator[tuple[str, str | None]]:
    yield "id", marche.id
    yield "acheteur.id", marche.acheteur.siret
    yield "acheteur.nom", marche.acheteur.nom
    yield "beneficiaires", labels(one.siret for one in marche.beneficiaires)
    for part in marche.acheteurs:
        yield f"acheteurs[{part.etablissement.siret}].montant", amount(part.montant)
    if marche.lot is not None:
        yield "lot.consultation", marche.lot.consultation
        yield "lot.numero", str(marche.lot.numero)


def _description(marche: Marche) -> Iterator[tuple[str, str | None]]:
    for name in ("nature", "objet", "codeCPV", "idAccordCadre", "ccag", "procedure", "formePrix"):
        yield name, text(getattr(marche, name))
    for name in ("marcheInnovant", "attributionAvance", "sousTraitanceDeclaree"):
        yield name, text(getattr(marche, name))
    for name in (
        "techniques",
        "modalitesExecution",
        "typesPrix",
        "considerationsSociales",
        "considerationsEnvironnementales",
    ):
        yield name, labels(getattr(marche, name))
    for name in ("tauxAvance", "origineUE", "origineFrance"):
        yield name, rate(getattr(marche, name))
    yield "offresRecues", str(marche.offresRecues)
    yield "lieuExecution.code", marche.lieuExecution.code
    yield "lieuExecution.typeCode", marche.lieuExecution.typeCode
    yield "dateNotification", marche.dateNotification.isoformat()
    yield "datePublicationDonnees", marche.datePublicationDonnees.isoformat()


def _present_state(marche: Marche) -> Iterator[tuple[str, str | None]]:
    yield "montant", amount(marche.montant)
    yield "montantActualise", amount(marche.montantActualise)
    yield "dureeMois", str(marche.dureeMois)
    yield "typeGroupementOperateurs", marche.typeGroupementOperateurs
    yield "titulaires", labels(holder(one) for one in marche.titulaires)
    for one in marche.titulaires:
        place = f"titulaires[{holder(one)}]"
        yield f"{place}.denominationSociale", one.fournisseur.denominationSociale
        yield f"{place}.role", one.role
        share = marche.montant if one.montant is None and len(marche.titulaires) == 1 else one.montant
        yield f"{place}.montant", amount(share)
    for tranche in marche.tranches:
        yield f"tranches[{tranche.numero}].montant", amount(tranche.montant)
        yield f"tranches[{tranche.numero}].type", tranche.type
        yield f"tranches[{tranche.numero}].dateAffermissement", text(tranche.dateAffermissement)
    for period in marche.reconductions:
        yield f"reconductions[{period.numero}].debut", period.debut.isoformat()
        yield f"reconductions[{period.numero}].fin", period.fin.isoformat()
        yield f"reconductions[{period.numero}].montant", amount(period.montant)
    yield "pieces", labels(one.idUnique for one in marche.pieces)
    yield "dateFin", text(marche.dateFin)
    if marche.resiliation is not None:
        yield "resiliation.dateEffet", marche.resiliation.dateEffet.isoformat()


def _initial(marche: Marche) -> Iterator[tuple[str, str | None]]:
    initial = initial_of(marche)
    yield "initial.montant", amount(initial.montant)
    yield "initial.dureeMois", str(initial.dureeMois)
    yield "initial.titulaires", labels(holder(one) for one in initial.titulaires)


def _history(marche: Marche) -> Iterator[tuple[str, str | None]]:
    for modification in marche.modifications:
        yield from _modification(modification)
    for act in marche.actesSousTraitance:
        yield from _act(act)
    for change in marche.modificationsActesSousTraitance:
        yield from _act_change(change)


def _modification(one: Modification) -> Iterator[tuple[str, str | None]]:
    place = f"modifications[{one.id}]"
    yield f"{place}.objet", one.objet
    yield f"{place}.dateNotificationModification", one.dateNotificationModification.isoformat()
    yield f"{place}.datePublicationDonneesModification", one.datePublicationDonneesModification.isoformat()
    yield f"{place}.montant", amount(one.montant)
    yield f"{place}.dureeMois", text(one.dureeMois)
    yield f"{place}.titulaires", labels(holder(titulaire) for titulaire in one.titulaires)


def _act(one: ActeSousTraitance) -> Iterator[tuple[str, str | None]]:
    place = f"actesSousTraitance[{one.id}]"
    yield f"{place}.objet", one.objet
    yield f"{place}.sousTraitant", f"{one.sousTraitant.typeIdentifiant} {one.sousTraitant.id}"
    yield f"{place}.dureeMois", str(one.dureeMois)
    yield f"{place}.dateNotification", one.dateNotification.isoformat()
    yield f"{place}.datePublicationDonnees", one.datePublicationDonnees.isoformat()
    yield f"{place}.montant", amount(one.montant)
    yield f"{place}.variationPrix", one.variationPrix


def _act_change(one: ModificationActeSousTraitance) -> Iterator[tuple[str, str | None]]:
    place = f"modificationsActesSousTraitance[{one.numero}]"
    yield f"{place}.id", str(one.id)
    yield (
        f"{place}.dateNotificationModificationSousTraitance",
        one.dateNotificationModificationSousTraitance.isoformat(),
    )
    yield f"{place}.datePublicationDonnees", one.datePublicationDonnees.isoformat()
    yield f"{place}.dureeMois", text(one.dureeMois)
    yield f"{place}.montant", amount(one.montant)


def _complements(more: ComplementsPES) -> Iterator[tuple[str, str | None]]:
    for name in (
        "idContrat",
        "urlProfilAcheteur",
        "natureMarche",
        "procedureMarche",
        "montantEstimatif",
        "dureeMaximaleMois",
        "dateSignature",
        "dateDebutExecution",
        "reconductibilite",
        "penalite",
        "nomLieuExecution",
        "siretPAAccordCadre",
        "regimeAvance",
    ):
        yield f"complements.{name}", text(getattr(more, name))
    yield "complements.montantTVA", amount(more.montantTVA)
    yield "complements.montantEstime", amount(more.montantEstime)
