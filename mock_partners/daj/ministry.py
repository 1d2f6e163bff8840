"""The ministry at work on one file: schema, corrections, checks, then duplicates, record by record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from mock_partners.daj import records
from mock_partners.daj.checks import (
    DUPLICATE,
    TEST_REFUSED,
    TEST_SOURCE,
    authority_of,
    correct,
    errors_of,
    marks_of,
    uid_of,
)
from mock_partners.daj.consolidation import Consolidation, Stored
from mock_partners.daj.reading import Given
from mock_partners.daj.records import Judged
from mock_partners.kit import FaultScript


def judge(
    given: Sequence[Given],
    data: Consolidation,
    faults: FaultScript,
    *,
    day: date,
    replaces: str | None,
    buyers: frozenset[str] | None,
) -> list[Judged]:
    """Judge the records of a file and take into ``data`` those that the schema lets through.

    Args:
        day: day of the file.
        replaces: national identifier whose earlier records are withdrawn if the file publishes it (hypothèse).
        buyers: SIRET the portal knows; ``None`` for any.
    """
    validates = faults.use("source_sans_validation") is None
    judged: list[Judged] = []
    taken: list[tuple[Judged, Stored]] = []
    for one in given:
        uid = uid_of(one.kind, one.value)
        if one.refused and (validates or not isinstance(one.value, dict)):
            judged.append(Judged(one.rank, one.kind, uid, records.SET_ASIDE, one.refused))
            continue
        corrections = correct(one.kind, one.value)
        errors = [*_own_errors(one, faults, buyers), *errors_of(one.kind, one.value, day)]
        withdraws = replaces is not None and replaces == uid
        stored = data.add(one.kind, one.value, errors, one.source or "", replaces=withdraws)
        if faults.use("doublon_autre_source"):
            other = {**one.value, "datePublicationDonnees": (day + timedelta(days=1)).isoformat()}
            data.add(one.kind, other, [], "PES", replaces=False)
        state = records.SET_ASIDE if errors else records.PUBLISHED
        marks = () if errors else tuple(marks_of(one.kind, one.value))
        judged.append(Judged(one.rank, one.kind, uid, state, tuple(errors), tuple(corrections), marks))
        taken.append((judged[-1], stored))
    # Once the whole file is read: a later record of it may have made an earlier one a duplicate.
    winners = data.winners()
    for verdict, stored in taken:
        if verdict.state == records.PUBLISHED and winners.get(stored.key) is not stored:
            verdict.state, verdict.errors, verdict.marks = records.DUPLICATE, (DUPLICATE,), ()
    return judged


def _own_errors(one: Given, faults: FaultScript, buyers: frozenset[str] | None) -> list[str]:
    """What is refused before the checks: the scenario, test records, buyers the portal does not know."""
    forced = faults.use("rejet_enregistrement") if one.rank == 1 else None
    errors = [] if forced is None else [forced.parameter or "Enregistrement écarté (simulé)"]
    if one.source == TEST_SOURCE:
        errors.append(TEST_REFUSED)
    siret = authority_of(one.kind, one.value)
    if buyers is not None and siret not in buyers:
        errors.append(f"Acheteur {siret} inconnu du portail (hypothèse)")
    return errors
