"""Reads what the calendar shows: projects of the caller's perimeter with their milestones, marchés that end."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice

from sqlalchemy import Connection

from semaphore_hub.kernel.access import Caller
from semaphore_hub.modules.planification.agenda import rules
from semaphore_hub.modules.planification.agenda.projets import JalonDate, ProjetSuivi
from semaphore_hub.modules.planification.codes import FILIERES, Filiere
from semaphore_hub.modules.planification.donnees import Projet
from semaphore_hub.modules.planification.reading import Filtres, tous
from semaphore_hub.modules.referentiel.rules import refuse
from semaphore_hub.modules.referentiel.seuils import SeuilInconnu, procedure_requise
from semaphore_hub.ports.marches import MarcheConnu, MarchesConnus

PROJETS_MAX = 5000
"""Projects that one calendar may hold: five GHT of a thousand; above, the reader restricts it to a GHT."""

_PAGE = 500


def projets_suivis(
    connection: Connection, caller: Caller, filtres: Filtres, limite: int = PROJETS_MAX
) -> list[ProjetSuivi]:
    """Projects by GHT and reference.

    Raises:
        RuleBroken: more than ``limite``.
    """
    found = [_suivi(projet) for projet in islice(tous(connection, caller, filtres), limite + 1)]
    if len(found) > limite:
        refuse([rules.TAILLE.broken("query.ght", limite=limite)])
    return sorted(found, key=lambda one: (one.ght, one.reference))


def echeances(
    connection: Connection, caller: Caller, marches: MarchesConnus, ght: str | None, au: date
) -> list[MarcheConnu]:
    """Living marchés that end on a day or before, of one GHT or of all."""
    avant = au + timedelta(days=1) if au < date.max else au
    found: list[MarcheConnu] = []
    after: str | None = None
    while True:
        page = marches.echeances(connection, caller, avant, limit=_PAGE, after=after)
        found += [one for one in page if ght in (None, one.ght)]
        if len(page) < _PAGE:
            return found
        after = page[-1].uid


def filiere_de(projet: Projet) -> Filiere:
    """The kind of procedure of a project: that of the procedure retained, else what its own estimate calls for.

    The estimate alone is a hypothesis: the needs of the same category are summed when the strategy is validated. Where
    no threshold is known, a formalised procedure, as for the backward planning.
    """
    if projet.par_adhesion:
        return Filiere.ADHESION
    retained = projet.row["procedure"]
    if retained is None:
        try:
            retained = procedure_requise(projet.montant, projet.row["type_achat"], projet.lancement()).procedure
        except SeuilInconnu:
            return Filiere.FORMALISEE
    return FILIERES[retained]


def _suivi(projet: Projet) -> ProjetSuivi:
    row = projet.row
    return ProjetSuivi(
        uid=projet.uid,
        version=row["version"],
        ght=row["ght"],
        reference=row["reference"],
        intitule=row["intitule"],
        statut=projet.statut,
        filiere=filiere_de(projet),
        strategie=row["strategie"],
        procedure=row["procedure"],
        portefeuille=row["portefeuille"],
        montant=projet.montant,
        renouvele=row["marche_renouvele_uid"],
        echeance=row["echeance_renouvelee"],
        jalons=tuple(JalonDate(one.code, one.prevu, one.realise) for one in projet.jalons),
    )
