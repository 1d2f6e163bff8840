"""From a marché to the bytes of a PES Marché file: pure, the same input always gives the same bytes.

The block describes the consolidated state of the marché (official comments of the XSD 5.17, FAQ of the DGFiP of
26/09/2025). Order, names and widths are those of the XSD.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lxml import etree

from connectors.dgfip import codes
from connectors.dgfip.amounts import euros
from connectors.dgfip.operateurs import write_operateurs, write_ventilations
from connectors.dgfip.settings import DgfipSettings
from connectors.dgfip.writer import PesWriter
from connectors.transports.xml import serialise_latin1
from semaphore_hub.ports.events import MARCHE_CORRIGE, Event
from semaphore_hub.ports.outcomes import Unsupported
from semaphore_hub.ports.payloads import Marche, MarchePayload, Modification

ALLER = "http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/aller"
SENDER, SENDER_APPLICATION = "SEMAPHORE-HUB", "Semaphore Hub"
MAX_SEQUENCE, MAX_MODIFICATION = 999, 99


@dataclass(frozen=True, slots=True)
class PesFile:
    """A rendered PES Marché file.

    Attributes:
        name: its NomFic, which the acknowledgement quotes.
        body: ISO-8859-1 XML.
        business_ref: ``IdContrat-SSS``, which the acknowledgement quotes as IdMarche.
        losses: declared losses it makes, ids of the manifest, sorted.
    """

    name: str
    body: bytes
    business_ref: str
    losses: tuple[str, ...]


def file_name(settings: DgfipSettings, day: date, ordinal: int) -> str:
    """``PESALR2_<SIRET>_<AAMMJJ>_<NNN>.xml``, the naming of the file transfer; NNN grows beyond 999 if it must."""
    return f"PESALR2_{settings.siret}_{day:%y%m%d}_{ordinal:03d}.xml"


def is_correction(event: Event, sequence: int, *, replaces_rejected: bool) -> bool:
    """Whether the record is flagged as correcting a material error, so that it cancels and replaces sequence N-1.

    A first sequence may not be (rejected by Hélios), and a refused sequence is simply sent again: it never took effect.
    """
    return event.type == MARCHE_CORRIGE and sequence > 1 and not replaces_rejected


def initial_state(payload: MarchePayload) -> MarchePayload:
    """The marché as it was notified: amendments taken off, with the differences they made."""
    marche = payload.marche
    amount = marche.montant - sum((one.deltaMontant or Decimal(0) for one in marche.modifications), Decimal(0))
    months = marche.dureeMois - sum(one.deltaDureeMois or 0 for one in marche.modifications)
    update = {"montant": amount, "dureeMois": months, "modifications": ()}
    return payload.model_copy(update={"marche": marche.model_copy(update=update), "modification": None})


def render(
    payload: MarchePayload, settings: DgfipSettings, *, day: date, sequence: int, ordinal: int, correction: bool
) -> PesFile:
    """The PES file that tells the marché's present state.

    Raises:
        Unsupported: something the PES requires is missing or does not fit; the French sentence says what to complete.
    """
    marche = payload.marche
    if sequence > MAX_SEQUENCE:
        raise Unsupported(f"Le PES Marché numérote les envois d'un marché de 1 à {MAX_SEQUENCE} : {sequence} dépasse.")
    name = file_name(settings, day, ordinal)
    writer = PesWriter()
    root = etree.Element(f"{{{ALLER}}}PES_Aller", nsmap={"n": ALLER})
    _write_envelope(writer, root, name)
    _write_header(writer, root, settings, day)
    pes = writer.child(root, "PES_Marche")
    writer.value(writer.child(pes, "EnTeteMarche"), "IdVer", "2")
    block = writer.child(writer.child(pes, "Marches"), "Marche")
    _write_identity(writer, block, marche, sequence, correction=correction)
    _write_description(writer, block, marche, settings)
    write_operateurs(writer, block, marche, settings)
    _write_conditions(writer, block, marche, settings.versionPES)
    write_ventilations(writer, block, marche, settings.siret)
    _write_modifications(writer, block, marche.modifications)
    return PesFile(name, serialise_latin1(root), f"{marche.complements.idContrat}-{sequence:03d}", writer.all_losses())


def _write_envelope(writer: PesWriter, root: etree._Element, name: str) -> None:
    envelope = writer.child(root, "Enveloppe")
    parameters = writer.child(envelope, "Parametres")
    writer.value(parameters, "Version", "2")
    writer.value(parameters, "TypFic", "PESALR2")
    writer.value(parameters, "NomFic", name)
    sender = writer.child(envelope, "Emetteur")
    writer.value(sender, "Sigle", SENDER)
    writer.value(sender, "Adresse", SENDER_APPLICATION)


def _write_header(writer: PesWriter, root: etree._Element, settings: DgfipSettings, day: date) -> None:
    header = writer.child(root, "EnTetePES")
    writer.value(header, "DteStr", day.isoformat())
    writer.value(header, "IdPost", settings.idPost)
    writer.value(header, "IdColl", settings.siret)
    writer.value(header, "FinJur", settings.finessJuridique)
    writer.value(header, "CodCol", settings.codCol)
    writer.value(header, "CodBud", settings.codBud)
    writer.value(header, "LibelleColBud", settings.libelleColBud, width=38)


def _write_identity(
    writer: PesWriter, block: etree._Element, marche: Marche, sequence: int, *, correction: bool
) -> None:
    last = max((modification.id for modification in marche.modifications), default=0)
    if last > MAX_MODIFICATION:
        raise Unsupported(f"Le PES Marché numérote les modifications de 01 à {MAX_MODIFICATION} : {last} dépasse.")
    if marche.id != marche.complements.idContrat:
        writer.losses.add("numero-interne")
    identity = writer.child(block, "IdentifiantMarche")
    writer.value(identity, "IdContrat", marche.complements.idContrat)
    writer.value(identity, "NumeroOrdreModification", f"{last:02d}")
    writer.value(identity, "SequenceEnvoi", str(sequence))
    writer.flag(identity, "CaractereCorrectifEnregistrement", correction)


def _write_description(writer: PesWriter, block: etree._Element, marche: Marche, settings: DgfipSettings) -> None:
    more = marche.complements
    writer.value(block, "URLProfilAcheteur", more.urlProfilAcheteur or settings.urlProfilAcheteur)
    same = marche.acheteur.siret == settings.siret
    if not same:
        # The contracting authority is not the budget that sends: the XSD's comments then require the block PA.
        authority = writer.child(block, "PA")
        writer.value(authority, "IdPA", marche.acheteur.siret)
        writer.value(authority, "NomPA", marche.acheteur.nom, width=38)
    buyer = writer.child(writer.child(block, "Acheteurs"), "Acheteur")
    writer.value(buyer, "IdAcheteur", settings.siret)
    writer.value(buyer, "NomAcheteur", marche.acheteur.nom if same else settings.libelleColBud, width=38)
    writer.money(buyer, "MontantHTEstime", more.montantEstime)
    if any(one.siret not in (marche.acheteur.siret, settings.siret) for one in marche.beneficiaires):
        writer.losses.add("beneficiaires")
    writer.value(block, "NatureMarche", more.natureMarche)
    writer.value(block, "Objet", marche.objet, width=256)
    writer.value(block, "CodeCPV", marche.codeCPV)
    writer.value(block, "ProcedureMarche", more.procedureMarche)
    place = writer.child(block, "LieuExecution")
    writer.value(place, "CodeLieuExecution", marche.lieuExecution.code)
    writer.code(place, "TypeCode", codes.TYPE_CODE_LIEU, marche.lieuExecution.typeCode)
    writer.value(place, "NomLieuExecution", more.nomLieuExecution, width=50)
    writer.value(block, "DureeEnMois", str(marche.dureeMois))
    writer.optional(block, "DureeEnMoisMaximumPossible", str(more.dureeMaximaleMois or ""))
    writer.day(block, "DateDebutExecution", more.dateDebutExecution)
    writer.value(block, "MontantHTNotifie", euros(marche.montant))
    writer.flag(block, "CaractereEstimatifMontantNotifie", more.montantEstimatif)
    writer.money(block, "MontantTVANotifie", more.montantTVA)
    writer.money(block, "MontantHTEstime", more.montantEstime)
    writer.day(block, "DateSignature", more.dateSignature)
    writer.value(block, "Reconductibilite", more.reconductibilite)
    writer.flag(block, "Penalite", more.penalite)
    writer.day(block, "DateNotification", marche.dateNotification)
    writer.day(block, "DatePublicationDonnees", marche.datePublicationDonnees)


def _write_conditions(writer: PesWriter, block: etree._Element, marche: Marche, version: str) -> None:
    conditions = writer.child(block, "ConditionsExecution")
    _write_framework(writer, conditions, marche)
    mode, lossy = codes.modalite_execution(marche.modalitesExecution)
    if lossy:
        writer.losses.add("modalite-execution")
    writer.value(conditions, "ModaliteExecution", mode)
    writer.flag(conditions, "MultiBudget", False)
    writer.value(conditions, "NbTotalPropositionsRecu", str(marche.offresRecues))
    writer.flag(conditions, "ClauseSociale", "Clause sociale" in marche.considerationsSociales)
    writer.flag(
        conditions, "ClauseEnvironnementale", "Clause environnementale" in marche.considerationsEnvironnementales
    )
    group = writer.code(conditions, "TypeGroupement", codes.GROUPEMENT, marche.typeGroupementOperateurs)
    if group != codes.GROUPEMENT["Pas de groupement"]:
        writer.value(conditions, "NbEntreprisesGroupees", str(len(marche.titulaires)))
    if version == "5.17" and codes.CCAG.get(marche.ccag) == codes.CCAG_MAITRISE_OEUVRE:
        writer.losses.add("ccag-maitrise-oeuvre")
    else:
        writer.code(conditions, "CCAGReference", codes.CCAG, marche.ccag)
    if version == "5.17":
        if _has_more_than_5_17(marche):
            writer.losses.add("donnees-5.30")
        return
    writer.codes(conditions, "TechniquesAchat", "TechniqueAchat", codes.TECHNIQUE, marche.techniques)
    writer.codes(
        conditions,
        "ConsiderationsSociales",
        "ConsiderationSociale",
        codes.CONSIDERATION_SOCIALE,
        marche.considerationsSociales,
    )
    writer.codes(
        conditions,
        "ConsiderationsEnvironnementales",
        "ConsiderationEnvironnementale",
        codes.CONSIDERATION_ENVIRONNEMENTALE,
        marche.considerationsEnvironnementales,
    )
    writer.flag(conditions, "MarcheInnovant", marche.marcheInnovant)
    writer.flag(conditions, "SousTraitanceDeclaree", marche.sousTraitanceDeclaree)
    writer.flag(conditions, "AttributionAvance", marche.attributionAvance)
    writer.rate(conditions, "TauxAvance", marche.tauxAvance)
    writer.rate(conditions, "OrigineUE", marche.origineUE)
    writer.rate(conditions, "OrigineFrance", marche.origineFrance)


def _write_framework(writer: PesWriter, conditions: etree._Element, marche: Marche) -> None:
    subsequent = marche.complements.natureMarche == codes.MARCHE_SUBSEQUENT
    framework, authority = marche.idAccordCadre, marche.complements.siretPAAccordCadre
    if subsequent and not (framework and authority):
        raise Unsupported(
            "Un marché subséquent (nature 05) doit citer son accord-cadre : complétez l'identifiant de l'accord-cadre "
            "et le SIRET de son pouvoir adjudicateur (siretPAAccordCadre)."
        )
    if framework and not 5 <= len(framework) <= 14:
        if subsequent:
            raise Unsupported(
                f"L'identifiant d'accord-cadre « {framework} » n'a pas de 5 à 14 caractères, comme le PES l'exige : "
                "donnez l'identifiant sous lequel l'accord-cadre a été transmis (année puis 1 à 10 caractères)."
            )
        writer.losses.add("accord-cadre")
        return
    writer.optional(conditions, "IdAccordCadre", framework)
    writer.optional(conditions, "SiretPAAccordCadre", authority if framework else None)


def _has_more_than_5_17(marche: Marche) -> bool:
    """Whether the marché says something that only 5.30 can carry."""
    clauses = {"Clause sociale", "Clause environnementale"}
    considerations = {*marche.considerationsSociales, *marche.considerationsEnvironnementales}
    return bool(
        set(marche.techniques) & set(codes.TECHNIQUE)
        or marche.marcheInnovant
        or marche.sousTraitanceDeclaree
        or marche.origineUE is not None
        or marche.origineFrance is not None
        or any(not one.startswith("Pas de ") for one in considerations - clauses)
    )


def _write_modifications(writer: PesWriter, block: etree._Element, modifications: tuple[Modification, ...]) -> None:
    if not modifications:
        return
    every = writer.child(block, "ModificationsMarche")
    for modification in sorted(modifications, key=lambda one: one.id):
        one = writer.child(every, "ModificationMontantDuree")
        writer.value(one, "ObjetModification", modification.objet, width=256)
        writer.value(one, "NumeroActe", f"{modification.id:02d}")
        writer.day(one, "DateSignatureModification", modification.dateNotificationModification)
        writer.day(one, "DatePublicationDonneesModification", modification.datePublicationDonneesModification)
        if (modification.dureeMois is None) != (modification.deltaDureeMois is None) or (
            (modification.montant is None) != (modification.deltaMontant is None)
        ):
            raise Unsupported(
                f"La modification n° {modification.id} donne une nouvelle valeur sans la différence avec la précédente "
                "(ou l'inverse) : le PES exige les deux, complétez deltaMontant et deltaDureeMois."
            )
        if modification.dureeMois is not None:
            writer.value(one, "DureeEnMois", str(modification.dureeMois))
            writer.value(one, "DeltaDureeEnMois", str(modification.deltaDureeMois))
        if modification.montant is not None and modification.deltaMontant is not None:
            writer.value(one, "MontantHTNotifie", euros(modification.montant))
            writer.value(one, "DeltaMontantHTNotifie", euros(modification.deltaMontant))
