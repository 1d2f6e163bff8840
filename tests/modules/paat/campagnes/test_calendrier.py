"""The days of a campaign and of its reminders."""

from __future__ import annotations

from datetime import date

import pytest

from semaphore_hub.modules.paat.campagnes.calendrier import (
    RAPPELS_USUELS,
    Fenetre,
    fenetre_usuelle,
    message_de_rappel,
    rappel_du,
)

JUILLET = fenetre_usuelle(2026, "mi_annee")
AVANT = date(2026, 6, 1)


def test_the_usual_windows() -> None:
    assert Fenetre(date(2026, 6, 30), date(2026, 7, 1), date(2026, 7, 31)) == JUILLET
    assert fenetre_usuelle(2026, "fin_annee") == Fenetre(date(2026, 12, 31), date(2027, 1, 2), date(2027, 2, 28))
    assert JUILLET.en_ordre()


@pytest.mark.parametrize(
    ("donnees", "ouverture", "cloture", "ordre"),
    [
        (date(2026, 6, 30), date(2026, 6, 30), date(2026, 6, 30), True),
        (date(2026, 7, 2), date(2026, 7, 1), date(2026, 7, 31), False),
        (date(2026, 6, 30), date(2026, 8, 1), date(2026, 7, 31), False),
    ],
)
def test_days_follow_each_other(donnees: date, ouverture: date, cloture: date, ordre: bool) -> None:
    assert Fenetre(donnees, ouverture, cloture).en_ordre() is ordre


@pytest.mark.parametrize(
    ("jour", "du"),
    [
        (date(2026, 7, 15), None),
        (date(2026, 7, 16), 15),
        (date(2026, 7, 23), 15),
        (date(2026, 7, 24), 7),
        (date(2026, 7, 30), 1),
        (date(2026, 7, 31), 1),
        (date(2026, 8, 1), -1),
        (date(2027, 1, 1), -1),
    ],
)
def test_the_latest_reminder_reached_is_due(jour: date, du: int | None) -> None:
    assert rappel_du(JUILLET, RAPPELS_USUELS, AVANT, jour) == du


@pytest.mark.parametrize(
    ("fenetre", "connue", "jour", "du"),
    [
        (JUILLET, date(2026, 7, 20), date(2026, 7, 20), None),
        (JUILLET, date(2026, 7, 20), date(2026, 7, 24), 7),
        (JUILLET, date(2026, 7, 24), date(2026, 7, 24), 7),
        (JUILLET, date(2026, 9, 1), date(2026, 9, 1), None),
        (Fenetre(date(2026, 6, 30), date(2026, 7, 20), date(2026, 7, 31)), AVANT, date(2026, 7, 20), None),
        (Fenetre(date(2026, 6, 30), date(2026, 7, 20), date(2026, 7, 31)), AVANT, date(2026, 7, 24), 7),
    ],
)
def test_a_reminder_of_before_the_campaign_is_never_due(
    fenetre: Fenetre, connue: date, jour: date, du: int | None
) -> None:
    assert rappel_du(fenetre, RAPPELS_USUELS, connue, jour) == du


def test_no_reminder_is_asked_for() -> None:
    assert rappel_du(JUILLET, (), AVANT, date(2026, 8, 1)) is None


@pytest.mark.parametrize(
    ("jour", "dit"),
    [
        (date(2026, 7, 24), "se clôt dans 7 jours, le 31/07/2026 : remontez le PAAT du GHT FIC-01."),
        (date(2026, 7, 30), "se clôt demain, le 31/07/2026"),
        (date(2026, 7, 31), "se clôt aujourd'hui, le 31/07/2026"),
        (date(2026, 8, 1), "est close depuis le 31/07/2026 et le GHT FIC-01 n'a rien remonté"),
    ],
)
def test_a_reminder_says_how_long_is_left(jour: date, dit: str) -> None:
    said = message_de_rappel(2026, "mi_annee", date(2026, 7, 31), "FIC-01", jour)
    assert said.startswith("La campagne de mi-année 2026 ")
    assert dit in said
