"""Which declared losses a message about a marché makes; their words and fields are in the manifests."""

from __future__ import annotations

from collections.abc import Callable

from connectors.gef.marche import period, running_acts, shares, subcontracted
from semaphore_hub.ports.payloads import Marche

IN_CSV = "executionCsv"
"""Subcontracting, tranches and renewals have no place in a CSV file."""

REMOVED = "caracteresRetires"
"""Control characters, which not every syntax can write."""

_MADE: dict[str, Callable[[Marche], object]] = {
    # Facts that every marché states, and that the common model has no place for.
    "avance": lambda _: True,
    "clauses": lambda _: True,
    "complementsPES": lambda _: True,
    "etatInitial": lambda _: True,
    "offresRecues": lambda _: True,
    "publication": lambda _: True,
    "techniques": lambda marche: marche.techniques or marche.modalitesExecution,
    "considerations": lambda marche: marche.considerationsSociales or marche.considerationsEnvironnementales,
    "origine": lambda marche: marche.origineUE is not None or marche.origineFrance is not None,
    "partsAcheteurs": lambda marche: marche.acheteurs,
    "pieces": lambda marche: marche.pieces,
    "revisionPrix": lambda marche: marche.montantActualise,
    "historique": lambda marche: marche.modifications,
    "sousTraitance": lambda marche: marche.actesSousTraitance,
    "ancienTitulaire": lambda marche: len(running_acts(marche)) < len(marche.actesSousTraitance),
    "compteBancaire": lambda marche: any(one.fournisseur.compteBancaire for one in marche.titulaires),
    "repartition": lambda marche: None in shares(marche) and any(one.montant for one in marche.titulaires),
    # Said, but not as the hub knows them.
    "debutDeduit": lambda marche: marche.complements.dateDebutExecution != period(marche)[0],
    "finDeduite": lambda marche: marche.dateFin is None,
    "montantSousTraite": lambda marche: any(subcontracted(act, marche) != act.montant for act in running_acts(marche)),
}


def of_marche(marche: Marche, *, ended: bool) -> tuple[str, ...]:
    """The losses that any syntax makes of this marché.

    Args:
        ended: the message says the termination itself; any other says it by the status and the last day only.
    """
    lost = [loss for loss, made in _MADE.items() if made(marche)]
    if marche.resiliation is not None and not ended:
        lost.append("resiliation")
    return tuple(lost)
