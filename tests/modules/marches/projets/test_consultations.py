"""Several lots of one consultation: one projet per lot, read together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from httpx import AsyncClient

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.errors import RuleBroken
from semaphore_hub.modules.marches.projets.schemas import NouveauProjet
from tests.modules.fakes import RecordedEvents
from tests.modules.marches.projets.life import (
    LANCEMENT,
    OUVERTURE,
    SIGNATURE,
    Life,
    attribution,
    foreseen,
    opened,
    projet,
    with_life,
)
from tests.modules.samples import PARTIE, SUPPORT, marche

REFERENCE = "2026/AOO 017"


def lot(numero: int, **changes: Any) -> dict[str, Any]:
    """Changes that make a projet a lot of the consultation."""
    return {
        "id": f"LOT{numero}",
        "consultation": REFERENCE,
        "lot": {"numero": numero, "intitule": f"Lot {numero}"},
        **changes,
    }


async def read(hub: AsyncClient, reference: str = REFERENCE, acheteur: str = SUPPORT) -> dict[str, Any]:
    """The consultation, as the API says it."""
    address = f"/v1/marches/consultations/{reference.replace('/', '%2F')}"
    answer = await hub.get(address, params={"acheteur": acheteur})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_consultation_shows_every_lot_where_it_stands(hub: AsyncClient) -> None:
    failed = await foreseen(hub, **lot(2, montantEstime="50000"))
    won = await opened(hub, **lot(1, montantEstime="300000"))
    await failed.done("lancement", LANCEMENT)
    await failed.done("infructueux", {"date": "2026-02-05", "motif": "aucune offre"})
    await won.done("attribution", attribution())
    outside = {"consultation": REFERENCE, "numero": 3, "intitule": "Repris d'un autre outil"}
    direct = await hub.post("/v1/marches", json=marche(id="LOT3", lot=outside, montant="1000"))
    assert direct.status_code == 201, direct.text
    found = await read(hub)
    assert found["reference"] == REFERENCE
    assert [(one["numero"], one["intitule"], one["statut"]) for one in found["lots"]] == [
        (1, "Lot 1", "attribue"),
        (2, "Lot 2", "infructueux"),
        (3, "Repris d'un autre outil", "attribue"),
    ]
    assert [(one["montantEstime"], one["montant"]) for one in found["lots"]] == [
        ("300000.00", "200000.00"),
        ("50000.00", None),
        (None, "1000.00"),
    ]
    assert (found["montantEstime"], found["montantAttribue"]) == ("350000.00", "201000.00")
    await won.done("sans-suite", {"date": "2026-02-20", "motif": "Abandon"})
    assert (await read(hub))["montantAttribue"] == "1000.00"


async def test_a_consultation_without_lots_follows_its_marche(hub: AsyncClient) -> None:
    life = await opened(hub, consultation=REFERENCE)
    await life.done("attribution", attribution())
    await life.done("signature", SIGNATURE)
    (only,) = (await read(hub))["lots"]
    assert (only["uid"], only["numero"], only["statut"]) == (life.uid, None, "signe")


async def test_a_consultation_is_that_of_one_buyer(hub: AsyncClient) -> None:
    await foreseen(hub, **lot(1))
    address = "/v1/marches/consultations/2026%2FAOO%20017"
    assert (await hub.get(address, params={"acheteur": PARTIE})).status_code == 404
    assert (await hub.get(address)).status_code == 422
    await foreseen(hub, **lot(1, acheteur={"id": PARTIE}))
    assert len((await read(hub, acheteur=PARTIE))["lots"]) == 1


async def refusal(hub: AsyncClient, **changes: Any) -> list[tuple[str, str]]:
    """What refuses a projet."""
    answer = await hub.post("/v1/marches/projets", json=projet(**changes))
    assert answer.status_code == 409, answer.text
    return [(item["rule"], item["path"]) for item in answer.json()["errors"]]


async def test_a_lot_number_is_taken_once_in_a_consultation(hub: AsyncClient) -> None:
    await foreseen(hub, **lot(1))
    twice = [("MAR-LOT-UNIQUE", "$.lot.numero")]
    assert await refusal(hub, **lot(1, id="AUTRE")) == twice
    direct = {"consultation": REFERENCE, "numero": 1, "intitule": "Perfusion"}
    answer = await hub.post("/v1/marches", json=marche(lot=direct))
    assert [(item["rule"], item["path"]) for item in answer.json()["errors"]] == twice
    second = await foreseen(hub, **lot(2))
    assert await second.refused("revision", {"lot": {"numero": 1, "intitule": "Perfusion"}}) == set(twice)
    unsaid = await foreseen(hub, **lot(1, id="PLUSTARD", consultation=None))
    assert await unsaid.refused("lancement", {**LANCEMENT, "consultation": REFERENCE}) == set(twice)


async def test_a_consultation_has_lots_or_one_projet(hub: AsyncClient) -> None:
    await foreseen(hub, **lot(1))
    mixed = [("MAR-CONSULTATION-ALLOTIE", "$.consultation")]
    assert await refusal(hub, consultation=REFERENCE) == mixed
    await foreseen(hub, id="SEUL", consultation="2026-MAPA-3")
    assert await refusal(hub, id="AUTRE", consultation="2026-MAPA-3") == mixed


async def test_lots_are_launched_together(hub: AsyncClient) -> None:
    first, second = await foreseen(hub, **lot(1)), await foreseen(hub, **lot(2))
    await first.done("lancement", LANCEMENT)
    apart = {**LANCEMENT, "dateLimiteOffres": "2026-02-05"}
    assert await second.refused("lancement", apart) == {("MAR-CONSULTATION-DATES", "$.dateLancement")}
    assert (await second.done("lancement", LANCEMENT))["statut"] == "consultation"


@pytest.mark.postgres
def test_two_requests_at_once_cannot_take_one_lot(known: Services, events: RecordedEvents) -> None:
    life = with_life(known, events)

    def take(marche_id: str) -> bool:
        try:
            with life.database.write() as unit:
                body = NouveauProjet.model_validate(projet(**lot(1, id=marche_id)))
                life.projets.creer(unit, LOCAL, body)
        except RuleBroken:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(take, ["A", "B", "C", "D"])) == [False, False, False, True]


THRESHOLDS: list[tuple[str, dict[str, Any], bool]] = [
    ("formalised from the threshold on", {"montantEstime": "216000", "procedure": "Procédure adaptée"}, True),
    ("adapted under it", {"montantEstime": "215999.99", "procedure": "Procédure adaptée"}, False),
    ("stronger than needed", {"montantEstime": "1000"}, False),
    (
        "no publicity above the dispense",
        {
            "montantEstime": "40000",
            "procedure": "Marché passé sans publicité ni mise en concurrence préalable",
        },
        True,
    ),
    ("works have their own threshold", {"codeCPV": "45000000-7", "procedure": "Procédure adaptée"}, False),
]


@pytest.mark.parametrize(("changes", "warned"), [row[1:] for row in THRESHOLDS], ids=[row[0] for row in THRESHOLDS])
async def test_a_procedure_too_light_for_the_need_is_a_warning(
    hub: AsyncClient, changes: dict[str, Any], warned: bool
) -> None:
    life = await foreseen(hub, **changes)
    assert life.seen["avertissements"] == []
    launched = await life.done("lancement", LANCEMENT)
    assert [one["regle"] for one in launched["avertissements"]] == ["MAR-PROJET-SEUIL"] * warned


async def test_lots_add_up_and_only_small_ones_leave_the_procedure(hub: AsyncClient) -> None:
    adapted = {"procedure": "Procédure adaptée"}
    big = await foreseen(hub, **lot(1, montantEstime="400000"))
    small = await foreseen(hub, **lot(2, montantEstime="79000", **adapted))
    for life in (big, small):
        assert (await life.done("lancement", LANCEMENT))["avertissements"] == []
    third = await foreseen(hub, **lot(3, montantEstime="79000", **adapted))
    (warning,) = (await third.done("lancement", LANCEMENT))["avertissements"]
    assert warning["regle"] == "MAR-PROJET-SEUIL"
    assert "20 %" in warning["message"]
    again = (await hub.get(f"/v1/marches/projets/{small.uid}")).json()
    assert [one["regle"] for one in again["avertissements"]] == ["MAR-PROJET-SEUIL"]


async def test_a_launch_of_a_year_without_thresholds_says_so(hub: AsyncClient) -> None:
    life: Life = await foreseen(hub, dateLancementPrevue="2036-01-01")
    (warning,) = life.seen["avertissements"]
    assert (warning["regle"], warning["champ"]) == ("MAR-SEUIL-DATE", "$.dateLancement")


async def test_the_opening_does_not_move_the_warning(hub: AsyncClient) -> None:
    life = await foreseen(hub, montantEstime="216000", procedure="Procédure adaptée")
    await life.done("lancement", LANCEMENT)
    assert len((await life.done("ouverture", OUVERTURE))["avertissements"]) == 1
