"""Which declared losses a message makes, found by comparing what it tells with what the marché is.

Nothing is listed by hand for a marché: a field that is not told as it is belongs to the losses of the manifest that
name it, so that a loss cannot be forgotten when a mapping changes.
"""

from __future__ import annotations

from collections.abc import Sequence

from connectors.daj.mapping import Record
from connectors.daj.telling import told
from semaphore_hub.ports.champs import champs_of
from semaphore_hub.ports.manifest import Loss
from semaphore_hub.ports.payloads import Concession, Marche

NAMES, CHANGES, COMPLEMENTS = "noms", "objets-modifications", "complements-pes"
CONCESSION_PLACE, REPLACEMENT, DIVERGENT = "lieu-concession", "remplacement", "etat-divergent"


def losses_of_marche(marche: Marche, record: Record, declared: Sequence[Loss]) -> tuple[str, ...]:
    """Ids of the losses that saying ``marche`` by ``record`` makes, sorted.

    A difference that no loss names can only be a present state that does not follow from the history.
    """
    said, made = told(record), set()
    for name, value in champs_of(marche).items():
        if said.get(name) != value:
            made |= {loss.id for loss in declared if loss.covers(name)} or {DIVERGENT}
    return tuple(sorted(made))


def losses_of_concession(concession: Concession) -> tuple[str, ...]:
    """Ids of the losses that saying a concession makes, sorted."""
    made = {NAMES, COMPLEMENTS}
    if concession.modifications:
        made.add(CHANGES)
    if concession.lieuExecution is not None or concession.nomLieuExecution:
        made.add(CONCESSION_PLACE)
    return tuple(sorted(made))
