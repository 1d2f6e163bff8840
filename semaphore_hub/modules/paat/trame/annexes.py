"""The sheets beside the trame: what a plan amounts to, what each column and list is worth, the values of the lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from semaphore_hub.modules.paat.codes import (
    SANS_GAIN,
    Code,
    Controle,
    EffetBudgetaire,
    Levier,
    Methode,
    Operateur,
    Section,
    Stade,
    StatutAction,
)
from semaphore_hub.modules.paat.gains import pourcent
from semaphore_hub.modules.paat.schemas import ActionVue, Totaux
from semaphore_hub.modules.paat.trame.colonnes import COLONNES, Col
from semaphore_hub.modules.paat.trame.styles import Cellule, Classeur, Page
from semaphore_hub.modules.referentiel.familles import SYNTHETIQUES, Familles

_LISTES: dict[Col, tuple[str, type[Code]]] = {
    Col.EFFET: ("Type d'effet budgétaire", EffetBudgetaire),
    Col.LEVIER: ("Levier", Levier),
    Col.OPERATEUR: ("Opérateur", Operateur),
    Col.METHODE: ("Type d'achat", Methode),
    Col.SECTION: ("Exploitation / investissement", Section),
    Col.STATUT: ("Statut", StatutAction),
    Col.STADE: ("Stade du gain", Stade),
}
_ROLES = ("support", "partie")
_MONTANTS = ("texte", "entier", "entier", "montant", "montant", "montant", "part")
_TOTAL = ("total", "total", "total", "total_montant", "total_montant", "total_montant", "total_part")
_AVERTISSEMENTS = """\
Le classeur officiel de la DGOS n'est pas public. Les onze premiers intitulés de la trame, dans leur ordre, et les \
commentaires des contrôles sont attestés par la présentation DGOS du 17/06/2022 ; le reste est une hypothèse.
Les familles portent des codes synthétiques du hub (« SYN-… ») : ce ne sont pas des codes officiels.
Tous les montants sont en euros TTC. Le hub recalcule performances, poids, gain de l'année, report et commentaire \
DGOS : ce qu'un fichier en dit est comparé, et tout écart est signalé.
Une ligne exclue par un contrôle garde sa trace ; son gain retenu est 0.
Pour renvoyer la trame : POST /v1/paat/{uid}/trame. Une seule erreur refuse tout le fichier, chaque erreur est \
située ; simulation=true donne le rapport sans rien enregistrer.
Une ligne sans n° d'action en reçoit un, tiré de ce qu'elle décrit (hors montants) : renvoyer le même fichier ne \
change rien."""


def ecrire_synthese(
    workbook: Classeur, actions: Sequence[ActionVue], totaux: Totaux, familles: Familles, plan: str
) -> None:
    """Totals by family and by control; abandoned and postponed actions are left out."""
    page = workbook.page("Synthèse")
    page.largeurs(70, 10, 10, 22, 22, 22, 14)
    page.ecrire(0, 0, f"Synthèse du PAAT {plan}", "titre")
    page.ecrire(1, 0, "Euros TTC ; sans les actions abandonnées ou reportées.", "note")
    names = ("Lignes", "Exclues", "Références (€ TTC)", "Gains déclarés (€ TTC)", "Gains retenus (€ TTC)", "Taux")
    page.rangee(3, ("Par famille", *names), ("entete",) * 7)
    groups: defaultdict[str, list[ActionVue]] = defaultdict(list)
    for one in actions:
        if one.statut not in SANS_GAIN:
            groups[one.famille or ""].append(one)
    row = 4
    for code in sorted(groups):
        page.rangee(row, (familles.libelles.get(code, code or "Sans famille"), *_sommes(groups[code])), _MONTANTS)
        row += 1
    total = ("Total", *_sommes([one for group in groups.values() for one in group]))
    page.rangee(row, total, _TOTAL)
    row += 2
    heading = ("Par contrôle DGOS", "Lignes", "Exclues", "", "Gains déclarés (€ TTC)", "Gains retenus (€ TTC)", "")
    page.rangee(row, heading, ("entete",) * 7)
    for control in totaux.parControle:
        row += 1
        label = f"{control.controle} : {control.commentaire}" if control.controle else "Aucun contrôle rencontré"
        values: tuple[Cellule, ...] = (
            label, control.actions, control.exclues, None, control.gainDeclare, control.gainRetenu, None,
        )  # fmt: skip
        page.rangee(row, values, _MONTANTS)
    row += 1
    declared, kept = totaux.gainDeclare, totaux.gainRetenu
    page.rangee(row, ("Total", totaux.actions, totaux.exclues, None, declared, kept, None), _TOTAL)


def _sommes(actions: Sequence[ActionVue]) -> tuple[Cellule, ...]:
    reference = sum((one.montantReference or Decimal(0) for one in actions), Decimal(0))
    declared = sum((one.gain or Decimal(0) for one in actions), Decimal(0))
    kept = sum((one.gainRetenu for one in actions), Decimal(0))
    base = sum((one.montantReference or Decimal(0) for one in actions if not one.exclue), Decimal(0))
    rate = pourcent(kept, base)
    out = sum(1 for one in actions if one.exclue)
    return len(actions), out, reference, declared, kept, None if rate is None else rate / 100


def ecrire_lisez_moi(workbook: Classeur, vierge: bool) -> None:
    """What is attested, what is assumed, what is synthetic."""
    page = workbook.page("Lisez-moi")
    page.largeurs(44, 44, 70)
    page.ecrire(0, 0, "Trame à remplir" if vierge else "Trame d'un plan", "titre")
    row = 2
    for sentence in _AVERTISSEMENTS.splitlines():
        page.ecrire(row, 0, sentence, "note")
        row += 1
    row = _tableau(
        page,
        row + 1,
        ("Colonne", "Source de l'intitulé", "Qui l'écrit"),
        [
            (
                one.titre,
                "attesté : DGOS, 17/06/2022" if one.attestee else "hypothèse",
                "calculée par le hub, comparée à l'import" if one.calculee else "saisie",
            )
            for one in COLONNES
        ],
    )
    values = [
        (title, member.libelle, member.marque) for title, members in _LISTES.values() for member in members
    ]  # every value of every list
    row = _tableau(page, row + 1, ("Liste", "Valeur", "Source"), values)
    _tableau(
        page,
        row + 1,
        ("Contrôle DGOS", "Commentaire", "Source"),
        [(member.value, member.libelle, member.marque) for member in Controle],
    )


def _tableau(page: Page, row: int, titres: tuple[str, str, str], lignes: Sequence[tuple[str, str, str]]) -> int:
    page.rangee(row, titres, ("entete",) * 3)
    for line in lignes:
        row += 1
        page.rangee(row, line, ("long",) * 3)
    return row + 1


def ecrire_listes(workbook: Classeur, familles: Familles) -> dict[Col, str]:
    """A hidden sheet with the values of each list, and the range of each column that has one."""
    page = workbook.page("Listes", cachee=True)
    synthetic = {one.code for one in SYNTHETIQUES}
    lists: dict[Col, tuple[str, list[str]]] = {
        Col.FAMILLE: ("Familles (codes synthétiques)", [familles.libelles[code] for code in sorted(familles.libelles)]),
        Col.ROLE: ("Support ou partie", list(_ROLES)),
        **{col: (title, [one.libelle for one in members]) for col, (title, members) in _LISTES.items()},
    }
    if not set(familles.libelles) <= synthetic:
        lists[Col.FAMILLE] = ("Familles", lists[Col.FAMILLE][1])
    sources: dict[Col, str] = {}
    for place, (col, (title, values)) in enumerate(lists.items()):
        page.ecrire(0, place, title, "entete")
        for row, value in enumerate(values, 1):
            page.ecrire(row, place, value, "texte")
        letter = chr(ord("A") + place)
        sources[col] = f"=Listes!${letter}$2:${letter}${len(values) + 1}"
    return sources
