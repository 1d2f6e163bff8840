"""What the lines of a file mean beside what is loaded: marché known or over, movement possible, price that jumps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
from sqlalchemy import Connection, String, select, type_coerce, update

from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.marches import models as marches
from semaphore_hub.modules.marches.produits import rules
from semaphore_hub.modules.marches.produits.check import Constat
from semaphore_hub.modules.marches.produits.conversion import after
from semaphore_hub.modules.marches.produits.expressions import MICRO
from semaphore_hub.modules.marches.produits.models import EtatImport, EtatProduit, Produit, ProduitImport, ProduitLot
from semaphore_hub.modules.marches.produits.reader import LIGNE
from semaphore_hub.modules.referentiel.rules import Rule

DEFAULT_JUMP = Decimal(30)
"""Percentage of price change past which a line is pointed at: hypothèse."""
ENDED = frozenset({"echu", "resilie", "solde", "infructueux", "sans_suite"})
"""Statuses of a marché whose products are not taken any more."""
_BATCH = 500

_marche = table_of(marches.Marche)
_produit = table_of(Produit)
_import = table_of(ProduitImport)
_lot = table_of(ProduitLot)
# The day as the driver gives it: on SQLite the text that is stored, read a million times in a large file.
_STORED = (
    _produit.c.cle,
    type_coerce(_produit.c.date_debut, String),
    _produit.c.prix_unitaire_ht,
    _produit.c.empreinte,
    _produit.c.etat,
)

_KNOWN = {
    "cle": pl.String,
    "date_debut": pl.String,
    "prix_charge": pl.Int64,
    "empreinte_chargee": pl.Int64,
    "etat_charge": pl.String,
}


@dataclass(frozen=True, slots=True)
class Matched:
    """What was learnt of some lines.

    Attributes:
        etat: state each line will have, in their order.
        known: every price period already loaded of the same products.
        constats: errors and warnings.
    """

    etat: pl.Series
    known: pl.DataFrame
    constats: tuple[Constat, ...]


@dataclass
class Matching:
    """Compares lines with what other imports loaded.

    Attributes:
        import_id: the import under way; what it loaded itself is not looked at.
        ght: GHT of the catalogue, ``None`` when common to all.
        jour: business day of the import: prices that ended before it are refused.
        seuil: price change that is pointed at, in percent.
    """

    import_id: str
    ght: str | None
    jour: date
    seuil: Decimal = DEFAULT_JUMP
    _said: set[tuple[str, ...]] = field(default_factory=set)
    _marches: dict[tuple[str, str], str | None] = field(default_factory=dict)

    def examine(self, connection: Connection, rows: pl.DataFrame) -> Matched:
        """Look at lines made by :func:`~.conversion.heads_of`."""
        constats: list[Constat] = []
        statuses = self._statuses(connection, rows)
        situation = rows.select("operateur", "numero_marche").join(
            statuses, on=["operateur", "numero_marche"], how="left", maintain_order="left"
        )["statut"]
        closing = (rows["code_mouvement"] == "S").fill_null(value=False)
        etat = (
            pl.select(
                pl.when(closing)
                .then(pl.lit(EtatProduit.CLOS.value))
                .when(situation.is_null())
                .then(pl.lit(EtatProduit.EN_ATTENTE.value))
                .otherwise(pl.lit(EtatProduit.ACTIF.value))
            )
            .to_series()
            .alias("etat")
        )
        for line, marche, statut in (
            rows.select(LIGNE, "numero_marche", situation)
            .filter(situation.is_in(pl.Series(sorted(ENDED)).implode()).fill_null(value=False))
            .iter_rows()
        ):
            constats.append(
                _found(rules.LOT_ECHU, "error", line, "numero_marche", marche, marche=marche, statut=statut)
            )
        ended = rows.filter((rows["date_fin"] < self.jour.isoformat()) & ~closing)
        for line, end in ended.select(LIGNE, "date_fin").iter_rows():
            constats.append(_found(rules.PERIODE_ECHUE, "error", line, "date_fin", end, date=end))
        constats += self._waiting(rows, situation)
        known = self._known(connection, rows)
        constats += _movements(rows, known)
        if known.height:
            constats += _creations(rows, known)
            constats += self._jumps(rows, known)
        return Matched(etat, known, tuple(constats))

    def has_earlier(self, connection: Connection) -> bool:
        """Whether another import loaded anything to compare with."""
        same = _import.c.ght.is_(None) if self.ght is None else _import.c.ght == self.ght
        loaded = _import.c.etat.in_([EtatImport.EN_COURS.value, EtatImport.TERMINE.value])
        earlier = select(_import.c.id).where(same, loaded, _import.c.id != self.import_id).limit(1)
        return connection.execute(earlier).first() is not None

    def activate(self, connection: Connection) -> None:
        """Make active the lines, of any import of this catalogue, that waited for a marché the hub now knows."""
        same = _lot.c.ght.is_(None) if self.ght is None else _lot.c.ght == self.ght
        waiting = pl.DataFrame(
            connection.execute(
                select(_lot.c.operateur, _lot.c.numero_marche, _lot.c.debut, _lot.c.fin)
                .where(same, _lot.c.en_attente)
                .distinct()
            ).all(),
            schema=["operateur", "numero_marche", "debut", "fin"],
            orient="row",
        )
        if not waiting.height:
            return
        # Statuses are asked again: those remembered are as old as the beginning of the import.
        self._marches.clear()
        statuses = self._statuses(connection, waiting)
        arrived = waiting.join(statuses, on=["operateur", "numero_marche"]).filter(
            pl.col("statut").is_not_null() & ~pl.col("statut").is_in(sorted(ENDED))
        )
        for operateur, debut, fin in arrived.select("operateur", "debut", "fin").iter_rows():
            connection.execute(
                update(_produit)
                .where(_produit.c.cle >= debut, _produit.c.cle < after(debut), _produit.c.operateur == operateur)
                .where(_produit.c.ght.is_(None) if self.ght is None else _produit.c.ght == self.ght)
                .where(_produit.c.etat == EtatProduit.EN_ATTENTE.value)
                .values(etat=EtatProduit.ACTIF.value)
            )
            connection.execute(update(_lot).where(_lot.c.debut == debut, _lot.c.fin == fin).values(en_attente=False))

    def _statuses(self, connection: Connection, rows: pl.DataFrame) -> pl.DataFrame:
        """Status of each marché of the lines, null when the hub does not know it."""
        pairs = list(rows.select("operateur", "numero_marche").unique().iter_rows())
        wanted = [pair for pair in pairs if pair not in self._marches]
        for start in range(0, len(wanted), _BATCH):
            batch = wanted[start : start + _BATCH]
            statement = select(_marche.c.id, _marche.c.acheteur_siret, _marche.c.statut).where(
                _marche.c.id.in_([number for _, number in batch])
            )
            if self.ght is not None:
                statement = statement.where(_marche.c.ght == self.ght)
            found = connection.execute(statement).all()
            for operateur, number in batch:
                # An operator named by its SIRET is the buyer; a name says nothing of it.
                fitting = [
                    row.statut
                    for row in found
                    if row.id == number and (not _is_siret(operateur) or row.acheteur_siret == operateur)
                ]
                alive = [statut for statut in fitting if statut not in ENDED]
                self._marches[operateur, number] = (alive or fitting or [None])[0]
        return pl.DataFrame(
            [(*pair, self._marches[pair]) for pair in pairs],
            schema={"operateur": pl.String, "numero_marche": pl.String, "statut": pl.String},
            orient="row",
        )

    def _waiting(self, rows: pl.DataFrame, situation: pl.Series) -> list[Constat]:
        """One warning per lot of a marché that is not known, at its first line."""
        columns = ("operateur", "numero_marche", "numero_lot")
        first = rows.filter(situation.is_null()).group_by(columns, maintain_order=True).agg(pl.col(LIGNE).first())
        found = []
        for operateur, marche, lot, line in first.iter_rows():
            if (operateur, marche, lot) not in self._said:
                self._said.add((operateur, marche, lot))
                found.append(_found(rules.EN_ATTENTE, "warning", line, "numero_marche", marche, marche=marche, lot=lot))
        return found

    def _known(self, connection: Connection, rows: pl.DataFrame) -> pl.DataFrame:
        """Every price period loaded by other imports of the products of these lines."""
        found: list[pl.DataFrame] = [pl.DataFrame(schema=_KNOWN)]
        if self.has_earlier(connection):
            products = rows["cle"].unique().to_list()
            for start in range(0, len(products), _BATCH):
                statement = select(*_STORED).where(
                    _produit.c.cle.in_(products[start : start + _BATCH]), _produit.c.import_id != self.import_id
                )
                loaded = [(cle, str(begun), *rest) for cle, begun, *rest in connection.execute(statement).all()]
                found.append(pl.DataFrame(loaded, schema=_KNOWN, orient="row"))
        return pl.concat(found)

    def _jumps(self, rows: pl.DataFrame, known: pl.DataFrame) -> list[Constat]:
        """Prices far from the last one loaded that began on that day or before (the earliest one failing that)."""
        begun = pl.col("date_debut").str.to_date("%Y-%m-%d").alias("jour")
        loaded = known.select("cle", begun, "prix_charge").sort("jour")
        earliest = loaded.group_by("cle", maintain_order=True).agg(pl.col("prix_charge").first().alias("premier"))
        price, before = pl.col("prix_unitaire_ht"), pl.col("avant")
        jumped = (
            rows.select(LIGNE, "cle", begun, "prix_unitaire_ht")
            .sort("jour")
            .join_asof(loaded, on="jour", by="cle", strategy="backward", check_sortedness=False)
            .join(earliest, on="cle")
            .with_columns(pl.coalesce("prix_charge", "premier").alias("avant"))
            .filter((price - before).abs() * 100.0 > before * float(self.seuil))
            .select(LIGNE, "avant", "prix_unitaire_ht")
            .sort(LIGNE)
        )
        found = []
        for line, old, new in jumped.iter_rows():
            shown = {"avant": _euros(old), "apres": _euros(new), "seuil": f"{self.seuil:f}"}
            found.append(_found(rules.PRIX_ECART, "warning", line, "prix_unitaire_ht", _euros(new), **shown))
        return found


def _movements(rows: pl.DataFrame, known: pl.DataFrame) -> list[Constat]:
    """Changes of products, and withdrawals of price periods, that were never loaded."""
    changes = rows.filter((rows["code_mouvement"] == "M").fill_null(value=False)).join(known, on="cle", how="anti")
    closures = rows.filter((rows["code_mouvement"] == "S").fill_null(value=False))
    closures = closures.join(known, on=["cle", "date_debut"], how="anti")
    lines = pl.concat([changes, closures]).select(LIGNE, "code_mouvement").iter_rows()
    return [
        _found(rules.MOUVEMENT, "error", line, "code_mouvement", movement, mouvement=movement)
        for line, movement in lines
    ]


def _creations(rows: pl.DataFrame, known: pl.DataFrame) -> list[Constat]:
    """Lines said to be new that another file loaded otherwise."""
    new = rows.filter((rows["code_mouvement"] == "C").fill_null(value=False))
    other = new.join(known, on=["cle", "date_debut"]).filter(pl.col("empreinte") != pl.col("empreinte_chargee"))
    return [_found(rules.CREATION, "warning", line, "code_mouvement", "C") for line in other[LIGNE]]


def _found(rule: Rule, severity: Any, line: int, column: str, value: str, **values: object) -> Constat:
    problem = rule.broken("", **values)
    return Constat(line, column, problem.rule, severity, value, problem.message)


def _is_siret(operateur: str) -> bool:
    return len(operateur) == 14 and operateur.isascii() and operateur.isdigit()


def _euros(micro: int) -> str:
    text = f"{Decimal(micro) / MICRO:f}"
    whole, _, decimals = text.partition(".")
    return f"{whole},{decimals.ljust(2, '0')}"
