"""Comptes rendus come late, twice, wrongly or never when told so; flux go and are answered."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.mock_partners.gef.conftest import Opened
from tests.mock_partners.gef.hubs import FINESS, FileHub, Hub, codes, example

FORMS = {"decp": "2026VAL001", "idContrat": "2026VAL001", "acquit": "2026VAL001-001", "mandat": "2026-VAL001-00"}


async def test_a_lost_compte_rendu_never_comes_though_the_message_took_effect(hub: Hub) -> None:
    await hub.faults("acquit_perdu*1")
    assert await hub.send("marche") is None
    assert await hub.fetch() == []
    assert hub.mock.state.effets == {"SEM-0004": [1, 2]}
    assert codes(await hub.send("marche")) == {1: None, 2: None}


async def test_a_late_compte_rendu_comes_when_due(hub: Hub) -> None:
    await hub.faults("acquit_tardif:2h*1")
    assert await hub.send("marche") is None
    assert await hub.fetch() == []
    await hub.control("PUT", "clock", {"advance": "2h"})
    [late] = await hub.fetch()
    assert codes(late) == {1: None, 2: None}
    assert await hub.fetch() == []


async def test_every_compte_rendu_is_late_when_the_option_says_so(opened: Opened) -> None:
    hub = opened(options={"differe": "1h"})
    assert await hub.send("marche") is None
    await hub.control("PUT", "clock", {"advance": "1h"})
    assert [one["idMessage"] for one in await hub.fetch()] == ["SEM-0004"]


async def test_a_double_compte_rendu_comes_twice(hub: Hub) -> None:
    await hub.faults("acquit_en_double*1")
    if isinstance(hub, FileHub):
        await hub.drop("MAR", example(hub.syntax, "marche", {}))
        first, second = await hub.fetch()
    else:
        answer = await hub.send("marche")
        assert answer is not None
        first, [second] = answer, await hub.fetch()
    assert first == second


async def test_a_wrong_compte_rendu_speaks_of_something_else(hub: Hub) -> None:
    await hub.faults("acquit_errone")
    answer = await hub.send("marche")
    assert answer is not None
    assert answer["numeroMarche"] == "AUTRE-MARCHE"
    answer = await hub.send("fournisseur_creation")
    assert answer is not None
    assert answer["idMessage"] == "AUTRE-MESSAGE"


@pytest.mark.parametrize("kind", ["structures", "comptes", "fournisseurs"])
async def test_a_referentiel_is_sent_whole_then_only_what_is_new(hub: Hub, kind: str) -> None:
    await hub.send("fournisseur_creation")
    sent = await hub.control("POST", "emettre", {"typeFlux": kind})
    [flux] = await hub.fetch()
    assert (flux["typeFlux"], flux["mode"], flux["etablissement"]) == (kind, "complet", FINESS)
    assert len(flux["lignes"]) == sent["nombreLignes"] >= 1
    nothing = await hub.http.post("/_mock/emettre", json={"typeFlux": kind, "mode": "delta"})
    assert (nothing.status_code, nothing.json()["code"]) == (409, "RIEN_A_EMETTRE")
    await hub.send("fournisseur_etranger_modification")
    if kind == "fournisseurs":
        await hub.control("POST", "emettre", {"typeFlux": kind, "mode": "delta"})
        [delta] = await hub.fetch()
        assert [line["ligne"] for line in delta["lignes"]] == [1]


async def test_the_hospital_orders_receives_and_pays_on_a_marche(hub: Hub) -> None:
    await hub.send("marche")
    made = await hub.control("POST", "commander", {"numeroMarche": "2026VAL001", "montantHT": "1500.00"})
    commande, reception, mandat = await hub.fetch()
    assert [one["typeFlux"] for one in (commande, reception, mandat)] == ["commandes", "receptions", "mandats"]
    assert made["commande"]["montantTTC"] == "1800.00"
    assert reception["lignes"][0].keys() >= {"ligne", "quantite"}
    assert len(mandat["lignes"]) == 1
    consumed = hub.mock.state.marches["2026VAL001"].consommation
    assert consumed.commande == consumed.receptionne == consumed.mandate == Decimal("1500.00")


async def test_the_answer_of_the_hub_to_a_flux_is_kept_once(hub: Hub) -> None:
    sent = await hub.control("POST", "emettre", {"typeFlux": "structures"})
    compte_rendu = {
        "idCompteRendu": "SEM-CR-1",
        "idMessage": sent["idFlux"],
        "emisLe": "2026-12-01T08:00:00Z",
        "verdict": "accepte",
        "lignes": [],
    }
    for _ in range(2):
        await hub.answer(compte_rendu)
    [emitted] = (await hub.control("GET", "flux"))["flux"]
    assert emitted["idFlux"] == sent["idFlux"]
    assert [one["verdict"] for one in emitted["comptesRendus"]] == ["accepte"]


@pytest.mark.parametrize("way", ["0904"], indirect=True)
@pytest.mark.parametrize(("forme", "numero"), FORMS.items())
async def test_the_number_of_a_marche_is_written_in_the_form_of_the_gef(
    opened: Opened, forme: str, numero: str
) -> None:
    hub = opened(options={"forme_numero": forme})
    await hub.send("marche")
    made = await hub.control("POST", "commander", {"numeroMarche": "2026VAL001"})
    assert made["commande"]["numeroMarche"] == made["mandat"]["numeroMarche"] == numero


@pytest.mark.parametrize("way", ["0904", "eai"], indirect=True)
@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"numeroMarche": "INCONNU"}, 404, "MARCHE_INCONNU"),
        ({"numeroMarche": "2026VAL001", "montantHT": "200000.01"}, 409, "MONTANT_INVALIDE"),
        ({"numeroMarche": "2026VAL001", "reference": "ABSENTE"}, 409, "PRODUIT_INCONNU"),
        ({"numeroMarche": "2026VAL001", "uf": "9999"}, 409, "UF_INCONNUE"),
        ({"numeroMarche": "2026VAL001", "compte": "9999"}, 409, "COMPTE_INCONNU"),
    ],
)
async def test_an_order_that_cannot_be_is_refused(
    opened: Opened, asked: dict[str, Any], status: int, code: str
) -> None:
    hub = opened(options={"ufs": ["1000"], "comptes": ["61558"]})
    await hub.send("marche")
    answer = await hub.http.post("/_mock/commander", json=asked)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await hub.fetch() == []
    assert hub.mock.state.commandes == []


async def test_nothing_is_ordered_on_a_marche_that_is_over(hub: Hub) -> None:
    await hub.send("marche")
    await hub.send("evenement_resiliation")
    answer = await hub.http.post("/_mock/commander", json={"numeroMarche": "2026VAL001"})
    assert (answer.status_code, answer.json()["code"]) == (409, "MARCHE_CLOS")
