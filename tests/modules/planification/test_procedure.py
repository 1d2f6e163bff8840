"""The computed procedure: golden vectors of the thresholds at their dates, what is summed, small lots, steps shown."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semaphore_hub.kernel.errors import RuleBroken
from semaphore_hub.modules.planification.codes import PROCEDURE_ADHESION
from semaphore_hub.modules.planification.demandes import calculer_demande
from semaphore_hub.modules.planification.donnees import Lot
from semaphore_hub.modules.planification.procedure import (
    Besoin,
    calculer,
    par_adhesion,
    valeur_recurrente,
    valeur_sur_duree,
)
from semaphore_hub.modules.planification.schemas import DemandeProcedure, ElementCalcul, ProcedureVue
from semaphore_hub.modules.referentiel.seuils import Procedure, SeuilInconnu

SANS, ADAPTEE, FORMALISEE = Procedure.DISPENSE, Procedure.ADAPTEE, Procedure.FORMALISEE


def asked(**body: object) -> ProcedureVue:
    return calculer_demande(DemandeProcedure.model_validate({"typeAchat": "services", **body}))


@pytest.mark.parametrize(
    ("montant", "lancement", "procedure", "publicite"),
    [
        ("39999", "2022-06-01", SANS, "aucune"),
        ("40000", "2022-06-01", ADAPTEE, "adaptee"),
        ("89999.99", "2022-06-01", ADAPTEE, "adaptee"),
        ("90000", "2022-06-01", ADAPTEE, "boamp_ou_jal"),
        ("214999", "2022-06-01", ADAPTEE, "boamp_ou_jal"),
        ("215000", "2022-06-01", FORMALISEE, "boamp_et_joue"),
        ("218000", "2022-01-01", FORMALISEE, "boamp_et_joue"),
        ("218000", "2023-12-31", FORMALISEE, "boamp_et_joue"),
        ("218000", "2024-01-01", ADAPTEE, "boamp_ou_jal"),
        ("218000", "2025-12-31", ADAPTEE, "boamp_ou_jal"),
        ("218000", "2026-01-01", FORMALISEE, "boamp_et_joue"),
        ("218000", "2027-12-31", FORMALISEE, "boamp_et_joue"),
        ("50000", "2026-03-31", ADAPTEE, "adaptee"),
        ("50000", "2026-04-01", SANS, "aucune"),
    ],
)
def test_the_golden_vectors(montant: str, lancement: str, procedure: str, publicite: str) -> None:
    found = asked(montant=montant, dateLancement=lancement)
    assert (found.procedure, found.publicite, found.valeur) == (procedure, publicite, Decimal(montant))


def test_works_have_their_own_thresholds_and_are_valued_by_operation() -> None:
    for montant, procedure in (("99999.99", SANS), ("100000", ADAPTEE), ("5404000", FORMALISEE)):
        found = asked(typeAchat="travaux", montant=montant, dateLancement="2026-05-01")
        assert found.procedure == procedure
    assert found.etapes[0].source == "art. R2121-5 CCP ; hypothèse : un projet, une opération"


def test_a_recurring_need_counts_for_twelve_months_at_least() -> None:
    # 60 000 a year: 5 000 a month; three months count for twelve, forty-eight for forty-eight.
    for months, value in ((3, "60000.00"), (12, "60000.00"), (48, "240000.00")):
        found = asked(montantAnnuel="60000", dureeMois=months, dateLancement="2026-03-01")
        assert found.valeur == Decimal(value)
    assert found.procedure == FORMALISEE
    assert found.elements[0].precision == "besoin récurrent : 60 000,00 € × 48/12 = 240 000,00 €"


def test_a_value_over_a_duration_is_rounded_once_to_the_cent() -> None:
    assert valeur_sur_duree(Decimal("1000.00"), 7) == Decimal("583.33")
    assert valeur_sur_duree(Decimal("0.06"), 1) == Decimal("0.01")


@given(cents=st.integers(0, 10**12), months=st.integers(1, 240))
@settings(max_examples=50)
def test_a_recurring_need_is_never_under_a_year_and_whole_years_are_exact(cents: int, months: int) -> None:
    annual = Decimal(cents) / 100
    value = valeur_recurrente(annual, months)
    assert value >= annual
    if months % 12 == 0:
        assert value == annual * (months // 12)


def test_the_steps_show_the_arithmetic_with_its_sources() -> None:
    elements = (element("projet", "150000"), element("projet", "40000.50"), element("besoin", "30000"))
    found = calculer(Besoin("fournitures", 2026, elements, (), "SYN-02.01", "FIC-01"), date(2026, 5, 4))
    assert (found.valeur, found.procedure) == (Decimal("220000.50"), FORMALISEE)
    texts = [one.texte for one in found.etapes]
    assert "150 000,00 € + 40 000,50 € + 30 000,00 € = 220 000,50 € HT." in texts
    assert "220 000,50 € ≥ 216 000,00 €, seuil européen au 04/05/2026 : procédure formalisée." in texts
    assert any("Catégorie homogène SYN-02.01, GHT FIC-01 entier, année 2026 : 2 autre(s)" in one for one in texts)
    assert all(one.source for one in found.etapes)
    assert "annexe 2 du CCP, seuils du 01/01/2026 au 31/12/2027" in found.etapes[3].source


def test_without_a_category_the_need_stands_alone_and_says_so() -> None:
    found = calculer(Besoin("fournitures", 2026, (element("projet", "70000"),), (), None, "FIC-01"), date(2026, 5, 4))
    assert [one.regle for one in found.avertissements] == ["PLA-CATEGORIE-ABSENTE"]
    works = calculer(Besoin("travaux", 2026, (element("projet", "70000"),), (), None, "FIC-01"), date(2026, 5, 4))
    assert works.avertissements == ()


LOTS = [
    {"numero": 1, "intitule": "Gros lot", "montantEstime": "320000"},
    {"numero": 2, "intitule": "Petit lot", "montantEstime": "79999.99", "deroge": True},
]


def test_small_lots_leave_the_procedure_within_a_fifth_of_all_lots() -> None:
    # 79 999,99 of 399 999,99: 19,99… %.
    found = asked(lots=LOTS, dateLancement="2026-05-01")
    assert (found.valeur, found.procedure) == (Decimal("399999.99"), FORMALISEE)
    assert [(one.procedure, one.publicite) for one in found.lots] == [
        (FORMALISEE, "boamp_et_joue"),
        (ADAPTEE, "boamp_ou_jal"),
    ]
    assert "79 999,99 € sur 399 999,99 €, soit 19,99 % (limite 20 % respectée)" in found.etapes[-1].texte
    assert found.avertissements == ()


@pytest.mark.parametrize(
    ("gros", "petit", "type_achat", "procedure", "averti"),
    [
        ("320000", "80000", "services", FORMALISEE, True),  # 20 % exactly, but not under 80 000 €
        ("319999.95", "79999.99", "services", FORMALISEE, True),  # over 20 % by a hair
        ("319999.96", "79999.99", "services", ADAPTEE, False),  # 20 % to the cent
        ("320000", "59999.99", "services", SANS, False),  # under the threshold of the dispense
        ("320000", "60000", "services", ADAPTEE, False),
        ("4600000", "999999.99", "travaux", ADAPTEE, False),
        ("4600000", "1000000", "travaux", FORMALISEE, True),
        ("5400000", "99999.99", "travaux", SANS, False),
    ],
)
def test_the_limits_of_small_lots(gros: str, petit: str, type_achat: str, procedure: str, averti: bool) -> None:
    lots = [{**LOTS[0], "montantEstime": gros}, {**LOTS[1], "montantEstime": petit}]
    found = asked(typeAchat=type_achat, lots=lots, dateLancement="2026-05-01")
    assert (found.procedure, found.lots[1].procedure) == (FORMALISEE, procedure)
    assert [one.regle for one in found.avertissements] == (["PLA-LOT-DEROGATION"] if averti else [])


def test_under_the_european_threshold_a_small_lot_may_only_go_without_publicity() -> None:
    lots = [{**LOTS[0], "montantEstime": "100000"}, {**LOTS[1], "montantEstime": "24999.99"}]
    found = asked(lots=lots, dateLancement="2026-05-01")
    assert [one.procedure for one in found.lots] == [ADAPTEE, SANS]


def test_the_fifth_is_of_the_lots_of_the_project_and_not_of_the_category() -> None:
    lots = (Lot(1, "A", Decimal(100_000), False), Lot(2, "B", Decimal(50_000), True))
    own, other = element("projet", "150000"), element("projet", "900000")
    found = calculer(Besoin("fournitures", 2026, (own, other), lots, "SYN-02.01", "FIC-01"), date(2026, 5, 4))
    # 50 000 is under 20 % of the 1 050 000 of the category, but a third of the project's own lots.
    assert found.procedure == FORMALISEE
    assert found.lots[1].procedure == FORMALISEE
    assert found.avertissements[0].message == (
        "Le lot 2 ne peut pas sortir de la procédure : part de 20 % dépassée : procédure du besoin entier."
    )


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ({}, "PLA-MONTANT-DOUBLE"),
        ({"montant": "10", "montantAnnuel": "10"}, "PLA-MONTANT-DOUBLE"),
        ({"montant": "399999.98", "lots": LOTS}, "PLA-LOTS-SOMME"),
        ({"lots": [LOTS[0], LOTS[0]]}, "PLA-LOT-DOUBLE"),
    ],
)
def test_a_value_given_twice_or_not_at_all_is_refused(body: dict[str, object], rule: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        asked(**body, dateLancement="2026-05-01")
    assert [one.rule for one in refused.value.problems] == [rule]
    assert asked(montant="399999.99", lots=LOTS, dateLancement="2026-05-01").valeur == Decimal("399999.99")


def test_a_day_without_threshold_is_refused_but_an_adhesion_needs_none() -> None:
    with pytest.raises(SeuilInconnu):
        asked(montant="10", dateLancement="2028-01-01")
    need = Besoin("fournitures", 2028, (element("projet", "900000"),), (), "SYN-02.01", "FIC-01")
    found = par_adhesion(need, "UniHA", date(2028, 1, 1))
    assert (found.procedure, found.valeur) == (PROCEDURE_ADHESION, Decimal(900_000))
    assert "L2113-4" in found.etapes[-1].source


def element(nature: str, montant: str) -> ElementCalcul:
    return ElementCalcul.model_validate(
        {
            "nature": nature,
            "uid": None,
            "libelle": "Perfusion",
            "etablissement": None,
            "montant": montant,
            "precision": None,
        }
    )
