"""What is wrong with an attribution before anything is opened, and where the modules' own refusals stand; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from semaphore_hub.api.attributions import rules
from semaphore_hub.api.attributions.schemas import AttributionProjet, LotTraite
from semaphore_hub.kernel.errors import Problem, Refused
from semaphore_hub.modules.marches.projets.schemas import Attribution, Infructuosite, SansSuite
from semaphore_hub.modules.planification import rules as plan_rules
from semaphore_hub.modules.planification.codes import SANS_LOT, CodeJalon
from semaphore_hub.modules.planification.donnees import Projet
from semaphore_hub.modules.referentiel.champs import listed
from semaphore_hub.modules.referentiel.ecriture import jour_ecrit

Issue = Attribution | Infructuosite | SansSuite

_COMMUNES = ("dateLancement", "dateLimiteOffres", "dateOuverture", "consultation", "acheteur")
_LANCEES = (("dateLancement", CodeJalon.PUBLICATION), ("dateLimiteOffres", CodeJalon.REMISE))
_NAMED = re.compile(r"\$\.(\w+)")


def issues(lot: LotTraite) -> list[tuple[str, Issue]]:
    """What is said to become of a lot, by name of the field; exactly one once :func:`lot_problems` finds nothing."""
    named: tuple[tuple[str, Issue | None], ...] = (
        ("attribution", lot.attribution),
        ("infructueux", lot.infructueux),
        ("sansSuite", lot.sansSuite),
    )
    return [(name, issue) for name, issue in named if issue is not None]


def lot_problems(projet: Projet, lots: Sequence[LotTraite]) -> Iterator[Problem]:
    """Lots that the project does not have or has settled, given twice, without an issue or with several."""
    known = {one.numero: one for one in projet.lots}
    names = listed(sorted(known)) or "aucun"
    seen: set[int | None] = set()
    for index, lot in enumerate(lots):
        place = f"$.lots[{index}]"
        given = [name for name, _ in issues(lot)]
        if len(given) != 1:
            yield rules.ISSUE.broken(place, donnees=listed(given) or "aucune n'est donnée")
        if lot.numero in seen:
            yield plan_rules.LOT_DOUBLE.broken(f"{place}.numero", numero=lot.numero or "unique")
        seen.add(lot.numero)
        if lot.numero is None and known:
            yield plan_rules.LOT_REQUIS.broken(f"{place}.numero", lots=names)
        elif lot.numero is not None and lot.numero not in known:
            yield plan_rules.LOT_INCONNU.broken(f"{place}.numero", lot=lot.numero, lots=names)
        elif lot.numero is not None and known[lot.numero].sans_suite:
            yield plan_rules.LOT_SANS_SUITE.broken(f"{place}.numero", lot=lot.numero)
        key = SANS_LOT if lot.numero is None else str(lot.numero)
        if key in projet.marches:
            said = {"lot": lot.numero or "unique", "marche": projet.marches[key]}
            yield plan_rules.LOT_ATTRIBUE.broken(f"{place}.numero", **said)
    if not projet.marches and not any(lot.attribution is not None for lot in lots):
        yield plan_rules.AUCUN_MARCHE.broken("$.lots")


def date_problems(projet: Projet, demande: AttributionProjet) -> Iterator[Problem]:
    """Dates that are not those the project recorded when it reached the milestone."""
    for champ, code in _LANCEES:
        given, done = getattr(demande, champ), projet.realise(code)
        if given is not None and done is not None and given != done:
            said = {"donnee": jour_ecrit(given), "jalon": code, "realise": jour_ecrit(done)}
            yield rules.DATE_AUTRE.broken(f"$.{champ}", champ=champ, **said)


def said(error: Refused) -> Sequence[Problem]:
    """What a refusal asks to put right; its sentence when it names no rule."""
    return error.problems or (rules.REFUS.broken("$", detail=error.detail),)


def placed(error: Refused, index: int, lot: LotTraite) -> Iterator[Problem]:
    """What the modules refuse, at its place in the request: they speak of a lot as if it were alone."""
    [(name, issue)] = issues(lot)
    for problem in said(error):
        match = _NAMED.match(problem.path)
        field = "" if match is None else match[1]
        rest = problem.path[match.end() :] if match is not None else ""
        place = f"$.lots[{index}]"
        if field in _COMMUNES:
            place = f"$.{field}"
        elif field == "id":
            place += ".id"
        elif field == "lot":
            place += ".numero"
        elif field in type(issue).model_fields:
            place += f".{name}.{field}{rest}"
        elif field == "date" and name == "attribution":
            place += ".attribution.dateAttribution"
        yield Problem(place, problem.rule, problem.message)
