"""A purchase project in memory: its row with typed milestones, lots and marchés."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping

from semaphore_hub.kernel.money import from_cents, to_cents
from semaphore_hub.modules.planification.codes import JALONS, SANS_LOT, CodeJalon, Statut

Row = RowMapping | Mapping[str, Any]
"""A row of ``plan_projet``, read or about to be written."""


@dataclass(frozen=True, slots=True)
class Jalon:
    """A milestone: the day foreseen, and the day it happened."""

    code: CodeJalon
    prevu: date | None
    realise: date | None

    def stored(self) -> dict[str, Any]:
        """As the column ``jalons`` keeps it."""
        return {
            "code": self.code.value,
            "prevu": None if self.prevu is None else self.prevu.isoformat(),
            "realise": None if self.realise is None else self.realise.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot: its estimate in euros HT, whether it leaves the procedure of the need, whether it was left without one."""

    numero: int
    intitule: str
    montant: Decimal
    deroge: bool
    sans_suite: bool = False

    def stored(self) -> dict[str, Any]:
        """As the column ``lots`` keeps it, in cents."""
        return {
            "numero": self.numero,
            "intitule": self.intitule,
            "montantEstime": to_cents(self.montant),
            "deroge": self.deroge,
            "sansSuite": self.sans_suite,
        }


@dataclass(frozen=True, slots=True)
class Projet:
    """A project as it stands: ``row`` is its row, the rest what the row holds as JSON. Amounts are euros HT."""

    row: Row
    jalons: tuple[Jalon, ...]
    lots: tuple[Lot, ...]
    marches: dict[str, str]

    @classmethod
    def of(cls, row: Row) -> Projet:
        """From a row of ``plan_projet``."""
        jalons = tuple(Jalon(CodeJalon(one["code"]), _day(one["prevu"]), _day(one["realise"])) for one in row["jalons"])
        lots = tuple(
            Lot(one["numero"], one["intitule"], from_cents(one["montantEstime"]), one["deroge"], one["sansSuite"])
            for one in row["lots"]
        )
        return cls(row, jalons, lots, dict(row["marches"]))

    @property
    def uid(self) -> str:
        """Its identifier."""
        return str(self.row["uid"])

    @property
    def statut(self) -> Statut:
        """Where it stands."""
        return Statut(self.row["statut"])

    @property
    def montant(self) -> Decimal:
        """Estimate over the whole duration."""
        return from_cents(self.row["montant_estime_cents"])

    @property
    def par_adhesion(self) -> bool:
        """Whether somebody else buys."""
        return bool(self.row["strategie"] != "GHT")

    def prevu(self, code: CodeJalon) -> date | None:
        """The day a milestone is foreseen."""
        return next((one.prevu for one in self.jalons if one.code is code), None)

    def realise(self, code: CodeJalon) -> date | None:
        """The day a milestone happened."""
        return next((one.realise for one in self.jalons if one.code is code), None)

    def dernier(self) -> Jalon | None:
        """The last milestone that happened."""
        done = [one for one in self.jalons if one.realise is not None]
        return done[-1] if done else None

    def lancement(self) -> date:
        """Launch of the consultation: the day it was published, else validated, else foreseen.

        An adhesion has none: the day of its strategy counts.
        """
        published = self.realise(CodeJalon.PUBLICATION)
        day = published or self.row["date_lancement"] or self.prevu(CodeJalon.PUBLICATION)
        return day or self.prevu(CodeJalon.STRATEGIE) or self.row["date_debut_prevue"]

    def lots_ouverts(self) -> list[str]:
        """Keys of the lots that have no marché yet, and were not left without one; of the whole when it has no lots."""
        keys = [str(one.numero) for one in self.lots if not one.sans_suite] or ([] if self.lots else [SANS_LOT])
        return [key for key in keys if key not in self.marches]


def avec_realise(jalons: tuple[Jalon, ...], done: dict[CodeJalon, date | None]) -> tuple[Jalon, ...]:
    """Milestones with the days on which some happened (None: no longer so); those not foreseen are added in order."""
    by_code = {one.code: one for one in jalons}
    for code, day in done.items():
        known = by_code.get(code)
        by_code[code] = Jalon(code, known.prevu if known else None, day)
    return tuple(by_code[code] for code in JALONS if code in by_code)


def avec_prevu(jalons: tuple[Jalon, ...], plan: dict[CodeJalon, date]) -> tuple[Jalon, ...]:
    """Milestones of a new plan, with what already happened."""
    done = {one.code: one.realise for one in jalons if one.realise is not None}
    codes = [code for code in JALONS if code in plan or code in done]
    return tuple(Jalon(code, plan.get(code), done.get(code)) for code in codes)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
