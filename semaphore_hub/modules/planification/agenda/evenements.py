"""What the calendar of projects says: one event per milestone, one per expiry of a marché. Pure, no format here."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from typing import Literal

from semaphore_hub.modules.planification.agenda.projets import STATUTS, JalonDate, ProjetSuivi
from semaphore_hub.modules.planification.codes import CodeJalon
from semaphore_hub.modules.referentiel.ecriture import euros, jour_ecrit
from semaphore_hub.ports.marches import MarcheConnu

ECHEANCE = "echeance"
"""Stands among the codes of milestones for the expiry of a marché."""

LANCEMENT = CodeJalon.PUBLICATION
"""The milestone people are reminded of, :data:`RAPPEL_JOURS` days before."""

RAPPEL_JOURS = 7

Statut = Literal["CONFIRMED", "TENTATIVE", "CANCELLED"]


@dataclass(frozen=True, slots=True)
class Evenement:
    """An all-day event.

    Attributes:
        uid: the same for ever for the same milestone of the same project.
        sequence: version of the project (or marché): a calendar keeps the highest.
        jour: its day.
        statut: CONFIRMED when it happened (or binds), TENTATIVE when it is planned, CANCELLED when it will not happen.
        rappel: whether people are reminded of it.
    """

    uid: str
    sequence: int
    jour: date
    statut: Statut
    resume: str
    description: str
    categories: tuple[str, ...]
    rappel: bool = False


@dataclass(frozen=True, slots=True)
class Fenetre:
    """Which events are wanted: between two days, both included; of some kinds, or of all when ``codes`` is empty."""

    du: date
    au: date
    codes: Collection[str] = ()

    def veut(self, code: str) -> bool:
        """Whether a kind of event is wanted."""
        return not self.codes or code in self.codes


def evenements(
    projets: Sequence[ProjetSuivi], marches: Sequence[MarcheConnu], fenetre: Fenetre, jour: date
) -> list[Evenement]:
    """The events of some projects and marchés, by day.

    Args:
        projets: the projects.
        marches: marchés that end, of the same perimeter.
        fenetre: which events.
        jour: today, to say what is late.
    """
    found = [
        _du_jalon(projet, jalon, day, projet.en_retard(jalon, jour))
        for projet in projets
        for jalon, day in projet.entre(fenetre.du, fenetre.au)
        if fenetre.veut(jalon.code)
    ]
    if fenetre.veut(ECHEANCE):
        found += _echeances(projets, marches, fenetre)
    return sorted(found, key=lambda one: (one.jour, one.uid))


def empreinte(nom: str, evenements: Sequence[Evenement]) -> str:
    """A text that changes when, and only when, the calendar says something else."""
    digest = hashlib.sha256(nom.encode())
    for one in evenements:
        digest.update(repr(astuple(one)).encode())
    return digest.hexdigest()[:32]


def _du_jalon(projet: ProjetSuivi, jalon: JalonDate, day: date, late: bool) -> Evenement:
    statut: Statut = "TENTATIVE"
    if jalon.realise is not None:
        statut = "CONFIRMED"
    elif projet.abandonne:
        statut = "CANCELLED"
    words = [
        f"Projet d'achat {projet.reference} ({STATUTS[projet.statut]}), GHT {projet.ght}",
        f"Stratégie : {projet.strategie}",
        f"Procédure : {projet.procedure or 'pas encore calculée'}",
        f"Portefeuille : {projet.portefeuille or 'aucun'}",
        f"Montant estimé : {euros(projet.montant)} HT",
    ]
    if jalon.realise is not None and jalon.prevu is not None and jalon.prevu != jalon.realise:
        words.append(f"Prévu le {jour_ecrit(jalon.prevu)}, réalisé le {jour_ecrit(jalon.realise)}")
    if late:
        words.append("En retard : la date prévue est passée")
    words.append(_lien(projet))
    return Evenement(
        uid=f"{projet.uid}-{jalon.code}@semaphore-hub",
        sequence=projet.version,
        jour=day,
        statut=statut,
        resume=_ligne(f"{jalon.libelle} : {projet.intitule} ({projet.reference})"),
        description="\n".join(words),
        categories=(jalon.libelle, *((projet.portefeuille,) if projet.portefeuille else ()), *_late(late)),
        rappel=jalon.code is LANCEMENT and statut == "TENTATIVE",
    )


def _echeances(projets: Sequence[ProjetSuivi], marches: Sequence[MarcheConnu], fenetre: Fenetre) -> Iterator[Evenement]:
    successors = {projet.renouvele: projet for projet in projets if projet.renouvele and not projet.abandonne}
    for marche in marches:
        if marche.date_fin is None or not fenetre.du <= marche.date_fin <= fenetre.au:
            continue
        successor = successors.get(marche.uid)
        words = [
            f"Marché {marche.id} ({marche.statut}), GHT {marche.ght}",
            f"Montant : {euros(marche.montant)} HT",
            "Aucun projet ne le renouvelle dans ce calendrier"
            if successor is None
            else f"Renouvelé par le projet {successor.reference} : {_ligne(successor.intitule)}",
            f"Lien : /v1/marches/{marche.uid}",
        ]
        yield Evenement(
            uid=f"{marche.uid}-{ECHEANCE}@semaphore-hub",
            sequence=marche.version,
            jour=marche.date_fin,
            statut="CONFIRMED",
            resume=_ligne(f"Échéance du marché {marche.id} : {marche.objet}"),
            description="\n".join(words),
            categories=("Échéance de marché",),
        )
    for projet in projets:
        # The marché it renews is not one of the hub's: the project alone knows when it ends.
        day = projet.echeance
        if day is None or projet.renouvele is not None or projet.abandonne or not fenetre.du <= day <= fenetre.au:
            continue
        yield Evenement(
            uid=f"{projet.uid}-{ECHEANCE}@semaphore-hub",
            sequence=projet.version,
            jour=day,
            statut="CONFIRMED",
            resume=_ligne(f"Échéance du marché renouvelé par {projet.reference} : {projet.intitule}"),
            description=_lien(projet),
            categories=("Échéance de marché",),
        )


def _lien(projet: ProjetSuivi) -> str:
    return f"Lien : /v1/planification/projets/{projet.uid}"


def _late(late: bool) -> tuple[str, ...]:
    return ("En retard",) if late else ()


def _ligne(text: str) -> str:
    """A text on one line: titles of projects may hold line breaks."""
    return " ".join(text.split())
