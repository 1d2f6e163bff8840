"""What the lines of a trame are read against: the plan, the families, the établissements of its GHT, its actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.paat.contexte import membres
from semaphore_hub.modules.paat.schemas import ActionEntree
from semaphore_hub.modules.referentiel.familles import Familles, familles
from semaphore_hub.modules.referentiel.libelles import cle_de
from semaphore_hub.modules.referentiel.models import Etablissement, Ght, Rattachement
from semaphore_hub.modules.referentiel.regions import region_du_ght

_etablissement = table_of(Etablissement)
_rattachement = table_of(Rattachement)
_ght = table_of(Ght)


@dataclass(frozen=True, slots=True)
class Contexte:
    """What a trame is compared to.

    Attributes:
        region: sigle of the region of the GHT, None when nobody knows it.
        etablissements: SIRET by SIRET, FINESS or key of the name, when it designates one établissement alone.
        roles: role by SIRET of the members of the GHT in the year of the plan.
        connues: the actions of the plan as they would be given again, by number.
    """

    ght: str
    annee: int
    region: str | None
    familles: Familles
    etablissements: Mapping[str, str]
    roles: Mapping[str, str]
    connues: Mapping[str, ActionEntree]


def contexte_de(connection: Connection, ght: str, annee: int, connues: Mapping[str, ActionEntree]) -> Contexte:
    """The context of a plan."""
    roles = membres(connection, ght, annee)
    statement = (
        select(_etablissement)
        .join(_rattachement, _rattachement.c.etablissement_uid == _etablissement.c.uid)
        .where(_rattachement.c.ght_code == ght)
    )
    designated: dict[str, set[str]] = {}
    for row in connection.execute(statement).mappings():
        for written in (row["siret"], row["finess_juridique"], row["finess_geographique"], cle_de(row["nom"])):
            if written and row["siret"] in roles:
                designated.setdefault(written.lower(), set()).add(row["siret"])
    alone = {written: next(iter(sirets)) for written, sirets in designated.items() if len(sirets) == 1}
    return Contexte(ght, annee, region_du(connection, ght), familles(connection), alone, roles, connues)


def region_du(connection: Connection, ght: str) -> str | None:
    """Sigle of the region of a GHT: the one recorded, else the one its code begins with."""
    recorded = connection.execute(select(_ght.c.region).where(_ght.c.code == ght)).scalar_one_or_none()
    return recorded or region_du_ght(ght)
