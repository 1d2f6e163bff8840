"""The one table of the columns of files of facts: what is read, checked and documented.

Names are compared without case, accents, blanks nor punctuation: ``montantHT``, ``montant_ht`` and "Montant HT" are the
same. Columns that are not in the table are ignored, and named in the report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from semaphore_hub.modules.indicateurs.faits.imports.schemas import ColonneFormat, FormatFichier, Formats, TypeImport
from semaphore_hub.modules.referentiel.libelles import cle_de

Nature = Literal[
    "texte",
    "montant",
    "date",
    "annee",
    "entier",
    "nombre",
    "booleen",
    "code",
    "siret",
    "siren",
    "ght",
    "region",
    "famille",
]

_LIAISONS = frozenset({"de", "du", "des", "d", "la", "le", "les"})


@dataclass(frozen=True, slots=True)
class Colonne:
    """One column.

    Attributes:
        nom: as documented.
        obligatoire: present in the header, and given on each line.
        type: what a value is.
        description: in French, with units.
        taille: longest text.
        valeurs: for a code, what is stored by what may be written.
        alias: other names of the column.
    """

    nom: str
    obligatoire: bool
    type: Nature
    description: str
    taille: int = 0
    valeurs: Mapping[str, str] = field(default_factory=dict)
    alias: tuple[str, ...] = ()

    @property
    def cles(self) -> frozenset[str]:
        """Keys of its names."""
        return frozenset(cle_colonne(name) for name in (self.nom, *self.alias))


def cle_colonne(nom: str) -> str:
    """The key of the name of a column."""
    return cle_de(nom).replace(" ", "")


def cle_mesure(ecrit: str) -> str:
    """The name of a consolidated measure: "Taux de couverture" and "taux_couverture" are the same."""
    return "_".join(word for word in cle_de(ecrit).split() if word not in _LIAISONS)


def _codes(*groups: tuple[str, ...]) -> dict[str, str]:
    """What each way of writing stands for, the first of each group being what is stored."""
    return {cle_de(written): group[0] for group in groups for written in group}


OPERATEURS = _codes(
    ("ght", "GHT en propre", "établissement"),
    ("uniha",),
    ("resah",),
    ("ugap",),
    ("gcs_regional", "GCS", "GCS régional", "groupement régional"),
    ("autre", "autres"),
)
ROLES = _codes(("support", "établissement support"), ("partie", "établissement partie"))
_HORS_MARCHE = _codes(("sans_numero", "sans numéro"), ("inconnu",), ("ambigu",))
_CONTROLES = _codes(("Q1",), ("Q2",), ("Q3",), ("Q4",))
_LEVIERS = _codes(
    ("massification", "mutualisation", "massification / mutualisation"),
    ("negociation", "massification / négociation"),
    ("standardisation", "standardisation / substitution"),
    ("substitution",),
    ("cout_complet", "coûts complets"),
    ("processus", "process", "optimisation des process", "optimisation des processus"),
    ("mise_en_concurrence", "concurrence"),
    ("juste_besoin", "consommations", "juste besoin, consommations"),
    ("internalisation", "externalisation", "internaliser, externaliser"),
    ("logistique",),
    ("recettes", "recette"),
)
_EFFETS = _codes(
    ("effet_prix_induit", "effet prix"),
    ("effet_volume",),
    ("economie_budgetaire",),
    ("depense_evitee",),
    ("recette_supplementaire",),
    ("investissement",),
    ("sans_effet", "sans effet budgétaire"),
)
FRANCE = "FRANCE"
"""Region of a consolidated figure of the whole country."""
_FRANCE = _codes((FRANCE, "total", "national", "france entière"))
_CATEGORIES = _codes(("PME",), ("ETI",), ("GE", "grande entreprise"))

_GHT = Colonne("ght", False, "ght", "code du GHT, comme ARA-01", 20, alias=("codeGHT",))
_REGION = Colonne("region", False, "region", "nom de la région ou sigle de la DGOS", alias=("codeRegion",))
_ETABLISSEMENT = Colonne("etablissement", False, "siret", "SIRET de l'établissement", alias=("siret",))
_ROLE = Colonne("role", False, "code", "support ou partie", valeurs=ROLES)
_FAMILLE = Colonne("famille", False, "famille", "famille d'achat, code ou libellé")
_OPERATEUR = Colonne("operateur", False, "code", "ght (par défaut), uniha, resah, ugap, gcs, autre", valeurs=OPERATEURS)
_ANNEE = Colonne("annee", True, "annee", "année", alias=("exercice",))


def _obligatoire(colonne: Colonne) -> Colonne:
    return Colonne(colonne.nom, True, colonne.type, colonne.description, colonne.taille, colonne.valeurs, colonne.alias)


COLONNES: Mapping[TypeImport, tuple[Colonne, ...]] = {
    "depenses": (
        Colonne("date", True, "date", "date du mandat, AAAA-MM-JJ ou JJ/MM/AAAA", alias=("dateMandat",)),
        _obligatoire(_ETABLISSEMENT),
        Colonne("reference", True, "texte", "numéro du mandat et de sa ligne", 80, alias=("numeroMandat", "mandat")),
        Colonne("montantHT", True, "montant", "euros HT"),
        Colonne("montantTTC", True, "montant", "euros TTC"),
        Colonne("exercice", False, "annee", "exercice ; par défaut l'année de la date", alias=("annee",)),
        _GHT,
        _REGION,
        _ROLE,
        _FAMILLE,
        Colonne("compte", False, "texte", "compte M21 ; donne la famille quand rien d'autre ne la dit", 20),
        Colonne("codeCPV", False, "texte", "code CPV ; donne la famille quand elle n'est pas dite", 10),
        _OPERATEUR,
        Colonne("mutualise", False, "booleen", "oui ou non ; par défaut oui quand l'opérateur n'est pas le GHT"),
        Colonne("numeroMarche", False, "texte", "numéro du marché", 50, alias=("marche",)),
        Colonne(
            "horsMarche",
            False,
            "code",
            "sans_numero, inconnu ou ambigu ; par défaut sans_numero quand aucun marché n'est cité",
            valeurs=_HORS_MARCHE,
        ),
    ),
    "actions": (
        _ANNEE,
        Colonne("libelle", True, "texte", "libellé de l'action", 500, alias=("libelleAction", "action")),
        Colonne("gain", True, "montant", "gain en année pleine, euros TTC ; négatif : perte", alias=("montantGain",)),
        Colonne("reference", False, "texte", "numéro de l'action dans son plan", 80, alias=("numero",)),
        _GHT,
        _REGION,
        _ETABLISSEMENT,
        _ROLE,
        _FAMILLE,
        Colonne("domaine", False, "texte", "domaine d'achat", 200),
        Colonne("levier", False, "code", "levier du programme PHARE", valeurs=_LEVIERS),
        _OPERATEUR,
        Colonne("effetBudgetaire", False, "code", "effet budgétaire", valeurs=_EFFETS, alias=("typeEffetBudgetaire",)),
        Colonne("report", False, "booleen", "oui : action reportée de l'année précédente"),
        Colonne("montantReference", False, "montant", "montant de référence annuel, euros TTC"),
        Colonne("perimetre", False, "montant", "périmètre traité, euros TTC ; par défaut le montant de référence"),
        Colonne(
            "gainAnnee",
            False,
            "montant",
            "gain de l'année, euros TTC ; par défaut le plus petit du gain et du gain retenu",
        ),
        Colonne("gainRetenu", False, "montant", "gain retenu, euros TTC ; par défaut 0 si exclue, sinon le gain"),
        Colonne("controle", False, "code", "contrôle de la DGOS, Q1 à Q4", valeurs=_CONTROLES),
        Colonne("exclue", False, "booleen", "oui : écartée des totaux ; par défaut oui quand un contrôle est dit"),
    ),
    "objectifs": (
        _ANNEE,
        Colonne("montant", True, "montant", "objectif de gains, euros", alias=("objectif",)),
        _REGION,
        _GHT,
        Colonne("edition", False, "entier", "rang de l'édition, la dernière compte ; par défaut 1"),
        Colonne("libelle", False, "texte", "nom de l'édition, comme « objectif révisé »", 100),
    ),
    "volumes": (
        _ANNEE,
        Colonne("montant", True, "montant", "volume d'achats de l'année, euros TTC", alias=("volume",)),
        _REGION,
        _GHT,
        _ETABLISSEMENT,
        _FAMILLE,
    ),
    "consolidations": (
        _ANNEE,
        Colonne("region", True, "region", "région, ou France pour le total", valeurs=_FRANCE, alias=("regions",)),
        Colonne("mesure", True, "texte", "nom de la mesure, comme performance ou taux_couverture", 30),
        Colonne("valeur", True, "nombre", "valeur telle qu'elle est imprimée, avec ses décimales", 30),
        Colonne("unite", True, "texte", "unité, comme M€ ou %", 10),
    ),
    "entreprises": (
        Colonne("siren", True, "siren", "SIREN de l'entreprise"),
        Colonne(
            "categorie",
            True,
            "code",
            "PME, ETI ou GE (catégorie de l'INSEE)",
            valeurs=_CATEGORIES,
            alias=("categorieEntreprise",),
        ),
    ),
}
"""Columns of each kind of file."""


def formats() -> Formats:
    """The table, as it is published."""
    return Formats(
        formats=tuple(
            FormatFichier(type=type_, colonnes=tuple(map(_publiee, columns))) for type_, columns in COLONNES.items()
        )
    )


def _publiee(colonne: Colonne) -> ColonneFormat:
    return ColonneFormat(
        nom=colonne.nom,
        obligatoire=colonne.obligatoire,
        type=colonne.type,
        description=colonne.description,
        valeurs=tuple(dict.fromkeys(colonne.valeurs.values())),
        autresNoms=colonne.alias,
    )
