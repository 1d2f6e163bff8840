"""Reads concessions, and says them: as the API shows them and as events carry them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.money import from_cents
from semaphore_hub.modules.marches import rules as marche_rules
from semaphore_hub.modules.marches.concessions.schemas import ConcessionVue, DescriptionConcession
from semaphore_hub.modules.referentiel.lookups import EtablissementConnu, FournisseurConnu, fournisseurs_by_uid
from semaphore_hub.modules.referentiel.models import Etablissement
from semaphore_hub.modules.referentiel.schemas import Avertissement
from semaphore_hub.ports import payloads

Row = Mapping[Any, Any]
_etablissement = table_of(Etablissement)
_DESCRIPTIVE = tuple(DescriptionConcession.model_fields)


@dataclass(frozen=True, slots=True)
class WholeConcession:
    """Everything stored of one concession.

    Attributes:
        row: values of the table ``concession``.
        concessionnaires: in the order given.
        autorite: name of the granting authority.
    """

    row: Row
    concessionnaires: tuple[FournisseurConnu, ...]
    autorite: str

    @property
    def description(self) -> DescriptionConcession:
        """The part that describes it."""
        donnees = self.row["donnees"]
        return DescriptionConcession.model_validate(
            {name: donnees[name] for name in _DESCRIPTIVE if name in donnees} | {"objet": self.row["objet"]}
        )

    @property
    def modifications(self) -> tuple[payloads.ModificationConcession, ...]:
        """Its amendments, in order."""
        return tuple(
            payloads.ModificationConcession.model_validate(one) for one in self.row["donnees"]["modifications"]
        )

    @property
    def annees(self) -> tuple[payloads.DonneesAnnuelles, ...]:
        """Its years of execution, in order."""
        return tuple(payloads.DonneesAnnuelles.model_validate(one) for one in self.row["donnees"]["donneesExecution"])


def read_concessions(connection: Connection, rows: Sequence[Row]) -> list[WholeConcession]:
    """Complete rows of ``concession``; two statements whatever their number."""
    suppliers = fournisseurs_by_uid(connection, {uid for row in rows for uid in row["donnees"]["concessionnaires"]})
    sirets = {row["autorite_siret"] for row in rows}
    names = {
        row.siret: row.nom
        for row in connection.execute(
            select(_etablissement.c.siret, _etablissement.c.nom).where(_etablissement.c.siret.in_(sirets))
        )
    }
    return [
        WholeConcession(
            row=row,
            concessionnaires=tuple(suppliers[uid] for uid in row["donnees"]["concessionnaires"]),
            autorite=names[row["autorite_siret"]],
        )
        for row in rows
    ]


def concession_payload(whole: WholeConcession, autorite: EtablissementConnu) -> payloads.Concession:
    """A concession as events say it."""
    row, description = whole.row, whole.description
    return payloads.Concession.model_validate(
        {
            **description.model_dump(exclude={"justificationDuree"}),
            "uid": row["uid"],
            "id": row["id"],
            "idContrat": row["id_contrat"],
            "autoriteConcedante": autorite.payload(),
            "dureeMois": row["duree_mois"],
            "dateSignature": row["date_signature"],
            "valeurGlobale": from_cents(row["valeur_cents"]),
            "concessionnaires": tuple(one.payload for one in whole.concessionnaires),
            "donneesExecution": whole.annees,
            "modifications": whole.modifications,
        }
    )


def concession_view(whole: WholeConcession) -> ConcessionVue:
    """A concession as the API shows it."""
    row, description = whole.row, whole.description
    data: dict[str, Any] = {
        **{name: getattr(description, name) for name in _DESCRIPTIVE},
        "uid": row["uid"],
        "version": row["version"],
        "ght": row["ght"],
        "id": row["id"],
        "idContrat": row["id_contrat"],
        "autoriteConcedante": {"id": row["autorite_siret"], "nom": whole.autorite},
        "dureeMois": row["duree_mois"],
        "dateSignature": row["date_signature"],
        "valeurGlobale": from_cents(row["valeur_cents"]),
        "concessionnaires": [
            {
                "typeIdentifiant": one.payload.typeIdentifiant,
                "id": one.payload.id,
                "denominationSociale": one.payload.denominationSociale,
            }
            for one in whole.concessionnaires
        ],
        "donneesExecution": whole.annees,
        "modifications": whole.modifications,
        "avertissements": [
            Avertissement(
                regle=marche_rules.CLE.id,
                champ=f"$.concessionnaires[{index}].id",
                message=marche_rules.CLE.broken("$", id=one.payload.id).message,
            )
            for index, one in enumerate(whole.concessionnaires)
            if not one.cle_valide
        ],
        "creeLe": datetime.fromtimestamp(row["created_ms"] / 1000, UTC),
    }
    return ConcessionVue.model_validate(data)
