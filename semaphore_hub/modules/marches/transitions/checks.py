"""Applies the rules of :mod:`.rules`; pure functions, each returns every problem it finds."""

from __future__ import annotations

from datetime import date

from semaphore_hub.kernel.errors import Problem
from semaphore_hub.modules.marches import rules as marche_rules
from semaphore_hub.modules.marches import structure_rules
from semaphore_hub.modules.marches.checks import period_problem
from semaphore_hub.modules.marches.echeances import end_of, start_of
from semaphore_hub.modules.marches.projets.donnees import Donnees
from semaphore_hub.modules.marches.reading import Whole
from semaphore_hub.modules.marches.transitions import rules
from semaphore_hub.modules.marches.transitions.schemas import SignatureMarche
from semaphore_hub.modules.marches.transitions.standstill import standstill_problems
from semaphore_hub.modules.referentiel.codes import Reconductibilite

Fact = tuple[str, date]
"""What happened, in French with its article, and its day."""


def in_order(path: str, what: str, day: date, after: Fact | None) -> list[Problem]:
    """A date outside the admitted years, or before the fact it follows."""
    problems = period_problem(path, day)
    if after is not None and day < after[1]:
        problems.append(rules.DATES.broken(path, quoi=what, date=day, avant_quoi=after[0], avant=after[1]))
    return problems


def before_end(whole: Whole, path: str, what: str, day: date) -> list[Problem]:
    """A fact that comes after the last day of the marché."""
    end: date = whole.row["date_fin"]
    return [rules.APRES_FIN.broken(path, fin=end, quoi=what, date=day)] if day > end else []


def attribution_of(projet: Donnees | None) -> Fact | None:
    """The attribution, when the procedure was run in the hub."""
    if projet is None or projet.dateAttribution is None:
        return None
    return "l'attribution", projet.dateAttribution


def signature_problems(whole: Whole, projet: Donnees | None, signature: SignatureMarche) -> list[Problem]:
    """Rules of a signature: after the attribution, and after the delay due to the rejected candidates."""
    signed, told = signature.dateSignature, signature.dateInformationEvinces
    problems = in_order("$.dateSignature", "la signature", signed, attribution_of(projet))
    known = whole.description.complements.dateSignature
    if known not in (None, signed):
        problems.append(rules.SIGNATURE_AUTRE.broken("$.dateSignature", connue=known, donnee=signed))
    before = whole.vie.dateInformationEvinces
    if told is not None:
        problems += in_order(
            "$.dateInformationEvinces", "l'information des candidats évincés", told, attribution_of(projet)
        )
        if before not in (None, told):
            problems.append(rules.EVINCES_AUTRE.broken("$.dateInformationEvinces", connue=before, donnee=told))
    return problems + standstill_problems(
        whole.description,
        before or told,
        signed,
        electronic=signature.informationElectronique,
        after_projet=projet is not None,
    )


def end_after_start(whole: Whole, begins: date) -> date:
    """Last day once the execution began; one that an amendment has fixed does not move."""
    row, renewals = whole.row, whole.vie.reconductions
    foreseen = start_of(whole.description.complements, row["date_notification"])
    end: date = row["date_fin"]
    return end_of(begins, row["duree_mois"], renewals) if end == end_of(foreseen, row["duree_mois"], renewals) else end


def start_problems(whole: Whole, begins: date, end: date) -> list[Problem]:
    """Rules of the first day of the execution; ``end`` is the last one."""
    problems = period_problem("$.dateDebut", begins)
    notified, foreseen = whole.row["date_notification"], whole.description.complements.dateDebutMarche
    if begins < notified:
        problems.append(marche_rules.DATES_EXECUTION.broken("$.dateDebut", execution=begins, notification=notified))
    if foreseen is not None and begins < foreseen:
        problems.append(structure_rules.DATES_DEBUT.broken("$.dateDebut", execution=begins, debut=foreseen))
    if begins > end:
        problems.append(rules.DEMARRAGE_FIN.broken("$.dateDebut", date=begins, fin=end))
    return problems


def start_of_execution(whole: Whole) -> Fact:
    """The last time the execution began, or began again."""
    suspensions = whole.vie.suspensions
    if suspensions and suspensions[-1].fin is not None:
        return "la reprise", suspensions[-1].fin
    return "le démarrage", whole.vie.dateDebut or whole.row["date_notification"]


def term_problems(whole: Whole, today: date) -> list[Problem]:
    """Rules of the term: its last day is over, and no tacit renewal has taken effect unsaid."""
    end: date = whole.row["date_fin"]
    problems = [] if today > end else [rules.ECHEANCE_FUTURE.broken("$", fin=end)]
    pending = next((one for one in whole.vie.reconductions if one.decision != "reconduite"), None)
    tacit = whole.description.complements.reconductibilite is Reconductibilite.TACITE
    if tacit and pending is not None and pending.decision is None:
        problems.append(rules.ECHEANCE_RECONDUCTION.broken("$", numero=pending.numero))
    return problems


def last_fact(whole: Whole) -> Fact:
    """The last dated fact of a notified marché."""
    row, vie = whole.row, whole.vie
    dated: list[tuple[str, date | None]] = [
        ("la notification", row["date_notification"]),
        ("le démarrage", vie.dateDebut),
        *((f"la modification n° {one['id']}", one["date_notification"]) for one in whole.modifications),
        *(("la suspension", one.debut) for one in vie.suspensions),
        *(("la reprise", one.fin) for one in vie.suspensions),
        *((f"la décision de reconduction n° {one.numero}", one.dateDecision) for one in vie.reconductions),
        *((f"l'affermissement de la tranche {one.numero}", one.dateAffermissement) for one in vie.tranches),
        *((f"l'acte de sous-traitance n° {one.id}", one.dateNotification) for one in vie.actesSousTraitance),
        *(
            (f"la modification de sous-traitance n° {one.numero}", one.dateNotificationModificationSousTraitance)
            for one in vie.modificationsActesSousTraitance
        ),
        *(("la révision de prix", one.date) for one in vie.revisions),
        *(("le rattachement", one.date) for one in vie.rattachements),
    ]
    return max(((words, day) for words, day in dated if day is not None), key=lambda fact: fact[1])


def end_of_life(whole: Whole) -> Fact:
    """How the marché ended: its term, or its résiliation."""
    ended = whole.vie.resiliation
    return ("l'échéance", whole.row["date_fin"]) if ended is None else ("la résiliation", ended.dateEffet)
