"""What the operations on amendments receive and answer in JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from semaphore_hub.kernel.errors import Problem
from semaphore_hub.kernel.money import Montant
from semaphore_hub.modules.marches.avenants.justification import Fondement, Justification
from semaphore_hub.modules.marches.avenants.regimes import Verdict
from semaphore_hub.modules.marches.fields import DureeMois, ObjetModification, Phrase
from semaphore_hub.modules.marches.schemas import TitulaireRef
from semaphore_hub.modules.referentiel.champs import LIGNE_PATTERN, Entree, Jour, Sortie, Uid
from semaphore_hub.modules.referentiel.codes import TypeGroupement
from semaphore_hub.modules.referentiel.schemas import Avertissement
from semaphore_hub.ports.payloads import DeltaMontant


class _Acte(Entree):
    """What every named amendment says."""

    objet: ObjetModification
    dateNotificationModification: Jour = Field(examples=["2026-09-01"])
    datePublicationDonneesModification: Jour = Field(examples=["2026-09-10"])
    justification: Justification | None = Field(default=None, description="ce que le fondement demande de déclarer")
    evenement: Annotated[str, Field(max_length=256, pattern=LIGNE_PATTERN)] | None = None


class Prolongation(_Acte):
    """A longer duration and nothing else: a number of months, or the new last day."""

    fondement: Fondement
    mois: DureeMois | None = Field(default=None, description="mois ajoutés ; ou bien nouvelleFin", examples=[6])
    nouvelleFin: Jour | None = Field(default=None, description="nouveau dernier jour ; ou bien mois")
    dureeMaximaleMois: DureeMois | None = None
    justificationDuree: Phrase | None = Field(
        default=None, description="accord-cadre de plus de 48 mois : le motif qui le justifie"
    )


class ChangementTitulaire(_Acte):
    """Other holders: the whole list after the change, with their roles and shares."""

    titulaires: Annotated[tuple[TitulaireRef, ...], Field(min_length=1, max_length=100)]
    typeGroupementOperateurs: TypeGroupement | None = Field(
        default=None, description="type de groupement après le changement, s'il change"
    )
    fondement: Literal[Fondement.NOUVEAU_TITULAIRE, Fondement.CLAUSE_REEXAMEN] = Fondement.NOUVEAU_TITULAIRE


class RegimeVue(Sortie):
    """What one case of the code says of a modification."""

    fondement: Fondement
    article: str
    permis: bool = Field(description="permise telle qu'elle est déclarée")
    possible: bool = Field(description="permise par son montant et sa nature, si les faits demandés sont déclarés")
    refus: tuple[Avertissement, ...]
    aDeclarer: tuple[Avertissement, ...]
    avertissements: tuple[Avertissement, ...]
    calcul: dict[str, str] = Field(description="base, cumul, limite… : le calcul, dans l'ordre où il se lit")


class SimulationVue(Sortie):
    """A modification under every case of the code; nothing is written."""

    uid: Uid
    montantInitial: Montant
    base: Montant = Field(description="montant initial après application de la clause de variation des prix")
    difference: DeltaMontant
    possibles: tuple[Fondement, ...]
    regimes: tuple[RegimeVue, ...]
    problemes: tuple[Avertissement, ...] = Field(description="autres règles que la modification ne respecte pas")


def said(problems: Sequence[Problem]) -> tuple[Avertissement, ...]:
    """Problems as the API shows them."""
    return tuple(Avertissement(regle=one.rule, champ=one.path, message=one.message) for one in problems)


def regime_vue(verdict: Verdict) -> RegimeVue:
    """A verdict as the API shows it."""
    return RegimeVue(
        fondement=verdict.fondement,
        article=verdict.article,
        permis=verdict.permis,
        possible=verdict.possible,
        refus=said(verdict.refus),
        aDeclarer=said(verdict.manques),
        avertissements=said(verdict.avertissements),
        calcul=dict(verdict.calcul),
    )
