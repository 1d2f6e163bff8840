"""Every rule of a marché: broken by one change to a valid marché, named by its id, at its place, in French."""

from __future__ import annotations

from typing import Any

import pytest
from httpx import AsyncClient

from semaphore_hub.modules.marches import rules
from semaphore_hub.modules.referentiel.rules import Rule
from tests.modules.samples import FICTIMED, MODIFICATION, NOTIFICATION, PHARMAFICTIF, SUPPORT, changed, marche, siret
from tests.modules.world import change, recorded

STRANGER = siret("99988803")
TWO = [
    {"typeIdentifiant": "SIRET", "id": FICTIMED, "montant": "150000"},
    {"typeIdentifiant": "SIRET", "id": PHARMAFICTIF, "montant": "50000"},
]
GROUP = [TWO[0], {**TWO[1], "role": "co-traitant"}]

CONTENT: list[tuple[str, str, dict[str, Any]]] = [
    ("MAR-ACHETEUR", "$.acheteur.id", {"acheteur": {"id": STRANGER}}),
    ("MAR-ACHETEUR", "$.beneficiaires[1].id", {"beneficiaires": [{"id": SUPPORT}, {"id": STRANGER}]}),
    ("MAR-SIRET", "$.acheteur.id", {"acheteur": {"id": "12345678901234"}}),
    ("MAR-TITULAIRE", "$.titulaires[0].id", {"titulaires": [{"typeIdentifiant": "SIRET", "id": STRANGER}]}),
    ("MAR-TITULAIRE-DOUBLE", "$.titulaires[1].id", {"titulaires": [TWO[0], {**TWO[0], "montant": "50000"}]}),
    ("MAR-GROUPEMENT", "$.titulaires", {"typeGroupementOperateurs": "Conjoint"}),
    ("MAR-SANS-GROUPEMENT", "$.titulaires", {"techniques": ["Sans objet"], "titulaires": TWO}),
    ("MAR-ROLES", "$.titulaires", {"typeGroupementOperateurs": "Solidaire", "titulaires": TWO}),
    ("MAR-ROLES", "$.titulaires", {"titulaires": GROUP}),
    ("MAR-PARTS", "$.titulaires", {"titulaires": [TWO[0], {**TWO[1], "montant": "50000.01"}]}),
    ("MAR-PART-SEULE", "$.titulaires[0].montant", {"titulaires": [{**TWO[0], "montant": "1"}]}),
    ("MAR-MONTANT-MIN", "$.montant", {"montant": "0.99"}),
    ("MAR-MONTANT-ESTIME", "$.complements.montantEstime", {"complements": {"montantEstime": "199999.99"}}),
    ("MAR-DUREE-MAXIMALE", "$.complements.dureeMaximaleMois", {"complements": {"dureeMaximaleMois": 23}}),
    ("MAR-DUREE-ACCORD-CADRE", "$.dureeMois", {"dureeMois": 49}),
    ("MAR-DUREE-ACCORD-CADRE", "$.dureeMois", {"complements": {"dureeMaximaleMois": 49}}),
    ("MAR-SUBSEQUENT", "$.idAccordCadre", {"complements": {"natureMarche": "05"}}),
    ("MAR-SUBSEQUENT", "$.complements.siretPAAccordCadre", {"idAccordCadre": "AC1"}),
    ("MAR-SUBSEQUENT", "$.idAccordCadre", {"complements": {"siretPAAccordCadre": SUPPORT}}),
    (
        "MAR-ACCORD-CADRE-LUI-MEME",
        "$.idAccordCadre",
        {"idAccordCadre": "DM001", "complements": {"siretPAAccordCadre": SUPPORT}},
    ),
    (
        "MAR-NATURE-PES",
        "$.complements.natureMarche",
        {"techniques": ["Concours"], "complements": {"natureMarche": "03"}},
    ),
    ("MAR-NATURE-PES", "$.complements.natureMarche", {"complements": {"natureMarche": "02"}}),
    ("MAR-ORIGINE", "$.origineFrance", {"origineUE": 0.4}),
    ("MAR-ORIGINE", "$.origineFrance", {"origineUE": None}),
    ("MAR-TAUX-AVANCE", "$.tauxAvance", {"attributionAvance": False}),
    ("MAR-TAUX-PRECISION", "$.tauxAvance", {"tauxAvance": 0.12345}),
    ("MAR-REGIME-AVANCE", "$.complements.regimeAvance", {"complements": {"regimeAvance": "05"}}),
    ("MAR-VALEUR-SEULE", "$.techniques", {"techniques": ["Accord-cadre", "Sans objet"]}),
    ("MAR-VALEUR-SEULE", "$.modalitesExecution", {"modalitesExecution": ["Tranches", "Sans objet"]}),
    (
        "MAR-VALEUR-SEULE",
        "$.considerationsSociales",
        {"considerationsSociales": ["Pas de considération sociale", "Clause sociale"]},
    ),
    (
        "MAR-VALEUR-SEULE",
        "$.considerationsEnvironnementales",
        {"considerationsEnvironnementales": ["Clause environnementale", "Pas de considération environnementale"]},
    ),
    ("MAR-DATE-PERIODE", "$.complements.dateSignature", {"complements": {"dateSignature": "2009-12-31"}}),
    ("MAR-IDCONTRAT", "$.complements.idContrat", {"id": "ABCDEFGHIJK"}),
]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database: a rule is judged before anything is written."""
    return sqlite_url


@pytest.mark.parametrize(
    ("rule", "path", "changes"), CONTENT, ids=[f"{rule}-{n}" for n, (rule, *_) in enumerate(CONTENT)]
)
async def test_a_broken_rule_refuses_the_creation(
    client: AsyncClient, rule: str, path: str, changes: dict[str, Any]
) -> None:
    answer = await client.post("/v1/marches", json=marche(**changes))
    assert answer.status_code == 409, answer.text
    assert (rule, path) in {(item["rule"], item["path"]) for item in answer.json()["errors"]}


@pytest.mark.parametrize(
    "changes",
    [
        {"typeGroupementOperateurs": "Solidaire", "titulaires": GROUP},
        {"titulaires": TWO},
        {"dureeMois": 60, "justificationDuree": "Amortissement des automates"},
        {"attributionAvance": False, "tauxAvance": None, "complements": {"regimeAvance": "05"}},
        {"tauxAvance": 0},
        {"idAccordCadre": "AC1", "complements": {"siretPAAccordCadre": SUPPORT}},
        {"montant": "400000.00"},
        {"id": "ABCDEFGHIJK", "complements": {"idContrat": "2026ABCDEFGHIJ"}},
        {"offresRecues": 4.0},
    ],
)
async def test_a_marche_on_the_right_side_of_each_limit_is_accepted(
    client: AsyncClient, changes: dict[str, Any]
) -> None:
    answer = await client.post("/v1/marches", json=marche(**changes))
    assert answer.status_code == 201, answer.text


NOTIFIED: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("MAR-DATES-SIGNATURE", {}, {"dateNotification": "2026-02-19", "datePublicationDonnees": "2026-02-20"}),
    ("MAR-DATES-EXECUTION", {"complements": {"dateDebutExecution": "2026-02-28"}}, {}),
    ("MAR-DATES-PUBLICATION", {}, {"datePublicationDonnees": "2026-02-28"}),
    ("MAR-IDCONTRAT", {"id": "2025ABCDEFG"}, {}),
    ("MAR-IDCONTRAT-ANNEE", {"complements": {"idContrat": "2025DM001"}}, {}),
    ("MAR-DATE-PERIODE", {}, {"datePublicationDonnees": "2040-01-01"}),
]


@pytest.mark.parametrize(("rule", "changes", "notification"), NOTIFIED, ids=[rule for rule, *_ in NOTIFIED])
async def test_a_broken_rule_refuses_the_notification(
    client: AsyncClient, rule: str, changes: dict[str, Any], notification: dict[str, str]
) -> None:
    uid = (await recorded(client, **changes)).json()["uid"]
    answer = await change(client, uid, "notification", {**NOTIFICATION, **notification})
    assert answer.status_code == 409, answer.text
    assert rule in {item["rule"] for item in answer.json()["errors"]}


AMENDED: list[tuple[str, dict[str, Any]]] = [
    ("MAR-MODIFICATION-VIDE", {"montant": None}),
    ("MAR-MODIFICATION-VIDE", {"montant": "200000.00", "dureeMois": 24}),
    ("MAR-MODIFICATION-DATE", {"dateNotificationModification": "2026-02-28"}),
    ("MAR-DATES-PUBLICATION", {"datePublicationDonneesModification": "2026-08-31"}),
    ("MAR-MONTANT-ESTIME", {"montant": "400000.01"}),
    ("MAR-DUREE-ACCORD-CADRE", {"dureeMois": 49}),
    ("MAR-TITULAIRE-ABSENT", {"parts": [{**TWO[1]}]}),
]


@pytest.mark.parametrize(("rule", "changes"), AMENDED)
async def test_a_broken_rule_refuses_the_amendment(client: AsyncClient, rule: str, changes: dict[str, Any]) -> None:
    uid = (await recorded(client)).json()["uid"]
    await change(client, uid, "notification", NOTIFICATION)
    answer = await change(client, uid, "modifications", changed(MODIFICATION, **changes), 2)
    assert answer.status_code == 409, answer.text
    assert rule in {item["rule"] for item in answer.json()["errors"]}
    assert (await client.get(f"/v1/marches/{uid}")).json()["modifications"] == []


async def test_an_amendment_cannot_precede_the_one_before(client: AsyncClient) -> None:
    uid = (await recorded(client)).json()["uid"]
    await change(client, uid, "notification", NOTIFICATION)
    await change(client, uid, "modifications", MODIFICATION, 2)
    earlier = changed(MODIFICATION, montant="220000", dateNotificationModification="2026-08-31")
    answer = await change(client, uid, "modifications", earlier, 3)
    assert [item["rule"] for item in answer.json()["errors"]] == ["MAR-MODIFICATION-DATE"]


async def test_an_amendment_may_raise_the_estimate_with_the_amount(client: AsyncClient) -> None:
    uid = (await recorded(client)).json()["uid"]
    await change(client, uid, "notification", NOTIFICATION)
    body = changed(MODIFICATION, montant="450000", montantEstime="500000")
    answer = await change(client, uid, "modifications", body, 2)
    assert answer.status_code == 201, answer.text
    assert answer.json()["complements"]["montantEstime"] == "500000.00"


async def test_a_correction_that_breaks_a_rule_is_refused(client: AsyncClient) -> None:
    uid = (await recorded(client)).json()["uid"]
    await change(client, uid, "notification", NOTIFICATION)
    body = {"motif": "Erreur", "origineFrance": 0.7, "complements": {"dateSignature": "2026-03-05"}}
    answer = await change(client, uid, "correction", body, 2)
    assert {item["rule"] for item in answer.json()["errors"]} == {"MAR-ORIGINE", "MAR-DATES-SIGNATURE"}


async def test_a_late_publication_is_a_warning_not_a_refusal(client: AsyncClient) -> None:
    late, punctual = (await recorded(client, id="A")).json()["uid"], (await recorded(client, id="B")).json()["uid"]
    on_time = {**NOTIFICATION, "datePublicationDonnees": "2026-05-01"}
    too_late = {**NOTIFICATION, "datePublicationDonnees": "2026-05-02"}
    assert (await change(client, punctual, "notification", on_time)).json()["avertissements"] == []
    found = (await change(client, late, "notification", too_late)).json()["avertissements"]
    assert [item["regle"] for item in found] == ["MAR-PUBLICATION-DELAI"]


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("MAR-DUREE-DAJ", {"dureeMois": 181, "justificationDuree": "x"}),
        ("MAR-MONTANT-DAJ", {"montant": "3000000000.01", "complements": {"montantEstime": None}}),
        ("MAR-ORIGINE-REQUISE", {"origineUE": None, "origineFrance": None}),
    ],
)
async def test_what_the_national_controls_would_set_aside_is_a_warning(
    client: AsyncClient, rule: str, changes: dict[str, Any]
) -> None:
    answer = await recorded(client, **changes)
    assert [item["regle"] for item in answer.json()["avertissements"]] == [rule]


def test_rules_have_distinct_ids_a_sentence_and_a_source() -> None:
    declared = [value for value in vars(rules).values() if isinstance(value, Rule)]
    assert len({rule.id for rule in declared}) == len(declared) > 30
    for rule in declared:
        assert rule.id.startswith("MAR-")
        assert rule.message.endswith(".")
        assert rule.source
