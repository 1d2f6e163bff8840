"""Figures of the lines of PAAT: performance, quality, gains. Amounts TTC, sums in cents."""

from __future__ import annotations

from fractions import Fraction

from semaphore_hub.modules.indicateurs.formules.chiffre import REFERENCE, Chiffre, Composante, Sommes, euros, rapport
from semaphore_hub.modules.indicateurs.moteur import Condition, Mesure

_RETENUE = Condition("exclue", "egal", False)
_REPORT = Condition("report", "egal", True)
_NOUVELLE = Condition("report", "egal", False)
_SANS_PERIMETRE = Condition("perimetre_cents", "nul")
_SANS_PRORATA = Condition("gain_annee_cents", "nul")

GAINS = (
    Mesure("annee", "gain_annee_cents", (_RETENUE,)),
    Mesure("annee_pleine", "gain_retenu_cents", (_RETENUE, _SANS_PRORATA)),
    Mesure("report_annee", "gain_annee_cents", (_RETENUE, _REPORT)),
    Mesure("report_plein", "gain_retenu_cents", (_RETENUE, _SANS_PRORATA, _REPORT)),
    Mesure("retenus", "gain_retenu_cents"),
    Mesure("lignes"),
)
"""Gains of the retained lines in the year (their share of it, or the whole where no share is said), and what of them
comes from the actions of the year before. A gain counts in its year for its share only: the rest is the report of the
next year, and would be counted twice."""

TRAITE = (
    Mesure("traite_perimetre", "perimetre_cents", (_RETENUE,)),
    Mesure("traite_reference", "reference_cents", (_RETENUE, _SANS_PERIMETRE)),
    Mesure("lignes_traitees", None, (_RETENUE,)),
)
"""Treated amount of the retained lines: the perimeter, or the reference amount where no perimeter is said."""

COUVERTURE = (
    Mesure("traite_perimetre", "perimetre_cents", (_RETENUE, _NOUVELLE)),
    Mesure("traite_reference", "reference_cents", (_RETENUE, _NOUVELLE, _SANS_PERIMETRE)),
)
"""The same without what was carried over: it was treated the year before, and a cumul would count it twice."""

QUALITE = (Mesure("lignes"), Mesure("retenues", None, (_RETENUE,)))
QUALITE_VALEUR = (
    Mesure("declare_annee", "gain_annee_cents"),
    Mesure("declare_gain", "gain_cents", (_SANS_PRORATA,)),
    Mesure("retenu_annee", "gain_annee_cents", (_RETENUE,)),
    Mesure("retenu_gain", "gain_cents", (_RETENUE, _SANS_PRORATA)),
)
"""Declared gain of a line: that of the year, or the yearly one where no share of the year is said."""


def _part(code: str, libelle: str, montant: Fraction, total: Fraction | None) -> Composante:
    return Composante(code, libelle, montant / total if total is not None and total > 0 else None, "taux")


def gains_de_l_annee(sommes: Sommes) -> tuple[Fraction, Fraction]:
    """Gains of the year, and those of them that were carried over from the year before, euros TTC."""
    return euros(sommes["annee"] + sommes["annee_pleine"]), euros(sommes["report_annee"] + sommes["report_plein"])


def atteinte(sommes: Sommes) -> Chiffre:
    """Performance of the year (carried-over and new actions) over the target of gains (DGOS 2022, l. 1216, 1234)."""
    gains, report = gains_de_l_annee(sommes)
    nouvelles = gains - report
    target = euros(sommes[REFERENCE]) if REFERENCE in sommes else None
    parts = (
        Composante("report", "Gains des actions reportées de l'année précédente", report, "euros"),
        Composante("nouvelles", "Gains des actions de l'année", nouvelles, "euros"),
        _part("partReport", "Part de l'objectif atteinte par le report", report, target),
        _part("partNouvelles", "Part de l'objectif atteinte par les actions de l'année", nouvelles, target),
    )
    return rapport(gains, target, "l'objectif de gains", parts)


def part_report(sommes: Sommes) -> Chiffre:
    """Carried-over gains over the target: what the actions of the year before bring (DGOS 2022, l. 1216: 21 %)."""
    gains, report = gains_de_l_annee(sommes)
    target = euros(sommes[REFERENCE]) if REFERENCE in sommes else None
    parts = (
        Composante("gains", "Gains de l'année", gains, "euros"),
        _part("partDesGains", "Part du report dans les gains", report, gains),
    )
    return rapport(report, target, "l'objectif de gains", parts)


def objectif(sommes: Sommes) -> Chiffre:
    """The target of gains itself, in its last edition (DGOS 2022, l. 1424)."""
    if REFERENCE not in sommes:
        return Chiffre(None, None, None, "Sans valeur : l'objectif de gains n'est pas connu pour ce périmètre.")
    return Chiffre(euros(sommes[REFERENCE]), None, euros(sommes[REFERENCE]))


def montant_traite(sommes: Sommes) -> Fraction:
    """The treated amount, euros TTC."""
    return euros(sommes["traite_perimetre"] + sommes["traite_reference"])


def taux_performance(sommes: Sommes) -> Chiffre:
    """Retained gains of a full year over the treated amount (DGOS 2022, l. 1338; the formula is a hypothesis)."""
    lines = Composante("lignes", "Lignes retenues", Fraction(sommes["lignes_traitees"]), "nombre")
    return rapport(euros(sommes["retenus"]), montant_traite(sommes), "le montant traité", (lines,))


def taux_couverture(sommes: Sommes) -> Chiffre:
    """Treated amount over the volume of purchases (DGOS 2022, l. 1282; the definition is a hypothesis)."""
    volume = euros(sommes[REFERENCE]) if REFERENCE in sommes else None
    return rapport(montant_traite(sommes), volume, "le volume d'achats")


def qualite(sommes: Sommes) -> Chiffre:
    """Retained lines over declared lines (hypothesis: DGOS 2022, l. 1308 does not define it)."""
    lines, kept = Fraction(sommes["lignes"]), Fraction(sommes["retenues"])
    out = Composante("exclues", "Lignes exclues", lines - kept, "nombre")
    return rapport(kept, lines, "le nombre de lignes déclarées", (out,))


def qualite_valeur(sommes: Sommes) -> Chiffre:
    """1 - gain withdrawn / gain declared (hypothesis, the variant by value)."""
    declared = euros(sommes["declare_annee"] + sommes["declare_gain"])
    kept = euros(sommes["retenu_annee"] + sommes["retenu_gain"])
    out = Composante("retire", "Gains retirés", declared - kept, "euros")
    return rapport(kept, declared, "le gain déclaré", (out,))


def gains(sommes: Sommes) -> Chiffre:
    """Gains of the year; each line also says its weight in the whole (added where the whole is known)."""
    value, report = gains_de_l_annee(sommes)
    parts = (
        Composante("report", "Gains des actions reportées de l'année précédente", report, "euros"),
        Composante("anneePleine", "Gains retenus en année pleine", euros(sommes["retenus"]), "euros"),
        Composante("lignes", "Lignes déclarées", Fraction(sommes["lignes"]), "nombre"),
    )
    return Chiffre(value, None, value, None, parts)
