"""The code lists the hub knows, each with its status and where it comes from."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from semaphore_hub.modules.referentiel import codes
from semaphore_hub.modules.referentiel.schemas import Nomenclature, ValeurCode

_DECP = "Données essentielles de la commande publique, schéma 2.0.4 (arrêté du 22/12/2022, NOR ECOM2235715A)"
_PES = "Schémas PES Marché 5.17 et 5.30 de la DGFiP"
_CSP = "Code de la santé publique, art. L.6132-1 et L.6132-2"

_LISTS: tuple[tuple[str, str, type[StrEnum], Literal["official", "derived"], str], ...] = (
    ("decp.nature", "Nature du marché", codes.Nature, "official", _DECP),
    ("decp.technique", "Techniques d'achat", codes.Technique, "official", _DECP),
    ("decp.modaliteExecution", "Modalités d'exécution", codes.ModaliteExecution, "official", _DECP),
    ("decp.ccag", "CCAG de référence", codes.Ccag, "official", _DECP),
    ("decp.typeGroupementOperateurs", "Type de groupement", codes.TypeGroupement, "official", _DECP),
    ("decp.procedure", "Procédure de passation", codes.Procedure, "official", _DECP),
    ("decp.typeCode", "Type de code du lieu d'exécution", codes.TypeCodeLieu, "official", _DECP),
    ("decp.typePrix", "Type de prix", codes.TypePrix, "official", _DECP),
    ("decp.formePrix", "Forme du prix", codes.FormePrix, "official", _DECP),
    ("decp.considerationSociale", "Considérations sociales", codes.ConsiderationSociale, "official", _DECP),
    (
        "decp.considerationEnvironnementale",
        "Considérations environnementales",
        codes.ConsiderationEnvironnementale,
        "official",
        _DECP,
    ),
    ("decp.typeIdentifiant", "Type d'identifiant du titulaire", codes.TypeIdentifiant, "official", _DECP),
    ("pes.natureMarche", "Nature du marché (PES)", codes.NatureMarchePES, "official", _PES),
    ("pes.procedureMarche", "Procédure de passation (PES)", codes.ProcedureMarchePES, "official", _PES),
    ("pes.reconductibilite", "Reconductibilité (PES)", codes.Reconductibilite, "official", _PES),
    ("pes.regimeAvance", "Régime de l'avance (PES)", codes.RegimeAvance, "official", _PES),
    ("pes.catTiers", "Catégorie du tiers (PES)", codes.CategorieTiers, "official", _PES),
    ("pes.natJur", "Nature juridique du tiers (PES)", codes.NatureJuridique, "official", _PES),
    ("ght.role", "Rôle de l'établissement dans le GHT", codes.RoleGht, "derived", _CSP),
)


def _nomenclature(
    code: str, title: str, enum: type[StrEnum], status: Literal["official", "derived"], source: str
) -> Nomenclature:
    labels = codes.LABELS.get(enum)
    return Nomenclature(
        code=code,
        libelle=title,
        statut=status,
        source=source,
        valeurs=tuple(
            ValeurCode(code=member.value, libelle=labels.get(member.value) if labels else member.value)
            for member in enum
        ),
    )


NOMENCLATURES: tuple[Nomenclature, ...] = tuple(_nomenclature(*entry) for entry in _LISTS)
"""Every code list, in the order they are shown."""
