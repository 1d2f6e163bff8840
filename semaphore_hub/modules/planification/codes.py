"""The words of purchase projects: statuses, types, strategies, milestones, and the operations as a table.

Source: hypothèse throughout (the purchasing system's own states are not published), except "Validation Directeur
Achats", a step seen in SEMAPHORE.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from semaphore_hub.modules.referentiel import seuils
from semaphore_hub.ports import events

TypeProjet = Literal["nouveau", "renouvellement", "convergence"]
Strategie = Literal["GHT", "UniHA", "RESAH", "UGAP", "GCS"]
"""Who buys: the GHT itself, or a central purchasing body (or a cooperation grouping) it joins."""
TypeAchat = seuils.TypeAchat


class Statut(StrEnum):
    """Where a project stands."""

    IDENTIFIE = "identifie"  #: foreseen, its needs are not stated yet
    RECENSEMENT = "recensement"  #: the needs are being stated
    STRATEGIE_VALIDEE = "strategie_validee"  #: the purchasing director validated the strategy and the procedure
    DCE = "dce"  #: the tender documents are being written
    CONSULTATION = "consultation"  #: the consultation is published
    ANALYSE = "analyse"  #: the offers are compared
    ATTRIBUTION = "attribution"  #: every lot has its marché, or the adhesion is made
    TERMINE = "termine"  #: its marchés have begun; final
    ABANDONNE = "abandonne"  #: given up; final
    INFRUCTUEUX = "infructueux"  #: no offer could be retained; may start again from its documents


class CodeJalon(StrEnum):
    """A milestone: the day on which the project enters a step, in order."""

    RECENSEMENT = "recensement"
    STRATEGIE = "strategie"
    DCE = "dce"
    PUBLICATION = "publication"
    REMISE = "remise"
    ANALYSE = "analyse"
    ATTRIBUTION = "attribution"
    NOTIFICATION = "notification"
    DEBUT = "debut"


JALONS = tuple(CodeJalon)
"""Every milestone, in order."""


class Filiere(StrEnum):
    """The kinds of procedure whose lead times differ."""

    FORMALISEE = "formalisee"
    ADAPTEE = "adaptee"
    DISPENSE = "dispense"
    ADHESION = "adhesion"  #: through a central purchasing body


JALONS_ADHESION = (
    CodeJalon.RECENSEMENT,
    CodeJalon.STRATEGIE,
    CodeJalon.ATTRIBUTION,
    CodeJalon.NOTIFICATION,
    CodeJalon.DEBUT,
)
"""Milestones of an adhesion: the central purchasing body runs the consultation."""

PROCEDURE_ADHESION = "adhésion à une centrale d'achat"
"""What stands for the procedure when another buys (art. L2113-4 CCP)."""

FILIERES: Mapping[str, Filiere] = {
    seuils.Procedure.FORMALISEE: Filiere.FORMALISEE,
    seuils.Procedure.ADAPTEE: Filiere.ADAPTEE,
    seuils.Procedure.DISPENSE: Filiere.DISPENSE,
    PROCEDURE_ADHESION: Filiere.ADHESION,
}
"""Kind of lead times by procedure."""

SANS_LOT = "0"
"""Key of ``marches`` for a project without lots."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One operation.

    Attributes:
        depuis: statuses in which it is possible; empty for the one that begins.
        vers: status it leads to; ``None`` when the status stays.
        event: type of the one event it writes.
        par_adhesion: whether it is for the GHT's own consultations (False), for adhesions (True) or both (None).
    """

    depuis: frozenset[Statut]
    vers: Statut | None
    event: str = events.PROJET_ACHAT_AVANCE
    par_adhesion: bool | None = None


def _only(*statuts: Statut) -> frozenset[Statut]:
    return frozenset(statuts)


_PREVU = _only(Statut.IDENTIFIE, Statut.RECENSEMENT)
_PREPARE = _PREVU | {Statut.STRATEGIE_VALIDEE, Statut.DCE}
VIVANTS = _PREPARE | {Statut.CONSULTATION, Statut.ANALYSE, Statut.ATTRIBUTION}
"""Statuses in which a project goes on."""
OUVERTS = VIVANTS | {Statut.INFRUCTUEUX}
"""The same, with those that may start again."""
AVANT_LANCEMENT = _PREPARE
"""Statuses in which the procedure may still change."""

TRANSITIONS: Mapping[str, Transition] = {
    "planifier": Transition(_only(), Statut.IDENTIFIE, events.PROJET_ACHAT_PLANIFIE),
    # What is foreseen changes until the consultation; the project is then said again, as it is now foreseen.
    "reviser": Transition(_PREPARE, None, events.PROJET_ACHAT_PLANIFIE),
    "recenser": Transition(_only(Statut.IDENTIFIE), Statut.RECENSEMENT),
    # Again while nothing is published: the strategy may change, and then goes back to the director.
    "valider_strategie": Transition(
        _only(Statut.RECENSEMENT, Statut.STRATEGIE_VALIDEE, Statut.DCE), Statut.STRATEGIE_VALIDEE
    ),
    "rediger_dce": Transition(_only(Statut.STRATEGIE_VALIDEE), Statut.DCE, par_adhesion=False),
    "publier": Transition(_only(Statut.DCE), Statut.CONSULTATION, par_adhesion=False),
    "analyser": Transition(_only(Statut.CONSULTATION), Statut.ANALYSE, par_adhesion=False),
    "adherer": Transition(_only(Statut.STRATEGIE_VALIDEE), Statut.ATTRIBUTION, par_adhesion=True),
    # A marché was opened for a lot; with the last one the project reaches the attribution.
    "noter_marche": Transition(_only(Statut.ANALYSE, Statut.ATTRIBUTION), None),
    "conclure": Transition(_only(Statut.ANALYSE), Statut.ATTRIBUTION, par_adhesion=False),
    "terminer": Transition(_only(Statut.ATTRIBUTION), Statut.TERMINE),
    "declarer_infructueux": Transition(_only(Statut.CONSULTATION, Statut.ANALYSE), Statut.INFRUCTUEUX),
    "relancer": Transition(_only(Statut.INFRUCTUEUX), Statut.DCE),
    "abandonner": Transition(OUVERTS, Statut.ABANDONNE),
}
"""Every operation on a project, by its name."""
