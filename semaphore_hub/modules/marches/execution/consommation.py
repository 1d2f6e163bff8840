"""Orders and payments on a marché, as the hospitals' systems number them: recorded once, checked, summed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, delete, insert, select, update

from semaphore_hub.kernel.access import WRITERS, Caller, within
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import NotFound, Problem, WrongState
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.kernel.money import from_cents, to_cents
from semaphore_hub.modules.marches.execution import rules
from semaphore_hub.modules.marches.execution.conditions import consumption_problems
from semaphore_hub.modules.marches.execution.models import MarcheConsommation
from semaphore_hub.modules.marches.execution.schemas import (
    ConsommationEnregistree,
    ConsommationVue,
    NouvelleConsommation,
    TotauxConsommation,
)
from semaphore_hub.modules.marches.execution.totaux import Totaux, percentage, totals
from semaphore_hub.modules.marches.models import Marche
from semaphore_hub.modules.marches.reading import Row
from semaphore_hub.modules.marches.store import MarcheStore
from semaphore_hub.modules.referentiel.rows import page_of
from semaphore_hub.modules.referentiel.rules import refuse
from semaphore_hub.modules.referentiel.schemas import Avertissement

_marche = table_of(Marche)
_consommation = table_of(MarcheConsommation)
_WORDS = {"bon_de_commande": "Bon de commande", "mandat": "Mandat"}
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Ecriture:
    """What a reference of a GEF's books says now.

    Attributes:
        reference: as its source numbers it.
        consommation: the order or payment; ``None``: nothing any more, what was recorded is removed.
    """

    reference: str
    consommation: NouvelleConsommation | None


class ConsommationService:
    """Operations on the consumption of marchés; none commits.

    Args:
        store: the marchés and the log of their events.
    """

    def __init__(self, store: MarcheStore) -> None:
        self._store = store

    def enregistrer(
        self, unit: UnitOfWork, caller: Caller, uid: str, nouvelle: NouvelleConsommation
    ) -> ConsommationEnregistree:
        """Record an order or a payment (``marche.consomme``); the same one again changes nothing.

        No version is asked for: consumptions add up in any order, and the systems that send them do not read marchés.

        Raises:
            Forbidden, NotFound: see the errors of the kernel.
            WrongState: the marché is not notified, or is closed.
            RuleBroken: dates, beneficiary, maximum, or the reference is known with other values.
        """
        caller.require(*WRITERS)
        row = self._row(unit.connection, caller, uid, lock=True)
        known = self._known(unit.connection, uid, nouvelle)
        if known is not None:
            refuse(_differences(known, nouvelle))
            return _answer(row, known, totals(unit.connection, uid), created=False)
        whole = self._store.for_change(unit, caller, uid, row["version"], "consommer")
        after = totals(unit.connection, uid).plus(nouvelle.type, to_cents(nouvelle.montant))
        refuse(consumption_problems(whole, nouvelle, after))
        recorded: dict[str, Any] = {
            "uid": new_id(),
            "marche_uid": uid,
            "source": nouvelle.source,
            "reference": nouvelle.reference,
            **_content(nouvelle),
            "created_ms": int(self._store.clock.now().timestamp() * 1000),
        }
        unit.connection.execute(insert(_consommation).values(recorded))
        whole = self._store.update(unit, whole, {"consomme_cents": after.consomme})
        motif = (
            f"{_WORDS[nouvelle.type]} {nouvelle.reference} ({nouvelle.source}) : {nouvelle.montant:.2f} euros HT, "
            f"{from_cents(after.consomme)} consommés en tout"
        )
        self._store.say(unit, "consommer", whole, motif=motif, date_effet=nouvelle.date)
        return _answer(whole.row, recorded, after, created=True)

    def reporter(
        self, unit: UnitOfWork, caller: Caller, uid: str, source: str, ecritures: Sequence[Ecriture], origine: str
    ) -> list[list[Problem]]:
        """Make what is recorded of a source follow its books: add, replace, remove; one ``marche.consomme`` for all.

        What the source says is done already, so the maximum does not stop it; the other rules apply. The same again
        changes nothing and says nothing.

        Args:
            unit: the transaction.
            caller: who reports.
            uid: the marché.
            source: the system that numbers.
            ecritures: what its references say now, each once.
            origine: French words for the event: where this comes from.

        Returns:
            What refuses each of them, in their order; nothing is recorded of one that is refused.

        Raises:
            Forbidden, NotFound: see the errors of the kernel.
        """
        caller.require(*WRITERS)
        row = self._row(unit.connection, caller, uid, lock=True)
        known = self._sourced(unit.connection, uid, source, [one.reference for one in ecritures])
        try:
            whole = self._store.for_change(unit, caller, uid, row["version"], "consommer")
        except WrongState as error:
            return [list(error.problems) for _ in ecritures]
        after = totals(unit.connection, uid)
        found: list[list[Problem]] = []
        kept: list[Ecriture] = []
        for one in ecritures:
            former, new = known.get(one.reference), one.consommation
            without = after if former is None else after.plus(former["type"], -former["montant_cents"])
            total = without if new is None else without.plus(new.type, to_cents(new.montant))
            if former is None or new is None:
                changes = former is not None or new is not None
            else:
                changes = bool(_differences(former, new))
            problems = consumption_problems(whole, new, total, constatee=True) if changes and new is not None else []
            found.append(problems)
            if changes and not problems:
                kept.append(one)
                after = total
        if kept:
            self._write(unit, uid, source, kept, known)
            whole = self._store.update(unit, whole, {"consomme_cents": after.consomme})
            motif = f"{origine} : {len(kept)} écriture(s), {from_cents(after.consomme)} euros HT consommés en tout"
            days = [one.consommation.date for one in kept if one.consommation is not None]
            self._store.say(unit, "consommer", whole, motif=motif, date_effet=max(days, default=None))
        return found

    def _sourced(
        self, connection: Connection, uid: str, source: str, references: Sequence[str]
    ) -> dict[str, RowMapping]:
        """What is recorded on a marché under these references of a source."""
        found: dict[str, RowMapping] = {}
        for start in range(0, len(references), _BATCH):
            statement = select(_consommation).where(
                _consommation.c.marche_uid == uid,
                _consommation.c.source == source,
                _consommation.c.reference.in_(references[start : start + _BATCH]),
            )
            found |= {row["reference"]: row for row in connection.execute(statement).mappings()}
        return found

    def _write(
        self,
        unit: UnitOfWork,
        uid: str,
        source: str,
        ecritures: Sequence[Ecriture],
        known: dict[str, RowMapping],
    ) -> None:
        now = int(self._store.clock.now().timestamp() * 1000)
        new, changed, gone = [], [], []
        for one in ecritures:
            former = known.get(one.reference)
            if one.consommation is None:
                assert former is not None
                gone.append({"k_uid": former["uid"]})
            elif former is None:
                stamp = {"uid": new_id(), "marche_uid": uid, "source": source, "reference": one.reference}
                new.append({**stamp, **_content(one.consommation), "created_ms": now})
            else:
                changed.append({"k_uid": former["uid"], **_content(one.consommation)})
        mine = _consommation.c.uid == bindparam("k_uid")
        for statement, rows in (
            (insert(_consommation), new),
            (update(_consommation).where(mine), changed),
            (delete(_consommation).where(mine), gone),
        ):
            if rows:
                unit.connection.execute(statement, rows)

    def lister(
        self, connection: Connection, caller: Caller, uid: str, *, limit: int, after: str | None
    ) -> tuple[list[ConsommationVue], TotauxConsommation, str | None]:
        """A page of consumptions in the order they were recorded, the totals of all, and the uid of the page's end.

        Raises:
            NotFound: no such marché in the caller's perimeter.
        """
        row = self._row(connection, caller, uid, lock=False)
        statement = select(_consommation).where(_consommation.c.marche_uid == uid)
        rows, last = page_of(connection, statement, _consommation.c.uid, limit, after)
        return [_view(one) for one in rows], _totals_view(row, totals(connection, uid)), last

    def _row(self, connection: Connection, caller: Caller, uid: str, *, lock: bool) -> RowMapping:
        statement = within(select(_marche).where(_marche.c.uid == uid), _marche.c.ght, caller)
        row = connection.execute(statement.with_for_update() if lock else statement).mappings().first()
        if row is None:
            raise NotFound(f"Le marché {uid} n'existe pas.")
        return row

    def _known(self, connection: Connection, uid: str, nouvelle: NouvelleConsommation) -> RowMapping | None:
        return (
            connection.execute(
                select(_consommation).where(
                    _consommation.c.marche_uid == uid,
                    _consommation.c.source == nouvelle.source,
                    _consommation.c.reference == nouvelle.reference,
                )
            )
            .mappings()
            .first()
        )


def _content(nouvelle: NouvelleConsommation) -> dict[str, Any]:
    return {
        "type": nouvelle.type,
        "date": nouvelle.date,
        "montant_cents": to_cents(nouvelle.montant),
        "etablissement_siret": nouvelle.etablissement,
    }


def _differences(known: Row, nouvelle: NouvelleConsommation) -> list[Problem]:
    names = {"type": "type", "date": "date", "montant_cents": "montant", "etablissement_siret": "etablissement"}
    changed = [names[column] for column, value in _content(nouvelle).items() if known[column] != value]
    if not changed:
        return []
    return [
        rules.CONSO_DIFFERENTE.broken(
            "$.reference", reference=nouvelle.reference, source=nouvelle.source, champs=", ".join(changed)
        )
    ]


def _view(row: Row) -> ConsommationVue:
    return ConsommationVue(
        source=row["source"],
        reference=row["reference"],
        type=row["type"],
        date=row["date"],
        montant=from_cents(row["montant_cents"]),
        etablissement=row["etablissement_siret"],
    )


def _totals_view(row: Row, found: Totaux) -> TotauxConsommation:
    return TotauxConsommation(
        bonsDeCommande=from_cents(found.bons),
        mandats=from_cents(found.mandats),
        marchesSubsequents=from_cents(found.subsequents),
        consomme=from_cents(found.consomme),
        maximum=from_cents(row["montant_cents"]),
        pourcentage=percentage(found.consomme, row["montant_cents"]),
    )


def _answer(row: Row, recorded: Row, found: Totaux, *, created: bool) -> ConsommationEnregistree:
    warned = []
    if found.consomme > row["montant_cents"]:
        problem = rules.CONSO_DEPASSEE.broken(
            "$.montant", consomme=from_cents(found.consomme), maximum=from_cents(row["montant_cents"])
        )
        warned.append(Avertissement(regle=problem.rule, champ=problem.path, message=problem.message))
    return ConsommationEnregistree(
        uid=row["uid"],
        version=row["version"],
        statut="enregistrée" if created else "inchangée",
        consommation=_view(recorded),
        totaux=_totals_view(row, found),
        avertissements=tuple(warned),
    )
