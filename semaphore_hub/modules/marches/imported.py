"""The subcontracting acts of a marché read from a file, put in its life before anything is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from semaphore_hub.kernel.errors import Problem
from semaphore_hub.modules.marches.schemas import ActeImporte, MarcheImporte, OperateurRef
from semaphore_hub.modules.marches.vie import ActeInscrit, Vie
from semaphore_hub.modules.referentiel.lookups import FournisseurConnu
from semaphore_hub.modules.referentiel.rules import Rule
from semaphore_hub.ports.payloads import ModificationActeSousTraitance

SOUS_TRAITANT = Rule(
    "MAR-IMPORT-SOUS-TRAITANT",
    "L'opérateur {type} {id} de l'acte de sous-traitance n° {acte} n'est pas au référentiel : créez-le d'abord.",
    "hypothèse",
)
ACTE_TITULAIRE = Rule(
    "MAR-IMPORT-ACTE-TITULAIRE",
    "L'opérateur {type} {id}, qui sous-traite par l'acte n° {acte}, n'est pas titulaire du marché.",
    "art. L2193-1 CCP : un titulaire confie à un tiers une part de son marché",
)
ACTE_DOUBLE = Rule(
    "MAR-IMPORT-ACTE-DOUBLE",
    "L'acte de sous-traitance n° {acte} est donné deux fois.",
    "DECP 2.0.4 : identifiants d'actes uniques",
)
ACTE_INCONNU = Rule(
    "MAR-IMPORT-ACTE-INCONNU",
    "La modification porte sur l'acte de sous-traitance n° {acte}, qui n'est pas donné.",
    "DECP 2.0.4 : l'identifiant d'une modification est celui de son acte",
)

Operateurs = Mapping[tuple[str, str], FournisseurConnu]


def known_content(importe: Mapping[str, Any] | None) -> dict[str, Any]:
    """What was imported before, as an import of today would say it; empty when the marché was typed in.

    Fields that did not exist yet take their default, so that an upgrade does not make the same file another one.
    """
    if importe is None:
        return {}
    try:
        return MarcheImporte.model_validate(importe).model_dump(mode="json")
    except ValidationError:
        # Imported when the form of a field was looser: it is then another content, and the refusal names the field.
        return dict(importe)


def named_operators(donnees: MarcheImporte) -> set[tuple[str, str]]:
    """Operators that the acts and their holders name, by type and identifier."""
    acts = donnees.actesSousTraitance
    refs = [ref for act in acts for ref in (act.sousTraitant, act.titulaire) if ref is not None]
    return {_key(ref) for ref in refs} | {_key(donnees.titulaires[0])}


def with_acts(vie: Vie, donnees: MarcheImporte, known: Operateurs) -> tuple[Vie, list[Problem]]:
    """The life of a marché with its acts and their modifications, and what prevents it.

    The DECP says neither who subcontracts nor whether the buyer pays the subcontractor: without better, the first
    holder and no direct payment (hypothèses). Dates are taken as they are: official files hold acts in any order.

    Args:
        vie: the life of the marché, as recorded.
        donnees: the marché read.
        known: the operators of the référentiel among :func:`named_operators`.
    """
    problems: list[Problem] = []
    holders = {_key(one) for one in donnees.titulaires}
    holders |= {_key(one) for amendment in donnees.modifications for one in amendment.titulaires}
    acts: dict[int, ActeInscrit] = {}
    for index, act in enumerate(donnees.actesSousTraitance):
        place = f"$.actesSousTraitance[{index}]"
        holder, sub = _key(act.titulaire or donnees.titulaires[0]), _key(act.sousTraitant)
        found = []
        if act.id in acts:
            found.append(ACTE_DOUBLE.broken(f"{place}.id", acte=act.id))
        if sub not in known:
            found.append(SOUS_TRAITANT.broken(f"{place}.sousTraitant.id", type=sub[0], id=sub[1], acte=act.id))
        if holder not in holders or holder not in known:
            found.append(ACTE_TITULAIRE.broken(f"{place}.titulaire.id", type=holder[0], id=holder[1], acte=act.id))
        problems += found
        if not found:
            acts[act.id] = _inscribed(act, known[sub].uid, known[holder].uid)
    modifications, wrong = _modifications(donnees, acts)
    if problems or wrong:
        return vie, problems + wrong
    return vie.model_copy(
        update={"actesSousTraitance": tuple(acts.values()), "modificationsActesSousTraitance": modifications}
    ), []


def _modifications(
    donnees: MarcheImporte, acts: Mapping[int, ActeInscrit]
) -> tuple[tuple[ModificationActeSousTraitance, ...], list[Problem]]:
    declared = {act.id for act in donnees.actesSousTraitance}
    totals: dict[int, Decimal] = {act.id: act.montant for act in acts.values()}
    problems: list[Problem] = []
    made: list[ModificationActeSousTraitance] = []
    for index, one in enumerate(donnees.modificationsActesSousTraitance):
        if one.id not in declared:
            place = f"$.modificationsActesSousTraitance[{index}].id"
            problems.append(ACTE_INCONNU.broken(place, acte=one.id))
            continue
        before = totals.get(one.id, Decimal(0))
        changed = one.montant is not None and one.montant != before
        made.append(
            ModificationActeSousTraitance(
                id=one.id,
                numero=len(made) + 1,
                objet=one.objet,
                dateNotificationModificationSousTraitance=one.dateNotificationModificationSousTraitance,
                datePublicationDonnees=one.datePublicationDonnees,
                dureeMois=one.dureeMois,
                montant=one.montant,
                deltaMontant=one.montant - before if changed and one.montant is not None else None,
            )
        )
        if one.montant is not None:
            totals[one.id] = one.montant
    return tuple(made), problems


def _inscribed(act: ActeImporte, fournisseur: str, titulaire: str) -> ActeInscrit:
    return ActeInscrit(
        id=act.id,
        objet=act.objet,
        fournisseur=fournisseur,
        titulaire=titulaire,
        dureeMois=act.dureeMois,
        dateNotification=act.dateNotification,
        datePublicationDonnees=act.datePublicationDonnees,
        montant=act.montant,
        variationPrix=act.variationPrix,
        paiementDirect=act.paiementDirect,
    )


def _key(ref: OperateurRef) -> tuple[str, str]:
    return ref.typeIdentifiant.value, ref.id
