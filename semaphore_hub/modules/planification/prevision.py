"""What is foreseen of a project: the columns that a creation or a revision gives, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from semaphore_hub.kernel.errors import Problem
from semaphore_hub.kernel.money import from_cents, to_cents
from semaphore_hub.modules.planification import rules
from semaphore_hub.modules.planification.codes import Statut
from semaphore_hub.modules.planification.donnees import Lot, Projet
from semaphore_hub.modules.planification.origines import Besoins
from semaphore_hub.modules.planification.retroplanning import lendemain
from semaphore_hub.modules.planification.schemas import LotPlanifie, NouveauProjetAchat, RevisionProjetAchat
from semaphore_hub.modules.referentiel.ecriture import euros, jour_ecrit
from semaphore_hub.modules.referentiel.familles import Familles, famille_du_cpv
from semaphore_hub.ports.marches import MarcheConnu

DEBUT_MIN, DEBUT_MAX = date(2000, 1, 1), date(2100, 12, 31)
_CENTS_MAX = 99_999_999_999_999
_COLONNES = {
    "intitule": "intitule",
    "type": "type",
    "typeAchat": "type_achat",
    "acheteur": "acheteur_siret",
    "codeNCHFS": "code_nchfs",
    "codeCPV": "code_cpv",
    "strategie": "strategie",
    "portefeuille": "portefeuille",
    "dureeMois": "duree_mois",
    "dateDebutPrevue": "date_debut_prevue",
    "actionPaat": "action_paat_uid",
}
"""Columns that a revision writes as they are given."""


def colonnes_nouvelles(
    nouveau: NouveauProjetAchat, besoins: Besoins, marche: MarcheConnu | None, familles: Familles
) -> tuple[dict[str, Any], list[Problem]]:
    """The columns of a new project: what is given, else what its needs say, else what the marché it renews says."""
    problems: list[Problem] = []

    def first(champ: str, given: Any, colonne: str | None, renewed: Any, *, required: bool = True) -> Any:
        if given is not None:
            return given
        common = None
        if colonne is not None:
            common, diverse = besoins.commun(colonne, champ)
            problems.extend(diverse)
            if diverse:
                return None
        value = renewed if common is None else common
        if value is None and required:
            problems.append(rules.CHAMP_REQUIS.broken(f"$.{champ}", champ=champ))
        return value

    lots = _lots(nouveau.lots)
    cpv = first("codeCPV", nouveau.codeCPV, "code_cpv", marche and marche.code_cpv)
    months = first("dureeMois", nouveau.dureeMois, None, marche and marche.duree_mois)
    amount = nouveau.montantEstime
    if amount is None and lots:
        amount = _somme(lots)
    if amount is None and besoins.rows and months is not None:
        amount = besoins.montant(months)
    ended = None if marche is None else marche.date_fin
    famille, wrong = _famille(nouveau.famille, familles)
    problems += wrong
    columns = {
        "intitule": first("intitule", nouveau.intitule, None, marche and marche.objet),
        "type": nouveau.type or ("renouvellement" if nouveau.renouvelle else "nouveau"),
        "type_achat": first("typeAchat", nouveau.typeAchat, "type_achat", marche and marche.type_achat),
        "acheteur_siret": nouveau.acheteur,
        "beneficiaires": list(
            nouveau.beneficiaires or besoins.sirets or (marche.beneficiaires if marche else ()) or (nouveau.acheteur,)
        ),
        "famille": famille or _same_family(besoins) or (None if cpv is None else famille_du_cpv(cpv)),
        "code_nchfs": first("codeNCHFS", nouveau.codeNCHFS, "code_nchfs", None, required=False),
        "code_cpv": cpv,
        "strategie": nouveau.strategie,
        "portefeuille": nouveau.portefeuille,
        "prescripteurs": list(nouveau.prescripteurs),
        "considerations": nouveau.considerations.model_dump(),
        "duree_mois": months,
        "montant_estime_cents": _cents(first("montantEstime", amount, None, marche and marche.montant)),
        "marche_renouvele_uid": nouveau.renouvelle,
        "echeance_renouvelee": ended,
        "date_debut_prevue": first("dateDebutPrevue", nouveau.dateDebutPrevue, None, ended and lendemain(ended)),
        "lots": [one.stored() for one in lots],
        "action_paat_uid": nouveau.actionPaat,
    }
    return columns, problems or _type_problems(columns)


def colonnes_revisees(
    projet: Projet, revision: RevisionProjetAchat, besoins: Besoins, familles: Familles
) -> tuple[dict[str, Any], list[Problem]]:
    """The columns that a revision changes.

    Args:
        projet: the project as it stands.
        revision: what is asked.
        besoins: the needs it will take.
        familles: known families.
    """
    row, problems = projet.row, list[Problem]()
    columns = {
        column: getattr(revision, field) for field, column in _COLONNES.items() if getattr(revision, field) is not None
    }
    if revision.strategie not in (None, row["strategie"]) and projet.statut not in (
        Statut.IDENTIFIE,
        Statut.RECENSEMENT,
    ):
        problems.append(rules.STRATEGIE_VALIDEE.broken("$.strategie"))
    if revision.famille is not None:
        columns["famille"], wrong = _famille(revision.famille, familles)
        problems += wrong
    if revision.beneficiaires is not None:
        columns["beneficiaires"] = list(
            revision.beneficiaires or (columns.get("acheteur_siret", row["acheteur_siret"]),)
        )
    if revision.prescripteurs is not None:
        columns["prescripteurs"] = list(revision.prescripteurs)
    if revision.considerations is not None:
        columns["considerations"] = revision.considerations.model_dump()
    lots = projet.lots
    if revision.lots is not None:
        lots = _lots(revision.lots)
        problems += _kept_problems(projet, lots)
        columns["lots"] = [one.stored() for one in lots]
    if revision.montantEstime is not None:
        columns["montant_estime_cents"] = to_cents(revision.montantEstime)
    elif revision.lots:
        columns["montant_estime_cents"] = _cents(_somme(lots))
    elif besoins.rows and not lots and (revision.besoins is not None or revision.dureeMois is not None):
        columns["montant_estime_cents"] = to_cents(besoins.montant(columns.get("duree_mois", row["duree_mois"])))
    return columns, [*problems, *_type_problems({**row, **columns})]


def suite_de(projet: Projet, fin: date | None) -> dict[str, Any]:
    """The columns that follow from a new last day of the marché renewed: a start that was the day after stays so."""
    if fin is None:
        return {}
    row = projet.row
    columns: dict[str, Any] = {"echeance_renouvelee": fin}
    if row["date_debut_prevue"] == lendemain(row["echeance_renouvelee"]):
        columns["date_debut_prevue"] = lendemain(fin)
    return columns


def problemes(row: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with the columns of a project, whatever they come from."""
    found: list[Problem] = []
    debut: date = row["date_debut_prevue"]
    if not DEBUT_MIN <= debut <= DEBUT_MAX:
        bounds = {"premier": jour_ecrit(DEBUT_MIN), "dernier": jour_ecrit(DEBUT_MAX)}
        found.append(rules.DEBUT_HORS_BORNES.broken("$.dateDebutPrevue", jour=jour_ecrit(debut), **bounds))
    amount = row["montant_estime_cents"]
    if not amount:
        found.append(rules.MONTANT_NUL.broken("$.montantEstime"))
    if amount > _CENTS_MAX:
        found.append(rules.MONTANT_EXCESSIF.broken("$.montantEstime"))
    seen: set[int] = set()
    for rank, lot in enumerate(row["lots"]):
        if lot["numero"] in seen:
            found.append(rules.LOT_DOUBLE.broken(f"$.lots[{rank}].numero", numero=lot["numero"]))
        seen.add(lot["numero"])
    total = sum(lot["montantEstime"] for lot in row["lots"])
    if row["lots"] and total != amount:
        said = {"somme": euros(from_cents(total)), "montant": euros(from_cents(amount))}
        found.append(rules.LOTS_SOMME.broken("$.lots", **said))
    return found


def _type_problems(row: Mapping[str, Any]) -> list[Problem]:
    renews = row["marche_renouvele_uid"] is not None
    if row["type"] == "renouvellement" and not renews:
        return [rules.RENOUVELE_TYPE.broken("$.type", type=row["type"], defaut="renouvelle un marché")]
    if row["type"] == "nouveau" and renews:
        return [rules.RENOUVELE_TYPE.broken("$.type", type=row["type"], defaut="ne renouvelle aucun marché")]
    return []


def _kept_problems(projet: Projet, lots: Iterable[Lot]) -> list[Problem]:
    """Lots that opened their marché before the consultation started again stay."""
    gone = set(projet.marches) - {str(one.numero) for one in lots}
    return [rules.LOT_CONSERVE.broken("$.lots", lot=lot, marche=projet.marches[lot]) for lot in sorted(gone)]


def _famille(given: str | None, familles: Familles) -> tuple[str | None, list[Problem]]:
    if given is None:
        return None, []
    found = familles.trouver(given)
    return found, [] if found is not None else [rules.FAMILLE.broken("$.famille", famille=given)]


def _same_family(besoins: Besoins) -> str | None:
    families = {row["famille"] for row in besoins.rows}
    return families.pop() if len(families) == 1 else None


def _lots(given: Iterable[LotPlanifie]) -> tuple[Lot, ...]:
    return tuple(Lot(one.numero, one.intitule, one.montantEstime, one.deroge) for one in given)


def _somme(lots: Iterable[Lot]) -> Decimal:
    return sum((one.montant for one in lots), Decimal(0))


def _cents(amount: Decimal | None) -> int | None:
    return None if amount is None else to_cents(amount)
