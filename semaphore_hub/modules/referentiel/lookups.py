"""What other modules ask of the référentiel: établissements on a day, suppliers; a few statements, no state."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, cast

from sqlalchemy import Connection, RowMapping, bindparam, or_, select, tuple_

from semaphore_hub.kernel.access import Caller
from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.referentiel.models import Etablissement, Fournisseur, Rattachement
from semaphore_hub.ports import payloads

_etablissement = table_of(Etablissement)
_rattachement = table_of(Rattachement)
_fournisseur = table_of(Fournisseur)

# Built once: every creation of a marché runs them, and building a statement costs more than running it.
_MEMBERS_BY_SIRET = (
    select(_etablissement, _rattachement.c.ght_code, _rattachement.c.role)
    .join(_rattachement, _rattachement.c.etablissement_uid == _etablissement.c.uid)
    .where(
        _etablissement.c.siret.in_(bindparam("sirets", expanding=True)),
        _rattachement.c.date_debut <= bindparam("day"),
        or_(_rattachement.c.date_fin.is_(None), _rattachement.c.date_fin >= bindparam("day")),
    )
)
_LAST_MEMBERSHIPS = (
    select(_etablissement, _rattachement.c.ght_code, _rattachement.c.role)
    .join(_rattachement, _rattachement.c.etablissement_uid == _etablissement.c.uid)
    .where(_etablissement.c.siret.in_(bindparam("sirets", expanding=True)))
    .order_by(_rattachement.c.date_debut)
)
_SUPPLIERS_BY_IDENTIFIER = select(_fournisseur).where(
    tuple_(_fournisseur.c.type_identifiant, _fournisseur.c.identifiant).in_(bindparam("keys", expanding=True))
)
_SUPPLIERS_BY_UID = select(_fournisseur).where(_fournisseur.c.uid.in_(bindparam("uids", expanding=True)))


@dataclass(frozen=True, slots=True)
class EtablissementConnu:
    """An établissement with the GHT it belongs to on the day asked for."""

    uid: str
    siret: str
    nom: str
    finess_juridique: str | None
    finess_geographique: str | None
    cle_valide: bool
    ght: str
    role: str

    def payload(self) -> payloads.Etablissement:
        """As events say it."""
        return payloads.Etablissement(
            siret=self.siret,
            nom=self.nom,
            finessJuridique=self.finess_juridique,
            finessGeographique=self.finess_geographique,
            role=cast(Literal["support", "partie"], self.role),
            ght=self.ght,
        )


@dataclass(frozen=True, slots=True)
class FournisseurConnu:
    """A supplier: its identity here and what events say of it."""

    uid: str
    cle_valide: bool
    payload: payloads.Fournisseur


def etablissements_by_siret(
    connection: Connection, caller: Caller | None, sirets: Collection[str], day: date
) -> dict[str, EtablissementConnu]:
    """Établissements that belong to a GHT on ``day``, by SIRET; those outside the caller's perimeter are absent.

    Without a caller nothing is filtered: for what a marché already names.
    """
    rows = connection.execute(_MEMBERS_BY_SIRET, {"sirets": list(sirets), "day": day}).mappings()
    return {row["siret"]: _member(row) for row in rows if caller is None or caller.may_see(row["ght_code"])}


def etablissements_named(connection: Connection, sirets: Collection[str], day: date) -> dict[str, EtablissementConnu]:
    """Établissements that a marché already names, with their GHT on ``day``, or the last one they belonged to."""
    found = etablissements_by_siret(connection, None, sirets, day)
    if missing := set(sirets) - set(found):
        rows = connection.execute(_LAST_MEMBERSHIPS, {"sirets": sorted(missing)}).mappings()
        found |= {row["siret"]: _member(row) for row in rows}
    return found


def _member(row: RowMapping) -> EtablissementConnu:
    return EtablissementConnu(
        uid=row["uid"],
        siret=row["siret"],
        nom=row["nom"],
        finess_juridique=row["finess_juridique"],
        finess_geographique=row["finess_geographique"],
        cle_valide=row["cle_valide"],
        ght=row["ght_code"],
        role=row["role"],
    )


def fournisseur_payload(row: RowMapping) -> payloads.Fournisseur:
    """A row of ``fournisseur`` as events say it."""
    data: dict[str, Any] = {
        "typeIdentifiant": row["type_identifiant"],
        "id": row["identifiant"],
        "denominationSociale": row["denomination_sociale"],
        "adresse": row["adresse"],
        "compteBancaire": row["compte_bancaire"],
        "categorieTiers": row["categorie_tiers"],
        "natureJuridique": row["nature_juridique"],
    }
    return payloads.Fournisseur.model_validate(data)


def _known(row: RowMapping) -> FournisseurConnu:
    return FournisseurConnu(row["uid"], row["cle_valide"], fournisseur_payload(row))


def fournisseurs_by_identifier(
    connection: Connection, identifiers: Collection[tuple[str, str]]
) -> dict[tuple[str, str], FournisseurConnu]:
    """Suppliers by (type, identifier); unknown ones are absent."""
    rows = connection.execute(_SUPPLIERS_BY_IDENTIFIER, {"keys": list(identifiers)}).mappings()
    return {(row["type_identifiant"], row["identifiant"]): _known(row) for row in rows}


def fournisseurs_by_uid(connection: Connection, uids: Collection[str]) -> dict[str, FournisseurConnu]:
    """Suppliers by uid."""
    rows = connection.execute(_SUPPLIERS_BY_UID, {"uids": list(uids)}).mappings()
    return {row["uid"]: _known(row) for row in rows}
