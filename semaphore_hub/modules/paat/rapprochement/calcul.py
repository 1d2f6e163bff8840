"""Brings the figures of GHT and operators together. Pure; amounts in euros TTC.

The DGOS keeps the lowest of the two figures when they differ (presentation of 17/06/2022: « Choix d'intégrer les
performances des opérateurs les plus basses »), and notes that GHT left out gains that operators declare. How figures
are matched is an assumption ("hypothèse"): by number of marché, then by sums for an operator and a family.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from semaphore_hub.modules.paat.codes import Operateur
from semaphore_hub.modules.paat.rapprochement.schemas import LigneRapprochement, Sorte, TotalRapprochement
from semaphore_hub.modules.referentiel.ecriture import difference, euros

METHODE = (
    "Rapprochés par numéro de marché, puis, pour ce qui reste, par sommes de l'opérateur et de la famille (hypothèse). "
    "Retenu : le plus bas du gain du GHT après contrôles DGOS et du gain de l'opérateur ; un gain que le GHT n'a pas "
    "déclaré n'est pas retenu (prudence de la DGOS)."
)
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Chiffre:
    """Gains of one side, summed by GHT, operator, marché and family.

    Attributes:
        controle: what is left after the controls of the DGOS; the same as ``gain`` for an operator.
        nombre: actions, or gains of the operator, in the sum.
    """

    ght: str
    operateur: str
    numero_marche: str | None
    famille: str | None
    gain: Decimal
    controle: Decimal
    nombre: int


_Cle = tuple[str, str, str]


def rapprocher(ghts: Iterable[Chiffre], operateurs: Iterable[Chiffre]) -> list[LigneRapprochement]:
    """Every figure of both sides, once, by GHT, operator, then kind of match."""
    mine, theirs = _par(ghts, _marche), _par(operateurs, _marche)
    lines = [_ligne("marche", mine.pop(key), theirs.pop(key)) for key in _communes(mine, theirs)]
    left, over = _reste(mine), _reste(theirs)
    ours, others = _par(left, _famille), _par(over, _famille)
    lines += [_ligne("famille", ours.pop(key), others.pop(key)) for key in _communes(ours, others)]
    # Alone, each marché is its own line: that is what there is to look for.
    lines += [_ligne("ght_seul", group, []) for group in _seuls(ours)]
    lines += [_ligne("operateur_seul", [], group) for group in _seuls(others)]
    return sorted(lines, key=lambda one: (one.ght, one.operateur, one.numeroMarche or "", one.famille or ""))


def totaliser(
    lignes: Sequence[LigneRapprochement], cle: Callable[[LigneRapprochement], str]
) -> list[TotalRapprochement]:
    """Sums by operator, by GHT, or of everything, by key."""
    groups: defaultdict[str, list[LigneRapprochement]] = defaultdict(list)
    for one in lignes:
        groups[cle(one)].append(one)
    return [total(key, groups[key]) for key in sorted(groups)]


def total(cle: str, lignes: Sequence[LigneRapprochement]) -> TotalRapprochement:
    """Sums of some lines."""
    return TotalRapprochement(
        cle=cle,
        lignes=len(lignes),
        gainGht=sum((one.gainGht or _ZERO for one in lignes), _ZERO),
        gainOperateur=sum((one.gainOperateur or _ZERO for one in lignes), _ZERO),
        gainRetenu=sum((one.gainRetenu for one in lignes), _ZERO),
        nonDeclareGht=sum(
            (one.gainOperateur or _ZERO for one in lignes if one.rapprochement == "operateur_seul"), _ZERO
        ),
        nonDeclareOperateur=sum((one.gainGht or _ZERO for one in lignes if one.rapprochement == "ght_seul"), _ZERO),
    )


def _marche(one: Chiffre) -> _Cle | None:
    """Blanks and case do not tell two numbers of marché apart."""
    number = "".join((one.numero_marche or "").split()).upper()
    return (one.ght, one.operateur, number) if number else None


def _famille(one: Chiffre) -> _Cle | None:
    return (one.ght, one.operateur, one.famille) if one.famille else None


def _par(chiffres: Iterable[Chiffre], cle: Callable[[Chiffre], _Cle | None]) -> dict[_Cle | None, list[Chiffre]]:
    groups: defaultdict[_Cle | None, list[Chiffre]] = defaultdict(list)
    for one in chiffres:
        groups[cle(one)].append(one)
    return dict(groups)


def _communes(ghts: dict[_Cle | None, list[Chiffre]], operateurs: dict[_Cle | None, list[Chiffre]]) -> list[_Cle]:
    """Keys of both sides; what has no key matches nothing."""
    return sorted(key for key in ghts if key is not None and key in operateurs)


def _reste(groups: dict[_Cle | None, list[Chiffre]]) -> list[Chiffre]:
    return [one for group in groups.values() for one in group]


def _seuls(groups: dict[_Cle | None, list[Chiffre]]) -> Iterable[list[Chiffre]]:
    alone: defaultdict[tuple[str | None, ...], list[Chiffre]] = defaultdict(list)
    for one in _reste(groups):
        number = _marche(one)
        alone[one.ght, one.operateur, None if number is None else number[2], one.famille].append(one)
    return alone.values()


def _ligne(sorte: Sorte, ghts: Sequence[Chiffre], operateurs: Sequence[Chiffre]) -> LigneRapprochement:
    mine = sum((one.gain for one in ghts), _ZERO) if ghts else None
    kept = sum((one.controle for one in ghts), _ZERO) if ghts else None
    theirs = sum((one.gain for one in operateurs), _ZERO) if operateurs else None
    every = [*ghts, *operateurs]
    families = {one.famille for one in every if one.famille}
    number = next((one.numero_marche for one in every if one.numero_marche), None)
    retained = _ZERO if kept is None else kept if theirs is None else min(kept, theirs)
    return LigneRapprochement(
        ght=every[0].ght,
        operateur=Operateur(every[0].operateur),
        numeroMarche=None if sorte == "famille" else number,
        famille=families.pop() if len(families) == 1 else None,
        rapprochement=sorte,
        actionsGht=sum(one.nombre for one in ghts),
        gainsOperateur=sum(one.nombre for one in operateurs),
        gainGht=mine,
        gainGhtControle=kept,
        gainOperateur=theirs,
        ecart=None if mine is None or theirs is None else mine - theirs,
        gainRetenu=retained,
        constat=_constat(mine, kept, theirs),
    )


def _constat(mine: Decimal | None, kept: Decimal | None, theirs: Decimal | None) -> str:
    if mine is None or kept is None:
        return "Non déclaré par le GHT : à intégrer au PAAT, rien n'est retenu en attendant."
    excluded = f" Les contrôles DGOS ne laissent que {euros(kept)} au GHT." if kept != mine else ""
    if theirs is None:
        return f"Non déclaré par l'opérateur : le gain du GHT est retenu.{excluded}"
    if mine == theirs:
        return f"Les deux gains sont égaux.{excluded}"
    lowest = "du GHT" if kept <= theirs else "de l'opérateur"
    return f"Écart de {difference(mine - theirs)} : le gain {lowest} est retenu, c'est le plus bas.{excluded}"
