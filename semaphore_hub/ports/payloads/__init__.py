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

__all__ = [
    "ActeSousTraitance",
    "Adresse",
    "AlertePayload",
    "Avance",
    "ComplementsPES",
    "CompteBancaire",
    "Concession",
    "ConcessionPayload",
    "DeltaMontant",
    "DonneesAnnuelles",
    "Etablissement",
    "EtatInitial",
    "Fournisseur",
    "FournisseurPayload",
    "Garantie",
    "Indice",
    "LieuExecution",
    "Lot",
    "Marche",
    "MarchePayload",
    "Modification",
    "ModificationActeSousTraitance",
    "ModificationConcession",
    "PartAcheteur",
    "Payload",
    "PeriodeReconduction",
    "PieceJointe",
    "ProjetPayload",
    "Resiliation",
    "Tarif",
    "Titulaire",
    "Tranche",
    "TypeIdentifiant",
    "initial_of",
]
