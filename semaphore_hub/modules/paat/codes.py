"""Enumerations of the PAAT: what each value is called in French, and whether a public source attests it.

Sources: the DGOS presentation of 17/06/2022 ("DGOS 2022, l. n" is its line n); the PHARE programme's papers on levers
and gains; everything else is an assumption, marked "hypothèse", and may change with the official trame (not published).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from semaphore_hub.modules.referentiel.libelles import cle_de

HYPOTHESE = "hypothèse"
_PHARE = "attesté : leviers du programme PHARE"
_GAINS = "attesté : méthode de calcul des gains PHARE, note DGOS/PF1/2019/183"
_ETAPES = "hypothèse, d'après « Validation Directeur Achats » et « Clôture du PAAT » (DGOS 2022, l. 751-754)"
_Q = "texte attesté : DGOS 2022, l. 1417-1420 ; code : hypothèse"


class Code(StrEnum):
    """A value with its French label, its mark, and other ways in which people write it."""

    _value_: str
    libelle: str
    marque: str
    synonymes: tuple[str, ...]

    def __new__(cls, valeur: str, libelle: str = "", marque: str = "", *synonymes: str) -> Self:
        """A member: value in JSON, label, "attesté…" or "hypothèse…", synonyms (a call gives the value alone)."""
        member = str.__new__(cls, valeur)
        member._value_ = valeur
        member.libelle = libelle
        member.marque = marque
        member.synonymes = synonymes
        return member

    @classmethod
    def lire(cls, ecrit: str) -> Self | None:
        """The member that a text designates by its value, label or a synonym, whatever case, accents, punctuation."""
        key = cle_de(ecrit)
        return next((one for one in cls if key and key in one.cles()), None)

    def cles(self) -> frozenset[str]:
        """Keys of everything that designates this member."""
        return frozenset(map(cle_de, (self.value, self.libelle, *self.synonymes)))


class StatutPaat(Code):
    """Where a plan stands."""

    BROUILLON = "brouillon", "Brouillon", _ETAPES
    SOUMIS = "soumis", "Soumis par le GHT", _ETAPES, "soumis GHT"
    VALIDE_DIRECTEUR = "valide_directeur", "Validé par le directeur des achats", _ETAPES, "validé directeur achats"
    TRANSMIS_ARS = "transmis_ars", "Transmis à l'ARS", _ETAPES, "transmis ARS"
    ANALYSE_DGOS = "analyse_dgos", "Analysé par la DGOS", _ETAPES, "analysé DGOS"
    CLOS = "clos", "Clos", _ETAPES, "clôturé"


class StatutAction(Code):
    """Where an action stands."""

    IDEE = "idee", "Idée", HYPOTHESE
    VALIDEE = "validee", "Validée", HYPOTHESE, "validé"
    EN_COURS = "en_cours", "En cours", "attesté : « Actions en cours » (DGOS 2022, l. 747)"
    REALISEE = "realisee", "Réalisée", HYPOTHESE, "réalisé", "terminée", "terminé"
    ABANDONNEE = "abandonnee", "Abandonnée", HYPOTHESE, "abandonné", "annulée", "annulé"
    REPORTEE = "reportee", "Reportée", HYPOTHESE, "reporté"


class Stade(Code):
    """How sure a gain is: at the strategy, at the notification, at the end of the term."""

    POTENTIEL = "potentiel", "Potentiel", _GAINS
    NOTIFIE = "notifie", "Notifié", _GAINS, "notifiée"
    REALISE = "realise", "Réalisé", _GAINS, "réalisée"


class Levier(Code):
    """What makes the gain."""

    MASSIFICATION = "massification", "Massification", _PHARE, "mutualisation", "massification / mutualisation"
    NEGOCIATION = "negociation", "Négociation", _PHARE, "massification / négociation"
    STANDARDISATION = "standardisation", "Standardisation", _PHARE, "standardisation / substitution"
    SUBSTITUTION = "substitution", "Substitution", _PHARE
    COUT_COMPLET = "cout_complet", "Coût complet", _PHARE, "coûts complets"
    PROCESSUS = "processus", "Optimisation des processus", _PHARE, "process", "optimisation des process"
    MISE_EN_CONCURRENCE = "mise_en_concurrence", "Mise en concurrence", HYPOTHESE, "concurrence"
    JUSTE_BESOIN = "juste_besoin", "Juste besoin, consommations", HYPOTHESE, "consommations", "juste besoin"
    INTERNALISATION = "internalisation", "Internaliser, externaliser", HYPOTHESE, "externalisation"
    LOGISTIQUE = "logistique", "Logistique", HYPOTHESE
    RECETTES = "recettes", "Recettes", HYPOTHESE, "recette"


class Operateur(Code):
    """Who buys for the GHT."""

    GHT = "ght", "GHT", "attesté : DGOS 2022, l. 1194-1226", "GHT en propre", "établissement"
    UNIHA = "uniha", "UniHA", "attesté : DGOS 2022, l. 828"
    RESAH = "resah", "RESAH", "attesté : DGOS 2022, l. 829"
    UGAP = "ugap", "UGAP", HYPOTHESE
    GCS_REGIONAL = "gcs_regional", "GCS régional", "attesté : DGOS 2022, l. 194", "GCS", "groupement régional"
    AUTRE = "autre", "Autre", HYPOTHESE, "autres"


class EffetBudgetaire(Code):
    """What a gain does to the budget (« Type d'effet budgétaire » in the trame)."""

    EFFET_PRIX_INDUIT = "effet_prix_induit", "Effet prix induit", "attesté : DGOS 2022, l. 1407-1413", "effet prix"
    EFFET_VOLUME = "effet_volume", "Effet volume", HYPOTHESE
    ECONOMIE_BUDGETAIRE = "economie_budgetaire", "Économie budgétaire", HYPOTHESE
    DEPENSE_EVITEE = "depense_evitee", "Dépense évitée", HYPOTHESE
    RECETTE_SUPPLEMENTAIRE = "recette_supplementaire", "Recette supplémentaire", HYPOTHESE
    INVESTISSEMENT = "investissement", "Investissement", HYPOTHESE
    SANS_EFFET = "sans_effet", "Sans effet budgétaire", HYPOTHESE, "sans effet"


class Methode(Code):
    """How the gain is computed."""

    RECURRENT = "recurrent", "Récurrent", _GAINS, "achat récurrent"
    PONCTUEL = "ponctuel", "Ponctuel", _GAINS, "achat ponctuel"
    COUT_COMPLET = "cout_complet", "Coût complet", HYPOTHESE, "coûts complets"
    PROCESS = "process", "Process", HYPOTHESE, "processus", "optimisation des processus"
    MONTANT = "montant", "Montant déclaré", HYPOTHESE, "déclaré"


class Section(Code):
    """Section of the budget."""

    EXPLOITATION = "exploitation", "Exploitation", _GAINS, "fonctionnement"
    INVESTISSEMENT = "investissement", "Investissement", _GAINS


class Controle(Code):
    """Quality controls of the DGOS, in the order in which they are made; the label is the DGOS's own comment."""

    Q1 = "Q1", "Pas de montant de référence / Pas de périmètre / Pas de performance", _Q
    Q2 = "Q2", "Performance supérieure ou égale à 100% - Calcul erroné", _Q
    Q3 = "Q3", "Performance supérieure aux bornes de contrôle (Avec ou sans explication précise)", _Q
    Q4 = "Q4", "Performance non atteignable", _Q


class Origine(Code):
    """How an action came into its plan."""

    SAISIE = "saisie", "Saisie", HYPOTHESE
    TRAME = "trame", "Trame importée", HYPOTHESE
    REPORT = "report", "Report de l'année précédente", "attesté : « effet report » (DGOS 2022, l. 1216)", "effet report"


SANS_GAIN = frozenset({StatutAction.ABANDONNEE, StatutAction.REPORTEE})
"""An action in these statuses brings nothing to its year: it is listed, and no total counts it (hypothèse)."""
