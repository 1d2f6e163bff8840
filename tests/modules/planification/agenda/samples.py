"""Projects as the calendar sees them: in memory, and in the table."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import insert

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.db import table_of
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.modules.planification.agenda.projets import JalonDate, ProjetSuivi
from semaphore_hub.modules.planification.codes import CodeJalon, Filiere, Statut
from semaphore_hub.modules.planification.models import PlanProjet
from tests.modules.samples import SUPPORT

UID = "019a8f2e-5b7c-7d31-8f4e-2a6b9c0d1e3f"
PREVUS = {
    "recensement": "2026-01-05",
    "strategie": "2026-02-02",
    "dce": "2026-03-16",
    "publication": "2026-04-01",
    "remise": "2026-05-11",
    "analyse": "2026-06-10",
    "attribution": "2026-07-01",
    "notification": "2026-07-20",
    "debut": "2026-09-01",
}
REALISES = {"recensement": "2026-01-07", "strategie": "2026-02-10"}


def jalons(prevus: dict[str, str], realises: dict[str, str]) -> tuple[JalonDate, ...]:
    """Milestones in order."""

    def day(text: str | None) -> date | None:
        return None if text is None else date.fromisoformat(text)

    return tuple(
        JalonDate(code, day(prevus.get(code)), day(realises.get(code)))
        for code in CodeJalon
        if code in prevus or code in realises
    )


def suivi(prevus: dict[str, str] | None = None, realises: dict[str, str] | None = None, **changes: Any) -> ProjetSuivi:
    """A formalised project whose strategy was validated on 10 February 2026, eight days late."""
    values: dict[str, Any] = {
        "uid": UID,
        "version": 3,
        "ght": "FIC-01",
        "reference": "2026-DM-017",
        "intitule": "Dispositifs de perfusion",
        "statut": Statut.STRATEGIE_VALIDEE,
        "filiere": Filiere.FORMALISEE,
        "strategie": "GHT",
        "procedure": "procédure formalisée",
        "portefeuille": "Dispositifs médicaux",
        "montant": Decimal("420000.50"),
        "renouvele": None,
        "echeance": None,
        "jalons": jalons(PREVUS if prevus is None else prevus, REALISES if realises is None else realises),
        **changes,
    }
    return ProjetSuivi(**values)


def planned(
    services: Services, prevus: dict[str, str] | None = None, realises: dict[str, str] | None = None, **changes: Any
) -> str:
    """The same in the table, with changes of its columns; its uid."""
    found = jalons(PREVUS if prevus is None else prevus, REALISES if realises is None else realises)
    row = {
        "uid": new_id(),
        "version": 3,
        "ght": "FIC-01",
        "reference": "2026-DM-017",
        "intitule": "Dispositifs de perfusion",
        "statut": "strategie_validee",
        "type": "nouveau",
        "type_achat": "fournitures",
        "acheteur_siret": SUPPORT,
        "beneficiaires": [SUPPORT],
        "famille": None,
        "code_nchfs": None,
        "code_cpv": "33140000-3",
        "strategie": "GHT",
        "portefeuille": "Dispositifs médicaux",
        "prescripteurs": [],
        "considerations": {},
        "duree_mois": 48,
        "montant_estime_cents": 42_000_050,
        "date_debut_prevue": date(2026, 9, 1),
        "lots": [],
        "jalons": [{"code": one.code, "prevu": _text(one.prevu), "realise": _text(one.realise)} for one in found],
        "procedure": "procédure formalisée",
        "marches": {},
        "created_ms": 0,
        **changes,
    }
    with services.database.write() as unit:
        unit.connection.execute(insert(table_of(PlanProjet)).values(row))
    return str(row["uid"])


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
