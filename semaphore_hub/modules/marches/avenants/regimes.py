"""Whether the code allows a modification, on which article, with the arithmetic shown; pure.

Articles L2194-1 and R2194-1 to R2194-10 of the code de la commande publique. Amounts are euros HT.

What is read into the code:

- the base of a percentage is the initial amount once the price variation clause is applied (art. R2194-4; a variation
  of 4 % makes the base the initial amount plus 4 %: réponse ministérielle);
- the 10 or 15 % of R2194-8 bear on the cumulated amount of the modifications made on that article alone, and so does
  the European threshold in force on the day of the notification (art. R2194-9);
- increases and decreases are netted (directive 2014/24/UE, art. 72 § 2: "valeur nette cumulée") and the net is compared
  without its sign, because a reduction may be substantial as well (CJUE C-549/14; **hypothèse** for the limit);
- the 50 % of R2194-3 bear on each modification, increase or decrease, whatever came before;
- the cases do not cumulate with each other, but one event justifies one modification.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from semaphore_hub.kernel.errors import Problem
from semaphore_hub.modules.marches.avenants import rules
from semaphore_hub.modules.marches.avenants.faits import declared, missing
from semaphore_hub.modules.marches.avenants.justification import ARTICLES, Fondement, Justification
from semaphore_hub.modules.referentiel.ecriture import difference, euros, jour_ecrit, pourcentage
from semaphore_hub.modules.referentiel.rules import Rule
from semaphore_hub.modules.referentiel.seuils import SeuilInconnu, TypeAchat, seuil_europeen

LIMITE_PAR_MODIFICATION = 50
"""Per cent of the base, reached or not (art. R2194-3)."""
LIMITE_TRAVAUX, LIMITE_FOURNITURES_SERVICES = 15, 10
"""Per cent of the base, never reached (art. R2194-8)."""

_RULES: Mapping[Fondement, Rule] = {
    Fondement.CLAUSE_REEXAMEN: rules.R2194_1,
    Fondement.PRESTATIONS_SUPPLEMENTAIRES: rules.R2194_2,
    Fondement.CIRCONSTANCES_IMPREVUES: rules.R2194_5,
    Fondement.NOUVEAU_TITULAIRE: rules.R2194_6,
    Fondement.NON_SUBSTANTIELLE: rules.R2194_7,
    Fondement.FAIBLE_MONTANT: rules.R2194_8,
}
_LIMITED = (Fondement.PRESTATIONS_SUPPLEMENTAIRES, Fondement.CIRCONSTANCES_IMPREVUES)
_MAY_CHANGE_HOLDERS = (Fondement.CLAUSE_REEXAMEN, Fondement.NOUVEAU_TITULAIRE)


@dataclass(frozen=True, slots=True)
class Anterieure:
    """An amendment already notified."""

    id: int
    fondement: Fondement | None
    delta: Decimal
    evenement: str | None


@dataclass(frozen=True, slots=True)
class Base:
    """What percentages are taken of: the initial amount, then updated by the price variation clause."""

    initial: Decimal
    montant: Decimal
    explication: str


@dataclass(frozen=True, slots=True)
class Situation:
    """The marché as the law looks at it on the day of the modification."""

    base: Base
    type_achat: TypeAchat
    code_cpv: str
    formalisee: bool
    anterieures: tuple[Anterieure, ...] = ()


@dataclass(frozen=True, slots=True)
class Demande:
    """The modification wanted: the difference it makes to the amount, and what is declared of it."""

    jour: date
    delta: Decimal
    change_titulaires: bool = False
    evenement: str | None = None
    justification: Justification = field(default_factory=Justification)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one case says of a modification.

    Attributes:
        fondement: the case.
        refus: what no declaration can put right: an amount, a nature, an event already used.
        manques: facts that remain to be declared.
        avertissements: duties that come with it.
        calcul: French labels and texts, in the order a person reads them.
    """

    fondement: Fondement
    refus: tuple[Problem, ...]
    manques: tuple[Problem, ...]
    avertissements: tuple[Problem, ...]
    calcul: Mapping[str, str]

    @property
    def article(self) -> str:
        """The article it rests on."""
        return ARTICLES[self.fondement]

    @property
    def possible(self) -> bool:
        """Whether amounts and nature allow it, were every fact declared."""
        return not self.refus

    @property
    def permis(self) -> bool:
        """Whether it is allowed as it is declared."""
        return not self.refus and not self.manques


@dataclass(frozen=True, slots=True)
class _Mesure:
    lines: dict[str, str]
    refusal: str | None = None


def juger(fondement: Fondement, situation: Situation, demande: Demande) -> Verdict:
    """Whether a case allows a modification; nothing is raised, every reason to refuse is in the verdict."""
    rule = _RULES[fondement]
    measure = _measured(fondement, situation, demande)
    refused = [] if measure.refusal is None else [rule.broken("$.montant", raison=measure.refusal)]
    refused += _holder_refusals(fondement, demande)
    refused += nature_problems(situation.code_cpv, demande.justification)
    refused += event_problems(situation.anterieures, demande.evenement)
    wrong, lacking = missing(fondement, demande.justification, demande.evenement)
    refused += [rule.broken(path, raison=reason) for path, reason in wrong]
    missed = [rule.broken(path, raison=reason) for path, reason in lacking]
    reasons = [*refused, *missed]
    article = ARTICLES[fondement]
    conclusion = reasons[0].message if reasons else f"Modification permise par l'article {article}."
    warnings = []
    if fondement in _LIMITED and situation.formalisee:
        warnings.append(rules.R2194_10.broken("$", article=article))
    if fondement is Fondement.NOUVEAU_TITULAIRE and demande.delta:
        warnings.append(rules.CESSION.broken("$.montant"))
    calcul = {
        "fondement": f"{fondement}, art. {article} CCP",
        "base": situation.base.explication,
        **measure.lines,
        **declared(demande.justification),
        "conclusion": conclusion,
    }
    return Verdict(fondement, tuple(refused), tuple(missed), tuple(warnings), calcul)


def table(situation: Situation, demande: Demande) -> tuple[Verdict, ...]:
    """What every case says of a modification."""
    return tuple(juger(fondement, situation, demande) for fondement in Fondement)


def deduire(verdicts: tuple[Verdict, ...]) -> tuple[Fondement, ...]:
    """The cases that amounts and nature leave possible: what remains is for the buyer to declare."""
    return tuple(verdict.fondement for verdict in verdicts if verdict.possible)


def nature_problems(code_cpv: str, justification: Justification) -> list[Problem]:
    """A modification that would change the global nature of the marché (art. L2194-1)."""
    other = justification.codeCPV
    if other is None or other[:2] == code_cpv[:2]:
        return []
    place = "$.justification.codeCPV"
    return [rules.NATURE_GLOBALE.broken(place, division=other[:2], cpv=other, marche=code_cpv[:2])]


def event_problems(earlier: tuple[Anterieure, ...], event: str | None) -> list[Problem]:
    """An event that already justified a modification, however it is written."""
    if event is None:
        return []
    same = _normalised(event)
    return [
        rules.EVENEMENT_REPETE.broken("$.evenement", evenement=event, id=one.id)
        for one in earlier
        if one.evenement is not None and _normalised(one.evenement) == same
    ][:1]


def _normalised(event: str) -> str:
    return " ".join(event.casefold().split())


def _holder_refusals(fondement: Fondement, demande: Demande) -> list[Problem]:
    if demande.change_titulaires and fondement not in _MAY_CHANGE_HOLDERS:
        return [rules.TITULAIRE_FONDEMENT.broken("$.titulaires", fondement=fondement)]
    if fondement is Fondement.NOUVEAU_TITULAIRE and not demande.change_titulaires:
        return [rules.R2194_6.broken("$.titulaires", raison="aucun titulaire ne change")]
    return []


def _measured(fondement: Fondement, situation: Situation, demande: Demande) -> _Mesure:
    if fondement in _LIMITED:
        return _each_limited(situation, demande)
    if fondement is Fondement.FAIBLE_MONTANT:
        return _cumulated(situation, demande)
    return _Mesure(
        {
            "cette modification": difference(demande.delta),
            "limite": "aucune : cet article vaut quel que soit le montant",
        }
    )


def _each_limited(situation: Situation, demande: Demande) -> _Mesure:
    base, delta = situation.base.montant, demande.delta
    limit = base * LIMITE_PAR_MODIFICATION / 100
    part = pourcentage(abs(delta), base)
    lines = {
        "cumul avant": "sans objet : la limite vaut pour chaque modification (R2194-3)",
        "cette modification": f"{difference(delta)}, soit {part} de la base",
        "limite": f"{euros(limit)} ({LIMITE_PAR_MODIFICATION} % de la base), qui peut être atteinte",
    }
    if abs(delta) <= limit:
        return _Mesure(lines)
    return _Mesure(
        lines,
        f"elle est de {euros(abs(delta))}, soit {part} de la base de {euros(base)}, au-dessus de la limite de "
        f"{LIMITE_PAR_MODIFICATION} % ({euros(limit)})",
    )


def _cumulated(situation: Situation, demande: Demande) -> _Mesure:
    base, delta = situation.base.montant, demande.delta
    rate = LIMITE_TRAVAUX if situation.type_achat == "travaux" else LIMITE_FOURNITURES_SERVICES
    limit = base * rate / 100
    counted = [one for one in situation.anterieures if one.fondement is Fondement.FAIBLE_MONTANT]
    before = sum((one.delta for one in counted), Decimal(0))
    after = before + delta
    part = pourcentage(abs(after), base)
    lines = {
        "cumul avant": f"{euros(before)} ({_numbers(counted)})",
        "cette modification": difference(delta),
        "cumul après": f"{euros(before)} {'-' if delta < 0 else '+'} {euros(abs(delta))} = {euros(after)}, "
        f"soit {part} de la base",
        "limite": f"{euros(limit)} ({rate} % de la base), qui ne peut être atteinte",
    }
    unknown = [one for one in situation.anterieures if one.fondement is None and one.delta]
    if unknown:
        lines["non compté"] = f"{_numbers(unknown)}, sans fondement indiqué"
    reasons = []
    if abs(after) >= limit:
        reasons.append(f"strictement inférieur à {rate} % ({euros(limit)})")
    try:
        threshold = seuil_europeen(situation.type_achat, demande.jour)
    except SeuilInconnu as error:
        lines["seuil européen"] = error.detail
        return _Mesure(lines, error.detail.rstrip("."))
    le = f"en vigueur au {jour_ecrit(demande.jour)}"
    lines["seuil européen"] = f"{euros(threshold)} {le}, qui ne peut être atteint"
    if abs(after) >= threshold:
        reasons.append(f"strictement inférieur au seuil européen de {euros(threshold)} {le}")
    if not reasons:
        return _Mesure(lines)
    return _Mesure(
        lines,
        f"le cumul serait de {euros(before)} {'-' if delta < 0 else '+'} {euros(abs(delta))} = {euros(after)}, soit "
        f"{part} de la base de {euros(base)}, et doit être {' et '.join(reasons)}",
    )


def _numbers(amendments: list[Anterieure]) -> str:
    if not amendments:
        return "aucune modification sur cet article"
    word = "modification" if len(amendments) == 1 else "modifications"
    return f"{word} n° {', '.join(str(one.id) for one in amendments)}"
