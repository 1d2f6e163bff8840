"""Contracts of PLACE against the marchés of the hub: what differs, what one side lacks, until it is put right."""

from __future__ import annotations

from typing import Any

import pytest

from semaphore_hub.kernel.access import LOCAL, Caller, Role
from semaphore_hub.kernel.errors import RuleBroken
from semaphore_hub.modules.marches.place import reading
from semaphore_hub.modules.marches.place.reading import FiltresContrats
from semaphore_hub.modules.referentiel.schemas import NouvelEtablissement
from tests.modules.marches.execution.lives import notified
from tests.modules.marches.place.suivi import Place, contrat, differences, releve
from tests.modules.samples import (
    FICTIMED,
    MODIFICATION,
    PARTIE,
    PHARMAFICTIF,
    SUPPORT,
    SUPPORT_CH,
    changed,
)
from tests.modules.samples import siret as make_siret
from tests.modules.world import change, recorded

ELSEWHERE = {"complements": {"urlProfilAcheteur": "https://marches.exemple.fr/marches-publics.gouv.fr"}}
STRANGER = make_siret("26999903")


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"id": "2026DM00100", "numeros": ["2026DM00100", "2026DM001", "DM001"]},
        {"id": "x", "numeros": ["x"], "uid": True},
        {"uid": "26999901500013DM001"},
        {"montant": "200 000,0", "objet": "FOURNITURE de  dispositifs médicaux stériles"},
        {"montant": None, "dureeMois": None, "dateNotification": None, "objet": None, "titulaires": []},
        {"titulaires": [{"id": f" {FICTIMED[:9]} {FICTIMED[9:]}"}]},
    ],
)
async def test_a_contract_is_linked_to_its_marche_and_agrees(embedded_place: Place, said: dict[str, Any]) -> None:
    place = embedded_place
    uid = await notified(place.hub)
    place.releve(releve(contrat(**{**said, "uid": uid if said.get("uid") is True else said.get("uid")})))
    found = await place.one("contrats")
    assert found["marche"] == {"uid": uid, "id": "DM001", "statut": "notifie"}
    assert found["divergences"] == []


@pytest.mark.parametrize(
    ("said", "expected", "told"),
    [
        ({"montant": "200000.01"}, ("ECART", "montant"), ("200000.00", "200000.01")),
        ({"montant": "2E5"}, ("ILLISIBLE", "montant"), ("200000.00", "2E5")),
        ({"dureeMois": "36"}, ("ECART", "dureeMois"), ("24", "36")),
        ({"offresRecues": "5"}, ("ECART", "offresRecues"), ("4", "5")),
        ({"dateNotification": "2026-03-02"}, ("ECART", "dateNotification"), ("2026-03-01", "2026-03-02")),
        ({"dateNotification": "01/03/2026"}, ("ILLISIBLE", "dateNotification"), ("2026-03-01", "01/03/2026")),
        ({"objet": "Gants"}, ("ECART", "objet"), ("« Fourniture de dispositifs médicaux stériles »", "« Gants »")),
        ({"titulaires": [{"id": PHARMAFICTIF}]}, ("ECART", "titulaires"), (FICTIMED, PHARMAFICTIF)),
        ({"modifications": 1}, ("MODIFICATIONS", "modifications"), ("0", "1")),
        ({"numeros": ["DM999"], "id": "DM999"}, ("ABSENT-HUB", "id"), (None, "DM999")),
        ({"acheteur": PARTIE}, ("ABSENT-HUB", "id"), (None, "DM001")),
    ],
)
async def test_each_difference_is_told(
    embedded_place: Place, said: dict[str, Any], expected: tuple[str, str], told: tuple[str | None, str | None]
) -> None:
    place = embedded_place
    await notified(place.hub, complements={**ELSEWHERE["complements"]})
    place.releve(releve(contrat(**said)))
    found = await place.one("contrats")
    assert differences(found) == {(*expected, None)}
    [one] = found["divergences"]
    assert (one["valeurHub"], one["valeurPlace"]) == told


async def test_a_correction_in_the_hub_clears_what_differed(place: Place) -> None:
    place.releve(releve(contrat(offresRecues="5")))
    assert differences(await place.one("contrats")) == {("ABSENT-HUB", "id", None)}
    uid = await notified(place.hub)
    assert differences(await place.one("contrats", divergences=True)) == {("ECART", "offresRecues", None)}
    body = {"motif": "Une offre oubliée", "offresRecues": 5}
    assert (await change(place.hub, uid, "correction", body, 2)).status_code == 200
    assert (await place.one("contrats"))["divergences"] == []
    assert await place.listed("contrats", divergences=True) == []
    assert len(await place.listed("contrats", divergences=False)) == 1


async def test_a_marche_not_notified_yet_in_the_hub_is_a_suggestion(place: Place) -> None:
    await recorded(place.hub)
    place.releve(releve(contrat()))
    found = await place.one("contrats")
    assert differences(found) == {("NON-NOTIFIE", "dateNotification", None)}
    assert found["marche"]["statut"] == "attribue"


async def test_after_an_amendment_the_first_and_the_present_values_agree(place: Place) -> None:
    uid = await notified(place.hub)
    assert (await change(place.hub, uid, "modifications", MODIFICATION, 2)).status_code == 201
    for amount, count, expected in (
        ("200000.00", 1, set()),
        ("215000.00", 1, set()),
        ("200000.00", 0, {("MODIFICATIONS", "modifications", None)}),
        ("210000.00", 1, {("ECART", "montant", None)}),
    ):
        place.releve(releve(contrat(montant=amount, modifications=count)))
        assert differences(await place.one("contrats")) == expected


async def test_an_objet_that_the_platform_cut_is_the_same(embedded_place: Place) -> None:
    place = embedded_place
    whole = " ".join(["Fourniture de dispositifs médicaux stériles"] * 10)
    await notified(place.hub, objet=whole)
    for said, expected in ((whole[:256], set()), (whole[:100], {("ECART", "objet", None)})):
        place.releve(releve(contrat(objet=said)))
        assert differences(await place.one("contrats")) == expected


async def test_a_number_without_its_year_is_not_the_marche_of_another_year(place: Place) -> None:
    await notified(place.hub)
    former = {"id": "2019DM00100", "numeros": ["2019DM00100", "2019DM001", "DM001"], "dateNotification": "2019-05-02"}
    place.releve(releve(contrat(**former), contrat()))
    found = {one["place"]["id"]: differences(one) for one in await place.listed("contrats")}
    assert found == {"2019DM00100": {("ABSENT-HUB", "id", None)}, "DM001": set()}


async def test_a_number_of_several_marches_is_compared_to_none(place: Place) -> None:
    for one in ("DM-9", "DM/9"):
        await recorded(place.hub, id=one)
    place.releve(releve(contrat(id="DM.9", numeros=["DM.9"])))
    found = await place.one("contrats")
    assert (differences(found), found["marche"]) == ({("AMBIGU", "id", None)}, None)


async def test_what_a_month_of_place_lacks_is_told_until_it_is_there(place: Place) -> None:
    uid = await notified(place.hub)
    await notified(place.hub, id="AILLEURS", **ELSEWHERE)
    await notified(place.hub, id="PETIT", montant="39999.99")
    await recorded(place.hub, id="PASNOTIFIE")
    assert await place.listed("contrats") == []
    # A file left by hand says no period: what is not in it may be in another one.
    place.releve(releve(periode=None, document="mes contrats.xml"))
    place.releve(releve(periode="2026-02"))
    assert await place.listed("contrats") == []
    place.releve(releve())
    found = await place.one("contrats")
    assert (found["uid"], found["place"], found["marche"]["id"]) == (uid, None, "DM001")
    assert differences(found) == {("ABSENT-PLACE", "id", None)}
    assert "relevés le 2026-03-02" in found["divergences"][0]["message"]
    assert await place.listed("contrats", periode="2026-04") == []
    assert await place.listed("contrats", divergences=False) == []
    assert len(await place.listed("contrats", periode="2026")) == 1
    place.releve(releve(contrat()))
    assert (await place.one("contrats"))["divergences"] == []
    # Then taken away from PLACE.
    place.releve(releve(contrat(id="DM777", numeros=["DM777"])))
    assert {(one["place"] or {}).get("id") for one in await place.listed("contrats")} == {"DM777", None}


async def test_a_partner_of_several_ght_answers_for_the_buyers_it_has_said(place: Place) -> None:
    await notified(place.hub)
    place.releve(releve(), ght=None)
    assert await place.listed("contrats") == []
    place.releve(
        releve(contrat(id="DM777", numeros=["DM777"], dateNotification="2026-04-01"), periode="2026"), ght=None
    )
    found = {differences(one).pop()[0]: one["ght"] for one in await place.listed("contrats")}
    assert found == {"ABSENT-HUB": "FIC-01", "ABSENT-PLACE": "FIC-01"}
    assert await place.listed("contrats", acheteur=PARTIE) == []


async def test_the_same_again_changes_nothing(place: Place) -> None:
    await notified(place.hub)
    document = releve(contrat(), contrat(id="DM777", numeros=["DM777"]))
    for _ in range(3):
        place.releve(document)
    assert [(one["nouveaux"], one["changes"], one["retires"]) for one in place.said("contrats_releves")] == [(2, 0, 0)]
    first = await place.listed("contrats")
    place.releve({**document, "document": "contrats-2026-03-relu.xml"})
    assert await place.listed("contrats") == first
    place.releve(releve(contrat(montant="1.00")))
    place.releve(releve(contrat(montant="1.00"), periode=None))
    assert place.said("contrats_releves")[1:] == [
        {
            "partenaire": "place-fic-01",
            "document": "contrats-2026-03.xml",
            "periode": "2026-03",
            "nouveaux": 0,
            "changes": 1,
            "retires": 1,
        }
    ]
    assert (await place.one("contrats"))["place"]["periode"] == "2026-03"


async def test_both_lists_are_paged_together_and_filtered(place: Place) -> None:
    for number in range(3):
        await notified(place.hub, id=f"ABSENT{number}")
        place.releve(
            releve(
                contrat(id=f"N{number}", numeros=[f"N{number}"], dateNotification=f"2026-0{number + 1}-10"),
                periode=None,
            )
        )
    place.releve(releve())
    seen, cursor = [], None
    for _ in range(3):
        params = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = (await place.hub.get("/v1/marches/place/contrats", params=params)).json()
        seen += [(one["place"] or one["marche"])["id"] for one in page["items"]]
        cursor = page["next"]
    assert seen == ["N2", "ABSENT2", "N1", "ABSENT1", "N0", "ABSENT0"]
    assert cursor is None
    assert [one["place"]["id"] for one in await place.listed("contrats", periode="2026-02")] == ["N1"]
    assert (await place.hub.get("/v1/marches/place/contrats", params={"periode": "2026-13"})).status_code == 422


async def test_a_search_of_what_is_rare_goes_on_from_page_to_page(
    embedded_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = embedded_place
    monkeypatch.setattr(reading, "EXAMINES", 3)
    await notified(place.hub)
    unknown = [contrat(id=f"N{number}", numeros=[f"N{number}"]) for number in range(7)]
    place.releve(releve(contrat(), *unknown))
    pages, cursor = [], None
    for _ in range(4):
        params = {"divergences": "false", **({"cursor": cursor} if cursor else {})}
        page = (await place.hub.get("/v1/marches/place/contrats", params=params)).json()
        pages.append([one["place"]["id"] for one in page["items"]])
        cursor = page["next"]
        if cursor is None:
            break
    assert pages == [[], [], ["DM001"]]


async def test_a_contract_whose_day_cannot_be_read_is_found_by_the_period_it_came_in(place: Place) -> None:
    place.releve(releve(contrat(dateNotification="mars 2026")))
    assert len(await place.listed("contrats", periode="2026-03")) == 1
    assert await place.listed("contrats", periode="2026-04") == []


async def test_more_contracts_than_one_statement_takes(embedded_place: Place) -> None:
    place = embedded_place
    many = [contrat(id=f"N{number}", numeros=[f"N{number}"]) for number in range(1100)]
    place.releve(releve(*many))
    place.releve(releve(*many[:2], periode="2026-03"))
    assert [(one["nouveaux"], one["retires"]) for one in place.said("contrats_releves")] == [(1100, 0), (0, 1098)]
    place.releve(releve(*many))
    found, cursor = [], None
    for _ in range(6):
        page = (
            await place.hub.get(
                "/v1/marches/place/contrats",
                params={"limit": 200, "divergences": "true", **({"cursor": cursor} if cursor else {})},
            )
        ).json()
        found += page["items"]
        cursor = page["next"]
    assert (len(found), len({one["uid"] for one in found}), cursor) == (1100, 1100, None)


async def test_each_ght_sees_its_own_only(place: Place) -> None:
    other = changed(SUPPORT_CH, siret=STRANGER, nom="CH Fictif d'Ailleurs", ght="FIC-02", finessJuridique=None)
    with place.services.database.write() as unit:
        place.services.referentiel.creer_etablissement(unit, LOCAL, NouvelEtablissement.model_validate(other))
    await notified(place.hub)
    place.releve(releve(contrat(montant="1.00"), contrat(acheteur=STRANGER)), ght=None)
    # A partner of another GHT that says a contract of ours learns nothing of our marché.
    place.releve(releve(contrat(montant="2.00")), partenaire="place-fic-02", ght="FIC-02")
    with place.services.database.read() as connection:
        seen = {}
        for ght in ("FIC-01", "FIC-02"):
            caller = Caller("x", Role.ACHETEUR, frozenset({ght}))
            items, _ = place.services.suivi_place.contrats(connection, caller, FiltresContrats(), limit=50, after=None)
            seen[ght] = [
                (one.acheteur, one.marche and one.marche.id, {divergence.champ for divergence in one.divergences})
                for one in items
            ]
    assert seen == {
        "FIC-01": [(SUPPORT, "DM001", {"montant"})],
        "FIC-02": [(SUPPORT, None, {"id"}), (STRANGER, None, {"id"})],
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"periode": "2026-13"},
        {"document": None},
        {"inconnu": 1},
        {"marches": [{**contrat(), "numeros": []}]},
        {"marches": [{**contrat(), "modifications": "1"}]},
        {"marches": [{**contrat(), "montant": 12}]},
        {"marches": [{**contrat(), "titulaires": None}]},
    ],
)
def test_another_form_is_refused_and_nothing_is_kept(embedded_place: Place, changes: dict[str, Any]) -> None:
    with pytest.raises(RuleBroken) as refused:
        embedded_place.releve(releve(contrat(), **changes) if "marches" not in changes else {**releve(), **changes})
    assert [problem.rule for problem in refused.value.problems] == ["MAR-PLACE-FORME"]
    assert embedded_place.said("contrats_releves") == []
