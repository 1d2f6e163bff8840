"""Thresholds of public procurement by date, euros HT, and the procedure that an estimated need calls for.

The date that counts is the launch of the consultation (for an amendment: its notification). A hospital is on the line
of the local authorities: the établissements publics de santé are excluded from the central authorities by annexe 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from semaphore_hub.kernel.errors import RuleBroken
from semaphore_hub.modules.referentiel import rules
from semaphore_hub.modules.referentiel.ecriture import euros, jour_ecrit

TypeAchat = Literal["travaux", "fournitures", "services"]


class Acheteur(StrEnum):
    """Line of the European thresholds; they differ for supplies and services only."""

    ETAT = "autorité publique centrale"
    HOPITAL = "établissement public de santé"
    ENTITE_ADJUDICATRICE = "entité adjudicatrice"


class Procedure(StrEnum):
    """What the law asks of a need of that value."""

    DISPENSE = "sans publicité ni mise en concurrence"
    ADAPTEE = "procédure adaptée"
    FORMALISEE = "procédure formalisée"


@dataclass(frozen=True, slots=True)
class Periode:
    """European thresholds in force between two days, both included."""

    debut: date
    fin: date
    etat: Decimal
    hopital: Decimal
    entite: Decimal
    travaux_concessions: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class Dispense:
    """Value under which neither publicity nor competition is asked, from a day on."""

    travaux: bool
    debut: date
    montant: Decimal
    source: str


def _periode(first_year: int, etat: int, hopital: int, entite: int, travaux: int) -> Periode:
    return Periode(
        date(first_year, 1, 1),
        date(first_year + 1, 12, 31),
        Decimal(etat),
        Decimal(hopital),
        Decimal(entite),
        Decimal(travaux),
        f"annexe 2 du CCP, seuils du 01/01/{first_year} au 31/12/{first_year + 1}",
    )


PERIODES = (
    _periode(2020, 139_000, 214_000, 428_000, 5_350_000),
    _periode(2022, 140_000, 215_000, 431_000, 5_382_000),
    _periode(2024, 143_000, 221_000, 443_000, 5_538_000),
    _periode(2026, 140_000, 216_000, 432_000, 5_404_000),
)
"""European thresholds, revised every two years."""

DISPENSES = (
    Dispense(False, date(2020, 1, 1), Decimal(40_000), "art. R2122-8 CCP"),
    Dispense(True, date(2020, 1, 1), Decimal(40_000), "art. R2122-8 CCP"),
    Dispense(True, date(2020, 7, 24), Decimal(70_000), "décret 2020-893 du 22/07/2020"),
    Dispense(
        True,
        date(2020, 12, 9),
        Decimal(100_000),
        "loi ASAP du 07/12/2020 (entrée en vigueur : hypothèse), pérennisée par le décret 2025-1386 du 29/12/2025",
    ),
    Dispense(False, date(2026, 4, 1), Decimal(60_000), "art. R2122-8 CCP, décret 2025-1386 du 29/12/2025"),
)
"""Dispenses, in the order they took effect; the last one begun applies."""

PUBLICITE = Decimal(90_000)
"""From this value an adapted procedure is published in the BOAMP or a legal-notice paper (art. R2131-12 CCP)."""

PETIT_LOT_FOURNITURES_SERVICES, PETIT_LOT_TRAVAUX = Decimal(80_000), Decimal(1_000_000)
PETITS_LOTS_PART = 20
"""Small lots: each under its amount, all of them within this percentage of the need (art. R2123-1 2° CCP)."""


class SeuilInconnu(RuleBroken):
    """No threshold is recorded for that day."""


def periode(jour: date) -> Periode:
    """The European thresholds in force on a day.

    Raises:
        SeuilInconnu: before the first period or after the last one; the sentence says which.
    """
    if jour < PERIODES[0].debut:
        quand, limite = "avant", PERIODES[0].debut
    elif jour > PERIODES[-1].fin:
        quand, limite = "après", PERIODES[-1].fin
    else:
        return next(one for one in PERIODES if one.debut <= jour <= one.fin)
    problem = rules.SEUIL_DATE.broken("$", jour=jour_ecrit(jour), quand=quand, limite=jour_ecrit(limite))
    raise SeuilInconnu(problem.message, [problem])


def seuil_europeen(
    type_achat: TypeAchat | Literal["concession"], jour: date, acheteur: Acheteur = Acheteur.HOPITAL
) -> Decimal:
    """The value from which the procedure is formalised, euros HT.

    Raises:
        SeuilInconnu: no threshold is recorded for that day.
    """
    applicable = periode(jour)
    if type_achat in ("travaux", "concession"):
        return applicable.travaux_concessions
    by_line = {
        Acheteur.ETAT: applicable.etat,
        Acheteur.HOPITAL: applicable.hopital,
        Acheteur.ENTITE_ADJUDICATRICE: applicable.entite,
    }
    return by_line[acheteur]


def dispense(type_achat: TypeAchat, jour: date) -> Decimal:
    """The value under which neither publicity nor competition is asked, euros HT.

    Raises:
        SeuilInconnu: no threshold is recorded for that day.
    """
    periode(jour)
    begun = [one for one in DISPENSES if one.travaux == (type_achat == "travaux") and one.debut <= jour]
    return begun[-1].montant


@dataclass(frozen=True, slots=True)
class ProcedureRequise:
    """The procedure a value calls for.

    Attributes:
        procedure: which one.
        publicite: whether it is published in the BOAMP or a legal-notice paper.
        calcul: the comparison made, in French.
    """

    procedure: Procedure
    publicite: bool
    calcul: str


def procedure_requise(
    montant: Decimal, type_achat: TypeAchat, jour: date, acheteur: Acheteur = Acheteur.HOPITAL
) -> ProcedureRequise:
    """The procedure that a need of ``montant`` euros HT calls for when it is launched on ``jour``.

    A value equal to a threshold has reached it. Source: art. R2122-8, R2123-1, R2124-1 and R2131-12 CCP.

    Raises:
        SeuilInconnu: no threshold is recorded for that day.
    """
    seuil, libre = seuil_europeen(type_achat, jour, acheteur), dispense(type_achat, jour)
    le = f"au {jour_ecrit(jour)}"
    if montant >= seuil:
        words = f"{euros(montant)} ≥ {euros(seuil)}, seuil européen {le}"
        return ProcedureRequise(Procedure.FORMALISEE, True, words)
    if montant < libre:
        words = f"{euros(montant)} < {euros(libre)}, seuil de dispense {le}"
        return ProcedureRequise(Procedure.DISPENSE, False, words)
    published = montant >= PUBLICITE
    how = (
        f"≥ {euros(PUBLICITE)} : avis au BOAMP ou dans un journal d'annonces légales"
        if published
        else f"< {euros(PUBLICITE)} : publicité librement adaptée"
    )
    words = f"{euros(libre)} ≤ {euros(montant)} < {euros(seuil)}, seuils {le} ; {how}"
    return ProcedureRequise(Procedure.ADAPTEE, published, words)


def procedure_lot(
    lot: Decimal, petits_lots: Decimal, besoin: Decimal, type_achat: TypeAchat, jour: date
) -> ProcedureRequise:
    """The procedure of one lot: that of the whole need, unless the lot is small enough to leave it.

    Args:
        lot: value of the lot, euros HT.
        petits_lots: value of every lot that leaves the procedure of the need, this one included.
        besoin: value of all lots.
        type_achat: nature of the need.
        jour: launch of the consultation.

    Source: art. R2122-8 (dispense) and R2123-1 2° CCP (adapted procedure); both ask that such lots stay within 20 % of
    the need.

    Raises:
        SeuilInconnu: no threshold is recorded for that day.
    """
    whole = procedure_requise(besoin, type_achat, jour)
    share = f"petits lots {euros(petits_lots)}, limite de {PETITS_LOTS_PART} % de {euros(besoin)}"
    if petits_lots * 100 > besoin * PETITS_LOTS_PART:
        return ProcedureRequise(whole.procedure, whole.publicite, f"{whole.calcul} ; {share} dépassée")
    libre = dispense(type_achat, jour)
    if lot < libre:
        words = f"lot de {euros(lot)} < {euros(libre)} ; {share} respectée"
        return ProcedureRequise(Procedure.DISPENSE, False, words)
    small = PETIT_LOT_TRAVAUX if type_achat == "travaux" else PETIT_LOT_FOURNITURES_SERVICES
    if whole.procedure is Procedure.FORMALISEE and lot < small:
        words = f"lot de {euros(lot)} < {euros(small)} ; {share} respectée"
        # The publicity of the lot is that of the need it belongs to.
        return ProcedureRequise(Procedure.ADAPTEE, whole.publicite, words)
    return whole
