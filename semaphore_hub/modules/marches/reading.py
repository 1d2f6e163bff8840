"""Reads whole marchés: their own row and everything that belongs to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import BindParameter, Connection, bindparam, select

from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.money import from_cents
from semaphore_hub.modules.marches import checks
from semaphore_hub.modules.marches.description import Description, described
from semaphore_hub.modules.marches.models import MarcheBeneficiaire, MarcheModification, MarcheTitulaire
from semaphore_hub.modules.marches.vie import VIE_VIDE, Initial, TitulaireInscrit, Vie
from semaphore_hub.modules.referentiel.lookups import FournisseurConnu, fournisseurs_by_uid
from semaphore_hub.modules.referentiel.models import Etablissement

Row = Mapping[Any, Any]
"""Values of one row by column name (what SQLAlchemy gives, or a dict about to be written)."""

_titulaire = table_of(MarcheTitulaire)
_beneficiaire = table_of(MarcheBeneficiaire)
_modification = table_of(MarcheModification)
_etablissement = table_of(Etablissement)

# Built once: every change of a marché runs them, and building a statement costs more than running it.
_UIDS: BindParameter[list[str]] = bindparam("uids", expanding=True)
_HOLDERS = select(_titulaire).where(_titulaire.c.marche_uid.in_(_UIDS)).order_by(_titulaire.c.rang)
_BENEFICIARIES = select(_beneficiaire).where(_beneficiaire.c.marche_uid.in_(_UIDS)).order_by(_beneficiaire.c.rang)
_AMENDMENTS = select(_modification).where(_modification.c.marche_uid.in_(_UIDS)).order_by(_modification.c.id)
_NAMES = select(_etablissement.c.siret, _etablissement.c.nom, _etablissement.c.cle_valide).where(
    _etablissement.c.siret.in_(bindparam("sirets", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Holding:
    """A holder of a marché: who, in which role, for which share."""

    rang: int
    role: Literal["titulaire", "co-traitant"]
    share_cents: int | None
    fournisseur: FournisseurConnu

    def as_rule_sees(self) -> checks.Holder:
        """What the rules look at."""
        return checks.Holder(self.role, None if self.share_cents is None else from_cents(self.share_cents))

    def inscribed(self) -> TitulaireInscrit:
        """As the history of the marché keeps it."""
        share = None if self.share_cents is None else from_cents(self.share_cents)
        return TitulaireInscrit(fournisseur=self.fournisseur.uid, role=self.role, montant=share)


@dataclass(frozen=True, slots=True)
class Named:
    """An établissement's name, and whether the key of its SIRET is right."""

    nom: str
    cle_valide: bool


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything stored of one marché.

    Attributes:
        row: values of the table ``marche``.
        description: its descriptive part.
        holdings: holders in order.
        beneficiaires: SIRET in order.
        names: établissements named by it, by SIRET.
        modifications: rows of its amendments, in order.
        vie: what happened to it beside.
        fournisseurs: every supplier it names, now or in its past, by uid.
    """

    row: Row
    description: Description
    holdings: tuple[Holding, ...]
    beneficiaires: tuple[str, ...]
    names: Mapping[str, Named]
    modifications: tuple[Row, ...]
    vie: Vie
    fournisseurs: Mapping[str, FournisseurConnu]

    def with_row(self, **values: Any) -> Whole:
        """The same marché with other values of its own row."""
        return replace(self, row={**self.row, **values})

    def with_vie(self, vie: Vie) -> Whole:
        """The same marché after something happened to it."""
        return replace(self, vie=vie)

    def as_initial(self) -> Initial:
        """What the DECP freezes at the notification, as it stands now."""
        return Initial(
            montant=from_cents(self.row["montant_cents"]),
            dureeMois=self.row["duree_mois"],
            titulaires=tuple(holding.inscribed() for holding in self.holdings),
            typeGroupementOperateurs=self.description.typeGroupementOperateurs,
        )

    def content(self) -> checks.Content:
        """What the rules look at."""
        return checks.Content(
            id=self.row["id"],
            description=self.description,
            montant=from_cents(self.row["montant_cents"]),
            dureeMois=self.row["duree_mois"],
            holders=[holding.as_rule_sees() for holding in self.holdings],
        )


def read_whole(connection: Connection, rows: Sequence[Row]) -> list[Whole]:
    """Complete rows of ``marche``; four statements whatever their number."""
    uids = [row["uid"] for row in rows]
    lives = {row["uid"]: VIE_VIDE if row["vie"] is None else Vie.model_validate(row["vie"]) for row in rows}
    holders: dict[str, list[Row]] = defaultdict(list)
    for row in connection.execute(_HOLDERS, {"uids": uids}).mappings():
        holders[row["marche_uid"]].append(row)
    beneficiaries: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute(_BENEFICIARIES, {"uids": uids}).mappings():
        beneficiaries[row["marche_uid"]].append(row["etablissement_siret"])
    amendments: dict[str, list[Row]] = defaultdict(list)
    for row in connection.execute(_AMENDMENTS, {"uids": uids}).mappings():
        amendments[row["marche_uid"]].append(row)
    past = {
        holder["fournisseur"]
        for found in amendments.values()
        for amendment in found
        for holder in amendment["titulaires"] or ()
    }
    suppliers = fournisseurs_by_uid(
        connection,
        {holder["fournisseur_uid"] for found in holders.values() for holder in found}
        | past
        | {uid for life in lives.values() for uid in life.fournisseurs()},
    )
    sirets = {row["acheteur_siret"] for row in rows} | {siret for found in beneficiaries.values() for siret in found}
    sirets |= {part.siret for life in lives.values() for part in life.acheteurs}
    names = {row.siret: Named(row.nom, row.cle_valide) for row in connection.execute(_NAMES, {"sirets": list(sirets)})}
    return [
        Whole(
            row=row,
            description=described(row["donnees"]),
            holdings=tuple(
                Holding(holder["rang"], holder["role"], holder["montant_cents"], suppliers[holder["fournisseur_uid"]])
                for holder in holders[row["uid"]]
            ),
            beneficiaires=tuple(beneficiaries[row["uid"]]),
            names=names,
            modifications=tuple(amendments[row["uid"]]),
            vie=lives[row["uid"]],
            fournisseurs=suppliers,
        )
        for row in rows
    ]
