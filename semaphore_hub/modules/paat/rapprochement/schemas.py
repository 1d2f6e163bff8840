"""What is received and answered about the gains of operators. Every amount is in euros TTC."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from semaphore_hub.kernel.money import Montant
from semaphore_hub.modules.paat.champs import Annee, Gain, Libelle200, NumeroMarche, Total
from semaphore_hub.modules.paat.codes import Operateur
from semaphore_hub.modules.referentiel.champs import LIGNE_PATTERN, CodeGht, Entree, Siret, Sortie, Uid
from semaphore_hub.modules.referentiel.schemas import Suivant

Reference = Annotated[
    str,
    Field(
        min_length=1,
        max_length=60,
        pattern=LIGNE_PATTERN,
        description="référence du gain chez l'opérateur, unique pour l'année",
        examples=["UNI-2026-0042"],
    ),
]


class GainDeclare(Entree):
    """A gain as an operator declares it, for a GHT or one établissement of it."""

    operateur: Operateur = Field(examples=["uniha"])
    annee: Annee
    ght: CodeGht
    reference: Reference
    famille: Libelle200 | None = Field(
        default=None, description="code, libellé ou synonyme d'une famille d'achats", examples=["Médicaments"]
    )
    numeroMarche: NumeroMarche | None = None
    etablissement: Siret | None = None
    montantReference: Montant | None = Field(default=None, description="euros TTC")
    gain: Gain


class DeclarationGains(Entree):
    """Gains of operators, recorded together or not at all; one whose reference is known is replaced."""

    source: Libelle200 = Field(description="d'où viennent ces gains", examples=["Déclaration UniHA du 31/12/2026"])
    gains: Annotated[tuple[GainDeclare, ...], Field(min_length=1, max_length=5000)]


class DeclarationVue(Sortie):
    """What became of a declaration."""

    creees: int
    modifiees: int
    inchangees: int
    ghts: tuple[CodeGht, ...] = Field(description="GHT dont un gain a changé")


class GainOperateurVue(Sortie):
    """A gain as an operator declared it."""

    uid: Uid
    version: int
    operateur: Operateur
    annee: int
    ght: CodeGht
    reference: str
    famille: str | None = Field(description="code de la famille ; « SYN-… » : synthétique")
    numeroMarche: str | None
    etablissement: Siret | None
    montantReference: Montant | None = Field(description="euros TTC")
    gain: Gain
    source: str


class PageGainsOperateurs(Sortie):
    """A page of gains of operators, newest first."""

    items: tuple[GainOperateurVue, ...]
    next: Suivant


Sorte = Literal["marche", "famille", "ght_seul", "operateur_seul"]
"""How two figures were brought together, or who alone has one."""


class LigneRapprochement(Sortie):
    """One figure of a GHT against one of an operator."""

    ght: CodeGht
    operateur: Operateur
    numeroMarche: str | None
    famille: str | None = Field(description="code de la famille ; « SYN-… » : synthétique")
    rapprochement: Sorte = Field(
        description="marche : même numéro de marché ; famille : sommes par opérateur et famille (hypothèse) ; "
        "ght_seul, operateur_seul : un seul des deux déclare"
    )
    actionsGht: int
    gainsOperateur: int
    gainGht: Total | None = Field(description="gain déclaré par le GHT, euros TTC")
    gainGhtControle: Total | None = Field(description="le même après les contrôles DGOS, euros TTC")
    gainOperateur: Total | None = Field(description="gain déclaré par l'opérateur, euros TTC")
    ecart: Total | None = Field(description="gain du GHT moins gain de l'opérateur, euros TTC")
    gainRetenu: Total = Field(description="le plus bas des deux (prudence de la DGOS), euros TTC")
    constat: str


class TotalRapprochement(Sortie):
    """Sums of lines, euros TTC."""

    cle: str = Field(description="opérateur, ou GHT")
    lignes: int
    gainGht: Total
    gainOperateur: Total
    gainRetenu: Total
    nonDeclareGht: Total = Field(description="gains que l'opérateur déclare et que le GHT n'a pas intégrés")
    nonDeclareOperateur: Total = Field(description="gains du GHT que l'opérateur ne déclare pas")


class RapprochementVue(Sortie):
    """Gains of the GHT against those of the operators, for a year."""

    annee: int
    methode: str
    lignes: tuple[LigneRapprochement, ...]
    lignesOmises: int = Field(description="lignes comptées dans les totaux mais non données : l'Excel les donne")
    parOperateur: tuple[TotalRapprochement, ...]
    parGht: tuple[TotalRapprochement, ...]
    total: TotalRapprochement
