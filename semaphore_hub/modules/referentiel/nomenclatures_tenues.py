"""The purchasing nomenclatures kept in the hub (F04): their codes are loaded, changed, and said to those who use them.

NFHA and NCHFS are national lists whose codes are not published as a file: the hub starts with none and invents none.
"""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal

from pydantic import Field, StrictBool
from sqlalchemy import Connection, RowMapping, insert, select, update

from semaphore_hub.kernel.access import Caller, Role
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.modules.referentiel import models, rules
from semaphore_hub.modules.referentiel.champs import LIGNE_PATTERN, Entree, Sortie, Uid
from semaphore_hub.modules.referentiel.rows import page_of
from semaphore_hub.modules.referentiel.rules import refuse
from semaphore_hub.modules.referentiel.schemas import Suivant
from semaphore_hub.ports import events, payloads

_nomenclature, _code = table_of(models.Nomenclature), table_of(models.NomenclatureCode)

NomenclatureTenue = Literal["nfha", "nchfs"]
"""Codes of the nomenclatures kept in the hub: fonction achat hospitalière, and homogeneous categories of supplies and
services (note DGOS/PF1/2017/283). The migration that creates their tables creates them, empty."""


class CodeTenu(Entree):
    """A code to create or change."""

    code: Annotated[str, Field(max_length=20, pattern=LIGNE_PATTERN, examples=["SYN-02.01"])]
    libelle: Annotated[str, Field(max_length=200, pattern=LIGNE_PATTERN, examples=["Perfusion (exemple fictif)"])]
    actif: StrictBool = Field(default=True, description="false : le code n'est plus utilisé")


class CodesTenus(Entree):
    """Codes to create or change; those left out stay as they are."""

    codes: Annotated[tuple[CodeTenu, ...], Field(min_length=1, max_length=1000)]


class CodeTenuVue(Sortie):
    """A code of a nomenclature kept in the hub."""

    uid: Uid
    nomenclature: NomenclatureTenue
    code: str
    libelle: str
    actif: bool


class PageCodesTenus(Sortie):
    """A page of codes, in the order they were created."""

    items: tuple[CodeTenuVue, ...]
    next: Suivant


class CodesEnregistres(Sortie):
    """What became of codes."""

    nomenclature: NomenclatureTenue
    version: int = Field(description="de la nomenclature ; 0 tant qu'elle est vide")
    crees: int
    modifies: int
    inchanges: int


class NomenclaturesService:
    """Operations on the nomenclatures kept in the hub. None commits.

    Args:
        clock: business clock, for the instant of events.
        event_log: where changes are said.
    """

    def __init__(self, clock: Clock, event_log: events.EventLog) -> None:
        self._clock = clock
        self._events = event_log

    def enregistrer(
        self, unit: UnitOfWork, caller: Caller, nomenclature: NomenclatureTenue, donnes: CodesTenus
    ) -> CodesEnregistres:
        """Create or change codes, and say those that are new or changed (``nomenclature.modifiee``), if any.

        Raises:
            Forbidden: only an integrator may, since nomenclatures are common to every GHT.
            RuleBroken: a code is given twice.
        """
        caller.require(Role.INTEGRATEUR)
        seen = Counter(one.code for one in donnes.codes)
        refuse([rules.CODE_DOUBLE.broken("$.codes", code=code) for code, count in seen.items() if count > 1])
        version = self._locked(unit, nomenclature)
        statement = select(_code).where(
            _code.c.nomenclature == nomenclature, _code.c.code.in_([one.code for one in donnes.codes])
        )
        known = {row["code"]: row for row in unit.connection.execute(statement).mappings()}
        created = [one for one in donnes.codes if one.code not in known]
        changed = [
            one
            for one in donnes.codes
            if one.code in known and (known[one.code]["libelle"], known[one.code]["actif"]) != (one.libelle, one.actif)
        ]
        if created:
            values = [{"uid": new_id(), "nomenclature": nomenclature, **one.model_dump()} for one in created]
            unit.connection.execute(insert(_code), values)
        for one in changed:
            unit.connection.execute(
                update(_code).where(_code.c.uid == known[one.code]["uid"]).values(libelle=one.libelle, actif=one.actif)
            )
        said = [one for one in donnes.codes if one in created or one in changed]
        if said:
            version += 1
            self._say(unit, nomenclature, version, said)
        return CodesEnregistres(
            nomenclature=nomenclature,
            version=version,
            crees=len(created),
            modifies=len(changed),
            inchanges=len(donnes.codes) - len(said),
        )

    def lister(
        self, connection: Connection, nomenclature: NomenclatureTenue, *, actifs: bool, limit: int, after: str | None
    ) -> tuple[list[CodeTenuVue], str | None]:
        """A page of the codes of a nomenclature; they are common to every GHT."""
        statement = select(_code).where(_code.c.nomenclature == nomenclature)
        if actifs:
            statement = statement.where(_code.c.actif)
        rows, last = page_of(connection, statement, _code.c.uid, limit, after)
        return [_view(row) for row in rows], last

    def _locked(self, unit: UnitOfWork, nomenclature: str) -> int:
        """The present version, whose row is locked so that changes follow each other."""
        statement = select(_nomenclature.c.version).where(_nomenclature.c.code == nomenclature).with_for_update()
        return int(unit.connection.execute(statement).scalar_one())

    def _say(self, unit: UnitOfWork, nomenclature: str, version: int, said: list[CodeTenu]) -> None:
        unit.connection.execute(
            update(_nomenclature).where(_nomenclature.c.code == nomenclature).values(version=version)
        )
        payload = payloads.NomenclaturePayload(
            codes=tuple(
                payloads.CodeNomenclature(
                    nomenclature=nomenclature, code=one.code, libelle=one.libelle, actif=one.actif
                )
                for one in said
            )
        )
        self._events.append(
            unit,
            events.Event(
                id=new_id(),
                type=events.NOMENCLATURE_MODIFIEE,
                subject=f"nomenclature/{nomenclature}",
                version=version,
                time=self._clock.now(),
                ght=None,
                data=payload.model_dump(mode="json", exclude_none=True),
            ),
        )


def _view(row: RowMapping) -> CodeTenuVue:
    return CodeTenuVue(
        uid=row["uid"],
        nomenclature=row["nomenclature"],
        code=row["code"],
        libelle=row["libelle"],
        actif=row["actif"],
    )
