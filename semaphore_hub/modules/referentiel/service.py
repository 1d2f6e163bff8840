"""Référentiel: GHT, établissements and their dated membership; suppliers are in :mod:`.fournisseurs`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from semaphore_hub.kernel.access import Caller, Role, within
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import AlreadyExists, NotFound, Problem
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.modules.referentiel import rules
from semaphore_hub.modules.referentiel.cles import finess_valide, siret_valide
from semaphore_hub.modules.referentiel.codes import RoleGht
from semaphore_hub.modules.referentiel.fournisseurs import FournisseursService
from semaphore_hub.modules.referentiel.models import Etablissement, Ght, Rattachement
from semaphore_hub.modules.referentiel.nomenclatures_tenues import NomenclaturesService
from semaphore_hub.modules.referentiel.regions import region_du_ght
from semaphore_hub.modules.referentiel.rows import page_of, require_version
from semaphore_hub.modules.referentiel.schemas import (
    EtablissementVue,
    GhtVue,
    NouveauGht,
    NouveauRattachement,
    NouvelEtablissement,
    RattachementVue,
    RegionGht,
)
from semaphore_hub.ports.events import EventLog

_ght = table_of(Ght)
_etablissement = table_of(Etablissement)
_rattachement = table_of(Rattachement)


class ReferentielService:
    """Operations on the référentiel. Each takes the unit of work of its request; none commits.

    Args:
        clock: business clock, for the instant of events.
        event_log: where the events of suppliers and nomenclatures are written.

    Attributes:
        fournisseurs: operations on suppliers.
        nomenclatures: operations on the nomenclatures kept in the hub.
    """

    def __init__(self, clock: Clock, event_log: EventLog) -> None:
        self.fournisseurs = FournisseursService(clock, event_log)
        self.nomenclatures = NomenclaturesService(clock, event_log)

    def creer_ght(self, unit: UnitOfWork, caller: Caller, nouveau: NouveauGht) -> GhtVue:
        """Record a GHT.

        Raises:
            Forbidden: only an integrator may.
            AlreadyExists: the code is taken.
        """
        caller.require(Role.INTEGRATEUR)
        region = nouveau.region or region_du_ght(nouveau.code)
        try:
            unit.connection.execute(
                insert(_ght).values(code=nouveau.code, uid=new_id(), nom=nouveau.nom, region=region)
            )
        except IntegrityError as error:
            raise AlreadyExists(f"Le GHT {nouveau.code} existe déjà.") from error
        return GhtVue(code=nouveau.code, nom=nouveau.nom, region=region)

    def situer_ght(self, unit: UnitOfWork, caller: Caller, code: str, region: RegionGht) -> GhtVue:
        """Say which region a GHT belongs to; its marchés and plans are counted there from then on.

        Raises:
            Forbidden: only an integrator may.
            NotFound: no such GHT.
        """
        caller.require(Role.INTEGRATEUR)
        unit.connection.execute(update(_ght).where(_ght.c.code == code).values(region=region.region))
        return self.lire_ght(unit.connection, caller, code)

    def lire_ght(self, connection: Connection, caller: Caller, code: str) -> GhtVue:
        """One GHT of the caller's perimeter.

        Raises:
            NotFound: no such GHT there.
        """
        row = (
            connection.execute(within(select(_ght).where(_ght.c.code == code), _ght.c.code, caller)).mappings().first()
        )
        if row is None:
            raise NotFound(f"Le GHT {code} n'existe pas.")
        return GhtVue(code=row["code"], nom=row["nom"], region=row["region"])

    def lister_ght(
        self, connection: Connection, caller: Caller, *, limit: int, after: str | None
    ) -> tuple[list[GhtVue], str | None]:
        """A page of GHT, in order of recording, and the position of its last item when there are more."""
        statement = within(select(_ght), _ght.c.code, caller)
        rows, last = page_of(connection, statement, _ght.c.uid, limit, after)
        return [GhtVue(code=row["code"], nom=row["nom"], region=row["region"]) for row in rows], last

    def creer_etablissement(
        self, unit: UnitOfWork, caller: Caller, nouveau: NouvelEtablissement, *, importe: bool = False
    ) -> EtablissementVue:
        """Record an établissement and its first membership.

        Args:
            unit: the request's transaction.
            caller: who asks.
            nouveau: what to record.
            importe: keep a SIRET whose key is wrong, marked ``cleValide: false``, instead of refusing it.

        Raises:
            Forbidden: only an integrator may.
            RuleBroken: wrong key, unknown GHT, second support of a GHT.
            AlreadyExists: the SIRET is recorded.
        """
        caller.require(Role.INTEGRATEUR)
        siret_ok = siret_valide(nouveau.siret)
        problems: list[Problem] = []
        if not siret_ok and not importe:
            problems.append(rules.SIRET_CLE.broken("$.siret", siret=nouveau.siret))
        for name, finess in (
            ("finessJuridique", nouveau.finessJuridique),
            ("finessGeographique", nouveau.finessGeographique),
        ):
            if finess is not None and not finess_valide(finess):
                problems.append(rules.FINESS_CLE.broken(f"$.{name}", finess=finess))
        problems += self._membership_problems(unit, nouveau.ght, nouveau.role, nouveau.dateDebut, uid=None)
        rules.refuse(problems)
        uid = new_id()
        try:
            unit.connection.execute(
                insert(_etablissement).values(
                    uid=uid,
                    siret=nouveau.siret,
                    finess_juridique=nouveau.finessJuridique,
                    finess_geographique=nouveau.finessGeographique,
                    nom=nouveau.nom,
                    cle_valide=siret_ok,
                    version=1,
                )
            )
        except IntegrityError as error:
            raise AlreadyExists(f"L'établissement de SIRET {nouveau.siret} existe déjà.") from error
        self._insert_membership(unit, uid, nouveau.ght, nouveau.role, nouveau.dateDebut)
        return self.lire_etablissement(unit.connection, caller, uid)

    def rattacher(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, rattachement: NouveauRattachement
    ) -> EtablissementVue:
        """Move an établissement to a GHT (or change its role there) from a day on; the previous membership ends the day
        before, so that it is in one GHT at a time.

        Raises:
            Forbidden: only an integrator may.
            NotFound, Outdated: no such établissement, or its version changed.
            RuleBroken: the day is not after the present membership's first, nothing changes, second support of a GHT.
        """
        caller.require(Role.INTEGRATEUR)
        row = (
            unit.connection.execute(select(_etablissement).where(_etablissement.c.uid == uid).with_for_update())
            .mappings()
            .first()
        )
        if row is None:
            raise NotFound(f"L'établissement {uid} n'existe pas.")
        require_version(row, version)
        last = (
            unit.connection.execute(
                select(_rattachement)
                .where(_rattachement.c.etablissement_uid == uid)
                .order_by(_rattachement.c.date_debut.desc())
                .limit(1)
            )
            .mappings()
            .one()
        )
        problems: list[Problem] = []
        if rattachement.dateDebut <= last["date_debut"]:
            problems.append(rules.RATTACHEMENT_DATE.broken("$.dateDebut", debut=last["date_debut"].isoformat()))
        if (rattachement.ght, rattachement.role.value) == (last["ght_code"], last["role"]):
            problems.append(rules.RATTACHEMENT_IDENTIQUE.broken("$.ght", ght=rattachement.ght))
        problems += self._membership_problems(
            unit, rattachement.ght, rattachement.role, rattachement.dateDebut, uid=uid
        )
        rules.refuse(problems)
        unit.connection.execute(
            update(_rattachement)
            .where(_rattachement.c.uid == last["uid"])
            .values(date_fin=rattachement.dateDebut - timedelta(days=1))
        )
        self._insert_membership(unit, uid, rattachement.ght, rattachement.role, rattachement.dateDebut)
        unit.connection.execute(update(_etablissement).where(_etablissement.c.uid == uid).values(version=version + 1))
        return self.lire_etablissement(unit.connection, caller, uid)

    def _membership_problems(
        self, unit: UnitOfWork, ght: str, role: RoleGht, start: date, *, uid: str | None
    ) -> list[Problem]:
        # The GHT's row is locked so that two supports cannot be recorded at the same time.
        found = unit.connection.execute(select(_ght.c.code).where(_ght.c.code == ght).with_for_update()).first()
        if found is None:
            return [rules.GHT_INCONNU.broken("$.ght", ght=ght)]
        if role is not RoleGht.SUPPORT:
            return []
        other = (
            select(_etablissement.c.siret)
            .join(_rattachement, _rattachement.c.etablissement_uid == _etablissement.c.uid)
            .where(
                _rattachement.c.ght_code == ght,
                _rattachement.c.role == RoleGht.SUPPORT.value,
                or_(_rattachement.c.date_fin.is_(None), _rattachement.c.date_fin >= start),
            )
        )
        if uid is not None:
            other = other.where(_etablissement.c.uid != uid)
        siret = unit.connection.execute(other.limit(1)).scalar()
        return [] if siret is None else [rules.SUPPORT_UNIQUE.broken("$.role", ght=ght, siret=siret)]

    def _insert_membership(self, unit: UnitOfWork, uid: str, ght: str, role: RoleGht, start: date) -> None:
        unit.connection.execute(
            insert(_rattachement).values(
                uid=new_id(), etablissement_uid=uid, ght_code=ght, role=role.value, date_debut=start, date_fin=None
            )
        )

    def lire_etablissement(self, connection: Connection, caller: Caller, uid: str) -> EtablissementVue:
        """One établissement that is, or was, in the caller's perimeter.

        Raises:
            NotFound: no such établissement there.
        """
        statement = select(_etablissement).where(_etablissement.c.uid == uid, self._member_of(caller))
        rows = list(connection.execute(statement).mappings())
        if not rows:
            raise NotFound(f"L'établissement {uid} n'existe pas.")
        return self._etablissement_views(connection, rows)[0]

    def lister_etablissements(
        self,
        connection: Connection,
        caller: Caller,
        *,
        ght: str | None,
        siret: str | None,
        limit: int,
        after: str | None,
    ) -> tuple[list[EtablissementVue], str | None]:
        """A page of établissements that are, or were, in the caller's perimeter (and in ``ght``, and of that SIRET)."""
        statement = select(_etablissement).where(self._member_of(caller, ght))
        if siret is not None:
            statement = statement.where(_etablissement.c.siret == siret)
        rows, last = page_of(connection, statement, _etablissement.c.uid, limit, after)
        return self._etablissement_views(connection, rows), last

    def _member_of(self, caller: Caller, ght: str | None = None) -> Any:
        memberships = within(select(_rattachement.c.uid), _rattachement.c.ght_code, caller).where(
            _rattachement.c.etablissement_uid == _etablissement.c.uid
        )
        if ght is not None:
            memberships = memberships.where(_rattachement.c.ght_code == ght)
        return memberships.exists()

    def _etablissement_views(self, connection: Connection, rows: Sequence[RowMapping]) -> list[EtablissementVue]:
        memberships: dict[str, list[RattachementVue]] = {row["uid"]: [] for row in rows}
        found = connection.execute(
            select(_rattachement)
            .where(_rattachement.c.etablissement_uid.in_(list(memberships)))
            .order_by(_rattachement.c.date_debut)
        ).mappings()
        for row in found:
            memberships[row["etablissement_uid"]].append(
                RattachementVue(
                    ght=row["ght_code"],
                    role=RoleGht(row["role"]),
                    dateDebut=row["date_debut"],
                    dateFin=row["date_fin"],
                )
            )
        return [
            EtablissementVue(
                uid=row["uid"],
                version=row["version"],
                siret=row["siret"],
                nom=row["nom"],
                finessJuridique=row["finess_juridique"],
                finessGeographique=row["finess_geographique"],
                cleValide=row["cle_valide"],
                rattachements=tuple(memberships[row["uid"]]),
            )
            for row in rows
        ]
