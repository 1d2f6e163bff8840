"""What is asked of an indicator, and whether the indicator has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from semaphore_hub.kernel.access import Caller
from semaphore_hub.kernel.errors import NotFound, Problem
from semaphore_hub.modules.indicateurs import rules
from semaphore_hub.modules.indicateurs.indicateur import Decoupage, Filtrage, Indicateur, Niveau
from semaphore_hub.modules.indicateurs.moteur import Filtre
from semaphore_hub.modules.referentiel.champs import listed
from semaphore_hub.modules.referentiel.regions import SIGLES
from semaphore_hub.modules.referentiel.rules import refuse

Source = Literal["lignes", "consolidation"]


@dataclass(frozen=True, slots=True)
class Demande:
    """A question: years, level, breakdown, conditions; ``source`` None lets the answer choose."""

    annees: tuple[int, ...]
    niveau: Niveau = "national"
    par: Decoupage | None = None
    region: str | None = None
    ght: str | None = None
    etablissement: str | None = None
    famille: str | None = None
    operateur: str | None = None
    role: str | None = None
    source: Source | None = None

    def filtres(self) -> dict[Filtrage, str]:
        """The conditions given, by name."""
        names: tuple[Filtrage, ...] = ("region", "ght", "etablissement", "famille", "operateur", "role")
        return {name: cast(str, getattr(self, name)) for name in names if getattr(self, name) is not None}

    def filtre(self, caller: Caller, cumul: int) -> Filtre:
        """The same for an engine, within the caller's perimeter, with the years that are added up."""
        years = {year - back for year in self.annees for back in range(cumul)}
        return Filtre(
            annees=tuple(sorted(years)),
            perimetre=caller.ghts,
            region=self.region,
            ght=self.ght,
            etablissement=self.etablissement,
            famille=self.famille,
            operateur=self.operateur,
            role=self.role,
        )

    @property
    def consolidable(self) -> bool:
        """Whether a consolidated figure, which is by region or for the country, could answer."""
        return self.niveau in ("national", "region") and self.par is None and not set(self.filtres()) - {"region"}


def verifier(indicateur: Indicateur, demande: Demande, caller: Caller) -> None:
    """Refuse what the indicator does not have.

    Raises:
        RuleBroken: level, breakdown, condition or source; each says what is possible.
        NotFound: the GHT is outside the caller's perimeter.
    """
    refuse([*_conditions(indicateur, demande), *_niveau(indicateur, demande), *_source(indicateur, demande)])
    if demande.ght is not None and not caller.may_see(demande.ght):
        raise NotFound(f"Le GHT {demande.ght} n'existe pas, ou n'est pas dans votre périmètre.")


def _conditions(indicateur: Indicateur, demande: Demande) -> list[Problem]:
    problems = []
    if demande.region is not None and demande.region not in SIGLES:
        problems.append(rules.REGION.broken("query.region", region=demande.region, possibles=listed(SIGLES)))
    possible = {"region", "ght", *indicateur.filtres}
    if "etablissement" in indicateur.niveaux:
        possible.add("etablissement")
    for name in demande.filtres():
        if name not in possible:
            problems.append(rules.FILTRE.broken(f"query.{name}", code=indicateur.code, filtre=name))
    return problems


def _niveau(indicateur: Indicateur, demande: Demande) -> list[Problem]:
    problems = []
    if demande.niveau not in indicateur.niveaux:
        possible = listed(indicateur.niveaux)
        problems.append(
            rules.NIVEAU.broken("query.niveau", code=indicateur.code, niveau=demande.niveau, possibles=possible)
        )
    if demande.par is not None and demande.par not in indicateur.decoupages:
        possible = listed(indicateur.decoupages) or "aucun"
        problems.append(rules.DECOUPAGE.broken("query.par", code=indicateur.code, par=demande.par, possibles=possible))
    if indicateur.reference is not None:
        what = "l'objectif" if indicateur.reference == "objectif" else "le volume d'achats"
        coarser: dict[Filtrage, tuple[Niveau, ...]] = {
            "ght": ("national", "region"),
            "etablissement": ("national", "region", "ght"),
        }
        for name, levels in coarser.items():
            if name in demande.filtres() and demande.niveau in levels:
                problems.append(rules.FILTRE_NIVEAU.broken("query.niveau", filtre=name, niveau=name, quoi=what))
    return problems


def _source(indicateur: Indicateur, demande: Demande) -> list[Problem]:
    if demande.source != "consolidation":
        return []
    if indicateur.consolide is None:
        return [rules.SANS_CONSOLIDATION.broken("query.source", code=indicateur.code)]
    if not demande.consolidable:
        extra = [*sorted(set(demande.filtres()) - {"region"}), *(["par"] if demande.par is not None else [])]
        said = listed(extra) or f"niveau={demande.niveau}"
        return [rules.CONSOLIDATION.broken("query.source", quoi=said)]
    return []
