"""What a request makes of a projet; pure, nothing is written here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from semaphore_hub.kernel.money import to_cents
from semaphore_hub.modules.marches.deduction import type_achat
from semaphore_hub.modules.marches.projets.donnees import Donnees, Projet
from semaphore_hub.modules.marches.projets.schemas import Attribution, NouveauProjet, RevisionProjet
from semaphore_hub.modules.marches.schemas import EtablissementRef, LotRef, NouveauMarche

_OF_PROCEDURE = {"dateAttribution", "dateInformationEvinces", "dureeMois"}


@dataclass(frozen=True, slots=True)
class Forecast:
    """Columns and document of what is foreseen."""

    columns: dict[str, Any]
    donnees: Donnees


def foreseen(nouveau: NouveauProjet) -> Forecast:
    """What a new projet foresees."""
    return Forecast(
        {
            "objet": nouveau.objet,
            "code_cpv": nouveau.codeCPV,
            "montant_estime_cents": to_cents(nouveau.montantEstime),
            "consultation": nouveau.consultation,
            "numero_lot": None if nouveau.lot is None else nouveau.lot.numero,
        },
        Donnees(
            beneficiaires=tuple(ref.id for ref in nouveau.beneficiaires) or (nouveau.acheteur.id,),
            dureeMois=nouveau.dureeMois,
            nature=nouveau.nature,
            typeAchat=nouveau.typeAchat or type_achat(nouveau.codeCPV),
            procedure=nouveau.procedure,
            intituleLot=None if nouveau.lot is None else nouveau.lot.intitule,
            dateLancementPrevue=nouveau.dateLancementPrevue,
            dateNotificationPrevue=nouveau.dateNotificationPrevue,
        ),
    )


def revised(projet: Projet, revision: RevisionProjet) -> Forecast:
    """What is foreseen after a revision; null or absent values are kept, and a new CPV gives its type of purchase."""
    row, donnees = projet.row, projet.donnees
    columns = {name: row[name] for name in ("objet", "code_cpv", "montant_estime_cents", "consultation", "numero_lot")}
    for name, given in (
        ("objet", revision.objet),
        ("code_cpv", revision.codeCPV),
        ("montant_estime_cents", None if revision.montantEstime is None else to_cents(revision.montantEstime)),
        ("consultation", revision.consultation),
        ("numero_lot", None if revision.lot is None else revision.lot.numero),
    ):
        if given is not None:
            columns[name] = given
    changes: dict[str, Any] = {
        name: getattr(revision, name)
        for name in (
            "dureeMois",
            "nature",
            "typeAchat",
            "procedure",
            "dateLancementPrevue",
            "dateNotificationPrevue",
        )
        if getattr(revision, name) is not None
    }
    if revision.codeCPV is not None and revision.typeAchat is None and revision.codeCPV != row["code_cpv"]:
        changes["typeAchat"] = type_achat(revision.codeCPV)
    if revision.lot is not None:
        changes["intituleLot"] = revision.lot.intitule
    if revision.beneficiaires is not None:
        changes["beneficiaires"] = tuple(ref.id for ref in revision.beneficiaires) or (row["acheteur_siret"],)
    return Forecast(columns, donnees.model_copy(update=changes))


def completed(projet: Projet, attribution: Attribution) -> NouveauMarche:
    """The marché to record: what the projet said, completed by the attribution."""
    row, donnees, lot = projet.row, projet.donnees, projet.lot()
    return NouveauMarche.model_validate(
        {
            **attribution.model_dump(exclude=_OF_PROCEDURE),
            "id": row["id"],
            "acheteur": EtablissementRef(id=row["acheteur_siret"]),
            "beneficiaires": tuple(EtablissementRef(id=siret) for siret in donnees.beneficiaires),
            "objet": row["objet"],
            "codeCPV": row["code_cpv"],
            "typeAchat": donnees.typeAchat,
            "dureeMois": attribution.dureeMois or donnees.dureeMois,
            "lot": None if lot is None else LotRef.model_validate(lot.model_dump()),
        }
    )
