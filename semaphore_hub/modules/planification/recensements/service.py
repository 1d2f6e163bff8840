"""Census of needs: open, state needs, close, sum up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select, tuple_, update

from semaphore_hub.kernel.access import WRITERS, Caller, within
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import NotFound, WrongState
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.kernel.money import from_cents
from semaphore_hub.modules.planification import rules
from semaphore_hub.modules.planification.donnees import Row
from semaphore_hub.modules.planification.models import PlanBesoin, PlanRecensement
from semaphore_hub.modules.planification.nomenclatures import nchfs_connus
from semaphore_hub.modules.planification.recensements import besoins as needs
from semaphore_hub.modules.planification.recensements.schemas import (
    BesoinEntree,
    BesoinsEnregistres,
    BesoinsEntree,
    BesoinVue,
    NouveauRecensement,
    RecensementVue,
    SyntheseVue,
)
from semaphore_hub.modules.planification.recensements.synthese import synthese
from semaphore_hub.modules.referentiel.ecriture import jour_ecrit
from semaphore_hub.modules.referentiel.familles import familles
from semaphore_hub.modules.referentiel.lookups import etablissements_by_siret
from semaphore_hub.modules.referentiel.models import Ght
from semaphore_hub.modules.referentiel.rows import page_of, require_version
from semaphore_hub.modules.referentiel.rules import refuse
from semaphore_hub.ports import events
from semaphore_hub.ports.payloads.achats import RecensementPayload

_recensement, _besoin, _ght = table_of(PlanRecensement), table_of(PlanBesoin), table_of(Ght)


class RecensementsService:
    """Operations on censuses. Each takes the unit of work of its request; none commits.

    A census is said when it opens and when it closes; the needs stated in between are not said one by one, and each has
    its own version.

    Args:
        clock: business clock.
        event_log: where events are written, in the same transaction.
    """

    def __init__(self, clock: Clock, event_log: events.EventLog) -> None:
        self._clock = clock
        self._events = event_log

    def ouvrir(self, unit: UnitOfWork, caller: Caller, nouveau: NouveauRecensement) -> RecensementVue:
        """Open a census (``planification.recensement_ouvert``).

        Raises:
            Forbidden: the caller's role does not write.
            RuleBroken: unknown GHT, it closes before it opens.
        """
        caller.require(*WRITERS)
        known = unit.connection.execute(select(_ght.c.code).where(_ght.c.code == nouveau.ght)).first()
        problems = []
        if known is None or not caller.may_see(nouveau.ght):
            problems.append(rules.RECENSEMENT_GHT.broken("$.ght", ght=nouveau.ght))
        if nouveau.cloture < nouveau.ouverture:
            said = {"cloture": jour_ecrit(nouveau.cloture), "ouverture": jour_ecrit(nouveau.ouverture)}
            problems.append(rules.RECENSEMENT_DATES.broken("$.cloture", **said))
        refuse(problems)
        row: dict[str, Any] = {
            "uid": new_id(),
            "version": 1,
            "ght": nouveau.ght,
            "annee": nouveau.annee,
            "intitule": nouveau.intitule,
            "ouverture": nouveau.ouverture,
            "cloture": nouveau.cloture,
            "statut": "ouvert",
            "created_ms": int(self._clock.now().timestamp() * 1000),
        }
        unit.connection.execute(insert(_recensement), row)
        return self._say(unit, events.RECENSEMENT_OUVERT, row)

    def clore(self, unit: UnitOfWork, caller: Caller, uid: str, version: int) -> RecensementVue:
        """Close a census, even before its last day (``planification.recensement_clos``): no need changes any more.

        Raises:
            Forbidden, NotFound, Outdated: see the errors of the kernel.
            WrongState: it is closed already.
        """
        caller.require(*WRITERS)
        row = self._found(unit.connection, caller, uid, lock=True)
        require_version(row, version)
        _require_open(row)
        values = {"statut": "clos", "version": version + 1}
        unit.connection.execute(update(_recensement).where(_recensement.c.uid == uid).values(values))
        return self._say(unit, events.RECENSEMENT_CLOS, {**row, **values})

    def ajouter(self, unit: UnitOfWork, caller: Caller, uid: str, besoin: BesoinEntree) -> BesoinVue:
        """State one need.

        Raises:
            Forbidden, NotFound: see the errors of the kernel.
            WrongState: the census is closed.
            RuleBroken: out of its window, unknown établissement or family, or a need already stated.
        """
        census = self._for_needs(unit, caller, uid)
        found = familles(unit.connection)
        self._check(unit.connection, census, [("$", besoin)])
        if self._stated(unit.connection, uid, [besoin]):
            said = {"siret": besoin.etablissement, "reference": besoin.reference}
            refuse([rules.BESOIN_EXISTE.broken("$.reference", **said)])
        row = self._new(census, besoin, needs.colonnes(besoin, found))
        unit.connection.execute(insert(_besoin), row)
        codes = {besoin.codeNCHFS} if besoin.codeNCHFS else set()
        stored = unit.connection.execute(select(_besoin).where(_besoin.c.uid == row["uid"])).mappings().one()
        return needs.vue(stored, nchfs_connus(unit.connection, codes))

    def enregistrer(self, unit: UnitOfWork, caller: Caller, uid: str, donnes: BesoinsEntree) -> BesoinsEnregistres:
        """State needs, or state them again, by établissement and reference: all of them or none.

        Raises:
            Forbidden, NotFound: see the errors of the kernel.
            WrongState: the census is closed.
            RuleBroken: every line at fault, each at its place.
        """
        census = self._for_needs(unit, caller, uid)
        found, given = familles(unit.connection), list(donnes.besoins)
        places = [f"$.besoins[{rank}]" for rank in range(len(given))]
        self._check(unit.connection, census, list(zip(places, given, strict=True)))
        stated = self._stated(unit.connection, uid, given)
        created, changed, problems = list[dict[str, Any]](), list[tuple[RowMapping, dict[str, Any]]](), []
        for place, one in zip(places, given, strict=True):
            values, row = needs.colonnes(one, found), stated.get(needs.cle(one))
            if row is None:
                created.append(self._new(census, one, values))
                continue
            problems += needs.problemes_de_changement(place, one, row, values)
            if any(row[name] != value for name, value in values.items()):
                changed.append((row, values))
        refuse(problems)
        if created:
            unit.connection.execute(insert(_besoin), created)
        for row, values in changed:
            statement = update(_besoin).where(_besoin.c.uid == row["uid"])
            unit.connection.execute(statement.values(**values, version=row["version"] + 1))
        codes = nchfs_connus(unit.connection, {one.codeNCHFS for one in given if one.codeNCHFS})
        return BesoinsEnregistres(
            crees=len(created),
            modifies=len(changed),
            inchanges=len(given) - len(created) - len(changed),
            montantAnnuel=sum((one.montantAnnuel for one in given), Decimal(0)),
            avertissements=tuple(
                warning
                for place, one in zip(places, given, strict=True)
                for warning in needs.avertissements(place, one.codeNCHFS, codes)
            ),
        )

    def lire(self, connection: Connection, caller: Caller, uid: str) -> RecensementVue:
        """One census of the caller's perimeter.

        Raises:
            NotFound: no such census there.
        """
        return self._views(connection, [self._found(connection, caller, uid)])[0]

    def lister(
        self, connection: Connection, caller: Caller, filtres: Mapping[str, Any], *, limit: int, after: str | None
    ) -> tuple[list[RecensementVue], str | None]:
        """A page of censuses, newest first, and the uid of its last item when there are more.

        Args:
            connection: where to read.
            caller: who asks.
            filtres: wanted value by column (``ght``, ``annee``, ``statut``); None for any.
            limit: number of items.
            after: uid after which the page starts.
        """
        statement = within(select(_recensement), _recensement.c.ght, caller)
        for column, value in filtres.items():
            if value is not None:
                statement = statement.where(_recensement.c[column] == value)
        rows, last = page_of(connection, statement, _recensement.c.uid, limit, after, newest_first=True)
        return self._views(connection, rows), last

    def besoins(
        self,
        connection: Connection,
        caller: Caller,
        uid: str,
        filtres: Mapping[str, str | None],
        *,
        non_repris: bool,
        limit: int,
        after: str | None,
    ) -> tuple[list[BesoinVue], str | None]:
        """A page of the needs of a census, in the order they were first stated.

        Args:
            connection: where to read.
            caller: who asks.
            uid: the census.
            filtres: wanted value by column (``etablissement_siret``, ``code_nchfs``); None for any.
            non_repris: only those that no project takes.
            limit: number of items.
            after: uid after which the page starts.

        Raises:
            NotFound: no such census in the caller's perimeter.
        """
        self._found(connection, caller, uid)
        statement = select(_besoin).where(_besoin.c.recensement_uid == uid)
        for column, value in filtres.items():
            if value is not None:
                statement = statement.where(_besoin.c[column] == value)
        if non_repris:
            statement = statement.where(_besoin.c.projet_uid.is_(None))
        rows, last = page_of(connection, statement, _besoin.c.uid, limit, after)
        codes = nchfs_connus(connection, {row["code_nchfs"] for row in rows if row["code_nchfs"]})
        return [needs.vue(row, codes) for row in rows], last

    def synthese(self, connection: Connection, caller: Caller, uid: str) -> SyntheseVue:
        """A census summed by category and établissement, with those who have not answered.

        Raises:
            NotFound: no such census in the caller's perimeter.
        """
        row = self._found(connection, caller, uid)
        return synthese(connection, row, min(self._clock.today(), row["cloture"]))

    def _found(self, connection: Connection, caller: Caller, uid: str, *, lock: bool = False) -> RowMapping:
        statement = within(select(_recensement).where(_recensement.c.uid == uid), _recensement.c.ght, caller)
        row = connection.execute(statement.with_for_update() if lock else statement).mappings().first()
        if row is None:
            raise NotFound(f"Le recensement {uid} n'existe pas.")
        return row

    def _for_needs(self, unit: UnitOfWork, caller: Caller, uid: str) -> RowMapping:
        """The census, locked so that it does not close meanwhile, when needs may be stated today."""
        caller.require(*WRITERS)
        row = self._found(unit.connection, caller, uid, lock=True)
        _require_open(row)
        today = self._clock.today()
        if not row["ouverture"] <= today <= row["cloture"]:
            said = {name: jour_ecrit(row[name]) for name in ("ouverture", "cloture")}
            refuse([rules.RECENSEMENT_FENETRE.broken("$", **said, jour=jour_ecrit(today))])
        return row

    def _check(self, connection: Connection, census: RowMapping, given: Sequence[tuple[str, BesoinEntree]]) -> None:
        sirets = {one.etablissement for _, one in given}
        members = etablissements_by_siret(connection, None, sirets, self._clock.today())
        refuse(needs.problemes(given, census["ght"], members, familles(connection)))

    def _stated(self, connection: Connection, uid: str, given: Sequence[BesoinEntree]) -> dict[needs.Cle, RowMapping]:
        key = tuple_(_besoin.c.etablissement_siret, _besoin.c.reference)
        statement = select(_besoin).where(_besoin.c.recensement_uid == uid, key.in_([needs.cle(one) for one in given]))
        return {
            (row["etablissement_siret"], row["reference"]): row
            for row in connection.execute(statement.order_by(_besoin.c.uid).with_for_update()).mappings()
        }

    def _new(self, census: RowMapping, besoin: BesoinEntree, values: Mapping[str, Any]) -> dict[str, Any]:
        return {
            **values,
            "uid": new_id(),
            "version": 1,
            "recensement_uid": census["uid"],
            "ght": census["ght"],
            "etablissement_siret": besoin.etablissement,
            "reference": besoin.reference,
            "projet_uid": None,
            "created_ms": int(self._clock.now().timestamp() * 1000),
        }

    def _views(self, connection: Connection, rows: Sequence[Row]) -> list[RecensementVue]:
        statement = (
            select(_besoin.c.recensement_uid, func.count(), func.sum(_besoin.c.montant_annuel_cents))
            .where(_besoin.c.recensement_uid.in_([row["uid"] for row in rows]))
            .group_by(_besoin.c.recensement_uid)
        )
        totals = {uid: (count, int(cents)) for uid, count, cents in connection.execute(statement)}
        return [_view(row, *totals.get(row["uid"], (0, 0))) for row in rows]

    def _say(self, unit: UnitOfWork, event_type: str, row: Mapping[str, Any]) -> RecensementVue:
        view = self._views(unit.connection, [row])[0]
        payload = RecensementPayload(
            uid=view.uid,
            ght=view.ght,
            annee=view.annee,
            intitule=view.intitule,
            ouverture=view.ouverture,
            cloture=view.cloture,
            besoins=view.besoins,
            montantAnnuel=view.montantAnnuel,
        )
        self._events.append(
            unit,
            events.Event(
                id=new_id(),
                type=event_type,
                subject=f"recensement/{view.uid}",
                version=view.version,
                time=self._clock.now(),
                ght=view.ght,
                data=payload.model_dump(mode="json", exclude_none=True),
            ),
        )
        return view


def _require_open(row: RowMapping) -> None:
    if row["statut"] != "ouvert":
        raise WrongState("Le recensement est clos : ses besoins ne changent plus.")


def _view(row: Row, count: int, cents: int) -> RecensementVue:
    return RecensementVue(
        uid=row["uid"],
        version=row["version"],
        ght=row["ght"],
        annee=row["annee"],
        intitule=row["intitule"],
        ouverture=row["ouverture"],
        cloture=row["cloture"],
        statut=row["statut"],
        besoins=count,
        montantAnnuel=from_cents(cents),
        creeLe=datetime.fromtimestamp(row["created_ms"] / 1000, UTC),
    )
