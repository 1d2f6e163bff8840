"""Needs: from what is received to rows, and back to what the API shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping

from semaphore_hub.kernel.errors import Problem
from semaphore_hub.kernel.money import from_cents, to_cents
from semaphore_hub.modules.planification import rules
from semaphore_hub.modules.planification.procedure import averti
from semaphore_hub.modules.planification.recensements.schemas import BesoinEntree, BesoinModifie, BesoinVue
from semaphore_hub.modules.referentiel.familles import Familles, famille_du_cpv
from semaphore_hub.modules.referentiel.lookups import EtablissementConnu
from semaphore_hub.modules.referentiel.schemas import Avertissement

Cle = tuple[str, str]
"""SIRET of the établissement and its reference: what makes a need the same one."""


def cle(besoin: BesoinEntree) -> Cle:
    """What makes a need the same one, inside a census."""
    return besoin.etablissement, besoin.reference


def colonnes(besoin: BesoinEntree, familles: Familles) -> dict[str, Any]:
    """The columns that a need gives; its family is known, or deduced from its CPV (hypothèse)."""
    family = None if besoin.famille is None else familles.trouver(besoin.famille)
    if family is None and besoin.codeCPV is not None:
        family = famille_du_cpv(besoin.codeCPV)
    return {
        "libelle": besoin.libelle,
        "type_achat": besoin.typeAchat,
        "recurrent": besoin.recurrent,
        "famille": family,
        "code_nchfs": besoin.codeNCHFS,
        "code_cpv": besoin.codeCPV,
        "quantite": besoin.quantite,
        "unite": besoin.unite,
        "montant_annuel_cents": to_cents(besoin.montantAnnuel),
        "commentaire": besoin.commentaire,
    }


def problemes(
    besoins: Sequence[tuple[str, BesoinEntree]],
    ght: str,
    membres: Mapping[str, EtablissementConnu],
    familles: Familles,
) -> list[Problem]:
    """What is wrong with needs, each at its place in the request."""
    seen = Counter(cle(one) for _, one in besoins)
    found: list[Problem] = []
    for place, one in besoins:
        siret = one.etablissement
        if siret not in membres or membres[siret].ght != ght:
            found.append(rules.BESOIN_ETABLISSEMENT.broken(f"{place}.etablissement", siret=siret, ght=ght))
        if one.famille is not None and familles.trouver(one.famille) is None:
            found.append(rules.FAMILLE.broken(f"{place}.famille", famille=one.famille))
        if (one.quantite is None) is not (one.unite is None):
            found.append(rules.BESOIN_QUANTITE.broken(f"{place}.quantite", reference=one.reference))
        if seen[cle(one)] > 1:
            found.append(rules.BESOIN_DOUBLE.broken(f"{place}.reference", reference=one.reference, siret=siret))
    return found


def problemes_de_changement(
    place: str, besoin: BesoinModifie, row: RowMapping, values: Mapping[str, Any]
) -> list[Problem]:
    """What prevents a recorded need from being stated again."""
    changed = any(row[name] != value for name, value in values.items())
    if besoin.version is not None and besoin.version != row["version"]:
        said = {"reference": besoin.reference, "version": row["version"], "lue": besoin.version}
        return [rules.BESOIN_VERSION.broken(f"{place}.version", **said)]
    if changed and row["projet_uid"] is not None:
        return [rules.BESOIN_REPRIS.broken(place, reference=besoin.reference)]
    return []


def avertissements(place: str, code: str | None, connus: Mapping[str, str]) -> list[Avertissement]:
    """What to look at in a need."""
    if code is None or code in connus:
        return []
    return [averti(rules.NCHFS_INCONNU, f"{place}.codeNCHFS", code=code)]


def vue(row: RowMapping, connus: Mapping[str, str]) -> BesoinVue:
    """A need as the API shows it."""
    return BesoinVue(
        uid=row["uid"],
        version=row["version"],
        recensement=row["recensement_uid"],
        etablissement=row["etablissement_siret"],
        reference=row["reference"],
        libelle=row["libelle"],
        typeAchat=row["type_achat"],
        recurrent=row["recurrent"],
        famille=row["famille"],
        codeNCHFS=row["code_nchfs"],
        codeCPV=row["code_cpv"],
        quantite=row["quantite"],
        unite=row["unite"],
        montantAnnuel=from_cents(row["montant_annuel_cents"]),
        commentaire=row["commentaire"],
        projet=row["projet_uid"],
        avertissements=tuple(avertissements("$", row["code_nchfs"], connus)),
    )
