"""What a new marché foresees: every rule broken by one change, and what lies on the right side of each limit."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from httpx import AsyncClient

from semaphore_hub.modules.marches import structure_rules
from semaphore_hub.modules.marches.echeances import months_of
from semaphore_hub.modules.marches.recording import begun
from semaphore_hub.modules.marches.schemas import NouveauMarche
from semaphore_hub.modules.marches.structure import date_structure_problems, structure_problems
from semaphore_hub.modules.referentiel.rules import Rule
from tests.modules.samples import PARTIE, SUPPORT, marche

PARTS = [
    {"id": SUPPORT, "montant": "150000", "montantTVA": "30000", "montantEstime": "300000"},
    {"id": PARTIE, "montant": "50000", "montantTVA": "10000", "montantEstime": "100000"},
]
WITH_TAX = {"complements": {"montantTVA": "40000"}}
FIRM = {"numero": 0, "intitule": "Ferme", "type": "ferme", "montant": "150000"}
OPTION = {"numero": 1, "intitule": "Option", "type": "optionnelle", "montant": "50000"}
TRANCHES: dict[str, Any] = {"modalitesExecution": ["Tranches"], "tranches": [FIRM, OPTION]}
FIRST = {"numero": 1, "debut": "2027-03-01", "fin": "2027-08-31", "montant": "50000"}
SECOND = {"numero": 2, "debut": "2027-09-01", "fin": "2028-02-29", "montant": "50000"}
STARTED = {"dateDebutExecution": "2026-03-01"}
PIECE = {"idUnique": "PJ1", "nom": "acte.pdf"}


def renewals(*periods: dict[str, Any], **complements: Any) -> dict[str, Any]:
    """A marché of 24 months whose second year is made of two renewals."""
    return {"reconductions": list(periods), "complements": complements}


BROKEN: list[tuple[str, str, dict[str, Any]]] = [
    ("MAR-ACHETEURS-MANDATAIRE", "$.acheteurs", {"acheteurs": [{"id": PARTIE, "montant": "200000"}]}),
    (
        "MAR-ACHETEURS-DOUBLE",
        "$.acheteurs[1].id",
        {"acheteurs": [{"id": SUPPORT, "montant": "150000"}, {"id": SUPPORT, "montant": "50000"}]},
    ),
    ("MAR-ACHETEURS-PARTS", "$.acheteurs", {"acheteurs": [{"id": SUPPORT, "montant": "199999.99"}]}),
    ("MAR-ACHETEURS-TVA", "$.acheteurs", {"acheteurs": PARTS}),
    ("MAR-ACHETEURS-TVA", "$.acheteurs", {"acheteurs": PARTS, "complements": {"montantTVA": "40000.01"}}),
    (
        "MAR-ACHETEURS-TVA",
        "$.acheteurs",
        {
            "acheteurs": [
                {"id": SUPPORT, "montant": "150000", "montantTVA": "40000"},
                {"id": PARTIE, "montant": "50000"},
            ],
            **WITH_TAX,
        },
    ),
    (
        "MAR-ACHETEURS-ESTIME",
        "$.acheteurs",
        {"acheteurs": PARTS, "complements": {"montantTVA": "40000", "montantEstime": "400000.01"}},
    ),
    (
        "MAR-ACHETEURS-ESTIME",
        "$.acheteurs",
        {"acheteurs": PARTS, "complements": {"montantTVA": "40000", "montantEstime": None}},
    ),
    ("MAR-TRANCHE-NUMERO", "$.tranches[1].numero", {**TRANCHES, "tranches": [FIRM, {**OPTION, "numero": 0}]}),
    ("MAR-TRANCHE-FERME", "$.tranches", {**TRANCHES, "tranches": [FIRM, {**OPTION, "type": "ferme"}]}),
    ("MAR-TRANCHE-FERME", "$.tranches", {**TRANCHES, "tranches": [{**OPTION, "montant": "200000"}]}),
    ("MAR-TRANCHE-SOMME", "$.tranches", {**TRANCHES, "tranches": [FIRM, {**OPTION, "montant": "50000.01"}]}),
    (
        "MAR-TRANCHE-INVERSEE",
        "$.tranches[0].fin",
        {**TRANCHES, "tranches": [{**FIRM, "debut": "2026-05-02", "fin": "2026-05-01"}, OPTION]},
    ),
    (
        "MAR-TRANCHE-DATES",
        "$.tranches[1]",
        {**TRANCHES, "tranches": [FIRM, {**OPTION, "fin": "2028-03-01"}], "complements": STARTED},
    ),
    (
        "MAR-TRANCHE-DATES",
        "$.tranches[0]",
        {**TRANCHES, "tranches": [{**FIRM, "debut": "2026-02-28"}, OPTION], "complements": STARTED},
    ),
    ("MAR-TRANCHE-MODALITE", "$.modalitesExecution", {"tranches": [FIRM, OPTION]}),
    ("MAR-DATE-PREVUE", "$.tranches[0].fin", {**TRANCHES, "tranches": [{**FIRM, "fin": "9999-12-31"}, OPTION]}),
    ("MAR-DATE-PREVUE", "$.reconductions[0].fin", renewals({**FIRST, "fin": "9999-12-31"})),
    ("MAR-DATE-PREVUE", "$.complements.dateDebutMarche", {"complements": {"dateDebutMarche": "9999-12-31"}}),
    ("MAR-RECONDUCTION-NATURE", "$.complements.reconductibilite", renewals(FIRST, SECOND, reconductibilite="01")),
    ("MAR-RECONDUCTION-NUMERO", "$.reconductions[1].numero", renewals(FIRST, {**SECOND, "numero": 3})),
    ("MAR-RECONDUCTION-DATES", "$.reconductions[0].fin", renewals({**FIRST, "fin": "2027-02-28"})),
    ("MAR-RECONDUCTION-SUITE", "$.reconductions[1].debut", renewals(FIRST, {**SECOND, "debut": "2027-09-02"})),
    ("MAR-RECONDUCTION-FERME", "$.dureeMois", {"dureeMois": 12, **renewals(FIRST, SECOND)}),
    ("MAR-RECONDUCTION-DUREE", "$.dureeMois", {"dureeMois": 26, **renewals(FIRST, SECOND, **STARTED)}),
    (
        "MAR-RECONDUCTION-DEBUT",
        "$.reconductions[0].debut",
        renewals({**FIRST, "debut": "2026-03-01", "fin": "2028-01-31"}, **STARTED),
    ),
    ("MAR-RECONDUCTION-SOMME", "$.reconductions", renewals({**FIRST, "montant": "350000.01"}, SECOND)),
    ("MAR-RECONDUCTION-SOMME", "$.reconductions", renewals({**FIRST, "montant": "200000.01"}, montantEstime=None)),
    ("MAR-PIECE-DOUBLE", "$.pieces[1].idUnique", {"pieces": [PIECE, PIECE]}),
    ("MAR-GARANTIE-DELAI", "$.complements.delaiGarantieMois", {"complements": {"garantie": {"type": "02"}}}),
    (
        "MAR-AVANCE-REGIME",
        "$.complements.avance.montant",
        {"attributionAvance": False, "tauxAvance": None, "complements": {"avance": {"montant": "5000"}}},
    ),
    (
        "MAR-AVANCE-REGIME",
        "$.complements.avance.montant",
        {"complements": {"regimeAvance": "05", "avance": {"montant": "5000"}}},
    ),
    ("MAR-OFFRES-DEMAT", "$.complements.offresDematerialisees", {"complements": {"offresDematerialisees": 5}}),
    (
        "MAR-DATES-DEBUT",
        "$.complements.dateDebutExecution",
        {"complements": {"dateDebutMarche": "2026-03-10", "dateDebutExecution": "2026-03-09"}},
    ),
]

RIGHT: list[dict[str, Any]] = [
    {},
    {"acheteurs": PARTS, **WITH_TAX},
    {"acheteurs": [{"id": SUPPORT, "montant": "150000"}, {"id": PARTIE, "montant": "50000"}]},
    TRANCHES,
    {**TRANCHES, "tranches": [FIRM, {**OPTION, "debut": "2026-03-01", "fin": "2028-02-29"}], "complements": STARTED},
    {"modalitesExecution": ["Tranches"]},
    renewals(FIRST, SECOND),
    renewals(FIRST, SECOND, **STARTED),
    {"dureeMois": 25, **renewals(FIRST, SECOND, **STARTED)},
    {"dureeMois": 23, **renewals(FIRST, SECOND, **STARTED)},
    renewals({**FIRST, "montant": "350000"}, SECOND),
    {"pieces": [PIECE, {**PIECE, "idUnique": "PJ2"}]},
    {"complements": {"garantie": {"type": "02"}, "delaiGarantieMois": 12}},
    {"complements": {"avance": {"montant": "5000"}}},
    {"complements": {"offresDematerialisees": 4}},
    {"complements": {"dateDebutMarche": "2026-03-10", "dateDebutExecution": "2026-03-10"}},
]


def foreseen(changes: dict[str, Any]) -> NouveauMarche:
    """The sample marché with changes."""
    return NouveauMarche.model_validate(marche(**changes))


@pytest.mark.parametrize(
    ("rule", "path", "changes"), BROKEN, ids=[f"{rule}-{n}" for n, (rule, *_) in enumerate(BROKEN)]
)
def test_a_broken_rule_is_named_at_its_place(rule: str, path: str, changes: dict[str, Any]) -> None:
    assert [(rule, path)] == [(one.rule, one.path) for one in structure_problems(foreseen(changes))]


@pytest.mark.parametrize("changes", RIGHT, ids=range(len(RIGHT)))
def test_what_is_on_the_right_side_of_a_limit_is_accepted(changes: dict[str, Any]) -> None:
    assert structure_problems(foreseen(changes)) == []


def test_every_rule_has_a_violation() -> None:
    declared = {value.id for value in vars(structure_rules).values() if isinstance(value, Rule)}
    assert declared == {rule for rule, *_ in BROKEN} | {"MAR-DATES-DEBUT-MARCHE"}


@pytest.mark.parametrize(
    ("changes", "notification", "rules"),
    [
        ({"complements": {"dateDebutMarche": "2026-03-10"}}, date(2026, 3, 11), ["MAR-DATES-DEBUT-MARCHE"]),
        ({"complements": {"dateDebutMarche": "2026-03-10"}}, date(2026, 3, 10), []),
        (
            {**TRANCHES, "tranches": [{**FIRM, "debut": "2026-03-10"}, OPTION]},
            date(2026, 3, 11),
            ["MAR-TRANCHE-DATES"],
        ),
        ({**TRANCHES, "tranches": [{**FIRM, "debut": "2026-03-10"}, OPTION]}, date(2026, 3, 10), []),
        (renewals(FIRST, SECOND), date(2027, 3, 1), ["MAR-RECONDUCTION-DEBUT"]),
        (renewals(FIRST, SECOND), date(2027, 2, 28), []),
        (renewals(FIRST, SECOND), date(9999, 12, 31), []),
    ],
)
def test_the_notification_cannot_contradict_what_is_foreseen(
    changes: dict[str, Any], notification: date, rules: list[str]
) -> None:
    nouveau = foreseen(changes)
    found = date_structure_problems(nouveau, begun(nouveau), nouveau.dureeMois, notification)
    assert [one.rule for one in found] == rules


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (date(2026, 1, 1), date(2026, 1, 1), 1),
        (date(2026, 1, 1), date(2026, 1, 31), 1),
        (date(2026, 1, 15), date(2026, 2, 14), 1),
        (date(2026, 1, 15), date(2026, 2, 15), 2),
        (date(2026, 1, 31), date(2026, 2, 28), 1),
        (date(2027, 3, 1), date(2028, 2, 29), 12),
    ],
)
def test_a_duration_in_months_is_rounded_up(first: date, last: date, months: int) -> None:
    assert months_of(first, last) == months


async def test_a_creation_is_refused_with_every_problem_at_once(client: AsyncClient) -> None:
    body = marche(
        montant="0.5",
        tranches=[FIRM, OPTION],
        pieces=[PIECE, PIECE],
        acheteurs=[{"id": PARTIE, "montant": "0.5"}],
        complements={"garantie": {"type": "02"}},
    )
    answer = await client.post("/v1/marches", json=body)
    assert answer.status_code == 409, answer.text
    assert {item["rule"] for item in answer.json()["errors"]} == {
        "MAR-MONTANT-MIN",
        "MAR-TRANCHE-MODALITE",
        "MAR-TRANCHE-SOMME",
        "MAR-PIECE-DOUBLE",
        "MAR-ACHETEURS-MANDATAIRE",
        "MAR-GARANTIE-DELAI",
    }
