"""A consultation as PLACE says it, against the projets of the hub; the buyer decides, nothing changes by itself."""

from __future__ import annotations

from typing import Any

import pytest

from semaphore_hub.kernel.access import Caller, Role
from semaphore_hub.kernel.errors import NotFound, RuleBroken
from semaphore_hub.kernel.ids import new_id
from tests.modules.marches.place.suivi import PARTENAIRE, REFERENCE, Place, consultation, differences, lot
from tests.modules.marches.projets.life import LANCEMENT, OUVERTURE, Life, attribution, foreseen
from tests.modules.samples import FICTIMED, PARTIE, PHARMAFICTIF, SUPPORT, marche

OPENED = {"statut": "analyse", "nombreOffres": 4, "dateOuverturePlis": "2026-02-04"}
AWARD = {"numero": "DM001", "montantHT": "200000.00", "titulaires": [{"typeIdentifiant": "SIRET", "id": FICTIMED}]}


def later(**changes: Any) -> dict[str, Any]:
    """The consultation, changed on 12 February."""
    return consultation(**{"dateModification": "2026-02-12T15:00:00Z", **changes})


async def launched(place: Place, **changes: Any) -> Life:
    """A projet whose consultation is published."""
    life = await foreseen(place.hub, **{"consultation": REFERENCE, **changes})
    await life.done("lancement", LANCEMENT)
    return life


async def lots(place: Place, *numbers: int) -> list[Life]:
    """Projets of the lots of the consultation, launched."""
    return [await launched(place, id=f"LOT{one}", lot={"numero": one, "intitule": f"Lot {one}"}) for one in numbers]


@pytest.mark.parametrize("by", ["uid", "reference", "number"])
async def test_a_consultation_is_linked_and_agrees(place: Place, by: str) -> None:
    life = await launched(place, consultation=None if by == "number" else REFERENCE)
    ways: dict[str, dict[str, Any]] = {
        "uid": {"identifiantExterne": life.uid, "reference": "AUTRE", "acheteur": None},
        "reference": {},
        "number": {"reference": "DM001"},
    }
    place.suit(consultation(**ways[by]))
    found = await place.one()
    assert found["lien"] == {"uid": life.uid, "id": "DM001", "statut": "consultation"}
    assert found["divergences"] == []
    assert (found["version"], found["statut"], found["ght"]) == (1, "en_ligne", "FIC-01")
    read = await place.hub.get(f"/v1/marches/place/consultations/{found['uid']}")
    assert (read.status_code, read.json()) == (200, found)


async def test_what_place_attributed_is_a_suggestion_until_the_hub_does_it(place: Place) -> None:
    life = await launched(place)
    await life.done("ouverture", OUVERTURE)
    place.suit(later(**{**OPENED, "statut": "attribuee"}, attribution=AWARD))
    found = await place.one()
    [one] = found["divergences"]
    assert (one["regle"], one["valeurHub"], one["valeurPlace"]) == ("MAR-PLACE-ETAT-HUB", "analyse", "attribuee")
    assert "à attribuer dans le hub, si vous le confirmez" in one["message"]
    now = (await place.hub.get(f"/v1/marches/projets/{life.uid}")).json()
    assert (now["version"], now["statut"]) == (life.seen["version"], "analyse")
    await life.done("attribution", attribution())
    cleared = await place.one()
    assert cleared["divergences"] == []
    assert cleared["lien"] == {"uid": life.uid, "id": "DM001", "statut": "attribue"}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"nombreOffres": 3}, {("ECART", "nombreOffres", None)}),
        ({"dateLimiteRemisePlis": "2026-02-06"}, {("ECART", "dateLimiteRemisePlis", None)}),
        ({"dateMiseEnLigne": "2026-01-06"}, {("ECART", "dateMiseEnLigne", None)}),
        ({"dateOuverturePlis": "2026-02-05"}, {("ECART", "dateOuverturePlis", None)}),
        ({"acheteur": PARTIE, "uid": True}, {("ACHETEUR", "acheteur", None)}),
        ({"acheteur": PARTIE}, {("CONSULTATION-INCONNUE", "reference", None)}),
        ({"statut": "sans_suite"}, {("ETAT-CONTRAIRE", "statut", None)}),
        ({"statut": "analyse"}, {("ETAT-PLACE", "statut", None)}),
        ({"attribution": {**AWARD, "montantHT": "200000.01"}}, {("ECART", "attribution.montantHT", None)}),
        ({"attribution": {**AWARD, "numero": "DM002"}}, {("ECART", "attribution.numero", None)}),
        ({"attribution": {**AWARD, "numero": "Marché n° DM-001"}}, set()),
        ({"attribution": {**AWARD, "titulaires": []}}, set()),
        (
            {"attribution": {**AWARD, "titulaires": [{"id": PHARMAFICTIF}]}},
            {("ECART", "attribution.titulaires", None)},
        ),
        (
            {"attribution": {**AWARD, "dateAttribution": "2026-02-13"}},
            {("ECART", "attribution.dateAttribution", None)},
        ),
        ({"lots": [lot(1, statut="attribuee", nombreOffres=4)]}, {("ALLOTISSEMENT", "lots", None)}),
    ],
)
async def test_each_difference_with_an_attributed_marche_is_told(
    embedded_place: Place, said: dict[str, Any], expected: set[tuple[str, str, int | None]]
) -> None:
    place = embedded_place
    life = await launched(place)
    await life.done("ouverture", OUVERTURE)
    await life.done("attribution", attribution())
    kept = {"identifiantExterne": life.uid} if said.get("uid") else {}
    more = {name: value for name, value in said.items() if name != "uid"} | kept
    place.suit(later(**{**OPENED, "statut": "attribuee", "attribution": AWARD, **more}))
    found = await place.one()
    assert differences(found) == expected
    for one in found["divergences"]:
        assert one["message"][0].isupper()
        assert "{" not in one["message"]


async def test_lots_are_compared_one_by_one_and_those_missing_are_told(place: Place) -> None:
    first, second, _ = await lots(place, 1, 2, 3)
    await foreseen(place.hub, id="LOT5", consultation=REFERENCE, lot={"numero": 5, "intitule": "Pas encore lancé"})
    await first.done("ouverture", OUVERTURE)
    place.suit(
        later(
            statut="analyse",
            nombreOffres=9,
            lots=[
                lot(1, statut="analyse", nombreOffres=5, identifiantExterne=first.uid),
                lot(2, statut="infructueuse", identifiantExterne=new_id()),
                lot(4, intitule="Gants d'examen"),
            ],
        )
    )
    found = await place.one()
    assert differences(found) == {
        ("ECART", "nombreOffres", 1),
        ("ETAT-HUB", "statut", 2),
        ("LOT-HUB", "lots", 4),
        ("LOT-PLACE", "lots", 3),
    }
    assert [one["lien"] and one["lien"]["id"] for one in found["lots"]] == ["LOT1", "LOT2", None]
    assert found["lien"] is None
    told = {one["champ"]: one["message"] for one in found["divergences"] if one["lot"] == 2}
    assert told["statut"].startswith("Lot 2 : PLACE dit « infructueuse »")
    assert second.seen["statut"] == "consultation"


async def test_a_lot_recorded_without_a_projet_is_followed_too(place: Place) -> None:
    outside = {"consultation": REFERENCE, "numero": 1, "intitule": "Repris d'un autre outil"}
    recorded = await place.hub.post("/v1/marches", json=marche(lot=outside))
    assert recorded.status_code == 201, recorded.text
    place.suit(later(statut="attribuee", nombreOffres=3, lots=[lot(1, statut="attribuee", nombreOffres=3)]))
    found = await place.one()
    assert found["lots"][0]["lien"]["uid"] == recorded.json()["uid"]
    assert differences(found) == {("ECART", "nombreOffres", 1)}


async def test_a_consultation_the_hub_does_not_have_is_told_until_it_has_it(place: Place) -> None:
    place.suit(consultation())
    assert differences(await place.one()) == {("CONSULTATION-INCONNUE", "reference", None)}
    life = await launched(place)
    found = await place.one()
    assert (found["divergences"], found["lien"]["uid"]) == ([], life.uid)


async def test_the_same_or_older_changes_nothing_and_news_make_a_version(place: Place) -> None:
    first, second = consultation(), later(statut="cloturee")
    for one in (first, first, second, second, first, consultation(dateModification="2026-02-12", nombreOffres=7)):
        place.suit(one)
    found = await place.one()
    assert (found["version"], found["statut"], found["nombreOffres"]) == (2, "cloturee", 0)
    # Versions of PLACE are to the second: what it says last of one second holds.
    place.suit(later(statut="analyse"))
    assert (await place.one())["version"] == 3
    steps = [(one.get("statutPrecedent"), one["statut"]) for one in place.said("consultation_suivie")]
    assert steps == [(None, "en_ligne"), ("en_ligne", "cloturee"), ("cloturee", "analyse")]
    assert [event.version for event in place.events if event.subject == f"consultation-place/{found['uid']}"] == [
        1,
        2,
        3,
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"statut": "elaboration"},
        {"inconnu": "x"},
        {"reference": None},
        {"nombreOffres": "3"},
        {"nombreOffres": -1},
        {"dateModification": "hier"},
        {"dateModification": "2026-02-30"},
        {"acheteur": "2699"},
        {"attribution": {**AWARD, "montantHT": 12.5}},
        {"lots": [{"numero": 0, "intitule": "x", "statut": "analyse", "nombreOffres": 0}]},
        {"objet": "a\x00b"},
    ],
)
async def test_another_form_is_refused_and_nothing_is_kept(embedded_place: Place, changes: dict[str, Any]) -> None:
    place = embedded_place
    with pytest.raises(RuleBroken) as refused:
        place.suit(consultation(**changes))
    assert [problem.rule for problem in refused.value.problems] == ["MAR-PLACE-FORME"]
    assert next(iter(changes)) in refused.value.detail
    assert await place.listed("consultations") == []


async def test_lists_are_filtered_and_paged(place: Place) -> None:
    for number in range(3):
        place.suit(consultation(reference=f"R{number}", acheteur=PARTIE if number else SUPPORT))
    place.suit(consultation(reference="R0", statut="analyse"), partenaire="place-autre")
    assert [one["reference"] for one in await place.listed("consultations", acheteur=PARTIE)] == ["R2", "R1"]
    assert [one["partenaire"] for one in await place.listed("consultations", reference="R0")] == [
        "place-autre",
        PARTENAIRE,
    ]
    assert [one["reference"] for one in await place.listed("consultations", statut="analyse")] == ["R0"]
    page = (await place.hub.get("/v1/marches/place/consultations", params={"limit": 3})).json()
    rest = (await place.hub.get("/v1/marches/place/consultations", params={"limit": 3, "cursor": page["next"]})).json()
    assert len({one["uid"] for one in [*page["items"], *rest["items"]]}) == 4
    assert rest["next"] is None


async def test_each_ght_sees_its_own_only(place: Place) -> None:
    life = await launched(place)
    stranger = Caller("ailleurs", Role.ACHETEUR, frozenset({"FIC-02"}))
    # A partner of several GHT: the consultation belongs to that of its buyer, or of the projet it kept.
    place.suit(consultation(), ght=None)
    place.suit(consultation(reference="SANS", acheteur=None, identifiantExterne=life.uid), ght=None)
    # A partner of another GHT that names a projet of ours learns nothing of it.
    place.suit(consultation(reference="VOLE", identifiantExterne=life.uid), partenaire="place-fic-02", ght="FIC-02")
    service, database = place.services.suivi_place, place.services.database
    with database.read() as connection:
        theirs, _ = service.consultations(connection, stranger, {}, limit=10, after=None)
        assert [(one.reference, one.lien) for one in theirs] == [("VOLE", None)]
        ours = Caller("ici", Role.ACHETEUR, frozenset({"FIC-01"}))
        mine, _ = service.consultations(connection, ours, {}, limit=10, after=None)
        assert [(one.reference, one.lien and one.lien.uid) for one in mine] == [
            ("SANS", life.uid),
            (REFERENCE, life.uid),
        ]
        with pytest.raises(NotFound):
            service.consultation(connection, stranger, mine[0].uid)


async def test_an_unknown_consultation_is_a_problem(place: Place) -> None:
    answer = await place.hub.get(f"/v1/marches/place/consultations/{new_id()}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert (await place.hub.get("/v1/marches/place/consultations", params={"statut": "x"})).status_code == 422
