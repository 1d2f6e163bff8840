"""Files of facts: whole or not at all, once, replaced, withdrawn; every kind, on both databases."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import select

from semaphore_hub.kernel.access import LOCAL, Caller, Role
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.errors import Forbidden, NotFound, RuleBroken, WrongState
from semaphore_hub.modules.indicateurs.faits.imports import premiere_passe
from semaphore_hub.modules.indicateurs.faits.imports import service as loading
from semaphore_hub.modules.indicateurs.faits.imports.chargement import Chargeur
from semaphore_hub.modules.indicateurs.faits.imports.colonnes import COLONNES
from semaphore_hub.modules.indicateurs.faits.imports.service import ImportRefuse, importer_fichier
from semaphore_hub.modules.indicateurs.models import (
    IndicateurConsolidation,
    IndicateurEntreprise,
    IndicateurImport,
    IndicateurObjectif,
    IndicateurVolume,
)
from tests.modules.indicateurs.faits.imports.conftest import Importer
from tests.modules.indicateurs.faits.situations import FAITS, Monde
from tests.modules.samples import FICTIMED, PARTIE, SUPPORT

DEPENSES = f"""date;etablissement;reference;montant_ht;montant_ttc;compte;numero_marche;operateur;mutualise
2026-05-20;{SUPPORT};8812/1;87,50;105;60221;2026DM001;;
31/12/2025;{PARTIE};12/1;"1 234,56";1481.47;60211;;UniHA;non
"""
BUYER = Caller(name="acheteur-fic-02", role=Role.ACHETEUR, ghts=frozenset({"FIC-02"}))


def rows(monde: Monde, model: Any) -> list[dict[str, Any]]:
    """Every row of a table."""
    with monde.database.read() as connection:
        return [dict(row) for row in connection.execute(select(table_of(model))).mappings()]


def test_spending_is_placed_where_it_was_made(monde: Monde, importer: Importer) -> None:
    bilan = importer(monde, "depenses", DEPENSES)
    assert (bilan.lues, bilan.lignes, bilan.refusees, bilan.dejaImporte) == (2, 2, 0, False)
    assert (bilan.etat, bilan.nom, bilan.auteur, bilan.constats) == ("charge", "fichier.csv", "local", ())
    first, second = monde.table("depense")
    assert first == {
        "uid": f"i{bilan.uid[-12:]}:00000002",
        "source": bilan.uid,
        "annee": 2026,
        "date": date(2026, 5, 20),
        "region": "HDF",
        "ght": "FIC-01",
        "etablissement_siret": SUPPORT,
        "role": "support",
        "famille": "SYN-02",
        "compte": "60221",
        "operateur": "ght",
        "mutualise": False,
        "numero_marche": "2026DM001",
        "marche_uid": None,
        "hors_marche": None,
        "reference": "8812/1",
        "montant_ht_cents": 8_750,
        "montant_ttc_cents": 10_500,
    }
    assert {name: second[name] for name in ("annee", "role", "famille", "operateur", "mutualise", "hors_marche")} == {
        "annee": 2025,
        "role": "partie",
        "famille": "SYN-01",
        "operateur": "uniha",
        "mutualise": False,
        "hors_marche": "sans_numero",
    }
    assert (second["montant_ht_cents"], second["montant_ttc_cents"]) == (123_456, 148_147)
    assert monde.revisions() == {("depense", 2025, "FIC-01"): 1, ("depense", 2026, "FIC-01"): 1}


def test_the_same_bytes_change_nothing(monde: Monde, importer: Importer) -> None:
    first = importer(monde, "depenses", DEPENSES)
    again = importer(monde, "depenses", DEPENSES)
    assert again == first.model_copy(update={"dejaImporte": True})
    assert len(monde.table("depense")) == 2
    assert set(monde.revisions().values()) == {1}


def test_a_file_takes_the_place_of_another(monde: Monde, importer: Importer) -> None:
    first = importer(monde, "depenses", DEPENSES)
    second = importer(monde, "depenses", DEPENSES.replace("87,50", "90,00"), remplace=first.uid)
    assert second.remplace == first.uid
    found = monde.table("depense")
    assert [(one["source"], one["montant_ht_cents"]) for one in found] == [(second.uid, 9_000), (second.uid, 123_456)]
    with monde.database.read() as connection:
        assert monde.faits.lire_import(connection, LOCAL, first.uid).etat == "remplace"
    assert set(monde.revisions().values()) == {2}
    with pytest.raises(RuleBroken) as refusal:
        importer(monde, "depenses", DEPENSES.replace("87,50", "91,00"), remplace=first.uid)
    assert [one.rule for one in refusal.value.problems] == ["IND-IMPORT-REMPLACE"]
    with pytest.raises(RuleBroken) as refusal:
        importer(monde, "actions", "annee;libelle;gain;ght\n2026;A;1;FIC-01\n", remplace=second.uid)
    assert [one.rule for one in refusal.value.problems] == ["IND-IMPORT-REMPLACE"]


def test_a_file_cannot_replace_one_by_bytes_that_count_already(embarque: Monde, importer: Importer) -> None:
    first = importer(embarque, "depenses", DEPENSES)
    other = importer(embarque, "depenses", DEPENSES.replace("87,50", "90,00"))
    with pytest.raises(RuleBroken) as refusal:
        importer(embarque, "depenses", DEPENSES, remplace=other.uid)
    assert [one.rule for one in refusal.value.problems] == ["IND-IMPORT-CONNU"]
    assert importer(embarque, "depenses", DEPENSES, remplace=first.uid).dejaImporte


def test_a_file_withdrawn_leaves_a_trace_and_may_come_back(monde: Monde, importer: Importer) -> None:
    first = importer(monde, "depenses", DEPENSES)
    with monde.database.write() as unit:
        assert monde.faits.retirer_import(unit, LOCAL, first.uid).etat == "retire"
    assert monde.table("depense") == []
    assert set(monde.revisions().values()) == {2}
    with monde.database.write() as unit, pytest.raises(WrongState, match="ne comptent déjà plus"):
        monde.faits.retirer_import(unit, LOCAL, first.uid)
    again = importer(monde, "depenses", DEPENSES)
    assert not again.dejaImporte
    assert again.uid != first.uid
    assert len(monde.table("depense")) == 2
    assert [row["uid"] for row in rows(monde, IndicateurImport)] == [again.uid]


def test_an_import_that_breaks_leaves_nothing(
    monde: Monde, importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = importer(monde, "depenses", DEPENSES)
    plain = Chargeur.charger

    def breaking(loader: Chargeur, frame: Any) -> None:
        plain(loader, frame)
        raise OSError("the disk is full")

    monkeypatch.setattr(Chargeur, "charger", breaking)
    with pytest.raises(OSError, match="disk"):
        importer(monde, "depenses", DEPENSES.replace("87,50", "90,00"), remplace=kept.uid)
    assert {one["source"] for one in monde.table("depense")} == {kept.uid}
    assert [(row["uid"], row["etat"]) for row in rows(monde, IndicateurImport)] == [(kept.uid, "charge")]
    assert set(monde.revisions().values()) == {1}


def test_actions_have_their_defaults(monde: Monde, importer: Importer) -> None:
    bilan = importer(
        monde,
        "actions",
        "Année,Libellé de l'action,libelle,gain,GHT,région,siret,famille,levier,opérateur,Type effet budgétaire,"
        "montant_reference,gain annee,contrôle,report,exclue\n"
        f"2022,x,Antinéoplasiques,49747.5,FIC-01,,{PARTIE},MEDICAMENTS,Mutualisation,GCS,Effet prix induit,"
        '"165 381,00",24873.75,,oui,\n'
        '2022,x,Entretien,"-12,3",ARA-01,Auvergne Rhone-Alpes,,"Travaux, fourniture",,,,,,Q2,,\n'
        "2022,x,Gardée,10,FIC-01,,,,,,,,,Q3,,non\n",
    )
    assert bilan.colonnesIgnorees == ("Libellé de l'action",)
    first, second, third = monde.table("action")
    assert first == {
        "uid": f"i{bilan.uid[-12:]}:00000002",
        "source": bilan.uid,
        "sujet": None,
        "annee": 2022,
        "region": "HDF",
        "ght": "FIC-01",
        "etablissement_siret": PARTIE,
        # The membership of the référentiel begins in 2024: nobody knows its role in 2022.
        "role": None,
        "libelle": "Antinéoplasiques",
        "famille": "SYN-01",
        "domaine": None,
        "levier": "massification",
        "operateur": "gcs_regional",
        "effet_budgetaire": "effet_prix_induit",
        "report": True,
        "reference_cents": 16_538_100,
        "perimetre_cents": 16_538_100,
        "gain_cents": 4_974_750,
        "gain_annee_cents": 2_487_375,
        "gain_retenu_cents": 4_974_750,
        "controle": None,
        "exclue": False,
    }
    assert (second["ght"], second["region"], second["famille"]) == ("ARA-01", "ARA", "SYN-07")
    assert (second["gain_cents"], second["gain_retenu_cents"], second["exclue"]) == (-1_230, 0, True)
    assert (third["controle"], third["exclue"], third["gain_retenu_cents"]) == ("Q3", False, 1_000)
    assert monde.revisions() == {("action", 2022, "ARA-01"): 1, ("action", 2022, "FIC-01"): 1}


def test_targets_have_editions(monde: Monde, importer: Importer) -> None:
    first = importer(
        monde, "objectifs", "annee;region;montant;libelle\n2021;IdF;52 000 000;objectif initial\n2021;LA REUNION;1;\n"
    )
    importer(monde, "objectifs", "annee;region;ght;montant;edition\n2021;IDF;;26000000;2\n2021;;FIC-01;5;1\n")
    found = {
        (one["region"], one["ght"], one["edition"]): (one["montant_cents"], one["libelle"])
        for one in rows(monde, IndicateurObjectif)
    }
    assert found == {
        ("IDF", "", 1): (5_200_000_000, "objectif initial"),
        ("REUNION", "", 1): (100, "édition 1"),
        ("IDF", "", 2): (2_600_000_000, "édition 2"),
        ("HDF", "FIC-01", 1): (500, "édition 1"),
    }
    with pytest.raises(ImportRefuse) as refusal:
        importer(monde, "objectifs", "annee;region;montant\n2021;Île-de-France;3\n")
    assert [(one.path, one.rule) for one in refusal.value.problems] == [("ligne 2", "IND-IMPORT-EXISTE")]
    assert first.uid in refusal.value.problems[0].message
    # What is replaced does not count against what replaces it.
    importer(monde, "objectifs", "annee;region;montant\n2021;Île-de-France;3\n", remplace=first.uid)
    assert sum(one["montant_cents"] for one in rows(monde, IndicateurObjectif)) == 2_600_000_000 + 500 + 300


def test_volumes_are_those_of_a_region_a_ght_an_etablissement_a_family(embarque: Monde, importer: Importer) -> None:
    importer(
        embarque,
        "volumes",
        "exercice;region;ght;etablissement;famille;volume\n"
        "2025;Hauts-de-France;;;;1000\n"
        "2025;;FIC-01;;Dispositifs médicaux;200,5\n"
        f"2025;;;{PARTIE};SYN-01;30\n",
    )
    found = [
        tuple(one[name] for name in ("region", "ght", "etablissement_siret", "famille", "montant_cents"))
        for one in rows(embarque, IndicateurVolume)
    ]
    assert found == [
        ("HDF", "", "", "", 100_000),
        ("HDF", "FIC-01", "", "SYN-02", 20_050),
        ("HDF", "FIC-01", PARTIE, "SYN-01", 3_000),
    ]


def test_consolidated_figures_keep_the_decimals_they_are_printed_with(embarque: Monde, importer: Importer) -> None:
    importer(
        embarque,
        "consolidations",
        'annee;region;mesure;valeur;unite\n2021;ARA;Taux de couverture;23,60;%\n2021;Total;performance;"1 363,1";M€\n',
    )
    found = [
        (one["region"], one["mesure"], one["valeur"], one["unite"]) for one in rows(embarque, IndicateurConsolidation)
    ]
    assert found == [("ARA", "taux_couverture", "23.60", "%"), ("FRANCE", "performance", "1363.1", "M€")]


def test_companies_make_marches_be_read_again(monde: Monde, importer: Importer) -> None:
    _marche(monde)
    first = importer(monde, "entreprises", f"siren;categorie\n{FICTIMED[:9]};ETI\n123456789;pme\n")
    assert set(monde.attendus()) == {"marche/m"}
    second = importer(monde, "entreprises", f"SIREN,catégorie entreprise\n{FICTIMED[:9]},PME\n")
    found = {one["siren"]: (one["categorie"], one["source"]) for one in rows(monde, IndicateurEntreprise)}
    assert found == {FICTIMED[:9]: ("PME", second.uid), "123456789": ("PME", first.uid)}
    with monde.database.write() as unit:
        monde.faits.retirer_import(unit, LOCAL, second.uid)
    assert [one["siren"] for one in rows(monde, IndicateurEntreprise)] == ["123456789"]
    assert monde.attendus() == {"marche/m": second.uid}


def _marche(monde: Monde) -> None:
    values = {
        "uid": "m",
        "version": 1,
        "ght": "FIC-01",
        "etablissement_siret": SUPPORT,
        "id": "DM001",
        "objet": "o",
        "operateur": "ght",
        "statut": "notifie",
        "montant_cents": 1,
        "consomme_cents": 0,
        "beneficiaires": 1,
    }
    with monde.database.write() as unit:
        unit.connection.execute(FAITS["indicateur_marche"].insert().values(values))


def test_who_may_import_what(embarque: Monde, importer: Importer) -> None:
    with pytest.raises(Forbidden):
        importer(embarque, "objectifs", "annee;region;montant\n2021;IDF;3\n", BUYER)
    with pytest.raises(Forbidden):
        importer(embarque, "depenses", DEPENSES, Caller(name="d", role=Role.DGOS, ghts=None))
    with pytest.raises(ImportRefuse) as refusal:
        importer(embarque, "depenses", DEPENSES, BUYER)
    assert [(one.path, one.rule) for one in refusal.value.problems] == [
        ("ligne 2, colonne ght", "IND-IMPORT-DROIT"),
        ("ligne 3, colonne ght", "IND-IMPORT-DROIT"),
    ]
    mine = importer(embarque, "depenses", DEPENSES, Caller(name="b", role=Role.ACHETEUR, ghts=frozenset({"FIC-01"})))
    with embarque.database.read() as connection:
        assert [one.uid for one in embarque.faits.lister_imports(connection, LOCAL, None, limit=5, after=None)[0]] == [
            mine.uid
        ]
        assert embarque.faits.lister_imports(connection, BUYER, None, limit=5, after=None) == ([], None)
        with pytest.raises(NotFound):
            embarque.faits.lire_import(connection, BUYER, mine.uid)
    with embarque.database.write() as unit, pytest.raises(Forbidden):
        embarque.faits.retirer_import(unit, BUYER, mine.uid)


def test_who_does_not_see_an_import_cannot_replace_it(embarque: Monde, importer: Importer) -> None:
    other = importer(embarque, "depenses", DEPENSES)
    content = DEPENSES.replace("87,50", "90,00")
    caller = Caller(name="b", role=Role.ACHETEUR, ghts=frozenset({"FIC-01"}))
    with pytest.raises(RuleBroken) as refusal:
        importer(embarque, "depenses", content, caller, remplace=other.uid)
    assert [one.rule for one in refusal.value.problems] == ["IND-IMPORT-REMPLACE"]


def test_a_kind_that_nobody_knows(embarque: Monde, clock: ManualClock) -> None:
    with pytest.raises(ValueError, match="mystere"):
        importer_fichier(embarque.database, LOCAL, clock, Path("x"), "mystere")


async def test_the_operations(monde: Monde, api: AsyncClient) -> None:
    created = await api.post(
        "/v1/indicateurs/imports?type=depenses&nom=depenses.csv", content=DEPENSES.encode("cp1252")
    )
    assert created.status_code == 201, created.text
    bilan = created.json()
    assert created.headers["location"] == f"/v1/indicateurs/imports/{bilan['uid']}"
    assert (bilan["nom"], bilan["lignes"]) == ("depenses.csv", 2)
    again = await api.post("/v1/indicateurs/imports?type=depenses&nom=depenses.csv", content=DEPENSES.encode("cp1252"))
    assert (again.status_code, again.json()) == (200, {**bilan, "dejaImporte": True})
    refused = await api.post("/v1/indicateurs/imports?type=objectifs", content=b"annee;montant\n2021;trois\n")
    assert refused.status_code == 409
    assert [(one["path"], one["rule"]) for one in refused.json()["errors"]] == [
        ("ligne 2, colonne montant", "IND-IMPORT-MONTANT")
    ]
    assert (await api.post("/v1/indicateurs/imports?type=mystere", content=b"x")).status_code == 422
    as_json = {"content-type": "application/json"}
    assert (await api.post("/v1/indicateurs/imports?type=objectifs", content=b"{}", headers=as_json)).status_code == 415
    listed = await api.get("/v1/indicateurs/imports?type=depenses")
    assert (listed.json()["items"], listed.json()["next"]) == ([bilan], None)
    assert (await api.get("/v1/indicateurs/imports?type=actions")).json()["items"] == []
    assert (await api.get(f"/v1/indicateurs/imports/{bilan['uid']}")).json() == bilan
    etat = (await api.get("/v1/indicateurs/faits/etat")).json()
    assert etat["faits"] == [
        {"fait": "depense", "annee": 2025, "nombre": 1, "importes": 1},
        {"fait": "depense", "annee": 2026, "nombre": 1, "importes": 1},
    ]
    assert (etat["enAttente"], [one["uid"] for one in etat["derniersImports"]]) == (0, [bilan["uid"]])
    published = (await api.get("/v1/indicateurs/faits/formats")).json()["formats"]
    assert [one["type"] for one in published] == list(COLONNES)
    assert [one for one in published[-1]["colonnes"] if one["nom"] == "categorie"] == [
        {
            "nom": "categorie",
            "obligatoire": True,
            "type": "code",
            "description": "PME, ETI ou GE (catégorie de l'INSEE)",
            "valeurs": ["PME", "ETI", "GE"],
            "autresNoms": ["categorieEntreprise"],
        }
    ]
    monde.noter("paat/p")
    done = await api.post("/v1/indicateurs/faits/actualisation?limite=1")
    assert (done.status_code, done.json()) == (200, {"traites": 1, "echecs": 0, "restants": 0})
    rebuilt = await api.post("/v1/indicateurs/faits/reconstruction")
    assert (rebuilt.status_code, rebuilt.json()) == (200, {"actions": 0, "marches": 0, "projets": 0, "depenses": 0})
    withdrawn = await api.delete(f"/v1/indicateurs/imports/{bilan['uid']}")
    assert (withdrawn.status_code, withdrawn.json()["etat"]) == (200, "retire")
    assert (await api.delete(f"/v1/indicateurs/imports/{bilan['uid']}")).status_code == 409
    assert (await api.get("/v1/indicateurs/faits/etat")).json()["faits"] == []


def test_two_imports_of_the_same_bytes_at_once_make_one(
    embarque: Monde, importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = premiere_passe.controler_fichier
    seen: list[str] = []

    def overtaken(*arguments: Any) -> None:
        if not seen:
            seen.append("")
            seen.append(importer(embarque, "depenses", DEPENSES).uid)
        plain(*arguments)

    monkeypatch.setattr(loading, "controler_fichier", overtaken)
    late = importer(embarque, "depenses", DEPENSES)
    assert (late.uid, late.dejaImporte) == (seen[1], True)
    assert len(embarque.table("depense")) == 2
