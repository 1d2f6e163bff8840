"""What is asked of and answered by the catalogue of products."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PlainSerializer, WithJsonSchema

from semaphore_hub.modules.marches.produits.conversion import unpacked
from semaphore_hub.modules.marches.produits.matching import DEFAULT_JUMP
from semaphore_hub.modules.marches.produits.models import EtatImport, EtatProduit
from semaphore_hub.modules.marches.produits.reader import BLOCK_BYTES
from semaphore_hub.modules.referentiel.champs import LIGNE_PATTERN, Entier, Entree, Sortie, Uid

_EUROS = r"^(0|[1-9][0-9]{0,7})(\.[0-9]{1,6})?$"
PrixUnitaire = Annotated[
    Decimal,
    PlainSerializer(lambda price: f"{price:f}", return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": _EUROS, "examples": ["0.0875"]}),
]
"""Euros, up to six decimals: unit prices of consumables have more than two."""
Pourcentage = Annotated[
    Decimal,
    PlainSerializer(float, return_type=float, when_used="json"),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100, "examples": [5.5]}),
]


class ProduitVue(Sortie):
    """A product of a lot at its price, from a day to a day (both included)."""

    id: int
    ght: str | None
    operateur: str
    numeroMarche: str
    numeroLot: str
    libelleLot: str | None
    objetMarche: str | None
    fournisseurSiret: str
    fournisseurNom: str
    referenceFournisseur: str
    libelleProduit: str
    famille: str | None
    codeNomenclature: str | None
    typeProduit: str | None
    codeUcd: str | None
    codeCip13: str | None
    gtin: str | None
    codeAtc: str | None
    codeLpp: str | None
    codeCladimed: str | None
    classeDm: str | None
    unitePrix: str
    prixUnitaireHT: PrixUnitaire
    tauxTVA: Pourcentage
    prixUnitaireTTC: PrixUnitaire | None
    conditionnementLibelle: str | None
    quantiteParConditionnement: int | None
    uniteCommande: str | None
    minimumCommande: int | None
    franco: PrixUnitaire | None
    remise: Pourcentage | None
    delaiLivraisonJours: int | None
    marque: str | None
    fabricant: str | None
    dateDebut: date
    dateFin: date
    dateMaj: date | None
    beneficiaires: tuple[str, ...] = Field(description="FINESS ; aucun : tous les établissements")
    statut: str | None = Field(description="tel que l'opérateur le donne, sans effet dans le hub")
    etat: EtatProduit
    importId: str


class PageProduits(Sortie):
    """A page of products, oldest first."""

    items: tuple[ProduitVue, ...]
    next: str | None


class ConstatVue(Sortie):
    """One thing found in a file."""

    ligne: int | None
    colonne: str | None
    regle: str
    gravite: Literal["error", "warning"]
    valeur: str | None
    message: str


class ImportProduitsVue(Sortie):
    """An import of products: counts of lines, how many times each rule was broken, the first findings."""

    id: str
    nom: str
    sha256: str
    taille: int = Field(description="octets")
    ght: str | None
    partiel: bool
    etat: EtatImport
    creeLe: datetime
    termineLe: datetime | None
    morceaux: int = Field(description="morceaux chargés, chacun en une transaction")
    lignes: int
    refusees: int
    avertissements: int
    creees: int
    modifiees: int
    inchangees: int
    closes: int
    enAttente: int = Field(description="lignes chargées dont le marché n'est pas encore connu")
    parRegle: dict[str, int]
    constats: tuple[ConstatVue, ...] = Field(description="les 100 premiers, erreurs d'abord gardées")
    dejaCharge: bool = Field(default=False, description="ce fichier l'était déjà : rien n'a changé")


class PageImportsProduits(Sortie):
    """A page of imports, newest first."""

    items: tuple[ImportProduitsVue, ...]
    next: str | None


class DemandePublication(Entree):
    """The marché whose products are to be said to those who order on it."""

    numeroMarche: Annotated[str, Field(max_length=30, pattern=LIGNE_PATTERN, examples=["2026DM001"])]
    lot: Annotated[int, Field(strict=True, ge=1, le=9999), Entier] | None = Field(
        default=None, description="absent : tous les lots", examples=[3]
    )


class PublicationLotVue(Sortie):
    """What was said of a lot; all counts are 0 when nothing had changed."""

    operateur: str
    numeroLot: str
    marche: Uid | None = Field(description="null : marché inconnu du hub, produits adressés aux FINESS nommés")
    destinataires: tuple[str, ...] = Field(description="SIRET de l'acheteur et des bénéficiaires")
    parties: int = Field(description="messages émis, de 1000 lignes au plus")
    creees: int
    modifiees: int
    supprimees: int


class PublicationVue(Sortie):
    """What was said of the products of a marché, lot by lot."""

    numeroMarche: str
    lots: tuple[PublicationLotVue, ...]


Progress = Callable[[str, int, int], None]
"""Told where the work stands: phase ("controle" or "chargement"), bytes done, bytes of the file."""


def _silent(_phase: str, _done: int, _total: int) -> None:
    """Nobody looks."""


@dataclass(frozen=True, slots=True)
class DemandeImport:
    """What to import, and how.

    Attributes:
        path: the file.
        nom: name shown in lists; the file's own when empty.
        ght: GHT the catalogue belongs to; ``None``: the caller's only one, or common to all.
        partiel: load the good lines and report the others; otherwise one bad line refuses the whole file.
        seuil_prix: price change that is pointed at, in percent.
        rapport: file for the findings, CSV or JSON lines by its suffix.
        sha256: digest announced with the file.
        block_bytes: size of a chunk.
        progress: told where the work stands.
    """

    path: Path
    nom: str = ""
    ght: str | None = None
    partiel: bool = False
    seuil_prix: Decimal = DEFAULT_JUMP
    rapport: Path | None = None
    sha256: str | None = None
    block_bytes: int = BLOCK_BYTES
    progress: Progress = _silent


@dataclass(frozen=True, slots=True)
class FiltresProduits:
    """What is searched for; every condition given must hold.

    Attributes:
        q: part of the product's name.
        valide_le: priced on that day.
    """

    operateur: str | None = None
    numero_marche: str | None = None
    numero_lot: str | None = None
    reference: str | None = None
    fournisseur: str | None = None
    gtin: str | None = None
    cip13: str | None = None
    ucd: str | None = None
    etat: EtatProduit | None = None
    q: str | None = None
    valide_le: date | None = None


def produit_vue(row: Any) -> ProduitVue:
    """A row of ``produit`` as the API says it."""
    rest = unpacked(row["donnees"])
    given = rest.get("beneficiaires")
    return ProduitVue(
        id=row["id"],
        ght=row["ght"],
        operateur=row["operateur"],
        numeroMarche=row["numero_marche"],
        numeroLot=row["numero_lot"],
        libelleLot=rest.get("libelle_lot"),
        objetMarche=rest.get("objet_marche"),
        fournisseurSiret=row["fournisseur_siret"],
        fournisseurNom=rest["fournisseur_nom"],
        referenceFournisseur=row["reference_fournisseur"],
        libelleProduit=row["libelle_produit"],
        famille=rest.get("famille"),
        codeNomenclature=rest.get("code_nomenclature"),
        typeProduit=rest.get("type_produit"),
        codeUcd=row["code_ucd"],
        codeCip13=row["code_cip13"],
        gtin=row["gtin"],
        codeAtc=rest.get("code_atc"),
        codeLpp=rest.get("code_lpp"),
        codeCladimed=rest.get("code_cladimed"),
        classeDm=rest.get("classe_dm"),
        unitePrix=rest["unite_prix"],
        prixUnitaireHT=_short(Decimal(row["prix_unitaire_ht"]).scaleb(-6)),
        tauxTVA=_short(Decimal(rest["taux_tva"])),
        prixUnitaireTTC=_number(rest.get("prix_unitaire_ttc")),
        conditionnementLibelle=rest.get("conditionnement_libelle"),
        quantiteParConditionnement=_whole(rest.get("quantite_par_conditionnement")),
        uniteCommande=rest.get("unite_commande"),
        minimumCommande=_whole(rest.get("minimum_commande")),
        franco=_number(rest.get("franco")),
        remise=_number(rest.get("remise_pct")),
        delaiLivraisonJours=_whole(rest.get("delai_livraison_j")),
        marque=rest.get("marque"),
        fabricant=rest.get("fabricant"),
        dateDebut=row["date_debut"],
        dateFin=row["date_fin"],
        dateMaj=date.fromisoformat(rest["date_maj"]) if "date_maj" in rest else None,
        beneficiaires=tuple(part.strip() for part in given.replace(",", "|").split("|")) if given else (),
        statut=rest.get("statut"),
        etat=row["etat"],
        importId=row["import_id"],
    )


def import_vue(row: Any, *, deja_charge: bool = False) -> ImportProduitsVue:
    """A row of ``produit_import`` as the API says it."""
    return ImportProduitsVue(
        id=row["id"],
        nom=row["nom"],
        sha256=row["sha256"],
        taille=row["taille"],
        ght=row["ght"],
        partiel=row["partiel"],
        etat=row["etat"],
        creeLe=row["cree_le"],
        termineLe=row["termine_le"],
        morceaux=row["morceaux"],
        lignes=row["lignes"],
        refusees=row["refusees"],
        avertissements=row["avertissements"],
        creees=row["creees"],
        modifiees=row["modifiees"],
        inchangees=row["inchangees"],
        closes=row["closes"],
        enAttente=row["en_attente"],
        parRegle=row["par_regle"],
        constats=tuple(ConstatVue(**one) for one in row["constats"]),
        dejaCharge=deja_charge,
    )


def _short(exact: Decimal) -> Decimal:
    """Without useless zeros past the second decimal."""
    short = exact.quantize(Decimal("0.01"))
    return short if short == exact else exact.normalize()


def _number(text: str | None) -> Decimal | None:
    return None if text is None else _short(Decimal(text))


def _whole(text: str | None) -> int | None:
    return None if text is None else int(text)
