"""Payloads of the events: the consolidated state of the marché (or supplier) at the moment of the fact.

Names and values are those of the DECP 2.0.4 where the DECP has the notion; what only the PES Marché needs is grouped
in :class:`ComplementsPES` and in the suppliers' own fields. Amounts are texts of euros excluding tax (HT) in JSON.
"""

from semaphore_hub.ports.payloads.alerte import AlertePayload
from semaphore_hub.ports.payloads.base import (
    Adresse,
    CompteBancaire,
    DeltaMontant,
    Etablissement,
    Fournisseur,
    FournisseurPayload,
    LieuExecution,
    Payload,
    Titulaire,
    TypeIdentifiant,
)
from semaphore_hub.ports.payloads.complements import Avance, ComplementsPES, Garantie, Indice, PieceJointe
from semaphore_hub.ports.payloads.concession import (
    Concession,
    ConcessionPayload,
    DonneesAnnuelles,
    ModificationConcession,
    Tarif,
)
from semaphore_hub.ports.payloads.marche import (
    ActeSousTraitance,
    EtatInitial,
    Lot,
    Marche,
    MarcheCree,
    MarchePayload,
    Modification,
    ModificationActeSousTraitance,
    PartAcheteur,
    PeriodeReconduction,
    ProjetPayload,
    Resiliation,
    Tranche,
    initial_of,
)
from semaphore_hub.ports.payloads.partenaires import (
    Adhesion,
    AdhesionPayload,
    CodeNomenclature,
    FluxTraitePayload,
    LigneDeFlux,
    NomenclaturePayload,
    StatutAdhesion,
)
from semaphore_hub.ports.payloads.place import ConsultationSuiviePayload, ContratsRelevesPayload
from semaphore_hub.ports.payloads.produits import LigneProduit, MarcheDesProduits, ProduitsPayload

__all__ = [
    "ActeSousTraitance",
    "Adhesion",
    "AdhesionPayload",
    "Adresse",
    "AlertePayload",
    "Avance",
    "CodeNomenclature",
    "ComplementsPES",
    "CompteBancaire",
    "Concession",
    "ConcessionPayload",
    "ConsultationSuiviePayload",
    "ContratsRelevesPayload",
    "DeltaMontant",
    "DonneesAnnuelles",
    "Etablissement",
    "EtatInitial",
    "FluxTraitePayload",
    "Fournisseur",
    "FournisseurPayload",
    "Garantie",
    "Indice",
    "LieuExecution",
    "LigneDeFlux",
    "LigneProduit",
    "Lot",
    "Marche",
    "MarcheCree",
    "MarcheDesProduits",
    "MarchePayload",
    "Modification",
    "ModificationActeSousTraitance",
    "ModificationConcession",
    "NomenclaturePayload",
    "PartAcheteur",
    "Payload",
    "PeriodeReconduction",
    "PieceJointe",
    "ProduitsPayload",
    "ProjetPayload",
    "Resiliation",
    "StatutAdhesion",
    "Tarif",
    "Titulaire",
    "Tranche",
    "TypeIdentifiant",
    "initial_of",
]
