"""The whole state of a marché as the common model says it, and the lines it is charged to; pure."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from decimal import Decimal

from connectors.gef.model import Document, present
from connectors.gef.settings import GefSettings
from semaphore_hub.kernel.money import CENT
from semaphore_hub.ports.payloads import (
    ActeSousTraitance,
    Etablissement,
    Marche,
    Modification,
    PeriodeReconduction,
    Tranche,
)


def said_marche(marche: Marche, settings: GefSettings) -> tuple[Document, list[Document]]:
    """The state, and one imputation per holder, charged to this establishment.

    The hub knows neither functional unit nor account of a marché: the instance's settings give them (hypothesis).
    """
    starts_on, ends_on = period(marche)
    parts = shares(marche)
    holders = [
        present(
            role=holder.role,
            typeIdentifiant=holder.fournisseur.typeIdentifiant,
            id=holder.fournisseur.id,
            denominationSociale=holder.fournisseur.denominationSociale,
            montantHT=euros(part),
        )
        for holder, part in zip(marche.titulaires, parts, strict=True)
    ]
    lot = marche.lot
    state = present(
        numero=marche.id,
        idContrat=marche.complements.idContrat,
        idAccordCadre=marche.idAccordCadre,
        lot=None if lot is None else {"consultation": lot.consultation, "numero": lot.numero, "intitule": lot.intitule},
        objet=marche.objet,
        nature=marche.nature,
        procedure=marche.procedure,
        codeCPV=marche.codeCPV,
        formePrix=marche.formePrix,
        statut=marche.statut,
        dateNotification=marche.dateNotification.isoformat(),
        dateDebut=starts_on.isoformat(),
        dateFin=ends_on.isoformat(),
        dureeMois=marche.dureeMois,
        montantHT=euros(marche.montant),
        montantTVA=euros(marche.complements.montantTVA),
        acheteur=_establishment(marche.acheteur),
        beneficiaires=[_establishment(one) for one in marche.beneficiaires],
        titulaires=holders,
        sousTraitants=[_subcontractor(act, marche) for act in running_acts(marche)],
        tranches=[_tranche(one) for one in marche.tranches],
        reconductions=[_renewal(one) for one in marche.reconductions],
    )
    imputations = [
        present(
            ligne=rank,
            titulaire={"typeIdentifiant": holder["typeIdentifiant"], "id": holder["id"]},
            uf=settings.ufParDefaut,
            compte=settings.compte(marche.codeCPV),
            montantHT=holder.get("montantHT"),
        )
        for rank, holder in enumerate(holders, start=1)
    ]
    return state, imputations


def said_modification(modification: Modification) -> Document:
    """The amendment just notified: its new totals and the differences they make."""
    return present(
        numero=modification.id,
        objet=modification.objet,
        dateNotification=modification.dateNotificationModification.isoformat(),
        montantHT=euros(modification.montant),
        deltaMontantHT=euros(modification.deltaMontant),
        dureeMois=modification.dureeMois,
        deltaDureeMois=modification.deltaDureeMois,
        fondement=modification.fondement,
        article=modification.article,
    )


def period(marche: Marche) -> tuple[date, date]:
    """First and last day. A marché that ends before its execution was to begin starts, at the latest, when it ends."""
    starts_on = marche.complements.dateDebutExecution or marche.dateNotification
    ends_on = marche.dateFin or last_day(starts_on, marche.dureeMois)
    return min(starts_on, ends_on), ends_on


def shares(marche: Marche) -> list[Decimal | None]:
    """The share of each holder; none at all when they do not make the marché's amount.

    An amendment may leave them behind: a GEF would commit wrong amounts.
    """
    known = [holder.montant for holder in marche.titulaires]
    if known == [None]:
        return [marche.montant]
    complete = all(share is not None for share in known)
    makes_it = complete and sum(share for share in known if share is not None) == marche.montant
    return known if makes_it else [None] * len(known)


def running_acts(marche: Marche) -> list[ActeSousTraitance]:
    """The subcontracting acts of the present holders; those of a holder who was replaced ended with it (hypothesis)."""
    holders = {holder.fournisseur.id for holder in marche.titulaires}
    return [act for act in marche.actesSousTraitance if act.titulaire in holders]


def subcontracted(act: ActeSousTraitance, marche: Marche) -> Decimal:
    """Present amount HT of an act: its last modification that states one, else its own."""
    stated = [
        change.montant
        for change in marche.modificationsActesSousTraitance
        if change.id == act.id and change.montant is not None
    ]
    return stated[-1] if stated else act.montant


def last_day(starts_on: date, months: int) -> date:
    """Last day of a duration: the eve of the same day, months later; the month's last day when it has no such day."""
    year, month = divmod(starts_on.year * 12 + starts_on.month - 1 + months, 12)
    if starts_on.day > calendar.monthrange(year, month + 1)[1]:
        return date(year, month + 1, calendar.monthrange(year, month + 1)[1])
    return date(year, month + 1, starts_on.day) - timedelta(days=1)


def euros(amount: Decimal | None) -> str | None:
    """An amount with two decimals."""
    return None if amount is None else format(amount.quantize(CENT), "f")


def _establishment(one: Etablissement) -> Document:
    return present(siret=one.siret, nom=one.nom, finess=one.finessJuridique)


def _subcontractor(act: ActeSousTraitance, marche: Marche) -> Document:
    return present(
        acte=act.id,
        typeIdentifiant=act.sousTraitant.typeIdentifiant,
        id=act.sousTraitant.id,
        denominationSociale=act.sousTraitant.denominationSociale,
        titulaire=act.titulaire,
        montantHT=euros(subcontracted(act, marche)),
        dateNotification=act.dateNotification.isoformat(),
        paiementDirect=act.paiementDirect,
    )


def _tranche(one: Tranche) -> Document:
    return present(
        numero=one.numero,
        intitule=one.intitule,
        type=one.type,
        dateAffermissement=_day(one.dateAffermissement),
        debut=_day(one.debut),
        fin=_day(one.fin),
        montantHT=euros(one.montant),
    )


def _renewal(one: PeriodeReconduction) -> Document:
    return present(
        numero=one.numero,
        debut=one.debut.isoformat(),
        fin=one.fin.isoformat(),
        montantHT=euros(one.montant),
        decision=one.decision,
    )


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
