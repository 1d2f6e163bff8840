"""Blocks of the suppliers: who they are, where they are paid, and how the amount is shared between them."""

from __future__ import annotations

from decimal import Decimal

from lxml import etree

from connectors.dgfip import codes
from connectors.dgfip.amounts import euros, shares_of, split
from connectors.dgfip.settings import CoordonneesParDefaut, DgfipSettings
from connectors.dgfip.writer import PesWriter
from semaphore_hub.ports.outcomes import Unsupported
from semaphore_hub.ports.payloads import Adresse, CompteBancaire, Fournisseur, Marche

_ID_WIDTH = {"5.17": 100, "5.30": 80}
_ADVANCE_REFUSED = frozenset({"01", "05"})  # RegimeAvance: none, refused


def write_operateurs(writer: PesWriter, block: etree._Element, marche: Marche, settings: DgfipSettings) -> None:
    """Block Operateurs: one Titulaire for each holder.

    Raises:
        Unsupported: a supplier lacks what the PES requires.
    """
    operators = writer.child(block, "Operateurs")
    for holder in marche.titulaires:
        supplier = holder.fournisseur
        _check_identifier(supplier, settings.versionPES)
        supplier = _completed(writer, supplier, settings.coordonneesParDefaut)
        one = writer.child(operators, "Titulaire")
        writer.code(one, "TypeTitulaireMarche", codes.TYPE_TITULAIRE, holder.role)
        writer.code(one, "NatIdTitulaire", codes.NAT_ID, supplier.typeIdentifiant)
        writer.value(one, "IdTitulaire", supplier.id)
        writer.value(one, "DenominationSociale", supplier.denominationSociale, width=38)
        writer.value(one, "CatTiers", supplier.categorieTiers or codes.CAT_TIERS_DEFAULT)
        writer.value(one, "NatJur", supplier.natureJuridique or codes.NAT_JUR_DEFAULT)
        _write_address(writer, one, _required_address(supplier))
        _write_account(writer, one, _required_account(supplier))
        _write_conditions(writer, one, marche)


def write_ventilations(writer: PesWriter, block: etree._Element, marche: Marche, buyer: str) -> None:
    """Block VentilationsAcheteurs: the buyer's amount, shared between the holders to the cent.

    Raises:
        Unsupported: the holders' shares contradict the amount.
    """
    shares = shares_of(marche)
    if shares.estimated:
        writer.losses.add("repartition-titulaires")
    estimated = marche.complements.montantEstimatif
    # The XSD refuses a TVA of zero here (it accepts it on the marché): zero is then left out everywhere below.
    tva = marche.complements.montantTVA or None
    one = writer.child(writer.child(block, "VentilationsAcheteurs"), "VentilationAcheteur")
    writer.value(one, "IdAcheteur", buyer)
    writer.value(one, "MontantHTNotifie", euros(marche.montant))
    writer.flag(one, "CaractereEstimatifMontantNotifie", estimated)
    writer.money(one, "MontantTVANotifie", tva)
    holders = writer.child(one, "VentilationsTitulaire")
    tva_shares: tuple[Decimal | None, ...] = (None,) * len(shares.amounts)
    if tva is not None:
        tva_shares = split(tva, shares.amounts)
    for holder, amount, part in zip(marche.titulaires, shares.amounts, tva_shares, strict=True):
        line = writer.child(holders, "VentilationTitulaire")
        writer.code(line, "NatIdTitulaire", codes.NAT_ID, holder.fournisseur.typeIdentifiant)
        writer.value(line, "IdTitulaire", holder.fournisseur.id)
        writer.value(line, "MontantHTNotifie", euros(amount))
        writer.flag(line, "CaractereEstimatifMontantNotifie", estimated or shares.estimated)
        writer.money(line, "MontantTVANotifie", part or None)


def _completed(writer: PesWriter, supplier: Fournisseur, default: CoordonneesParDefaut | None) -> Fournisseur:
    """The supplier with the instance's placeholder coordinates where it has none, when the settings give some."""
    if default is None or (supplier.adresse is not None and supplier.compteBancaire is not None):
        return supplier
    writer.losses.add("coordonnees-par-defaut")
    return supplier.model_copy(
        update={
            "adresse": supplier.adresse or default.adresse,
            "compteBancaire": supplier.compteBancaire or default.compteBancaire,
        }
    )


def _check_identifier(supplier: Fournisseur, version: str) -> None:
    width = _ID_WIDTH[version]
    if not 9 <= len(supplier.id) <= width:
        raise Unsupported(
            f"L'identifiant « {supplier.id} » du fournisseur {supplier.denominationSociale} a {len(supplier.id)} "
            f"caractères : le PES {version} en exige de 9 à {width}. Corrigez-le dans le référentiel des fournisseurs."
        )


def _required_address(supplier: Fournisseur) -> Adresse:
    if supplier.adresse is None:
        raise Unsupported(
            f"Il manque l'adresse du fournisseur {supplier.denominationSociale} ({supplier.id}), exigée par le "
            "PES Marché : complétez sa fiche (voie, code postal, ville), puis corrigez "
            "le marché en actualisant ses titulaires."
        )
    return supplier.adresse


def _required_account(supplier: Fournisseur) -> CompteBancaire:
    if supplier.compteBancaire is None:
        raise Unsupported(
            f"Il manque le compte bancaire du fournisseur {supplier.denominationSociale} ({supplier.id}), exigé par le "
            "PES Marché : complétez sa fiche (IBAN, titulaire du compte), puis corrigez "
            "le marché en actualisant ses titulaires."
        )
    return supplier.compteBancaire


def _write_address(writer: PesWriter, holder: etree._Element, address: Adresse) -> None:
    abroad = address.codePays not in (None, codes.FRANCE)
    block = writer.child(holder, "Adresse")
    writer.value(block, "TypAdr", "1")
    writer.optional(block, "Adr1", address.ligne1, width=38)
    writer.value(block, "Adr2", address.voie, width=38)
    writer.optional(block, "Adr3", address.complement, width=38)
    writer.value(block, "CP", codes.FOREIGN_POSTCODE if abroad else address.codePostal)
    writer.value(block, "Ville", f"{address.codePostal} {address.ville}" if abroad else address.ville, width=38)
    writer.flag(block, "CodRes", abroad)
    writer.optional(block, "CodPays", address.codePays if abroad else None)


def _write_account(writer: PesWriter, holder: etree._Element, account: CompteBancaire) -> None:
    block = writer.child(holder, "CpteBancaire")
    # Lower case letters make Hélios refuse the whole flow.
    writer.optional(block, "BIC", account.bic.replace(" ", "").upper() if account.bic else None)
    writer.value(block, "IBAN", account.iban.replace(" ", "").upper())
    writer.optional(block, "LibBanc", account.banque, width=24)
    writer.value(block, "TitCpte", account.titulaire, width=32)


def _write_conditions(writer: PesWriter, holder: etree._Element, marche: Marche) -> None:
    block = writer.child(holder, "ConditionsExecutionTitulaire")
    regime = marche.complements.regimeAvance
    writer.value(block, "RegimeAvance", regime)
    if marche.tauxAvance and regime not in _ADVANCE_REFUSED:
        writer.rate(block, "PourcentageAvance", marche.tauxAvance * 100)
    writer.code(block, "FormePrix", codes.FORME_PRIX, marche.formePrix)
    declared = [label for label in codes.VARIATION_PRIX if label in marche.typesPrix]
    if len(marche.typesPrix) > 1:
        writer.losses.add("types-prix")
    writer.code(block, "VariationPrix", codes.VARIATION_PRIX, (declared or [*marche.typesPrix, "(aucun)"])[0])
