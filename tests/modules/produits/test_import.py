"""Importing products: whole or in part, once, compared with what is loaded, on both databases."""

from __future__ import annotations

import csv
import hashlib
import json
from decimal import Decimal

import pytest

from semaphore_hub.kernel.access import LOCAL, Caller, Role
from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.errors import Forbidden, NotFound, RuleBroken, WrongState
from semaphore_hub.modules.marches.produits.models import EtatImport, EtatProduit, ProduitImport
from semaphore_hub.modules.marches.produits.schemas import FiltresProduits
from semaphore_hub.ports.events import PRODUITS_IMPORTES
from tests.contracts.produits_samples import DRUG, LINE, text_of
from tests.modules.produits.conftest import CHUNK, Catalogue, known_marche, lines

WRONG_GTIN = {**LINE, "reference_fournisseur": "FAUX", "gtin": "3401234567891"}


def rules_of(vue: object) -> list[tuple[int | None, str, str]]:
    return [(one.ligne, one.regle, one.gravite) for one in vue.constats]  # type: ignore[attr-defined]


def test_a_right_file_is_loaded_chunk_by_chunk_and_said_once(catalogue: Catalogue) -> None:
    vue = catalogue.load(*lines(LINE, 30), DRUG, block_bytes=CHUNK)
    assert (vue.etat, vue.lignes, vue.creees, vue.refusees) == (EtatImport.TERMINE, 31, 31, 0)
    assert vue.morceaux >= 3
    assert catalogue.rows("prix_unitaire_ht", "gtin", "code_ucd")[-1] == (1_250_000, DRUG["gtin"], DRUG["code_ucd"])
    (event,) = catalogue.events
    assert (event.type, event.subject) == (PRODUITS_IMPORTES, f"produits/{vue.id}")
    assert event.data["compteurs"]["creees"] == 31


def test_a_product_is_read_back_as_the_file_said_it(catalogue: Catalogue) -> None:
    catalogue.load({**LINE, "franco": "150,5", "libelle_produit": 'Tube 5" ; « long »'})
    with catalogue.database.read() as connection:
        (vue,), last = catalogue.service.lister(connection, LOCAL, FiltresProduits(), limit=10, after=0)
    assert last is None
    assert (vue.prixUnitaireHT, vue.tauxTVA, vue.prixUnitaireTTC, vue.franco, vue.remise) == (
        Decimal("0.0875"),
        Decimal(20),
        Decimal("0.105"),
        Decimal("150.50"),
        Decimal("2.50"),
    )
    assert vue.libelleProduit == 'Tube 5" ; « long »'
    assert vue.beneficiaires == ("990780009", "990780017")
    assert json.loads(vue.model_dump_json())["prixUnitaireHT"] == "0.0875"


def test_one_error_refuses_the_whole_file(embedded: Catalogue) -> None:
    vue = embedded.refused(*lines(LINE, 30), WRONG_GTIN)
    assert (vue.etat, vue.lignes, vue.refusees, vue.creees) == (EtatImport.REFUSE, 31, 1, 0)
    assert (32, "PEM-GTIN", "error") in rules_of(vue)
    assert embedded.rows("id") == []
    assert embedded.events == []


def test_in_part_the_good_lines_are_loaded_and_each_bad_one_reported(embedded: Catalogue) -> None:
    for suffix, count in (("csv", 30), ("jsonl", 31)):
        report = embedded.folder / f"rapport.{suffix}"
        vue = embedded.load(*lines(LINE, count), WRONG_GTIN, name=f"{suffix}.csv", partiel=True, rapport=report)
        assert vue.refusees == 1
    assert len(embedded.rows("id")) == 31
    with (embedded.folder / "rapport.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file, delimiter=";") if row["regle"] == "PEM-GTIN"]
    assert [(row["ligne"], row["colonne"], row["valeur"]) for row in rows] == [("32", "gtin", "3401234567891")]
    written = [json.loads(line) for line in (embedded.folder / "rapport.jsonl").read_text("utf-8").splitlines()]
    assert {"ligne", "colonne", "regle", "gravite", "valeur", "message"} == set(written[0])
    assert [one["ligne"] for one in written if one["regle"] == "PEM-GTIN"] == [33]


def test_a_damaged_line_is_left_out_in_part(embedded: Catalogue) -> None:
    path = embedded.file(*lines(LINE, 20))
    text = path.read_text("utf-8").splitlines(keepends=True)
    text[7] = text[7][:40] + "\n"
    path.write_text("".join(text), "utf-8")
    vue = embedded.run(path, partiel=True)
    assert (vue.lignes, vue.refusees, vue.creees) == (20, 1, 19)
    assert (8, "PEM-CSV", "error") in rules_of(vue)


def test_the_second_of_two_lines_of_the_same_product_and_day_is_refused_across_chunks(embedded: Catalogue) -> None:
    twice = lines(LINE, 30)
    vue = embedded.load(*twice, twice[0], partiel=True, block_bytes=CHUNK)
    assert (vue.creees, vue.refusees) == (30, 1)
    assert (32, "PEM-SCHEMA", "error") in rules_of(vue)


def test_the_same_file_again_changes_nothing(catalogue: Catalogue) -> None:
    first = catalogue.load(*lines(LINE, 5))
    again = catalogue.load(*lines(LINE, 5))
    assert (again.id, again.dejaCharge, again.creees) == (first.id, True, 5)
    assert len(catalogue.events) == 1
    assert len(catalogue.rows("id")) == 5


def test_the_same_lines_in_another_file_are_counted_unchanged(catalogue: Catalogue) -> None:
    catalogue.load(*lines(LINE, 5), DRUG)
    before = catalogue.rows("id", "import_id")
    vue = catalogue.load(DRUG, *lines(LINE, 5), name="autre.csv")
    assert (vue.creees, vue.modifiees, vue.inchangees) == (0, 0, 6)
    assert catalogue.rows("id", "import_id") == before


def test_a_changed_line_is_changed_and_a_new_period_is_added(catalogue: Catalogue) -> None:
    catalogue.load(LINE, DRUG)
    renamed = {**LINE, "libelle_produit": "Seringue renommée", "code_mouvement": "M"}
    later = {**DRUG, "date_debut": "2026-07-01", "prix_unitaire_ht": "1,30"}
    vue = catalogue.load(renamed, later, name="suite.csv")
    assert (vue.creees, vue.modifiees, vue.inchangees) == (1, 1, 0)
    assert catalogue.rows("libelle_produit")[0] == ("Seringue renommée",)
    assert len(catalogue.rows("id")) == 3


def test_a_withdrawn_product_is_closed_and_kept(catalogue: Catalogue) -> None:
    catalogue.load(LINE)
    vue = catalogue.load({**LINE, "code_mouvement": "S", "date_fin": "2026-02-28"}, name="retrait.csv")
    assert (vue.closes, vue.modifiees) == (1, 0)
    assert catalogue.rows("etat") == [(EtatProduit.CLOS.value,)]


def test_a_movement_on_a_product_never_loaded_is_refused(embedded: Catalogue) -> None:
    for movement in "MS":
        vue = embedded.refused({**LINE, "code_mouvement": movement})
        assert (2, "PRO-MOUVEMENT", "error") in rules_of(vue)


def test_what_all_lines_share_and_what_looks_like_a_separator_is_kept(catalogue: Catalogue) -> None:
    shared = {"operateur": 'L\'OPÉRATEUR ; "FICTIF" ?', "marque": "A\x1fB", "fabricant": ""}
    catalogue.load(*lines(LINE, 2, **shared))
    catalogue.load(*lines(LINE, 3, **shared), name="suite.csv")
    assert catalogue.rows("operateur") == [(shared["operateur"],)] * 3
    with catalogue.database.read() as connection:
        (first, *_), _last = catalogue.service.lister(connection, LOCAL, FiltresProduits(), limit=10, after=0)
    assert (first.marque, first.fabricant, first.statut) == ("A\u241fB", None, "actif")


def test_a_creation_of_a_product_loaded_otherwise_is_a_change_with_a_warning(catalogue: Catalogue) -> None:
    catalogue.load(LINE)
    vue = catalogue.load({**LINE, "libelle_produit": "Autre", "code_mouvement": "C"}, name="bis.csv")
    assert (2, "PRO-CREATION", "warning") in rules_of(vue)
    assert vue.modifiees == 1


def test_a_price_that_jumps_is_pointed_at(catalogue: Catalogue) -> None:
    base = {**LINE, "prix_unitaire_ht": "10", "prix_unitaire_ttc": ""}
    catalogue.load(base)
    just = catalogue.load({**base, "prix_unitaire_ht": "13", "code_mouvement": "M"}, name="juste.csv")
    assert "PRO-PRIX-ECART" not in just.parRegle
    jumped = catalogue.load({**base, "prix_unitaire_ht": "17", "code_mouvement": "M"}, name="saut.csv")
    (found,) = [one for one in jumped.constats if one.regle == "PRO-PRIX-ECART"]
    assert "13,00 à 17,00" in found.message
    assert (found.gravite, jumped.modifiees) == ("warning", 1)
    strict = {**base, "prix_unitaire_ht": "17.2", "code_mouvement": "M"}
    assert catalogue.load(strict, name="strict.csv", seuil_prix=Decimal(1)).parRegle["PRO-PRIX-ECART"] == 1


def test_a_new_period_is_compared_with_the_price_before_it(embedded: Catalogue) -> None:
    base = {**LINE, "prix_unitaire_ttc": ""}
    embedded.load(
        {**base, "prix_unitaire_ht": "10", "date_fin": "2026-06-30"},
        {**base, "prix_unitaire_ht": "20", "date_debut": "2026-07-01"},
    )
    vue = embedded.load({**base, "prix_unitaire_ht": "11", "date_debut": "2026-04-01"}, name="avril.csv")
    assert "PRO-PRIX-ECART" not in vue.parRegle


def test_a_marche_unknown_leaves_its_products_waiting_until_a_file_says_them_again(catalogue: Catalogue) -> None:
    vue = catalogue.load(*lines(LINE, 3))
    assert (vue.enAttente, vue.parRegle["PRO-EN-ATTENTE"]) == (3, 1)
    assert set(catalogue.rows("etat")) == {(EtatProduit.EN_ATTENTE.value,)}
    known_marche(catalogue, LINE["numero_marche"], "notifie")
    again = catalogue.load(*lines(LINE, 3), DRUG, name="suite.csv")
    assert (again.enAttente, again.modifiees, again.creees) == (0, 3, 1)
    assert set(catalogue.rows("etat")) == {(EtatProduit.ACTIF.value,)}


def test_any_later_import_wakes_the_products_whose_marche_has_come(catalogue: Catalogue) -> None:
    catalogue.load(*lines(LINE, 3), {**DRUG, "numero_marche": "AILLEURS"})
    known_marche(catalogue, LINE["numero_marche"], "notifie")
    catalogue.load({**DRUG, "numero_marche": "SUITE"}, name="suite.csv")
    actif, attend = (EtatProduit.ACTIF.value,), (EtatProduit.EN_ATTENTE.value,)
    assert catalogue.rows("etat") == [actif] * 3 + [attend] * 2


def test_an_operator_named_by_its_siret_is_the_buyer(catalogue: Catalogue) -> None:
    known_marche(catalogue, LINE["numero_marche"], "notifie")
    right = {**LINE, "operateur": "26999901700016"}
    other = {**LINE, "operateur": "99988801900018", "reference_fournisseur": "AUTRE"}
    vue = catalogue.load(right, other)
    assert vue.enAttente == 1


def test_products_of_a_marche_that_is_over_are_refused(catalogue: Catalogue) -> None:
    known_marche(catalogue, LINE["numero_marche"], "echu")
    vue = catalogue.refused(LINE)
    assert (2, "PRO-LOT-ECHU", "error") in rules_of(vue)


def test_a_price_whose_period_is_over_is_refused(embedded: Catalogue) -> None:
    vue = embedded.refused({**LINE, "date_fin": "2026-03-01"})
    assert (2, "PRO-PERIODE-ECHUE", "error") in rules_of(vue)
    assert embedded.load({**LINE, "date_fin": "2026-03-02"}).creees == 1


def test_a_refused_file_is_checked_anew_when_sent_again(embedded: Catalogue) -> None:
    refused = embedded.refused(LINE, WRONG_GTIN)
    vue = embedded.load(LINE, WRONG_GTIN, partiel=True)
    assert (vue.id, vue.etat, vue.partiel, vue.creees) == (refused.id, EtatImport.TERMINE, True, 1)


def test_a_file_that_is_not_what_its_companion_announces_is_refused(embedded: Catalogue) -> None:
    path = embedded.file(LINE, DRUG)
    companion = embedded.folder / "produits.csv.sha256"
    companion.write_text(f"{'0' * 64}  produits.csv\n")
    vue = embedded.refused(LINE, DRUG)
    assert rules_of(vue) == [(None, "PRO-SHA256", "error")]
    companion.write_text(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  produits.csv\n")
    assert embedded.run(path).creees == 2


def test_a_file_that_cannot_be_read_is_refused_even_in_part(embedded: Catalogue) -> None:
    right = text_of(LINE).encode()
    path = embedded.folder / "abime.csv"
    for body, rule in (
        (b"", "PEM-CSV"),
        (b"a,b\n1,2\n", "PEM-CSV"),
        (right.replace(b"taux_tva;", b""), "PEM-SCHEMA"),
        (right + b'"ouvert\n', "PEM-CSV"),
        (text_of(LINE).encode("cp1252") + b"\x81\n", "PEM-ENCODAGE"),
        (right + b"\0\n", "PEM-CSV"),
    ):
        path.write_bytes(body)
        with pytest.raises(RuleBroken) as refusal:
            embedded.run(path, partiel=True)
        assert rule in [problem.rule for problem in refusal.value.problems], body
    assert embedded.rows("id") == []


def test_a_file_in_cp1252_is_loaded_with_its_accents(embedded: Catalogue) -> None:
    path = embedded.folder / "ancien.csv"
    path.write_bytes(text_of(*lines(LINE, 40), {**LINE, "libelle_produit": "Stérile à usage unique"}).encode("cp1252"))
    assert embedded.run(path, block_bytes=CHUNK).creees == 41
    assert embedded.rows("libelle_produit")[-1] == ("Stérile à usage unique",)


def test_perimeter_and_role_are_kept(catalogue: Catalogue) -> None:
    known_marche(catalogue, "AUTRE", "notifie")
    mine = Caller("a", Role.ACHETEUR, frozenset({"FIC-01"}))
    other = Caller("b", Role.ACHETEUR, frozenset({"FIC-02"}))
    vue = catalogue.run(catalogue.file(LINE), mine)
    assert vue.ght == "FIC-01"
    common = catalogue.load(DRUG, name="commun.csv")
    assert common.ght is None
    with catalogue.database.read() as connection:
        seen, _ = catalogue.service.lister(connection, other, FiltresProduits(), limit=10, after=0)
        assert [one.referenceFournisseur for one in seen] == [DRUG["reference_fournisseur"]]
        imports, _ = catalogue.service.lister_imports(connection, other, limit=10, after=None)
        assert [one.id for one in imports] == [common.id]
        with pytest.raises(NotFound):
            catalogue.service.lire_import(connection, other, vue.id)
        assert catalogue.service.lire_import(connection, mine, vue.id).id == vue.id
    with pytest.raises(Forbidden):
        catalogue.run(catalogue.file(LINE), Caller("c", Role.DGOS, None))
    for caller, ght in ((mine, "FIC-02"), (Caller("d", Role.ACHETEUR, frozenset({"A", "B"})), None), (LOCAL, "FIC-99")):
        with pytest.raises(RuleBroken):
            catalogue.run(catalogue.file(LINE), caller, ght=ght)


def test_a_file_that_is_not_there_is_said(embedded: Catalogue) -> None:
    with pytest.raises(RuleBroken, match=r"absent\.csv"):
        embedded.run(embedded.folder / "absent.csv")


def test_two_processes_do_not_load_the_same_file_together(catalogue: Catalogue) -> None:
    path = catalogue.file(*lines(LINE, 30))

    def meddle(phase: str, done: int, total: int) -> None:
        if phase == "chargement" and done < total:
            table = table_of(ProduitImport)
            with catalogue.database.write() as unit:
                unit.connection.execute(table.update().values(octet=table.c.octet + 1))

    with pytest.raises(WrongState, match="Un autre processus"):
        catalogue.run(path, progress=meddle, block_bytes=CHUNK)


def test_searches(catalogue: Catalogue) -> None:
    catalogue.load(LINE, DRUG, {**LINE, "numero_lot": "33", "reference_fournisseur": "SER-20"})
    rare = {"numero_marche": "RARE", "fournisseur_siret": "35600000000048"}
    many = lines(LINE, 30, numero_marche="AUTRE", fournisseur_siret="1")
    many = [{**line, "numero_lot": f"L{rank}"} for rank, line in enumerate(many)]
    catalogue.load({**LINE, **rare}, {**LINE, **rare, "reference_fournisseur": "R2"}, *many, name="suite.csv")

    def found(**filters: object) -> list[str]:
        with catalogue.database.read() as connection:
            items, _ = catalogue.service.lister(connection, LOCAL, FiltresProduits(**filters), limit=10, after=0)  # type: ignore[arg-type]
        return [one.referenceFournisseur for one in items]

    assert found(numero_marche="2026DM001") == ["SER-10", "PARA-1", "SER-20"]
    assert found(numero_marche="2026DM001", numero_lot="3") == ["SER-10", "PARA-1"]
    assert found(numero_marche="2026DM001", numero_lot="3", reference="PARA-1") == ["PARA-1"]
    assert found(numero_marche="2026DM") == []
    assert found(numero_lot="33") == ["SER-20"]
    assert found(reference="SER-20") == ["SER-20"]
    assert found(gtin=DRUG["gtin"]) == found(cip13=DRUG["code_cip13"]) == found(ucd=DRUG["code_ucd"]) == ["PARA-1"]
    assert found(fournisseur="99988801900018", q="paracétamol") == ["PARA-1"]
    assert found(fournisseur=rare["fournisseur_siret"]) == ["SER-10", "R2"]
    assert found(fournisseur=rare["fournisseur_siret"], reference="R2") == ["R2"]
    assert found(fournisseur="99988801900018", reference="R2") == found(fournisseur="2") == []
    assert len(found(fournisseur="1")) == 10
    assert found(q="%") == []
    assert found(etat=EtatProduit.ACTIF) == []
