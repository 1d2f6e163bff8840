"""Records a new marché, attributed: its parties looked up, its rules checked, its rows and its event written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from semaphore_hub.kernel.access import Caller
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import AlreadyExists
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.kernel.money import to_cents
from semaphore_hub.modules.marches import checks
from semaphore_hub.modules.marches.deduction import type_achat
from semaphore_hub.modules.marches.description import stored
from semaphore_hub.modules.marches.execution.accords_cadres import framework_of, framework_problems
from semaphore_hub.modules.marches.lifecycle import TRANSITIONS, Statut
from semaphore_hub.modules.marches.models import Marche, MarcheBeneficiaire, MarcheTitulaire
from semaphore_hub.modules.marches.parties import reference_problems
from semaphore_hub.modules.marches.projets.lots import lot_problems
from semaphore_hub.modules.marches.reading import Holding, Named, Whole
from semaphore_hub.modules.marches.saying import cree_payload
from semaphore_hub.modules.marches.schemas import NouveauMarche
from semaphore_hub.modules.marches.store import MarcheStore
from semaphore_hub.modules.marches.structure import structure_problems
from semaphore_hub.modules.marches.vie import VIE_VIDE, PartInscrite, Vie
from semaphore_hub.modules.referentiel.lookups import etablissements_by_siret, fournisseurs_by_identifier
from semaphore_hub.modules.referentiel.rules import refuse
from semaphore_hub.ports.payloads import Lot, PeriodeReconduction, PieceJointe, Tranche

_INSERT_MARCHE = insert(table_of(Marche))
_INSERT_TITULAIRE = insert(table_of(MarcheTitulaire))
_INSERT_BENEFICIAIRE = insert(table_of(MarcheBeneficiaire))


def record(
    store: MarcheStore,
    unit: UnitOfWork,
    caller: Caller,
    nouveau: NouveauMarche,
    *,
    importe: dict[str, Any] | None = None,
    champs_completes: Sequence[str] = (),
    avertissements: Sequence[str] = (),
    operation: str = "creer",
    uid: str | None = None,
    version: int = 1,
    attribution: date | None = None,
    information_evinces: date | None = None,
) -> Whole:
    """Record a marché and write its event.

    Args:
        store: the marchés and their events.
        unit: the transaction.
        caller: who records; its perimeter must hold the buyer.
        nouveau: the marché.
        importe: content of the file it was read from.
        champs_completes: fields completed by a documented default.
        avertissements: French sentences kept with the marché.
        operation: "creer", or "attribuer" when it was a projet.
        uid: of the projet it was.
        version: the next version of that projet.
        attribution: day its holder was chosen, when its procedure was run in the hub.
        information_evinces: day the rejected candidates were told, when it is known.

    Raises:
        RuleBroken: one or several rules, all of them reported.
        AlreadyExists: the buyer already has a marché of this id.
    """
    beneficiaires = tuple(ref.id for ref in nouveau.beneficiaires) or (nouveau.acheteur.id,)
    connection = unit.connection
    sirets = {nouveau.acheteur.id, *beneficiaires, *(part.id for part in nouveau.acheteurs)}
    known = etablissements_by_siret(connection, None, sirets, store.clock.today())
    suppliers = fournisseurs_by_identifier(
        connection, {(holder.typeIdentifiant.value, holder.id) for holder in nouveau.titulaires}
    )
    problems = reference_problems(nouveau, caller, known, suppliers)
    holders = [checks.Holder(holder.role, holder.montant) for holder in nouveau.titulaires]
    problems += checks.creation_problems(
        checks.Content(nouveau.id, nouveau, nouveau.montant, nouveau.dureeMois, holders)
    )
    problems += structure_problems(nouveau)
    framework = framework_of(connection, caller, nouveau)
    if framework is not None:
        problems += framework_problems(connection, nouveau, framework, suppliers, store.clock.today())
    if nouveau.lot is not None and nouveau.acheteur.id in known:
        problems += lot_problems(connection, nouveau.acheteur.id, nouveau.lot.consultation, nouveau.lot.numero, uid)
    refuse(problems)
    uid = uid or new_id()
    vie = begun(nouveau).model_copy(update={"dateInformationEvinces": information_evinces})
    row: dict[str, Any] = {
        "uid": uid,
        "version": version,
        "statut": Statut.ATTRIBUE.value,
        "ght": known[nouveau.acheteur.id].ght,
        "acheteur_siret": nouveau.acheteur.id,
        "id": nouveau.id,
        "id_contrat": None,
        "objet": nouveau.objet,
        "code_cpv": nouveau.codeCPV,
        "montant_cents": to_cents(nouveau.montant),
        "duree_mois": nouveau.dureeMois,
        "date_notification": None,
        "date_publication": None,
        "date_fin": None,
        "type_achat": nouveau.typeAchat or type_achat(nouveau.codeCPV),
        "consultation": None if nouveau.lot is None else nouveau.lot.consultation,
        "numero_lot": None if nouveau.lot is None else nouveau.lot.numero,
        "accord_cadre_uid": None if framework is None else framework["uid"],
        "consomme_cents": 0,
        "vie": None if vie == VIE_VIDE else vie.stored(),
        "created_ms": int(store.clock.now().timestamp() * 1000),
        "donnees": {
            **stored(nouveau),
            "champsCompletes": list(champs_completes),
            "avertissements": list(avertissements),
        },
        "importe": importe,
    }
    try:
        connection.execute(_INSERT_MARCHE, row)
    except IntegrityError as error:
        raise AlreadyExists(f"L'acheteur {nouveau.acheteur.id} a déjà un marché {nouveau.id}.") from error
    holdings = tuple(
        Holding(
            rang,
            holder.role,
            None if holder.montant is None else to_cents(holder.montant),
            suppliers[(holder.typeIdentifiant.value, holder.id)],
        )
        for rang, holder in enumerate(nouveau.titulaires)
    )
    connection.execute(
        _INSERT_TITULAIRE,
        [
            {
                "marche_uid": uid,
                "rang": holding.rang,
                "fournisseur_uid": holding.fournisseur.uid,
                "role": holding.role,
                "montant_cents": holding.share_cents,
            }
            for holding in holdings
        ],
    )
    connection.execute(
        _INSERT_BENEFICIAIRE,
        [{"marche_uid": uid, "rang": rang, "etablissement_siret": siret} for rang, siret in enumerate(beneficiaires)],
    )
    whole = Whole(
        row=row,
        description=nouveau,
        holdings=holdings,
        beneficiaires=beneficiaires,
        names={siret: Named(found.nom, found.cle_valide) for siret, found in known.items()},
        modifications=(),
        vie=vie,
        fournisseurs={holding.fournisseur.uid: holding.fournisseur for holding in holdings},
    )
    store.append(unit, TRANSITIONS[operation].event, row, cree_payload(whole, attribution))
    return whole


def begun(nouveau: NouveauMarche) -> Vie:
    """The life of a marché just recorded: what it foresees, nothing has happened yet."""
    return Vie(
        lot=None if nouveau.lot is None else Lot.model_validate(nouveau.lot.model_dump()),
        acheteurs=tuple(
            PartInscrite(
                siret=part.id, montant=part.montant, montantTVA=part.montantTVA, montantEstime=part.montantEstime
            )
            for part in nouveau.acheteurs
        ),
        tranches=tuple(Tranche.model_validate(one.model_dump()) for one in nouveau.tranches),
        reconductions=tuple(PeriodeReconduction.model_validate(one.model_dump()) for one in nouveau.reconductions),
        pieces=tuple(PieceJointe.model_validate(one.model_dump()) for one in nouveau.pieces),
    )
