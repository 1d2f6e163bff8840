"""What the hub knows, as far as it is compared: marchés with their first and present values, lots of consultations."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, and_, select, tuple_

from semaphore_hub.kernel.access import Caller, within
from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.money import from_cents
from semaphore_hub.modules.marches.lifecycle import Statut
from semaphore_hub.modules.marches.models import Marche, MarcheProjet
from semaphore_hub.modules.marches.projets.donnees import Donnees, Projet
from semaphore_hub.modules.marches.reading import Whole, read_whole

_marche, _projet = table_of(Marche), table_of(MarcheProjet)
_BATCH = 500
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class MarcheConnu:
    """A marché of the hub. Where an amendment changed a value, the first one and the present one are both admitted.

    (The DECP freezes what was notified, and platforms are seen to publish either: hypothèse.)

    Attributes:
        uid: in the hub.
        id: the buyer's number.
        statut: where it stands.
        objet: as published.
        montants: HT, first then present.
        durees: months, first then present.
        titulaires: identifiers, first then present.
        notification: day, once notified.
        offres: how many were received.
        modifications: how many amendments.
    """

    uid: str
    id: str
    statut: Statut
    objet: str
    montants: tuple[Decimal, Decimal]
    durees: tuple[int, int]
    titulaires: tuple[frozenset[str], frozenset[str]]
    notification: date | None
    offres: int
    modifications: int


@dataclass(frozen=True, slots=True)
class LotConnu:
    """A lot of a consultation in the hub, or the whole of one without lots: its projet, its marché, or both.

    Attributes:
        uid: of both.
        id: the buyer's number.
        acheteur: SIRET.
        reference: of the consultation; the buyer's number when it has none of its own (so does PLACE's connector).
        numero: number of the lot.
        statut: the marché's, once there is one.
        offres: counted at the opening; ``None`` before it.
        procedure: steps of the projet; ``None`` for a marché recorded without one.
        marche: once attributed.
    """

    uid: str
    id: str
    acheteur: str
    reference: str
    numero: int | None
    statut: Statut
    offres: int | None
    procedure: Donnees | None
    marche: MarcheConnu | None

    @property
    def lance(self) -> bool:
        """Whether it was published: before, PLACE need not know it."""
        return self.procedure is None or self.procedure.dateLancement is not None


def marche_connu(whole: Whole) -> MarcheConnu:
    """A marché as it is compared."""
    row, initial = whole.row, whole.vie.initial
    present = frozenset(holding.fournisseur.payload.id for holding in whole.holdings)
    amount, months = from_cents(row["montant_cents"]), row["duree_mois"]
    first = present
    if initial is not None:
        first = frozenset(whole.fournisseurs[one.fournisseur].payload.id for one in initial.titulaires)
    return MarcheConnu(
        uid=row["uid"],
        id=row["id"],
        statut=Statut(row["statut"]),
        objet=row["objet"],
        montants=(amount if initial is None else initial.montant, amount),
        durees=(months if initial is None else initial.dureeMois, months),
        titulaires=(first, present),
        notification=row["date_notification"],
        offres=whole.description.offresRecues,
        modifications=len(whole.modifications),
    )


def marches_connus(connection: Connection, caller: Caller, uids: Collection[str]) -> dict[str, MarcheConnu]:
    """Marchés of the caller's perimeter, by uid."""
    rows = _rows(connection, caller, _marche, uids=uids)
    return {whole.row["uid"]: marche_connu(whole) for whole in read_whole(connection, rows)}


def lots_connus(
    connection: Connection, caller: Caller, uids: Collection[str], references: Collection[tuple[str, str]]
) -> list[LotConnu]:
    """Projets and marchés of some consultations, in the caller's perimeter.

    Args:
        connection: the transaction.
        caller: what it may see.
        uids: identifiers that PLACE kept.
        references: buyer and reference of each consultation; one without lots and without a reference of its own bears
            the projet's number at PLACE.

    Returns:
        By number, then uid.
    """
    projets = {row["uid"]: row for row in _rows(connection, caller, _projet, uids=uids, references=references)}
    rows = _rows(connection, caller, _marche, uids={*uids, *projets}, references=references)
    marches = {whole.row["uid"]: whole for whole in read_whole(connection, rows)}
    found = [_lot(projets.get(uid), marches.get(uid)) for uid in {*projets, *marches}]
    return sorted(found, key=lambda one: (one.numero or 0, one.uid))


def _lot(projet: RowMapping | None, whole: Whole | None) -> LotConnu:
    steps = None if projet is None else Projet.of(projet).donnees
    marche = None if whole is None else marche_connu(whole)
    row = projet if whole is None else whole.row
    assert row is not None
    # The marché of a projet without lots does not repeat the reference of its consultation.
    reference = (None if projet is None else projet["consultation"]) or row["consultation"] or row["id"]
    offers = None if marche is None else marche.offres
    return LotConnu(
        uid=row["uid"],
        id=row["id"],
        acheteur=row["acheteur_siret"],
        reference=reference,
        numero=row["numero_lot"],
        statut=Statut(row["statut"]),
        offres=offers if steps is None else steps.offresRecues,
        procedure=steps,
        marche=marche,
    )


def _rows(
    connection: Connection,
    caller: Caller,
    table: Table,
    *,
    uids: Collection[str],
    references: Collection[tuple[str, str]] = (),
) -> list[RowMapping]:
    """Rows of projets or marchés, by uid, or by buyer and reference; each once."""
    found: dict[str, RowMapping] = {}
    for condition in _conditions(table, sorted(uids), sorted(references)):
        for row in connection.execute(within(select(table).where(condition), table.c.ght, caller)).mappings():
            found[row["uid"]] = row
    return list(found.values())


def _conditions(
    table: Table, uids: Sequence[str], references: Sequence[tuple[str, str]]
) -> Iterator[ColumnElement[bool]]:
    for some in batches(uids):
        yield table.c.uid.in_(some)
    for keys in batches(references):
        yield tuple_(table.c.acheteur_siret, table.c.consultation).in_(keys)
        yield and_(table.c.consultation.is_(None), tuple_(table.c.acheteur_siret, table.c.id).in_(keys))


def batches(values: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """Values some at a time: databases bound the parameters of a statement."""
    for start in range(0, len(values), _BATCH):
        yield values[start : start + _BATCH]
