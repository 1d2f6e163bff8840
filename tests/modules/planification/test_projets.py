"""Projects foreseen: from scratch, from needs to the cent, as a renewal; revised; refused, each at its place."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from httpx import AsyncClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL, Caller, Role
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.errors import AlreadyExists, RuleBroken
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.modules.marches.models import Marche
from semaphore_hub.modules.marches.schemas import NouveauMarche
from semaphore_hub.modules.planification import schemas
from semaphore_hub.modules.planification.mesures import MesuresProjets
from semaphore_hub.modules.planification.origines import Besoins
from semaphore_hub.modules.planification.reading import Filtres
from semaphore_hub.ports import events as types
from semaphore_hub.ports.mesures import ProjetMesure
from tests.modules.fakes import RecordedEvents
from tests.modules.planification.samples import BASE, besoin, planned, projet, stated, step
from tests.modules.samples import PARTIE, SUPPORT, marche

VOISIN = Caller("voisin-fictif", Role.ACHETEUR, frozenset({"FIC-02"}))
_marche = table_of(Marche)


def living(services: Services, fin: date | None, **changes: Any) -> str:
    """A marché in execution that ends on a day."""
    with services.database.write() as unit:
        found = services.marches.creer(unit, LOCAL, NouveauMarche.model_validate(marche(**changes)))
        values = {"statut": "en_execution", "date_fin": fin}
        unit.connection.execute(update(_marche).where(_marche.c.uid == found.uid).values(values))
    return found.uid


def revised(services: Services, uid: str, version: int = 1, **body: Any) -> schemas.ProjetAchatVue:
    with services.database.write() as unit:
        revision = schemas.RevisionProjetAchat.model_validate(body)
        return services.planification.reviser(unit, LOCAL, uid, version, revision)


def test_a_project_from_scratch_is_planned_backwards(embedded: Services, events: RecordedEvents) -> None:
    found = planned(embedded)
    assert (found.statut, found.type, found.ght, found.montantEstime) == (
        "identifie",
        "nouveau",
        "FIC-01",
        Decimal("400000.00"),
    )
    assert (found.beneficiaires, found.famille) == ((SUPPORT,), "SYN-02")
    assert (found.jalons[0].prevu, found.jalons[-1].prevu) == (date(2026, 4, 6), date(2027, 1, 1))
    assert [one.regle for one in found.avertissements] == ["PLA-NCHFS-INCONNU"]
    assert [(event.type, event.subject) for event in events] == [
        (types.PROJET_ACHAT_PLANIFIE, f"planification/{found.uid}")
    ]


async def test_needs_make_a_project_to_the_cent(client: AsyncClient, known: Services) -> None:
    uids = stated(
        known,
        besoin(montantAnnuel="24000.07"),
        besoin(etablissement=SUPPORT, montantAnnuel="10000.05"),
        besoin(reference="PH-002", recurrent=False, montantAnnuel="1500.00"),
    )
    body = projet(besoins=uids, dureeMois=7, montantEstime=None, typeAchat=None, codeCPV=None, codeNCHFS=None)
    answer = await client.post(f"{BASE}/projets", json=body)
    assert answer.status_code == 201, answer.text
    found = answer.json()
    # (24 000,07 + 10 000,05) × 7/12 = 19 833,4033…, and once 1 500,00.
    assert found["montantEstime"] == "21333.40"
    assert found["beneficiaires"] == sorted([SUPPORT, PARTIE])
    assert (found["typeAchat"], found["codeCPV"], found["codeNCHFS"]) == ("fournitures", "33141000-0", "SYN-02.01")
    assert found["besoins"] == sorted(uids)
    again = await client.post(f"{BASE}/projets", json={**body, "reference": "AUTRE"})
    assert [(one["rule"], one["path"]) for one in again.json()["errors"]] == [
        ("PLA-BESOIN-PRIS", f"$.besoins[{rank}]") for rank in range(3)
    ]
    fewer = await step(client, found, "revision", {"besoins": uids[:1]})
    assert (fewer.json()["montantEstime"], fewer.json()["besoins"]) == ("14000.04", uids[:1])
    gone = await step(client, fewer.json(), "abandon", {"date": "2026-03-02", "motif": "Besoin disparu"})
    assert (gone.json()["statut"], gone.json()["besoins"]) == ("abandonne", [])
    freed = await client.post(f"{BASE}/projets", json={**body, "reference": "AUTRE"})
    assert freed.status_code == 201, freed.text


@given(
    needs=st.lists(st.tuples(st.integers(0, 10**9), st.booleans()), min_size=1, max_size=20), months=st.integers(1, 240)
)
@settings(max_examples=50)
def test_the_amount_of_needs_is_their_exact_sum_rounded_once(needs: list[tuple[int, bool]], months: int) -> None:
    rows: Any = [{"montant_annuel_cents": cents, "recurrent": recurring} for cents, recurring in needs]
    exact = sum(Fraction(cents * months, 12) if recurring else Fraction(cents) for cents, recurring in needs)
    found = Fraction(Besoins(rows).montant(months)) * 100
    assert found.denominator == 1
    assert Fraction(-1, 2) < found - exact <= Fraction(1, 2)


def test_a_renewal_begins_the_day_after_the_marche_ends(embedded: Services) -> None:
    old = living(embedded, date(2026, 12, 31))
    nothing_else = dict.fromkeys(("intitule", "typeAchat", "codeCPV", "dureeMois", "montantEstime"))
    found = planned(embedded, renouvelle=old, dateDebutPrevue=None, **nothing_else)
    assert (found.type, found.renouvelle, found.echeanceRenouvelee) == ("renouvellement", old, date(2026, 12, 31))
    assert (found.dateDebutPrevue, found.jalons[-1].prevu) == (date(2027, 1, 1), date(2027, 1, 1))
    assert (found.intitule, found.codeCPV, found.dureeMois, found.montantEstime, found.beneficiaires) == (
        "Fourniture de dispositifs médicaux stériles",
        "33140000-3",
        24,
        Decimal("200000.00"),
        (SUPPORT,),
    )
    with pytest.raises(RuleBroken, match="2026-DM-017 renouvelle déjà"):
        planned(embedded, reference="AUTRE", renouvelle=old)


def test_a_marche_prolonged_is_signalled_and_followed(embedded: Services) -> None:
    old = living(embedded, date(2026, 12, 31))
    uid = planned(embedded, renouvelle=old, dateDebutPrevue=None).uid
    kept = planned(embedded, reference="B", renouvelle=living(embedded, date(2026, 12, 31), id="DM002"))
    with embedded.database.write() as unit:
        unit.connection.execute(update(_marche).values(date_fin=date(2027, 3, 31)))
    with embedded.database.read() as connection:
        found = embedded.planification.lire(connection, LOCAL, uid)
    assert found.avertissements[-1].message.startswith("Le marché renouvelé finit maintenant le 31/03/2027")
    again = revised(embedded, uid)
    assert (again.echeanceRenouvelee, again.dateDebutPrevue) == (date(2027, 3, 31), date(2027, 4, 1))
    assert again.jalons[-1].prevu == date(2027, 4, 1)
    with embedded.database.read() as connection:
        rules = {one.regle for one in embedded.planification.lire(connection, LOCAL, uid).avertissements}
    assert "PLA-RENOUVELE-MODIFIE" not in rules
    other = revised(embedded, kept.uid, dateDebutPrevue="2027-02-01")
    assert (other.echeanceRenouvelee, other.dateDebutPrevue) == (date(2027, 3, 31), date(2027, 2, 1))


def test_a_late_renewal_says_how_many_days_are_without_a_marche(embedded: Services) -> None:
    old = living(embedded, date(2026, 10, 31))
    found = planned(embedded, renouvelle=old, dateDebutPrevue=None)
    with embedded.database.read() as connection:
        plan = embedded.planification.retroplanning(connection, LOCAL, found.uid)
    # Formalised: to begin 270 days before 1 November, on 4 February; the clock is on 2 March.
    assert (plan.lancement, plan.filiere) == (date(2026, 2, 4), "formalisee")
    assert plan.retard is not None
    assert (plan.retard.jours, plan.retard.joursSansMarche, plan.retard.debutRealiste) == (26, 26, date(2026, 11, 27))
    assert plan.jalons[0].joursAvantDebut == 270
    late = next(one for one in found.avertissements if one.regle == "PLA-RETARD")
    assert late.message == plan.retard.consequence


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"acheteur": "26999909000011"}, [("PLA-ACHETEUR", "$.acheteur")]),
        ({"beneficiaires": [SUPPORT, "26999909000011"]}, [("PLA-BENEFICIAIRE", "$.beneficiaires[1]")]),
        ({"famille": "Poterie"}, [("PLA-FAMILLE", "$.famille")]),
        ({"typeAchat": None}, [("PLA-CHAMP-REQUIS", "$.typeAchat")]),
        (
            {"dureeMois": None, "codeCPV": None},
            [("PLA-CHAMP-REQUIS", "$.codeCPV"), ("PLA-CHAMP-REQUIS", "$.dureeMois")],
        ),
        ({"montantEstime": "0"}, [("PLA-MONTANT", "$.montantEstime")]),
        ({"dateDebutPrevue": "1999-12-31"}, [("PLA-DEBUT", "$.dateDebutPrevue")]),
        ({"dateDebutPrevue": "2101-01-01"}, [("PLA-DEBUT", "$.dateDebutPrevue")]),
        ({"besoins": [new_id()]}, [("PLA-BESOIN-INCONNU", "$.besoins[0]")]),
        ({"renouvelle": new_id()}, [("PLA-RENOUVELE-INCONNU", "$.renouvelle")]),
        ({"type": "renouvellement"}, [("PLA-RENOUVELE-TYPE", "$.type")]),
        (
            {"lots": [{"numero": 1, "intitule": "A", "montantEstime": "399999.99"}]},
            [("PLA-LOTS-SOMME", "$.lots")],
        ),
        (
            {"montantEstime": None, "lots": [{"numero": 1, "intitule": "A", "montantEstime": "1"}] * 2},
            [("PLA-LOT-DOUBLE", "$.lots[1].numero")],
        ),
    ],
)
async def test_a_wrong_project_says_where_and_which_rule(
    local: AsyncClient,
    events: RecordedEvents,
    changes: dict[str, Any],
    errors: list[tuple[str, str]],
) -> None:
    answer = await local.post(f"{BASE}/projets", json=projet(**changes))
    assert answer.status_code == 409, answer.text
    assert [(one["rule"], one["path"]) for one in answer.json()["errors"]] == errors
    assert events == []
    assert (await local.get(f"{BASE}/projets")).json()["items"] == []


def test_the_same_with_what_is_right(embedded: Services) -> None:
    lots = [{"numero": 1, "intitule": "A", "montantEstime": "399999.99"}]
    found = planned(embedded, famille="dispositif médical", beneficiaires=[PARTIE], lots=lots, montantEstime=None)
    assert (found.famille, found.beneficiaires, found.montantEstime) == ("SYN-02", (PARTIE,), Decimal("399999.99"))
    with pytest.raises(AlreadyExists):
        planned(embedded)
    assert planned(embedded, reference="AUTRE", type="convergence").type == "convergence"


def test_needs_of_several_kinds_ask_which_one_is_the_projects(embedded: Services) -> None:
    uids = stated(embedded, besoin(), besoin(reference="PH-002", codeNCHFS="SYN-02.02", codeCPV="33140000-3"))
    with pytest.raises(RuleBroken) as refused:
        planned(embedded, besoins=uids, codeNCHFS=None, codeCPV=None)
    assert [(one.rule, one.path) for one in refused.value.problems] == [
        ("PLA-BESOINS-DIVERS", "$.codeCPV"),
        ("PLA-BESOINS-DIVERS", "$.codeNCHFS"),
    ]
    assert planned(embedded, besoins=uids).codeNCHFS == "SYN-02.01"


async def test_a_revision_plans_again_and_an_empty_one_is_refused(local: AsyncClient, embedded: Services) -> None:
    found = planned(embedded).model_dump(mode="json")
    moved = await step(local, found, "revision", {"dateDebutPrevue": "2027-03-02", "considerations": {"sociale": True}})
    assert moved.status_code == 200, moved.text
    assert moved.json()["jalons"][-1]["prevu"] == "2027-03-02"
    assert moved.json()["considerations"] == {"environnementale": False, "sociale": True, "innovation": False}
    for body in ({}, {"dateDebutPrevue": "2027-03-02"}):
        empty = await step(local, moved.json(), "revision", body)
        assert [one["rule"] for one in empty.json()["errors"]] == ["PLA-REVISION-VIDE"]
    assert (await step(local, found, "revision", {"portefeuille": "Labo"})).status_code == 412


def test_a_strategy_validated_is_not_revised_but_validated_again(embedded: Services) -> None:
    uid = planned(embedded).uid
    assert revised(embedded, uid, strategie="RESAH").strategie == "RESAH"
    with embedded.database.write() as unit:
        etapes = embedded.planification.etapes
        etapes.recenser(unit, LOCAL, uid, 2, schemas.EtapeProjet(date=date(2026, 3, 2)))
        etapes.valider_strategie(unit, LOCAL, uid, 3, schemas.ValidationStrategie(date=date(2026, 3, 2)))
    with pytest.raises(RuleBroken, match="validez-la à nouveau"):
        revised(embedded, uid, 4, strategie="GHT")


def test_two_buyers_at_once_take_a_reference_and_a_need_once(known: Services) -> None:
    uids = stated(known, besoin())

    def attempt(reference: str) -> str:
        try:
            return planned(known, reference=reference, besoins=uids).reference
        except (AlreadyExists, RuleBroken) as refused:
            return type(refused).__name__

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(attempt, ["A", "A", "B", "B"]))
    assert outcomes.count("A") + outcomes.count("B") == 1
    assert set(outcomes) <= {"A", "B", "AlreadyExists", "RuleBroken"}


def test_lists_are_filtered_and_kept_to_the_perimeter(embedded: Services) -> None:
    first, second = planned(embedded), planned(embedded, reference="AUTRE", strategie="UGAP", portefeuille="Labo")
    reading = embedded.planification
    wanted: dict[str, Any] = {"strategie": "UGAP", "portefeuille": "Labo", "nchfs": "SYN-02.01", "ght": "FIC-01"}
    with embedded.database.read() as connection:
        found, last = reading.lister(connection, LOCAL, Filtres(**wanted), limit=50, after=None)
        assert ([one.uid for one in found], last) == ([second.uid], None)
        page, last = reading.lister(connection, LOCAL, Filtres(), limit=1, after=None)
        assert ([one.uid for one in page], last) == ([second.uid], second.uid)
        rest, _ = reading.lister(connection, LOCAL, Filtres(), limit=1, after=last)
        assert [one.uid for one in rest] == [first.uid]
        assert reading.lister(connection, VOISIN, Filtres(), limit=50, after=None) == ([], None)


def test_the_indicators_read_the_launch_and_the_attribution_that_took_place(
    embedded: Services, clock: ManualClock
) -> None:
    old = living(embedded, date(2026, 12, 31))
    found = planned(embedded, renouvelle=old)
    clock.advance(timedelta(days=3))
    with embedded.database.read() as connection:
        source = MesuresProjets()
        assert source.uids(connection) == [found.uid]
        assert source.projet(connection, new_id()) is None
        assert source.projet(connection, found.uid) == ProjetMesure(
            uid=found.uid,
            version=1,
            ght="FIC-01",
            intitule="Dispositifs de perfusion",
            statut="identifie",
            strategie="GHT",
            famille="SYN-02",
            marche_renouvele_uid=old,
            date_creation=date(2026, 3, 2),
            date_lancement=None,
            date_attribution=None,
            date_debut_prevue=date(2027, 1, 1),
        )
