"""When a marché calls for attention: every threshold on its day, and not the day before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from semaphore_hub.modules.marches.alertes.regles import Alerte, CodeAlerte, Delais, Situation, alertes_du_jour
from semaphore_hub.modules.marches.lifecycle import Statut
from semaphore_hub.ports.facts import MissingAnswer
from semaphore_hub.ports.payloads import PeriodeReconduction

FIN = date(2028, 2, 29)
CALME = Situation(
    statut=Statut.EN_EXECUTION,
    montant=Decimal("200000.00"),
    consomme=Decimal(0),
    date_notification=date(2026, 3, 1),
    date_fin=FIN,
)


def said(situation: Situation, day: date, code: CodeAlerte) -> list[Alerte]:
    return [one for one in alertes_du_jour(situation, day, Delais()) if one.code is code]


def test_nothing_calls_for_attention_long_before_the_term() -> None:
    assert alertes_du_jour(CALME, FIN - timedelta(days=366), Delais()) == []


@pytest.mark.parametrize("days", [365, 270, 180, 90, 30, 0])
def test_the_term_is_announced_on_the_day_of_each_threshold(days: int) -> None:
    day = FIN - timedelta(days=days)
    [alert] = said(CALME, day, CodeAlerte.ECHEANCE)
    assert alert.cle == f"2028-02-29:J-{days}"
    assert alert.echeance == FIN
    assert all(one.cle != alert.cle for one in said(CALME, day - timedelta(days=1), CodeAlerte.ECHEANCE))


def test_a_marche_recorded_late_is_announced_once_by_the_nearest_threshold() -> None:
    assert [one.cle for one in said(CALME, FIN - timedelta(days=100), CodeAlerte.ECHEANCE)] == ["2028-02-29:J-180"]


def test_a_term_moved_by_a_prolongation_is_announced_again() -> None:
    later = replace(CALME, date_fin=FIN + timedelta(days=365))
    assert said(later, FIN, CodeAlerte.ECHEANCE)[0].cle == "2029-02-28:J-365"


@pytest.mark.parametrize("statut", [Statut.ECHU, Statut.RESILIE, Statut.SOLDE])
def test_what_is_over_has_no_term_to_come(statut: Statut) -> None:
    assert said(replace(CALME, statut=statut), FIN, CodeAlerte.ECHEANCE) == []


def periods(*decisions: str | None) -> tuple[PeriodeReconduction, ...]:
    return tuple(
        PeriodeReconduction.model_validate(
            {
                "numero": number,
                "debut": date(2026 + number, 3, 1),
                "fin": date(2027 + number, 2, 28),
                "montant": "50000",
                "decision": decision,
            }
        )
        for number, decision in enumerate(decisions, start=1)
    )


def test_a_renewal_is_asked_for_ninety_days_before_its_notice() -> None:
    situation = replace(CALME, reconductions=periods(None), tacite=True)
    opening = date(2026, 12, 1) - timedelta(days=90)
    assert said(situation, opening - timedelta(days=1), CodeAlerte.RECONDUCTION) == []
    [alert] = said(situation, opening, CodeAlerte.RECONDUCTION)
    assert (alert.cle, alert.echeance) == ("1", date(2026, 12, 1))
    assert "tacitement" in alert.message


def test_a_decided_renewal_makes_way_for_the_next_and_a_refusal_ends_them() -> None:
    day = date(2027, 12, 1)
    [alert] = said(replace(CALME, reconductions=periods("reconduite", None)), day, CodeAlerte.RECONDUCTION)
    assert alert.cle == "2"
    assert "n'aura pas lieu" in alert.message
    assert said(replace(CALME, reconductions=periods("non reconduite", None)), day, CodeAlerte.RECONDUCTION) == []


@pytest.mark.parametrize(
    ("consumed", "expected"),
    [
        ("159999.99", []),
        ("160000.00", ["80:200000.00"]),
        ("180000.00", ["80:200000.00", "90:200000.00"]),
        ("199999.99", ["80:200000.00", "90:200000.00"]),
        ("200000.00", ["80:200000.00", "90:200000.00", "100:200000.00"]),
        ("250000.00", ["80:200000.00", "90:200000.00", "100:200000.00"]),
    ],
)
def test_consumption_is_announced_at_80_90_and_100_percent(consumed: str, expected: list[str]) -> None:
    found = said(replace(CALME, consomme=Decimal(consumed)), date(2026, 6, 1), CodeAlerte.CONSOMMATION)
    assert [one.cle for one in found] == expected


def test_publication_is_late_after_two_months_and_not_before() -> None:
    late = replace(
        CALME, publications=[("marché", date(2026, 3, 1), False), ("modification 1", date(2026, 4, 30), True)]
    )
    assert said(late, date(2026, 5, 1), CodeAlerte.PUBLICATION) == []
    [alert] = said(late, date(2026, 5, 2), CodeAlerte.PUBLICATION)
    assert (alert.cle, alert.echeance) == ("marché", date(2026, 5, 1))


def test_below_40_000_euros_nothing_has_to_be_published() -> None:
    small = replace(CALME, montant=Decimal("39999.99"), publications=[("marché", date(2026, 3, 1), False)])
    assert said(small, date(2027, 1, 1), CodeAlerte.PUBLICATION) == []
    exact = replace(small, montant=Decimal("40000.00"))
    assert len(said(exact, date(2027, 1, 1), CodeAlerte.PUBLICATION)) == 1


def test_each_message_without_an_answer_is_announced() -> None:
    silent = replace(
        CALME, sans_reponse=[MissingAnswer("d1", "dgfip", "pes_marche"), MissingAnswer("d2", "daj", "decp")]
    )
    assert [one.cle for one in said(silent, date(2026, 6, 1), CodeAlerte.ACCUSE_MANQUANT)] == ["d1", "d2"]
