"""The delay between the information of the rejected candidates and the signature.

Source: art. R2182-1 CCP (11 days, 16 when the information was not electronic) and R2182-2 (cases without delay). It is
counted from day to day, the day of sending included: sent on 28 December with 16 days, the marché may be signed on
13 January (Conseil d'État, 2 August 2011, no 347526).
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import Connection

from semaphore_hub.kernel.errors import Problem
from semaphore_hub.modules.marches.description import Description
from semaphore_hub.modules.marches.lifecycle import Statut
from semaphore_hub.modules.marches.projets.reading import projet_of
from semaphore_hub.modules.marches.projets.seuils import FORMALISEES
from semaphore_hub.modules.marches.reading import Whole
from semaphore_hub.modules.marches.transitions import rules
from semaphore_hub.modules.referentiel.codes import Technique

ELECTRONIC_DAYS, PAPER_DAYS = 11, 16


def first_day_to_sign(information: date, *, electronic: bool) -> date:
    """First day the marché may be signed."""
    return information + timedelta(days=ELECTRONIC_DAYS if electronic else PAPER_DAYS)


def must_wait(description: Description) -> bool:
    """Whether a delay is due: formalised procedure, several offers, neither subsequent nor of a dynamic system."""
    return (
        description.procedure in FORMALISEES
        and description.offresRecues > 1
        and description.idAccordCadre is None
        and Technique.SAD not in description.techniques
    )


def standstill_problems(
    description: Description, information: date | None, signature: date, *, electronic: bool, after_projet: bool
) -> list[Problem]:
    """A signature too early, or that cannot be checked although the procedure was run in the hub."""
    if not must_wait(description):
        return []
    if information is None:
        return [rules.EVINCES_INCONNUE.broken("$.dateInformationEvinces")] if after_projet else []
    first = first_day_to_sign(information, electronic=electronic)
    if signature >= first:
        return []
    days = (first - information).days
    return [rules.STANDSTILL.broken("$.dateSignature", information=information, premier=first, jours=days)]


def signature_warnings(whole: Whole) -> list[Problem]:
    """A marché signed in the hub whose delay could not be checked."""
    signed, told = whole.vie.dateSignature, whole.vie.dateInformationEvinces
    if signed is None or told is not None or not must_wait(whole.description):
        return []
    return [rules.EVINCES_NON_VERIFIEE.broken("$.complements.dateSignature")]


def unsigned_problems(connection: Connection, whole: Whole) -> list[Problem]:
    """A marché that came from a projet and was not signed; others may have been signed outside the hub."""
    # The first version of a marché recorded without a projet is 1: nothing can have come before.
    if whole.row["statut"] != Statut.ATTRIBUE or whole.row["version"] == 1:
        return []
    if projet_of(connection, whole.row["uid"]) is None:
        return []
    return [rules.SIGNATURE_REQUISE.broken("$.dateNotification")]
