"""The columns of the trame, as data: those the DGOS shows, in its order, then the optional ones (hypothèse).

The official workbook is not published. The headings of the eleven first columns are attested by the lines of trame in
the DGOS presentation of 17/06/2022; all others, and every other way of writing a heading, are assumptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from semaphore_hub.modules.referentiel.libelles import cle_de


class Genre(StrEnum):
    """What a column holds."""

    TEXTE = "texte"
    LISTE = "liste"
    MONTANT = "montant"
    PART = "part"
    JOUR = "jour"
    ENTIER = "entier"


class Col(StrEnum):
    """Every column."""

    FAMILLE = "famille"
    DOMAINE = "domaine"
    CATEGORIE = "categorie"
    REFERENCE = "montantReference"
    PERFORMANCE_PERIMETRE = "performancePerimetre"
    POIDS = "poids"
    EFFET = "effetBudgetaire"
    CALCUL = "calculGains"
    GAIN = "gain"
    PERFORMANCE = "performance"
    COMMENTAIRE_DGOS = "commentaireDGOS"
    ANNEE = "annee"
    REGION = "region"
    GHT = "ght"
    ETABLISSEMENT = "etablissement"
    ROLE = "role"
    NUMERO = "numero"
    LIBELLE = "libelle"
    SEGMENT = "segment"
    LEVIER = "levier"
    OPERATEUR = "operateur"
    MARCHE = "numeroMarche"
    METHODE = "methode"
    SECTION = "section"
    DATE_EFFET = "dateEffet"
    MOIS_EFFET = "moisEffet"
    PERIMETRE = "perimetre"
    GAIN_ANNUALISE = "gainAnnualise"
    GAIN_ANNEE = "gainAnnee"
    REPORT = "report"
    ACHETEUR = "acheteur"
    STATUT = "statut"
    STADE = "stade"
    COMMENTAIRE = "commentaire"
    EXPLICATION = "explication"


@dataclass(frozen=True, slots=True)
class Colonne:
    """One column.

    Attributes:
        titre: heading, as it is written out.
        variantes: other headings that designate it.
        attestee: the DGOS shows this heading.
        calculee: the hub works it out: what the file says of it is compared, never kept.
        largeur: width written out, in characters.
    """

    col: Col
    titre: str
    genre: Genre
    largeur: int
    variantes: tuple[str, ...] = ()
    attestee: bool = False
    calculee: bool = False


COLONNES = (
    Colonne(Col.FAMILLE, "Famille", Genre.LISTE, 24, ("famille achat", "famille DGOS"), attestee=True),
    Colonne(Col.DOMAINE, "Domaine", Genre.TEXTE, 30, ("domaine achat",), attestee=True),
    Colonne(Col.CATEGORIE, "Catégorie", Genre.TEXTE, 30, ("catégorie achat", "catégories"), attestee=True),
    Colonne(
        Col.REFERENCE,
        "Montant de référence annuel (€ TTC)",
        Genre.MONTANT,
        18,
        ("montant de référence", "montant annuel de référence", "montant réf annuel", "montant de réf"),
        attestee=True,
    ),
    Colonne(
        Col.PERFORMANCE_PERIMETRE,
        "Performance sur périmètre traité",
        Genre.PART,
        14,
        ("performance périmètre traité", "performance du périmètre traité"),
        attestee=True,
        calculee=True,
    ),
    Colonne(
        Col.POIDS,
        "Poids de l'action dans les gains",
        Genre.PART,
        12,
        ("poids de l'action", "poids dans les gains", "poids action gains"),
        attestee=True,
        calculee=True,
    ),
    Colonne(
        Col.EFFET, "Type d'effet budgétaire", Genre.LISTE, 20, ("effet budgétaire", "type effet budget"), attestee=True
    ),
    Colonne(
        Col.CALCUL, "Calcul des gains", Genre.TEXTE, 40, ("mode de calcul des gains", "calcul gain"), attestee=True
    ),
    Colonne(
        Col.GAIN,
        "Montant Gain",
        Genre.MONTANT,
        16,
        ("montant des gains", "montant du gain", "gain achat", "gain"),
        attestee=True,
    ),
    Colonne(Col.PERFORMANCE, "Performance", Genre.PART, 12, ("taux de performance",), attestee=True, calculee=True),
    Colonne(
        Col.COMMENTAIRE_DGOS, "Commentaire DGOS", Genre.TEXTE, 44, ("commentaires DGOS",), attestee=True, calculee=True
    ),
    Colonne(Col.ANNEE, "Année", Genre.ENTIER, 8, ("exercice", "année du PAAT")),
    Colonne(Col.REGION, "Région", Genre.TEXTE, 12),
    Colonne(Col.GHT, "GHT", Genre.TEXTE, 12, ("code GHT", "code du GHT")),
    Colonne(
        Col.ETABLISSEMENT,
        "Établissement bénéficiaire",
        Genre.TEXTE,
        18,
        (
            "établissement",
            "FINESS",
            "établissement bénéficiaire (FINESS)",
            "FINESS établissement",
            "SIRET établissement",
        ),
    ),
    Colonne(Col.ROLE, "Support / partie", Genre.LISTE, 10, ("support ou partie", "établissement support ou partie")),
    Colonne(
        Col.NUMERO,
        "N° action",
        Genre.TEXTE,
        14,
        ("numéro d'action", "numéro de l'action", "no action", "n° de l'action", "num action"),
    ),
    Colonne(Col.LIBELLE, "Libellé de l'action", Genre.TEXTE, 40, ("libellé", "action", "intitulé de l'action")),
    Colonne(Col.SEGMENT, "Segment", Genre.TEXTE, 24),
    Colonne(Col.LEVIER, "Levier", Genre.LISTE, 22, ("levier achat", "levier de performance")),
    Colonne(Col.OPERATEUR, "Opérateur", Genre.LISTE, 14, ("opérateur achat", "opérateur d'achat")),
    Colonne(Col.MARCHE, "N° marché", Genre.TEXTE, 16, ("numéro de marché", "numéro du marché", "no marché")),
    Colonne(Col.METHODE, "Type d'achat", Genre.LISTE, 16, ("méthode de calcul", "achat récurrent ou ponctuel")),
    Colonne(
        Col.SECTION,
        "Exploitation / investissement",
        Genre.LISTE,
        16,
        ("exploitation ou investissement", "section", "investissement", "exploitation"),
    ),
    Colonne(Col.DATE_EFFET, "Date d'effet", Genre.JOUR, 12, ("date effet", "date de début d'effet")),
    Colonne(
        Col.MOIS_EFFET,
        "Nb de mois d'effet N",
        Genre.ENTIER,
        10,
        ("nombre de mois d'effet", "nb mois effet", "mois d'effet", "nb de mois d'effet", "nombre de mois d'effet N"),
    ),
    Colonne(Col.PERIMETRE, "Périmètre traité (€ TTC)", Genre.MONTANT, 18, ("périmètre", "montant traité")),
    Colonne(
        Col.GAIN_ANNUALISE,
        "Gain annualisé (€ TTC)",
        Genre.MONTANT,
        16,
        ("gain annuel", "gain en année pleine"),
        calculee=True,
    ),
    Colonne(Col.GAIN_ANNEE, "Gain N (€ TTC)", Genre.MONTANT, 16, ("gain année N", "gain de l'année"), calculee=True),
    Colonne(Col.REPORT, "Report N+1 (€ TTC)", Genre.MONTANT, 16, ("report", "effet report", "gain N+1"), calculee=True),
    Colonne(Col.ACHETEUR, "Acheteur", Genre.TEXTE, 18),
    Colonne(Col.STATUT, "Statut", Genre.LISTE, 12, ("statut de l'action", "état")),
    Colonne(Col.STADE, "Stade du gain", Genre.LISTE, 12, ("stade",)),
    Colonne(Col.COMMENTAIRE, "Commentaire GHT", Genre.TEXTE, 40, ("commentaire", "commentaires", "commentaires GHT")),
    Colonne(Col.EXPLICATION, "Explication", Genre.TEXTE, 40, ("explication précise", "justification")),
)
"""In the order of the DGOS, then ours."""

PAR_COL: Mapping[Col, Colonne] = {one.col: one for one in COLONNES}
REQUISES = (Col.FAMILLE, Col.REFERENCE, Col.GAIN)
"""Without these headings a sheet is not the trame."""
MONTANTS = frozenset(one.col for one in COLONNES if one.genre is Genre.MONTANT)

_IDLE = frozenset(
    {"de", "des", "du", "d", "l", "la", "le", "les", "en", "dans", "sur", "euro", "euros", "eur", "ttc", "e", "a", "au"}
)
_TAXE = frozenset({"ht", "htva"})
_MULTIPLES = frozenset({"k", "keur", "keuros", "ke", "m", "meur", "meuros", "milliers", "millions"})


@cache
def cle_de_titre(titre: str) -> str:
    """Key of a heading: no accents, case, breaks, currency nor articles ("Montant\\nréférence (€TTC) " is found)."""
    words = cle_de(titre.replace("€", " euro ")).split()
    return " ".join(word for word in words if word not in _IDLE)


TITRES: Mapping[str, Col] = {
    cle_de_titre(written): one.col for one in COLONNES for written in (one.titre, *one.variantes)
}
"""Column by key of heading."""


def unite_interdite(titre: str) -> tuple[Col, str] | None:
    """The column of amounts that a heading designates in a unit the trame does not take, and that unit."""
    words = cle_de(titre.replace("€", " euro ")).split()
    for units, said in ((_TAXE, "hors taxes"), (_MULTIPLES, "milliers ou millions d'euros")):
        if set(words) & units:
            col = TITRES.get(" ".join(word for word in words if word not in _IDLE | units))
            if col in MONTANTS and col is not None:
                return col, said
    return None
