"""What only the lines together, or two columns of a line, can show to be wrong. Pure; nothing is corrected silently."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from semaphore_hub.modules.paat.codes import Controle
from semaphore_hub.modules.paat.gains import arrondi, taux_ecrit
from semaphore_hub.modules.paat.schemas import ActionVue
from semaphore_hub.modules.paat.trame import rules
from semaphore_hub.modules.paat.trame.cellules import Part, ligne
from semaphore_hub.modules.paat.trame.colonnes import Col
from semaphore_hub.modules.paat.trame.constats import Constat
from semaphore_hub.modules.paat.trame.interpretation import ActionLue
from semaphore_hub.modules.paat.trame.lecture import TrameLue
from semaphore_hub.modules.referentiel.ecriture import euros
from semaphore_hub.modules.referentiel.libelles import cle_de
from semaphore_hub.modules.referentiel.rules import Rule

_PERFORMANCES = (Col.PERFORMANCE_PERIMETRE, Col.PERFORMANCE)
_PAS_MIN, _PAS_MAX = Decimal("0.0001"), Decimal("0.01")
"""A performance may differ by one unit of its last digit, rounded or cut, at most one point."""
_POIDS_PRES = Decimal("0.0005")


def controler(trame: TrameLue, actions: Sequence[ActionLue]) -> list[Constat]:
    """Everything that the lines show before they are recorded."""
    return [
        *_doublons(trame, actions),
        *(constat for one in actions for constat in _montants(trame, one)),
        *_poids(trame, actions),
    ]


def comparer(trame: TrameLue, action: ActionLue, vue: ActionVue) -> Iterator[Constat]:
    """What the file says otherwise than the hub once the action is recorded."""
    for col, computed in (
        (Col.GAIN_ANNUALISE, vue.gain),
        (Col.GAIN_ANNEE, vue.gainAnnee),
        (Col.REPORT, vue.report),
    ):
        written = action.ecrites.get(col)
        if written is not None and computed is not None and abs(written - computed) > 1:
            yield _constat(trame, action, rules.CALCULE, col, ecrit=euros(written), calcule=euros(computed))
    comment = action.ecrites.get(Col.COMMENTAIRE_DGOS)
    if comment is not None and cle_de(comment) != cle_de(vue.commentaireDGOS or ""):
        told = vue.commentaireDGOS or "aucun commentaire"
        yield _constat(trame, action, rules.COMMENTAIRE, Col.COMMENTAIRE_DGOS, ecrit=comment, calcule=told)


def _constat(trame: TrameLue, action: ActionLue, rule: Rule, col: Col, **values: object) -> Constat:
    raw = action.ligne.cellules.get(col)
    return trame.constat(rule, "avertissement", action.ligne.rang, col, raw, **values)


def _doublons(trame: TrameLue, actions: Sequence[ActionLue]) -> Iterator[Constat]:
    numbers: dict[str, int] = {}
    contents: dict[tuple[object, ...], int] = {}
    for one in actions:
        line = one.ligne.rang + 1
        if one.numero_ecrit:
            first = numbers.setdefault(one.numero, line)
            if first != line:
                told = {"numero": one.numero, "premiere": first}
                yield trame.constat(rules.DOUBLON, "erreur", one.ligne.rang, Col.NUMERO, one.numero, **told)
        else:
            first = contents.setdefault(one.identite, line)
            if first != line:
                raw = one.ligne.cellules.get(Col.FAMILLE)
                yield trame.constat(rules.DOUBLON_PROBABLE, "erreur", one.ligne.rang, None, raw, premiere=first)


def _montants(trame: TrameLue, one: ActionLue) -> Iterator[Constat]:
    reference, gain = one.reference, one.gain
    if reference is None or gain is None or reference <= 0:
        return
    if gain >= reference:
        told = {"gain": euros(gain), "reference": euros(reference), "commentaire": Controle.Q2.libelle}
        yield _constat(trame, one, rules.GAIN_SUPERIEUR, Col.GAIN, **told)
    computed = gain / reference
    for col in _PERFORMANCES:
        part: Part | None = one.ecrites.get(col)
        if part is None or _proches(part.valeur, computed, part.pas):
            continue
        written = ligne(one.ligne.cellules[col])
        if _proches(part.valeur / 100, computed, part.pas / 100):
            yield _constat(trame, one, rules.POURCENTAGE_POINTS, col, valeur=written, compris=_taux(part.valeur / 100))
        else:
            told = {"ecrite": _taux(part.valeur), "calculee": _taux(computed)}
            yield _constat(trame, one, rules.PERFORMANCE, col, **told)


def _proches(written: Decimal, computed: Decimal, step: Decimal) -> bool:
    return abs(written - computed) <= min(_PAS_MAX, max(_PAS_MIN, step))


def _poids(trame: TrameLue, actions: Sequence[ActionLue]) -> Iterator[Constat]:
    """Weights are shares of one total: all of them make 100 %, and each is its gain over the sum of gains."""
    weighed: list[tuple[ActionLue, Part]] = [
        (one, one.ecrites[Col.POIDS]) for one in actions if one.ecrites.get(Col.POIDS)
    ]
    if not weighed:
        return
    total = sum((part.valeur for _, part in weighed), Decimal(0))
    slack = sum((part.pas for _, part in weighed), _POIDS_PRES)
    if abs(total - 1) > slack:
        yield trame.constat(rules.POIDS, "avertissement", trame.entete.rang, Col.POIDS, None, somme=_taux(total))
        return
    gains = sum((one.gain for one, _ in weighed if one.gain is not None), Decimal(0))
    if gains <= 0:
        return
    for one, part in weighed:
        if one.gain is not None and abs(part.valeur - one.gain / gains) > max(part.pas, _PAS_MIN):
            told = {"ecrit": _taux(part.valeur), "calcule": _taux(one.gain / gains)}
            yield _constat(trame, one, rules.POIDS_LIGNE, Col.POIDS, **told)


def _taux(ratio: Decimal) -> str:
    return taux_ecrit(arrondi(ratio * 100, Decimal("0.01")))
