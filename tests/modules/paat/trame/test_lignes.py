"""What one line, or the lines together, show to be wrong: each finding in its cell, with what is understood."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semaphore_hub.modules.paat.codes import Section, StatutAction
from semaphore_hub.modules.paat.schemas import ActionEntree
from semaphore_hub.modules.paat.trame.classeur import Feuille
from semaphore_hub.modules.paat.trame.colonnes import COLONNES, Col
from semaphore_hub.modules.paat.trame.constats import Constat
from semaphore_hub.modules.paat.trame.contexte import Contexte
from semaphore_hub.modules.paat.trame.controles import controler
from semaphore_hub.modules.paat.trame.entetes import entete
from semaphore_hub.modules.paat.trame.interpretation import ActionLue, interpreter
from semaphore_hub.modules.paat.trame.lecture import TrameLue, lignes_de, lire
from semaphore_hub.modules.referentiel.familles import SYNTHETIQUES, Familles
from semaphore_hub.modules.referentiel.libelles import cle_de
from tests.modules.paat.trame.classeurs import trame
from tests.modules.samples import PARTIE, SUPPORT

BASE = {
    "Famille": "Dispositifs médicaux",
    "Domaine": "Perfusion",
    "Montant de référence annuel (€ TTC)": 1000,
    "Montant Gain": 100,
    "Catégorie": "Perfuseurs",
    "Type d'effet budgétaire": "",
    "Calcul des gains": "",
    "Périmètre traité": 1000,
}


def contexte(**connues: ActionEntree) -> Contexte:
    families = [one for one in SYNTHETIQUES if one.niveau == "famille"]
    codes = {key: one.code for one in families for key in (*one.cles, cle_de(one.code))}
    return Contexte(
        ght="ARA-01",
        annee=2026,
        region="ARA",
        familles=Familles({one.code: one.libelle for one in families}, codes),
        etablissements={SUPPORT: SUPPORT, PARTIE: PARTIE, "010000123": PARTIE, "ch fictif de valmont": SUPPORT},
        roles={SUPPORT: "support", PARTIE: "partie"},
        connues=connues,
    )


def found(*lignes: dict[str, Any], known: Contexte | None = None) -> tuple[list[ActionLue], list[tuple[str, str, str]]]:
    """The actions, and rule, gravity and cell of every finding."""
    titres = list({name: None for one in ({**BASE}, *lignes) for name in one})
    rows = [[{**BASE, **one}.get(name, "") for name in titres] for one in lignes]
    read = lire(trame(*rows, titres=titres))
    actions, constats = interpreter(read, known or contexte())
    constats = [*read.constats, *constats, *controler(read, actions)]
    told: list[tuple[str, str, str]] = [
        (one.regle.removeprefix("PAA-TRAME-"), one.gravite, f"{one.intitule} {one.ligne}") for one in constats
    ]
    return actions, told


def entree(**ligne: Any) -> ActionEntree:
    [action], told = found(ligne)
    assert action.entree is not None, told
    return action.entree


def test_a_line_without_anything_wrong_says_nothing() -> None:
    assert found({})[1] == []


@pytest.mark.parametrize(
    ("ligne", "rule", "gravite"),
    [
        ({"Famille": "Jouets"}, "FAMILLE", "erreur"),
        ({"Famille": ""}, "FAMILLE-ABSENTE", "erreur"),
        ({"Famille": "Prestations gén"}, "FAMILLE-COUPEE", "avertissement"),
        ({"Famille": "Travaux, fourniture"}, "FAMILLE-COUPEE", "avertissement"),
        ({"Montant Gain": "12,5k€"}, "MONTANT", "erreur"),
        ({"Montant Gain": 100.4567}, "ARRONDI", "avertissement"),
        ({"Montant Gain": 1000}, "GAIN-REFERENCE", "avertissement"),
        ({"Montant de référence annuel (€ TTC)": -1000}, "NEGATIF", "erreur"),
        ({"Périmètre traité": "(5)"}, "NEGATIF", "erreur"),
        ({"Type d'effet budgétaire": "Effet loupe"}, "LISTE", "erreur"),
        ({"Levier": "Poulie"}, "LISTE", "erreur"),
        ({"Opérateur": "UniMA"}, "LISTE", "erreur"),
        ({"Statut": "Peut-être"}, "LISTE", "erreur"),
        ({"Date d'effet": "T3 2026"}, "DATE", "erreur"),
        ({"Nb de mois d'effet N": 13}, "MOIS", "erreur"),
        ({"Nb de mois d'effet N": "septembre"}, "MOIS-NOMME", "avertissement"),
        ({"Domaine": "x" * 201}, "TEXTE", "erreur"),
        ({"N° action": "n" * 21}, "TEXTE", "erreur"),
        ({"Catégorie": "a\x90b"}, "CARACTERE", "erreur"),
        ({"Établissement": "CH inconnu"}, "ETABLISSEMENT", "erreur"),
        ({"Année": 2025}, "ANNEE", "erreur"),
        ({"GHT": "ARA-02"}, "GHT", "erreur"),
        ({"Région": "Bretagne"}, "REGION", "avertissement"),
        ({"Performance": 0.2}, "PERFORMANCE", "avertissement"),
        ({"Performance": "voir note"}, "POURCENTAGE", "avertissement"),
        ({"Performance sur périmètre traité": "11,2 %"}, "PERFORMANCE", "avertissement"),
        ({"Performance": 10}, "POINTS", "avertissement"),
        ({"Performance": "10"}, "POINTS", "avertissement"),
        ({"Gain annualisé": "beaucoup"}, "MONTANT", "avertissement"),
    ],
)
def test_each_wrong_cell_is_located_and_explained(ligne: dict[str, Any], rule: str, gravite: str) -> None:
    [action], told = found(ligne)
    assert told == [(rule, gravite, f"{next(iter(ligne))} 2")]
    assert (action.entree is None) is (gravite == "erreur")


@pytest.mark.parametrize(
    "ligne",
    [
        {"Famille": "DM"},
        {"Famille": "SYN-02"},
        {"Famille": "DISPOSITIFS MEDICAUX"},
        {"Année": "2026"},
        {"GHT": "GHT ara-01"},
        {"Région": "Auvergne Rhône Alpes"},
        {"Établissement": PARTIE, "Support / partie": "Partie"},
        {"Montant Gain": 999.99},
        {"Montant Gain": "(50,00)"},
        {"Montant Gain": "n.c."},
        {"Performance": 0.1, "Performance sur périmètre traité": "10,0 %"},
        {"Montant Gain": 96.4, "Performance": "10%", "Performance sur périmètre traité": 0.0964},
        {"Montant Gain": 96.4, "Performance": "9%", "Performance sur périmètre traité": "9,6 %"},
    ],
)
def test_what_is_only_written_otherwise_says_nothing(ligne: dict[str, Any]) -> None:
    assert found(ligne)[1] == []


def test_cells_become_values() -> None:
    one = entree(**{"Nb de mois d'effet N": "septembre", "Établissement": 10000123, "Statut": "Réalisé"})
    assert (one.moisEffet, one.etablissement, one.statut) == (4, PARTIE, StatutAction.REALISEE)
    assert entree(Établissement="CH FICTIF de Valmont").etablissement == SUPPORT
    assert entree(**{"Date d'effet": "sept. 2026"}).moisEffet == 4
    assert entree(**{"Montant Gain": "n.c.", "Gain annualisé": "120,5"}).gain == Decimal("120.50")
    assert entree(Libellé="-", Segment="Valves").libelle == "Valves"


@pytest.mark.parametrize(
    ("titre", "written", "section"),
    [
        ("Investissement", "oui", Section.INVESTISSEMENT),
        ("Investissement", "Non", Section.EXPLOITATION),
        ("Exploitation", "oui", Section.EXPLOITATION),
        ("Exploitation", False, Section.INVESTISSEMENT),
        ("Exploitation / investissement", "Investissement", Section.INVESTISSEMENT),
        ("Exploitation / investissement", "-", Section.EXPLOITATION),
    ],
)
def test_a_section_may_be_a_yes_or_no(titre: str, written: Any, section: Section) -> None:
    assert entree(**{titre: written}).section is section


def test_a_role_that_the_referentiel_contradicts_is_a_warning() -> None:
    ligne = {"Établissement": PARTIE, "Support / partie": "support"}
    assert found(ligne)[1] == [("ROLE", "avertissement", "Support / partie 2")]


def test_the_same_number_twice_is_an_error() -> None:
    told = found({"N° action": "A1"}, {"N° action": "A2"}, {"N° action": "A1", "Montant Gain": 5})[1]
    assert told == [("DOUBLON", "erreur", "N° action 4")]


def test_the_same_line_twice_without_a_number_is_an_error_unless_numbered_or_different() -> None:
    assert found({}, {"Domaine": "PERFUSION "})[1] == [("DOUBLON-PROBABLE", "erreur", "None 3")]
    assert found({}, {"Montant Gain": 101})[1] == []
    assert found({"N° action": "A1"}, {"N° action": "A2"})[1] == []


def test_numbers_given_to_lines_do_not_depend_on_the_others() -> None:
    alone = found({"Domaine": "B"})[0][0].numero
    among = [one.numero for one in found({"Domaine": "A"}, {"Domaine": "B"}, {"Domaine": "B", "Montant Gain": 7})[0]]
    assert among[1] == alone
    assert alone.endswith("-1")
    assert among[2] == alone.removesuffix("1") + "2"
    assert all(len(one) <= 20 for one in among)


def test_without_a_column_the_perimeter_is_the_reference() -> None:
    titres = ["Famille", "Montant de référence", "Gain"]
    read = lire(trame(["DM", 1000, 10], titres=titres))
    [action], constats = interpreter(read, contexte())
    assert action.entree is not None
    assert action.entree.perimetre == Decimal("1000.00")
    assert [one.regle for one in constats] == ["PAA-TRAME-PERIMETRE"]
    assert entree(**{"Périmètre traité": ""}).perimetre is None


POIDS = "Poids de l'action dans les gains"


@pytest.mark.parametrize(
    ("poids", "told"),
    [
        (("50 %", "25 %", "25 %"), []),
        ((0.5, 0.25, 0.25), []),
        (("49,99%", "25,01%", "25%"), []),
        (("50 %", "25 %", ""), [("POIDS", f"{POIDS} 1")]),
        (("60 %", "25 %", "25 %"), [("POIDS", f"{POIDS} 1")]),
        (("40 %", "35 %", "25 %"), [("POIDS-LIGNE", f"{POIDS} 2"), ("POIDS-LIGNE", f"{POIDS} 3")]),
    ],
)
def test_weights_are_shares_of_one_total(poids: tuple[Any, ...], told: list[tuple[str, str]]) -> None:
    gains = (200, 100, 100)
    lines = [
        {"N° action": str(n), "Montant Gain": g, POIDS: p} for n, (g, p) in enumerate(zip(gains, poids, strict=True))
    ]
    assert [(rule, place) for rule, _, place in found(*lines)[1]] == told


def test_a_known_action_is_unchanged_or_changed_by_its_columns_alone() -> None:
    before = ActionEntree.model_validate(
        {
            "numero": "A1",
            "libelle": "Ancien  libellé",
            "famille": "Dispositifs médicaux",
            "domaine": "Perfusion",
            "categorie": "Perfuseurs",
            "montantReference": "1000",
            "perimetre": "1000",
            "gain": "100",
            "operateur": "uniha",
            "acheteur": "n.c.",
            "explication": "Prix du marché précédent revu",
        }
    )
    known = contexte(A1=before)
    [same], _ = found({"N° action": "A1", "Acheteur": "n.c.", "Opérateur": ""}, known=known)
    assert (same.inchangee, same.entree) == (True, before)
    [changed], _ = found({"N° action": "A1", "Catégorie": "", "Montant Gain": 90}, known=known)
    assert changed.entree == before.model_copy(update={"categorie": None, "gain": Decimal("90.00")})
    assert not changed.inchangee


def test_amounts_are_read_even_when_the_line_is_not() -> None:
    [action], _ = found({"Famille": "Jouets", "Montant Gain": "1 500"})
    assert (action.entree, action.gain, action.reference) == (None, Decimal("1500.00"), Decimal("1000.00"))
    assert Col.GAIN not in action.ecrites


CELLULES = st.one_of(
    st.text(alphabet="0123456789 .,-+%€kM()/\u00a0éstotal#REF!\n", max_size=12),
    st.text(st.characters(exclude_categories=["C"]), max_size=8),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(10**15), 10**15),
    st.booleans(),
    st.dates(),
    st.sampled_from(["DM", "oui", "n.c.", "12 %", "sept. 2026", "FIC-01", "2026"]),
)
LIGNES = st.lists(st.fixed_dictionaries({one.titre: CELLULES for one in COLONNES}), min_size=1, max_size=3)


@settings(max_examples=50, deadline=None)
@given(LIGNES)
def test_no_cell_breaks_the_reading(lignes: list[dict[str, Any]]) -> None:
    sheet = Feuille("PAAT", [[one.titre for one in COLONNES], *([*one.values()] for one in lignes)], (), {})
    headings = entete(sheet)
    constats: list[Constat] = []
    lues = tuple(lignes_de(sheet, headings, constats))
    read = TrameLue(headings, lues, tuple(constats))
    actions, said = interpreter(read, contexte())
    said += controler(read, actions)
    # A line is either an action, or the subject of an error.
    wrong = {one.ligne for one in (*constats, *said) if one.gravite == "erreur"}
    assert all(one.entree is not None or one.ligne.rang + 1 in wrong for one in actions)
