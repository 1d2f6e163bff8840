"""Two states of the same plan compared line by line. No database.

Lines are matched by their number, which is unique in a plan and is what the GHT and the DGOS call them by.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from semaphore_hub.modules.paat.campagnes.schemas import EcartChamp, EcartLigne, LigneFigee


def comparer(avant: Iterable[LigneFigee], apres: Iterable[LigneFigee]) -> list[EcartLigne]:
    """What changed from one state to the other, in the order of the numbers; lines that did not are left out.

    Of a line added or removed, only the amounts are said: their differences are then its whole amounts.
    """
    before = {line.numero: line for line in avant}
    after = {line.numero: line for line in apres}
    return [
        _line(before.get(numero), after.get(numero))
        for numero in sorted(before | after)
        if before.get(numero) != after.get(numero)
    ]


def _line(avant: LigneFigee | None, apres: LigneFigee | None) -> EcartLigne:
    if avant is None:
        assert apres is not None
        amounts = tuple(_amounts({}, _montants(apres)))
        return EcartLigne(numero=apres.numero, libelle=apres.libelle, nature="ajoutee", champs=amounts)
    if apres is None:
        amounts = tuple(_amounts(_montants(avant), {}))
        return EcartLigne(numero=avant.numero, libelle=avant.libelle, nature="retiree", champs=amounts)
    amounts = tuple(_amounts(_montants(avant), _montants(apres)))
    return EcartLigne(
        numero=apres.numero, libelle=apres.libelle, nature="modifiee", champs=(*amounts, *_others(avant, apres))
    )


def _montants(line: LigneFigee) -> dict[str, Decimal | None]:
    return {
        "montantReference": line.montantReference,
        "perimetre": line.perimetre,
        "gain": line.gain,
        "gainAnnee": line.gainAnnee,
        "report": line.report,
        "gainRetenu": line.gainRetenu,
    }


def _autres(line: LigneFigee) -> dict[str, str | None]:
    return {
        "libelle": line.libelle,
        "statut": line.statut.libelle,
        "famille": line.famille,
        "operateur": line.operateur.libelle,
        "methode": line.methode.libelle,
        "origine": line.origine.libelle,
        "controle": line.controle,
        "commentaireDGOS": line.commentaireDGOS,
        "exclue": "oui" if line.exclue else "non",
    }


def _amounts(avant: dict[str, Decimal | None], apres: dict[str, Decimal | None]) -> Iterator[EcartChamp]:
    for champ in avant or apres:
        old, new = avant.get(champ), apres.get(champ)
        if old != new:
            difference = (new or Decimal(0)) - (old or Decimal(0))
            yield EcartChamp(champ=champ, avant=_written(old), apres=_written(new), difference=difference)


def _others(avant: LigneFigee, apres: LigneFigee) -> Iterator[EcartChamp]:
    new = _autres(apres)
    for champ, old in _autres(avant).items():
        if old != new[champ]:
            yield EcartChamp(champ=champ, avant=old, apres=new[champ], difference=None)


def _written(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount, ".2f")
