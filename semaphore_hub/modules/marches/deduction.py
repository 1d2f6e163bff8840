"""What the PES codes of a marché are when the DECP already says it (correspondence of the two standards).

Source: enumerations of the PES Marché schemas read against those of the DECP; the correspondence itself is not
published ("hypothèse"), which is why a complement given explicitly always wins.
"""

from __future__ import annotations

import re
from typing import Literal

from semaphore_hub.modules.marches.description import Complements, Description
from semaphore_hub.modules.referentiel.codes import (
    ModaliteExecution,
    Nature,
    NatureMarchePES,
    Procedure,
    ProcedureMarchePES,
    RegimeAvance,
    Technique,
)

_PROCEDURES = {
    Procedure.ADAPTEE: ProcedureMarchePES.ADAPTEE,
    Procedure.AOO: ProcedureMarchePES.AOO,
    Procedure.AOR: ProcedureMarchePES.AOR,
    Procedure.NEGOCIATION: ProcedureMarchePES.CONCURRENTIELLE_NEGOCIATION,
    Procedure.SANS_PUBLICITE: ProcedureMarchePES.NEGOCIE_SANS_PUBLICITE,
    Procedure.DIALOGUE: ProcedureMarchePES.DIALOGUE,
}
_NOT_ALPHANUMERIC = re.compile("[^A-Za-z0-9]")
_WITH_YEAR = re.compile("20([0-4][0-9]|50)[A-Za-z0-9]{1,10}")


def type_achat(cpv: str) -> Literal["travaux", "fournitures", "services"]:
    """Works, supplies or services, by the division of the CPV 2008: 45 works, 50 to 98 services, others supplies."""
    division = int(cpv[:2])
    if division == 45:
        return "travaux"
    return "services" if division >= 50 else "fournitures"


def nature_pes(description: Description) -> NatureMarchePES:
    """``NatureMarche`` of the PES."""
    if description.complements.natureMarche is not None:
        return description.complements.natureMarche
    if description.nature is Nature.PARTENARIAT:
        return NatureMarchePES.PARTENARIAT
    if description.idAccordCadre is not None:
        return NatureMarchePES.SUBSEQUENT
    if Technique.ACCORD_CADRE in description.techniques:
        if ModaliteExecution.SUBSEQUENTS in description.modalitesExecution:
            return NatureMarchePES.ACCORD_CADRE_SUBSEQUENTS
        return NatureMarchePES.ACCORD_CADRE_BONS_DE_COMMANDE
    return NatureMarchePES.MARCHE


def procedure_pes(description: Description) -> ProcedureMarchePES:
    """``ProcedureMarche`` of the PES."""
    if description.complements.procedureMarche is not None:
        return description.complements.procedureMarche
    if Technique.CONCOURS in description.techniques:
        return ProcedureMarchePES.CONCOURS
    if Technique.SAD in description.techniques:
        return ProcedureMarchePES.SAD
    return _PROCEDURES[description.procedure]


def regime_avance(description: Description) -> RegimeAvance:
    """``RegimeAvance`` of the PES: without more, an advance granted is the mandatory one."""
    if description.complements.regimeAvance is not None:
        return description.complements.regimeAvance
    return RegimeAvance.OBLIGATOIRE if description.attributionAvance else RegimeAvance.AUCUNE


def id_contrat(marche_id: str, year: int) -> str | None:
    """``IdContrat``: the year of notification then 1 to 10 letters or digits of the id; ``None`` when it does not fit.

    An id that already begins with the year is not given it twice.
    """
    compact = _NOT_ALPHANUMERIC.sub("", marche_id)
    if compact.startswith(str(year)) and _WITH_YEAR.fullmatch(compact):
        return compact
    return f"{year}{compact}" if 1 <= len(compact) <= 10 else None


def may_have_id_contrat(marche_id: str) -> bool:
    """Whether some year of notification gives an ``IdContrat``."""
    compact = _NOT_ALPHANUMERIC.sub("", marche_id)
    return 1 <= len(compact) <= 10 or _WITH_YEAR.fullmatch(compact) is not None


def resolved(description: Description, contract: str | None) -> Complements:
    """The complements with what was left out deduced.

    Args:
        description: the marché's descriptive part.
        contract: its ``IdContrat`` once notified; before, the one given if any.
    """
    return description.complements.model_copy(
        update={
            "idContrat": contract or description.complements.idContrat,
            "natureMarche": nature_pes(description),
            "procedureMarche": procedure_pes(description),
            "regimeAvance": regime_avance(description),
        }
    )
