"""How keys are called in French: regions, GHT, établissements, families, and the values of breakdowns."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.indicateurs.demande import Demande
from semaphore_hub.modules.indicateurs.formules.depenses import MOTIFS
from semaphore_hub.modules.indicateurs.indicateur import Decoupage, Niveau
from semaphore_hub.modules.indicateurs.references import Cle
from semaphore_hub.modules.referentiel.familles import familles
from semaphore_hub.modules.referentiel.lookups import etablissements_named
from semaphore_hub.modules.referentiel.models import Ght
from semaphore_hub.modules.referentiel.regions import REGIONS

_ght = table_of(Ght)
_REGIONS = {region.sigle: region.nom for region in REGIONS}
_VALEURS: dict[Decoupage, dict[str, str]] = {
    "operateur": {
        "ght": "GHT",
        "uniha": "UniHA",
        "resah": "RESAH",
        "ugap": "UGAP",
        "gcs_regional": "GCS régional",
        "autre": "Autre opérateur",
    },
    "role": {"support": "Établissement support", "partie": "Établissement partie"},
    "motif": MOTIFS,
}
_BOOLEENS: dict[Decoupage, tuple[str, str]] = {
    "report": ("Actions de l'année", "Actions reportées de l'année précédente"),
    "mutualise": ("Non mutualisé", "Mutualisé"),
}
_ABSENTS: dict[Decoupage, str] = {"motif": "Rapprochée d'un marché", "controle": "Aucun contrôle levé"}
INCONNU = "Non précisé"
ENSEMBLE = "Ensemble"
"""Not "the country": a hub may know one GHT only, and a caller may see a part of it."""


@dataclass(frozen=True, slots=True)
class Etiquettes:
    """Labels of the entities and families of one answer."""

    entites: dict[str, str]
    familles: dict[str, str]

    def de(self, cle: Cle, demande: Demande) -> str:
        """The label of a line: its entity, its breakdown, and its year when several are asked."""
        parts = [] if demande.niveau == "national" else [self._entite(cle.entite)]
        if demande.par is not None:
            parts.append(self.valeur(demande.par, cle.valeur))
        if len(demande.annees) > 1:
            parts.append(str(cle.annee))
        return " · ".join(parts) or ENSEMBLE

    def valeur(self, par: Decoupage, valeur: str | int | bool | None) -> str:
        """The label of a value of a breakdown."""
        if valeur is None:
            return _ABSENTS.get(par, INCONNU)
        if par in _BOOLEENS:
            return _BOOLEENS[par][bool(valeur)]
        text = str(valeur)
        if par == "famille":
            return self.familles.get(text, text)
        if par in ("levier", "effet"):
            return text.replace("_", " ").capitalize()
        return _VALEURS.get(par, {}).get(text, text)

    def _entite(self, code: str | None) -> str:
        return INCONNU if code is None else self.entites.get(code, code)


def etiquettes(connection: Connection, niveau: Niveau, codes: Collection[str], jour: date) -> Etiquettes:
    """Labels of the entities of a level, and of every family."""
    found: dict[str, str] = {}
    if niveau == "region":
        found = _REGIONS
    elif niveau == "ght" and codes:
        found = dict(connection.execute(select(_ght.c.code, _ght.c.nom).where(_ght.c.code.in_(sorted(codes)))).all())
    elif niveau == "etablissement" and codes:
        found = {siret: known.nom for siret, known in etablissements_named(connection, codes, jour).items()}
    return Etiquettes(found, dict(familles(connection).libelles))


def perimetre_en_mots(demande: Demande, ghts: frozenset[str] | None) -> str:
    """What the figures cover, in French: the caller's perimeter, then the conditions of the question."""
    if ghts is None:
        words = ["tous les GHT du hub"]
    else:
        words = [f"les GHT de votre périmètre ({', '.join(sorted(ghts)) or 'aucun'}), et eux seuls"]
    for name, value in demande.filtres().items():
        words.append(f"{name} {_REGIONS.get(value, value) if name == 'region' else value}")
    return ", ".join(words)
