"""A census by homogeneous category and établissement, summed over the GHT, and who has not answered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, RowMapping, func, or_, select

from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.money import from_cents
from semaphore_hub.modules.planification.models import PlanBesoin
from semaphore_hub.modules.planification.nomenclatures import nchfs_connus
from semaphore_hub.modules.planification.recensements.schemas import (
    CategorieVue,
    EtablissementVue,
    PartEtablissement,
    SyntheseVue,
)
from semaphore_hub.modules.referentiel.lookups import etablissements_named
from semaphore_hub.modules.referentiel.models import Etablissement, Rattachement

_besoin = table_of(PlanBesoin)
_etablissement, _rattachement = table_of(Etablissement), table_of(Rattachement)


@dataclass(frozen=True, slots=True)
class _Part:
    """Needs of one établissement in one category, taken by projects or not."""

    code: str | None
    siret: str
    repris: bool
    besoins: int
    cents: int


def synthese(connection: Connection, recensement: RowMapping, jour: date) -> SyntheseVue:
    """The summary of a census.

    Args:
        connection: where to read.
        recensement: its row.
        jour: the day whose members of the GHT are asked for; the last one of the census when it is over.
    """
    taken = _besoin.c.projet_uid.is_not(None)
    statement = (
        select(
            _besoin.c.code_nchfs,
            _besoin.c.etablissement_siret,
            taken.label("repris"),
            func.count(),
            func.sum(_besoin.c.montant_annuel_cents),
        )
        .where(_besoin.c.recensement_uid == recensement["uid"])
        .group_by(_besoin.c.code_nchfs, _besoin.c.etablissement_siret, taken)
    )
    parts = [
        _Part(code, siret, bool(repris), count, int(cents))
        for code, siret, repris, count, cents in connection.execute(statement)
    ]
    names = {
        siret: one.nom for siret, one in etablissements_named(connection, {one.siret for one in parts}, jour).items()
    }
    codes = sorted({one.code for one in parts if one.code is not None})
    labels = nchfs_connus(connection, codes)
    # Needs without a category come last.
    groups: list[str | None] = [*codes, *([None] if any(one.code is None for one in parts) else [])]
    categories = tuple(
        CategorieVue(
            codeNCHFS=code,
            libelle=None if code is None else labels.get(code),
            connu=code in labels,
            besoins=sum(one.besoins for one in mine),
            montantAnnuel=from_cents(_cents(mine)),
            montantNonRepris=from_cents(_cents(one for one in mine if not one.repris)),
            etablissements=_by_hospital(mine, names),
        )
        for code in groups
        for mine in ([one for one in parts if one.code == code],)
    )
    answered = {one.siret for one in parts}
    silent = [one for one in _members(connection, recensement["ght"], jour) if one.siret not in answered]
    return SyntheseVue(
        recensement=recensement["uid"],
        ght=recensement["ght"],
        annee=recensement["annee"],
        besoins=sum(one.besoins for one in parts),
        montantAnnuel=from_cents(_cents(parts)),
        montantNonRepris=from_cents(_cents(one for one in parts if not one.repris)),
        categories=categories,
        etablissements=_by_hospital(parts, names),
        sansReponse=tuple(silent),
    )


def _cents(parts: Iterable[_Part]) -> int:
    return sum(one.cents for one in parts)


def _by_hospital(parts: Sequence[_Part], names: dict[str, str]) -> tuple[PartEtablissement, ...]:
    return tuple(
        PartEtablissement(
            etablissement=siret,
            nom=names[siret],
            besoins=sum(one.besoins for one in parts if one.siret == siret),
            montantAnnuel=from_cents(_cents(one for one in parts if one.siret == siret)),
        )
        for siret in sorted({one.siret for one in parts})
    )


def _members(connection: Connection, ght: str, jour: date) -> list[EtablissementVue]:
    """Établissements of a GHT on a day, by SIRET."""
    statement = (
        select(_etablissement.c.siret, _etablissement.c.nom)
        .join(_rattachement, _rattachement.c.etablissement_uid == _etablissement.c.uid)
        .where(
            _rattachement.c.ght_code == ght,
            _rattachement.c.date_debut <= jour,
            or_(_rattachement.c.date_fin.is_(None), _rattachement.c.date_fin >= jour),
        )
        .order_by(_etablissement.c.siret)
    )
    return [EtablissementVue(siret=row.siret, nom=row.nom) for row in connection.execute(statement)]
