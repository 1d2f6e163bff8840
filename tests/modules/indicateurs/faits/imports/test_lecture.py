"""What files are made of: encodings, separators, headers, cells; everything that is wrong is located and explained."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semaphore_hub.modules.indicateurs.faits.imports import lecture
from semaphore_hub.modules.indicateurs.faits.imports.colonnes import COLONNES
from semaphore_hub.modules.indicateurs.faits.imports.lecture import LIGNE, Lecteur, empreinte
from semaphore_hub.modules.indicateurs.faits.imports.schemas import TYPES
from semaphore_hub.modules.indicateurs.faits.imports.service import ImportRefuse
from semaphore_hub.modules.indicateurs.faits.imports.valeurs import REGLES
from semaphore_hub.modules.indicateurs.faits.imports.valeurs import TYPES as DTYPES
from tests.modules.indicateurs.faits.imports.conftest import Importer
from tests.modules.indicateurs.faits.situations import Monde
from tests.modules.samples import SUPPORT

HEADER = "date;etablissement;reference;montant_ht;montant_ttc"
GOOD = f"2026-05-20;{SUPPORT};R{{}};10;12"


def refused(monde: Monde, importer: Importer, content: str | bytes, kind: str = "depenses") -> list[tuple[str, str]]:
    """Where and by which rules a file is refused, nothing of it being kept."""
    with pytest.raises(ImportRefuse) as refusal:
        importer(monde, kind, content)
    assert monde.table("depense") == []
    assert monde.revisions() == {}
    return [(one.path, one.rule) for one in refusal.value.problems]


def cents(monde: Monde) -> list[int]:
    return [one["montant_ht_cents"] for one in monde.table("depense")]


@pytest.mark.parametrize(
    ("written", "cents_ht"),
    [
        ("0", 0),
        ("1234.5", 123_450),
        ("1234,56", 123_456),
        ("1 234,56", 123_456),
        ("1\u00a0234\u202f567,89 €", 123_456_789),
        ("-12,30", -1_230),
        ("999999999999.99", 99_999_999_999_999),
        ("12€", 1_200),
    ],
)
def test_amounts_are_read_to_the_cent(embarque: Monde, importer: Importer, written: str, cents_ht: int) -> None:
    importer(embarque, "depenses", f"{HEADER}\n2026-05-20;{SUPPORT};R;{written};0\n")
    assert cents(embarque) == [cents_ht]


@pytest.mark.parametrize(
    "written", ["1,234.56", "1.234,56", "12 34", "1,234", "1e3", "#REF!", "12-", "1234567890123", "1 234 56"]
)
def test_what_is_no_amount_is_refused(embarque: Monde, importer: Importer, written: str) -> None:
    assert refused(embarque, importer, f"{HEADER}\n2026-05-20;{SUPPORT};R;{written};0\n") == [
        ("ligne 2, colonne montantHT", "IND-IMPORT-MONTANT")
    ]


@pytest.mark.parametrize(
    ("kind", "header", "line", "column", "rule"),
    [
        ("depenses", HEADER, f"2026-02-30;{SUPPORT};R;1;1", "date", "IND-IMPORT-DATE"),
        ("depenses", HEADER, f"20260220;{SUPPORT};R;1;1", "date", "IND-IMPORT-DATE"),
        ("depenses", HEADER, "2026-02-20;2.69E+13;R;1;1", "etablissement", "IND-IMPORT-SIRET"),
        ("depenses", HEADER, f"2026-02-20;{SUPPORT};;1;1", "reference", "IND-IMPORT-OBLIGATOIRE"),
        ("depenses", HEADER, f"2026-02-20;{SUPPORT};{'R' * 81};1;1", "reference", "IND-IMPORT-TEXTE"),
        ("depenses", HEADER + ";operateur", f"2026-02-20;{SUPPORT};R;1;1;Amazon", "operateur", "IND-IMPORT-CODE"),
        ("depenses", HEADER + ";mutualise", f"2026-02-20;{SUPPORT};R;1;1;parfois", "mutualise", "IND-IMPORT-BOOLEEN"),
        ("depenses", HEADER + ";exercice", f"2026-02-20;{SUPPORT};R;1;1;26", "exercice", "IND-IMPORT-ANNEE"),
        ("depenses", HEADER + ";famille", f"2026-02-20;{SUPPORT};R;1;1;Fusées", "famille", "IND-IMPORT-FAMILLE"),
        ("depenses", HEADER + ";ght", f"2026-02-20;{SUPPORT};R;1;1;?", "ght", "IND-IMPORT-GHT"),
        ("depenses", HEADER + ";region", f"2026-02-20;{SUPPORT};R;1;1;Wallonie", "region", "IND-IMPORT-REGION"),
        ("depenses", HEADER + ";region", f"2026-02-20;{SUPPORT};R;1;1;PACA", "region", "IND-IMPORT-REGION-AUTRE"),
        ("depenses", HEADER, "2026-02-20;00000000000000;R;1;1", "ght", "IND-IMPORT-PERIMETRE"),
        ("depenses", HEADER, f"2020-02-20;{SUPPORT};R;1;1", "ght", "IND-IMPORT-PERIMETRE"),
        ("objectifs", "annee;region;montant;edition", "2021;IDF;1;deux", "edition", "IND-IMPORT-ENTIER"),
        ("objectifs", "annee;ght;montant", "2021;FIC-02;1", "region", "IND-IMPORT-SANS-REGION"),
        ("volumes", "annee;ght;montant", "2021;FIC-02;1", "region", "IND-IMPORT-SANS-REGION"),
        ("consolidations", "annee;region;mesure;valeur;unite", "2021;IDF;x;beaucoup;%", "valeur", "IND-IMPORT-NOMBRE"),
        ("consolidations", "annee;region;mesure;valeur;unite", "2021;IDF;%;1;%", "mesure", "IND-IMPORT-TEXTE"),
        ("entreprises", "siren;categorie", "12345678;PME", "siren", "IND-IMPORT-SIREN"),
        ("entreprises", "siren;categorie", "123456789;TPE", "categorie", "IND-IMPORT-CODE"),
    ],
)  # fmt: skip
def test_each_wrong_cell_is_located(
    embarque: Monde, importer: Importer, kind: str, header: str, line: str, column: str, rule: str
) -> None:
    assert refused(embarque, importer, f"{header}\n{line}\n", kind) == [(f"ligne 2, colonne {column}", rule)]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("", [("fichier", "IND-IMPORT-FICHIER")]),
        (";;\n1;2;3\n", [("fichier", "IND-IMPORT-FICHIER")]),
        (HEADER + "\n", [("fichier", "IND-IMPORT-VIDE")]),
        (HEADER + "\n;;;;\n\n", [("fichier", "IND-IMPORT-VIDE")]),
        (f"{HEADER}\r{GOOD.format(1)}\r", [("fichier", "IND-IMPORT-FICHIER")]),
        (HEADER.encode("utf-16"), [("fichier", "IND-IMPORT-FICHIER")]),
        (f"{HEADER}\n2026-05-20;{SUPPORT};R\x81é;1;1\n".encode("latin-1"), [("fichier", "IND-IMPORT-ENCODAGE")]),
        ("date;reference;montant_ht\n2026-01-01;R;1\n", [("fichier", "IND-IMPORT-COLONNE")] * 2),
        (HEADER + ";Date\n" + GOOD.format(1) + ";2026-05-20\n", [("fichier", "IND-IMPORT-COLONNE-DOUBLE")]),
        (
            f"{HEADER}\n{GOOD.format(1)}\n{GOOD.format(2)};x\n2026;1\n",
            [("ligne 3", "IND-IMPORT-LIGNE"), ("ligne 4", "IND-IMPORT-LIGNE")],
        ),
        (f"{HEADER}\n{GOOD.format(1)}\n{GOOD.format(2)}\n{GOOD.format(1)}\n", [("ligne 4", "IND-IMPORT-DOUBLON")]),
    ],
)
def test_each_wrong_file_is_explained(
    embarque: Monde, importer: Importer, content: str | bytes, found: list[tuple[str, str]]
) -> None:
    assert refused(embarque, importer, content) == found


def test_every_finding_is_counted_and_the_first_ones_are_said(embarque: Monde, importer: Importer) -> None:
    lines = "".join(f"2026-05-20;{SUPPORT};R{rank};x;12\n" for rank in range(1_500))
    with pytest.raises(ImportRefuse, match=r"1500 constat\(s\)") as refusal:
        importer(embarque, "depenses", f"{HEADER}\n{lines}")
    assert (len(refusal.value.problems), refusal.value.par_regle) == (1_000, {"IND-IMPORT-MONTANT": 1_500})
    assert refusal.value.problems[999].path == "ligne 1001, colonne montantHT"


def test_the_good_lines_may_be_kept_alone(embarque: Monde, importer: Importer) -> None:
    content = (
        f"{HEADER}\n{GOOD.format(1)}\n2026-05-20;{SUPPORT};R2;x;y\n;;;;\ncoupée\n{GOOD.format(1)}\n{GOOD.format(3)}\n"
    )
    bilan = importer(embarque, "depenses", content, partiel=True)
    assert (bilan.lues, bilan.lignes, bilan.refusees, bilan.partiel) == (5, 2, 3, True)
    assert bilan.parRegle == {"IND-IMPORT-MONTANT": 2, "IND-IMPORT-LIGNE": 1, "IND-IMPORT-DOUBLON": 1}
    assert [(one.ligne, one.colonne, one.valeur) for one in bilan.constats] == [
        (3, "montantHT", "x"),
        (3, "montantTTC", "y"),
        (5, None, None),
        (6, None, None),
    ]
    assert [one["reference"] for one in embarque.table("depense")] == ["R1", "R3"]


def test_a_file_without_any_good_line_is_refused_all_the_same(embarque: Monde, importer: Importer) -> None:
    with pytest.raises(ImportRefuse):
        importer(embarque, "depenses", f"{HEADER}\n2026-05-20;{SUPPORT};R;x;1\n", partiel=True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_and_ends_of_lines(embarque: Monde, importer: Importer, encoding: str, end: str) -> None:
    content = f"Référence;Date;SIRET;Montant HT;montantTTC;Région\nÉté œuvre;20/05/2026;{SUPPORT};1;2;Hauts de france\n"
    bilan = importer(embarque, "depenses", content.replace("\n", end).encode(encoding))
    (line,) = embarque.table("depense")
    assert (bilan.lignes, line["reference"], line["region"]) == (1, "Été œuvre", "HDF")


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_separators_and_quotes(embarque: Monde, importer: Importer, separator: str) -> None:
    cells = ["2026-05-20", SUPPORT, f'"a{separator} ""b""\nc"', "10", "12"]
    lines = [HEADER.replace(";", separator), separator.join(cells), separator.join([*cells[:2], "", *cells[3:]])]
    # The lines after a cell that holds an end of line keep their numbers.
    assert refused(embarque, importer, "\n".join(lines)) == [("ligne 4, colonne reference", "IND-IMPORT-OBLIGATOIRE")]
    importer(embarque, "depenses", "\n".join(lines[:2]))
    inside = separator.replace("\t", " ")
    assert [one["reference"] for one in embarque.table("depense")] == [f'a{inside} "b" c']


@settings(max_examples=40, deadline=None)
@given(
    cells=st.lists(
        st.tuples(st.text(st.sampled_from('ab;"\n é'), max_size=6), st.text(st.sampled_from("cd "), max_size=3)),
        max_size=12,
    ),
    block=st.integers(1, 60),
)
def test_blocks_never_cut_a_record(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str]], block: int
) -> None:
    quoted = ["{};{}\n".format('"' + one.replace('"', '""') + '"', two) for one, two in cells]
    path = tmp_path_factory.mktemp("csv") / "f.csv"
    path.write_text("siren;categorie\n" + "".join(quoted), encoding="utf-8")
    reader = Lecteur(path, empreinte(path).encodage, COLONNES["entreprises"], block_bytes=block)
    read, line, expected = [], 2, []
    for bloc in reader.blocs():
        found = bloc.lignes()
        assert found.coupees == ()
        read += found.frame.select(LIGNE, "siren", "categorie").rows()
    for one, two in cells:
        said = (one.strip() or None, two.strip() or None)
        if said != (None, None):
            expected.append((line, *said))
        line += 1 + one.count("\n")
    assert read == expected


def test_a_file_of_many_blocks_is_read_whole(
    embarque: Monde, importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lecture.Lecteur.__init__, "__defaults__", (1_000,))
    told: list[int] = []
    content = HEADER + "\n" + "".join(GOOD.format(rank) + "\n" for rank in range(300))
    bilan = importer(embarque, "depenses", content + GOOD.format(7) + "\n", partiel=True, progres=told.append)
    assert (bilan.lignes, bilan.refusees) == (300, 1)
    assert [one.message for one in bilan.constats] == [
        "La ligne 9 donne déjà cette ligne ou cette valeur : gardez-en une."
    ]
    assert len(told) > 5
    assert told == sorted(told)
    assert told[-1] == 300
    assert sum(cents(embarque)) == 300_000


def test_a_quote_never_closed_does_not_swallow_the_file(
    embarque: Monde, importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lecture, "_RECORD_BYTES", 500)
    content = f'{HEADER}\n2026-05-20;{SUPPORT};"R;1;1\n' + "".join(GOOD.format(rank) + "\n" for rank in range(60))
    path = refused(embarque, importer, content)
    assert ("ligne 2", "IND-IMPORT-LIGNE") in path


def test_a_file_that_is_not_there(embarque: Monde, importer: Importer, tmp_path: Path) -> None:
    with pytest.raises(lecture.FichierIllisible, match=r"absent\.csv"):
        empreinte(tmp_path / "absent.csv")


def test_the_table_of_columns_is_whole() -> None:
    assert set(COLONNES) == set(TYPES)
    for columns in COLONNES.values():
        keys = [key for column in columns for key in column.cles]
        assert len(keys) == len(set(keys))
        for column in columns:
            assert column.type in REGLES
            assert column.type in DTYPES
            assert column.description
            assert (column.taille > 0) == (column.type in ("texte", "ght", "nombre"))
            assert bool(column.valeurs) == (column.type == "code") or column.type == "region"
