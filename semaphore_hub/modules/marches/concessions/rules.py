"""The rules of concessions: id, French sentence, source; and what applies them, pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from semaphore_hub.kernel.errors import Problem
from semaphore_hub.modules.marches.checks import period_problem
from semaphore_hub.modules.marches.concessions.codes import ConsiderationSocialeConcession
from semaphore_hub.modules.marches.concessions.schemas import (
    DescriptionConcession,
    NouvelleModificationConcession,
    NouvellesDonneesExecution,
)
from semaphore_hub.modules.referentiel.codes import ConsiderationEnvironnementale
from semaphore_hub.modules.referentiel.rules import Rule

_DECP = "DECP 2.0.4 (arrêté du 22/12/2022)"
_PES = "schémas PES Marché"
LONGUE_MOIS = 60
MAX_MODIFICATIONS = 99

AUTORITE = Rule(
    "CON-AUTORITE",
    "L'établissement {siret} n'est pas connu, ou n'appartient à aucun de vos GHT à ce jour.",
    "art. L.6132-3 CSP : la fonction achats est exercée au sein du GHT",
)
CONCESSIONNAIRE = Rule(
    "CON-CONCESSIONNAIRE", "Le fournisseur {type} {id} n'est pas au référentiel : créez-le d'abord.", "hypothèse"
)
CONCESSIONNAIRE_DOUBLE = Rule(
    "CON-CONCESSIONNAIRE-DOUBLE",
    "Le fournisseur {type} {id} est donné deux fois.",
    f"{_PES} : un concessionnaire une seule fois",
)
VALEUR_MIN = Rule("CON-VALEUR-MIN", "La valeur globale HT est d'au moins 1 euro.", _DECP)
DUREE = Rule(
    "CON-DUREE",
    "Au-delà de cinq ans, la durée doit être justifiée par les investissements : remplissez justificationDuree.",
    "art. R.3114-2 CCP",
)
EXECUTION = Rule(
    "CON-EXECUTION",
    "L'exécution ({debut}) ne peut commencer avant la signature ({signature}).",
    "hypothèse : seul un contrat signé s'exécute",
)
PUBLICATION = Rule(
    "CON-PUBLICATION",
    "Les données sont publiées entre la signature ({signature}) et le début de l'exécution ({debut}).",
    "arrêté du 22/12/2022 : publication avant le début d'exécution",
)
SEUL = Rule("CON-VALEUR-SEULE", "« {valeur} » doit être la seule valeur de {champ}.", _DECP)
ID_CONTRAT = Rule(
    "CON-IDCONTRAT",
    "Le numéro {id} ne donne pas d'IdContrat (année puis 1 à 10 caractères) : indiquez idContrat.",
    f"{_PES} : IdContrat",
)
ID_CONTRAT_ANNEE = Rule(
    "CON-IDCONTRAT-ANNEE", "L'IdContrat {contrat} doit commencer par l'année de signature ({annee}).", _PES
)
MODIFICATION_VIDE = Rule(
    "CON-MODIFICATION-VIDE", "La modification ne change ni la valeur ni la durée : il n'y a rien à publier.", _DECP
)
MODIFICATION_DATE = Rule(
    "CON-MODIFICATION-DATE",
    "La modification ({date}) ne peut précéder la signature de la concession ou de la modification d'avant ({avant}).",
    f"{_DECP} : numéros croissants dans l'ordre des signatures",
)
MODIFICATION_PUBLICATION = Rule(
    "CON-MODIFICATION-PUBLICATION",
    "La publication ({publication}) ne peut précéder la signature ({signature}).",
    "art. R.3131-1 CCP",
)
MODIFICATION_NOMBRE = Rule("CON-MODIFICATION-NOMBRE", "Une concession porte au plus 99 modifications.", _PES)
DONNEES_DATE = Rule(
    "CON-DONNEES-DATE",
    "Les données d'exécution ({date}) suivent le début de l'exécution et celles de l'année d'avant ({avant}).",
    "arrêté du 22/12/2022 : données publiées chaque année",
)
CORRECTION_VIDE = Rule("CON-CORRECTION-VIDE", "La correction ne change rien : donnez une valeur nouvelle.", "hypothèse")


def description_problems(
    description: DescriptionConcession, signature: date, months: int, value: Decimal
) -> list[Problem]:
    """Rules that hold at every moment."""
    problems = [
        *period_problem("$.dateSignature", signature),
        *period_problem("$.dateDebutExecution", description.dateDebutExecution),
    ]
    start, published = description.dateDebutExecution, description.datePublicationDonnees
    if value < 1:
        problems.append(VALEUR_MIN.broken("$.valeurGlobale"))
    if months > LONGUE_MOIS and description.justificationDuree is None:
        problems.append(DUREE.broken("$.dureeMois"))
    if start < signature:
        problems.append(EXECUTION.broken("$.dateDebutExecution", debut=start, signature=signature))
    elif not signature <= published <= start:
        problems.append(PUBLICATION.broken("$.datePublicationDonnees", signature=signature, debut=start))
    for name, none, values in (
        ("considerationsSociales", ConsiderationSocialeConcession.AUCUNE, description.considerationsSociales),
        (
            "considerationsEnvironnementales",
            ConsiderationEnvironnementale.AUCUNE,
            description.considerationsEnvironnementales,
        ),
    ):
        if none in values and len(values) > 1:
            problems.append(SEUL.broken(f"$.{name}", valeur=none, champ=name))
    return problems


def modification_problems(
    new: NouvelleModificationConcession, count: int, previous: date, *, changes: bool
) -> list[Problem]:
    """Rules of an amendment, after ``count`` others of which the last was signed on ``previous``."""
    signed, published = new.dateSignatureModification, new.datePublicationDonneesModification
    problems = [
        *period_problem("$.dateSignatureModification", signed),
        *period_problem("$.datePublicationDonneesModification", published),
    ]
    if not changes:
        problems.append(MODIFICATION_VIDE.broken("$"))
    if count >= MAX_MODIFICATIONS:
        problems.append(MODIFICATION_NOMBRE.broken("$"))
    if signed < previous:
        problems.append(MODIFICATION_DATE.broken("$.dateSignatureModification", date=signed, avant=previous))
    if published < signed:
        problems.append(
            MODIFICATION_PUBLICATION.broken(
                "$.datePublicationDonneesModification", publication=published, signature=signed
            )
        )
    return problems


def year_problems(new: NouvellesDonneesExecution, start: date, years: Sequence[date]) -> list[Problem]:
    """Rules of a year of execution, after those already published."""
    day = new.datePublicationDonneesExecution
    before = years[-1] if years else start
    problems = period_problem("$.datePublicationDonneesExecution", day)
    if day < start or (years and day <= before):
        problems.append(DONNEES_DATE.broken("$.datePublicationDonneesExecution", date=day, avant=before))
    return problems
