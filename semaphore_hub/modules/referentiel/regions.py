"""The regions, under the short names that the DGOS uses in its tables of performance and of targets.

Source of names and short names: DGOS, presentation of 17/06/2022 (performance 2021, targets 2022). Mayotte is not in
those tables; its short name is ours.
"""

from __future__ import annotations

from dataclasses import dataclass

from semaphore_hub.modules.referentiel.libelles import cle_de


@dataclass(frozen=True, slots=True)
class Region:
    """A region: short name used as key everywhere, full name."""

    sigle: str
    nom: str


REGIONS = (
    Region("IDF", "Île-de-France"),
    Region("ARA", "Auvergne-Rhône-Alpes"),
    Region("GE", "Grand Est"),
    Region("NA", "Nouvelle-Aquitaine"),
    Region("OCC", "Occitanie"),
    Region("HDF", "Hauts-de-France"),
    Region("PACA", "Provence-Alpes-Côte d'Azur"),
    Region("BFC", "Bourgogne-Franche-Comté"),
    Region("BRE", "Bretagne"),
    Region("NOR", "Normandie"),
    Region("PDL", "Pays de la Loire"),
    Region("CVL", "Centre-Val de Loire"),
    Region("REUNION", "La Réunion"),
    Region("MARTINIQUE", "Martinique"),
    Region("GUADELOUPE", "Guadeloupe"),
    Region("GUYANE", "Guyane"),
    Region("CORSE", "Corse"),
    Region("MAYOTTE", "Mayotte"),
)
SIGLES = tuple(region.sigle for region in REGIONS)
_BY_KEY = {cle_de(written): region for region in REGIONS for written in (region.sigle, region.nom)}


def region_de(ecrit: str) -> Region | None:
    """The region that a short or full name designates, whatever its case and accents."""
    return _BY_KEY.get(cle_de(ecrit))


def region_du_ght(code: str) -> str | None:
    """The region that the code of a GHT begins with ("ARA-01"), the ministry's way of writing them, or None."""
    found = _BY_KEY.get(cle_de(code.partition("-")[0]))
    return None if found is None else found.sigle
