"""Gains as operators declare them, against those of the GHT."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, Table, func, select

from semaphore_hub.kernel.access import Caller, Role, within
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.kernel.money import from_cents
from semaphore_hub.modules.paat.codes import SANS_GAIN, Operateur
from semaphore_hub.modules.paat.models import PaatAction, PaatGainOperateur
from semaphore_hub.modules.paat.rapprochement.calcul import METHODE, Chiffre, rapprocher, total, totaliser
from semaphore_hub.modules.paat.rapprochement.declarations import ecrire
from semaphore_hub.modules.paat.rapprochement.ecriture import ecrire_classeur
from semaphore_hub.modules.paat.rapprochement.lecture import lire
from semaphore_hub.modules.paat.rapprochement.schemas import (
    DeclarationGains,
    DeclarationVue,
    GainDeclare,
    GainOperateurVue,
    LigneRapprochement,
    RapprochementVue,
)
from semaphore_hub.modules.paat.reading import euros_de
from semaphore_hub.modules.paat.trame.service import Fichier
from semaphore_hub.modules.referentiel.familles import familles
from semaphore_hub.modules.referentiel.rows import page_of
from semaphore_hub.ports import events
from semaphore_hub.ports.events import EventLog
from semaphore_hub.ports.payloads.achats import GainsOperateurPayload

_action = table_of(PaatAction)
_gain = table_of(PaatGainOperateur)
DECLARANTS = (Role.PARTENAIRE, Role.DGOS, Role.INTEGRATEUR)
"""Those who may say what an operator declares: not the GHT it is compared with."""
MAX_LIGNES = 2000
"""Lines in an answer; the workbook gives them all."""


class RapprochementService:
    """Operations of rapprochement. Each takes the unit of work of its request; none commits.

    Args:
        clock: business clock.
        event_log: where events are written, in the same transaction.
    """

    def __init__(self, clock: Clock, event_log: EventLog) -> None:
        self._clock = clock
        self._event_log = event_log

    def declarer(self, unit: UnitOfWork, caller: Caller, declaration: DeclarationGains) -> DeclarationVue:
        """Record gains of operators, all or none (``paat.gains_operateur_declares`` for each GHT that changes).

        A gain is known by operator, year and reference; given again as it stands, it does not change.

        Raises:
            Forbidden: the caller's role does not declare.
            RuleBroken: with every problem, at ``$.gains[i].champ``.
        """
        return self._declare(unit, caller, declaration.gains, declaration.source, "$.gains[{}].{}".format)

    def declarer_csv(self, unit: UnitOfWork, caller: Caller, contenu: bytes, source: str) -> DeclarationVue:
        """The same from a CSV file; what is refused says line and column.

        Args:
            contenu: ``;``, UTF-8 or cp1252, with the headings of :data:`lecture.COLONNES`.
            source: where the file comes from (its name), one line of 200 characters at most.

        Raises:
            Forbidden: the caller's role does not declare.
            RuleBroken: with every problem of the file; nothing of it is recorded.
        """
        caller.require(*DECLARANTS)
        read = lire(contenu)
        gains = [one.gain for one in read]
        return self._declare(unit, caller, gains, source[:200], lambda index, field: read[index].place(field))

    def lister(
        self,
        connection: Connection,
        caller: Caller,
        filtres: Mapping[str, object],
        *,
        limit: int,
        after: str | None,
    ) -> tuple[list[GainOperateurVue], str | None]:
        """A page of the gains of operators in the caller's perimeter, newest first, and where the next one begins.

        Args:
            filtres: wanted value by column (``annee``, ``ght``, ``operateur``).
        """
        statement = within(select(_gain), _gain.c.ght, caller)
        for column, value in filtres.items():
            if value is not None:
                statement = statement.where(_gain.c[column] == value)
        rows, last = page_of(connection, statement, _gain.c.uid, limit, after, newest_first=True)
        return [_vue(row) for row in rows], last

    def rapprocher(
        self,
        connection: Connection,
        caller: Caller,
        annee: int,
        *,
        ght: str | None = None,
        operateur: Operateur | None = None,
    ) -> RapprochementVue:
        """The figures of a year, line by line, in the caller's perimeter; abandoned and postponed actions left out."""
        lines = self._lignes(connection, caller, annee, ght, operateur)
        return RapprochementVue(
            annee=annee,
            methode=METHODE,
            lignes=tuple(lines[:MAX_LIGNES]),
            lignesOmises=max(0, len(lines) - MAX_LIGNES),
            parOperateur=tuple(totaliser(lines, lambda one: one.operateur.value)),
            parGht=tuple(totaliser(lines, lambda one: one.ght)),
            total=total("total", lines),
        )

    def exporter(
        self,
        connection: Connection,
        caller: Caller,
        annee: int,
        *,
        ght: str | None = None,
        operateur: Operateur | None = None,
    ) -> Fichier:
        """The same as a workbook, every line of it."""
        lines = self._lignes(connection, caller, annee, ght, operateur)
        content = ecrire_classeur(annee, lines, familles(connection), self._clock.now())
        return Fichier(f"rapprochement-{annee}.xlsx", content)

    def _declare(
        self, unit: UnitOfWork, caller: Caller, gains: Sequence[GainDeclare], source: str, place: Any
    ) -> DeclarationVue:
        caller.require(*DECLARANTS)
        now_ms = int(self._clock.now().timestamp() * 1000)
        written = ecrire(unit, caller, gains, source, now_ms, place)
        for operator, year, ght in written.touches:
            self._say(unit, operator, year, ght)
        return DeclarationVue(
            creees=written.creees,
            modifiees=written.modifiees,
            inchangees=written.inchangees,
            ghts=tuple(sorted({ght for _, _, ght in written.touches})),
        )

    def _say(self, unit: UnitOfWork, operateur: str, annee: int, ght: str) -> None:
        """What the operator declares for the GHT in the year, all its gains together. Each declaration is a subject."""
        statement = select(func.count(), func.coalesce(func.sum(_gain.c.gain_cents), 0)).where(
            _gain.c.operateur == operateur, _gain.c.annee == annee, _gain.c.ght == ght
        )
        count, cents = unit.connection.execute(statement).one()
        payload = GainsOperateurPayload(
            operateur=operateur, annee=annee, ght=ght, lignes=count, gain=from_cents(int(cents))
        )
        declaration = new_id()
        self._event_log.append(
            unit,
            events.Event(
                id=declaration,
                type=events.GAINS_OPERATEUR_DECLARES,
                subject=f"gains-operateur/{declaration}",
                version=1,
                time=self._clock.now(),
                ght=ght,
                data=payload.model_dump(mode="json", exclude_none=True),
            ),
        )

    def _lignes(
        self, connection: Connection, caller: Caller, annee: int, ght: str | None, operateur: Operateur | None
    ) -> list[LigneRapprochement]:
        mine = _sommes(_action, _action.c.gain_retenu_cents).where(
            _action.c.operateur != Operateur.GHT.value,
            _action.c.statut.not_in([one.value for one in SANS_GAIN]),
            _action.c.gain_cents.is_not(None),
        )
        theirs = _sommes(_gain, _gain.c.gain_cents)
        sides: list[list[Chiffre]] = []
        for statement, table in ((mine, _action), (theirs, _gain)):
            bounded = within(statement.where(table.c.annee == annee), table.c.ght, caller)
            if ght is not None:
                bounded = bounded.where(table.c.ght == ght)
            if operateur is not None:
                bounded = bounded.where(table.c.operateur == operateur.value)
            sides.append([_chiffre(row) for row in connection.execute(bounded)])
        return rapprocher(*sides)


def _sommes(table: Table, controle: Any) -> Select[Any]:
    """Gains summed by the database by what they are matched on: few rows, however many actions."""
    keys = (table.c.ght, table.c.operateur, table.c.numero_marche, table.c.famille)
    return (
        select(*keys, func.sum(table.c.gain_cents), func.sum(controle), func.count())
        .group_by(*keys)
        .order_by(*keys)
    )  # fmt: skip


def _vue(row: RowMapping) -> GainOperateurVue:
    return GainOperateurVue(
        uid=row["uid"],
        version=row["version"],
        operateur=Operateur(row["operateur"]),
        annee=row["annee"],
        ght=row["ght"],
        reference=row["reference"],
        famille=row["famille"],
        numeroMarche=row["numero_marche"],
        etablissement=row["etablissement_siret"],
        montantReference=euros_de(row["montant_reference_cents"]),
        gain=from_cents(row["gain_cents"]),
        source=row["source"],
    )


def _chiffre(row: Any) -> Chiffre:
    ght, operator, number, family, gain, kept, count = row
    return Chiffre(ght, operator, number, family, from_cents(int(gain)), from_cents(int(kept)), count)
