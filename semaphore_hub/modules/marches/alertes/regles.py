"""When a marché calls for attention; pure functions of its state and of the day.

Delays are defaults ("hypothèse": the purchasing system's own are not published) and belong to the settings; two months
to publish are of art. R.2196-1 of the code de la commande publique.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from semaphore_hub.modules.marches.echeances import months_after
from semaphore_hub.modules.marches.lifecycle import Statut
from semaphore_hub.ports.facts import MissingAnswer
from semaphore_hub.ports.payloads import PeriodeReconduction

SEUIL_PUBLICATION = Decimal(40000)
"""Marchés of 40 000 € HT and more are published (arrêté of 22/12/2022, art. R.2196-1)."""
_LIVING = frozenset({Statut.NOTIFIE, Statut.EN_EXECUTION, Statut.SUSPENDU})
_SENT = _LIVING | {Statut.ECHU, Statut.RESILIE}


class CodeAlerte(StrEnum):
    """What an alert is about."""

    ECHEANCE = "echeance"  #: the term comes near, or is reached
    RECONDUCTION = "reconduction"  #: a renewal is to be decided
    CONSOMMATION = "consommation"  #: most of the maximum is consumed
    PUBLICATION = "publication"  #: the data should have been published
    ACCUSE_MANQUANT = "accuse_manquant"  #: a partner has not answered in time


@dataclass(frozen=True, slots=True)
class Delais:
    """Delays and thresholds of the alerts.

    Attributes:
        echeance_jours: days before the term, in decreasing order; 0 is the last day.
        reconduction_jours: days before the deadline of a renewal's decision when it is asked for.
        preavis_mois: months before a renewal period by which it must be decided.
        consommation: shares of the maximum, in increasing order.
    """

    echeance_jours: tuple[int, ...] = (365, 270, 180, 90, 30, 0)
    reconduction_jours: int = 90
    preavis_mois: int = 3
    consommation: tuple[Decimal, ...] = (Decimal("0.8"), Decimal("0.9"), Decimal(1))


@dataclass(frozen=True, slots=True)
class Situation:
    """What the rules look at.

    Attributes:
        statut: where the marché stands.
        montant: its maximum, euros HT.
        consomme: ordered on it so far, euros HT.
        date_notification: of the marché.
        date_fin: its last day, with the renewals taken.
        reconductions: the periods it foresees.
        tacite: whether a renewal happens without being decided.
        publications: for each thing to publish, its name, the day it was notified and whether it is published.
        sans_reponse: messages whose answer is overdue.
    """

    statut: Statut
    montant: Decimal
    consomme: Decimal
    date_notification: date
    date_fin: date | None
    reconductions: Sequence[PeriodeReconduction] = ()
    tacite: bool = False
    publications: Sequence[tuple[str, date, bool]] = ()
    sans_reponse: Sequence[MissingAnswer] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Alerte:
    """Something to look at; ``cle`` identifies the fact, ``echeance`` is the day it is about."""

    code: CodeAlerte
    cle: str
    message: str
    echeance: date | None = None


def alertes_du_jour(situation: Situation, jour: date, delais: Delais) -> list[Alerte]:
    """Everything that calls for attention on a day; the same every day until something changes."""
    return [
        *_echeance(situation, jour, delais),
        *_reconduction(situation, jour, delais),
        *_consommation(situation, delais),
        *_publication(situation, jour),
        *_reponses(situation),
    ]


def _echeance(situation: Situation, jour: date, delais: Delais) -> Iterator[Alerte]:
    """The nearest threshold reached; those before it are past and of no more use."""
    end = situation.date_fin
    if end is None or situation.statut not in _LIVING:
        return
    left = (end - jour).days
    reached = [days for days in delais.echeance_jours if left <= days]
    if not reached:
        return
    days = min(reached)
    if days == 0:
        message = f"Le marché arrive à son terme le {end} : constatez l'échéance, ou prolongez-le avant."
    else:
        message = f"Le marché arrive à son terme le {end}, dans {left} jours : préparez sa suite."
    yield Alerte(CodeAlerte.ECHEANCE, f"{end}:J-{days}", message, end)


def _reconduction(situation: Situation, jour: date, delais: Delais) -> Iterator[Alerte]:
    if situation.statut not in _LIVING:
        return
    period = next((one for one in situation.reconductions if one.decision is None), None)
    if period is None or any(one.decision == "non reconduite" for one in situation.reconductions):
        return
    deadline = months_after(period.debut, -delais.preavis_mois)
    if jour < deadline - timedelta(days=delais.reconduction_jours):
        return
    otherwise = "elle aura lieu tacitement" if situation.tacite else "elle n'aura pas lieu"
    starts = f"La reconduction n° {period.numero} commence le {period.debut}"
    message = f"{starts} : décidez-la avant le {deadline} ; sinon, {otherwise}."
    yield Alerte(CodeAlerte.RECONDUCTION, f"{period.numero}", message, deadline)


def _consommation(situation: Situation, delais: Delais) -> Iterator[Alerte]:
    if situation.statut not in _LIVING or not situation.consomme:
        return
    for share in delais.consommation:
        if situation.consomme >= situation.montant * share:
            percent = f"{share * 100:.0f}"
            message = (
                f"{percent} % du montant du marché sont atteints : {situation.consomme} € consommés sur "
                f"{situation.montant} €."
            )
            yield Alerte(CodeAlerte.CONSOMMATION, f"{percent}:{situation.montant}", message)


def _publication(situation: Situation, jour: date) -> Iterator[Alerte]:
    if situation.statut not in _SENT or situation.montant < SEUIL_PUBLICATION:
        return
    for name, notified, published in situation.publications:
        deadline = months_after(notified, 2)
        if not published and jour > deadline:
            message = f"Les données ({name}) devaient être publiées avant le {deadline} : elles ne le sont pas."
            yield Alerte(CodeAlerte.PUBLICATION, name, message, deadline)


def _reponses(situation: Situation) -> Iterator[Alerte]:
    for missing in situation.sans_reponse:
        message = f"{missing.partner} n'a pas répondu dans le délai au message « {missing.message} »."
        yield Alerte(CodeAlerte.ACCUSE_MANQUANT, missing.delivery, message)
