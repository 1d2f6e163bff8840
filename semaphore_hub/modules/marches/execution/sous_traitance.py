"""Subcontracting acts (DC4) and their modifications: what the code asks of them (art. L.2193-1 and following CCP)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from semaphore_hub.kernel.errors import NotFound, Problem
from semaphore_hub.kernel.money import CENT, from_cents
from semaphore_hub.modules.marches import rules as marche_rules
from semaphore_hub.modules.marches.checks import period_problem
from semaphore_hub.modules.marches.execution import rules
from semaphore_hub.modules.marches.execution.moments import execution_problems
from semaphore_hub.modules.marches.execution.schemas import (
    DeclarationSousTraitance,
    ModificationSousTraitance,
    TiersRef,
)
from semaphore_hub.modules.marches.reading import Holding, Whole
from semaphore_hub.modules.marches.vie import ActeInscrit
from semaphore_hub.modules.referentiel.lookups import FournisseurConnu
from semaphore_hub.ports.payloads import ModificationActeSousTraitance

DAYS_PER_MONTH = 30
DIRECT_PAYMENT_FROM = Decimal(600)
MAX_ACTS = 99


def rounded_months(months: int, days: int) -> int:
    """A duration in months, rounded up as the DC4 asks: 20 days make 1, 1 month and 14 days make 2.

    A month counts 30 days (hypothèse: the form does not say).
    """
    return months + -(-days // DAYS_PER_MONTH)


def declared(
    whole: Whole, new: DeclarationSousTraitance, supplier: FournisseurConnu | None
) -> tuple[Whole, ActeInscrit | None, list[Problem]]:
    """The marché with one more act, the act, and every rule it breaks.

    Args:
        whole: the marché.
        new: the act.
        supplier: the subcontractor in the référentiel, if it is there.
    """
    months = rounded_months(new.dureeMois, new.dureeJours)
    holding = _holding(whole, new.titulaire)
    problems = [*_date_problems(whole, new), *_amount_problems(new.montant, months), *_tax_problems(new)]
    if len(whole.vie.actesSousTraitance) >= MAX_ACTS:
        problems.append(rules.ST_NOMBRE.broken("$"))
    kind, number = new.sousTraitant.typeIdentifiant.value, new.sousTraitant.id
    if supplier is None:
        problems.append(marche_rules.TITULAIRE.broken("$.sousTraitant.id", type=kind, id=number))
    elif any(one.fournisseur.uid == supplier.uid for one in whole.holdings):
        problems.append(rules.ST_TITULAIRE.broken("$.sousTraitant.id", type=kind, id=number))
    if holding is None:
        problems.append(
            marche_rules.TITULAIRE_ABSENT.broken(
                "$.titulaire.id", type=new.titulaire.typeIdentifiant, id=new.titulaire.id
            )
        )
    else:
        problems += _share_problems(whole, holding.fournisseur.uid, new.montant, excluded=None)
    if supplier is None or holding is None or problems:
        return whole, None, problems
    act = ActeInscrit(
        id=len(whole.vie.actesSousTraitance) + 1,
        fournisseur=supplier.uid,
        titulaire=holding.fournisseur.uid,
        dureeMois=months,
        **new.model_dump(exclude={"sousTraitant", "titulaire", "dureeMois", "dureeJours"}),
    )
    vie = whole.vie.model_copy(update={"actesSousTraitance": (*whole.vie.actesSousTraitance, act)})
    known = {**whole.fournisseurs, supplier.uid: supplier, holding.fournisseur.uid: holding.fournisseur}
    return replace(whole, vie=vie, fournisseurs=known), act, problems


def act_modified(
    whole: Whole, number: int, new: ModificationSousTraitance
) -> tuple[Whole, ModificationActeSousTraitance | None, list[Problem]]:
    """The marché with an act modified, the modification with its difference, and every rule it breaks.

    Raises:
        NotFound: the marché has no such act.
    """
    act = next((one for one in whole.vie.actesSousTraitance if one.id == number), None)
    if act is None:
        raise NotFound(f"Le marché n'a pas d'acte de sous-traitance n° {number}.")
    amount, months = current_amount(whole, act), _current_months(whole, act)
    new_amount = amount if new.montant is None else new.montant
    timed = new.dureeMois is not None or new.dureeJours is not None
    new_months = rounded_months(new.dureeMois or 0, new.dureeJours or 0) if timed else months
    problems = _modification_dates(whole, act, new) + _amount_problems(new_amount, new_months)
    if new_amount == amount and new_months == months:
        problems.append(rules.ST_MODIFICATION_VIDE.broken("$"))
    if len(whole.vie.modificationsActesSousTraitance) >= MAX_ACTS:
        problems.append(rules.ST_NOMBRE.broken("$"))
    if new_amount > amount:
        problems += _share_problems(whole, act.titulaire, new_amount, excluded=act)
        rate = (act.montantTVA or Decimal(0)) / act.montant
        problems += _direct_payment(new_amount * (1 + rate), paid=act.paiementDirect)
    if problems:
        return whole, None, problems
    modification = ModificationActeSousTraitance(
        id=act.id,
        numero=len(whole.vie.modificationsActesSousTraitance) + 1,
        objet=new.objet,
        dateNotificationModificationSousTraitance=new.dateNotificationModificationSousTraitance,
        datePublicationDonnees=new.datePublicationDonnees,
        dureeMois=new_months if new_months != months else None,
        montant=new_amount if new_amount != amount else None,
        deltaMontant=new_amount - amount if new_amount != amount else None,
    )
    changes = (*whole.vie.modificationsActesSousTraitance, modification)
    return whole.with_vie(whole.vie.model_copy(update={"modificationsActesSousTraitance": changes})), modification, []


def current_amount(whole: Whole, act: ActeInscrit) -> Decimal:
    """Amount HT of an act, after its modifications."""
    amounts = [one.montant for one in _modifications(whole, act) if one.montant is not None]
    return amounts[-1] if amounts else act.montant


def _current_months(whole: Whole, act: ActeInscrit) -> int:
    durations = [one.dureeMois for one in _modifications(whole, act) if one.dureeMois is not None]
    return durations[-1] if durations else act.dureeMois


def _modifications(whole: Whole, act: ActeInscrit) -> Iterator[ModificationActeSousTraitance]:
    return (one for one in whole.vie.modificationsActesSousTraitance if one.id == act.id)


def _holding(whole: Whole, ref: TiersRef) -> Holding | None:
    for holding in whole.holdings:
        supplier = holding.fournisseur.payload
        if (supplier.typeIdentifiant, supplier.id) == (ref.typeIdentifiant.value, ref.id):
            return holding
    return None


def _date_problems(whole: Whole, new: DeclarationSousTraitance) -> list[Problem]:
    problems = execution_problems(whole, "$.dateNotification", new.dateNotification)
    problems += _publication(new.dateNotification, new.datePublicationDonnees)
    acts = whole.vie.actesSousTraitance
    if acts and new.dateNotification < acts[-1].dateNotification:
        problems.append(
            rules.ST_ORDRE.broken("$.dateNotification", date=new.dateNotification, avant=acts[-1].dateNotification)
        )
    return problems


def _modification_dates(whole: Whole, act: ActeInscrit, new: ModificationSousTraitance) -> list[Problem]:
    day, path = new.dateNotificationModificationSousTraitance, "$.dateNotificationModificationSousTraitance"
    problems = execution_problems(whole, path, day) + _publication(day, new.datePublicationDonnees)
    earlier = [one.dateNotificationModificationSousTraitance for one in whole.vie.modificationsActesSousTraitance]
    previous = max([act.dateNotification, *earlier])
    if day < previous:
        problems.append(rules.ST_ORDRE.broken(path, date=day, avant=previous))
    return problems


def _publication(notification: date, publication: date) -> list[Problem]:
    problems = period_problem("$.datePublicationDonnees", publication)
    if publication < notification:
        problems.append(
            marche_rules.DATES_PUBLICATION.broken(
                "$.datePublicationDonnees", publication=publication, notification=notification
            )
        )
    return problems


def _amount_problems(amount: Decimal, months: int) -> list[Problem]:
    problems = [] if amount >= CENT else [rules.ST_MONTANT.broken("$.montant")]
    if not 1 <= months <= 999:
        problems.append(rules.ST_DUREE.broken("$.dureeMois", mois=months))
    return problems


def _tax_problems(new: DeclarationSousTraitance) -> list[Problem]:
    problems = []
    if new.autoliquidationTVA and new.montantTVA:
        problems.append(rules.ST_AUTOLIQUIDATION.broken("$.montantTVA"))
    return problems + _direct_payment(new.montant + (new.montantTVA or 0), paid=new.paiementDirect)


def _direct_payment(with_tax: Decimal, *, paid: bool) -> list[Problem]:
    """The threshold is TTC; a tax that is not known counts for nothing, so that only the certain is refused."""
    if paid or with_tax < DIRECT_PAYMENT_FROM:
        return []
    return [rules.ST_PAIEMENT_DIRECT.broken("$.paiementDirect", ttc=with_tax.quantize(CENT, ROUND_HALF_UP))]


def _share_problems(whole: Whole, holder: str, amount: Decimal, *, excluded: ActeInscrit | None) -> list[Problem]:
    """What a holder subcontracts in all stays below its share; below the marché when shares are not known."""
    share = next((one.share_cents for one in whole.holdings if one.fournisseur.uid == holder), None)
    most = from_cents(whole.row["montant_cents"] if share is None else share)
    others = [
        current_amount(whole, act)
        for act in whole.vie.actesSousTraitance
        if act is not excluded and (share is None or act.titulaire == holder)
    ]
    already = sum(others, Decimal(0))
    total = already + amount
    if total < most:
        return []
    rule = rules.ST_TOTALE if total == most else rules.ST_PLAFOND
    return [rule.broken("$.montant", cumul=total, deja=already, part=most)]
