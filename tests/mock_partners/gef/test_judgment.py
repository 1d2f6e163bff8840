"""A simulated GEF judges line by line, refuses with a code, waits for suppliers, and applies each message once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mock_partners.gef.conftest import Opened
from tests.mock_partners.gef.hubs import Hub, codes

# One wire and one kind of file are enough for what is judged after the syntax was read.
FEW_WAYS = pytest.mark.parametrize("way", ["0904", "eai"], indirect=True)
HOLDERS = ["99900101900010", "99900102700013"]
NOTHING = frozenset[str]()


async def test_a_marche_is_accepted_line_by_line_and_kept(hub: Hub) -> None:
    answer = await hub.send("marche")
    assert codes(answer) == {1: None, 2: None}
    assert answer is not None
    assert (answer["verdict"], answer["numeroMarche"]) == ("accepte", "2026VAL001")
    kept = hub.mock.state.marches["2026VAL001"]
    assert kept.etat["montantHT"] == "200000.00"
    assert [line["montantHT"] for line in kept.imputations.values()] == ["150000.00", "50000.00"]
    assert kept.etat["beneficiaires"] == ["26999001600017", "26999002400011"]


@FEW_WAYS
@pytest.mark.parametrize(
    ("config", "code", "lines"),
    [
        ({"options": {"attente_referentiel": False}, "known_suppliers": [HOLDERS[0]]}, "TIERS_INCONNU", [2]),
        ({"options": {"attente_referentiel": False}, "known_suppliers": []}, "TIERS_INCONNU", [1, 2]),
        ({"options": {"ufs": ["2000"]}}, "UF_INCONNUE", [1, 2]),
        (
            {"options": {"structures": [{"codeUF": "1000", "libelle": "Fermée", "actif": False}]}},
            "UF_INCONNUE",
            [1, 2],
        ),
        ({"options": {"comptes": ["6068"]}}, "COMPTE_INCONNU", [1, 2]),
        (
            {"options": {"comptes": [{"compte": "61558", "libelle": "Clos", "ouvert": False}]}},
            "COMPTE_INCONNU",
            [1, 2],
        ),
    ],
)
async def test_what_the_gef_does_not_know_refuses_the_lines_concerned(
    opened: Opened, config: dict[str, Any], code: str, lines: list[int]
) -> None:
    hub = opened(**config)
    answer = await hub.send("marche")
    assert codes(answer) == {number: code if number in lines else None for number in (1, 2)}
    assert answer is not None
    assert answer["verdict"] == ("partiel" if len(lines) == 1 else "rejete")
    assert ("2026VAL001" in hub.mock.state.marches) == (len(lines) == 1)


async def test_a_message_before_its_supplier_waits_and_is_answered_by_itself_in_order(opened: Opened) -> None:
    hub = opened(known_suppliers=frozenset({HOLDERS[1]}))
    for name in ("marche", "modification", "evenement_tranche_affermie"):
        answer = await hub.send(name)
        assert answer is not None
        assert answer["verdict"] == "en_attente"
        assert {line["statut"] for line in answer["lignes"]} == {"en_attente"}
    assert hub.mock.state.marches == {}
    again = await hub.send("marche")
    assert again is not None
    assert again["verdict"] == "en_attente"
    assert len(hub.mock.state.attente) == 3
    created = await hub.send("fournisseur_creation")
    assert created is not None
    followed = [created, *await hub.fetch()]
    assert [(one["idMessage"], one["verdict"]) for one in followed] == [
        ("SEM-0001", "accepte"),
        ("SEM-0004", "accepte"),
        ("SEM-0006", "accepte"),
        ("SEM-0008", "accepte"),
    ]
    assert hub.mock.state.attente == []
    assert hub.mock.state.marches["2026VAL001"].modifications == [1]
    assert await hub.fetch() == []


async def test_a_second_marche_of_the_same_number_does_not_wait_behind_the_first(opened: Opened) -> None:
    hub = opened(known_suppliers=NOTHING)
    await hub.send("marche")
    answer = await hub.send("marche", {"SEM-0004": "SEM-0099"})
    assert set(codes(answer).values()) == {"DOUBLON_MARCHE"}


async def test_what_waited_is_still_judged_when_its_supplier_comes(opened: Opened) -> None:
    hub = opened(known_suppliers=frozenset({HOLDERS[1]}), options={"ufs": ["2000"]})
    await hub.send("marche")
    await hub.send("fournisseur_creation")
    [final] = await hub.fetch()
    assert (final["verdict"], set(codes(final).values())) == ("rejete", {"UF_INCONNUE"})


async def test_the_scenario_refuses_an_unknown_supplier_instead_of_waiting(opened: Opened) -> None:
    hub = opened(known_suppliers=NOTHING)
    await hub.faults(f"tiers_inconnu:{HOLDERS[0]}*1")
    assert set(codes(await hub.send("marche")).values()) == {"TIERS_INCONNU"}
    assert hub.mock.state.attente == []
    answer = await hub.send("marche")
    assert answer is not None
    assert answer["verdict"] == "en_attente"


async def test_a_supplier_has_one_code_and_its_last_description(hub: Hub) -> None:
    assert codes(await hub.send("fournisseur_creation")) == {1: None}
    renamed = {"SEM-0001": "SEM-0011", "Imagerie Fictive SAS": "Imagerie Renommée SAS"}
    assert codes(await hub.send("fournisseur_creation", renamed)) == {1: None}
    await hub.send("fournisseur_etranger_modification")
    tiers = hub.mock.state.tiers
    assert next((one.codeTiers, one.denominationSociale) for one in tiers.values()) == (
        "F000001",
        "Imagerie Renommée SAS",
    )
    assert len({one.codeTiers for one in tiers.values()}) == len(tiers) == 2


async def test_life_events_of_an_unknown_marche_are_refused(hub: Hub) -> None:
    for name in ("modification", "correction", "evenement_resiliation", "produits"):
        answer = await hub.send(name)
        assert answer is not None
        assert answer["motif"]["code"] == "MARCHE_INCONNU"
        assert set(codes(answer).values()) == {"MARCHE_INCONNU"}


async def test_a_number_taken_by_another_message_is_refused(hub: Hub) -> None:
    await hub.send("marche")
    answer = await hub.send("marche", {"SEM-0004": "SEM-0099"})
    assert set(codes(answer).values()) == {"DOUBLON_MARCHE"}


async def test_modifications_are_applied_once_and_in_order(hub: Hub) -> None:
    await hub.send("marche")
    assert set(codes(await hub.send("modification")).values()) == {None}
    again = await hub.send("modification", {"SEM-0006": "SEM-0098"})
    assert set(codes(again).values()) == {"MODIFICATION_HORS_SEQUENCE"}
    kept = hub.mock.state.marches["2026VAL001"]
    assert (kept.etat["montantHT"], kept.modifications) == ("215000.00", [1])


async def test_a_correction_replaces_the_state_and_an_event_changes_the_status(hub: Hub) -> None:
    await hub.send("marche")
    await hub.send("modification")
    assert set(codes(await hub.send("correction")).values()) == {None}
    kept = hub.mock.state.marches["2026VAL001"]
    assert kept.etat["montantHT"] == "200000.00"
    await hub.send("evenement_tranche_affermie")
    assert kept.statut == "en cours"
    await hub.send("evenement_resiliation")
    assert kept.statut == "résilié"
    assert [one["type"] for one in kept.evenements] == ["tranche_affermie", "resiliation"]


async def test_products_are_kept_line_by_line(hub: Hub) -> None:
    await hub.send("marche_lot_titulaire_etranger")
    assert codes(await hub.send("produits")) == {1: None, 2: "PRODUIT_INCONNU", 3: None}
    kept = hub.mock.state.marches["2026VAL002"]
    assert kept.etat["lot"]["numero"] == 2
    [product] = kept.produits.values()
    assert (product["reference"], product["prixUnitaireHT"]) == ("IMG-100", "12.345678")


async def test_a_product_out_of_the_period_of_its_marche_is_refused(hub: Hub) -> None:
    await hub.send("marche_lot_titulaire_etranger")
    # The price would begin before the marché does.
    answer = await hub.send("produits", {"2026-12-01": "2025-12-01"})
    assert codes(answer) == {1: "PRODUIT_HORS_PERIODE", 2: "PRODUIT_INCONNU", 3: None}


async def test_nomenclatures_are_kept_by_name(hub: Hub) -> None:
    assert set(codes(await hub.send("nomenclature")).values()) == {None}
    kept = [code for codes_ in hub.mock.state.nomenclatures.values() for code in codes_.values()]
    assert len(kept) == 2
    assert {type(code["actif"]) for code in kept} == {bool}


async def test_the_same_message_takes_effect_once(hub: Hub) -> None:
    first = await hub.send("marche")
    second = await hub.send("marche")
    assert first == second
    assert hub.mock.state.effets == {"SEM-0004": [1, 2]}
    assert hub.mock.journal.search()[0].verdict == "replayed"


async def test_a_refused_line_takes_effect_later_without_bringing_the_former_state_back(opened: Opened) -> None:
    hub = opened(known_suppliers=frozenset({HOLDERS[0]}), options={"attente_referentiel": False})
    assert codes(await hub.send("marche")) == {1: None, 2: "TIERS_INCONNU"}
    assert codes(await hub.send("modification")) == {1: None, 2: "TIERS_INCONNU"}
    await hub.state(controleTiers=False)
    answer = await hub.send("marche")
    assert answer is not None
    assert (answer["verdict"], codes(answer)) == ("accepte", {1: None, 2: None})
    assert hub.mock.state.effets["SEM-0004"] == [1, 2]
    kept = hub.mock.state.marches["2026VAL001"]
    assert (kept.etat["montantHT"], kept.imputations["2"]["montantHT"]) == ("215000.00", "50000.00")


@FEW_WAYS
@pytest.mark.parametrize(
    ("scenario", "code"),
    [("tiers_inconnu", "TIERS_INCONNU"), ("uf_inconnue:1000", "UF_INCONNUE"), ("compte_inconnu", "COMPTE_INCONNU")],
)
async def test_a_refusing_scenario_lasts_until_removed(hub: Hub, scenario: str, code: str) -> None:
    await hub.faults(scenario)
    for _ in range(2):
        assert set(codes(await hub.send("marche")).values()) == {code}
    await hub.faults()
    assert set(codes(await hub.send("marche")).values()) == {None}
