"""What the operations on censuses of needs receive and answer in JSON. Amounts are euros HT a year."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, StrictBool

from semaphore_hub.kernel.money import Montant
from semaphore_hub.modules.planification.champs import Annee, CodeCPV, CodeNCHFS, Famille, Ligne, Texte, Total
from semaphore_hub.modules.planification.codes import TypeAchat
from semaphore_hub.modules.referentiel.champs import LIGNE_PATTERN, CodeGht, Entier, Entree, Jour, Siret, Sortie, Uid
from semaphore_hub.modules.referentiel.schemas import Avertissement, Suivant

StatutRecensement = Literal["ouvert", "clos"]
Quantite = Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,4})?$", examples=["12000"])]
ReferenceBesoin = Annotated[
    str,
    Field(
        max_length=40,
        pattern=LIGNE_PATTERN,
        description="référence du besoin chez l'établissement",
        examples=["PH-014"],
    ),
]
Unite = Annotated[str, Field(max_length=40, pattern=LIGNE_PATTERN, examples=["unité"])]
VersionBesoin = Annotated[int, Field(strict=True, ge=1, le=999_999_999, examples=[1]), Entier]


class NouveauRecensement(Entree):
    """A census to open."""

    ght: CodeGht
    annee: Annee = Field(description="année des besoins")
    intitule: Ligne = Field(examples=["Besoins 2027, dispositifs médicaux"])
    ouverture: Jour = Field(description="premier jour où les établissements disent leurs besoins")
    cloture: Jour = Field(description="dernier jour", examples=["2026-04-30"])


class BesoinEntree(Entree):
    """A need of one établissement."""

    etablissement: Siret
    reference: ReferenceBesoin
    libelle: Ligne
    typeAchat: TypeAchat = Field(examples=["fournitures"])
    recurrent: StrictBool = Field(default=True, description="false : besoin ponctuel, compté une fois")
    famille: Famille | None = Field(default=None, description="code, libellé ou synonyme ; absente : déduite du CPV")
    codeNCHFS: CodeNCHFS | None = None
    codeCPV: CodeCPV | None = None
    quantite: Quantite | None = Field(default=None, description="par an, avec son unité")
    unite: Unite | None = None
    montantAnnuel: Montant = Field(description="euros HT par an ; 0 : besoin retiré", examples=["24000.00"])
    commentaire: Texte | None = None


class BesoinModifie(BesoinEntree):
    """A need to state or to state again."""

    version: VersionBesoin | None = Field(
        default=None, description="version lue ; une autre est alors refusée ; absente : rien n'est vérifié"
    )


class BesoinsEntree(Entree):
    """Needs to state or to state again, by établissement and reference: all of them or none."""

    besoins: Annotated[tuple[BesoinModifie, ...], Field(min_length=1, max_length=1000)]


class RecensementVue(Sortie):
    """A census as it stands."""

    uid: Uid
    version: int
    ght: CodeGht
    annee: int
    intitule: str
    ouverture: date
    cloture: date
    statut: StatutRecensement
    besoins: int
    montantAnnuel: Total
    creeLe: datetime


class PageRecensements(Sortie):
    """A page of censuses, newest first."""

    items: tuple[RecensementVue, ...]
    next: Suivant


class BesoinVue(Sortie):
    """A need as it stands."""

    uid: Uid
    version: int
    recensement: Uid
    etablissement: Siret
    reference: str
    libelle: str
    typeAchat: TypeAchat
    recurrent: bool
    famille: str | None
    codeNCHFS: str | None
    codeCPV: str | None
    quantite: str | None
    unite: str | None
    montantAnnuel: Montant
    commentaire: str | None
    projet: Uid | None = Field(description="projet d'achat qui le reprend")
    avertissements: tuple[Avertissement, ...]


class PageBesoins(Sortie):
    """A page of needs, in the order they were first stated."""

    items: tuple[BesoinVue, ...]
    next: Suivant


class BesoinsEnregistres(Sortie):
    """What became of needs."""

    crees: int
    modifies: int
    inchanges: int
    montantAnnuel: Total = Field(description="Σ des montants reçus")
    avertissements: tuple[Avertissement, ...]


class PartEtablissement(Sortie):
    """What one établissement states of a category."""

    etablissement: Siret
    nom: str
    besoins: int
    montantAnnuel: Total


class CategorieVue(Sortie):
    """A homogeneous category summed over the GHT."""

    codeNCHFS: str | None = Field(description="null : besoins sans catégorie")
    libelle: str | None
    connu: bool = Field(description="le code est dans la nomenclature tenue par le hub")
    besoins: int
    montantAnnuel: Total = Field(description="Σ du GHT")
    montantNonRepris: Total = Field(description="Σ de ce qu'aucun projet ne reprend")
    etablissements: tuple[PartEtablissement, ...]


class EtablissementVue(Sortie):
    """An établissement of the GHT."""

    siret: Siret
    nom: str


class SyntheseVue(Sortie):
    """A census by homogeneous category and établissement, summed over the GHT."""

    recensement: Uid
    ght: CodeGht
    annee: int
    besoins: int
    montantAnnuel: Total = Field(description="Σ du GHT")
    montantNonRepris: Total
    categories: tuple[CategorieVue, ...]
    etablissements: tuple[PartEtablissement, ...] = Field(description="Σ de chaque établissement")
    sansReponse: tuple[EtablissementVue, ...] = Field(description="établissements du GHT qui n'ont rien dit")
