"""Orders and payments on a marché, as the hospitals' systems number them: recorded once, checked, summed."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select

from semaphore_hub.kernel.access import WRITERS, Caller, within
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import NotFound, Problem
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.kernel.money import from_cents, to_cents
from semaphore_hub.modules.marches.checks import period_problem
from semaphore_hub.modules.marches.execution import rules
from semaphore_hub.modules.marches.execution.accords_cadres import HUB
from semaphore_hub.modules.marches.execution.models import MarcheConsommation
from semaphore_hub.modules.marches.execution.moments import first_day_of, last_day_of
from semaphore_hub.modules.marches.execution.schemas import (
    ConsommationEnregistree,
    ConsommationVue,
    NouvelleConsommation,
    TotauxConsommation,
)
from semaphore_hub.modules.marches.execution.totaux import BON, Totaux, is_framework, percentage, totals
from semaphore_hub.modules.marches.models import Marche
from semaphore_hub.modules.marches.reading import Row, Whole
from semaphore_hub.modules.marches.store import MarcheStore
from semaphore_hub.modules.referentiel.rows import page_of
from semaphore_hub.modules.referentiel.rules import refuse
from semaphore_hub.modules.referentiel.schemas import Avertissement

_marche = table_of(Marche)
_consommation = table_of(MarcheConsommation)
_WORDS = {"bon_de_commande": "Bon de commande", "mandat": "Mandat"}


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
        refuse(_problems(whole, nouvelle, after))
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


def _problems(whole: Whole, nouvelle: NouvelleConsommation, after: Totaux) -> list[Problem]:
    problems = period_problem("$.date", nouvelle.date)
    order = nouvelle.type == BON
    if nouvelle.source == HUB:
        problems.append(rules.CONSO_SOURCE.broken("$.source", source=HUB))
    if not nouvelle.montant:
        problems.append(rules.CONSO_MONTANT.broken("$.montant"))
    # An advance may be paid between the notification and the start, so a payment has no start to wait for.
    first: date = first_day_of(whole) if order else whole.row["date_notification"]
    if nouvelle.date < first:
        problems.append(rules.CONSO_AVANT.broken("$.date", date=nouvelle.date, debut=first))
    if order:
        problems += _order_problems(whole, nouvelle, after)
    since = {one.siret: one.date for one in whole.vie.rattachements}.get(nouvelle.etablissement, nouvelle.date)
    if nouvelle.etablissement not in whole.beneficiaires or nouvelle.date < since:
        problems.append(
            rules.CONSO_ETABLISSEMENT.broken("$.etablissement", siret=nouvelle.etablissement, date=nouvelle.date)
        )
    return problems


def _order_problems(whole: Whole, nouvelle: NouvelleConsommation, after: Totaux) -> list[Problem]:
    problems = []
    last = last_day_of(whole.row, whole.vie)
    if nouvelle.date > last:
        problems.append(rules.CONSO_APRES.broken("$.date", date=nouvelle.date, fin=last))
    for pause in whole.vie.suspensions:
        if pause.debut <= nouvelle.date and (pause.fin is None or nouvelle.date < pause.fin):
            problems.append(rules.CONSO_SUSPENDU.broken("$.date", date=nouvelle.date, debut=pause.debut))
    most = whole.row["montant_cents"]
    ordered = after.bons + after.subsequents
    if is_framework(whole.description) and ordered > most:
        problems.append(rules.CONSO_MAXIMUM.broken("$.montant", consomme=from_cents(ordered), maximum=from_cents(most)))
    return problems


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
