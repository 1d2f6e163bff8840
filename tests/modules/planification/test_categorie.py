"""The need is summed over its category and the whole GHT: what one hospital buys changes the procedure of another."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from httpx import AsyncClient

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.errors import RuleBroken
from semaphore_hub.modules.planification import schemas
from semaphore_hub.modules.planification.schemas import ProcedureVue
from semaphore_hub.modules.referentiel.nomenclatures_tenues import CodesTenus
from tests.modules.planification.samples import BASE, besoin, planned, projet, stated, step
from tests.modules.samples import PARTIE, SUPPORT


def computed(services: Services, uid: str, jour: date | None = None) -> ProcedureVue:
    with services.database.read() as connection:
        return services.planification.procedure(connection, LOCAL, uid, jour)


async def test_two_hospitals_of_a_ght_together_reach_the_formalised_procedure(
    client: AsyncClient, known: Services
) -> None:
    one, other = stated(
        known, besoin(montantAnnuel="120000.00"), besoin(etablissement=SUPPORT, montantAnnuel="96000.00")
    )
    alone = projet(besoins=[one], dureeMois=12, montantEstime=None, dateDebutPrevue="2026-12-01", codeNCHFS=None)
    created = await client.post(f"{BASE}/projets", json=alone)
    assert created.status_code == 201, created.text
    uid = created.json()["uid"]
    answer = await client.get(f"{BASE}/projets/{uid}/procedure", params={"dateLancement": "2026-06-01"})
    found = answer.json()
    assert (found["valeur"], found["procedure"]) == ("216000.00", "procédure formalisée")
    assert [(item["nature"], item["uid"], item["montant"]) for item in found["elements"]] == [
        ("projet", uid, "120000.00"),
        ("besoin", other, "96000.00"),
    ]
    # Without the need of the other hospital, it is an adapted procedure; one cent less as well.
    withdrawn = {**besoin(etablissement=SUPPORT), "montantAnnuel": "95999.99"}
    census = (await client.get(f"{BASE}/recensements")).json()["items"][0]["uid"]
    for amount, valeur in (("95999.99", "215999.99"), ("0", "120000.00")):
        body = {"besoins": [{**withdrawn, "montantAnnuel": amount}]}
        put = await client.put(f"{BASE}/recensements/{census}/besoins", json=body)
        assert put.json()["modifies"] == 1, put.text
        again = await client.get(f"{BASE}/projets/{uid}/procedure", params={"dateLancement": "2026-06-01"})
        assert (again.json()["valeur"], again.json()["procedure"]) == (valeur, "procédure adaptée")


def test_projects_of_the_year_count_once_with_the_needs_they_take(embedded: Services) -> None:
    taken, left = stated(embedded, besoin(montantAnnuel="50000"), besoin(reference="PH-002", montantAnnuel="7000"))
    mine = planned(embedded, montantEstime="100000")
    planned(embedded, reference="B", besoins=[taken], dureeMois=12, montantEstime=None)
    planned(embedded, reference="UNIHA", strategie="UniHA", montantEstime="20000")
    planned(embedded, reference="AUTRE-CODE", codeNCHFS="SYN-02.02", montantEstime="900000")
    planned(embedded, reference="AUTRE-ANNEE", dateDebutPrevue="2030-01-01", montantEstime="900000")
    planned(embedded, reference="TRAVAUX", typeAchat="travaux", montantEstime="900000")
    gone = planned(embedded, reference="GONE", montantEstime="900000")
    with embedded.database.write() as unit:
        body = schemas.SortieDuProjet(date=date(2026, 3, 2), motif="Besoin disparu")
        embedded.planification.etapes.abandonner(unit, LOCAL, gone.uid, 1, body)
    found = computed(embedded, mine.uid, date(2026, 8, 4))
    assert [str(one.montant) for one in found.elements] == ["100000.00", "50000.00", "20000.00", "7000.00"]
    assert (found.valeur, found.annee, found.elements[-1].uid) == (Decimal(177_000), 2026, left)
    assert computed(embedded, mine.uid, date(2027, 1, 4)).valeur == Decimal(100_000)


def test_a_project_of_less_than_a_year_counts_for_the_twelve_months_of_its_needs(embedded: Services) -> None:
    uids = stated(embedded, besoin(montantAnnuel="120000"), besoin(reference="P", recurrent=False, montantAnnuel="500"))
    short = planned(embedded, besoins=uids, dureeMois=6, montantEstime=None)
    assert short.montantEstime == Decimal("60500.00")
    found = computed(embedded, short.uid, date(2026, 8, 4))
    assert found.valeur == Decimal("120500.00")
    assert found.elements[0].precision == "ce projet dure 6 mois : ses besoins récurrents comptent pour douze"


async def test_a_change_that_makes_the_procedure_wrong_is_signalled_until_it_is_validated_again(
    local: AsyncClient, embedded: Services
) -> None:
    mine = planned(embedded, montantEstime="200000")
    found = await step(local, mine.model_dump(), "recensement", {"date": "2026-03-02"})
    found = await step(local, found.json(), "strategie", {"date": "2026-03-02", "dateLancement": "2026-09-01"})
    assert (found.json()["procedure"], found.json()["calcul"]["valeur"]) == ("procédure adaptée", "200000.00")
    assert "PLA-PROCEDURE-PERIMEE" not in {one["regle"] for one in found.json()["avertissements"]}
    planned(embedded, reference="B", acheteur=PARTIE, montantEstime="16000")
    read = (await local.get(f"{BASE}/projets/{mine.uid}")).json()
    warned = next(one["message"] for one in read["avertissements"] if one["regle"] == "PLA-PROCEDURE-PERIMEE")
    assert warned == (
        "La procédure retenue est « procédure adaptée », le calcul au 01/09/2026 donne « procédure formalisée » "
        "(216 000,00 € HT) : validez la stratégie à nouveau."
    )
    assert read["procedure"] == "procédure adaptée"
    again = await step(local, read, "strategie", {"date": "2026-03-02", "dateLancement": "2026-09-01"})
    assert again.json()["procedure"] == "procédure formalisée"
    assert "PLA-PROCEDURE-PERIMEE" not in {one["regle"] for one in again.json()["avertissements"]}


async def test_the_launch_keeps_the_computation_of_its_day(local: AsyncClient, embedded: Services) -> None:
    mine = planned(embedded, montantEstime="50000")
    found = await step(local, mine.model_dump(), "recensement", {"date": "2026-03-02"})
    found = await step(local, found.json(), "strategie", {"date": "2026-03-02", "dateLancement": "2026-03-31"})
    assert found.json()["procedure"] == "procédure adaptée"
    found = await step(local, found.json(), "dce", {"date": "2026-03-10"})
    found = await step(local, found.json(), "publication", {"date": "2026-04-01"})
    assert found.json()["calcul"]["procedure"] == "sans publicité ni mise en concurrence"
    assert "PLA-PROCEDURE-PERIMEE" in {one["regle"] for one in found.json()["avertissements"]}


def test_a_code_kept_in_the_hub_is_known_and_a_buyer_that_is_not_the_support_is_signalled(embedded: Services) -> None:
    with embedded.database.write() as unit:
        codes = {"codes": [{"code": "SYN-02.01", "libelle": "Perfusion (fictif)"}]}
        embedded.referentiel.nomenclatures.enregistrer(unit, LOCAL, "nchfs", CodesTenus.model_validate(codes))
    assert planned(embedded).avertissements == ()
    party = planned(embedded, reference="B", acheteur=PARTIE, codeNCHFS=None)
    assert [one.regle for one in party.avertissements] == ["PLA-ACHETEUR-PARTIE", "PLA-CATEGORIE-ABSENTE"]


def test_beyond_the_known_thresholds_a_project_is_planned_but_not_validated(embedded: Services) -> None:
    far = planned(embedded, dateDebutPrevue="2030-01-01", montantEstime="1000")
    assert (far.dateDebutPrevue - (far.jalons[0].prevu or date.min)).days == 270
    with embedded.database.read() as connection:
        plan = embedded.planification.retroplanning(connection, LOCAL, far.uid)
    assert any("Aucun seuil n'est enregistré" in one for one in plan.ajustements)
    with embedded.database.write() as unit:
        embedded.planification.etapes.recenser(unit, LOCAL, far.uid, 1, schemas.EtapeProjet(date=date(2026, 3, 2)))
        with pytest.raises(RuleBroken, match="Aucun seuil"):
            body = schemas.ValidationStrategie(date=date(2026, 3, 2))
            embedded.planification.etapes.valider_strategie(unit, LOCAL, far.uid, 2, body)
