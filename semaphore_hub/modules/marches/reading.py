"""Reads whole marchés, and says them: as the API shows them and as events carry them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.errors import Problem
from semaphore_hub.kernel.money import from_cents
from semaphore_hub.modules.marches import checks, rules
from semaphore_hub.modules.marches.deduction import resolved
from semaphore_hub.modules.marches.models import MarcheBeneficiaire, MarcheModification, MarcheTitulaire
from semaphore_hub.modules.marches.schemas import Description, MarcheVue, described
from semaphore_hub.modules.referentiel.lookups import EtablissementConnu, FournisseurConnu, fournisseurs_by_uid
from semaphore_hub.modules.referentiel.models import Etablissement
from semaphore_hub.modules.referentiel.schemas import Avertissement
from semaphore_hub.ports import payloads

Row = Mapping[Any, Any]
"""Values of one row by column name (what SQLAlchemy gives, or a dict about to be written)."""

_titulaire = table_of(MarcheTitulaire)
_beneficiaire = table_of(MarcheBeneficiaire)
_modification = table_of(MarcheModification)
_etablissement = table_of(Etablissement)


@dataclass(frozen=True, slots=True)
class Holding:
    """A holder of a marché: who, in which role, for which share."""

    rang: int
    role: str
    share_cents: int | None
    fournisseur: FournisseurConnu

    def as_rule_sees(self) -> checks.Holder:
        """What the rules look at."""
        return checks.Holder(self.role, None if self.share_cents is None else from_cents(self.share_cents))


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
    """

    row: Row
    description: Description
    holdings: tuple[Holding, ...]
    beneficiaires: tuple[str, ...]
    names: Mapping[str, Named]
    modifications: tuple[Row, ...]

    def with_row(self, **values: Any) -> Whole:
        """The same marché with other values of its own row."""
        return replace(self, row={**self.row, **values})

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
    holders: dict[str, list[Row]] = defaultdict(list)
    for row in connection.execute(
        select(_titulaire).where(_titulaire.c.marche_uid.in_(uids)).order_by(_titulaire.c.rang)
    ).mappings():
        holders[row["marche_uid"]].append(row)
    suppliers = fournisseurs_by_uid(
        connection, {holder["fournisseur_uid"] for found in holders.values() for holder in found}
    )
    beneficiaries: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute(
        select(_beneficiaire).where(_beneficiaire.c.marche_uid.in_(uids)).order_by(_beneficiaire.c.rang)
    ).mappings():
        beneficiaries[row["marche_uid"]].append(row["etablissement_siret"])
    amendments: dict[str, list[Row]] = defaultdict(list)
    for row in connection.execute(
        select(_modification).where(_modification.c.marche_uid.in_(uids)).order_by(_modification.c.id)
    ).mappings():
        amendments[row["marche_uid"]].append(row)
    sirets = {row["acheteur_siret"] for row in rows} | {siret for found in beneficiaries.values() for siret in found}
    names = {
        row.siret: Named(row.nom, row.cle_valide)
        for row in connection.execute(
            select(_etablissement.c.siret, _etablissement.c.nom, _etablissement.c.cle_valide).where(
                _etablissement.c.siret.in_(sirets)
            )
        )
    }
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
        )
        for row in rows
    ]


def modification_payload(row: Row) -> payloads.Modification:
    """An amendment as events say it."""
    return payloads.Modification(
        id=row["id"],
        objet=row["objet"],
        dateNotificationModification=row["date_notification"],
        datePublicationDonneesModification=row["date_publication"],
        montant=None if row["montant_cents"] is None else from_cents(row["montant_cents"]),
        deltaMontant=None if row["delta_montant_cents"] is None else from_cents(row["delta_montant_cents"]),
        dureeMois=row["duree_mois"],
        deltaDureeMois=row["delta_duree_mois"],
    )


def marche_payload(whole: Whole, etablissements: Mapping[str, EtablissementConnu]) -> payloads.Marche:
    """A notified marché as events say it.

    Args:
        whole: the marché.
        etablissements: its buyer and beneficiaries on the day of the fact, by SIRET.
    """
    row, description = whole.row, whole.description
    data: dict[str, Any] = {
        **description.model_dump(exclude={"complements", "justificationDuree", "lieuExecution"}),
        "lieuExecution": description.lieuExecution.model_dump(),
        "complements": resolved(description, row["id_contrat"]).model_dump(),
        "uid": row["uid"],
        "id": row["id"],
        "acheteur": etablissements[row["acheteur_siret"]].payload(),
        "beneficiaires": tuple(etablissements[siret].payload() for siret in whole.beneficiaires),
        "objet": row["objet"],
        "codeCPV": row["code_cpv"],
        "dureeMois": row["duree_mois"],
        "dateNotification": row["date_notification"],
        "datePublicationDonnees": row["date_publication"],
        "montant": from_cents(row["montant_cents"]),
        "titulaires": tuple(
            payloads.Titulaire.model_validate(
                {
                    "role": holding.role,
                    "fournisseur": holding.fournisseur.payload,
                    "montant": None if holding.share_cents is None else from_cents(holding.share_cents),
                }
            )
            for holding in whole.holdings
        ),
        "modifications": tuple(modification_payload(amendment) for amendment in whole.modifications),
        "champsCompletes": tuple(row["donnees"]["champsCompletes"]),
    }
    return payloads.Marche.model_validate(data)


def marche_view(whole: Whole) -> MarcheVue:
    """A marché as the API shows it, with its warnings."""
    row, description = whole.row, whole.description
    data: dict[str, Any] = {
        **{name: getattr(description, name) for name in Description.model_fields},
        "complements": resolved(description, row["id_contrat"]),
        "uid": row["uid"],
        "version": row["version"],
        "statut": row["statut"],
        "ght": row["ght"],
        "id": row["id"],
        "acheteur": {"id": row["acheteur_siret"], "nom": whole.names[row["acheteur_siret"]].nom},
        "beneficiaires": [{"id": siret, "nom": whole.names[siret].nom} for siret in whole.beneficiaires],
        "objet": row["objet"],
        "codeCPV": row["code_cpv"],
        "dureeMois": row["duree_mois"],
        "dateNotification": row["date_notification"],
        "datePublicationDonnees": row["date_publication"],
        "montant": from_cents(row["montant_cents"]),
        "titulaires": [
            {
                "role": holding.role,
                "typeIdentifiant": holding.fournisseur.payload.typeIdentifiant,
                "id": holding.fournisseur.payload.id,
                "denominationSociale": holding.fournisseur.payload.denominationSociale,
                "montant": None if holding.share_cents is None else from_cents(holding.share_cents),
            }
            for holding in whole.holdings
        ],
        "modifications": [modification_payload(amendment).model_dump() for amendment in whole.modifications],
        "champsCompletes": row["donnees"]["champsCompletes"],
        "avertissements": [
            Avertissement(regle=problem.rule, champ=problem.path, message=problem.message)
            for problem in _warnings(whole)
        ],
        "creeLe": datetime.fromtimestamp(row["created_ms"] / 1000, UTC),
    }
    return MarcheVue.model_validate(data)


def _warnings(whole: Whole) -> list[Problem]:
    row = whole.row
    found = [Problem("$", "import", words) for words in row["donnees"]["avertissements"]]
    for siret in dict.fromkeys((row["acheteur_siret"], *whole.beneficiaires)):
        if not whole.names[siret].cle_valide:
            found.append(
                rules.CLE.broken("$.acheteur.id" if siret == row["acheteur_siret"] else "$.beneficiaires", id=siret)
            )
    for index, holding in enumerate(whole.holdings):
        if not holding.fournisseur.cle_valide:
            found.append(rules.CLE.broken(f"$.titulaires[{index}].id", id=holding.fournisseur.payload.id))
    published = [("$.datePublicationDonnees", row["date_notification"], row["date_publication"])]
    published += [
        (f"$.modifications[{index}]", amendment["date_notification"], amendment["date_publication"])
        for index, amendment in enumerate(whole.modifications)
    ]
    return found + checks.warnings(
        whole.description, row["code_cpv"], from_cents(row["montant_cents"]), row["duree_mois"], published
    )
