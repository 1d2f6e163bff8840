"""Says a marché: as the API shows it and as events carry it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from semaphore_hub.kernel.errors import Problem
from semaphore_hub.kernel.money import from_cents
from semaphore_hub.modules.marches import checks, rules
from semaphore_hub.modules.marches.answers import MarcheVue
from semaphore_hub.modules.marches.avenants.situation import amendment_warnings
from semaphore_hub.modules.marches.deduction import resolved
from semaphore_hub.modules.marches.description import Description
from semaphore_hub.modules.marches.reading import Holding, Row, Whole
from semaphore_hub.modules.marches.transitions.standstill import signature_warnings
from semaphore_hub.modules.marches.vie import ActeInscrit, TitulaireInscrit
from semaphore_hub.modules.referentiel.lookups import EtablissementConnu
from semaphore_hub.modules.referentiel.schemas import Avertissement
from semaphore_hub.ports import payloads


def _euros(cents: int | None) -> Decimal | None:
    return None if cents is None else from_cents(cents)


def _holder(whole: Whole, fournisseur: str, role: str, montant: Decimal | None) -> payloads.Titulaire:
    return payloads.Titulaire.model_validate(
        {"role": role, "fournisseur": whole.fournisseurs[fournisseur].payload, "montant": montant}
    )


def _present_holder(holding: Holding) -> payloads.Titulaire:
    return payloads.Titulaire.model_validate(
        {"role": holding.role, "fournisseur": holding.fournisseur.payload, "montant": _euros(holding.share_cents)}
    )


def modification_payload(whole: Whole, row: Row) -> payloads.Modification:
    """An amendment as events say it."""
    holders = [TitulaireInscrit.model_validate(one) for one in row["titulaires"] or ()]
    return payloads.Modification(
        id=row["id"],
        objet=row["objet"],
        dateNotificationModification=row["date_notification"],
        datePublicationDonneesModification=row["date_publication"],
        montant=_euros(row["montant_cents"]),
        deltaMontant=_euros(row["delta_montant_cents"]),
        montantEstime=_euros(row["montant_estime_cents"]),
        deltaMontantEstime=_euros(row["delta_montant_estime_cents"]),
        dureeMois=row["duree_mois"],
        deltaDureeMois=row["delta_duree_mois"],
        titulaires=tuple(_holder(whole, one.fournisseur, one.role, one.montant) for one in holders),
        typeGroupementOperateurs=row["groupement"],
        fondement=row["fondement"],
        article=row["article"],
    )


def cree_payload(whole: Whole, attribution: date | None = None) -> payloads.MarcheCree:
    """A marché that is recorded and not notified yet, as events say it; ``attribution`` is the day, when known."""
    row, lot = whole.row, whole.vie.lot
    return payloads.MarcheCree(
        uid=row["uid"],
        id=row["id"],
        acheteur=row["acheteur_siret"],
        objet=row["objet"],
        montant=from_cents(row["montant_cents"]),
        consultation=None if lot is None else lot.consultation,
        lot=lot,
        dateAttribution=attribution,
        offresRecues=whole.description.offresRecues,
        titulaires=tuple(_present_holder(holding) for holding in whole.holdings),
    )


def _initial(whole: Whole) -> payloads.EtatInitial:
    initial = whole.vie.initial
    if initial is None:
        return payloads.EtatInitial(
            montant=from_cents(whole.row["montant_cents"]),
            dureeMois=whole.row["duree_mois"],
            titulaires=tuple(_present_holder(holding) for holding in whole.holdings),
            typeGroupementOperateurs=whole.description.typeGroupementOperateurs,
        )
    return payloads.EtatInitial(
        montant=initial.montant,
        dureeMois=initial.dureeMois,
        titulaires=tuple(_holder(whole, one.fournisseur, one.role, one.montant) for one in initial.titulaires),
        typeGroupementOperateurs=initial.typeGroupementOperateurs,
    )


def _act(whole: Whole, act: ActeInscrit) -> payloads.ActeSousTraitance:
    data = act.model_dump(exclude={"fournisseur", "titulaire"})
    return payloads.ActeSousTraitance.model_validate(
        {
            **data,
            "sousTraitant": whole.fournisseurs[act.fournisseur].payload,
            "titulaire": whole.fournisseurs[act.titulaire].payload.id,
        }
    )


def marche_payload(whole: Whole, etablissements: Mapping[str, EtablissementConnu]) -> payloads.Marche:
    """A notified marché as events say it.

    Args:
        whole: the marché.
        etablissements: its buyers and beneficiaries on the day of the fact, by SIRET.
    """
    row, description, vie = whole.row, whole.description, whole.vie
    last = vie.revisions[-1] if vie.revisions else None
    data: dict[str, Any] = {
        **description.model_dump(exclude={"complements", "justificationDuree", "lieuExecution"}),
        "lieuExecution": description.lieuExecution.model_dump(),
        "complements": resolved(description, row["id_contrat"]).model_dump(),
        "uid": row["uid"],
        "id": row["id"],
        "statut": row["statut"],
        "acheteur": etablissements[row["acheteur_siret"]].payload(),
        "acheteurs": tuple(
            {**part.model_dump(exclude={"siret"}), "etablissement": etablissements[part.siret].payload()}
            for part in vie.acheteurs
        ),
        "beneficiaires": tuple(etablissements[siret].payload() for siret in whole.beneficiaires),
        "lot": vie.lot,
        "objet": row["objet"],
        "codeCPV": row["code_cpv"],
        "dureeMois": row["duree_mois"],
        "dateNotification": row["date_notification"],
        "datePublicationDonnees": row["date_publication"],
        "montant": from_cents(row["montant_cents"]),
        "montantActualise": None if last is None else last.montantActualise,
        "montantTVAActualise": None if last is None else last.montantTVAActualise,
        "titulaires": tuple(_present_holder(holding) for holding in whole.holdings),
        "initial": _initial(whole),
        "modifications": tuple(modification_payload(whole, amendment) for amendment in whole.modifications),
        "actesSousTraitance": tuple(_act(whole, act) for act in vie.actesSousTraitance),
        "modificationsActesSousTraitance": vie.modificationsActesSousTraitance,
        "tranches": vie.tranches,
        "reconductions": vie.reconductions,
        "pieces": vie.pieces,
        "dateFin": row["date_fin"],
        "resiliation": vie.resiliation,
        "champsCompletes": tuple(row["donnees"]["champsCompletes"]),
    }
    return payloads.Marche.model_validate(data)


def _titulaire_vue(one: payloads.Titulaire) -> dict[str, Any]:
    return {
        "role": one.role,
        "typeIdentifiant": one.fournisseur.typeIdentifiant,
        "id": one.fournisseur.id,
        "denominationSociale": one.fournisseur.denominationSociale,
        "montant": one.montant,
    }


def _modification_vue(whole: Whole, row: Row) -> dict[str, Any]:
    said = modification_payload(whole, row)
    return {
        **said.model_dump(exclude={"titulaires"}),
        "titulaires": [_titulaire_vue(one) for one in said.titulaires],
        "calcul": row["calcul"],
    }


def _acte_vue(whole: Whole, act: ActeInscrit) -> dict[str, Any]:
    supplier = whole.fournisseurs[act.fournisseur].payload
    return {
        **act.model_dump(exclude={"fournisseur", "titulaire"}),
        "typeIdentifiant": supplier.typeIdentifiant,
        "idSousTraitant": supplier.id,
        "denominationSociale": supplier.denominationSociale,
        "idTitulaire": whole.fournisseurs[act.titulaire].payload.id,
    }


def marche_view(whole: Whole) -> MarcheVue:
    """A marché as the API shows it, with its warnings."""
    row, description, vie = whole.row, whole.description, whole.vie
    initial = _initial(whole)
    data: dict[str, Any] = {
        **{name: getattr(description, name) for name in Description.model_fields},
        "complements": resolved(description, row["id_contrat"]),
        "uid": row["uid"],
        "version": row["version"],
        "statut": row["statut"],
        "ght": row["ght"],
        "id": row["id"],
        "acheteur": {"id": row["acheteur_siret"], "nom": whole.names[row["acheteur_siret"]].nom},
        "acheteurs": [
            {**part.model_dump(exclude={"siret"}), "id": part.siret, "nom": whole.names[part.siret].nom}
            for part in vie.acheteurs
        ],
        "beneficiaires": [{"id": siret, "nom": whole.names[siret].nom} for siret in whole.beneficiaires],
        "objet": row["objet"],
        "codeCPV": row["code_cpv"],
        "dureeMois": row["duree_mois"],
        "dateNotification": row["date_notification"],
        "datePublicationDonnees": row["date_publication"],
        "montant": from_cents(row["montant_cents"]),
        "titulaires": [_titulaire_vue(_present_holder(holding)) for holding in whole.holdings],
        "modifications": [_modification_vue(whole, amendment) for amendment in whole.modifications],
        "montantInitial": initial.montant,
        "dureeInitialeMois": initial.dureeMois,
        "typeAchat": row["type_achat"],
        "lot": vie.lot,
        "dateFin": row["date_fin"],
        "consomme": from_cents(row["consomme_cents"]),
        "montantActualise": vie.revisions[-1].montantActualise if vie.revisions else None,
        "tranches": vie.tranches,
        "reconductions": vie.reconductions,
        "actesSousTraitance": [_acte_vue(whole, act) for act in vie.actesSousTraitance],
        "modificationsActesSousTraitance": vie.modificationsActesSousTraitance,
        "pieces": vie.pieces,
        "revisions": vie.revisions,
        "suspensions": vie.suspensions,
        "resiliation": vie.resiliation,
        "champsCompletes": row["donnees"]["champsCompletes"],
        "avertissements": [
            Avertissement(regle=problem.rule, champ=problem.path, message=problem.message)
            for problem in _warnings(whole)
        ],
        "creeLe": datetime.fromtimestamp(row["created_ms"] / 1000, UTC),
    }
    return MarcheVue.model_validate(data)


def _warnings(whole: Whole) -> list[Problem]:
    row = whole.row
    found = [Problem("$", "import", words) for words in row["donnees"]["avertissements"]]
    for siret in dict.fromkeys((row["acheteur_siret"], *whole.beneficiaires)):
        if not whole.names[siret].cle_valide:
            found.append(
                rules.CLE.broken("$.acheteur.id" if siret == row["acheteur_siret"] else "$.beneficiaires", id=siret)
            )
    for index, holding in enumerate(whole.holdings):
        if not holding.fournisseur.cle_valide:
            found.append(rules.CLE.broken(f"$.titulaires[{index}].id", id=holding.fournisseur.payload.id))
    published: list[tuple[str, date | None, date | None]] = [
        ("$.datePublicationDonnees", row["date_notification"], row["date_publication"])
    ]
    published += [
        (f"$.modifications[{index}]", amendment["date_notification"], amendment["date_publication"])
        for index, amendment in enumerate(whole.modifications)
    ]
    published += [
        (f"$.actesSousTraitance[{index}]", act.dateNotification, act.datePublicationDonnees)
        for index, act in enumerate(whole.vie.actesSousTraitance)
    ]
    published += [
        (
            f"$.modificationsActesSousTraitance[{index}]",
            change.dateNotificationModificationSousTraitance,
            change.datePublicationDonnees,
        )
        for index, change in enumerate(whole.vie.modificationsActesSousTraitance)
    ]
    return (
        found
        + amendment_warnings(whole)
        + signature_warnings(whole)
        + checks.warnings(
            whole.description, row["code_cpv"], from_cents(row["montant_cents"]), row["duree_mois"], published
        )
    )
