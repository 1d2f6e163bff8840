"""What became of the marchés that a purchase project opened."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Connection

from semaphore_hub.api.attributions.schemas import MarcheDuLot, MarchesDuProjet
from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import Caller
from semaphore_hub.modules.marches.lifecycle import Statut as StatutMarche
from semaphore_hub.modules.planification.codes import SANS_LOT
from semaphore_hub.modules.planification.donnees import Lot, Projet
from semaphore_hub.modules.planification.reading import trouve


def suivre(services: Services, connection: Connection, caller: Caller, uid: str) -> MarchesDuProjet:
    """What became of the marchés of a project.

    Raises:
        NotFound: no such project in the caller's perimeter.
    """
    projet = trouve(connection, caller, uid)
    row = projet.row
    lots = tuple(_suivi(services, connection, caller, projet, lot) for lot in projet.lots or (None,))
    counted = [lot for lot in lots if lot.montant is not None and lot.statut is not StatutMarche.SANS_SUITE]
    foreseen = sum((lot.montantEstime for lot in counted), Decimal("0.00"))
    amount = sum((lot.montant for lot in counted if lot.montant is not None), Decimal("0.00"))
    return MarchesDuProjet(
        uid=projet.uid,
        ght=row["ght"],
        reference=row["reference"],
        statut=projet.statut,
        strategie=row["strategie"],
        lots=lots,
        montantEstime=foreseen,
        montant=amount,
        ecart=amount - foreseen,
    )


def _suivi(services: Services, connection: Connection, caller: Caller, projet: Projet, lot: Lot | None) -> MarcheDuLot:
    """One lot; ``None`` for a project without lots."""
    uid = projet.marches.get(SANS_LOT if lot is None else str(lot.numero))
    marche = None if uid is None else services.marches.lire(connection, caller, uid)
    montant = projet.montant if lot is None else lot.montant
    without = "sans_suite" if lot is not None and lot.sans_suite else "en_cours"
    return MarcheDuLot.model_validate(
        {
            "numero": None if lot is None else lot.numero,
            "intitule": projet.row["intitule"] if lot is None else lot.intitule,
            "issue": without if marche is None else "marche",
            "montantEstime": montant,
            "marche": uid,
            "id": None if marche is None else marche.id,
            "statut": None if marche is None else marche.statut,
            "dateNotification": None if marche is None else marche.dateNotification,
            "dateFin": None if marche is None else marche.dateFin,
            "montant": None if marche is None else marche.montant,
            "ecart": None if marche is None else marche.montant - montant,
        }
    )
