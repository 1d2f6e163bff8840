"""The calendar that programs subscribe to: what each event says, and the form of the stream."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from icalendar import Calendar, Event

from semaphore_hub.modules.planification.agenda.evenements import Fenetre, empreinte, evenements
from semaphore_hub.modules.planification.agenda.ics import ecrire
from semaphore_hub.modules.planification.codes import CodeJalon, Statut
from semaphore_hub.ports.marches import MarcheConnu
from tests.modules.planification.agenda.samples import PREVUS, REALISES, UID, suivi

JOUR = date(2026, 3, 2)
INSTANT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TOUT = Fenetre(date(2020, 1, 1), date(2030, 12, 31))
MARCHE_UID = "019a8f2e-0000-7d31-8f4e-2a6b9c0d1e3f"


def marche(**changes: Any) -> MarcheConnu:
    values: dict[str, Any] = {
        "uid": MARCHE_UID,
        "id": "2022DM004",
        "ght": "FIC-01",
        "objet": "Perfusion",
        "code_cpv": "33140000-3",
        "type_achat": "fournitures",
        "montant": Decimal("380000.00"),
        "duree_mois": 48,
        "statut": "en_execution",
        "date_fin": date(2026, 8, 31),
        "beneficiaires": (),
        "version": 7,
        **changes,
    }
    return MarcheConnu(**values)


def read(*projets: Any, marches: tuple[MarcheConnu, ...] = (), fenetre: Fenetre = TOUT) -> dict[str, Event]:
    """The events of a calendar that was written and read again, by uid."""
    found = ecrire("Achats – FIC-01", evenements(projets, marches, fenetre, JOUR), INSTANT)
    calendar = Calendar.from_ical(found)
    events = {str(event["UID"]): event for event in calendar.walk("VEVENT")}
    assert len(events) == len(calendar.walk("VEVENT"))
    assert all(not event.errors for event in events.values())
    return events


def uid_of(code: str) -> str:
    return f"{UID}-{code}@semaphore-hub"


def test_every_milestone_is_an_all_day_event_that_keeps_its_uid() -> None:
    found = read(suivi())
    assert list(found) == [uid_of(code) for code in CodeJalon]
    for code in CodeJalon:
        event = found[uid_of(code)]
        assert event["DTSTART"].dt == date.fromisoformat(REALISES.get(code, PREVUS[code]))
        assert event["DTSTART"].params["VALUE"] == "DATE"
        assert (event["SEQUENCE"], event["DTSTAMP"].dt, event["TRANSP"]) == (3, INSTANT, "TRANSPARENT")
        assert event["STATUS"] == ("CONFIRMED" if code in REALISES else "TENTATIVE")
    moved = read(suivi({**PREVUS, "publication": "2026-04-20"}, version=4))
    assert list(moved) == list(found)
    assert moved[uid_of("publication")]["SEQUENCE"] == 4


def test_an_event_says_the_project_in_french() -> None:
    event = read(suivi())[uid_of("strategie")]
    assert event["SUMMARY"] == "Validation de la stratégie : Dispositifs de perfusion (2026-DM-017)"
    assert str(event["DESCRIPTION"]).split("\n") == [
        "Projet d'achat 2026-DM-017 (stratégie validée), GHT FIC-01",
        "Stratégie : GHT",
        "Procédure : procédure formalisée",
        "Portefeuille : Dispositifs médicaux",
        "Montant estimé : 420 000,50 € HT",
        "Prévu le 02/02/2026, réalisé le 10/02/2026",
        f"Lien : /v1/planification/projets/{UID}",
    ]
    assert event.categories == ["Validation de la stratégie", "Dispositifs médicaux"]
    bare = read(suivi(procedure=None, portefeuille=None))[uid_of("dce")]
    assert "Procédure : pas encore calculée\nPortefeuille : aucun\n" in str(bare["DESCRIPTION"])
    assert bare.categories == ["Début de rédaction du DCE"]


def test_only_a_launch_that_is_to_come_is_reminded_seven_days_before() -> None:
    with_alarm = [uid for uid, event in read(suivi()).items() if event.walk("VALARM")]
    assert with_alarm == [uid_of("publication")]
    [alarm] = read(suivi())[uid_of("publication")].walk("VALARM")
    assert (alarm["ACTION"], alarm["TRIGGER"].dt) == ("DISPLAY", timedelta(days=-7))
    assert str(alarm["DESCRIPTION"]).startswith("Dans 7 jours : Publication : Dispositifs")
    for projet in (suivi(realises={"publication": "2026-02-20"}), suivi(statut=Statut.ABANDONNE)):
        assert not read(projet)[uid_of("publication")].walk("VALARM")


@pytest.mark.parametrize("statut", list(Statut))
def test_what_will_not_happen_is_cancelled_and_what_happened_stays(statut: Statut) -> None:
    found = read(suivi(statut=statut))
    assert found[uid_of("strategie")]["STATUS"] == "CONFIRMED"
    over = statut in {Statut.ABANDONNE, Statut.INFRUCTUEUX}
    assert found[uid_of("publication")]["STATUS"] == ("CANCELLED" if over else "TENTATIVE")


def test_what_is_late_says_so() -> None:
    late = suivi({**PREVUS, "dce": "2026-03-01"})
    event = read(late)[uid_of("dce")]
    assert event.categories[-1] == "En retard"
    assert "En retard : la date prévue est passée" in str(event["DESCRIPTION"])
    on_time = read(suivi({**PREVUS, "dce": "2026-03-02"}))[uid_of("dce")]
    assert "En retard" not in on_time.categories


def test_the_expiry_of_a_marche_is_an_event_that_names_its_successor() -> None:
    uid = f"{MARCHE_UID}-echeance@semaphore-hub"
    event = read(suivi(renouvele=MARCHE_UID), marches=(marche(),))[uid]
    assert (event["DTSTART"].dt, event["STATUS"], event["SEQUENCE"]) == (date(2026, 8, 31), "CONFIRMED", 7)
    assert event["SUMMARY"] == "Échéance du marché 2022DM004 : Perfusion"
    assert "Renouvelé par le projet 2026-DM-017 : Dispositifs de perfusion" in str(event["DESCRIPTION"])
    assert f"Lien : /v1/marches/{MARCHE_UID}" in str(event["DESCRIPTION"])
    for projet in (suivi(), suivi(renouvele=MARCHE_UID, statut=Statut.ABANDONNE)):
        alone = read(projet, marches=(marche(),))[uid]
        assert "Aucun projet ne le renouvelle dans ce calendrier" in str(alone["DESCRIPTION"])
    assert uid not in read(marches=(marche(date_fin=None),))


def test_the_expiry_of_a_marche_the_hub_does_not_have_comes_from_the_project() -> None:
    found = read(suivi(echeance=date(2026, 8, 31)))
    assert found[uid_of("echeance")]["DTSTART"].dt == date(2026, 8, 31)
    for projet in (
        suivi(echeance=date(2026, 8, 31), renouvele=MARCHE_UID),
        suivi(echeance=date(2026, 8, 31), statut=Statut.ABANDONNE),
    ):
        assert uid_of("echeance") not in read(projet)


def test_the_window_is_both_days_included_and_the_kinds_are_those_asked() -> None:
    found = read(suivi(), marches=(marche(),), fenetre=Fenetre(date(2026, 4, 1), date(2026, 8, 31)))
    codes = [uid.split("@")[0].rsplit("-", 1)[1] for uid in found]
    assert codes == ["publication", "remise", "analyse", "attribution", "notification", "echeance"]
    chosen = Fenetre(TOUT.du, TOUT.au, frozenset({"publication", "echeance"}))
    assert len(read(suivi(), marches=(marche(),), fenetre=chosen)) == 2
    before = Fenetre(date(2026, 4, 2), date(2026, 8, 30))
    assert not {uid_of("publication"), f"{MARCHE_UID}-echeance@semaphore-hub"} & set(
        read(suivi(), marches=(marche(),), fenetre=before)
    )


def test_the_stream_is_folded_escaped_and_ended_as_rfc_5545_asks() -> None:
    title = "Réactifs ; lot n° 1, \\ « œuvre »\nseconde ligne " + "é" * 120
    projet = suivi(intitule=title)
    raw = ecrire("Achats – FIC-01", evenements([projet], [], TOUT, JOUR), INSTANT)
    lines = raw.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in lines)
    assert lines[0] == b"BEGIN:VCALENDAR"
    unfolded = raw.replace(b"\r\n ", b"").decode().split("\r\n")
    assert "VERSION:2.0" in unfolded
    assert "METHOD:PUBLISH" in unfolded
    assert "X-WR-CALNAME:Achats – FIC-01" in unfolded
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H" in unfolded
    summary = next(line for line in unfolded if line.startswith("SUMMARY:Publication"))
    assert summary.startswith(r"SUMMARY:Publication : Réactifs \; lot n° 1\, \\ « œuvre » seconde ligne ")
    assert read(projet)[uid_of("publication")]["SUMMARY"] == (
        "Publication : " + title.replace("\n", " ") + " (2026-DM-017)"
    )


def test_the_fingerprint_changes_when_and_only_when_the_events_do() -> None:
    def of(*projets: Any, jour: date = JOUR, nom: str = "Achats") -> str:
        return empreinte(nom, evenements(projets, [], TOUT, jour))

    base = of(suivi())
    assert of(suivi(), jour=date(2026, 3, 9)) == base
    for other in (
        of(suivi(version=4)),
        of(suivi(intitule="Autre")),
        of(suivi(realises={})),
        of(suivi(), jour=date(2026, 3, 17)),
        of(suivi(), nom="Autre"),
        of(),
    ):
        assert other != base
