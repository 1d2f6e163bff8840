"""Imports the marchés of a buying cooperative (UniHA, RESAH) for the établissements of one GHT that order on them.

A lot is a marché of the hub, whose buyer is the cooperative and whose beneficiaries are the établissements of the GHT
that adhere to it. What the cooperative does not carry is completed by the table of :mod:`.defaults`, nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import select

from semaphore_hub.imports import rules
from semaphore_hub.imports.defaults import completed
from semaphore_hub.imports.mapping import Prepared, prepare
from semaphore_hub.imports.parties import Parties
from semaphore_hub.imports.report import Completed, Outcome, Reason
from semaphore_hub.imports.source import MARCHE, Beyond, SourceRecord
from semaphore_hub.kernel.access import WRITERS, Caller
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import Forbidden, HubError
from semaphore_hub.modules.marches.adhesions.service import AdhesionsService
from semaphore_hub.modules.marches.echeances import end_of, start_of
from semaphore_hub.modules.marches.execution.schemas import RattachementBeneficiaire
from semaphore_hub.modules.marches.execution.service import ExecutionService
from semaphore_hub.modules.marches.models import Marche, MarcheBeneficiaire
from semaphore_hub.modules.marches.schemas import EtablissementRef, MarcheImporte
from semaphore_hub.modules.marches.service import MarchesService
from semaphore_hub.modules.referentiel.codes import (
    Ccag,
    ConsiderationEnvironnementale,
    ConsiderationSociale,
    FormePrix,
    ModaliteExecution,
    Nature,
    Technique,
    TypeGroupement,
    TypePrix,
)
from semaphore_hub.modules.referentiel.lookups import etablissements_by_siret
from semaphore_hub.modules.referentiel.rules import Rule
from semaphore_hub.modules.referentiel.service import ReferentielService

_marche, _beneficiaire = table_of(Marche), table_of(MarcheBeneficiaire)

_DEFAULTS: Mapping[str, Any] = {
    "nature": Nature.MARCHE.value,
    "techniques": [Technique.SANS_OBJET.value],
    "modalitesExecution": [ModaliteExecution.SANS_OBJET.value],
    "marcheInnovant": False,
    "ccag": Ccag.AUCUN.value,
    "offresRecues": 1,
    "attributionAvance": False,
    "sousTraitanceDeclaree": False,
    "typesPrix": [TypePrix.FERME.value],
    "formePrix": FormePrix.MIXTE.value,
    "considerationsSociales": [ConsiderationSociale.AUCUNE.value],
    "considerationsEnvironnementales": [ConsiderationEnvironnementale.AUCUNE.value],
}
"""What a cooperative may leave out, with the value of the common table."""
_OF_MARCHE = ("objet", "codeCPV", "procedure", "lieuExecution", "dateNotification", "dureeMois")
_ONE_MONTH = 31

FIN_AUTRE = Rule(
    "IMP-CENTRALE-FIN",
    "La centrale annonce une fin au {annoncee}, le début et la durée donnent le {calculee} : vérifiez la durée.",
    "hypothèse : à un mois près, la durée étant arrondie en mois",
)
SANS_BENEFICIAIRE = Rule(
    "IMP-CENTRALE-BENEFICIAIRE",
    "Aucun établissement du GHT {ght} n'adhère au lot {lot} du marché {marche} : il n'est pas repris.",
    "art. L.2113-2 CCP : seuls les établissements adhérents commandent",
)


class Resultat(StrEnum):
    """What became of one lot."""

    ACCEPTE = Outcome.ACCEPTE.value  #: recorded exactly as the cooperative says it
    COMPLETE = Outcome.COMPLETE.value  #: recorded, with documented defaults
    INCHANGE = Outcome.INCHANGE.value  #: already recorded with the same content
    RATTACHE = "rattache"  #: already recorded; établissements joined its beneficiaries
    SANS_BENEFICIAIRE = "sans_beneficiaire"  #: nobody of the GHT orders on it: left out
    REFUSE = Outcome.REFUSE.value  #: not recorded; the reasons say what to fix


class CentraleServices(Protocol):
    """What this import works with: the services of the process have these, among others."""

    @property
    def marches(self) -> MarchesService:
        """Operations on marchés."""

    @property
    def execution(self) -> ExecutionService:
        """Operations on their execution: établissements that join."""

    @property
    def adhesions(self) -> AdhesionsService:
        """Who adheres to what."""

    @property
    def referentiel(self) -> ReferentielService:
        """Operations on établissements and suppliers."""

    @property
    def clock(self) -> Clock:
        """The business clock, for memberships of the day."""


@dataclass(frozen=True, slots=True)
class LotReport:
    """The verdict on one lot.

    Attributes:
        marche: number of the marché at the cooperative.
        lot: number of the lot, 0 when the marché has none.
        id: number of the lot's own marché, which is its id in the hub.
        resultat: the outcome.
        uid: its identifier in the hub, when it is recorded.
        rattaches: SIRET of the établissements that joined its beneficiaries.
        completes: fields completed by a documented default.
        avertissements: French sentences about what deserves a look.
        motifs: why it is refused, or left out.
    """

    marche: str
    lot: int
    id: str
    resultat: Resultat
    uid: str | None = None
    rattaches: tuple[str, ...] = ()
    completes: tuple[Completed, ...] = ()
    avertissements: tuple[str, ...] = ()
    motifs: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class CentraleReport:
    """What became of one sending of a cooperative, lot by lot."""

    centrale: str
    envoi: str
    lots: tuple[LotReport, ...]

    @property
    def refuses(self) -> tuple[LotReport, ...]:
        """The lots that are refused."""
        return tuple(lot for lot in self.lots if lot.resultat is Resultat.REFUSE)

    def motif(self) -> str | None:
        """Why lots are refused, in one French text; ``None`` when none is."""
        said = [f"{lot.id} : " + " ".join(reason.message for reason in lot.motifs) for lot in self.refuses]
        return " | ".join(said) or None


@dataclass(slots=True)
class _Lot:
    """One lot of a sending, with its marché and its cooperative, in the shape of ``marches-json``."""

    acheteur: Mapping[str, str]
    marche: Mapping[str, Any]
    lot: Mapping[str, Any]
    place: str
    completed: list[Completed] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def number(self) -> int:
        """Its rank in the marché, 0 when there are no lots."""
        rank: int = self.lot["numero"]
        return rank

    def report(self, resultat: Resultat, **more: Any) -> LotReport:
        """Its verdict."""
        return LotReport(self.marche["numero"], self.number, self.lot["numeroMarche"], resultat, **more)


def importer_marches(
    unit: UnitOfWork, services: CentraleServices, caller: Caller, centrale: str, ght: str, envoi: Mapping[str, Any]
) -> CentraleReport:
    """Record the lots on which établissements of a GHT order; said again, nothing changes.

    A lot already recorded with the same content gets the établissements that joined since; with another content it is
    refused, as by any import. Each lot is all or nothing, and a refused one leaves the others.

    Args:
        unit: the transaction of the inbound document.
        services: where to record.
        caller: in whose name; recording a cooperative that is not known yet takes the role integrateur.
        centrale: connector of the cooperative, as adhesions name it.
        ght: whose établissements; an unknown cooperative is recorded as one of its parties, as unknown buyers are.
        envoi: data of the command ``centrale.marches``: a document of ``<centrale>/marches-json/1``.

    Raises:
        Forbidden: the caller's role does not write.
        NotFound: no such GHT in the caller's perimeter.
    """
    caller.require(*WRITERS)
    services.referentiel.lire_ght(unit.connection, caller, ght)
    importing = _Importing(unit, services, caller, centrale, ght, services.clock.today())
    lots = [
        _Lot(envoi["acheteur"], marche, lot, f"$.marches[{at}].lots[{rank}]")
        for at, marche in enumerate(envoi["marches"])
        for rank, lot in enumerate(marche["lots"])
    ]
    return CentraleReport(centrale, envoi["idEnvoi"], tuple(importing.judged(lot) for lot in lots))


@dataclass(frozen=True, slots=True)
class _Importing:
    """One import under way."""

    unit: UnitOfWork
    services: CentraleServices
    caller: Caller
    centrale: str
    ght: str
    today: date

    def judged(self, lot: _Lot) -> LotReport:
        """Record a lot, or undo it and say why."""
        beneficiaires = self._beneficiaires(lot)
        if not beneficiaires:
            told = {"ght": self.ght, "lot": lot.number, "marche": lot.marche["numero"]}
            problem = SANS_BENEFICIAIRE.broken(lot.place, **told)
            return lot.report(Resultat.SANS_BENEFICIAIRE, motifs=(_reason(problem.rule, lot.place, problem.message),))
        savepoint = self.unit.connection.begin_nested()
        try:
            report = self._recorded(lot, beneficiaires)
        except HubError as error:
            savepoint.rollback()
            return lot.report(Resultat.REFUSE, avertissements=tuple(lot.warnings), motifs=_reasons(error, lot.place))
        savepoint.commit()
        return report

    def _beneficiaires(self, lot: _Lot) -> tuple[str, ...]:
        """SIRET of the établissements of the GHT that order on a lot: those the cooperative names, and those whose
        adhesion is active."""
        adherents = self.services.adhesions.beneficiaires(
            self.unit.connection, self.centrale, lot.marche["numero"], lot.number or None
        )
        named = {*lot.lot["beneficiaires"], *adherents}
        known = etablissements_by_siret(self.unit.connection, self.caller, named, self.today)
        return tuple(sorted(siret for siret, found in known.items() if found.ght == self.ght))

    def _recorded(self, lot: _Lot, beneficiaires: tuple[str, ...]) -> LotReport:
        ready = _prepared(lot)
        known = self.unit.connection.execute(
            select(_marche.c.uid, _marche.c.version, _marche.c.importe).where(
                _marche.c.acheteur_siret == ready.marche.acheteur.id, _marche.c.id == ready.marche.id
            )
        ).first()
        # Who ordered on it when it was first imported is compared with itself: who joined since is told apart.
        since = [one["id"] for one in (known.importe or {}).get("beneficiaires", ())] if known else beneficiaires
        marche = ready.marche.model_copy(update={"beneficiaires": tuple(EtablissementRef(id=siret) for siret in since)})
        done, warnings = self._with_parties(lot, ready, marche)
        result = self.services.marches.importer(
            self.unit, self.caller, marche, [item.champ for item in done], list(warnings)
        )
        warnings = tuple(dict.fromkeys((*warnings, *result.avertissements)))
        if known is None:
            outcome = Resultat.COMPLETE if done else Resultat.ACCEPTE
            return lot.report(outcome, uid=result.uid, completes=done, avertissements=warnings)
        since_day = max(self.today, ready.marche.dateNotification)
        joined = self._joined(known.uid, known.version, beneficiaires, since_day)
        outcome = Resultat.RATTACHE if joined else Resultat.INCHANGE
        return lot.report(outcome, uid=known.uid, rattaches=joined, avertissements=warnings)

    def _with_parties(
        self, lot: _Lot, ready: Prepared, marche: MarcheImporte
    ) -> tuple[tuple[Completed, ...], tuple[str, ...]]:
        """Record the cooperative and the holders that are not known; everything completed, and every warning."""
        names = {lot.acheteur["siret"]: lot.acheteur["nom"]}
        names |= {holder["id"]: holder["denominationSociale"] for holder in lot.lot["titulaires"]}
        parties = Parties(self.services.referentiel, self.caller, self.ght, self.today, names)
        parties.ensure(self.unit, marche)
        return (*ready.completed, *parties.completed), (*ready.warnings, *parties.warnings)

    def _joined(self, uid: str, version: int, beneficiaires: tuple[str, ...], day: date) -> tuple[str, ...]:
        """Attach, from a day on, the établissements that order on a recorded marché and were not said to yet."""
        held = select(_beneficiaire.c.etablissement_siret).where(_beneficiaire.c.marche_uid == uid)
        present = set(self.unit.connection.execute(held).scalars())
        missing = tuple(siret for siret in beneficiaires if siret not in present)
        for siret in missing:
            joining = RattachementBeneficiaire(id=siret, date=day)
            version = self.services.execution.rattacher(self.unit, self.caller, uid, version, joining).version
        return missing


def _prepared(lot: _Lot) -> Prepared:
    """The marché of a lot, ready to be imported, without its beneficiaries.

    Raises:
        RuleBroken: a value cannot be taken over.
    """
    marche, said = lot.marche, lot.lot
    data: dict[str, Any] = {name: marche[name] for name in _OF_MARCHE}
    data |= {"id": said["numeroMarche"], "acheteur": {"id": lot.acheteur["siret"]}}
    data |= {"montant": Decimal(said["montantHT"])}
    data["titulaires"] = [{name: one[name] for name in ("typeIdentifiant", "id")} for one in said["titulaires"]]
    if lot.number:
        data["lot"] = {"consultation": marche["numero"], "numero": lot.number, "intitule": said["intitule"]}
    grouped = len(data["titulaires"]) > 1
    fallback = {
        **_DEFAULTS,
        "datePublicationDonnees": marche["dateNotification"],
        "typeGroupementOperateurs": (TypeGroupement.CONJOINT if grouped else TypeGroupement.AUCUN).value,
    }
    for name, value in fallback.items():
        given = said.get(name, marche.get(name))
        data[name] = value if given is None else given
        if given is None:
            lot.completed.append(completed(name, _shown(value)))
    record = SourceRecord(
        place=lot.place,
        line=None,
        kind=MARCHE,
        id=said["numeroMarche"],
        buyer=lot.acheteur["siret"],
        data=data,
        completed=tuple(lot.completed),
        beyond=Beyond(
            complements={"dateDebutExecution": marche["dateDebut"]} if "dateDebut" in marche else {},
            holders={(one["typeIdentifiant"], one["id"]): _of_holder(one) for one in said["titulaires"]},
        ),
    )
    ready = prepare(record)
    warned = _end_warning(marche.get("dateFin"), ready.marche)
    return Prepared(ready.marche, ready.completed, (*ready.warnings, *warned))


def _of_holder(holder: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of a holder beyond its identifier."""
    found: dict[str, Any] = {"role": holder["role"]} if "role" in holder else {}
    return found | ({"montant": Decimal(holder["montantHT"])} if "montantHT" in holder else {})


def _end_warning(announced: str | None, marche: MarcheImporte) -> tuple[str, ...]:
    """The hub counts the end from the beginning and the duration: an announced end that differs is worth a look."""
    if announced is None:
        return ()
    computed = end_of(start_of(marche.complements, marche.dateNotification), marche.dureeMois, ())
    if abs((date.fromisoformat(announced) - computed).days) <= _ONE_MONTH:
        return ()
    return (rules.say(FIN_AUTRE, annoncee=announced, calculee=computed),)


def _reasons(error: HubError, place: str) -> tuple[Reason, ...]:
    """The rules broken; an error that names none is said by one of ours."""
    if error.problems:
        return tuple(_reason(one.rule, one.path, one.message) for one in error.problems)
    rule = rules.DROIT if isinstance(error, Forbidden) else rules.ETAT
    return (_reason(rule.id, place, error.detail),)


def _reason(rule: str, path: str, message: str) -> Reason:
    return Reason(rule, path, None, message)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    return ", ".join(value) if isinstance(value, list) else str(value)
