"""Milestones and workload as the API shows them; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from semaphore_hub.modules.planification.agenda.charge import PHASES, SOURCE, Charge, mois_de, mois_suivant, pics
from semaphore_hub.modules.planification.agenda.projets import JalonDate, ProjetSuivi
from semaphore_hub.modules.planification.agenda.schemas import (
    ChargeVue,
    JalonAgenda,
    LigneBareme,
    MoisCharge,
    PhaseCharge,
    PortefeuilleCharge,
)
from semaphore_hub.modules.planification.codes import Filiere

_ZERO = Decimal("0.00")


def jalons_vus(projets: Sequence[ProjetSuivi], du: date, au: date, jour: date) -> list[JalonAgenda]:
    """Every milestone between two days, by day, then project and order of the milestones."""
    found = [_jalon(projet, jalon, day, jour) for projet in projets for jalon, day in projet.entre(du, au)]
    return sorted(found, key=position)


def position(jalon: JalonAgenda) -> str:
    """Where a milestone stands in the list: opaque, unique, and in the order of the list."""
    rank = list(type(jalon.code)).index(jalon.code)
    return f"{jalon.jour.isoformat()}{jalon.projet}".replace("-", "") + f"{rank:02d}"


def charge_vue(charges: Sequence[Charge], annee: int, capacite: Decimal, jour: date) -> ChargeVue:
    """The workload of a year."""
    return ChargeVue(
        annee=annee,
        auJour=jour,
        capacite=capacite,
        portefeuilles=tuple(_portefeuille(one, annee, capacite) for one in charges),
        total=sum((one.total for one in charges), _ZERO),
        bareme=tuple(bareme()),
        source=SOURCE,
    )


def bareme() -> Iterator[LigneBareme]:
    """The days assumed, by kind of procedure and phase."""
    for filiere in Filiere:
        for phase in PHASES:
            yield LigneBareme(filiere=filiere, phase=phase.code, libelle=phase.libelle, jours=phase.jours[filiere])


def _jalon(projet: ProjetSuivi, jalon: JalonDate, day: date, jour: date) -> JalonAgenda:
    late = projet.en_retard(jalon, jour)
    if jalon.realise is not None:
        etat = "realise"
    elif projet.abandonne:
        etat = "sans_objet"
    else:
        etat = "en_retard" if late else "prevu"
    return JalonAgenda.model_validate(
        {
            "jour": day,
            "code": jalon.code,
            "libelle": jalon.libelle,
            "prevu": jalon.prevu,
            "realise": jalon.realise,
            "etat": etat,
            "joursRetard": (jour - day).days if late else 0,
            "projet": projet.uid,
            "ght": projet.ght,
            "reference": projet.reference,
            "intitule": projet.intitule,
            "statut": projet.statut,
            "portefeuille": projet.portefeuille,
            "strategie": projet.strategie,
            "procedure": projet.procedure,
            "montantEstime": projet.montant,
        }
    )


def _portefeuille(charge: Charge, annee: int, capacite: Decimal) -> PortefeuilleCharge:
    months = mois_de(annee)
    above = set(pics(charge, months, capacite))
    return PortefeuilleCharge(
        ght=charge.ght,
        portefeuille=charge.portefeuille,
        mois=tuple(
            MoisCharge(
                mois=f"{month:%Y-%m}",
                jours=charge.mois.get(month, _ZERO),
                projets=charge.projets[month],
                pic=month in above,
            )
            for month in months
        ),
        annee=charge.entre(months[0], mois_suivant(months[-1])),
        avant=charge.entre(date.min, months[0]),
        apres=charge.entre(mois_suivant(months[-1]), date.max),
        total=charge.total,
        phases=tuple(
            PhaseCharge(phase=phase.code, libelle=phase.libelle, jours=charge.phases.get(phase.code, _ZERO))
            for phase in PHASES
        ),
        projetsSansDate=charge.sans_date,
    )
