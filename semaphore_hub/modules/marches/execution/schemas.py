"""What the operations of the execution receive and answer in JSON."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, StrictBool, WithJsonSchema
from pydantic_core import PydanticCustomError

from semaphore_hub.kernel.money import CENT, Montant
from semaphore_hub.modules.marches.fields import TEXTE_DECIMAL, ObjetModification, Phrase, ValeurIndice, decimal_text
from semaphore_hub.modules.referentiel.champs import LIGNE_PATTERN, Entier, Entree, Jour, Siret, Sortie, Uid
from semaphore_hub.modules.referentiel.codes import TypeIdentifiant
from semaphore_hub.modules.referentiel.schemas import Avertissement, IdentifiantTiers, Suivant

COEFFICIENT_PATTERN = r"^(0|[1-9][0-9]?)(\.[0-9]{1,6})?$"

Coefficient = Annotated[
    Decimal,
    decimal_text(COEFFICIENT_PATTERN, 'un coefficient est un texte de la forme "1.023456" (six décimales au plus)'),
    TEXTE_DECIMAL,
    WithJsonSchema({"type": "string", "pattern": COEFFICIENT_PATTERN, "examples": ["1.023456"]}),
]
"""A price variation coefficient below 100, at most six decimals, a text."""

Pourcentage = Annotated[
    Decimal,
    TEXTE_DECIMAL,
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,16}\.[0-9]{2}$", "examples": ["82.50"]}),
]

MONTANT_SIGNE_PATTERN = r"^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?$"


def _signed(value: Any) -> Any:
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or not re.fullmatch(MONTANT_SIGNE_PATTERN, value):
        raise PydanticCustomError("montant", 'un montant est un texte de la forme "-1234.56" (deux décimales au plus)')
    return Decimal(value)


MontantSigne = Annotated[
    Decimal,
    BeforeValidator(_signed),
    PlainSerializer(lambda amount: format(amount.quantize(CENT), "f"), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": MONTANT_SIGNE_PATTERN, "examples": ["1250.00", "-40.00"]}),
]
"""Euros, negative for a cancellation or a reduction (hypothèse)."""

TypeConsommation = Literal["bon_de_commande", "mandat"]


class DecisionReconduction(Entree):
    """What is decided of a renewal period."""

    decision: Literal["reconduite", "non reconduite"]
    dateDecision: Jour = Field(description="jour où le titulaire est informé", examples=["2027-10-01"])
    auteur: Literal["acheteur", "titulaire"] = Field(default="acheteur", description="qui refuse la reconduction")
    refusTitulairePermis: StrictBool = Field(
        default=False, description="une clause du marché permet au titulaire de refuser (sinon R.2112-4)"
    )
    preavisMois: Annotated[int, Field(strict=True, ge=0, le=24), Entier] = Field(
        default=3, description="préavis prévu par le marché ; 3 mois à défaut (hypothèse)"
    )
    motif: Phrase | None = None


class Affermissement(Entree):
    """The confirmation of an optional tranche."""

    dateAffermissement: Jour = Field(examples=["2026-10-01"])
    debut: Jour | None = Field(default=None, description="nouveau début de la tranche")
    fin: Jour | None = Field(default=None, description="nouvelle fin de la tranche")


class IndiceConstate(Entree):
    """The value of an index used by a revision."""

    indice: Annotated[str, Field(max_length=20, pattern=LIGNE_PATTERN, examples=["ICHT-TS"])]
    moisAnnee: Annotated[str, Field(pattern="^(0[1-9]|1[0-2])-20[0-9]{2}$", examples=["01-2027"])]
    valeur: ValeurIndice


class NouvelleRevision(Entree):
    """A revision of the price: a coefficient, or the amount it makes."""

    date: Jour = Field(description="date d'effet", examples=["2027-03-01"])
    motif: Phrase = Field(examples=["Révision annuelle"])
    coefficient: Coefficient | None = None
    montantActualise: Montant | None = None
    montantTVAActualise: Montant | None = Field(
        default=None, description="à défaut, la TVA du marché suit le coefficient"
    )
    indices: Annotated[tuple[IndiceConstate, ...], Field(max_length=20)] = ()


class TiersRef(Entree):
    """A supplier of the référentiel."""

    typeIdentifiant: TypeIdentifiant = Field(examples=["SIRET"])
    id: IdentifiantTiers


Jours = Annotated[int, Field(strict=True, ge=0, le=30_000), Entier]
Mois = Annotated[int, Field(strict=True, ge=0, le=999), Entier]


class DeclarationSousTraitance(Entree):
    """A subcontracting act (DC4) that the buyer accepts."""

    objet: ObjetModification = Field(examples=["Stérilisation des plateaux"])
    sousTraitant: TiersRef
    titulaire: TiersRef = Field(description="le titulaire qui sous-traite")
    montant: Montant = Field(description="maximum HT des prestations sous-traitées", examples=["12000.00"])
    montantTVA: Montant | None = None
    dureeMois: Mois = Field(default=0, description="mois entiers ; la durée est arrondie au mois supérieur")
    dureeJours: Jours = Field(default=0, description="jours en plus des mois ; 30 jours par mois (hypothèse)")
    dateNotification: Jour = Field(examples=["2026-05-04"])
    datePublicationDonnees: Jour = Field(examples=["2026-05-11"])
    variationPrix: Literal["Ferme", "Actualisable", "Révisable"] = Field(examples=["Ferme"])
    paiementDirect: StrictBool = Field(description="obligatoire à partir de 600 euros TTC", examples=[True])
    autoliquidationTVA: StrictBool = Field(default=False, description="BTP : la TVA est due par le titulaire")


class ModificationSousTraitance(Entree):
    """A change of a subcontracting act: new totals, not differences."""

    objet: ObjetModification
    dateNotificationModificationSousTraitance: Jour = Field(examples=["2026-09-01"])
    datePublicationDonnees: Jour = Field(examples=["2026-09-08"])
    montant: Montant | None = Field(default=None, description="nouveau total HT de l'acte")
    dureeMois: Mois | None = Field(default=None, description="nouvelle durée totale")
    dureeJours: Jours | None = None


class RattachementBeneficiaire(Entree):
    """An établissement that may order on the marché from a day on."""

    id: Siret
    date: Jour = Field(examples=["2026-06-01"])


class NouvelleConsommation(Entree):
    """An order or a payment, as its source numbers it."""

    source: Annotated[str, Field(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", examples=["gef-valmont"])]
    reference: Annotated[str, Field(max_length=60, pattern=LIGNE_PATTERN, examples=["BC2026-000123"])]
    type: TypeConsommation
    date: Jour = Field(examples=["2026-04-15"])
    montant: Montant = Field(examples=["1250.00"])
    etablissement: Siret


class ConsommationVue(Sortie):
    """An order, a payment, or a subsequent marché (its uid is then the reference)."""

    source: str
    reference: str
    type: Literal["bon_de_commande", "mandat", "marche_subsequent"]
    date: date
    montant: MontantSigne
    etablissement: Siret


class TotauxConsommation(Sortie):
    """How much is consumed, HT; a payment settles an order, so the two are not added."""

    bonsDeCommande: MontantSigne
    mandats: MontantSigne
    marchesSubsequents: Montant
    consomme: Montant = Field(description="le plus grand de ce qui est commandé et de ce qui est payé")
    maximum: Montant = Field(description="montant du marché ; c'est un maximum pour un accord-cadre seulement")
    pourcentage: Pourcentage


class ConsommationEnregistree(Sortie):
    """What became of a consumption, and where the marché stands after it."""

    uid: Uid
    version: int
    statut: Literal["enregistrée", "inchangée"]
    consommation: ConsommationVue
    totaux: TotauxConsommation
    avertissements: tuple[Avertissement, ...]


class PageConsommations(Sortie):
    """A page of consumptions, oldest recorded first, and the totals of all of them."""

    items: tuple[ConsommationVue, ...]
    totaux: TotauxConsommation
    next: Suivant
