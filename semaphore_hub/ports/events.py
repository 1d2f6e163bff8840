"""Business events: immutable facts in the past tense, CloudEvents 1.0 types, one version per aggregate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from semaphore_hub.kernel.db import UnitOfWork

FOURNISSEUR_CREE = "fr.semaphore.fournisseur.cree.v1"
FOURNISSEUR_MODIFIE = "fr.semaphore.fournisseur.modifie.v1"

# Before the attribution: data are a ProjetPayload.
MARCHE_PROJETE = "fr.semaphore.marche.projete.v1"
MARCHE_CONSULTE = "fr.semaphore.marche.consulte.v1"
MARCHE_ANALYSE = "fr.semaphore.marche.analyse.v1"
MARCHE_INFRUCTUEUX = "fr.semaphore.marche.infructueux.v1"
MARCHE_SANS_SUITE = "fr.semaphore.marche.sans_suite.v1"

# Between attribution and notification: data are a MarcheCree.
MARCHE_CREE = "fr.semaphore.marche.cree.v1"
MARCHE_ATTRIBUE = "fr.semaphore.marche.attribue.v1"
MARCHE_SIGNE = "fr.semaphore.marche.signe.v1"

# From the notification on: data are a MarchePayload, the consolidated state after the fact.
MARCHE_NOTIFIE = "fr.semaphore.marche.notifie.v1"
MARCHE_MODIFIE = "fr.semaphore.marche.modifie.v1"
MARCHE_CORRIGE = "fr.semaphore.marche.corrige.v1"
MARCHE_DEMARRE = "fr.semaphore.marche.demarre.v1"
MARCHE_SUSPENDU = "fr.semaphore.marche.suspendu.v1"
MARCHE_REPRIS = "fr.semaphore.marche.repris.v1"
MARCHE_RECONDUIT = "fr.semaphore.marche.reconduit.v1"
MARCHE_NON_RECONDUIT = "fr.semaphore.marche.non_reconduit.v1"
MARCHE_TRANCHE_AFFERMIE = "fr.semaphore.marche.tranche_affermie.v1"
MARCHE_PRIX_REVISE = "fr.semaphore.marche.prix_revise.v1"
MARCHE_SOUS_TRAITANCE_DECLAREE = "fr.semaphore.marche.sous_traitance_declaree.v1"
MARCHE_SOUS_TRAITANCE_MODIFIEE = "fr.semaphore.marche.sous_traitance_modifiee.v1"
MARCHE_ETABLISSEMENT_RATTACHE = "fr.semaphore.marche.etablissement_rattache.v1"
MARCHE_PIECE_AJOUTEE = "fr.semaphore.marche.piece_ajoutee.v1"
MARCHE_CONSOMME = "fr.semaphore.marche.consomme.v1"
MARCHE_ECHU = "fr.semaphore.marche.echu.v1"
MARCHE_RESILIE = "fr.semaphore.marche.resilie.v1"
MARCHE_SOLDE = "fr.semaphore.marche.solde.v1"
MARCHE_ALERTE = "fr.semaphore.marche.alerte.v1"

# Data are a ConcessionPayload.
CONCESSION_SIGNEE = "fr.semaphore.concession.signee.v1"
CONCESSION_MODIFIEE = "fr.semaphore.concession.modifiee.v1"
CONCESSION_EXECUTEE = "fr.semaphore.concession.executee.v1"
CONCESSION_CORRIGEE = "fr.semaphore.concession.corrigee.v1"

MARCHE_ETATS = frozenset(
    {
        MARCHE_NOTIFIE,
        MARCHE_MODIFIE,
        MARCHE_CORRIGE,
        MARCHE_DEMARRE,
        MARCHE_SUSPENDU,
        MARCHE_REPRIS,
        MARCHE_RECONDUIT,
        MARCHE_NON_RECONDUIT,
        MARCHE_TRANCHE_AFFERMIE,
        MARCHE_PRIX_REVISE,
        MARCHE_SOUS_TRAITANCE_DECLAREE,
        MARCHE_SOUS_TRAITANCE_MODIFIEE,
        MARCHE_ETABLISSEMENT_RATTACHE,
        MARCHE_PIECE_AJOUTEE,
        MARCHE_CONSOMME,
        MARCHE_ECHU,
        MARCHE_RESILIE,
        MARCHE_SOLDE,
    }
)
"""Events that carry the whole state of a marché: their data are a MarchePayload."""

CORRECTIONS = frozenset({MARCHE_CORRIGE, CONCESSION_CORRIGEE})
"""Events that put a material error right: they may take the place of a message that was refused."""

PRODUITS_IMPORTES = "fr.semaphore.produits.importes.v1"
PRODUITS_PUBLIES = "fr.semaphore.produits.publies.v1"
"""Data are a ProduitsPayload: lines of one marché, for those who order on it."""

NOMENCLATURE_MODIFIEE = "fr.semaphore.nomenclature.modifiee.v1"
"""Data are a NomenclaturePayload."""

FLUX_TRAITE = "fr.semaphore.flux.traite.v1"
"""Data are a FluxTraitePayload: what became, line by line, of a flow a partner sent; said to that partner."""

# An establishment joins a marché of a buying cooperative: data are an AdhesionPayload.
ADHESION_DEMANDEE = "fr.semaphore.adhesion.demandee.v1"
ADHESION_SIGNEE = "fr.semaphore.adhesion.signee.v1"
ADHESION_VENTILEE = "fr.semaphore.adhesion.ventilee.v1"
ADHESION_AVANCEE = "fr.semaphore.adhesion.avancee.v1"
# PLACE says something new: data are a ConsultationSuiviePayload, a ContratsRelevesPayload.
PLACE_CONSULTATION_SUIVIE = "fr.semaphore.place.consultation_suivie.v1"
PLACE_CONTRATS_RELEVES = "fr.semaphore.place.contrats_releves.v1"

# Purchasing action plans: data are a PaatPayload.
PAAT_CREE = "fr.semaphore.paat.cree.v1"
PAAT_ACTIONS_ENREGISTREES = "fr.semaphore.paat.actions_enregistrees.v1"
PAAT_SOUMIS = "fr.semaphore.paat.soumis.v1"
PAAT_VALIDE = "fr.semaphore.paat.valide.v1"
PAAT_TRANSMIS = "fr.semaphore.paat.transmis.v1"
PAAT_ANALYSE = "fr.semaphore.paat.analyse.v1"
PAAT_CLOS = "fr.semaphore.paat.clos.v1"
PAAT_RENVOYE = "fr.semaphore.paat.renvoye.v1"
PAAT_REMONTE = "fr.semaphore.paat.remonte.v1"
# A campaign and its reminders: data are a CampagnePayload, a RappelPayload.
CAMPAGNE_OUVERTE = "fr.semaphore.paat.campagne_ouverte.v1"
CAMPAGNE_RAPPELEE = "fr.semaphore.paat.campagne_rappelee.v1"
# Gains as an operator declares them: data are a GainsOperateurPayload.
GAINS_OPERATEUR_DECLARES = "fr.semaphore.paat.gains_operateur_declares.v1"

# Purchase projects: data are a ProjetAchatPayload.
PROJET_ACHAT_PLANIFIE = "fr.semaphore.planification.projet_planifie.v1"
PROJET_ACHAT_AVANCE = "fr.semaphore.planification.projet_avance.v1"
# A census of needs: data are a RecensementPayload.
RECENSEMENT_OUVERT = "fr.semaphore.planification.recensement_ouvert.v1"
RECENSEMENT_CLOS = "fr.semaphore.planification.recensement_clos.v1"

LIVRAISON_REJETEE = "fr.semaphore.livraison.rejetee.v1"
PARTENAIRE_SUSPENDU = "fr.semaphore.partenaire.suspendu.v1"

SOURCE = "urn:fr:semaphore:hub"
"""CloudEvents ``source`` of every event of the hub."""


@dataclass(frozen=True, slots=True)
class Event:
    """One business fact.

    Attributes:
        id: unique identifier, sortable by time.
        type: CloudEvents type, versioned ("fr.semaphore.marche.notifie.v1").
        subject: the aggregate, "marche/<id>" or "fournisseur/<id>"; also the default ordering key.
        version: 1, 2, 3… within the subject, without a gap.
        time: business instant (aware, UTC).
        ght: code of the GHT the fact belongs to, for access control; ``None`` when common to all.
        data: the payload, JSON values only (see :mod:`semaphore_hub.ports.payloads`).
    """

    id: str
    type: str
    subject: str
    version: int
    time: datetime
    ght: str | None
    data: Mapping[str, Any]


class EventLog(Protocol):
    """Where modules write their events, inside their own transaction."""

    def append(self, unit: UnitOfWork, event: Event) -> None:
        """Write one event with the caller's business rows; it becomes visible at the same commit.

        Raises:
            Outdated: the subject already has this version (somebody else changed it first).
        """
        ...
