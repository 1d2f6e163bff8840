"""What is received and answered about validation and carry-over. Every amount is in euros TTC."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from semaphore_hub.kernel.access import Role
from semaphore_hub.modules.paat.champs import Annee, Pourcent, Texte2000, Total
from semaphore_hub.modules.paat.codes import StatutPaat
from semaphore_hub.modules.referentiel.champs import CodeGht, Entree, Sortie, Uid
from semaphore_hub.modules.referentiel.schemas import Avertissement, Suivant

StatutEtape = Literal["ouverte", "acceptee", "refusee"]
Decision = Literal["acceptee", "refusee"]


class DecisionEtape(Entree):
    """What the role whose turn it is decides: accept, or send the plan back to the GHT."""

    decision: Decision = Field(examples=["acceptee"])
    motif: Texte2000 | None = Field(default=None, description="obligatoire pour un renvoi (« refusee »)")


class EtapeVue(Sortie):
    """A step of the validation."""

    uid: Uid
    activite: str
    role: Role = Field(description="rôle dont c'est le tour (hypothèse) ; l'intégrateur peut agir pour tous")
    statut: StatutEtape
    ouverteLe: datetime
    decideeLe: datetime | None
    auteur: str | None
    motif: str | None


class HistoriqueEtapes(Sortie):
    """Every step of a plan, oldest first; a plan that was sent back has gone through the same ones several times."""

    paat: Uid
    version: int
    ght: CodeGht
    annee: int
    statut: StatutPaat
    etapes: tuple[EtapeVue, ...]


class SuiteValidation(Sortie):
    """Where a plan stands after a submission or a decision."""

    uid: Uid = Field(description="identifiant du plan")
    version: int
    ght: CodeGht
    annee: int
    statut: StatutPaat
    etape: EtapeVue = Field(description="l'étape qui vient d'être décidée")
    suivante: EtapeVue | None = Field(description="l'étape qui s'ouvre ; null : le plan est clos ou renvoyé")
    avertissements: tuple[Avertissement, ...] = Field(description="lignes exclues : elles n'empêchent rien")


class ValidationEnAttente(Sortie):
    """A line of « Mes validations en attente »."""

    etape: Uid
    paat: Uid
    version: int = Field(description="version du plan, à donner dans If-Match pour décider")
    objet: str = Field(examples=["PAAT FIC-01 2026"])
    activite: str
    role: Role
    ght: CodeGht
    annee: int
    depuis: datetime


class PageValidations(Sortie):
    """A page of « Mes validations en attente », longest waiting first."""

    total: int = Field(description="validations en attente, toutes pages confondues")
    items: tuple[ValidationEnAttente, ...]
    next: Suivant


class PartPerformance(Sortie):
    """Actions of one origin; abandoned and postponed ones are left out."""

    actions: int
    gainDeclare: Total = Field(description="gains annuels déclarés")
    gainRetenu: Total = Field(description="gains annuels retenus")
    gainRetenuAnnee: Total = Field(
        description="part des gains retenus dans l'année (prorata) ; une action sans mois d'effet y compte entière"
    )


class PerformancePaat(Sortie):
    """Performance of a year: what actions of the year before still bring (report), and what those of the year do."""

    paat: Uid
    ght: CodeGht
    annee: int
    reports: PartPerformance
    nouvelles: PartPerformance
    total: PartPerformance
    partReports: Pourcent | None = Field(description="part des reports dans le gain retenu de l'année, en %")


class DemandeReport(Entree):
    """Carry over to the plan of the next year."""

    annee: Annee = Field(description="année du plan qui reçoit : celle qui suit", examples=[2027])


class ActionReportee(Sortie):
    """An action carried over."""

    numero: str = Field(description="numéro dans le plan d'origine")
    reportee: str = Field(description="numéro dans le plan de l'année suivante")
    gain: Total = Field(description="gain repris ; 0.00 : rien ne reste à compter, ou gain inconnu")


class ReportPaat(Sortie):
    """What the carry-over did."""

    uid: Uid = Field(description="identifiant du plan de l'année suivante")
    version: int
    ght: CodeGht
    annee: int
    cree: bool = Field(description="le plan n'existait pas")
    reportees: tuple[ActionReportee, ...]
    dejaReportees: Annotated[int, Field(description="actions qu'un appel précédent avait reportées")]
    ecartees: tuple[Avertissement, ...] = Field(description="actions qui ne sont pas reprises, et pourquoi")
    avertissements: tuple[Avertissement, ...] = Field(description="ce qui est à compléter sur les actions reprises")
