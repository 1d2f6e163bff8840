"""What a marché's life becomes in the PES: what each sending says, and which sub-contractors are paid directly.

Decisions, with what they rest on (comments of the official XSD, FAQ of the DGFiP of 26/09/2025):

- A first sending says the contract as it was notified; what happened since comes with the next one.
- A sending that publishes a modification says the consolidated state and *every* modification so far. The XSD calls
  the block « marché modifié comportant n >= 1 modification(s) », without the « depuis le dernier flux envoyé » that it
  says of concessions; each block is known by its number, so that saying it again doubles nothing (hypothèse).
- What changes the state without a modification to publish (renewal, tranche, price, document, subcontracting that is
  not paid directly) is a sending without blocks: Hélios computes the differences (FAQ, rule 4).
- A correction is flagged as such, and then replaces the sending before, only where the XSD allows it: after an
  unmodified initial contract, after the last modification, or after such a correction. Anywhere else, or when it is
  not known what came before, it is a plain update, which is always allowed.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from semaphore_hub.kernel.money import to_cents
from semaphore_hub.ports.events import (
    MARCHE_CORRIGE,
    MARCHE_MODIFIE,
    MARCHE_NOTIFIE,
    MARCHE_SOUS_TRAITANCE_DECLAREE,
    MARCHE_SOUS_TRAITANCE_MODIFIEE,
)
from semaphore_hub.ports.outcomes import Unsupported
from semaphore_hub.ports.payloads import (
    ActeSousTraitance,
    Marche,
    MarchePayload,
    ModificationActeSousTraitance,
    initial_of,
)

MAX_NUMBER = 99  # NumeroActe, NumeroActeSousTraitance and NumeroOrdreModification have two digits
_SUBCONTRACTING = (MARCHE_SOUS_TRAITANCE_DECLAREE, MARCHE_SOUS_TRAITANCE_MODIFIEE)


class Saying(NamedTuple):
    """What one file says.

    Attributes:
        marche: the state.
        blocks: whether the modifications are told with it.
        correction: whether it is flagged as replacing the sending before it.
        amended: whether shares known in that state may be those of another total.
    """

    marche: Marche
    blocks: bool
    correction: bool
    amended: bool


@dataclass(frozen=True, slots=True)
class DirectAct:
    """A subcontracting act with direct payment, as its modifications left it; amounts in cents."""

    act: ActeSousTraitance
    cents: int
    months: int

    @property
    def tax_cents(self) -> int | None:
        """Its VAT, which follows its amount; ``None`` when it is not known."""
        if self.act.montantTVA is None or self.act.autoliquidationTVA:
            return None
        initial = to_cents(self.act.montant)
        tax = to_cents(self.act.montantTVA)
        return tax if self.cents == initial or not initial else tax * self.cents // initial


@dataclass(frozen=True, slots=True)
class DirectChange:
    """A modification of a direct act with the difference it makes, cents."""

    change: ModificationActeSousTraitance
    act: ActeSousTraitance
    delta_cents: int


def sayings(
    event_type: str, payload: MarchePayload, sequence: int, *, replaces_rejected: bool, follows: str | None
) -> tuple[Saying, ...]:
    """The files that say an event: one, or two when a changed marché has to start from its first sequence.

    Args:
        event_type: type of the event.
        payload: its data.
        sequence: SequenceEnvoi of the first file.
        replaces_rejected: the file takes the place of one that Hélios refused, which therefore never took effect.
        follows: type of the last event said before that is not a correction; ``None`` when it is not known.
    """
    marche = payload.marche
    history = history_length(marche) > 0
    amended = bool(marche.modifications)
    if sequence == 1:
        if not history and not _was_updated(marche):
            return (Saying(marche, blocks=False, correction=False, amended=False),)
        return (
            Saying(initial_state(marche), blocks=False, correction=False, amended=True),
            Saying(marche, blocks=history, correction=False, amended=amended),
        )
    correction = (
        event_type == MARCHE_CORRIGE
        and not replaces_rejected
        and _may_be_replaced(marche, sequence, follows, history=history)
    )
    said_with_blocks = correction or replaces_rejected or _publishes(event_type, payload)
    if event_type == MARCHE_CORRIGE and sequence == 2:
        said_with_blocks = True  # only the initial contract was said before: its history is news
    return (Saying(marche, blocks=history and said_with_blocks, correction=correction, amended=amended),)


def initial_state(marche: Marche) -> Marche:
    """The marché as it was notified, without what happened since."""
    initial = initial_of(marche)
    more = marche.complements
    changes: dict[str, object] = {}
    if more.montantEstime is not None:
        added = sum((one.deltaMontantEstime or Decimal(0) for one in marche.modifications), Decimal(0))
        changes["montantEstime"] = more.montantEstime - added
    if initial.montant != marche.montant:
        changes["montantTVA"] = None  # only that of the present amount is known
    return marche.model_copy(
        update={
            "montant": initial.montant,
            "dureeMois": initial.dureeMois,
            "titulaires": initial.titulaires,
            "typeGroupementOperateurs": initial.typeGroupementOperateurs,
            "initial": initial,
            "montantActualise": None,
            "montantTVAActualise": None,
            "modifications": (),
            "actesSousTraitance": (),
            "modificationsActesSousTraitance": (),
            "tranches": tuple(one.model_copy(update={"dateAffermissement": None}) for one in marche.tranches),
            "complements": more.model_copy(update=changes) if changes else more,
        }
    )


def history_length(marche: Marche) -> int:
    """How many modifications the PES is told of: NumeroOrdreModification of the present state.

    Amendments, acts with direct payment and their modifications count alike, for the XSD gives all of them a block of
    ModificationsMarche; an amendment that takes two blocks (amount and holders) counts once.
    """
    if not marche.actesSousTraitance:
        return len(marche.modifications)
    direct = {act.id for act in marche.actesSousTraitance if act.paiementDirect}
    changes = sum(change.id in direct for change in marche.modificationsActesSousTraitance)
    return len(marche.modifications) + len(direct) + changes


def direct_acts(marche: Marche) -> tuple[DirectAct, ...]:
    """Acts whose sub-contractor is paid directly, in the order of their numbers.

    Raises:
        Unsupported: an act has no amount, or its modifications take more than it has.
    """
    if not marche.actesSousTraitance:
        return ()
    changes = direct_changes(marche)
    found = []
    for act in sorted(marche.actesSousTraitance, key=lambda one: one.id):
        if not act.paiementDirect:
            continue
        own = [one for one in changes if one.act.id == act.id]
        amount = to_cents(act.montant) + sum(one.delta_cents for one in own)
        if not act.montant or amount < 0:
            raise Unsupported(
                f"L'acte de sous-traitance n° {act.id} n'a pas de montant positif : le PES Marché l'exige pour un "
                "paiement direct, corrigez l'acte ou sa modification."
            )
        months = next((one.change.dureeMois for one in reversed(own) if one.change.dureeMois), act.dureeMois)
        found.append(DirectAct(act, amount, months))
    return tuple(found)


def direct_changes(marche: Marche) -> tuple[DirectChange, ...]:
    """Modifications of acts with direct payment, in the order of their numbers, with their differences."""
    acts = {act.id: act for act in marche.actesSousTraitance if act.paiementDirect}
    amounts = {number: to_cents(act.montant) for number, act in acts.items()}
    found = []
    for change in sorted(marche.modificationsActesSousTraitance, key=lambda one: one.numero):
        if change.id not in acts:
            continue
        after = amounts[change.id] + to_cents(change.deltaMontant or Decimal(0))
        if change.montant is not None:
            after = to_cents(change.montant)
        found.append(DirectChange(change, acts[change.id], after - amounts[change.id]))
        amounts[change.id] = after
    return tuple(found)


def _publishes(event_type: str, payload: MarchePayload) -> bool:
    """Whether the event is itself a modification to publish, or says everything anew."""
    if event_type in (MARCHE_NOTIFIE, MARCHE_MODIFIE):
        return True
    if event_type not in _SUBCONTRACTING or payload.numero is None:
        return event_type in _SUBCONTRACTING
    marche, number = payload.marche, payload.numero
    if event_type == MARCHE_SOUS_TRAITANCE_MODIFIEE:
        number = next((one.id for one in marche.modificationsActesSousTraitance if one.numero == number), number)
    return any(act.paiementDirect for act in marche.actesSousTraitance if act.id == number)


def _may_be_replaced(marche: Marche, sequence: int, follows: str | None, *, history: bool) -> bool:
    """Whether the sending before may be replaced by a correction."""
    if sequence == 2:
        return not history
    indirect = any(not act.paiementDirect for act in marche.actesSousTraitance)
    if follows is None:
        return not (indirect or marche.pieces or _was_updated(marche))
    if follows in _SUBCONTRACTING:
        return not indirect
    return follows in (MARCHE_NOTIFIE, MARCHE_MODIFIE)


def _was_updated(marche: Marche) -> bool:
    """Whether the state shows something that was said, or is to be said, after the notification without a block."""
    return (
        marche.montantActualise is not None
        or any(one.dateAffermissement is not None for one in marche.tranches)
        or any(one.decision is not None for one in marche.reconductions)
    )
