"""What the API answers of structures, accounts and third parties, and the reading of their lists."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field
from sqlalchemy import Connection, RowMapping, and_, select

from semaphore_hub.kernel.access import Caller, within
from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.errors import NotFound
from semaphore_hub.modules.referentiel.champs import Sortie, Uid
from semaphore_hub.modules.referentiel.codes import TypeIdentifiant
from semaphore_hub.modules.referentiel.models import (
    Etablissement,
    Fournisseur,
    GefCompte,
    GefStructure,
    GefTiers,
    Rattachement,
)
from semaphore_hub.modules.referentiel.rows import page_of
from semaphore_hub.modules.referentiel.schemas import Suivant

_structure, _compte, _tiers = table_of(GefStructure), table_of(GefCompte), table_of(GefTiers)
_etablissement, _rattachement = table_of(Etablissement), table_of(Rattachement)
_fournisseur = table_of(Fournisseur)

EtatTiers = Literal["lie", "en_attente"]


class StructureVue(Sortie):
    """A functional unit of a legal entity, as its GEF says it."""

    uid: Uid
    codeUF: str
    libelle: str
    finessGeographique: str | None
    pole: str | None
    centreResponsabilite: str | None
    actif: bool
    actifDepuis: date | None = Field(description="jour du flux qui l'a dite active ; null si elle ne l'a jamais été")
    inactifDepuis: date | None


class CompteVue(Sortie):
    """An account of a budget in a year, as the GEF says it."""

    uid: Uid
    exercice: int
    budget: str = Field(description="lettre M21 du budget")
    compte: str
    libelle: str
    ouvert: bool
    ouvertDepuis: date | None
    fermeDepuis: date | None


class TiersVue(Sortie):
    """A third party under the code of its GEF; "lie" when the supplier is in the référentiel."""

    uid: Uid
    codeTiers: str
    typeIdentifiant: TypeIdentifiant
    id: str
    denominationSociale: str
    actif: bool
    etat: EtatTiers
    fournisseur: Uid | None = Field(description="uid du fournisseur du référentiel ; null tant qu'il y manque")


class PageStructures(Sortie):
    """A page of structures, in the order they were first said."""

    items: tuple[StructureVue, ...]
    next: Suivant


class PageComptes(Sortie):
    """A page of accounts, in the order they were first said."""

    items: tuple[CompteVue, ...]
    next: Suivant


class PageTiers(Sortie):
    """A page of third parties, in the order they were first said."""

    items: tuple[TiersVue, ...]
    next: Suivant


def lister_structures(
    connection: Connection, caller: Caller, siret: str, *, actives: bool, limit: int, after: str | None
) -> tuple[list[StructureVue], str | None]:
    """A page of the structures of an establishment of the caller's perimeter.

    Raises:
        NotFound: no such establishment there.
    """
    _require(connection, caller, siret)
    statement = select(_structure).where(_structure.c.etablissement_siret == siret)
    if actives:
        statement = statement.where(_structure.c.inactif_depuis.is_(None))
    rows, last = page_of(connection, statement, _structure.c.uid, limit, after)
    return [_structure_view(row) for row in rows], last


def lister_comptes(
    connection: Connection,
    caller: Caller,
    siret: str,
    *,
    exercice: int | None,
    ouverts: bool,
    limit: int,
    after: str | None,
) -> tuple[list[CompteVue], str | None]:
    """A page of the accounts of an establishment of the caller's perimeter.

    Raises:
        NotFound: no such establishment there.
    """
    _require(connection, caller, siret)
    statement = select(_compte).where(_compte.c.etablissement_siret == siret)
    if exercice is not None:
        statement = statement.where(_compte.c.exercice == exercice)
    if ouverts:
        statement = statement.where(_compte.c.inactif_depuis.is_(None))
    rows, last = page_of(connection, statement, _compte.c.uid, limit, after)
    return [_account_view(row) for row in rows], last


def lister_tiers(
    connection: Connection, caller: Caller, siret: str, *, etat: EtatTiers | None, limit: int, after: str | None
) -> tuple[list[TiersVue], str | None]:
    """A page of the third parties of an establishment of the caller's perimeter.

    Raises:
        NotFound: no such establishment there.
    """
    _require(connection, caller, siret)
    same = and_(
        _fournisseur.c.type_identifiant == _tiers.c.type_identifiant,
        _fournisseur.c.identifiant == _tiers.c.identifiant,
    )
    statement = (
        select(_tiers, _fournisseur.c.uid.label("fournisseur_uid"))
        .outerjoin(_fournisseur, same)
        .where(_tiers.c.etablissement_siret == siret)
    )
    if etat is not None:
        waiting = _fournisseur.c.uid.is_(None)
        statement = statement.where(waiting if etat == "en_attente" else ~waiting)
    rows, last = page_of(connection, statement, _tiers.c.uid, limit, after)
    return [_tiers_view(row) for row in rows], last


def _require(connection: Connection, caller: Caller, siret: str) -> None:
    """The establishment is, or was, in the caller's perimeter."""
    member = within(select(_rattachement.c.uid), _rattachement.c.ght_code, caller).where(
        _rattachement.c.etablissement_uid == _etablissement.c.uid
    )
    statement = select(_etablissement.c.uid).where(_etablissement.c.siret == siret, member.exists())
    if connection.execute(statement).first() is None:
        raise NotFound(f"L'établissement {siret} n'existe pas.")


def _structure_view(row: RowMapping) -> StructureVue:
    return StructureVue(
        uid=row["uid"],
        codeUF=row["code_uf"],
        libelle=row["libelle"],
        finessGeographique=row["finess_geographique"],
        pole=row["pole"],
        centreResponsabilite=row["centre_responsabilite"],
        actif=row["inactif_depuis"] is None,
        actifDepuis=row["actif_depuis"],
        inactifDepuis=row["inactif_depuis"],
    )


def _account_view(row: RowMapping) -> CompteVue:
    return CompteVue(
        uid=row["uid"],
        exercice=row["exercice"],
        budget=row["budget"],
        compte=row["compte"],
        libelle=row["libelle"],
        ouvert=row["inactif_depuis"] is None,
        ouvertDepuis=row["actif_depuis"],
        fermeDepuis=row["inactif_depuis"],
    )


def _tiers_view(row: RowMapping) -> TiersVue:
    return TiersVue(
        uid=row["uid"],
        codeTiers=row["code_tiers"],
        typeIdentifiant=row["type_identifiant"],
        id=row["identifiant"],
        denominationSociale=row["denomination_sociale"],
        actif=row["inactif_depuis"] is None,
        etat="en_attente" if row["fournisseur_uid"] is None else "lie",
        fournisseur=row["fournisseur_uid"],
    )
