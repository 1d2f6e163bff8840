"""Campaigns: windows, frozen figures, who answered, what changed, reminders said once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL, Caller, Role
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.errors import AlreadyExists, Forbidden, NotFound, RuleBroken
from semaphore_hub.modules.paat.campagnes.schemas import (
    CampagneVue,
    Ecarts,
    NouvelleCampagne,
    NouvelleRemontee,
    RemonteeDetail,
    RemonteeVue,
)
from semaphore_hub.modules.paat.codes import StatutPaat
from semaphore_hub.modules.referentiel.schemas import NouveauGht
from semaphore_hub.ports.payloads import CampagnePayload, PaatPayload, RappelPayload
from tests.modules.fakes import RecordedEvents
from tests.modules.paat.validation.plans import (
    ACHETEUR,
    AILLEURS,
    ARS,
    DGOS,
    DIRECTEUR,
    PARTENAIRE,
    action,
    lu,
    mene,
    plan,
)

INTEGRATEUR = Caller("integrateur-fictif", Role.INTEGRATEUR, None)


def ouverte(services: Services, caller: Caller = DGOS, **changes: Any) -> CampagneVue:
    body = {"annee": 2026, "moment": "mi_annee", **changes}
    with services.database.write() as unit:
        return services.campagnes.ouvrir(unit, caller, NouvelleCampagne.model_validate(body))


def remonte(services: Services, campagne: str, paat: str, caller: Caller = ACHETEUR) -> RemonteeVue:
    with services.database.write() as unit:
        return services.campagnes.remonter(unit, caller, campagne, NouvelleRemontee(paat=paat))


def detail(services: Services, remontee: RemonteeVue, caller: Caller = ACHETEUR) -> RemonteeDetail:
    with services.database.read() as connection:
        return services.campagnes.lire_remontee(connection, caller, remontee.campagne, remontee.uid)


def ecarts(services: Services, avant: Any = "mi_annee", apres: Any = "plan", ght: str = "FIC-01") -> Ecarts:
    with services.database.read() as connection:
        return services.campagnes.ecarts(connection, ACHETEUR, ght, 2026, avant, apres)


def on(clock: ManualClock, *day: int) -> None:
    clock.set(datetime(*day, 8, 0, tzinfo=UTC))  # type: ignore[misc]  # year, month, day


# --- opening ----------------------------------------------------------------------------------------------------------


def test_a_campaign_is_opened_once_with_its_usual_days(known: Services, events: RecordedEvents) -> None:
    opened = ouverte(known)
    assert (opened.dateDonnees, opened.ouverture, opened.cloture) == (
        date(2026, 6, 30),
        date(2026, 7, 1),
        date(2026, 7, 31),
    )
    assert opened.rappelsJours == (15, 7, 1, -1)
    (event,) = events
    assert (event.type, event.ght) == ("fr.semaphore.paat.campagne_ouverte.v1", None)
    assert CampagnePayload.model_validate(event.data).uid == opened.uid
    with pytest.raises(AlreadyExists) as refused:
        ouverte(known, cloture="2026-08-15")
    assert refused.value.problems[0].rule == "PAA-CAMPAGNE-DOUBLE"
    second = ouverte(known, moment="fin_annee")
    with known.database.read() as connection:
        found, _ = known.campagnes.lister(connection, 2026, limit=10, after=None)
        assert known.campagnes.lire(connection, opened.uid) == opened
        assert known.campagnes.lister(connection, 2025, limit=10, after=None) == ([], None)
    assert found == [second, opened]


@pytest.mark.parametrize("caller", [ACHETEUR, DIRECTEUR, ARS, PARTENAIRE])
def test_only_the_dgos_opens_and_reminds(embedded: Services, caller: Caller) -> None:
    with pytest.raises(Forbidden):
        ouverte(embedded, caller)
    with pytest.raises(Forbidden):
        embedded.campagnes.rappeler(caller)
    assert ouverte(embedded, INTEGRATEUR).annee == 2026


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({"ouverture": "2026-06-29"}, [("PAA-CAMPAGNE-ORDRE", "$.ouverture")]),
        ({"cloture": "2026-06-30"}, [("PAA-CAMPAGNE-ORDRE", "$.ouverture")]),
        ({"cloture": "2028-01-01"}, [("PAA-CAMPAGNE-ANNEE", "$.cloture")]),
        (
            {"dateDonnees": "2025-12-31", "cloture": "0001-01-01"},
            [
                ("PAA-CAMPAGNE-ANNEE", "$.dateDonnees"),
                ("PAA-CAMPAGNE-ANNEE", "$.cloture"),
                ("PAA-CAMPAGNE-ORDRE", "$.ouverture"),
            ],
        ),
    ],
)
def test_wrong_days_say_which(embedded: Services, changes: dict[str, str], broken: list[tuple[str, str]]) -> None:
    with pytest.raises(RuleBroken) as refused:
        ouverte(embedded, **changes)
    assert [(one.rule, one.path) for one in refused.value.problems] == broken


# --- answers ----------------------------------------------------------------------------------------------------------


def test_what_was_reported_does_not_move_with_the_plan(
    known: Services, clock: ManualClock, events: RecordedEvents
) -> None:
    campagne = ouverte(known)
    created = plan(known, action("A-001", dateEffet="2026-09-01"), action("A-002", gain="150000.00"))
    on(clock, 2026, 7, 2)
    first = remonte(known, campagne.uid, created.uid)
    assert (events[-1].type, events[-1].subject) == ("fr.semaphore.paat.remonte.v1", f"remontee/{first.uid}")
    told = PaatPayload.model_validate(events[-1].data)
    assert (told.uid, told.actions, str(told.gainDeclare), str(told.gainRetenu)) == (
        created.uid,
        2,
        "162000.00",
        "12000.00",
    )
    frozen = detail(known, first)
    assert (frozen.chiffres.exclues, str(frozen.chiffres.gainAnnee), str(frozen.chiffres.report)) == (
        1,
        "4000.00",
        "8000.00",
    )
    assert [(one.numero, str(one.gain), one.controle, str(one.gainRetenu)) for one in frozen.lignes] == [
        ("A-001", "12000.00", None, "12000.00"),
        ("A-002", "150000.00", "Q2", "0.00"),
    ]
    assert lu(known, created.uid).version == created.version

    with known.database.write() as unit:
        known.paat.enregistrer(unit, ACHETEUR, created.uid, created.version, [action("A-002", gain="15000.00")])
    assert detail(known, first) == frozen
    second = remonte(known, campagne.uid, created.uid)
    assert (str(second.chiffres.gainRetenu), second.chiffres.versionPaat) == ("27000.00", created.version + 1)
    with known.database.read() as connection:
        found, _ = known.campagnes.lister_remontees(connection, ACHETEUR, campagne.uid, None, limit=9, after=None)
    assert found == [second, first]


@pytest.mark.parametrize(
    ("jour", "admis"),
    [
        ((2026, 6, 30), ()),
        ((2026, 7, 1), (ACHETEUR, DIRECTEUR, DGOS, INTEGRATEUR)),
        ((2026, 7, 31), (ACHETEUR, DIRECTEUR, DGOS, INTEGRATEUR)),
        ((2026, 8, 1), (DGOS, INTEGRATEUR)),
    ],
)
def test_answers_come_within_the_window_or_by_the_dgos(
    embedded: Services, clock: ManualClock, jour: tuple[int, int, int], admis: tuple[Caller, ...]
) -> None:
    campagne = ouverte(embedded)
    created = plan(embedded, action("A-001"))
    on(clock, *jour)
    for caller in (ACHETEUR, DIRECTEUR, DGOS, INTEGRATEUR):
        if caller in admis:
            assert remonte(embedded, campagne.uid, created.uid, caller).auteur == caller.name
        else:
            with pytest.raises(RuleBroken) as refused:
                remonte(embedded, campagne.uid, created.uid, caller)
            assert [one.rule for one in refused.value.problems] == ["PAA-REMONTEE-FENETRE"]


def test_an_answer_is_of_the_year_of_the_perimeter_and_not_empty(embedded: Services, clock: ManualClock) -> None:
    campagne = ouverte(embedded)
    on(clock, 2026, 7, 2)
    good, empty = plan(embedded, action("A-001")), plan(embedded, ght="FIC-02")
    other_year = plan(embedded, action("A-001"), annee=2027)
    for paat, caller, rule in (
        (good.uid, AILLEURS, "PAA-REMONTEE-PAAT"),
        (campagne.uid, ACHETEUR, "PAA-REMONTEE-PAAT"),
        (other_year.uid, ACHETEUR, "PAA-REMONTEE-ANNEE"),
        (empty.uid, AILLEURS, "PAA-REMONTEE-VIDE"),
    ):
        with pytest.raises(RuleBroken) as refused:
            remonte(embedded, campagne.uid, paat, caller)
        assert [one.rule for one in refused.value.problems] == [rule]
    for caller in (ARS, PARTENAIRE):
        with pytest.raises(Forbidden):
            remonte(embedded, campagne.uid, good.uid, caller)
    with pytest.raises(NotFound):
        remonte(embedded, good.uid, good.uid)
    found = remonte(embedded, campagne.uid, good.uid)
    with pytest.raises(NotFound):
        detail(embedded, found, AILLEURS)
    with embedded.database.read() as connection:
        seen = embedded.campagnes.lister_remontees(connection, AILLEURS, campagne.uid, None, limit=9, after=None)
    assert seen == ([], None)


def test_a_plan_is_reported_whatever_its_status(embedded: Services, clock: ManualClock) -> None:
    campagne = ouverte(embedded)
    created = plan(embedded, action("A-001"))
    on(clock, 2026, 7, 2)
    assert remonte(embedded, campagne.uid, created.uid).chiffres.statut == "brouillon"
    mene(embedded, created.uid, StatutPaat.CLOS)
    assert remonte(embedded, campagne.uid, created.uid).chiffres.statut == "clos"


def test_the_progress_names_who_is_missing_by_region(known: Services, clock: ManualClock) -> None:
    with known.database.write() as unit:
        for code in ("ARA-01", "ARA-02"):
            known.referentiel.creer_ght(unit, LOCAL, NouveauGht(code=code, nom=f"GHT fictif {code}"))
    campagne = ouverte(known)
    answered, silent = plan(known, action("A-001"), ght="ARA-01"), plan(known, action("A-001"), ght="FIC-01")
    twice = plan(known, action("A-001"), action("A-002", gain="150000.00"), ght="FIC-02")
    on(clock, 2026, 7, 2)
    remonte(known, campagne.uid, answered.uid, LOCAL)
    remonte(known, campagne.uid, twice.uid, LOCAL)
    last = remonte(known, campagne.uid, twice.uid, LOCAL)
    with known.database.read() as connection:
        found = known.campagnes.avancement(connection, DGOS, campagne.uid)
        narrow = known.campagnes.avancement(connection, ACHETEUR, campagne.uid)
    assert (found.attendus, found.remontes) == (4, 2)
    assert (str(found.gainDeclare), str(found.gainRetenu)) == ("174000.00", "24000.00")
    assert [(one.region, one.attendus, one.remontes, one.manquants, str(one.gainRetenu)) for one in found.regions] == [
        ("ARA", 2, 1, ("ARA-02",), "12000.00"),
        (None, 2, 1, ("FIC-01",), "12000.00"),
    ]
    by_code = {one.ght: one for one in found.ghts}
    assert (by_code["FIC-02"].remontee, by_code["FIC-02"].deposeeLe) == (last.uid, last.deposeeLe)
    assert (by_code["FIC-01"].paat, by_code["FIC-01"].statut, by_code["FIC-01"].remontee) == (
        silent.uid,
        "brouillon",
        None,
    )
    assert by_code["ARA-02"].paat is None
    assert [one.ght for one in narrow.ghts] == ["FIC-01"]


def test_two_campaigns_of_a_year_are_compared_line_by_line(known: Services, clock: ManualClock) -> None:
    middle, end = ouverte(known), ouverte(known, moment="fin_annee")
    created = plan(known, action("A-001"), action("A-002"))
    on(clock, 2026, 7, 2)
    first = remonte(known, middle.uid, created.uid)
    assert ecarts(known).lignes == ()
    with pytest.raises(RuleBroken) as refused:
        ecarts(known, apres="fin_annee")
    assert [(one.rule, one.path) for one in refused.value.problems] == [("PAA-ECARTS-ABSENTE", "query.apres")]
    with known.database.write() as unit:
        said = [action("A-002", gain="9000.00"), action("A-003", gain="1000.00")]
        known.paat.enregistrer(unit, ACHETEUR, created.uid, created.version, said)
    on(clock, 2027, 1, 5)
    second = remonte(known, end.uid, created.uid)
    for found in (ecarts(known, apres="fin_annee"), ecarts(known)):
        assert (found.avant.remontee, str(found.differenceGainRetenu)) == (first.uid, "-2000.00")
        assert [(one.numero, one.nature) for one in found.lignes] == [("A-002", "modifiee"), ("A-003", "ajoutee")]
        assert [(one.champ, str(one.difference)) for one in found.lignes[0].champs] == [
            ("gain", "-3000.00"),
            ("gainRetenu", "-3000.00"),
        ]
    assert ecarts(known, apres="fin_annee").apres.remontee == second.uid
    assert ecarts(known).apres.remontee is None
    with pytest.raises(NotFound):
        ecarts(known, ght="FIC-02")


# --- reminders --------------------------------------------------------------------------------------------------------


def test_each_ght_is_reminded_once_each_time_until_it_answers(
    known: Services, clock: ManualClock, events: RecordedEvents
) -> None:
    campagne = ouverte(known)
    created = plan(known, action("A-001"))
    events.clear()
    on(clock, 2026, 7, 15)
    assert known.campagnes.rappeler(LOCAL) == 0
    on(clock, 2026, 7, 16)
    assert (known.campagnes.rappeler(LOCAL), known.campagnes.rappeler(DGOS)) == (2, 0)
    told = [RappelPayload.model_validate(event.data) for event in events]
    assert [(one.ght, one.jours, one.campagne) for one in told] == [
        ("FIC-01", 15, campagne.uid),
        ("FIC-02", 15, campagne.uid),
    ]
    assert [event.ght for event in events] == ["FIC-01", "FIC-02"]
    remonte(known, campagne.uid, created.uid)
    on(clock, 2026, 7, 26)
    assert (known.campagnes.rappeler(LOCAL), known.campagnes.rappeler(LOCAL)) == (1, 0)
    late = RappelPayload.model_validate(events[-1].data)
    assert (late.ght, late.jours, "dans 5 jours" in late.message) == ("FIC-02", 5, True)
    assert known.campagnes.rappeler(LOCAL, date(2026, 8, 1)) == 1
    with known.database.read() as connection:
        said, _ = known.campagnes.lister_rappels(
            connection, DGOS, {"campagne_uid": campagne.uid, "ght": "FIC-02"}, limit=9, after=None
        )
        mine, _ = known.campagnes.lister_rappels(connection, ACHETEUR, {}, limit=9, after=None)
    assert [(one.jours, one.jour) for one in said] == [
        (-1, date(2026, 8, 1)),
        (7, date(2026, 7, 26)),
        (15, date(2026, 7, 16)),
    ]
    assert [(one.ght, one.jours) for one in mine] == [("FIC-01", 15)]


def test_a_hub_that_was_stopped_says_the_last_reminder_only(embedded: Services) -> None:
    ouverte(embedded)
    assert embedded.campagnes.rappeler(LOCAL, date(2026, 7, 30)) == 2
    assert embedded.campagnes.rappeler(LOCAL, date(2026, 7, 30)) == 0


def test_a_past_campaign_recorded_late_reminds_nobody(embedded: Services) -> None:
    ouverte(embedded, annee=2024)
    assert embedded.campagnes.rappeler(LOCAL) == 0
