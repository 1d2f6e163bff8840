"""The workflow of a plan as a table: who decides what, from which status to which, and what is then said.

The names of the activities are those of the source's portal: « Clôture du PAAT » and « Validation Directeur Achats »
(DGOS 2022, l. 751-754), « DGOS - Validation d'une Analyse » (same lines, where it names what is validated). Their
order, and who decides at each, are hypotheses: the source does not say.
"""

from __future__ import annotations

from dataclasses import dataclass

from semaphore_hub.kernel.access import Role
from semaphore_hub.modules.paat.codes import StatutPaat
from semaphore_hub.ports import events


@dataclass(frozen=True, slots=True)
class Activite:
    """A step of the workflow.

    Attributes:
        libelle: what the portal calls it.
        role: whose turn it is; the intégrateur may act for anybody.
        avant: status of the plan while the step waits.
        apres: status once it is accepted.
        evenement: what is then said.
    """

    libelle: str
    role: Role
    avant: StatutPaat
    apres: StatutPaat
    evenement: str


SOUMISSION = Activite("Soumission du PAAT", Role.ACHETEUR, StatutPaat.BROUILLON, StatutPaat.SOUMIS, events.PAAT_SOUMIS)
"""Decided by its own operation; the directeur des achats, who may all an acheteur may, submits as well."""

ACTIVITES = (
    Activite(
        "Validation Directeur Achats",
        Role.DIRECTEUR_ACHATS,
        StatutPaat.SOUMIS,
        StatutPaat.VALIDE_DIRECTEUR,
        events.PAAT_VALIDE,
    ),
    Activite("Transmission ARS", Role.ARS, StatutPaat.VALIDE_DIRECTEUR, StatutPaat.TRANSMIS_ARS, events.PAAT_TRANSMIS),
    Activite(
        "DGOS - Validation d'une Analyse",
        Role.DGOS,
        StatutPaat.TRANSMIS_ARS,
        StatutPaat.ANALYSE_DGOS,
        events.PAAT_ANALYSE,
    ),
    Activite("Clôture du PAAT", Role.DGOS, StatutPaat.ANALYSE_DGOS, StatutPaat.CLOS, events.PAAT_CLOS),
)
"""After the submission, in order; sent back, a plan is a brouillon again and starts anew."""

REPORTABLES: frozenset[StatutPaat] = frozenset(
    {StatutPaat.VALIDE_DIRECTEUR, StatutPaat.TRANSMIS_ARS, StatutPaat.ANALYSE_DGOS, StatutPaat.CLOS}
)
"""A plan that the directeur des achats validated may be carried over to the next year (hypothèse)."""

_PAR_STATUT = {activite.avant: activite for activite in ACTIVITES}


def activite_suivante(statut: StatutPaat) -> Activite | None:
    """The step that a plan waits for; None for a brouillon, which is submitted, and for a plan that is clos."""
    return _PAR_STATUT.get(statut)
