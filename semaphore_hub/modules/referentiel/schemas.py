"""What the référentiel receives and answers in JSON."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from semaphore_hub.modules.referentiel.champs import (
    LIGNE_PATTERN,
    CodeGht,
    Entree,
    Jour,
    Siret,
    Sortie,
    Uid,
)
from semaphore_hub.modules.referentiel.codes import CategorieTiers, NatureJuridique, RoleGht, TypeIdentifiant
from semaphore_hub.modules.referentiel.regions import SIGLES

Nom = Annotated[str, Field(min_length=1, max_length=200, pattern=LIGNE_PATTERN, examples=["CH Fictif de Valmont"])]
Ligne38 = Annotated[str, Field(min_length=1, max_length=38, pattern=LIGNE_PATTERN, examples=["12 rue de l'Exemple"])]
Finess = Annotated[str, Field(pattern="^[0-9][0-9AB][0-9]{7}$", description="FINESS", examples=["990780009"])]
IdentifiantTiers = Annotated[str, Field(pattern="^[A-Za-z0-9]{9,80}$", examples=["35600000000048"])]


CodeRegion = Annotated[
    str, Field(json_schema_extra={"enum": list(SIGLES)}, pattern=f"^({'|'.join(SIGLES)})$", examples=["ARA"])
]
"""Short name of a region, as the DGOS writes it."""


class Avertissement(Sortie):
    """Something to look at that does not prevent anything."""

    regle: str = Field(description="identifiant de la règle")
    champ: str = Field(description="chemin du champ")
    message: str = Field(description="ce qu'il faut vérifier")


class NouveauGht(Entree):
    """A GHT to record."""

    code: CodeGht
    nom: Nom
    region: CodeRegion | None = Field(default=None, description="absente : déduite du code (« ARA-01 ») si possible")


class RegionGht(Entree):
    """The region a GHT belongs to."""

    region: CodeRegion


class GhtVue(Sortie):
    """A GHT."""

    code: CodeGht
    nom: str
    region: CodeRegion | None


class NouvelEtablissement(Entree):
    """An établissement to record, with its first membership."""

    siret: Siret
    nom: Nom
    finessJuridique: Finess | None = None
    finessGeographique: Finess | None = None
    ght: CodeGht
    role: RoleGht = Field(examples=["support"])
    dateDebut: Jour = Field(description="premier jour du rattachement au GHT")


class NouveauRattachement(Entree):
    """The établissement moves to another GHT, or changes role, from a day on."""

    ght: CodeGht
    role: RoleGht = Field(examples=["partie"])
    dateDebut: Jour = Field(description="premier jour ; le rattachement précédent finit la veille")


class RattachementVue(Sortie):
    """One membership, both days included."""

    ght: CodeGht
    role: RoleGht
    dateDebut: date
    dateFin: date | None


class EtablissementVue(Sortie):
    """An établissement and every membership it has had, oldest first."""

    uid: Uid
    version: int
    siret: Siret
    nom: str
    finessJuridique: str | None
    finessGeographique: str | None
    cleValide: bool = Field(description="false : SIRET importé dont la clé est fausse")
    rattachements: tuple[RattachementVue, ...]


class AdresseFournisseur(Entree):
    """Postal address in the parts the PES asks for (38 characters each)."""

    ligne1: Ligne38 | None = None
    voie: Ligne38
    complement: Ligne38 | None = None
    codePostal: Annotated[str, Field(pattern="^[0-9]{5}$", description="99999 à l'étranger", examples=["59300"])]
    ville: Ligne38 = Field(examples=["VALMONT"])
    codePays: Annotated[str, Field(pattern="^[0-9]{3}$")] | None = Field(
        default=None, description="code pays à trois chiffres ; absent pour la France"
    )


class CompteBancaireFournisseur(Entree):
    """The account to pay; the key of the IBAN is checked."""

    iban: Annotated[str, Field(pattern="^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$", examples=["FR7630006000011234567890189"])]
    bic: Annotated[str, Field(pattern="^[A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?$", examples=["AGRIFRPP"])] | None = (
        None
    )
    titulaire: Annotated[str, Field(min_length=1, max_length=32, pattern=LIGNE_PATTERN, examples=["FICTIMED SAS"])]
    banque: Annotated[str, Field(min_length=1, max_length=24, pattern=LIGNE_PATTERN)] | None = None


class NouveauFournisseur(Entree):
    """A supplier to record; the identifier's key is checked."""

    typeIdentifiant: TypeIdentifiant = Field(examples=["SIRET"])
    id: IdentifiantTiers
    denominationSociale: Nom = Field(examples=["Fictimed SAS"])
    adresse: AdresseFournisseur | None = None
    compteBancaire: CompteBancaireFournisseur | None = None
    categorieTiers: CategorieTiers = Field(
        default=CategorieTiers.MORALE_PRIVEE, description="CatTiers du PES", examples=["50"]
    )
    natureJuridique: NatureJuridique = Field(
        default=NatureJuridique.SOCIETE, description="NatJur du PES", examples=["03"]
    )


class ModificationFournisseur(Entree):
    """New values of a supplier; a field left out keeps its value, a null address or account is removed."""

    denominationSociale: Nom | None = Field(default=None, examples=["Fictimed France SAS"])
    adresse: AdresseFournisseur | None = None
    compteBancaire: CompteBancaireFournisseur | None = None
    categorieTiers: CategorieTiers | None = Field(default=None, examples=["50"])
    natureJuridique: NatureJuridique | None = Field(default=None, examples=["03"])


class FournisseurVue(Sortie):
    """A supplier."""

    uid: Uid
    version: int
    typeIdentifiant: TypeIdentifiant
    id: str
    denominationSociale: str
    adresse: AdresseFournisseur | None
    compteBancaire: CompteBancaireFournisseur | None
    categorieTiers: CategorieTiers
    natureJuridique: NatureJuridique
    cleValide: bool = Field(description="false : identifiant importé dont la clé est fausse")


class ValeurCode(Sortie):
    """One code; the label is null when no sure label is known."""

    code: str
    libelle: str | None


class Nomenclature(Sortie):
    """A code list, with its status: official, derived from official documents, or assumed."""

    code: str
    libelle: str
    statut: Literal["official", "derived", "assumed"]
    source: str
    valeurs: tuple[ValeurCode, ...]


Suivant = Annotated[
    str | None, Field(description="à donner comme « cursor » pour la page suivante ; null quand il n'y en a plus")
]


class PageGht(Sortie):
    """A page of GHT."""

    items: tuple[GhtVue, ...]
    next: Suivant


class PageEtablissements(Sortie):
    """A page of établissements."""

    items: tuple[EtablissementVue, ...]
    next: Suivant


class PageFournisseurs(Sortie):
    """A page of suppliers."""

    items: tuple[FournisseurVue, ...]
    next: Suivant


class PageNomenclatures(Sortie):
    """Every code list."""

    items: tuple[Nomenclature, ...]
    next: Suivant
