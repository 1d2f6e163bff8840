"""Business rules: each has an id, one French sentence and a source; those of the référentiel are here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from semaphore_hub.kernel.errors import Problem, RuleBroken


@dataclass(frozen=True, slots=True)
class Rule:
    """One business rule.

    Attributes:
        id: stable, upper case, prefixed by the module ("REF-", "MAR-").
        message: what to fix, one French sentence; ``{names}`` are filled when it is broken.
        source: article, official document, or "hypothèse".
    """

    id: str
    message: str
    source: str

    def broken(self, path: str, **values: object) -> Problem:
        """The problem to report when the rule is broken at ``path`` of the request."""
        return Problem(path=path, rule=self.id, message=self.message.format(**values))


def refuse(problems: Sequence[Problem]) -> None:
    """Raise when there is any problem.

    Raises:
        RuleBroken: with all of them; the detail is the first one's sentence.
    """
    if problems:
        more = f" (et {len(problems) - 1} autre(s) règle(s))" if len(problems) > 1 else ""
        raise RuleBroken(problems[0].message + more, problems)


SIRET_CLE = Rule("REF-SIRET", "La clé du SIRET {siret} est fausse : vérifiez les 14 chiffres.", "INSEE, clé de Luhn")
FINESS_CLE = Rule("REF-FINESS", "La clé du FINESS {finess} est fausse : vérifiez les 9 caractères.", "hypothèse")
IDENTIFIANT = Rule(
    "REF-IDENTIFIANT",
    "L'identifiant {id} ne convient pas au type {type} : {defaut}.",
    "DECP 2.0.4, contrôles de la DAJ ; PES Marché, règles de rejet",
)
IBAN = Rule("REF-IBAN", "L'IBAN {iban} est faux : vérifiez sa clé et sa longueur.", "ISO 13616 ; PES Marché")
GHT_INCONNU = Rule("REF-GHT", "Le GHT {ght} n'existe pas dans le référentiel : créez-le d'abord.", "hypothèse")
SUPPORT_UNIQUE = Rule(
    "REF-SUPPORT",
    "Le GHT {ght} a déjà un établissement support ({siret}) à cette date : un seul est possible.",
    "art. L.6132-2 CSP",
)
RATTACHEMENT_DATE = Rule(
    "REF-RATTACHEMENT-DATE",
    "Le rattachement doit commencer après le début du précédent ({debut}).",
    "un établissement n'est partie qu'à un GHT à la fois, art. L.6132-1 CSP",
)
RATTACHEMENT_IDENTIQUE = Rule(
    "REF-RATTACHEMENT-IDENTIQUE",
    "L'établissement est déjà rattaché au GHT {ght} avec ce rôle : rien ne change.",
    "hypothèse",
)
MODIFICATION_VIDE = Rule(
    "REF-MODIFICATION-VIDE", "La modification ne change rien : indiquez au moins une valeur nouvelle.", "hypothèse"
)
CODE_DOUBLE = Rule("REF-CODE-DOUBLE", "Le code {code} est donné deux fois : gardez celui qui est juste.", "hypothèse")
SEUIL_DATE = Rule(
    "MAR-SEUIL-DATE",
    "Aucun seuil n'est enregistré au {jour}, {quand} le {limite} : vérifiez la date.",
    "annexe 2 du CCP : seuils connus de 2020 à 2027",
)
FAMILLE_PARENT = Rule(
    "REF-FAMILLE-PARENT",
    "« {code} » est de niveau {niveau} : au-dessus, il faut {dessus} ; indiquez le code d'une entrée connue.",
    "Famille > Domaine > Catégorie, colonnes de la trame PAAT",
)
FAMILLE_LIBELLE = Rule(
    "REF-FAMILLE-LIBELLE",
    "Le libellé « {libelle} » désigne déjà la famille {autre} : une trame ne saurait laquelle choisir.",
    "hypothèse",
)
FAMILLE_SOURCE = Rule(
    "REF-FAMILLE-SOURCE",
    "Le code {code} est synthétique : il ne peut pas être donné comme venant d'une autre source.",
    "les codes de la NFHA ne sont pas publiés",
)
