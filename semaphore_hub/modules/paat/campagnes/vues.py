"""Campaigns, answers and reminders as the API says them, from their rows."""

from __future__ import annotations

from datetime import UTC, datetime

from semaphore_hub.modules.paat.campagnes.schemas import CampagneVue, ChiffresFiges, RappelVue, RemonteeVue
from semaphore_hub.modules.paat.reading import Row


def campagne_vue(row: Row) -> CampagneVue:
    """A campaign."""
    return CampagneVue(
        uid=row["uid"],
        version=row["version"],
        annee=row["annee"],
        moment=row["moment"],
        dateDonnees=row["date_donnees"],
        ouverture=row["ouverture"],
        cloture=row["cloture"],
        rappelsJours=tuple(row["rappels_jours"]),
    )


def remontee_vue(row: Row) -> RemonteeVue:
    """An answer, without its lines."""
    return RemonteeVue(
        uid=row["uid"],
        campagne=row["campagne_uid"],
        paat=row["paat_uid"],
        ght=row["ght"],
        deposeeLe=datetime.fromtimestamp(row["deposee_ms"] / 1000, UTC),
        auteur=row["auteur"],
        chiffres=ChiffresFiges.model_validate(row["chiffres"]),
    )


def rappel_vue(row: Row) -> RappelVue:
    """A reminder."""
    return RappelVue(
        uid=row["uid"],
        campagne=row["campagne_uid"],
        ght=row["ght"],
        jours=row["jours"],
        jour=row["jour"],
        message=row["message"],
    )
