"""Says the products of a marché to those who order on it: only what changed since it was last said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    and_,
    bindparam,
    case,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)

from semaphore_hub.kernel.access import Caller, within
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import Database, UnitOfWork, table_of
from semaphore_hub.kernel.errors import NotFound
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.modules.marches.models import Marche
from semaphore_hub.modules.marches.produits.cibles import Cible, LotDuCatalogue, cibles
from semaphore_hub.modules.marches.produits.conversion import SEPARATOR
from semaphore_hub.modules.marches.produits.models import (
    EtatProduit,
    Produit,
    ProduitLot,
    ProduitPublication,
    ProduitPublie,
)
from semaphore_hub.modules.marches.produits.schemas import PublicationLotVue, PublicationVue, produit_vue
from semaphore_hub.modules.referentiel.lookups import EtablissementConnu
from semaphore_hub.ports import events, payloads

PART = 1000
"""Lines of one event, at most."""

_marche, _produit, _lot = table_of(Marche), table_of(Produit), table_of(ProduitLot)
_publication, _publie = table_of(ProduitPublication), table_of(ProduitPublie)
_CLOSED = _produit.c.etat == EtatProduit.CLOS.value
Mouvement = Literal["C", "M", "S"]


@dataclass
class _Lot:
    """One lot on its way to its recipients.

    Attributes:
        lot: of the catalogue.
        cible: who is told.
        state: what was said to them before.
        version: of the last event of its subject.
        parties: events written.
        mouvements: lines said, by movement.
    """

    lot: LotDuCatalogue
    cible: Cible
    state: RowMapping
    version: int
    parties: int = 0
    mouvements: Counter[str] = field(default_factory=Counter)


class Publication:
    """One publication, in the caller's transaction.

    Args:
        database: where products are.
        unit: the transaction.
        caller: who asks.
        clock: business clock.
        event_log: where the parts are written.
    """

    def __init__(
        self, database: Database, unit: UnitOfWork, caller: Caller, clock: Clock, event_log: events.EventLog
    ) -> None:
        self._database = database
        self._unit = unit
        self._connection = unit.connection
        self._caller = caller
        self._clock = clock
        self._events = event_log

    def publier(self, numero: str, lot: int | None) -> PublicationVue:
        """See :meth:`~.service.ProduitsService.publier`."""
        lots = [one for one in self._lots(numero) if lot is None or one.numero == lot]
        if not lots:
            which = numero if lot is None else f"{numero} lot {lot}"
            raise NotFound(f"Aucun produit du marché {which} n'est chargé.")
        said = [
            self._publish(one, cible)
            for one in lots
            for cible in cibles(self._connection, self._caller, one, self._clock.today())
        ]
        return PublicationVue(numeroMarche=numero, lots=tuple(said))

    def _lots(self, numero: str) -> list[LotDuCatalogue]:
        """The lots of that marché in the catalogues of the perimeter."""
        statement = select(_lot.c.operateur, _lot.c.debut).where(_lot.c.numero_marche == numero).distinct()
        rows = self._connection.execute(
            within(statement, _lot.c.ght, self._caller).order_by(_lot.c.debut, _lot.c.operateur)
        )
        return [LotDuCatalogue(row.operateur, numero, row.debut.split(SEPARATOR)[1]) for row in rows]

    def _publish(self, lot: LotDuCatalogue, cible: Cible) -> PublicationLotVue:
        state = self._state(lot, cible)
        version = state["version"]
        if cible.marche is not None:
            version = self._connection.execute(
                select(_marche.c.version).where(_marche.c.uid == cible.marche)
            ).scalar_one()
        one = _Lot(lot, cible, state, version)
        before = frozenset(state["beneficiaires"])
        told = tuple(other for other in cible.beneficiaires if not before or other.siret in before)
        joined = tuple(other for other in cible.beneficiaires if before and other.siret not in before)
        self._say(one, told, _changes(one, self._clock.today()), remembered=True)
        if joined:
            self._say(one, joined, _everything(one), remembered=False)
        self._remember(one)
        return PublicationLotVue(
            operateur=lot.operateur,
            numeroLot=lot.numero_lot,
            marche=cible.marche,
            destinataires=tuple(dict.fromkeys([cible.acheteur.siret, *(other.siret for other in cible.beneficiaires)])),
            parties=one.parties,
            creees=one.mouvements["C"],
            modifiees=one.mouvements["M"],
            supprimees=one.mouvements["S"],
        )

    def _state(self, lot: LotDuCatalogue, cible: Cible) -> RowMapping:
        """What was said of the lot before; locked."""
        key = {
            "operateur": lot.operateur,
            "numero_marche": lot.numero_marche,
            "numero_lot": lot.numero_lot,
            "cible": cible.cle,
        }
        statement = select(_publication).filter_by(**key).with_for_update()
        row = self._connection.execute(statement).mappings().first()
        if row is not None:
            return row
        # Somebody else may be the first to publish this lot at the same time: its row is then waited for.
        self._connection.execute(
            self._database.insert(_publication)
            .values(uid=new_id(), version=0, beneficiaires=[], **key)
            .on_conflict_do_nothing(index_elements=list(key))
        )
        return self._connection.execute(statement).mappings().one()

    def _say(self, one: _Lot, told: tuple[EtablissementConnu, ...], lines: Select[Any], *, remembered: bool) -> None:
        """Write the lines by parts, read in the order of their keys: what is remembered of a part changes no later."""
        total = self._connection.execute(select(func.count()).select_from(lines.subquery())).scalar_one()
        parts = -(-total // PART)
        for number, rows in enumerate(self._pages(lines), 1):
            self._append(one, told, number, parts, rows)
            if remembered:
                self._keep(one, rows)

    def _pages(self, lines: Select[Any]) -> Iterator[list[RowMapping]]:
        ordered = lines.order_by(_produit.c.cle, _produit.c.date_debut, _produit.c.id).limit(PART)
        page = list(self._connection.execute(ordered).mappings())
        while page:
            yield page
            if len(page) < PART:
                return
            last = page[-1]
            later = or_(
                _produit.c.cle > last["cle"],
                and_(_produit.c.cle == last["cle"], _produit.c.date_debut > last["date_debut"]),
            )
            page = list(self._connection.execute(ordered.where(later)).mappings())

    def _append(
        self, one: _Lot, told: tuple[EtablissementConnu, ...], number: int, parts: int, rows: list[RowMapping]
    ) -> None:
        cible = one.cible
        payload = payloads.ProduitsPayload(
            marche=payloads.MarcheDesProduits(
                numero=one.lot.numero_marche,
                lot=one.lot.numero or None,  # 0 says that the marché has no lots
                uid=cible.marche,
                acheteur=cible.acheteur.payload(),
                beneficiaires=tuple(other.payload() for other in told),
            ),
            partie=number,
            parties=parts,
            lignes=tuple(_line(row) for row in rows),
        )
        one.version += 1
        one.parties += 1
        one.mouvements.update(row["mouvement"] for row in rows)
        self._events.append(
            self._unit,
            events.Event(
                id=new_id(),
                type=events.PRODUITS_PUBLIES,
                subject=f"publication/{one.state['uid']}" if cible.marche is None else f"marche/{cible.marche}",
                version=one.version,
                time=self._clock.now(),
                ght=cible.ght,
                data=payload.model_dump(mode="json", exclude_none=True),
            ),
        )

    def _keep(self, one: _Lot, rows: list[RowMapping]) -> None:
        """Remember what was said."""
        new, known = [], []
        for row in rows:
            values = {"empreinte": row["empreinte"], "retire": row["mouvement"] == "S"}
            if row["dit"] is None:
                place = {"publication_uid": one.state["uid"], "cle": row["cle"], "date_debut": row["date_debut"]}
                new.append({**place, **values})
            else:
                known.append({"k_cle": row["cle"], "k_debut": row["date_debut"], **values})
        if new:
            self._connection.execute(insert(_publie), new)
        if known:
            self._connection.execute(
                update(_publie).where(
                    _publie.c.publication_uid == one.state["uid"],
                    _publie.c.cle == bindparam("k_cle"),
                    _publie.c.date_debut == bindparam("k_debut"),
                ),
                known,
            )

    def _remember(self, one: _Lot) -> None:
        """The version of the subject, and who has been told everything."""
        if one.parties and one.cible.marche is not None:
            self._connection.execute(
                update(_marche).where(_marche.c.uid == one.cible.marche).values(version=one.version)
            )
        values: dict[str, Any] = {}
        if one.cible.marche is None:
            values["version"] = one.version
        if one.parties or one.state["beneficiaires"]:
            values["beneficiaires"] = sorted(other.siret for other in one.cible.beneficiaires)
        if values:
            self._connection.execute(update(_publication).where(_publication.c.uid == one.state["uid"]).values(values))


def _joined(one: _Lot, mouvement: ColumnElement[Any]) -> Select[Any]:
    """The products of the lot, each beside what was last said of it."""
    said = and_(
        _publie.c.publication_uid == one.state["uid"],
        _publie.c.cle == _produit.c.cle,
        _publie.c.date_debut == _produit.c.date_debut,
    )
    return (
        select(_produit, mouvement.label("mouvement"), _publie.c.empreinte.label("dit"))
        .outerjoin(_publie, said)
        .where(one.lot.condition(), one.cible.catalogues)
    )


def _changes(one: _Lot, today: date) -> Select[Any]:
    """The lines that say something new. A price that ended before it was ever said is of no use to anybody."""
    never = _publie.c.cle.is_(None)
    mouvement = case(
        (and_(never, ~_CLOSED, _produit.c.date_fin >= today), literal("C")),
        (never, null()),
        (and_(_CLOSED, ~_publie.c.retire), literal("S")),
        (_CLOSED, null()),
        (_publie.c.retire, literal("C")),
        (_publie.c.empreinte != _produit.c.empreinte, literal("M")),
        else_=null(),
    )
    return _joined(one, mouvement).where(mouvement.is_not(None))


def _everything(one: _Lot) -> Select[Any]:
    """Every line that stands, for those who have been told nothing yet."""
    return _joined(one, literal("C")).where(_publie.c.cle.is_not(None), ~_publie.c.retire)


def _line(row: RowMapping) -> payloads.LigneProduit:
    vue = produit_vue(row)
    return payloads.LigneProduit(
        mouvement=row["mouvement"],
        reference=vue.referenceFournisseur,
        libelle=vue.libelleProduit,
        typeIdentifiant="SIRET",
        fournisseur=vue.fournisseurSiret,
        prixUnitaireHT=vue.prixUnitaireHT,
        tauxTVA=vue.tauxTVA,
        unitePrix=vue.unitePrix,
        uniteCommande=vue.uniteCommande,
        quantiteParConditionnement=vue.quantiteParConditionnement,
        minimumCommande=vue.minimumCommande,
        codeNomenclature=vue.codeNomenclature,
        gtin=vue.gtin,
        codeUCD=vue.codeUcd,
        codeCIP13=vue.codeCip13,
        dateDebut=vue.dateDebut,
        dateFin=vue.dateFin,
    )
