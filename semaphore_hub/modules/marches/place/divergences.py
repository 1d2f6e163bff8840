"""One divergence, and what every comparison does with values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from pydantic import Field

from semaphore_hub.modules.marches.place import rules
from semaphore_hub.modules.marches.place.dits import TitulaireDit
from semaphore_hub.modules.referentiel.champs import Sortie
from semaphore_hub.modules.referentiel.rules import Rule

_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,6})?")


class Divergence(Sortie):
    """What PLACE says otherwise than the hub; nothing is changed by itself, the buyer decides."""

    regle: str = Field(description="identifiant de la règle")
    champ: str = Field(description="donnée comparée", examples=["montant"])
    lot: int | None = Field(default=None, description="numéro du lot, dans une consultation allotie")
    valeurHub: str | None = Field(description="ce que dit le hub ; null : il ne l'a pas")
    valeurPlace: str | None = Field(description="ce que dit PLACE ; null : elle ne l'a pas")
    message: str = Field(description="ce qu'il faut vérifier ou faire")


def divergence(
    rule: Rule, champ: str, hub: object, place: object, *, lot: int | None = None, **values: object
) -> Divergence:
    """A divergence that a rule says."""
    words = rule.broken("$", hub=hub, place=place, lot="" if lot is None else f"Lot {lot} : ", **values).message
    return Divergence(
        regle=rule.id,
        champ=champ,
        lot=lot,
        valeurHub=None if hub is None else str(hub),
        valeurPlace=None if place is None else str(place),
        message=words,
    )


def ecart(champ: str, quoi: str, hub: object, place: object, *, lot: int | None = None) -> Divergence:
    """Both say a value, not the same."""
    return divergence(rules.ECART, champ, hub, place, lot=lot, quoi=quoi)


def nombre(text: str) -> Decimal | None:
    """A number of a file, French comma and blanks admitted; ``None`` when it is none."""
    plain = "".join(text.split()).replace(",", ".")
    return Decimal(plain) if _NUMBER.fullmatch(plain) else None


def identifiants(titulaires: Iterable[TitulaireDit]) -> frozenset[str]:
    """Identifiers of holders, without their blanks; one without identifier counts under its name."""
    return frozenset("".join((one.id or one.denominationSociale or "?").split()).upper() for one in titulaires)


def enumeres(values: Iterable[str]) -> str:
    """Values in a stable order for a sentence."""
    return ", ".join(sorted(values))
