"""Every indicator from rows of facts, through the service, on both databases."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.modules.indicateurs.demande import Demande
from semaphore_hub.modules.indicateurs.schemas import IndicateurCalcule
from tests.modules.indicateurs.rangees import actions, depenses, marches, objectifs, projets, volumes

RENOUVELE = "019a8f2e-5b7c-7d31-8f4e-2a6b9c0d1e30"


def lire(services: Services, code: str, **asked: Any) -> IndicateurCalcule:
    with services.database.read() as connection:
        return services.indicateurs.lire(connection, LOCAL, code, Demande(**{"annees": (2026,), **asked}))


def composantes(found: IndicateurCalcule) -> dict[str, str]:
    return {one.code: one.affichage for one in found.total.composantes}


def test_the_figures_of_plans(known: Services) -> None:
    actions(
        known.database,
        {"gain_retenu_cents": 2_100_000, "report": True, "perimetre_cents": 30_000_000, "reference_cents": 99_999_999},
        {"gain_retenu_cents": 12_000_000, "gain_annee_cents": 9_400_000, "reference_cents": 70_000_000,
         "famille": "SYN-02", "operateur": "uniha"},
        {"gain_retenu_cents": 0, "exclue": True, "controle": "Q2", "gain_cents": 700_000, "gain_annee_cents": None,
         "reference_cents": 4_500},
    )  # fmt: skip
    objectifs(known.database, {"montant_cents": 1}, {"edition": 2, "montant_cents": 10_000_000})
    volumes(known.database, {"montant_cents": 400_000_000}, {"famille": "SYN-02", "montant_cents": 140_000_000})
    assert lire(known, "atteinte-objectif").total.affichage == "115 %"
    assert lire(known, "part-report").total.affichage == "21 %"
    # A full year of gains, 21,000.00 + 120,000.00, on 300,000.00 + 700,000.00 treated.
    assert lire(known, "taux-performance").total.valeur == "0.1410"
    # What was carried over was treated the year before: 700,000.00 on 4,000,000.00.
    assert lire(known, "taux-couverture").total.affichage == "17,5 %"
    assert lire(known, "taux-couverture", famille="SYN-02").total.affichage == "50,0 %"
    by_count, by_value = lire(known, "taux-qualite").total, lire(known, "taux-qualite-valeur").total
    assert (by_count.numerateur, by_count.denominateur, by_count.affichage) == ("2.0000", "3.0000", "67 %")
    # Declared: 21,000.00 + 94,000.00 (shares of the year) + 7,000.00, which the excluded line withdraws.
    assert (by_value.numerateur, by_value.denominateur) == ("115000.00", "122000.00")


def test_a_gain_counts_once_over_its_year_and_the_next(embedded: Services) -> None:
    # 120,000.00 a year from 1 September: 40,000.00 in the year, 80,000.00 carried over to the next.
    september = {"gain_cents": 12_000_000, "gain_retenu_cents": 12_000_000, "perimetre_cents": 200_000_000}
    carried = {"gain_cents": 8_000_000, "gain_retenu_cents": 8_000_000, "perimetre_cents": 200_000_000}
    actions(
        embedded.database,
        {**september, "annee": 2025, "gain_annee_cents": 4_000_000},
        {**carried, "annee": 2026, "gain_annee_cents": 8_000_000, "report": True},
        # No month of effect is known: the whole gain is the year's.
        {"annee": 2027, "gain_retenu_cents": 500_000, "gain_annee_cents": None},
    )
    found = lire(embedded, "gains", annees=(2025, 2026, 2027))
    assert [line.valeur for line in found.lignes] == ["40000.00", "80000.00", "5000.00"]
    assert composantes(found)["report"] == "80 000,00 €"
    volumes(embedded.database, *({"annee": year, "montant_cents": 800_000_000} for year in (2025, 2026)))
    covered = lire(embedded, "taux-couverture", annees=(2025, 2026), niveau="region")
    assert [line.affichage for line in covered.lignes] == ["25,0 %", "0,0 %"]


def test_gains_say_their_weights(known: Services) -> None:
    actions(
        known.database,
        {"gain_retenu_cents": 300_000, "famille": "SYN-01"},
        {"gain_retenu_cents": 100_001, "famille": "SYN-02", "operateur": "uniha", "role": "partie"},
        {"gain_retenu_cents": -1, "famille": None, "levier": None, "effet_budgetaire": None},
    )
    found = lire(known, "gains", par="famille")
    assert found.total.valeur == "4000.00"
    assert [(line.libelle, line.valeur, line.composantes[0].affichage) for line in found.lignes] == [
        ("Non précisé", "-0.01", "0,0 %"),
        ("Médicaments", "3000.00", "75,0 %"),
        ("Dispositifs médicaux", "1000.01", "25,0 %"),
    ]
    for par, first in (("operateur", "GHT"), ("role", "Établissement partie"), ("levier", "Non précisé"),
                       ("effet", "Non précisé"), ("report", "Actions de l'année")):  # fmt: skip
        assert lire(known, "gains", par=par).lignes[0].libelle == f"{first}"


def test_spending(known: Services) -> None:
    depenses(
        known.database,
        {"montant_ht_cents": 50_000, "hors_marche": "sans_numero", "marche_uid": None},
        {"montant_ht_cents": 30_000, "operateur": "uniha", "mutualise": True},
        {"montant_ht_cents": 20_000, "mutualise": True},
    )
    assert lire(known, "mutualisation").total.affichage == "50,0 %"
    assert composantes(lire(known, "mutualisation")) == {
        "operateurs": "300,00 €", "partagee": "200,00 €", "seule": "500,00 €",
    }  # fmt: skip
    off = lire(known, "achats-hors-marche")
    assert (off.total.valeur, composantes(off)["sans_numero"]) == ("0.5000", "500,00 €")
    by_reason = lire(known, "achats-hors-marche", par="motif")
    assert [line.libelle for line in by_reason.lignes] == [
        "Rapprochée d'un marché", "Dépense sans numéro de marché",
    ]  # fmt: skip


def test_marches_notified_in_the_year(known: Services) -> None:
    marches(
        known.database,
        {"environnement": True, "social": False, "offres_recues": 4, "pme": True,
         "date_lancement": date(2025, 12, 1), "date_attribution": date(2026, 1, 30)},
        {"environnement": False, "social": False, "offres_recues": 1, "pme": False,
         "date_lancement": date(2026, 1, 1), "date_attribution": date(2026, 1, 31)},
        {},
        {"environnement": True, "date_notification": date(2025, 12, 31), "annee": 2025},
        {"environnement": True, "date_notification": None, "annee": None, "statut": "attribue"},
    )  # fmt: skip
    environment = lire(known, "considerations-environnementales")
    assert (environment.total.affichage, composantes(environment)) == ("50 %", {"inconnus": "1", "cible": "100,0 %"})
    social = lire(known, "considerations-sociales")
    assert (social.total.valeur, composantes(social)) == ("0.0000", {"inconnus": "1", "cible": "30,0 %"})
    assert lire(known, "offres-recues").total.affichage == "2,5"
    assert lire(known, "part-pme").total.affichage == "50,0 %"
    delay = lire(known, "delai-attribution").total
    assert (delay.numerateur, delay.denominateur, delay.affichage) == ("90.0000", "2.0000", "45,0 jours")
    assert lire(known, "considerations-environnementales", annees=(2025,)).total.affichage == "100 %"
    years = lire(known, "considerations-environnementales", annees=(2025, 2026))
    assert [(line.cle["annee"], line.affichage) for line in years.lignes] == [(2025, "100 %"), (2026, "50 %")]


def test_consumption_of_what_is_in_force_in_the_year(known: Services) -> None:
    marches(
        known.database,
        {"consomme_cents": 6_000_000, "montant_max_cents": 20_000_000},
        {"consomme_cents": 12_000_000, "date_notification": date(2024, 5, 1), "date_fin": date(2026, 1, 1)},
        {"consomme_cents": 9_000_000, "date_notification": date(2024, 5, 1), "date_fin": date(2025, 12, 31)},
        {"consomme_cents": 9_000_000, "date_notification": None, "statut": "attribue"},
    )
    found = lire(known, "consommation")
    assert (found.total.numerateur, found.total.denominateur, found.total.affichage) == (
        "180000.00", "300000.00", "60,0 %",
    )  # fmt: skip
    assert composantes(found) == {"marches": "2", "depasses": "1"}
    assert composantes(lire(known, "consommation", annees=(2025,)))["marches"] == "2"


def test_what_ends_within_six_months_and_nobody_renews(known: Services) -> None:
    marches(
        known.database,
        {"uid": RENOUVELE, "date_fin": date(2026, 9, 2)},
        {"date_fin": date(2026, 9, 2), "montant_cents": 123_45},
        {"date_fin": date(2026, 9, 3)},
        {"date_fin": date(2026, 3, 1)},
        {"date_fin": date(2026, 6, 1), "statut": "resilie"},
        {"date_fin": None},
    )
    projets(known.database, {"marche_renouvele_uid": RENOUVELE})
    found = lire(known, "echeances-sans-successeur")
    assert (found.total.valeur, found.total.denominateur) == ("1.0000", "2.0000")
    assert composantes(found) == {"part": "50,0 %", "montant": "123,45 €"}
    past = lire(known, "echeances-sans-successeur", annees=(2024,)).total
    assert (past.valeur, past.motif) == (
        None, "Sans valeur : cet indicateur se lit à ce jour ; demandez l'année 2026.",
    )  # fmt: skip


def test_a_project_given_up_renews_nothing_and_no_expiry_is_a_zero(known: Services) -> None:
    assert lire(known, "echeances-sans-successeur").total.affichage == "0"
    marches(known.database, {"uid": RENOUVELE, "date_fin": date(2026, 4, 1)})
    projets(known.database, {"marche_renouvele_uid": RENOUVELE, "statut": "abandonne"})
    assert lire(known, "echeances-sans-successeur").total.affichage == "1"


def test_the_delay_of_projects(known: Services) -> None:
    projets(
        known.database,
        {"date_notification": date(2026, 1, 31)},
        {"date_creation": date(2025, 12, 1), "date_notification": date(2026, 1, 30), "strategie": "UniHA"},
        {},
    )
    found = lire(known, "delai-projet", par="strategie")
    assert found.total.affichage == "45,0 jours"
    assert [line.affichage for line in found.lignes] == ["30,0 jours", "60,0 jours"]


@pytest.mark.parametrize(
    "code",
    ["atteinte-objectif", "gains", "taux-couverture-cumul", "mutualisation", "part-pme", "delai-projet", "objectifs"],
)
def test_an_empty_hub_has_no_figure_and_a_reason(embedded: Services, code: str) -> None:
    total = lire(embedded, code).total
    assert (total.valeur, total.affichage) == (None, "n.d.")
    assert total.motif == "Sans valeur : aucune donnée pour ce périmètre et cette période."


def test_a_line_without_a_target_is_left_out_of_the_total_and_said(embedded: Services) -> None:
    actions(embedded.database, {}, {"region": "ARA"}, {"region": None, "ght": None})
    objectifs(embedded.database, {"montant_cents": 100_000}, {"region": "CORSE", "montant_cents": 100_000})
    found = lire(embedded, "atteinte-objectif", niveau="region")
    assert [(line.libelle, line.affichage) for line in found.lignes] == [
        ("Non précisé", "n.d."), ("Auvergne-Rhône-Alpes", "n.d."), ("Bretagne", "100 %"), ("Corse", "n.d."),
    ]  # fmt: skip
    assert found.lignes[0].lien is None
    assert found.lignes[3].motif == "Sans valeur : aucune ligne de PAAT n'est connue pour ce périmètre et cette année."
    assert (found.total.affichage, found.total.numerateur) == ("100 %", "1000.00")
    assert found.avertissements == (
        "Le total ne compte pas 3 périmètre(s) sans valeur : objectif, volume ou lignes inconnus.",
    )


def test_cumulated_coverage_from_lines_recomputes_its_total_from_sums(embedded: Services) -> None:
    for region, rates, volume in (("BRE", (47, 32, 37), 100_000), ("ARA", (15, 11, 20), 300_000)):
        for year, rate in zip((2024, 2025, 2026), rates, strict=True):
            actions(
                embedded.database,
                {"annee": year, "region": region, "perimetre_cents": rate * volume // 100},
            )
            volumes(embedded.database, {"annee": year, "region": region, "montant_cents": volume})
    actions(embedded.database, {"annee": 2026, "region": "OCC"})
    volumes(embedded.database, {"annee": 2026, "region": "OCC", "montant_cents": 10_000_000})
    found = lire(embedded, "taux-couverture-cumul", niveau="region")
    assert [(line.cle["region"], line.affichage) for line in found.lignes] == [
        ("ARA", "46 %"), ("BRE", "116 %"), ("OCC", "n.d."),
    ]  # fmt: skip
    assert found.lignes[2].motif == "Sans valeur : le taux de 2024, 2025 manque à la somme des années."
    # (15+47/3 ... ) weighted by volumes: 23 % + 16.25 % + 24.25 %, and not the mean of 46 and 116.
    assert found.total.valeur == "0.6350"
    country = lire(embedded, "taux-couverture-cumul")
    assert [line.valeur for line in country.lignes] == ["0.6350"]


def test_several_years_each_have_their_line(embedded: Services) -> None:
    actions(embedded.database, {"annee": 2025, "gain_retenu_cents": 4_000}, {"annee": 2026, "gain_retenu_cents": 1_000})
    found = lire(embedded, "gains", annees=(2025, 2026), niveau="region")
    assert [(line.libelle, line.valeur) for line in found.lignes] == [
        ("Bretagne · 2025", "40.00"), ("Bretagne · 2026", "10.00"),
    ]  # fmt: skip
    assert found.total.valeur == "50.00"
