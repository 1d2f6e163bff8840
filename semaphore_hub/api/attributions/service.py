"""Opens the marchés of a purchase project: joins the modules planification and marchés in one transaction.

Each lot is recorded, launched, opened and attributed in the module marchés, then noted on the project. A refused lot
refuses all; every lot is tried, so that all that is to be put right is said at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import RowMapping

from semaphore_hub.api.attributions import rules
from semaphore_hub.api.attributions.checks import Issue, date_problems, issues, lot_problems, placed, said
from semaphore_hub.api.attributions.schemas import AttributionProjet, AttributionVue, LotOuvert, LotTraite
from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import WRITERS, Caller
from semaphore_hub.kernel.db import UnitOfWork
from semaphore_hub.kernel.errors import Problem, Refused, WrongState
from semaphore_hub.modules.marches.answers import MarcheVue
from semaphore_hub.modules.marches.projets.schemas import (
    Attribution,
    Infructuosite,
    Lancement,
    LotPrevu,
    NouveauProjet,
    Ouverture,
    ProjetVue,
)
from semaphore_hub.modules.marches.schemas import EtablissementRef
from semaphore_hub.modules.planification import rules as plan_rules
from semaphore_hub.modules.planification.codes import TRANSITIONS, CodeJalon
from semaphore_hub.modules.planification.donnees import Lot, Projet
from semaphore_hub.modules.planification.reading import trouve
from semaphore_hub.modules.planification.schemas import ConclusionAttribution
from semaphore_hub.modules.referentiel import seuils
from semaphore_hub.modules.referentiel.champs import listed
from semaphore_hub.modules.referentiel.codes import Nature, Procedure
from semaphore_hub.modules.referentiel.rows import require_version
from semaphore_hub.modules.referentiel.rules import refuse

_PROCEDURES = {
    seuils.Procedure.FORMALISEE: Procedure.AOO,
    seuils.Procedure.ADAPTEE: Procedure.ADAPTEE,
    seuils.Procedure.DISPENSE: Procedure.SANS_PUBLICITE,
}
"""Procedure of a lot without a marché when no lot says it; an open call for a formalised one (hypothèse)."""


@dataclass(frozen=True, slots=True)
class _Consultation:
    """What the lots have in common."""

    acheteur: str
    reference: str | None
    lancement: date
    limite: date
    ouverture: date
    procedure: Procedure
    nature: Nature


def attribuer(
    services: Services, unit: UnitOfWork, caller: Caller, uid: str, version: int, demande: AttributionProjet
) -> AttributionVue:
    """Open the marché of each lot attributed and note it on the project; declare the other lots without one.

    Raises:
        Forbidden, NotFound, Outdated: see the errors of the kernel.
        WrongState: the offers of the project are not being analysed.
        RuleBroken: every rule that a lot breaks, of the planning or of the marchés; nothing is kept.
    """
    caller.require(*WRITERS)
    projet = trouve(unit.connection, caller, uid, lock=True)
    assert isinstance(projet.row, RowMapping)
    require_version(projet.row, version)
    if projet.par_adhesion:
        refuse([rules.ADHESION.broken("$", strategie=projet.row["strategie"], uid=uid)])
    possible = TRANSITIONS["noter_marche"].depuis
    if projet.statut not in possible:
        raise WrongState(
            f"Le projet est à l'état « {projet.statut} » : ses lots s'attribuent à l'état {listed(sorted(possible))}."
        )
    refuse([*lot_problems(projet, demande.lots), *date_problems(projet, demande)])
    consultation = _consultation(projet, demande)
    opened: list[LotOuvert] = []
    problems: list[Problem] = []
    for index, lot in enumerate(demande.lots):
        # A savepoint each, so that a lot that fails does not hide what is wrong with the next ones.
        savepoint = unit.connection.begin_nested()
        try:
            opened.append(_ouvrir(services, unit, caller, projet, consultation, lot))
        except Refused as error:
            savepoint.rollback()
            problems += placed(error, index, lot)
        else:
            savepoint.commit()
    refuse(list(dict.fromkeys(problems)))
    present = _noter(services, unit, caller, projet, demande.lots, opened)
    _conclure(services, unit, caller, uid, present, demande.lots)
    after = trouve(unit.connection, caller, uid)
    return AttributionVue(
        uid=uid,
        version=after.row["version"],
        statut=after.statut,
        lots=tuple(opened),
        marches=tuple(after.marches.values()),
    )


def _consultation(projet: Projet, demande: AttributionProjet) -> _Consultation:
    row = projet.row
    first = next((lot.attribution for lot in demande.lots if lot.attribution is not None), None)
    launched = demande.dateLancement or projet.realise(CodeJalon.PUBLICATION)
    limit = demande.dateLimiteOffres or projet.realise(CodeJalon.REMISE)
    opening = demande.dateOuverture or projet.realise(CodeJalon.ANALYSE)
    # A project whose offers are analysed has reached the three milestones.
    assert launched is not None
    assert limit is not None
    assert opening is not None
    return _Consultation(
        acheteur=demande.acheteur or row["acheteur_siret"],
        reference=demande.consultation or (row["reference"] if projet.lots else None),
        lancement=launched,
        limite=limit,
        ouverture=opening,
        procedure=_PROCEDURES.get(row["procedure"], Procedure.AOO) if first is None else first.procedure,
        nature=Nature.MARCHE if first is None else first.nature,
    )


def _ouvrir(
    services: Services,
    unit: UnitOfWork,
    caller: Caller,
    projet: Projet,
    consultation: _Consultation,
    traite: LotTraite,
) -> LotOuvert:
    """Take one lot through the module marchés, from the need to its issue."""
    lot = next((one for one in projet.lots if one.numero == traite.numero), None)
    [(_, issue)] = issues(traite)
    attributed = issue if isinstance(issue, Attribution) else None
    offers = traite.offresRecues if attributed is None else attributed.offresRecues
    steps = services.projets
    found = steps.creer(unit, caller, _need(projet, lot, consultation, traite, attributed))
    if found.ght != projet.row["ght"]:
        said = {"siret": consultation.acheteur, "autre": found.ght, "ght": projet.row["ght"]}
        refuse([plan_rules.ACHETEUR_AUTRE_GHT.broken("$.acheteur", **said)])
    launch = Lancement(dateLancement=consultation.lancement, dateLimiteOffres=consultation.limite)
    found = steps.lancer(unit, caller, found.uid, found.version, launch)
    if offers:
        opening = Ouverture(dateOuverture=consultation.ouverture, offresRecues=offers)
        found = steps.ouvrir(unit, caller, found.uid, found.version, opening)
    ended: ProjetVue | MarcheVue
    if isinstance(issue, Attribution):
        ended = steps.attribuer(unit, caller, found.uid, found.version, issue)
    elif isinstance(issue, Infructuosite):
        ended = steps.declarer_infructueux(unit, caller, found.uid, found.version, issue)
    else:
        ended = steps.declarer_sans_suite(unit, caller, found.uid, found.version, issue)
    return LotOuvert(
        numero=traite.numero,
        id=traite.id,
        uid=ended.uid,
        statut=ended.statut,
        montantEstime=found.montantEstime,
        montant=ended.montant if isinstance(ended, MarcheVue) else None,
        motif=ended.motif if isinstance(ended, ProjetVue) else None,
    )


def _need(
    projet: Projet, lot: Lot | None, consultation: _Consultation, traite: LotTraite, attributed: Attribution | None
) -> NouveauProjet:
    row = projet.row
    title = row["intitule"] if lot is None else f"{row['intitule']} – lot {lot.numero} : {lot.intitule}"
    return NouveauProjet(
        id=traite.id,
        acheteur=EtablissementRef(id=consultation.acheteur),
        beneficiaires=tuple(EtablissementRef(id=siret) for siret in row["beneficiaires"]),
        objet=title[:1000],
        codeCPV=row["code_cpv"],
        montantEstime=projet.montant if lot is None else lot.montant,
        dureeMois=row["duree_mois"],
        nature=consultation.nature if attributed is None else attributed.nature,
        typeAchat=row["type_achat"],
        procedure=consultation.procedure if attributed is None else attributed.procedure,
        consultation=consultation.reference,
        lot=None if lot is None else LotPrevu(numero=lot.numero, intitule=lot.intitule),
    )


def _noter(
    services: Services,
    unit: UnitOfWork,
    caller: Caller,
    projet: Projet,
    lots: Sequence[LotTraite],
    opened: Sequence[LotOuvert],
) -> int:
    """Note each marché on the project, in the order of their attribution; the version the project then has."""
    version: int = projet.row["version"]
    attributed = [
        (lot.attribution.dateAttribution, index) for index, lot in enumerate(lots) if lot.attribution is not None
    ]
    for day, index in sorted(attributed):
        lot = lots[index]
        try:
            noted = services.planification.noter_marche(
                unit, caller, projet.uid, version, lot.numero, opened[index].uid, day
            )
        except Refused as error:
            refuse(list(placed(error, index, lot)))
        version = noted.version
    return version


def _conclure(
    services: Services, unit: UnitOfWork, caller: Caller, uid: str, version: int, lots: Sequence[LotTraite]
) -> None:
    """End the attribution when lots are left without a marché: no other lot may then be waiting."""
    left = tuple(lot.numero for lot in lots if lot.attribution is None and lot.numero is not None)
    if not left:
        return
    day = max(_day(issue) for lot in lots for _, issue in issues(lot))
    try:
        services.planification.etapes.conclure(
            unit, caller, uid, version, ConclusionAttribution(date=day, lotsSansSuite=left)
        )
    except Refused as error:
        refuse([Problem("$.lots", one.rule, one.message) for one in said(error)])


def _day(issue: Issue) -> date:
    return issue.dateAttribution if isinstance(issue, Attribution) else issue.date
