"""The parties a new marché names, looked up in the référentiel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from semaphore_hub.kernel.access import Caller
from semaphore_hub.kernel.errors import Problem
from semaphore_hub.modules.marches import rules
from semaphore_hub.modules.marches.schemas import NouveauMarche, TitulaireRef
from semaphore_hub.modules.referentiel.cles import siret_valide
from semaphore_hub.modules.referentiel.lookups import EtablissementConnu, FournisseurConnu


def reference_problems(
    nouveau: NouveauMarche,
    caller: Caller,
    known: Mapping[str, EtablissementConnu],
    suppliers: Mapping[tuple[str, str], FournisseurConnu],
) -> list[Problem]:
    """Parties that the référentiel does not know; a buyer outside the caller's perimeter is as unknown as another."""
    problems: list[Problem] = []
    buyer = known.get(nouveau.acheteur.id)
    places = [("$.acheteur.id", nouveau.acheteur.id)] if buyer is None or not caller.may_see(buyer.ght) else []
    places += [
        (f"$.beneficiaires[{index}].id", ref.id)
        for index, ref in enumerate(nouveau.beneficiaires)
        if ref.id not in known
    ]
    places += [
        (f"$.acheteurs[{index}].id", part.id) for index, part in enumerate(nouveau.acheteurs) if part.id not in known
    ]
    for path, siret in places:
        rule = rules.ACHETEUR if siret_valide(siret) else rules.SIRET_INCONNU
        problems.append(rule.broken(path, siret=siret))
    return problems + holder_problems(nouveau.titulaires, suppliers)


def holder_problems(
    holders: Sequence[TitulaireRef], suppliers: Mapping[tuple[str, str], FournisseurConnu]
) -> list[Problem]:
    """Holders that the référentiel does not know, or named twice."""
    problems: list[Problem] = []
    seen: set[tuple[str, str]] = set()
    for index, holder in enumerate(holders):
        key = (holder.typeIdentifiant.value, holder.id)
        path = f"$.titulaires[{index}].id"
        if key not in suppliers:
            problems.append(rules.TITULAIRE.broken(path, type=key[0], id=key[1]))
        if key in seen:
            problems.append(rules.TITULAIRE_DOUBLE.broken(path, type=key[0], id=key[1]))
        seen.add(key)
    return problems
