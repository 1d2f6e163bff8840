"""Établissements that join the beneficiaries, and documents that are added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from semaphore_hub.kernel.errors import Problem
from semaphore_hub.modules.marches import structure_rules
from semaphore_hub.modules.marches.execution import rules
from semaphore_hub.modules.marches.execution.moments import execution_problems
from semaphore_hub.modules.marches.execution.schemas import RattachementBeneficiaire
from semaphore_hub.modules.marches.reading import Named, Whole
from semaphore_hub.modules.marches.schemas import PieceEntree
from semaphore_hub.modules.marches.vie import Rattachement
from semaphore_hub.modules.referentiel.lookups import EtablissementConnu
from semaphore_hub.ports.payloads import PieceJointe


def joined(
    whole: Whole,
    rattachement: RattachementBeneficiaire,
    then: Mapping[str, EtablissementConnu],
    now: Mapping[str, EtablissementConnu],
) -> tuple[Whole, list[Problem]]:
    """The marché with one more beneficiary, and what prevents it.

    Args:
        whole: the marché.
        rattachement: who joins, and when.
        then: that établissement on the day it joins, by SIRET; empty when no GHT has it.
        now: the same today: partners are told who it is now.
    """
    siret, ght = rattachement.id, whole.row["ght"]
    problems = execution_problems(whole, "$.date", rattachement.date)
    if siret in whole.beneficiaires:
        problems.append(rules.BENEFICIAIRE_DOUBLE.broken("$.id", siret=siret))
    if any(siret not in known or known[siret].ght != ght for known in (then, now)):
        problems.append(rules.BENEFICIAIRE_GHT.broken("$.id", siret=siret, ght=ght, date=rattachement.date))
        return whole, problems
    found = now[siret]
    vie = whole.vie.model_copy(
        update={"rattachements": (*whole.vie.rattachements, Rattachement(siret=siret, date=rattachement.date))}
    )
    after = replace(
        whole,
        beneficiaires=(*whole.beneficiaires, siret),
        names={**whole.names, siret: Named(found.nom, found.cle_valide)},
        vie=vie,
    )
    return after, problems


def documented(whole: Whole, piece: PieceEntree) -> tuple[Whole, list[Problem]]:
    """The marché with the reference of one more document, and what prevents it."""
    known = {one.idUnique for one in whole.vie.pieces}
    problems = [structure_rules.PIECE_DOUBLE.broken("$.idUnique", id=piece.idUnique)] if piece.idUnique in known else []
    pieces = (*whole.vie.pieces, PieceJointe.model_validate(piece.model_dump()))
    return whole.with_vie(whole.vie.model_copy(update={"pieces": pieces})), problems
