"""What the API answers of orders, receipts and payments, and the reading of their lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import Field
from sqlalchemy import Connection, RowMapping, Select, Table, func, select

from semaphore_hub.kernel.access import Caller, within
from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.errors import NotFound
from semaphore_hub.kernel.money import from_cents
from semaphore_hub.modules.marches.execution.flux.lignes import PrixUnitaire, Quantite
from semaphore_hub.modules.marches.execution.flux.livres import MICRO
from semaphore_hub.modules.marches.execution.flux.rattachement import HorsMarche
from semaphore_hub.modules.marches.execution.models import GefCommande, GefLigneAnterieure, GefMandat, GefReception
from semaphore_hub.modules.marches.execution.schemas import MontantSigne
from semaphore_hub.modules.marches.models import Marche
from semaphore_hub.modules.referentiel.champs import Siret, Sortie, Uid
from semaphore_hub.modules.referentiel.rows import page_of
from semaphore_hub.modules.referentiel.schemas import Suivant

_marche, _anterieure = table_of(Marche), table_of(GefLigneAnterieure)
_commande, _reception, _mandat = table_of(GefCommande), table_of(GefReception), table_of(GefMandat)


class LigneAnterieureVue(Sortie):
    """What a line said before a flow changed it, by the columns of the hub (amounts in cents)."""

    version: int
    contenu: dict[str, str | int | None]
    idFlux: str
    remplaceePar: str = Field(description="identifiant du flux qui l'a changée")


class _LigneVue(Sortie):
    uid: Uid
    version: int = Field(description="1, puis un de plus à chaque flux qui la change")
    etablissement: Siret
    partenaire: str
    idFlux: str = Field(description="flux qui a dit cet état")
    anterieures: tuple[LigneAnterieureVue, ...]


class CommandeVue(_LigneVue):
    """A line of an order."""

    numeroCommande: str
    ligneCommande: int
    date: date
    uf: str
    compte: str
    numeroMarche: str | None = Field(description="tel que la GEF l'écrit")
    lot: int | None
    marche: Uid | None
    horsMarche: HorsMarche | None
    reference: str | None
    libelle: str
    quantite: Quantite
    prixUnitaireHT: PrixUnitaire
    montantHT: MontantSigne
    montantTTC: MontantSigne


class ReceptionVue(_LigneVue):
    """What was received of a line of an order."""

    numeroReception: str
    ligneReception: int
    numeroCommande: str
    ligneCommande: int
    date: date
    quantite: Quantite


class MandatVue(_LigneVue):
    """A line of a payment order."""

    exercice: int
    numeroMandat: str
    ligneMandat: int
    date: date
    compte: str
    numeroMarche: str | None = Field(description="tel que la GEF l'écrit")
    numeroCommande: str | None
    typeIdentifiant: str | None
    fournisseur: str | None
    marche: Uid | None
    horsMarche: HorsMarche | None = Field(description="pourquoi il n'est rapproché d'aucun marché")
    montantHT: MontantSigne
    montantTVA: MontantSigne
    montantTTC: MontantSigne


class PageCommandes(Sortie):
    """A page of lines of orders, in the order they were first received."""

    items: tuple[CommandeVue, ...]
    next: Suivant


class PageReceptions(Sortie):
    """A page of receipts, in the order they were first received."""

    items: tuple[ReceptionVue, ...]
    next: Suivant


class PageMandats(Sortie):
    """A page of lines of payments, in the order they were first received."""

    items: tuple[MandatVue, ...]
    next: Suivant


class TotauxHorsMarche(Sortie):
    """What the lines found come to, beyond the page."""

    nombre: int
    montantHT: MontantSigne


class PageCommandesHorsMarche(Sortie):
    """A page of lines of orders that name no marché."""

    items: tuple[CommandeVue, ...]
    totaux: TotauxHorsMarche
    next: Suivant


class PageMandatsHorsMarche(Sortie):
    """A page of lines of payments that are reconciled with no marché."""

    items: tuple[MandatVue, ...]
    totaux: TotauxHorsMarche
    next: Suivant


@dataclass(frozen=True, slots=True)
class FiltresHorsMarche:
    """What is searched for; every condition given must hold.

    Attributes:
        etablissement: SIRET of the legal entity.
        depuis, avant: dated this day or after; before this day.
        motif: why they name no marché.
    """

    etablissement: str | None = None
    depuis: date | None = None
    avant: date | None = None
    motif: HorsMarche | None = None


def commandes_du_marche(
    connection: Connection, caller: Caller, uid: str, *, limit: int, after: str | None
) -> tuple[list[CommandeVue], str | None]:
    """A page of the lines of orders of a marché.

    Raises:
        NotFound: no such marché in the caller's perimeter.
    """
    _require(connection, caller, uid)
    statement = select(_commande).where(_commande.c.marche_uid == uid)
    rows, last = page_of(connection, statement, _commande.c.uid, limit, after)
    return _orders(connection, rows), last


def receptions_du_marche(
    connection: Connection, caller: Caller, uid: str, *, limit: int, after: str | None
) -> tuple[list[ReceptionVue], str | None]:
    """A page of what was received on the orders of a marché.

    Raises:
        NotFound: no such marché in the caller's perimeter.
    """
    _require(connection, caller, uid)
    statement = (
        select(_reception)
        .join(_commande, _commande.c.uid == _reception.c.commande_uid)
        .where(_commande.c.marche_uid == uid)
    )
    rows, last = page_of(connection, statement, _reception.c.uid, limit, after)
    former = _former(connection, rows)
    return [
        ReceptionVue(
            **_common(row, former),
            numeroReception=row["numero_reception"],
            ligneReception=row["ligne_reception"],
            numeroCommande=row["numero_commande"],
            ligneCommande=row["ligne_commande"],
            date=row["date"],
            quantite=row["quantite"],
        )
        for row in rows
    ], last


def mandats_du_marche(
    connection: Connection, caller: Caller, uid: str, *, limit: int, after: str | None
) -> tuple[list[MandatVue], str | None]:
    """A page of the lines of payments of a marché.

    Raises:
        NotFound: no such marché in the caller's perimeter.
    """
    _require(connection, caller, uid)
    statement = select(_mandat).where(_mandat.c.marche_uid == uid)
    rows, last = page_of(connection, statement, _mandat.c.uid, limit, after)
    return _payments(connection, rows), last


def commandes_hors_marche(
    connection: Connection, caller: Caller, filtres: FiltresHorsMarche, *, limit: int, after: str | None
) -> tuple[list[CommandeVue], TotauxHorsMarche, str | None]:
    """A page of the lines of orders of the caller's perimeter that name no marché, and what all of them come to."""
    statement = _off_contract(_commande, caller, filtres)
    rows, last = page_of(connection, statement, _commande.c.uid, limit, after)
    return _orders(connection, rows), _sums(connection, statement), last


def mandats_hors_marche(
    connection: Connection, caller: Caller, filtres: FiltresHorsMarche, *, limit: int, after: str | None
) -> tuple[list[MandatVue], TotauxHorsMarche, str | None]:
    """A page of the lines of payments of the caller's perimeter off contract, and what all of them come to."""
    statement = _off_contract(_mandat, caller, filtres)
    rows, last = page_of(connection, statement, _mandat.c.uid, limit, after)
    return _payments(connection, rows), _sums(connection, statement), last


def _require(connection: Connection, caller: Caller, uid: str) -> None:
    statement = within(select(_marche.c.uid).where(_marche.c.uid == uid), _marche.c.ght, caller)
    if connection.execute(statement).first() is None:
        raise NotFound(f"Le marché {uid} n'existe pas.")


def _off_contract(table: Table, caller: Caller, filtres: FiltresHorsMarche) -> Select[Any]:
    statement = select(table).where(table.c.hors_marche.is_not(None))
    if filtres.etablissement is not None:
        statement = statement.where(table.c.etablissement_siret == filtres.etablissement)
    if filtres.depuis is not None:
        statement = statement.where(table.c.date >= filtres.depuis)
    if filtres.avant is not None:
        statement = statement.where(table.c.date < filtres.avant)
    if filtres.motif is not None:
        statement = statement.where(table.c.hors_marche == filtres.motif)
    return within(statement, table.c.ght, caller)


def _sums(connection: Connection, statement: Select[Any]) -> TotauxHorsMarche:
    found = statement.subquery()
    row = connection.execute(select(func.count(), func.coalesce(func.sum(found.c.montant_ht_cents), 0))).one()
    return TotauxHorsMarche(nombre=row[0], montantHT=from_cents(int(row[1])))


def _orders(connection: Connection, rows: Sequence[RowMapping]) -> list[CommandeVue]:
    former = _former(connection, rows)
    return [
        CommandeVue(
            **_common(row, former),
            numeroCommande=row["numero_commande"],
            ligneCommande=row["ligne_commande"],
            date=row["date"],
            uf=row["uf"],
            compte=row["compte"],
            numeroMarche=row["numero_marche"],
            lot=row["lot"],
            marche=row["marche_uid"],
            horsMarche=row["hors_marche"],
            reference=row["reference"],
            libelle=row["libelle"],
            quantite=row["quantite"],
            prixUnitaireHT=_price(row["prix_unitaire_ht"]),
            montantHT=from_cents(row["montant_ht_cents"]),
            montantTTC=from_cents(row["montant_ttc_cents"]),
        )
        for row in rows
    ]


def _payments(connection: Connection, rows: Sequence[RowMapping]) -> list[MandatVue]:
    former = _former(connection, rows)
    return [
        MandatVue(
            **_common(row, former),
            exercice=row["exercice"],
            numeroMandat=row["numero_mandat"],
            ligneMandat=row["ligne_mandat"],
            date=row["date"],
            compte=row["compte"],
            numeroMarche=row["numero_marche"],
            numeroCommande=row["numero_commande"],
            typeIdentifiant=row["type_identifiant"],
            fournisseur=row["identifiant"],
            marche=row["marche_uid"],
            horsMarche=row["hors_marche"],
            montantHT=from_cents(row["montant_ht_cents"]),
            montantTVA=from_cents(row["montant_tva_cents"]),
            montantTTC=from_cents(row["montant_ttc_cents"]),
        )
        for row in rows
    ]


def _price(micro: int) -> str:
    exact = Decimal(micro) / MICRO
    short = exact.quantize(Decimal("0.01"))
    return format(short if short == exact else exact, "f")


def _common(row: RowMapping, former: dict[str, list[LigneAnterieureVue]]) -> dict[str, Any]:
    return {
        "uid": row["uid"],
        "version": row["version"],
        "etablissement": row["etablissement_siret"],
        "partenaire": row["partenaire"],
        "idFlux": row["id_flux"],
        "anterieures": tuple(former.get(row["uid"], ())),
    }


def _former(connection: Connection, rows: Sequence[RowMapping]) -> dict[str, list[LigneAnterieureVue]]:
    """What the lines of a page that changed said before, oldest first."""
    changed = [row["uid"] for row in rows if row["version"] > 1]
    found: dict[str, list[LigneAnterieureVue]] = {}
    if changed:
        statement = select(_anterieure).where(_anterieure.c.ligne_uid.in_(changed)).order_by(_anterieure.c.version)
        for row in connection.execute(statement).mappings():
            found.setdefault(row["ligne_uid"], []).append(
                LigneAnterieureVue(
                    version=row["version"],
                    contenu=row["contenu"],
                    idFlux=row["id_flux"],
                    remplaceePar=row["remplacee_par"],
                )
            )
    return found
