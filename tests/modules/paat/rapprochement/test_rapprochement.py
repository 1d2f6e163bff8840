"""Gains of operators: declared, declared again, and set against those of the GHT; the lowest is retained."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from httpx import AsyncClient
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL, Caller, Role
from semaphore_hub.kernel.errors import Forbidden, RuleBroken
from semaphore_hub.modules.paat.rapprochement.calcul import Chiffre, rapprocher, total
from semaphore_hub.modules.paat.rapprochement.lecture import COLONNES
from semaphore_hub.modules.paat.rapprochement.schemas import DeclarationGains, DeclarationVue
from semaphore_hub.modules.paat.schemas import ActionEntree, NouveauPaat
from semaphore_hub.ports import events as types
from tests.modules.fakes import RecordedEvents
from tests.modules.samples import PARTIE

ENTETE = ";".join(COLONNES)


def gain(reference: str, montant: str, **changes: Any) -> dict[str, Any]:
    body = {
        "operateur": "uniha", "annee": 2026, "ght": "FIC-01", "reference": reference, "gain": montant,
        "famille": "Médicaments", "numeroMarche": "M_1",
    }  # fmt: skip
    return {name: value for name, value in {**body, **changes}.items() if value is not None}


def action(numero: str, montant: str, **changes: Any) -> ActionEntree:
    body = {
        "numero": numero, "libelle": f"Action {numero}", "famille": "Médicaments", "operateur": "uniha",
        "montantReference": "100000", "perimetre": "100000", "gain": montant, **changes,
    }  # fmt: skip
    return ActionEntree.model_validate({name: value for name, value in body.items() if value is not None})


def plan(services: Services, *actions: ActionEntree, ght: str = "FIC-01") -> None:
    with services.database.write() as unit:
        opened = services.paat.creer(unit, LOCAL, NouveauPaat(ght=ght, annee=2026))
        services.paat.enregistrer(unit, LOCAL, opened.uid, 1, actions)


def declared(services: Services, *gains: dict[str, Any], caller: Caller = LOCAL) -> DeclarationVue:
    body = DeclarationGains.model_validate({"source": "Déclaration fictive", "gains": gains})
    with services.database.write() as unit:
        return services.rapprochement.declarer(unit, caller, body)


def declared_csv(services: Services, contenu: bytes, caller: Caller = LOCAL) -> DeclarationVue:
    with services.database.write() as unit:
        return services.rapprochement.declarer_csv(unit, caller, contenu, "gains.csv")


def test_the_lower_figure_is_retained_and_what_one_side_alone_says_is_shown(known: Services) -> None:
    plan(
        known,
        action("A1", "10000", numeroMarche="M_1"),
        action("A2", "5000.50", numeroMarche="m_ 1"),
        action("A3", "8000", numeroMarche="M_2"),
        action("A4", "3000", numeroMarche=None, famille="DM"),
        action("A5", "120000", numeroMarche="M_3"),
        action("A6", "700", operateur="resah", numeroMarche="R_1"),
        action("A7", "9999", operateur="ght"),
        action("A8", "9999", numeroMarche="M_2", statut="abandonnee"),
    )
    declared(
        known,
        gain("1", "12000", numeroMarche="M_1"),
        gain("2", "2500.25", numeroMarche="M_1", etablissement=PARTIE),
        gain("3", "9000", numeroMarche="M_2"),
        gain("4", "2000", numeroMarche="M_9", famille="DM"),
        gain("5", "50000", numeroMarche="M_3"),
        gain("6", "400", operateur="ugap", numeroMarche="U_1", famille=None),
    )
    with known.database.read() as connection:
        found = known.rapprochement.rapprocher(connection, LOCAL, 2026, ght="FIC-01")
    lines = [
        (one.operateur.value, one.rapprochement, one.numeroMarche, one.gainGht, one.gainOperateur, one.gainRetenu)
        for one in found.lignes
    ]
    D = Decimal
    assert sorted(lines, key=str) == sorted(
        [
            ("uniha", "marche", "M_1", D("15000.50"), D("14500.25"), D("14500.25")),
            ("uniha", "marche", "M_2", D("8000.00"), D("9000.00"), D("8000.00")),
            # The DGOS excludes this action (its gain is above its reference): nothing of it is left to retain.
            ("uniha", "marche", "M_3", D("120000.00"), D("50000.00"), D("0.00")),
            ("uniha", "famille", None, D("3000.00"), D("2000.00"), D("2000.00")),
            ("resah", "ght_seul", "R_1", D("700.00"), None, D("700.00")),
            ("ugap", "operateur_seul", "U_1", None, D("400.00"), D("0")),
        ],
        key=str,
    )
    told = {one.numeroMarche: one.constat for one in found.lignes}
    assert told["U_1"] == "Non déclaré par le GHT : à intégrer au PAAT, rien n'est retenu en attendant."
    assert told["M_1"] == "Écart de +500,25 € : le gain de l'opérateur est retenu, c'est le plus bas."
    assert told["M_3"].endswith("Les contrôles DGOS ne laissent que 0,00 € au GHT.")
    by_operator = {one.cle: (one.gainRetenu, one.nonDeclareGht, one.nonDeclareOperateur) for one in found.parOperateur}
    assert by_operator == {
        "uniha": (D("24500.25"), 0, 0),
        "resah": (D("700.00"), 0, D("700.00")),
        "ugap": (0, D("400.00"), 0),
    }
    assert (found.total.gainGht, found.total.gainOperateur, found.total.gainRetenu) == (
        D("146700.50"), D("75900.25"), D("25200.25"),
    )  # fmt: skip
    assert [one.cle for one in found.parGht] == ["FIC-01"]


def test_a_declaration_again_changes_nothing_and_a_new_figure_replaces(known: Services, events: RecordedEvents) -> None:
    first = declared(known, gain("1", "100"), gain("2", "50"), gain("3", "7", ght="FIC-02"))
    assert (first.creees, first.ghts) == (3, ("FIC-01", "FIC-02"))
    assert [(one.type, one.ght, one.data["lignes"], one.data["gain"]) for one in events] == [
        (types.GAINS_OPERATEUR_DECLARES, "FIC-01", 2, "150.00"),
        (types.GAINS_OPERATEUR_DECLARES, "FIC-02", 1, "7.00"),
    ]
    again = declared(known, gain("1", "100"), gain("2", "50"), gain("3", "7", ght="FIC-02"))
    assert (again.creees, again.modifiees, again.inchangees, again.ghts, len(events)) == (0, 0, 3, (), 2)
    changed = declared(known, gain("1", "99.50"), gain("2", "50"))
    assert (changed.modifiees, changed.inchangees, events[-1].data["gain"]) == (1, 1, "149.50")
    assert len({one.subject for one in events}) == len(events) == 3


@pytest.mark.parametrize(
    ("changes", "rule", "champ"),
    [
        ({"operateur": "ght"}, "OPERATEUR", "operateur"),
        ({"ght": "FIC-09"}, "GHT", "ght"),
        ({"famille": "Jouets"}, "FAMILLE", "famille"),
        ({"famille": None, "numeroMarche": None}, "CLE", "numeroMarche"),
        ({"etablissement": "26999909000011"}, "ETABLISSEMENT", "etablissement"),
        ({"reference": "1"}, "DOUBLON", "reference"),
    ],
)
def test_a_wrong_gain_refuses_them_all(
    embedded: Services, events: RecordedEvents, changes: dict[str, Any], rule: str, champ: str
) -> None:
    with pytest.raises(RuleBroken) as refused:
        declared(embedded, gain("1", "1"), gain(**{"reference": "2", "montant": "1", **changes}))
    assert [(one.path, one.rule) for one in refused.value.problems] == [(f"$.gains[1].{champ}", f"PAA-OPE-{rule}")]
    assert declared(embedded, gain("1", "1")).creees == 1
    assert len(events) == 1


def test_who_may_declare_and_see(embedded: Services) -> None:
    mine = Caller("operateur", Role.PARTENAIRE, frozenset({"FIC-01"}))
    declared(embedded, gain("1", "10"), caller=mine)
    declared(embedded, gain("2", "20", ght="FIC-02"))
    for body, rule in ((gain("3", "1", ght="FIC-02"), "GHT"), (gain("2", "1"), "REFERENCE")):
        with pytest.raises(RuleBroken) as refused:
            declared(embedded, body, caller=mine)
        assert [one.rule for one in refused.value.problems] == [f"PAA-OPE-{rule}"]
    with pytest.raises(Forbidden):
        declared(embedded, gain("4", "1"), caller=Caller("acheteur", Role.ACHETEUR, None))
    with embedded.database.read() as connection:
        seen = embedded.rapprochement.rapprocher(connection, mine, 2026)
    assert [(one.ght, one.gainOperateur) for one in seen.lignes] == [("FIC-01", Decimal("10.00"))]


def test_a_csv_is_read_in_either_encoding_and_again_without_change(known: Services) -> None:
    text = f"""{ENTETE}
UniHA;2026;FIC-01;U-1;Médicaments;M_1;{PARTIE};"49 747,50 €";(1 200)
GCS régional;2026;FIC-02;G-1;Énergies et fluides;;;-;12.5

"""
    first = declared_csv(known, text.encode("cp1252"))
    assert (first.creees, first.ghts) == (2, ("FIC-01", "FIC-02"))
    assert declared_csv(known, b"\xef\xbb\xbf" + text.encode()).inchangees == 2
    with known.database.read() as connection:
        lines = known.rapprochement.rapprocher(connection, LOCAL, 2026).lignes
    assert [(one.operateur.value, one.famille, one.gainOperateur) for one in lines] == [
        ("uniha", "SYN-01", Decimal("-1200.00")),
        ("gcs_regional", "SYN-08", Decimal("12.50")),
    ]


@pytest.mark.parametrize(
    ("contenu", "found"),
    [
        (b"", ("ligne 1", "ENTETE")),
        (b"operateur;annee\n", ("ligne 1", "ENTETE")),
        (f"{ENTETE};libelle\n".encode(), ("ligne 1", "ENTETE")),
        (f"{ENTETE};gain\n".encode(), ("ligne 1", "ENTETE")),
        (f"{ENTETE}\n\n".encode(), ("fichier", "VIDE")),
        (f"{ENTETE}\nUniHA;2026\n".encode(), ("ligne 2", "CELLULES")),
        (f"{ENTETE}\nUniMA;2026;FIC-01;1;DM;;;;1\n".encode(), ("ligne 2, colonne operateur", "VALEUR")),
        (f"{ENTETE}\nUniHA;1999;FIC-01;1;DM;;;;1\n".encode(), ("ligne 2, colonne annee", "VALEUR")),
        (f"{ENTETE}\nUniHA;2026;;1;DM;;;;1\n".encode(), ("ligne 2, colonne ght", "VALEUR")),
        (f"{ENTETE}\n\nUniHA;2026;FIC-01;1;DM;;;;12 k€\n".encode(), ("ligne 3, colonne gain", "VALEUR")),
        (f"{ENTETE}\nUniHA;2026;FIC-01;1;DM;;;-5;1\n".encode(), ("ligne 2, colonne montant_reference", "VALEUR")),
        (f"{ENTETE}\nUniHA;2026;FIC-01;1;DM;;123;;1\n".encode(), ("ligne 2, colonne etablissement", "VALEUR")),
        (f"{ENTETE}\nUniHA;2026;FIC-01;1;Jouets;;;;1\n".encode(), ("ligne 2, colonne famille", "FAMILLE")),
        (f'{ENTETE}\n"UniHA;2026\n'.encode(), ("ligne 2", "FICHIER")),
        (b"a\x00;b", ("fichier", "FICHIER")),
    ],
)
def test_a_wrong_csv_says_where(embedded: Services, contenu: bytes, found: tuple[str, str]) -> None:
    with pytest.raises(RuleBroken) as refused:
        declared_csv(embedded, contenu)
    assert [(one.path, one.rule.removeprefix("PAA-OPE-")) for one in refused.value.problems] == [found]


async def test_by_the_api(client: AsyncClient, known: Services) -> None:
    plan(known, action("A1", "10000", numeroMarche="M_1"))
    body = {"source": "Déclaration fictive", "gains": [gain("1", "9000.10")]}
    answer = await client.post("/v1/paat/gains-operateurs", json=body)
    assert (answer.status_code, answer.json()["creees"]) == (200, 1), answer.text
    listed = await client.get(
        "/v1/paat/gains-operateurs", params={"annee": 2026, "ght": "FIC-01", "operateur": "uniha"}
    )
    [told] = listed.json()["items"]
    assert (told["reference"], told["gain"], told["famille"], told["source"]) == (
        "1", "9000.10", "SYN-01", "Déclaration fictive",
    )  # fmt: skip
    assert (await client.get("/v1/paat/gains-operateurs", params={"annee": 2025})).json()["items"] == []
    found = await client.get("/v1/paat/rapprochement", params={"annee": 2026, "operateur": "uniha"})
    assert found.status_code == 200, found.text
    [line] = found.json()["lignes"]
    assert (line["gainGht"], line["gainOperateur"], line["ecart"], line["gainRetenu"]) == (
        "10000.00", "9000.10", "999.90", "9000.10",
    )  # fmt: skip
    assert (await client.get("/v1/paat/rapprochement")).status_code == 422
    file = await client.get("/v1/paat/rapprochement.xlsx", params={"annee": 2026})
    assert file.headers["content-disposition"] == 'attachment; filename="rapprochement-2026.xlsx"'
    rows = CalamineWorkbook.from_filelike(io.BytesIO(file.content)).get_sheet_by_name("Rapprochement").to_python()
    assert rows[4][:12] == [
        "FIC-01",
        "UniHA",
        "M_1",
        "Médicaments",
        "Même marché",
        1,
        1,
        10000,
        10000,
        9000.1,
        999.9,
        9000.1,
    ]
    totals = CalamineWorkbook.from_filelike(io.BytesIO(file.content)).get_sheet_by_name("Totaux").to_python()
    assert ["Total", 1, 10000, 9000.1, 9000.1, 0, 0] in totals


CENTS = st.integers(-(10**9), 10**9).map(lambda cents: Decimal(cents) / 100)
CHIFFRES = st.lists(
    st.builds(
        Chiffre,
        ght=st.just("FIC-01"),
        operateur=st.sampled_from(["uniha", "resah"]),
        numero_marche=st.sampled_from([None, "M1", "m 1", "M2"]),
        famille=st.sampled_from([None, "SYN-01", "SYN-02"]),
        gain=CENTS,
        controle=st.just(Decimal(0)),
        nombre=st.just(1),
    ),
    max_size=8,
)


@settings(max_examples=50, deadline=None)
@given(CHIFFRES, CHIFFRES)
def test_every_figure_is_counted_once(ghts: list[Chiffre], operateurs: list[Chiffre]) -> None:
    sums = total("", rapprocher(ghts, operateurs))
    assert sums.gainGht == sum(one.gain for one in ghts)
    assert sums.gainOperateur == sum(one.gain for one in operateurs)
