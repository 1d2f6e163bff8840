"""Amends a marché: the general operation, and the two named ones that are made of it. None commits."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import Connection, delete, insert, select

from semaphore_hub.kernel.access import Caller, within
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import NotFound, Problem
from semaphore_hub.modules.marches.avenants import rules
from semaphore_hub.modules.marches.avenants.regimes import deduire, table
from semaphore_hub.modules.marches.avenants.schemas import (
    ChangementTitulaire,
    Prolongation,
    SimulationVue,
    regime_vue,
    said,
)
from semaphore_hub.modules.marches.avenants.situation import situation
from semaphore_hub.modules.marches.changes import Suppliers, amended
from semaphore_hub.modules.marches.echeances import last_day, months_of
from semaphore_hub.modules.marches.execution.accords_cadres import charge_framework
from semaphore_hub.modules.marches.models import Marche, MarcheModification, MarcheTitulaire
from semaphore_hub.modules.marches.reading import Whole, read_whole
from semaphore_hub.modules.marches.saying import modification_payload
from semaphore_hub.modules.marches.schemas import NouvelleModification
from semaphore_hub.modules.marches.store import MarcheStore, require_status
from semaphore_hub.modules.referentiel.lookups import fournisseurs_by_identifier
from semaphore_hub.modules.referentiel.rules import refuse

MAX_MONTHS = 999
"""Longest duration of a marché (three digits in the PES)."""

_marche = table_of(Marche)
_titulaire = table_of(MarcheTitulaire)
_modification = table_of(MarcheModification)


def amend(
    store: MarcheStore,
    unit: UnitOfWork,
    before: Whole,
    new: NouvelleModification,
    *,
    fin: date | None = None,
    tolerated: frozenset[str] = frozenset(),
) -> Whole:
    """Add a notified amendment to a marché locked for it, and say so (``marche.modifie``).

    The framework of a subsequent marché carries its new amount, and says it.

    Args:
        store: the marchés and their events.
        unit: the transaction.
        before: the marché, from :meth:`MarcheStore.for_change`.
        new: the amendment.
        fin: new last day, when it is not the one that the duration gives.
        tolerated: ids of rules that do not stop an import.

    Raises:
        RuleBroken: one or several rules, all of them reported; those of the law come with their arithmetic.
    """
    result = amended(before, new, _suppliers(unit.connection, new), fin)
    problems = result.problems + result.unfounded
    refuse([problem for problem in problems if problem.rule not in tolerated])
    whole = result.whole
    unit.connection.execute(insert(_modification).values(result.row))
    if whole.holdings != before.holdings:
        _replace_holders(unit.connection, whole)
    changed = {name: whole.row[name] for name in ("montant_cents", "duree_mois", "date_fin", "donnees")}
    whole = store.update(unit, whole, changed, whole.vie)
    store.say(unit, "modifier", whole, modification=modification_payload(whole, result.row))
    charge_framework(store, unit, whole)
    return whole


def prolong(store: MarcheStore, unit: UnitOfWork, before: Whole, body: Prolongation) -> Whole:
    """Make the marché longer, and nothing else: an amendment of its duration.

    Raises:
        RuleBroken: it has ended, its end is not later, a renewal is undecided, the law refuses…
    """
    end: date = before.row["date_fin"]
    problems = _undecided(before)
    if (body.mois is None) == (body.nouvelleFin is None):
        problems.append(rules.PROLONGATION_CHOIX.broken("$.nouvelleFin"))
    new_end = body.nouvelleFin or last_day(end + timedelta(days=1), body.mois or 1)
    if new_end <= end:
        problems.append(rules.PROLONGATION_DATE.broken("$.nouvelleFin", nouvelle=new_end, fin=end))
    months = before.row["duree_mois"] + (body.mois or months_of(end + timedelta(days=1), new_end))
    if months > MAX_MONTHS:
        problems.append(rules.PROLONGATION_DUREE.broken("$.mois", mois=months))
    refuse(problems)
    new = NouvelleModification(
        objet=body.objet,
        dateNotificationModification=body.dateNotificationModification,
        datePublicationDonneesModification=body.datePublicationDonneesModification,
        dureeMois=months,
        dureeMaximaleMois=body.dureeMaximaleMois,
        justificationDuree=body.justificationDuree,
        fondement=body.fondement,
        justification=body.justification,
        evenement=body.evenement,
    )
    return amend(store, unit, before, new, fin=body.nouvelleFin)


def change_holders(store: MarcheStore, unit: UnitOfWork, before: Whole, body: ChangementTitulaire) -> Whole:
    """Replace the holders of a marché: an amendment of its holders.

    Raises:
        RuleBroken: an unknown or repeated supplier, roles or shares that do not hold, the law refuses…
    """
    new = NouvelleModification(
        objet=body.objet,
        dateNotificationModification=body.dateNotificationModification,
        datePublicationDonneesModification=body.datePublicationDonneesModification,
        titulaires=body.titulaires,
        typeGroupementOperateurs=body.typeGroupementOperateurs,
        fondement=body.fondement,
        justification=body.justification,
        evenement=body.evenement,
    )
    return amend(store, unit, before, new)


def simulate(connection: Connection, caller: Caller, uid: str, new: NouvelleModification) -> SimulationVue:
    """A modification under every case of the code; the case it names is not looked at, nothing is written.

    Raises:
        NotFound: no such marché in the caller's perimeter.
        WrongState: it cannot be amended in its present status.
    """
    statement = within(select(_marche).where(_marche.c.uid == uid), _marche.c.ght, caller)
    row = connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound(f"Le marché {uid} n'existe pas.")
    require_status(row["statut"], "modifier")
    whole = read_whole(connection, [row])[0]
    result = amended(whole, new, _suppliers(connection, new))
    known = situation(whole, new.dateNotificationModification)
    verdicts = table(known, result.demande)
    return SimulationVue(
        uid=uid,
        montantInitial=known.base.initial,
        base=known.base.montant,
        difference=result.demande.delta,
        possibles=deduire(verdicts),
        regimes=tuple(regime_vue(verdict) for verdict in verdicts),
        problemes=said(result.problems),
    )


def _suppliers(connection: Connection, new: NouvelleModification) -> Suppliers:
    named = {(holder.typeIdentifiant.value, holder.id) for holder in new.titulaires}
    return fournisseurs_by_identifier(connection, named) if named else {}


def _replace_holders(connection: Connection, whole: Whole) -> None:
    uid = whole.row["uid"]
    connection.execute(delete(_titulaire).where(_titulaire.c.marche_uid == uid))
    connection.execute(
        insert(_titulaire),
        [
            {
                "marche_uid": uid,
                "rang": holding.rang,
                "fournisseur_uid": holding.fournisseur.uid,
                "role": holding.role,
                "montant_cents": holding.share_cents,
            }
            for holding in whole.holdings
        ],
    )


def _undecided(before: Whole) -> list[Problem]:
    return [
        rules.PROLONGATION_RECONDUCTION.broken("$", numero=period.numero)
        for period in before.vie.reconductions
        if period.decision is None
    ][:1]
