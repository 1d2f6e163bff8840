"""The life of a marché as a table: statuses, and the named operations that lead from one to the next.

Source: code de la commande publique for the facts; the list of statuses and what each operation asks is a hypothesis
(the purchasing system's own states are not published).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from semaphore_hub.ports import events


class Statut(StrEnum):
    """Where a marché stands."""

    PROJET = "projet"  #: the need is known, nothing is published
    CONSULTATION = "consultation"  #: the consultation is open
    ANALYSE = "analyse"  #: the offers are opened and compared
    INFRUCTUEUX = "infructueux"  #: no offer could be retained; final
    SANS_SUITE = "sans_suite"  #: the buyer gave up the procedure; final
    ATTRIBUE = "attribue"  #: the holder is chosen and the marché recorded; nothing has been sent to partners
    SIGNE = "signe"  #: the buyer signed it
    NOTIFIE = "notifie"  #: the holder received the marché: it binds, is published, may be amended
    EN_EXECUTION = "en_execution"  #: its execution has begun
    SUSPENDU = "suspendu"  #: its execution is interrupted by the buyer
    ECHU = "echu"  #: its term is reached
    RESILIE = "resilie"  #: it was ended before its term
    SOLDE = "solde"  #: everything is paid and closed; final


_VIVANT = frozenset({Statut.NOTIFIE, Statut.EN_EXECUTION, Statut.SUSPENDU})
_PROCEDURE = frozenset({Statut.CONSULTATION, Statut.ANALYSE})


@dataclass(frozen=True, slots=True)
class Transition:
    """One operation.

    Attributes:
        depuis: statuses in which it is possible; empty for one that begins a life.
        vers: status it leads to; ``None`` when the status stays.
        event: type of the one event it writes.
    """

    depuis: frozenset[Statut]
    vers: Statut | None
    event: str


def _only(*statuts: Statut) -> frozenset[Statut]:
    return frozenset(statuts)


TRANSITIONS: Mapping[str, Transition] = {
    "projeter": Transition(_only(), Statut.PROJET, events.MARCHE_PROJETE),
    # What is foreseen changes until the launch; the need is then said again, as it is now foreseen.
    "reviser_projet": Transition(_only(Statut.PROJET), None, events.MARCHE_PROJETE),
    "lancer": Transition(_only(Statut.PROJET), Statut.CONSULTATION, events.MARCHE_CONSULTE),
    "analyser": Transition(_only(Statut.CONSULTATION), Statut.ANALYSE, events.MARCHE_ANALYSE),
    "attribuer": Transition(_only(Statut.ANALYSE), Statut.ATTRIBUE, events.MARCHE_ATTRIBUE),
    "declarer_infructueux": Transition(_PROCEDURE, Statut.INFRUCTUEUX, events.MARCHE_INFRUCTUEUX),
    "declarer_sans_suite": Transition(
        _PROCEDURE | {Statut.PROJET, Statut.ATTRIBUE}, Statut.SANS_SUITE, events.MARCHE_SANS_SUITE
    ),
    "creer": Transition(_only(), Statut.ATTRIBUE, events.MARCHE_CREE),
    "signer": Transition(_only(Statut.ATTRIBUE), Statut.SIGNE, events.MARCHE_SIGNE),
    # From "attribue" directly: a marché signed outside the hub, recorded afterwards.
    "notifier": Transition(_only(Statut.ATTRIBUE, Statut.SIGNE), Statut.NOTIFIE, events.MARCHE_NOTIFIE),
    "demarrer": Transition(_only(Statut.NOTIFIE), Statut.EN_EXECUTION, events.MARCHE_DEMARRE),
    "suspendre": Transition(_only(Statut.EN_EXECUTION), Statut.SUSPENDU, events.MARCHE_SUSPENDU),
    "reprendre": Transition(_only(Statut.SUSPENDU), Statut.EN_EXECUTION, events.MARCHE_REPRIS),
    "modifier": Transition(_VIVANT, None, events.MARCHE_MODIFIE),
    "corriger": Transition(_VIVANT | {Statut.ECHU}, None, events.MARCHE_CORRIGE),
    "reconduire": Transition(_VIVANT, None, events.MARCHE_RECONDUIT),
    "ne_pas_reconduire": Transition(_VIVANT, None, events.MARCHE_NON_RECONDUIT),
    "affermir": Transition(_VIVANT, None, events.MARCHE_TRANCHE_AFFERMIE),
    "reviser_prix": Transition(_VIVANT, None, events.MARCHE_PRIX_REVISE),
    "declarer_sous_traitance": Transition(_VIVANT, None, events.MARCHE_SOUS_TRAITANCE_DECLAREE),
    "modifier_sous_traitance": Transition(_VIVANT, None, events.MARCHE_SOUS_TRAITANCE_MODIFIEE),
    "rattacher": Transition(_VIVANT, None, events.MARCHE_ETABLISSEMENT_RATTACHE),
    "joindre": Transition(_VIVANT, None, events.MARCHE_PIECE_AJOUTEE),
    # A payment may still come after the end; an order may not (checked by the operation).
    "consommer": Transition(_VIVANT | {Statut.ECHU, Statut.RESILIE}, None, events.MARCHE_CONSOMME),
    "constater_echeance": Transition(_VIVANT, Statut.ECHU, events.MARCHE_ECHU),
    "resilier": Transition(_VIVANT, Statut.RESILIE, events.MARCHE_RESILIE),
    "solder": Transition(_only(Statut.ECHU, Statut.RESILIE), Statut.SOLDE, events.MARCHE_SOLDE),
}
"""Every operation of the life of a marché, by its name."""

AVANT_ATTRIBUTION = frozenset(
    {Statut.PROJET, Statut.CONSULTATION, Statut.ANALYSE, Statut.INFRUCTUEUX, Statut.SANS_SUITE}
)
"""Statuses of a projet: what is recorded is a need, not yet a marché."""
