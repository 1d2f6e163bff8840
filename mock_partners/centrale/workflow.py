"""The workflow of adhesions on the cooperative's side: what comes next, and what must have come from the hub first."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from mock_partners.centrale.state import Adhesion

NEXT: Mapping[str, str] = {
    "demande": "signature",
    "signature": "ventilation",
    "ventilation": "validation_ca",
    "validation_ca": "notification_fournisseurs",
    "notification_fournisseurs": "active",
    "active": "echue",
}
REFUSABLE = frozenset({"demande", "signature", "ventilation", "validation_ca"})
CONTESTED = "La redevance est contestée par l'établissement facturé."
REFUSED = "La centrale ne donne pas suite à la demande."
_CENT = Decimal("0.01")


class NotNow(Exception):
    """The adhesion cannot go there now; code and French sentence."""

    def __init__(self, code: str, said: str) -> None:
        super().__init__(said)
        self.code = code


def advance(adhesion: Adhesion, wanted: str | None, *, rate: Decimal, contested: bool, motif: str | None) -> None:
    """Move an adhesion to its next state, or to the one wanted.

    Args:
        adhesion: changed in place.
        wanted: state asked for; ``None``: the next one.
        rate: fee, in percent of the need.
        contested: the fee is contested: the « Validation CA » ends with a refusal.
        motif: why it is refused.

    Raises:
        NotNow: the workflow does not go there from here, or something is expected from the hub first.
    """
    here = adhesion.statut
    target = wanted or NEXT.get(here)
    possible = {NEXT.get(here)} | ({"refusee"} if here in REFUSABLE else set())
    if target is None or target not in possible:
        raise NotNow("ETAT_INCOMPATIBLE", f"Une adhésion à l'état « {here} » ne passe pas à « {target or 'rien'} ».")
    if target == "ventilation" and not adhesion.signee:
        raise NotNow("SIGNATURE_ATTENDUE", "La convention n'est pas revenue signée.")
    if target == "validation_ca" and adhesion.etablissementFacture is None:
        raise NotNow("VENTILATION_ATTENDUE", "L'établissement facturé n'a pas été choisi.")
    if contested and target == "notification_fournisseurs":
        target, motif = "refusee", CONTESTED
    adhesion.statut = target
    adhesion.motif = (motif or REFUSED) if target == "refusee" else None
    if target == "ventilation":
        adhesion.redevanceTTC = format((Decimal(adhesion.besoinTTC) * rate / 100).quantize(_CENT), "f")


def waits_for_hub(adhesion: Adhesion) -> bool:
    """Whether the next step is the hub's."""
    if adhesion.statut == "signature":
        return not adhesion.signee
    return adhesion.statut == "ventilation" and adhesion.etablissementFacture is None
