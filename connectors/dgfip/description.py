"""What a marché is: its object, dates, amounts and conditions, in the order of the XSD."""

from __future__ import annotations

import re
from decimal import Decimal

from connectors.dgfip import codes
from connectors.dgfip.settings import DgfipSettings
from connectors.dgfip.suppliers import NAME_WIDTH
from connectors.dgfip.ventilations import Buyer, write_acheteurs
from connectors.dgfip.writer import PesWriter
from semaphore_hub.kernel.money import to_cents
from semaphore_hub.ports.outcomes import Unsupported
from semaphore_hub.ports.payloads import Marche, PieceJointe

_OBJECT_WIDTH = 256
_PIECE_TYPE = "009"
# What the XSD takes as the identifier and the name of an attached document.
_PIECE_ID = re.compile(r"(?=.*[^0])[0-9A-Za-z]{1,50}").fullmatch
_PIECE_NAME = re.compile(r".{1,95}\.[A-Za-z0-9]{2,4}").fullmatch


def write_description(writer: PesWriter, marche: Marche, buyers: tuple[Buyer, ...], settings: DgfipSettings) -> None:
    """Everything from the buyer's profile to the dates.

    Raises:
        Unsupported: a label has no code, or the place of execution does not fit.
    """
    more = marche.complements
    estimate = _estimate(writer, marche)
    if not more.urlProfilAcheteur:
        writer.losses.add("profil-par-defaut")
    writer.value("URLProfilAcheteur", more.urlProfilAcheteur or settings.urlProfilAcheteur, width=500)
    _write_authority(writer, marche, buyers, settings)
    write_acheteurs(writer, marche, buyers, None if estimate is None else to_cents(estimate))
    writer.value("NatureMarche", more.natureMarche)
    writer.value("Objet", marche.objet, width=_OBJECT_WIDTH)
    writer.value("CodeCPV", marche.codeCPV)
    writer.value("ProcedureMarche", more.procedureMarche)
    write_place(writer, marche.lieuExecution.code, marche.lieuExecution.typeCode, more.nomLieuExecution)
    writer.plain("DureeEnMois", str(marche.dureeMois))
    writer.number("DureeEnMoisMaximumPossible", more.dureeMaximaleMois)
    writer.day("DateDebutExecution", more.dateDebutExecution)
    writer.money("MontantHTNotifie", marche.montant)
    writer.flag("CaractereEstimatifMontantNotifie", more.montantEstimatif)
    writer.money("MontantTVANotifie", more.montantTVA)
    writer.money("MontantHTEstime", estimate)
    if settings.versionPES != "5.17" and marche.montantActualise:
        writer.money("MontantHTActualise", marche.montantActualise)
        writer.money("MontantTVAActualise", marche.montantTVAActualise or None)
    writer.day("DateSignature", more.dateSignature)
    writer.optional("NomSignataireAcheteur", more.nomSignataire, width=NAME_WIDTH)
    writer.optional("RefActeDelegationSignature", more.refDelegationSignature, width=50)
    writer.day("DateDebutMarche", more.dateDebutMarche)
    writer.value("Reconductibilite", more.reconductibilite)
    writer.flag("Penalite", more.penalite)
    writer.number("DelaiGarantie", more.delaiGarantieMois)
    writer.day("DateNotification", marche.dateNotification)
    writer.day("DatePublicationDonnees", marche.datePublicationDonnees)


def write_place(writer: PesWriter, code: str, kind: str, name: str) -> None:
    """Block LieuExecution.

    Raises:
        Unsupported: the code is longer than the five characters of the PES, or its kind has no code.
    """
    if len(code) > 5:
        raise Unsupported(
            f"Le code du lieu d'exécution « {code} » a plus de cinq caractères : le PES Marché n'en porte pas "
            "davantage, donnez un code postal ou un code de commune, de département, de région ou de pays."
        )
    with writer.block("LieuExecution"):
        writer.value("CodeLieuExecution", code)
        writer.label("TypeCode", codes.TYPE_CODE_LIEU, kind)
        writer.value("NomLieuExecution", name, width=50)


def write_conditions(writer: PesWriter, marche: Marche, version: str) -> None:
    """Block ConditionsExecution.

    Raises:
        Unsupported: a label has no code, or a subsequent marché does not quote its framework.
    """
    more = marche.complements
    with writer.block("ConditionsExecution"):
        _write_framework(writer, marche)
        writer.plain("ModaliteExecution", codes.modalite_execution(marche.modalitesExecution))
        writer.flag("MultiBudget", bool(more.multiBudget))
        if more.codesCPVSecondaires:
            with writer.block("CodesCPVSec"):
                for code in more.codesCPVSecondaires:
                    writer.value("CodeCPVSec", code)
        _write_offers(writer, marche)
        if more.carteAchat is not None:
            writer.flag("CarteAchat", more.carteAchat)
        writer.flag("ClauseSociale", "Clause sociale" in marche.considerationsSociales)
        writer.flag("ClauseEnvironnementale", "Clause environnementale" in marche.considerationsEnvironnementales)
        write_group(writer, marche.typeGroupementOperateurs, len(marche.titulaires))
        if version == "5.17" and codes.CCAG.get(marche.ccag) == codes.CCAG_MAITRISE_OEUVRE:
            writer.losses.add("ccag-maitrise-oeuvre")
        else:
            writer.label("CCAGReference", codes.CCAG, marche.ccag)
        if version != "5.17":
            _write_what_5_30_adds(writer, marche)


def write_group(writer: PesWriter, group: str, holders: int) -> None:
    """TypeGroupement, and the number of members when there is a group (and only then, or the marché is refused)."""
    if writer.label("TypeGroupement", codes.GROUPEMENT, group) != codes.NO_GROUP:
        writer.number("NbEntreprisesGroupees", holders)


def write_pieces(writer: PesWriter, pieces: tuple[PieceJointe, ...]) -> None:
    """Block PJRefs; a document whose identifier or name the PES cannot take is left out, and declared."""
    fitting = [one for one in pieces if _PIECE_ID(one.idUnique) and _PIECE_NAME(one.nom)]
    if len(fitting) < len(pieces):
        writer.losses.add("pieces")
    if not fitting:
        return
    with writer.block("PJRefs"):
        for one in fitting:
            with writer.block("PJRef"):
                writer.plain("Support", one.support)
                writer.plain("IdUnique", one.idUnique)
                writer.plain("TypePJ", _PIECE_TYPE)
                writer.value("NomPJ", one.nom)


def _estimate(writer: PesWriter, marche: Marche) -> Decimal | None:
    """The estimate, unless it is below the amount: Hélios would refuse the marché."""
    estimate = marche.complements.montantEstime
    if estimate is not None and estimate < marche.montant:
        if estimate:
            writer.losses.add("montant-estime")
        return None
    return estimate


def _write_authority(writer: PesWriter, marche: Marche, buyers: tuple[Buyer, ...], settings: DgfipSettings) -> None:
    """Block PA: compulsory when the contracting authority is not the budget that sends (XSD, PA)."""
    named = {buyer.siret for buyer in buyers}
    if {one.siret for one in marche.beneficiaires} != named:
        writer.losses.add("beneficiaires")
    if marche.acheteur.siret == settings.siret and settings.siret in named:
        return
    with writer.block("PA"):
        writer.value("IdPA", marche.acheteur.siret)
        writer.value("NomPA", marche.acheteur.nom, width=NAME_WIDTH)


def _write_framework(writer: PesWriter, marche: Marche) -> None:
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
    if authority and not framework:
        writer.losses.add("accord-cadre")
    writer.optional("IdAccordCadre", framework)
    writer.optional("SiretPAAccordCadre", authority if framework else None)


def _write_offers(writer: PesWriter, marche: Marche) -> None:
    """Offers received and, among them, by electronic means: from 1 to 999 in the PES."""
    electronic = marche.complements.offresDematerialisees
    if not 1 <= marche.offresRecues <= 999:
        writer.losses.add("offres-recues")
        return
    writer.number("NbTotalPropositionsRecu", marche.offresRecues)
    writer.number("NbTotalPropositionsDemat", electronic)
    if electronic == 0:
        writer.losses.add("offres-recues")


def _write_what_5_30_adds(writer: PesWriter, marche: Marche) -> None:
    writer.labels("TechniquesAchat", "TechniqueAchat", codes.TECHNIQUE, marche.techniques)
    writer.labels(
        "ConsiderationsSociales", "ConsiderationSociale", codes.CONSIDERATION_SOCIALE, marche.considerationsSociales
    )
    writer.labels(
        "ConsiderationsEnvironnementales",
        "ConsiderationEnvironnementale",
        codes.CONSIDERATION_ENVIRONNEMENTALE,
        marche.considerationsEnvironnementales,
    )
    writer.flag("MarcheInnovant", marche.marcheInnovant)
    writer.flag("SousTraitanceDeclaree", marche.sousTraitanceDeclaree)
    writer.flag("AttributionAvance", marche.attributionAvance)
    # Ratios between 0 and 1, as in the DECP (hypothèse: the XSD gives no unit).
    writer.rate("TauxAvance", marche.tauxAvance)
    writer.rate("OrigineUE", marche.origineUE)
    writer.rate("OrigineFrance", marche.origineFrance)
