"""Reads in a marché what the law looks at, and keeps with an amendment what it rests on."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from semaphore_hub.kernel.errors import Problem
from semaphore_hub.kernel.money import CENT, from_cents
from semaphore_hub.modules.marches.avenants import rules
from semaphore_hub.modules.marches.avenants.justification import Fondement, Justification
from semaphore_hub.modules.marches.avenants.regimes import (
    Anterieure,
    Base,
    Demande,
    Situation,
    event_problems,
    juger,
)
from semaphore_hub.modules.marches.reading import Row, Whole
from semaphore_hub.modules.marches.schemas import NouvelleModification
from semaphore_hub.modules.referentiel.codes import Procedure
from semaphore_hub.modules.referentiel.ecriture import euros, jour_ecrit

_FORMALISEES = (Procedure.AOO, Procedure.AOR, Procedure.NEGOCIATION, Procedure.DIALOGUE)


def situation(whole: Whole, jour: date) -> Situation:
    """A notified marché on the day of an amendment."""
    return Situation(
        base=base_of(whole, jour),
        type_achat=whole.row["type_achat"],
        code_cpv=whole.row["code_cpv"],
        formalisee=whole.description.procedure in _FORMALISEES,
        anterieures=tuple(_earlier(row) for row in whole.modifications),
    )


def demande(new: NouvelleModification, delta_cents: int, *, change_titulaires: bool) -> Demande:
    """A modification as the law looks at it."""
    return Demande(
        jour=new.dateNotificationModification,
        delta=from_cents(delta_cents),
        change_titulaires=change_titulaires,
        evenement=new.evenement,
        justification=new.justification or Justification(),
    )


def base_of(whole: Whole, jour: date) -> Base:
    """The initial amount, updated by the last revision of the price before ``jour``.

    A revision gives the amount of the whole marché, amendments included; the variation it makes is therefore taken of
    the amount in force that day and applied to the initial amount, rounded to the cent. Source: art. R2194-4 CCP and
    the answer of the ministry (a variation of 4 % makes the base the initial amount plus 4 %).
    """
    initial = _initial(whole)
    revisions = [one for one in whole.vie.revisions if one.date <= jour]
    if not revisions:
        return Base(initial, initial, f"{euros(initial)} (montant initial)")
    last = sorted(revisions, key=lambda one: one.date)[-1]
    in_force = initial + sum(
        (_delta(row) for row in whole.modifications if row["date_notification"] <= last.date), Decimal(0)
    )
    if not in_force:
        return Base(initial, initial, f"{euros(initial)} (montant initial)")
    updated = (initial * last.montantActualise / in_force).quantize(CENT, ROUND_HALF_UP)
    return Base(
        initial,
        updated,
        f"{euros(updated)} = {euros(initial)} (montant initial) × {euros(last.montantActualise)} / {euros(in_force)}, "
        f"révision de prix du {jour_ecrit(last.date)} (R2194-4)",
    )


def founded(before: Whole, new: NouvelleModification, asked: Demande) -> tuple[dict[str, Any], list[Problem]]:
    """The columns of an amendment that say what it rests on, and what the law refuses in it.

    Without a case nothing is computed: what is then kept is the event alone, which may still serve only once.
    """
    columns: dict[str, Any] = {"fondement": None, "article": None, "evenement": new.evenement, "calcul": None}
    known = situation(before, asked.jour)
    if new.fondement is None:
        problems = event_problems(known.anterieures, new.evenement)
        if new.justification is not None:
            problems.append(rules.JUSTIFICATION_SEULE.broken("$.fondement"))
        return columns, problems
    verdict = juger(new.fondement, known, asked)
    columns |= {"fondement": new.fondement.value, "article": verdict.article, "calcul": dict(verdict.calcul)}
    return columns, [*verdict.refus, *verdict.manques]


def amendment_warnings(whole: Whole) -> list[Problem]:
    """What deserves a look in the amendments of a marché.

    An amendment read from a file says no case, because the formats cannot: it is not warned of.
    """
    imported = whole.row["importe"]
    silent = len(imported["modifications"]) if imported else 0
    formal = whole.description.procedure in _FORMALISEES
    limited = (Fondement.PRESTATIONS_SUPPLEMENTAIRES.value, Fondement.CIRCONSTANCES_IMPREVUES.value)
    found = []
    for index, row in enumerate(whole.modifications):
        place = f"$.modifications[{index}]"
        if row["fondement"] is None and row["id"] > silent:
            found.append(rules.FONDEMENT_ABSENT.broken(f"{place}.fondement", id=row["id"]))
        elif formal and row["fondement"] in limited:
            found.append(rules.R2194_10.broken(place, article=row["article"]))
    return found


def _initial(whole: Whole) -> Decimal:
    if whole.vie.initial is not None:
        return whole.vie.initial.montant
    # Notified before the initial state was kept: the differences of the amendments give it back.
    return from_cents(whole.row["montant_cents"]) - sum((_delta(row) for row in whole.modifications), Decimal(0))


def _delta(row: Row) -> Decimal:
    return from_cents(row["delta_montant_cents"] or 0)


def _earlier(row: Row) -> Anterieure:
    fondement = None if row["fondement"] is None else Fondement(row["fondement"])
    return Anterieure(row["id"], fondement, _delta(row), row["evenement"])
