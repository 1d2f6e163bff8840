"""What the transitions of a marché receive in JSON."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictBool

from semaphore_hub.modules.marches.fields import Phrase
from semaphore_hub.modules.referentiel.champs import LIGNE_PATTERN, Entree, Jour

MotifResiliation = Literal[
    "force majeure",
    "faute du titulaire",
    "motif d'intérêt général",
    "exclusion",
    "demande du titulaire",
    "liquidation",
    "accord",
]


class SignatureMarche(Entree):
    """The buyer signed the marché."""

    dateSignature: Jour = Field(examples=["2026-05-20"])
    dateInformationEvinces: Jour | None = Field(
        default=None,
        description="envoi de l'information aux candidats évincés, si l'attribution ne l'a pas dit",
        examples=["2026-05-05"],
    )
    informationElectronique: StrictBool = Field(
        default=True, description="information des évincés par voie électronique : 11 jours avant signature, sinon 16"
    )
    nomSignataire: Annotated[str, Field(max_length=38, pattern=LIGNE_PATTERN)] | None = None
    refDelegationSignature: Annotated[str, Field(max_length=50, pattern=LIGNE_PATTERN)] | None = None


class DemarrageMarche(Entree):
    """The execution begins (ordre de service)."""

    dateDebut: Jour = Field(examples=["2026-06-01"])


class SuspensionMarche(Entree):
    """The buyer interrupts the execution."""

    date: Jour = Field(description="premier jour sans exécution", examples=["2026-07-01"])
    motif: Phrase = Field(examples=["Intempéries"])


class RepriseMarche(Entree):
    """The execution begins again."""

    date: Jour = Field(description="premier jour d'exécution retrouvé", examples=["2026-07-15"])
    motif: Phrase | None = None


class ResiliationMarche(Entree):
    """The marché ends before its term."""

    motif: MotifResiliation = Field(
        description="CCP : force majeure L2195-2, faute L2195-3 1°, intérêt général L2195-3 2°, exclusion L2195-4 ; "
        "les autres motifs viennent du contrat ou d'autres textes (hypothèse)",
        examples=["motif d'intérêt général"],
    )
    dateEffet: Jour = Field(examples=["2026-12-31"])
    explication: Phrase = Field(examples=["Fermeture du site"])


class SoldeMarche(Entree):
    """Everything is paid and closed."""

    date: Jour = Field(examples=["2028-06-30"])
