"""Flows of orders, receipts and payments: each line checked, reconciled with its marché, kept, and counted on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select

from semaphore_hub.kernel.access import Caller, Role
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import Problem
from semaphore_hub.kernel.money import from_cents
from semaphore_hub.modules.marches.execution.consommation import ConsommationService, Ecriture
from semaphore_hub.modules.marches.execution.flux import rules
from semaphore_hub.modules.marches.execution.flux.lignes import LigneCommande, LigneMandat, LigneReception
from semaphore_hub.modules.marches.execution.flux.livre import Ecrite
from semaphore_hub.modules.marches.execution.flux.livres import COMMANDES, MANDATS, RECEPTIONS, Compte
from semaphore_hub.modules.marches.execution.flux.rattachement import HorsMarche, marches_des_commandes, repertoire
from semaphore_hub.modules.marches.execution.schemas import NouvelleConsommation
from semaphore_hub.modules.marches.lifecycle import TRANSITIONS
from semaphore_hub.modules.marches.models import Marche
from semaphore_hub.modules.marches.numeros import Repertoire
from semaphore_hub.modules.marches.rules import ETAT
from semaphore_hub.modules.referentiel.gef.annuaire import Annuaire, annuaire
from semaphore_hub.modules.referentiel.gef.flux import Flux, L, traiter
from semaphore_hub.ports.payloads import FluxTraitePayload

_marche = table_of(Marche)
_BATCH = 500
_REASONS: Mapping[HorsMarche, str] = {
    "sans_numero": "il ne cite pas de marché",
    "inconnu": "aucun marché de l'établissement ne porte le numéro {numero}",
    "ambigu": "plusieurs marchés de l'établissement peuvent porter le numéro {numero}",
}


class FluxExecutionService:
    """One operation for each kind of flow; each applies the good lines and answers every line. None commits.

    A line is named by its natural key in its legal entity: the same again has no effect, another content replaces what
    it said, which stays readable. "Complet" or "delta", a flow only adds and replaces: what it leaves out stays.

    Args:
        clock: business clock.
        consommations: what is consumed on marchés.
    """

    def __init__(self, clock: Clock, consommations: ConsommationService) -> None:
        self._clock = clock
        self._consommations = consommations

    def commandes(
        self, unit: UnitOfWork, flux: Mapping[str, Any], partenaire: str, siret: str | None = None
    ) -> FluxTraitePayload:
        """Lines of orders. One that names a marché is counted on it; one that names none is kept off contract.

        Args:
            unit: the transaction.
            flux: the flow, in the JSON of the common model.
            partenaire: id of the partner that sent it.
            siret: the establishment this partner serves; ``None`` when it serves several.

        Raises:
            RuleBroken: the envelope cannot be read.
        """
        return traiter(
            unit,
            flux,
            partenaire,
            siret,
            modele=LigneCommande,
            jour=self._clock.today(),
            appliquer=self._commandes,
        )

    def receptions(
        self, unit: UnitOfWork, flux: Mapping[str, Any], partenaire: str, siret: str | None = None
    ) -> FluxTraitePayload:
        """What was received of lines ordered; it consumes nothing. Arguments and errors: see :meth:`commandes`."""
        return traiter(
            unit,
            flux,
            partenaire,
            siret,
            modele=LigneReception,
            jour=self._clock.today(),
            appliquer=self._receptions,
        )

    def mandats(
        self, unit: UnitOfWork, flux: Mapping[str, Any], partenaire: str, siret: str | None = None
    ) -> FluxTraitePayload:
        """Lines of payments, reconciled by the number they give, else by their order; the others are kept off contract.

        Arguments and errors: see :meth:`commandes`.
        """
        return traiter(
            unit,
            flux,
            partenaire,
            siret,
            modele=LigneMandat,
            jour=self._clock.today(),
            appliquer=self._mandats,
        )

    # --- each kind of line --------------------------------------------------------------------------------------------

    def _commandes(self, unit: UnitOfWork, flux: Flux[LigneCommande]) -> None:
        lines = COMMANDES.livre.nouvelles(unit.connection, flux)
        known = annuaire(
            unit.connection,
            flux.siret,
            structures={line.ligne.uf for line in lines},
            comptes={(line.ligne.date.year, line.ligne.compte) for line in lines},
        )
        numbers = _Numbers(unit.connection, flux.siret)
        right = []
        for line in lines:
            ligne = line.ligne
            problems = _order_problems(known, ligne) if line.change else []
            uid, hors = numbers.find(ligne.numeroMarche, ligne.lot)
            if hors in ("inconnu", "ambigu"):
                rule = rules.MARCHE if hors == "inconnu" else rules.MARCHE_AMBIGU
                lot = "" if ligne.lot is None else f" lot {ligne.lot}"
                problems.append(rule.broken("$.numeroMarche", numero=ligne.numeroMarche, lot=lot))
            if problems:
                flux.rejeter(ligne, problems)
            else:
                right.append(_reconciled(line, uid, hors))
        for line in self._counted(unit, flux, COMMANDES, right):
            flux.accepter(line.ligne)

    def _receptions(self, unit: UnitOfWork, flux: Flux[LigneReception]) -> None:
        lines = RECEPTIONS.nouvelles(unit.connection, flux)
        ordered = [(line.ligne.numeroCommande, line.ligne.ligneCommande) for line in lines]
        orders = COMMANDES.livre.connues(unit.connection, flux.siret, ordered)
        right = []
        for line, key in zip(lines, ordered, strict=True):
            order = orders.get(key)
            if order is None:
                problem = rules.COMMANDE.broken("$.numeroCommande", numero=key[0], ligne=key[1])
                flux.rejeter(line.ligne, [problem])
            else:
                right.append(replace(line, valeurs={**line.valeurs, "commande_uid": order["uid"]}))
                flux.accepter(line.ligne)
        RECEPTIONS.ecrire(unit.connection, flux, right, self._now_ms())

    def _mandats(self, unit: UnitOfWork, flux: Flux[LigneMandat]) -> None:
        lines = MANDATS.livre.nouvelles(unit.connection, flux)
        known = annuaire(
            unit.connection,
            flux.siret,
            comptes={(line.ligne.exercice, line.ligne.compte) for line in lines},
            tiers={
                (one.typeIdentifiant.value, one.id) for line in lines if (one := line.ligne.fournisseur) is not None
            },
        )
        numbers = _Numbers(unit.connection, flux.siret)
        orders = marches_des_commandes(
            unit.connection,
            flux.siret,
            {line.ligne.numeroCommande for line in lines if line.ligne.numeroCommande is not None},
        )
        right = []
        for line in lines:
            ligne = line.ligne
            problems = _payment_problems(known, ligne) if line.change else []
            if problems:
                flux.rejeter(ligne, problems)
                continue
            uid, hors = numbers.find(ligne.numeroMarche, None)
            by_order = None if ligne.numeroCommande is None else orders.get(ligne.numeroCommande)
            if uid is None and by_order is not None:
                uid, hors = by_order, None
            right.append(_reconciled(line, uid, hors))
        for line in self._counted(unit, flux, MANDATS, right):
            hors = line.valeurs["hors_marche"]
            if hors is None:
                flux.accepter(line.ligne)
            else:
                reason = _REASONS[hors].format(numero=line.ligne.numeroMarche)
                flux.accepter(line.ligne, rules.HORS_MARCHE.broken("$.numeroMarche", raison=reason))

    # --- what they count for ------------------------------------------------------------------------------------------

    def _counted(
        self, unit: UnitOfWork, flux: Flux[L], compte: Compte[L], lines: Sequence[Ecrite[L]]
    ) -> list[Ecrite[L]]:
        """Count lines on their marchés, then write them; those that a marché refuses are answered so.

        A line that goes from a marché to another is taken off the first once the second has it.
        """
        uids = {line.valeurs["marche_uid"] for line in lines} | {_former(line) for line in lines}
        statuses = _locked(unit.connection, sorted(uid for uid in uids if uid is not None))
        groups: dict[str | None, list[Ecrite[L]]] = {}
        for line in lines:
            former, present = _former(line), line.valeurs["marche_uid"]
            if former not in (None, present) and statuses[former] not in TRANSITIONS["consommer"].depuis:
                expected = ", ".join(f"« {one} »" for one in sorted(TRANSITIONS["consommer"].depuis))
                flux.rejeter(line.ligne, [ETAT.broken("$", statut=statuses[former], attendu=expected)])
            else:
                groups.setdefault(present, []).append(line)
        kept = groups.pop(None, [])
        for uid in sorted(uid for uid in groups if uid is not None):
            group = groups[uid]
            found = self._reported(unit, flux, uid, [self._entry(flux, compte, line) for line in group])
            for line, problems in zip(group, found, strict=True):
                if problems:
                    flux.rejeter(line.ligne, problems)
                else:
                    kept.append(line)
        gone: dict[str, list[Ecriture]] = {}
        for line in kept:
            former = _former(line)
            if former is not None and former != line.valeurs["marche_uid"]:
                gone.setdefault(former, []).append(Ecriture(compte.reference(line.ligne), None))
        for uid, entries in sorted(gone.items()):
            self._reported(unit, flux, uid, entries)
        compte.livre.ecrire(unit.connection, flux, kept, self._now_ms())
        return kept

    def _reported(self, unit: UnitOfWork, flux: Flux[L], uid: str, entries: Sequence[Ecriture]) -> list[list[Problem]]:
        caller = Caller(name=flux.partenaire, role=Role.INTEGRATEUR, ghts=None)
        source = f"gef.{flux.enveloppe.etablissement}"
        origin = f"Flux {flux.enveloppe.idFlux} ({flux.partenaire})"
        return self._consommations.reporter(unit, caller, uid, source, entries, origin)

    def _entry(self, flux: Flux[L], compte: Compte[L], line: Ecrite[L]) -> Ecriture:
        """What a line says is consumed: nothing by free goods, less than nothing by what is cancelled."""
        cents, reference = line.valeurs["montant_ht_cents"], compte.reference(line.ligne)
        if not cents:
            return Ecriture(reference, None)
        return Ecriture(
            reference,
            NouvelleConsommation(
                source=f"gef.{flux.enveloppe.etablissement}",
                reference=reference,
                type=compte.type,
                date=line.valeurs["date"],
                montant=from_cents(cents),
                etablissement=flux.siret,
            ),
        )

    def _now_ms(self) -> int:
        return int(self._clock.now().timestamp() * 1000)


class _Numbers:
    """Finds marchés by their numbers; those of the establishment are read when a number is first met."""

    def __init__(self, connection: Connection, siret: str) -> None:
        self._connection = connection
        self._siret = siret
        self._repertoire: Repertoire | None = None

    def find(self, numero: str | None, lot: int | None) -> tuple[str | None, HorsMarche | None]:
        """The marché, or why there is none."""
        if numero is None:
            return None, "sans_numero"
        if self._repertoire is None:
            self._repertoire = repertoire(self._connection, self._siret)
        found = self._repertoire.rapprocher(numero, lot)
        return found.uid, found.defaut


def _reconciled(line: Ecrite[L], uid: str | None, hors: HorsMarche | None) -> Ecrite[L]:
    return replace(line, valeurs={**line.valeurs, "marche_uid": uid, "hors_marche": hors})


def _former(line: Ecrite[L]) -> str | None:
    """The marché a line was counted on so far."""
    return None if line.row is None else line.row["marche_uid"]


def _locked(connection: Connection, uids: Sequence[str]) -> dict[str | None, str]:
    """The status of each marché; locked in one order, so that two flows never wait for each other."""
    found: dict[str | None, str] = {}
    for start in range(0, len(uids), _BATCH):
        statement = select(_marche.c.uid, _marche.c.statut).where(_marche.c.uid.in_(uids[start : start + _BATCH]))
        for row in connection.execute(statement.order_by(_marche.c.uid).with_for_update()):
            found[row.uid] = row.statut
    return found


def _order_problems(known: Annuaire, ligne: LigneCommande) -> list[Problem]:
    problems = _account_problems(known, ligne.date.year, ligne.compte)
    if ligne.uf not in known.structures:
        return [rules.UF.broken("$.uf", uf=ligne.uf), *problems]
    closed = known.structures[ligne.uf]
    if closed is not None and ligne.date >= closed:
        return [rules.UF_FERMEE.broken("$.uf", uf=ligne.uf, depuis=closed), *problems]
    return problems


def _payment_problems(known: Annuaire, ligne: LigneMandat) -> list[Problem]:
    problems = _account_problems(known, ligne.exercice, ligne.compte)
    tiers = ligne.fournisseur
    if tiers is not None and (tiers.typeIdentifiant.value, tiers.id) not in known.tiers:
        problems.append(rules.FOURNISSEUR.broken("$.fournisseur.id", type=tiers.typeIdentifiant, id=tiers.id))
    return problems


def _account_problems(known: Annuaire, exercice: int, compte: str) -> list[Problem]:
    if (exercice, compte) not in known.comptes:
        return [rules.COMPTE.broken("$.compte", compte=compte, exercice=exercice)]
    if not known.comptes[exercice, compte]:
        return [rules.COMPTE_FERME.broken("$.compte", compte=compte, exercice=exercice)]
    return []
