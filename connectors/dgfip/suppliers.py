"""Who is paid, and where: identity, address and bank account of a holder or of a sub-contractor paid directly."""

from __future__ import annotations

from connectors.dgfip import codes
from connectors.dgfip.settings import CoordonneesParDefaut, DgfipSettings
from connectors.dgfip.writer import PesWriter
from semaphore_hub.ports.outcomes import Unsupported
from semaphore_hub.ports.payloads import Adresse, CompteBancaire, Fournisseur

NAME_WIDTH = 38
_ID_WIDTH = {"5.17": 100, "5.30": 80}


def write_supplier(writer: PesWriter, supplier: Fournisseur, settings: DgfipSettings, *, suffix: str) -> None:
    """Identity, address and account, in a block already open.

    Args:
        suffix: end of the names of the identifier: "Titulaire" or "SousTraitant".

    Raises:
        Unsupported: the supplier lacks what the PES requires.
    """
    check_identifier(supplier, settings.versionPES)
    supplier = _completed(writer, supplier, settings.coordonneesParDefaut)
    writer.label(f"NatId{suffix}", codes.NAT_ID, supplier.typeIdentifiant)
    writer.value(f"Id{suffix}", supplier.id)
    writer.value("DenominationSociale", supplier.denominationSociale, width=NAME_WIDTH)
    writer.value("CatTiers", supplier.categorieTiers or codes.CAT_TIERS_DEFAULT)
    writer.value("NatJur", supplier.natureJuridique or codes.NAT_JUR_DEFAULT)
    _write_address(writer, _required_address(supplier))
    _write_account(writer, _required_account(supplier))


def write_identifier(writer: PesWriter, supplier: Fournisseur) -> None:
    """Nature, identifier and name, as the blocks of modifications give them."""
    writer.label("NatId", codes.NAT_ID, supplier.typeIdentifiant)
    writer.value("Id", supplier.id)
    writer.value("DenominationSociale", supplier.denominationSociale, width=NAME_WIDTH)


def check_identifier(supplier: Fournisseur, version: str) -> None:
    """The identifier must have the width of the PES.

    Raises:
        Unsupported: it has not.
    """
    width = _ID_WIDTH[version]
    if not 9 <= len(supplier.id) <= width:
        raise Unsupported(
            f"L'identifiant « {supplier.id} » du fournisseur {supplier.denominationSociale} a {len(supplier.id)} "
            f"caractères : le PES {version} en exige de 9 à {width}. Corrigez-le dans le référentiel des fournisseurs."
        )


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


def _write_address(writer: PesWriter, address: Adresse) -> None:
    abroad = address.codePays not in (None, codes.FRANCE)
    with writer.block("Adresse"):
        writer.plain("TypAdr", "1")
        writer.optional("Adr1", address.ligne1, width=38)
        writer.value("Adr2", address.voie, width=38)
        writer.optional("Adr3", address.complement, width=38)
        writer.value("CP", codes.FOREIGN_POSTCODE if abroad else address.codePostal)
        writer.value("Ville", f"{address.codePostal} {address.ville}" if abroad else address.ville, width=38)
        writer.flag("CodRes", abroad)
        writer.optional("CodPays", address.codePays if abroad else None)


def _write_account(writer: PesWriter, account: CompteBancaire) -> None:
    with writer.block("CpteBancaire"):
        # Lower case letters make Hélios refuse the whole flow.
        writer.optional("BIC", account.bic.replace(" ", "").upper() if account.bic else None)
        writer.value("IBAN", account.iban.replace(" ", "").upper())
        writer.optional("LibBanc", account.banque, width=24)
        writer.value("TitCpte", account.titulaire, width=32)
