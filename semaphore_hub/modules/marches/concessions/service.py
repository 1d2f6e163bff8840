"""Concessions: sign, amend, publish a year of execution, correct; each operation is one transaction and one event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from semaphore_hub.kernel.access import WRITERS, Caller, within
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import AlreadyExists, NotFound, Problem
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.kernel.money import from_cents, to_cents
from semaphore_hub.modules.marches.concessions import rules
from semaphore_hub.modules.marches.concessions.models import Concession
from semaphore_hub.modules.marches.concessions.reading import (
    WholeConcession,
    concession_payload,
    concession_view,
    read_concessions,
)
from semaphore_hub.modules.marches.concessions.schemas import (
    ConcessionVue,
    CorrectionConcession,
    DescriptionConcession,
    FiltresConcessions,
    NouvelleConcession,
    NouvelleModificationConcession,
    NouvellesDonneesExecution,
)
from semaphore_hub.modules.marches.deduction import id_contrat
from semaphore_hub.modules.referentiel.lookups import (
    FournisseurConnu,
    etablissements_by_siret,
    etablissements_named,
    fournisseurs_by_identifier,
)
from semaphore_hub.modules.referentiel.rows import page_of, require_version
from semaphore_hub.modules.referentiel.rules import refuse
from semaphore_hub.ports import events, payloads

_concession = table_of(Concession)


class ConcessionsService:
    """Operations on concessions. Each takes the unit of work of its request; none commits.

    Args:
        clock: business clock.
        event_log: where events are written, in the same transaction.
    """

    def __init__(self, clock: Clock, event_log: events.EventLog) -> None:
        self._clock = clock
        self._events = event_log

    def signer(self, unit: UnitOfWork, caller: Caller, nouvelle: NouvelleConcession) -> ConcessionVue:
        """Record a signed concession (``concession.signee``).

        Raises:
            Forbidden: the caller's role does not write.
            RuleBroken: one or several rules, all of them reported.
            AlreadyExists: the authority already has a concession of this number.
        """
        caller.require(*WRITERS)
        siret = nouvelle.autoriteConcedante.id
        known = etablissements_by_siret(unit.connection, caller, {siret}, self._clock.today())
        suppliers = fournisseurs_by_identifier(
            unit.connection, {(one.typeIdentifiant.value, one.id) for one in nouvelle.concessionnaires}
        )
        problems = [] if siret in known else [rules.AUTORITE.broken("$.autoriteConcedante.id", siret=siret)]
        problems += _supplier_problems(nouvelle, suppliers)
        contract, broken = _contract(nouvelle)
        problems += broken
        problems += rules.description_problems(
            nouvelle, nouvelle.dateSignature, nouvelle.dureeMois, nouvelle.valeurGlobale
        )
        refuse(problems)
        holders = [suppliers[(one.typeIdentifiant.value, one.id)] for one in nouvelle.concessionnaires]
        row = {
            "uid": new_id(),
            "version": 1,
            "ght": known[siret].ght,
            "autorite_siret": siret,
            "id": nouvelle.id,
            "id_contrat": contract,
            "objet": nouvelle.objet,
            "date_signature": nouvelle.dateSignature,
            "duree_mois": nouvelle.dureeMois,
            "valeur_cents": to_cents(nouvelle.valeurGlobale),
            "created_ms": int(self._clock.now().timestamp() * 1000),
            "donnees": {
                **nouvelle.model_dump(mode="json", include=set(DescriptionConcession.model_fields)),
                "concessionnaires": [one.uid for one in holders],
                "donneesExecution": [],
                "modifications": [],
            },
        }
        try:
            unit.connection.execute(insert(_concession), row)
        except IntegrityError as error:
            raise AlreadyExists(f"{siret} a déjà une concession {nouvelle.id}, ou d'IdContrat {contract}.") from error
        whole = WholeConcession(row, tuple(holders), known[siret].nom)
        self._say(unit, events.CONCESSION_SIGNEE, whole)
        return concession_view(whole)

    def modifier(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, nouvelle: NouvelleModificationConcession
    ) -> ConcessionVue:
        """Add a signed amendment; its id is the next one (``concession.modifiee``).

        Raises:
            Forbidden, NotFound, Outdated: see the errors of the kernel.
            RuleBroken: it changes nothing, its date precedes the one before…
        """
        before = self._for_change(unit, caller, uid, version)
        row = before.row
        months = nouvelle.dureeMois or row["duree_mois"]
        cents = to_cents(nouvelle.valeurGlobale) if nouvelle.valeurGlobale is not None else row["valeur_cents"]
        longer, other_value = months != row["duree_mois"], cents != row["valeur_cents"]
        amendments = before.modifications
        previous = amendments[-1].dateSignatureModification if amendments else row["date_signature"]
        description = before.description
        if nouvelle.justificationDuree is not None:
            description = description.model_copy(update={"justificationDuree": nouvelle.justificationDuree})
        refuse(
            [
                *rules.modification_problems(nouvelle, len(amendments), previous, changes=longer or other_value),
                *rules.description_problems(description, row["date_signature"], months, from_cents(cents)),
            ]
        )
        amendment = payloads.ModificationConcession(
            id=len(amendments) + 1,
            objet=nouvelle.objet,
            dateSignatureModification=nouvelle.dateSignatureModification,
            datePublicationDonneesModification=nouvelle.datePublicationDonneesModification,
            dureeMois=months if longer else None,
            deltaDureeMois=months - row["duree_mois"] if longer else None,
            valeurGlobale=from_cents(cents) if other_value else None,
            deltaValeurGlobale=from_cents(cents - row["valeur_cents"]) if other_value else None,
        )
        added = [*row["donnees"]["modifications"], amendment.model_dump(mode="json", exclude_none=True)]
        changed = {"duree_mois": months, "valeur_cents": cents}
        more = {"modifications": added, "justificationDuree": description.justificationDuree}
        whole = self._update(unit, before, changed, more)
        self._say(unit, events.CONCESSION_MODIFIEE, whole, modification=amendment)
        return concession_view(whole)

    def executer(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, annee: NouvellesDonneesExecution
    ) -> ConcessionVue:
        """Add the data of a year of execution (``concession.executee``).

        Raises:
            Forbidden, NotFound, Outdated: see the errors of the kernel.
            RuleBroken: published before the execution begins, or not after the year before.
        """
        before = self._for_change(unit, caller, uid, version)
        days = [one.datePublicationDonneesExecution for one in before.annees]
        refuse(rules.year_problems(annee, before.description.dateDebutExecution, days))
        added = [*before.row["donnees"]["donneesExecution"], annee.model_dump(mode="json")]
        whole = self._update(unit, before, {}, {"donneesExecution": added})
        self._say(unit, events.CONCESSION_EXECUTEE, whole)
        return concession_view(whole)

    def corriger(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, correction: CorrectionConcession
    ) -> ConcessionVue:
        """Put a material error right (``concession.corrigee`` with the reason).

        Raises:
            Forbidden, NotFound, Outdated: see the errors of the kernel.
            RuleBroken: nothing changes, or the corrected concession breaks a rule.
        """
        before = self._for_change(unit, caller, uid, version)
        given = correction.model_dump(mode="json", exclude_none=True, exclude={"motif", "objet"})
        changed = {} if correction.objet is None else {"objet": correction.objet}
        whole = self._update(unit, before, changed, given)
        problems = rules.description_problems(
            whole.description,
            before.row["date_signature"],
            whole.row["duree_mois"],
            from_cents(whole.row["valeur_cents"]),
        )
        if whole.description == before.description:
            problems.append(rules.CORRECTION_VIDE.broken("$"))
        refuse(problems)
        self._say(unit, events.CONCESSION_CORRIGEE, whole, motif=correction.motif)
        return concession_view(whole)

    def lire(self, connection: Connection, caller: Caller, uid: str) -> ConcessionVue:
        """One concession of the caller's perimeter.

        Raises:
            NotFound: no such concession there.
        """
        statement = within(select(_concession).where(_concession.c.uid == uid), _concession.c.ght, caller)
        row = connection.execute(statement).mappings().first()
        if row is None:
            raise NotFound(f"La concession {uid} n'existe pas.")
        return concession_view(read_concessions(connection, [row])[0])

    def lister(
        self, connection: Connection, caller: Caller, filtres: FiltresConcessions, *, limit: int, after: str | None
    ) -> tuple[list[ConcessionVue], str | None]:
        """A page of concessions, newest first, and the uid of its last item when there are more."""
        statement = within(select(_concession), _concession.c.ght, caller)
        if filtres.autorite is not None:
            statement = statement.where(_concession.c.autorite_siret == filtres.autorite)
        if filtres.ght is not None:
            statement = statement.where(_concession.c.ght == filtres.ght)
        rows, last = page_of(connection, statement, _concession.c.uid, limit, after, newest_first=True)
        return [concession_view(whole) for whole in read_concessions(connection, rows)], last

    def _for_change(self, unit: UnitOfWork, caller: Caller, uid: str, version: int) -> WholeConcession:
        """The concession, locked until the end of the transaction."""
        caller.require(*WRITERS)
        statement = within(select(_concession).where(_concession.c.uid == uid), _concession.c.ght, caller)
        row = unit.connection.execute(statement.with_for_update()).mappings().first()
        if row is None:
            raise NotFound(f"La concession {uid} n'existe pas.")
        require_version(row, version)
        return read_concessions(unit.connection, [row])[0]

    def _update(
        self, unit: UnitOfWork, whole: WholeConcession, changed: dict[str, Any], donnees: dict[str, Any]
    ) -> WholeConcession:
        values = {
            **changed,
            "donnees": {**whole.row["donnees"], **donnees},
            "version": whole.row["version"] + 1,
        }
        unit.connection.execute(update(_concession).where(_concession.c.uid == whole.row["uid"]).values(values))
        return WholeConcession({**whole.row, **values}, whole.concessionnaires, whole.autorite)

    def _say(
        self,
        unit: UnitOfWork,
        event_type: str,
        whole: WholeConcession,
        *,
        modification: payloads.ModificationConcession | None = None,
        motif: str | None = None,
    ) -> None:
        siret = whole.row["autorite_siret"]
        today: date = self._clock.today()
        authority = etablissements_named(unit.connection, {siret}, today)[siret]
        payload = payloads.ConcessionPayload(
            concession=concession_payload(whole, authority), modification=modification, motif=motif
        )
        self._events.append(
            unit,
            events.Event(
                id=new_id(),
                type=event_type,
                subject=f"concession/{whole.row['uid']}",
                version=whole.row["version"],
                time=self._clock.now(),
                ght=whole.row["ght"],
                data=payload.model_dump(mode="json", exclude_none=True),
            ),
        )


def _supplier_problems(
    nouvelle: NouvelleConcession, suppliers: Mapping[tuple[str, str], FournisseurConnu]
) -> list[Problem]:
    problems: list[Problem] = []
    seen: set[tuple[str, str]] = set()
    for index, one in enumerate(nouvelle.concessionnaires):
        key = (one.typeIdentifiant.value, one.id)
        path = f"$.concessionnaires[{index}].id"
        if key not in suppliers:
            problems.append(rules.CONCESSIONNAIRE.broken(path, type=key[0], id=key[1]))
        if key in seen:
            problems.append(rules.CONCESSIONNAIRE_DOUBLE.broken(path, type=key[0], id=key[1]))
        seen.add(key)
    return problems


def _contract(nouvelle: NouvelleConcession) -> tuple[str | None, list[Problem]]:
    """The ``IdContrat``, given or deduced, and what prevents it from being one."""
    year, given = nouvelle.dateSignature.year, nouvelle.idContrat
    if given is None:
        derived = id_contrat(nouvelle.id, year)
        return derived, [] if derived else [rules.ID_CONTRAT.broken("$.idContrat", id=nouvelle.id)]
    if not given.startswith(str(year)):
        return given, [rules.ID_CONTRAT_ANNEE.broken("$.idContrat", contrat=given, annee=year)]
    return given, []
