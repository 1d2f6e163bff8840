"""To whom the products of a lot are said: the parties of the marchés that the hub knows, else those the lines name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, RowMapping, or_, select, true

from semaphore_hub.kernel.access import Caller, within
from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.marches.lifecycle import AVANT_ATTRIBUTION, Statut
from semaphore_hub.modules.marches.models import Marche, MarcheBeneficiaire
from semaphore_hub.modules.marches.produits import rules
from semaphore_hub.modules.marches.produits.conversion import prefix, unpacked
from semaphore_hub.modules.marches.produits.matching import ENDED
from semaphore_hub.modules.marches.produits.models import EtatProduit, Produit
from semaphore_hub.modules.referentiel.lookups import EtablissementConnu, etablissements_by_siret, etablissements_named
from semaphore_hub.modules.referentiel.models import Etablissement, Rattachement
from semaphore_hub.modules.referentiel.rules import refuse

_marche, _beneficiaire = table_of(Marche), table_of(MarcheBeneficiaire)
_etablissement, _rattachement = table_of(Etablissement), table_of(Rattachement)
_produit = table_of(Produit)
_UNTOLD = frozenset({*AVANT_ATTRIBUTION, Statut.ATTRIBUE, Statut.SIGNE, *ENDED})
"""Statuses of a marché that partners have not heard of, or order on no more."""


@dataclass(frozen=True, slots=True)
class LotDuCatalogue:
    """A lot, as its operator names it."""

    operateur: str
    numero_marche: str
    numero_lot: str

    @property
    def numero(self) -> int | None:
        """Its number, when it is one."""
        return int(self.numero_lot) if self.numero_lot.isascii() and self.numero_lot.isdigit() else None

    def condition(self) -> ColumnElement[bool]:
        """Which products are of this lot."""
        first, end = prefix(self.numero_marche, self.numero_lot)
        return (_produit.c.cle >= first) & (_produit.c.cle < end) & (_produit.c.operateur == self.operateur)


@dataclass(frozen=True, slots=True)
class Cible:
    """Who is told, and in whose name.

    Attributes:
        marche: uid of the marché; ``None`` while the hub does not know it.
        ght: its GHT, or that of the establishments told; ``None`` when they are of several.
        acheteur: the buyer.
        beneficiaires: who orders.
        catalogues: which products of the lot concern them.
    """

    marche: str | None
    ght: str | None
    acheteur: EtablissementConnu
    beneficiaires: tuple[EtablissementConnu, ...]
    catalogues: ColumnElement[bool]

    @property
    def cle(self) -> str:
        """What tells apart the publications of one lot."""
        return self.marche or self.ght or ""


def cibles(connection: Connection, caller: Caller, lot: LotDuCatalogue, today: date) -> list[Cible]:
    """Everybody to be told of a lot.

    Raises:
        RuleBroken: its marché is not alive, or it is not known and no establishment of the perimeter is named.
    """
    marches = _marches(connection, caller, lot)
    if not marches:
        return [_unknown(connection, caller, lot, today)]
    alive = [row for row in marches if row["statut"] not in _UNTOLD]
    if not alive:
        refuse([rules.PUBLICATION_ETAT.broken("$.numeroMarche", marche=lot.numero_marche, statut=marches[0]["statut"])])
    return list(_known(connection, alive, today))


def _marches(connection: Connection, caller: Caller, lot: LotDuCatalogue) -> Sequence[RowMapping]:
    """The marchés of the perimeter under that number, of that lot or of none, of that buyer when it is the operator.

    Locked in one order, since each event of a marché takes its next version.
    """
    number = lot.numero_marche
    statement = select(_marche).where(
        or_(_marche.c.id == number, _marche.c.id_contrat == number),
        or_(_marche.c.numero_lot.is_(None), _marche.c.numero_lot == lot.numero),
    )
    if len(lot.operateur) == 14 and lot.operateur.isascii() and lot.operateur.isdigit():
        statement = statement.where(_marche.c.acheteur_siret == lot.operateur)
    statement = within(statement, _marche.c.ght, caller).order_by(_marche.c.uid).with_for_update()
    return connection.execute(statement).mappings().all()


def _known(connection: Connection, marches: Sequence[RowMapping], today: date) -> Iterator[Cible]:
    for row in marches:
        sirets = connection.scalars(
            select(_beneficiaire.c.etablissement_siret)
            .where(_beneficiaire.c.marche_uid == row["uid"])
            .order_by(_beneficiaire.c.rang)
        ).all()
        named = etablissements_named(connection, {row["acheteur_siret"], *sirets}, today)
        yield Cible(
            marche=row["uid"],
            ght=row["ght"],
            acheteur=named[row["acheteur_siret"]],
            beneficiaires=tuple(named[siret] for siret in sirets),
            catalogues=or_(_produit.c.ght.is_(None), _produit.c.ght == row["ght"]),
        )


def _unknown(connection: Connection, caller: Caller, lot: LotDuCatalogue, today: date) -> Cible:
    """The establishments that the lines name by their FINESS, bought for by the support of their GHT (hypothèse)."""
    catalogues: ColumnElement[bool] = true()
    if caller.ghts is not None:
        catalogues = or_(_produit.c.ght.is_(None), _produit.c.ght.in_(sorted(caller.ghts)))
    statement = select(_produit.c.donnees).where(lot.condition(), catalogues, _produit.c.etat != EtatProduit.CLOS.value)
    finess: set[str] = set()
    for donnees in connection.scalars(statement.distinct()):
        finess |= {part.strip() for part in unpacked(donnees).get("beneficiaires", "").replace(",", "|").split("|")}
    sirets = connection.scalars(
        select(_etablissement.c.siret)
        .where(
            or_(
                _etablissement.c.finess_juridique.in_(sorted(finess)),
                _etablissement.c.finess_geographique.in_(sorted(finess)),
            )
        )
        .order_by(_etablissement.c.siret)
    ).all()
    known = etablissements_by_siret(connection, caller, sirets, today)
    told = tuple(known[siret] for siret in sirets if siret in known)
    if not told:
        refuse([rules.PUBLICATION_DESTINATAIRES.broken("$.numeroMarche", marche=lot.numero_marche)])
    ghts = {one.ght for one in told}
    return Cible(
        marche=None,
        ght=ghts.pop() if len(ghts) == 1 else None,
        acheteur=_buyer(connection, caller, lot, told[0], today),
        beneficiaires=told,
        catalogues=catalogues,
    )


def _buyer(
    connection: Connection, caller: Caller, lot: LotDuCatalogue, told: EtablissementConnu, today: date
) -> EtablissementConnu:
    """The operator when it is an establishment of the perimeter, else the support of the GHT, else the first told."""
    support = connection.scalars(
        select(_etablissement.c.siret)
        .join(_rattachement, _rattachement.c.etablissement_uid == _etablissement.c.uid)
        .where(
            _rattachement.c.ght_code == told.ght,
            _rattachement.c.role == "support",
            _rattachement.c.date_debut <= today,
            or_(_rattachement.c.date_fin.is_(None), _rattachement.c.date_fin >= today),
        )
    ).first()
    wanted = [lot.operateur, *([support] if support is not None else [])]
    known = etablissements_by_siret(connection, caller, wanted, today)
    return next((known[siret] for siret in wanted if siret in known), told)
