"""Compares a contract of the essential data of PLACE with a marché of the hub; pure.

A value that PLACE does not give is not compared: former files leave out several.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from semaphore_hub.modules.marches.place import rules
from semaphore_hub.modules.marches.place.connus import MarcheConnu
from semaphore_hub.modules.marches.place.dits import ContratDit, jour
from semaphore_hub.modules.marches.place.divergences import (
    Divergence,
    divergence,
    ecart,
    enumeres,
    identifiants,
    nombre,
)

OBJET_TRONQUE = 256
"""Platforms cut a longer objet there (former essential data, hypothèse): the beginning is then the same."""


def divergences(
    dit: ContratDit, connu: MarcheConnu | None, defaut: Literal["inconnu", "ambigu"] | None = None
) -> tuple[Divergence, ...]:
    """What differs.

    Args:
        dit: what PLACE says.
        connu: the marché it is; ``None`` when none, or several, may be meant.
        defaut: why there is none.
    """
    if connu is None:
        rule = rules.CONTRAT_AMBIGU if defaut == "ambigu" else rules.CONTRAT_INCONNU
        return (divergence(rule, "id", None, dit.id, numero=dit.id),)
    found = [
        *_number("montant", "le montant HT", dit.montant, connu.montants),
        *_number("dureeMois", "la durée en mois", dit.dureeMois, connu.durees),
        *_number("offresRecues", "le nombre d'offres reçues", dit.offresRecues, (connu.offres,)),
        *_notification(dit, connu),
    ]
    if dit.objet is not None and not _same_text(dit.objet, connu.objet):
        found.append(ecart("objet", "l'objet", f"« {connu.objet} »", f"« {dit.objet} »"))
    holders = identifiants(dit.titulaires)
    if holders and holders not in connu.titulaires:
        found.append(ecart("titulaires", "les titulaires", enumeres(connu.titulaires[0]), enumeres(holders)))
    if dit.modifications != connu.modifications:
        found.append(divergence(rules.MODIFICATIONS, "modifications", connu.modifications, dit.modifications))
    return tuple(found)


def _number(champ: str, quoi: str, said: str | None, known: tuple[Decimal | int, ...]) -> list[Divergence]:
    """A number that is none of those admitted; amounts differ from one cent on."""
    if said is None:
        return []
    value = nombre(said)
    if value is None:
        return [divergence(rules.ILLISIBLE, champ, known[0], said, quoi=quoi)]
    return [] if any(abs(value - one) < Decimal("0.01") for one in known) else [ecart(champ, quoi, known[0], said)]


def _notification(dit: ContratDit, connu: MarcheConnu) -> list[Divergence]:
    said, champ, quoi = dit.dateNotification, "dateNotification", "la date de notification"
    if said is None or jour(said) == connu.notification is not None:
        return []
    if jour(said) is None:
        return [divergence(rules.ILLISIBLE, champ, connu.notification, said, quoi=quoi)]
    if connu.notification is None:
        return [divergence(rules.NON_NOTIFIE, champ, None, said, statut=connu.statut)]
    return [ecart(champ, quoi, connu.notification, said)]


def _same_text(said: str, known: str) -> bool:
    """Case and blanks do not count, nor what was cut off."""
    left, right = (" ".join(text.casefold().split()) for text in (said, known))
    return left == right or (len(said) >= OBJET_TRONQUE - 1 and right.startswith(left))
