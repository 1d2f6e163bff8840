"""The six cases of modification: golden vectors of the domain, limits to the cent, every reason to refuse."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semaphore_hub.modules.marches.avenants import rules
from semaphore_hub.modules.marches.avenants.justification import (
    ARTICLES,
    Fondement,
    Justification,
    ReponsesSubstantielles,
)
from semaphore_hub.modules.marches.avenants.regimes import (
    Anterieure,
    Base,
    Demande,
    Situation,
    Verdict,
    deduire,
    juger,
    table,
)
from semaphore_hub.modules.referentiel.rules import Rule
from semaphore_hub.modules.referentiel.seuils import TypeAchat, seuil_europeen

NO = {"autresCandidats": False, "equilibreFavorable": False, "objetModifie": False, "titulaireRemplace": False}
FACTS: dict[Fondement, dict[str, Any]] = {
    Fondement.CLAUSE_REEXAMEN: {"clause": "CCAP, article 4.2"},
    Fondement.PRESTATIONS_SUPPLEMENTAIRES: {"impossibiliteChangementTitulaire": "Interchangeabilité des consommables"},
    Fondement.CIRCONSTANCES_IMPREVUES: {"imprevisibilite": "Arrêt mondial d'une matière première"},
    Fondement.NOUVEAU_TITULAIRE: {"causeCession": "restructuration du titulaire"},
    Fondement.NON_SUBSTANTIELLE: {"reponses": NO},
    Fondement.FAIBLE_MONTANT: {},
}
FAIBLE, IMPREVUES, SUPPLEMENTAIRES = (
    Fondement.FAIBLE_MONTANT,
    Fondement.CIRCONSTANCES_IMPREVUES,
    Fondement.PRESTATIONS_SUPPLEMENTAIRES,
)


def known(initial: str, kind: str = "services", earlier: tuple[tuple[Fondement | None, str], ...] = ()) -> Situation:
    """A marché of that initial amount, without revision, with its earlier amendments."""
    amount = Decimal(initial)
    return Situation(
        base=Base(amount, amount, f"{initial} (montant initial)"),
        type_achat=cast(TypeAchat, kind),
        code_cpv="33140000-3",
        formalisee=True,
        anterieures=tuple(
            Anterieure(number, fondement, Decimal(delta), f"événement {number}")
            for number, (fondement, delta) in enumerate(earlier, 1)
        ),
    )


def judged(fondement: Fondement, situation: Situation, delta: str, **changes: Any) -> Verdict:
    """The verdict on a difference of amount whose facts are all declared."""
    facts = changes.pop("facts", FACTS[fondement])
    asked = {
        "jour": date(2026, 9, 1),
        "evenement": "Rupture de la chaîne du froid",
        "change_titulaires": fondement is Fondement.NOUVEAU_TITULAIRE,
        **changes,
    }
    return juger(
        fondement, situation, Demande(delta=Decimal(delta), justification=Justification.model_validate(facts), **asked)
    )


GOLDEN: list[tuple[str, str, tuple[tuple[Fondement | None, str], ...], Fondement, str, bool]] = [
    ("200000", "services", (), FAIBLE, "19999.99", True),
    ("200000", "services", (), FAIBLE, "20000", False),
    ("200000", "services", ((FAIBLE, "15000"),), FAIBLE, "4999.99", True),
    ("200000", "services", ((FAIBLE, "15000"),), FAIBLE, "5000", False),
    ("200000", "services", ((FAIBLE, "15000"),), IMPREVUES, "90000", True),
    ("200000", "services", ((IMPREVUES, "90000"),), FAIBLE, "15000", True),
    ("1000000", "travaux", (), FAIBLE, "149999", True),
    ("1000000", "travaux", (), FAIBLE, "149999.99", True),
    ("1000000", "travaux", (), FAIBLE, "150000", False),
    ("200000", "services", (), SUPPLEMENTAIRES, "100000", True),
    ("200000", "services", (), SUPPLEMENTAIRES, "100000.01", False),
    ("200000", "services", (), SUPPLEMENTAIRES, "100001", False),
    ("200000", "services", ((SUPPLEMENTAIRES, "100000"),), SUPPLEMENTAIRES, "100000", True),
    ("200000", "services", (), IMPREVUES, "100000", True),
    ("200000", "services", (), IMPREVUES, "100001", False),
    ("200000", "services", ((IMPREVUES, "100000"),), IMPREVUES, "100000", True),
    # Decreases: netted, then compared without their sign.
    ("200000", "services", (), FAIBLE, "-19999.99", True),
    ("200000", "services", (), FAIBLE, "-20000", False),
    ("200000", "services", ((FAIBLE, "-15000"),), FAIBLE, "34999.99", True),
    ("200000", "services", ((FAIBLE, "-15000"),), FAIBLE, "35000", False),
    ("200000", "services", (), IMPREVUES, "-100000.01", False),
    # An amendment whose case is unknown is not counted.
    ("200000", "services", ((None, "19000"),), FAIBLE, "19000", True),
]


@pytest.mark.parametrize(("initial", "kind", "earlier", "fondement", "delta", "allowed"), GOLDEN)
def test_the_golden_vectors(
    initial: str,
    kind: str,
    earlier: tuple[tuple[Fondement | None, str], ...],
    fondement: Fondement,
    delta: str,
    allowed: bool,
) -> None:
    verdict = judged(fondement, known(initial, kind, earlier), delta)
    assert verdict.permis is allowed
    if not allowed:
        article = ARTICLES[fondement]
        assert [problem.rule for problem in verdict.refus] == [f"MAR-{article}"]
        assert verdict.calcul["conclusion"] == verdict.refus[0].message


def test_a_small_share_that_reaches_the_european_threshold_of_the_day_is_refused() -> None:
    big = known("5000000", "fournitures")
    refused = judged(FAIBLE, big, "230000", jour=date(2025, 6, 1))
    assert not refused.permis
    assert "4,60 %" in refused.refus[0].message
    assert "seuil européen de 221 000,00 € en vigueur au 01/06/2025" in refused.refus[0].message
    assert judged(FAIBLE, big, "220999.99", jour=date(2025, 12, 31)).permis
    assert not judged(FAIBLE, big, "220999.99", jour=date(2026, 1, 1)).permis
    assert judged(FAIBLE, big, "215999.99", jour=date(2026, 1, 1)).permis


def test_the_arithmetic_is_shown_line_by_line() -> None:
    verdict = judged(FAIBLE, known("200000", "services", ((FAIBLE, "15000"), (None, "1000"))), "5000")
    assert list(verdict.calcul.items()) == [
        ("fondement", "FAIBLE_MONTANT, art. R2194-8 CCP"),
        ("base", "200000 (montant initial)"),
        ("cumul avant", "15 000,00 € (modification n° 1)"),
        ("cette modification", "+5 000,00 €"),
        ("cumul après", "15 000,00 € + 5 000,00 € = 20 000,00 €, soit 10,00 % de la base"),
        ("limite", "20 000,00 € (10 % de la base), qui ne peut être atteinte"),
        ("non compté", "modification n° 2, sans fondement indiqué"),
        ("seuil européen", "216 000,00 € en vigueur au 01/09/2026, qui ne peut être atteint"),
        (
            "conclusion",
            (
                "L'article R2194-8 (faible montant) ne fonde pas cette modification : le cumul serait de 15 000,00 € + "
                "5 000,00 € = 20 000,00 €, soit 10,00 % de la base de 200 000,00 €, et doit être strictement inférieur "
                "à 10 % (20 000,00 €)."
            ),
        ),
    ]
    assert "9,99 %" in judged(FAIBLE, known("200000"), "19999.99").calcul["cumul après"]


@pytest.mark.parametrize(
    ("fondement", "path"),
    [
        (Fondement.CLAUSE_REEXAMEN, "$.justification.clause"),
        (SUPPLEMENTAIRES, "$.justification.impossibiliteChangementTitulaire"),
        (IMPREVUES, "$.justification.imprevisibilite"),
        (Fondement.NOUVEAU_TITULAIRE, "$.justification.causeCession"),
        (Fondement.NON_SUBSTANTIELLE, "$.justification.reponses"),
    ],
)
def test_a_case_whose_facts_are_not_declared_is_refused_where_they_lack(fondement: Fondement, path: str) -> None:
    verdict = judged(fondement, known("200000"), "10000", facts={})
    assert [(one.rule, one.path) for one in verdict.manques] == [(f"MAR-{ARTICLES[fondement]}", path)]
    assert verdict.possible
    assert not verdict.permis
    assert judged(fondement, known("200000"), "10000").permis


def test_unforeseen_circumstances_name_their_event() -> None:
    verdict = judged(IMPREVUES, known("200000"), "10000", evenement=None)
    assert [(one.rule, one.path) for one in verdict.manques] == [("MAR-R2194-5", "$.evenement")]


def test_a_transfer_by_a_clause_cites_the_clause() -> None:
    facts = {"causeCession": "clause de réexamen"}
    verdict = judged(Fondement.NOUVEAU_TITULAIRE, known("200000"), "0", facts=facts)
    assert [one.path for one in verdict.manques] == ["$.justification.clause"]
    assert judged(Fondement.NOUVEAU_TITULAIRE, known("200000"), "0", facts={**facts, "clause": "CCAP 7"}).permis


@pytest.mark.parametrize("question", list(ReponsesSubstantielles.model_fields))
def test_a_single_yes_to_the_four_questions_makes_it_substantial(question: str) -> None:
    facts = {"reponses": {**NO, question: True}}
    verdict = judged(Fondement.NON_SUBSTANTIELLE, known("200000"), "1", facts=facts)
    assert [(one.rule, one.path) for one in verdict.refus] == [("MAR-R2194-7", f"$.justification.reponses.{question}")]


def test_the_amount_is_free_under_a_clause_and_for_what_is_not_substantial() -> None:
    for fondement in (Fondement.CLAUSE_REEXAMEN, Fondement.NON_SUBSTANTIELLE):
        assert judged(fondement, known("200000"), "900000").permis


@pytest.mark.parametrize("fondement", list(Fondement))
def test_no_case_changes_the_global_nature(fondement: Fondement) -> None:
    facts = {**FACTS[fondement], "codeCPV": "45000000-7"}
    verdict = judged(fondement, known("200000"), "1", facts=facts)
    assert [one.rule for one in verdict.refus] == ["MAR-L2194-1"]
    assert judged(fondement, known("200000"), "1", facts={**facts, "codeCPV": "33190000-8"}).permis


@pytest.mark.parametrize("fondement", list(Fondement))
def test_an_event_serves_once_however_it_is_written_and_whatever_the_case(fondement: Fondement) -> None:
    situation = known("200000", "services", ((FAIBLE, "1"),))
    verdict = judged(fondement, situation, "1", evenement="ÉVÉNEMENT  1")
    assert [(one.rule, one.path) for one in verdict.refus] == [("MAR-EVENEMENT-REPETE", "$.evenement")]
    assert "n° 1" in verdict.refus[0].message
    assert judged(fondement, situation, "1", evenement="événement 2").permis


@pytest.mark.parametrize("fondement", list(Fondement))
def test_holders_change_by_a_clause_or_a_transfer_only(fondement: Fondement) -> None:
    verdict = judged(fondement, known("200000"), "0", change_titulaires=True)
    if fondement in (Fondement.CLAUSE_REEXAMEN, Fondement.NOUVEAU_TITULAIRE):
        assert verdict.permis
    else:
        assert [one.rule for one in verdict.refus] == ["MAR-TITULAIRE-FONDEMENT"]


def test_a_transfer_changes_the_holders_and_warns_when_it_changes_the_amount() -> None:
    nobody = judged(Fondement.NOUVEAU_TITULAIRE, known("200000"), "0", change_titulaires=False)
    assert [(one.rule, one.path) for one in nobody.refus] == [("MAR-R2194-6", "$.titulaires")]
    warned = judged(Fondement.NOUVEAU_TITULAIRE, known("200000"), "1")
    assert [one.rule for one in warned.avertissements] == ["MAR-CESSION-MONTANT"]


def test_a_formalised_marche_modified_by_r2194_2_or_5_is_to_be_announced() -> None:
    announced = {
        fondement
        for fondement in Fondement
        if "MAR-R2194-10" in {one.rule for one in judged(fondement, known("200000"), "1").avertissements}
    }
    assert announced == {SUPPLEMENTAIRES, IMPREVUES}


@pytest.mark.parametrize("jour", [date(2019, 12, 31), date(2028, 1, 1)])
def test_a_small_amount_on_a_day_without_threshold_is_refused_and_says_so(jour: date) -> None:
    verdict = judged(FAIBLE, known("200000"), "1", jour=jour)
    assert not verdict.permis
    assert "Aucun seuil" in verdict.refus[0].message
    assert judged(IMPREVUES, known("200000"), "1", jour=jour).permis


def test_the_table_says_what_amounts_leave_possible() -> None:
    asked = Demande(date(2026, 9, 1), Decimal(60000))
    verdicts = table(known("200000"), asked)
    assert [verdict.fondement for verdict in verdicts] == list(Fondement)
    assert deduire(verdicts) == (
        Fondement.CLAUSE_REEXAMEN,
        SUPPLEMENTAIRES,
        IMPREVUES,
        Fondement.NON_SUBSTANTIELLE,
    )
    assert not any(verdict.permis for verdict in verdicts)


cents = st.integers(0, 10**9).map(lambda value: Decimal(value).scaleb(-2))


@settings(max_examples=150, deadline=None)
@given(
    initial=st.integers(100, 10**10).map(lambda value: Decimal(value).scaleb(-2)),
    before=cents,
    smaller=cents,
    more=cents,
    sign=st.sampled_from([1, -1]),
    kind=st.sampled_from(["travaux", "fournitures", "services"]),
    fondement=st.sampled_from(list(Fondement)),
)
def test_what_is_refused_stays_refused_when_it_grows(
    initial: Decimal, before: Decimal, smaller: Decimal, more: Decimal, sign: int, kind: str, fondement: Fondement
) -> None:
    situation = known(str(initial), kind, ((fondement, str(sign * before)),))
    small = judged(fondement, situation, str(sign * smaller))
    large = judged(fondement, situation, str(sign * (smaller + more)))
    assert small.permis or not large.permis


@settings(max_examples=100, deadline=None)
@given(
    initial=st.integers(100, 10**10),
    kind=st.sampled_from(["travaux", "fournitures", "services"]),
    sign=st.sampled_from([1, -1]),
    split=st.integers(0, 10**9),
)
def test_the_limit_of_small_amounts_is_exact_to_the_cent_and_splitting_does_not_move_it(
    initial: int, kind: str, sign: int, split: int
) -> None:
    rate = 15 if kind == "travaux" else 10
    threshold = int(seuil_europeen(cast(TypeAchat, kind), date(2026, 9, 1)) * 100)
    first_refused = min(-(-initial * rate // 100), threshold)
    first = min(split, first_refused)
    for total, allowed in ((first_refused - 1, True), (first_refused, False)):
        earlier, last = Decimal(sign * first).scaleb(-2), Decimal(sign * (total - first)).scaleb(-2)
        situation = known(str(Decimal(initial).scaleb(-2)), kind, ((FAIBLE, str(earlier)),))
        assert judged(FAIBLE, situation, str(last)).permis is allowed


@settings(max_examples=60, deadline=None)
@given(initial=st.integers(100, 10**10), earlier=cents, fondement=st.sampled_from([IMPREVUES, SUPPLEMENTAIRES]))
def test_half_of_the_base_is_allowed_each_time_and_a_cent_more_never(
    initial: int, earlier: Decimal, fondement: Fondement
) -> None:
    situation = known(str(Decimal(initial).scaleb(-2)), "services", ((fondement, str(earlier)),))
    half = initial // 2
    assert judged(fondement, situation, str(Decimal(half).scaleb(-2))).permis
    assert not judged(fondement, situation, str(Decimal(half + 1).scaleb(-2))).permis


def test_rules_have_distinct_ids_a_sentence_and_a_source() -> None:
    declared = [value for value in vars(rules).values() if isinstance(value, Rule)]
    assert len({rule.id for rule in declared}) == len(declared) > 15
    for rule in declared:
        assert rule.id.startswith("MAR-")
        assert rule.message.endswith((".", ")."))
        assert rule.source
