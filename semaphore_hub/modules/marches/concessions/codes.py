"""Enumerations of concessions in the DECP 2.0.4 (labels) and their order in the PES Marché (codes 01 to 04)."""

from __future__ import annotations

from enum import StrEnum


class NatureConcession(StrEnum):
    """Nature; in the PES, NatureConcession 01 to 04 in this order."""

    TRAVAUX = "Concession de travaux"
    SERVICE = "Concession de service"
    SERVICE_PUBLIC = "Concession de service public"
    DELEGATION = "Délégation de service public"


class ProcedureConcession(StrEnum):
    """Procedure; in the PES, ProcedureConcession 01 to 04 in this order."""

    NEGOCIEE_OUVERTE = "Procédure négociée ouverte"
    NON_NEGOCIEE_OUVERTE = "Procédure non négociée ouverte"
    NEGOCIEE_RESTREINTE = "Procédure négociée restreinte"
    NON_NEGOCIEE_RESTREINTE = "Procédure non négociée restreinte"


class ConsiderationSocialeConcession(StrEnum):
    """Social considerations of a concession."""

    CLAUSE = "Clause sociale"
    CRITERE = "Critère social"
    RESERVEE = "Concession réservée"
    AUCUNE = "Pas de considération sociale"
