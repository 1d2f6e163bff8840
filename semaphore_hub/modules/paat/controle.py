"""Quality controls of the DGOS on one action: Q1 to Q4 in this order, and the gain that is then retained.

The four comments are the DGOS's own words (DGOS 2022, l. 1417-1420). What they test exactly, their order, their codes,
and what keeps a line above its bound, are assumptions ("hypothèse"); the principle is prudence, at the price of smaller
gains (l. 1194-1196): a line that any control excludes brings 0. The seven lines the DGOS shows (l. 1407-1413) meet Q2.
A loss may be declared, but is no performance: it meets Q1, stays in what is declared and retains 0 (hypothèse).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from semaphore_hub.kernel.money import from_cents
from semaphore_hub.modules.paat.codes import Controle
from semaphore_hub.modules.paat.gains import arrondi, pourcent, taux_ecrit
from semaphore_hub.modules.referentiel.ecriture import euros

EXPLICATION_MINIMALE = 20
"""Characters, blanks at both ends left out, from which an explanation counts as precise (hypothèse)."""


@dataclass(frozen=True, slots=True)
class Ligne:
    """What is controlled, amounts in cents TTC, None when not given.

    Attributes:
        borne_pour_mille: bound of the family, in thousandths of the reference amount.
    """

    reference_cents: int | None
    perimetre_cents: int | None
    gain_cents: int | None
    mois_effet: int | None
    explication: str | None
    borne_pour_mille: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """The first control that a line meets, if any, whether its gain is left out, and why, in French."""

    controle: Controle | None
    exclue: bool
    gain_retenu_cents: int
    raisons: tuple[str, ...]

    @property
    def commentaire(self) -> str | None:
        """The DGOS's comment."""
        return None if self.controle is None else self.controle.libelle


def controler(ligne: Ligne) -> Verdict:
    """Control a line.

    The first control met is the comment. Above its bound with a precise explanation, a line is flagged and goes on to
    Q4: it is kept only if it is attainable.
    """
    reference, perimetre, gain = ligne.reference_cents, ligne.perimetre_cents, ligne.gain_cents
    if reference is None or perimetre is None or gain is None or min(reference, perimetre, gain) <= 0:
        return _exclue(Controle.Q1, " ; ".join(_manques(ligne)))
    if gain >= reference:
        return _exclue(Controle.Q2, f"{_performance(gain, reference)}, soit 100 % ou plus : l'un des montants est faux")
    impossible = " ; ".join(_impossibilites(ligne, gain, perimetre))
    if gain * 1000 > ligne.borne_pour_mille * reference:
        return _au_dessus(ligne, gain, reference, impossible)
    if impossible:
        return _exclue(Controle.Q4, impossible)
    return Verdict(None, False, gain, (f"Aucun contrôle rencontré : {_performance(gain, reference)}",))


def _exclue(controle: Controle, raison: str, *autres: str) -> Verdict:
    return Verdict(controle, True, 0, (f"{controle} : {raison}", *autres, "Ligne exclue : gain retenu 0,00 €"))


def _au_dessus(ligne: Ligne, gain: int, reference: int, impossible: str) -> Verdict:
    limit = euros(arrondi(Decimal(ligne.borne_pour_mille * reference) / 100_000))
    bound = taux_ecrit((Decimal(ligne.borne_pour_mille) / 10).quantize(Decimal("0.1")))
    above = f"{_performance(gain, reference)}, au-dessus de la borne de {bound} ({limit} de gain)"
    if len((ligne.explication or "").strip()) < EXPLICATION_MINIMALE:
        return _exclue(Controle.Q3, f"{above}, sans explication précise ({EXPLICATION_MINIMALE} caractères au moins)")
    if impossible:
        return _exclue(Controle.Q3, f"{above}, avec explication", f"{Controle.Q4} : {impossible}")
    return Verdict(Controle.Q3, False, gain, (f"{Controle.Q3} : {above}, avec explication : gardée et signalée",))


def _performance(gain: int, reference: int) -> str:
    part, base = from_cents(gain), from_cents(reference)
    rate = pourcent(part, base)
    return f"{euros(part)} / {euros(base)} = {taux_ecrit(rate)}" if rate is not None else "performance incalculable"


def _manques(ligne: Ligne) -> Iterator[str]:
    for words, cents in (
        ("montant de référence", ligne.reference_cents),
        ("périmètre", ligne.perimetre_cents),
        ("gain", ligne.gain_cents),
    ):
        if cents is None:
            yield f"{words} absent"
        elif cents < 0:
            yield f"{words} de {euros(from_cents(cents))} : une perte n'est pas une performance"
        elif not cents:
            yield f"{words} nul"


def _impossibilites(ligne: Ligne, gain: int, perimetre: int) -> Iterator[str]:
    if gain > perimetre:
        yield f"le gain ({euros(from_cents(gain))}) dépasse le périmètre traité ({euros(from_cents(perimetre))})"
    if ligne.mois_effet == 0:
        yield "aucun mois d'effet dans l'année du plan"
