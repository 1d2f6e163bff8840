"""Block ModificationsMarche: what happened since the notification, by kind, in the order the XSD imposes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from connectors.dgfip import codes
from connectors.dgfip.amounts import cents_text, shares_of
from connectors.dgfip.description import write_group
from connectors.dgfip.life import MAX_NUMBER, DirectAct, direct_changes
from connectors.dgfip.settings import DgfipSettings
from connectors.dgfip.suppliers import check_identifier, write_identifier
from connectors.dgfip.writer import PesWriter
from semaphore_hub.kernel.money import to_cents
from semaphore_hub.ports.outcomes import Unsupported
from semaphore_hub.ports.payloads import Marche, Modification, initial_of

_OBJECT_WIDTH = 256


def write_modifications(writer: PesWriter, marche: Marche, acts: Sequence[DirectAct], settings: DgfipSettings) -> None:
    """The blocks of every amendment, declaration of sub-contracting with direct payment, and change of these.

    Raises:
        Unsupported: a number is too high, or a new value comes without the difference it makes.
    """
    amendments = sorted(marche.modifications, key=lambda one: one.id)
    present = {one.fournisseur.id for one in marche.titulaires}
    # The XSD wants every holder of these blocks among the present ones: those who left since cannot be named.
    holders_told = [
        one
        for one in amendments
        if one.titulaires and all(holder.fournisseur.id in present for holder in one.titulaires)
    ]
    with writer.block("ModificationsMarche"):
        for one in amendments:
            if _changes_terms(one) or one not in holders_told:
                _write_terms(writer, one)
        for one in holders_told:
            _write_holders(writer, marche, one, settings)
        for direct in acts:
            _write_declaration(writer, direct)
        if acts:
            _write_changes(writer, marche)


def check_numbers(marche: Marche, acts: Sequence[DirectAct]) -> None:
    """Numbers have two digits.

    Raises:
        Unsupported: one is too high.
    """
    numbers = (
        *(one.id for one in marche.modifications),
        *(one.act.id for one in acts),
        *(one.numero for one in marche.modificationsActesSousTraitance),
    )
    last = max(numbers, default=0)
    if last > MAX_NUMBER:
        raise Unsupported(
            f"Le PES Marché numérote les modifications et les actes de sous-traitance de 01 à {MAX_NUMBER} : {last} "
            "dépasse."
        )


def _changes_terms(one: Modification) -> bool:
    values = (one.montant, one.deltaMontant, one.dureeMois, one.deltaDureeMois)
    return any(value is not None for value in (*values, one.montantEstime, one.deltaMontantEstime))


def _write_head(writer: PesWriter, one: Modification) -> None:
    writer.value("ObjetModification", one.objet, width=_OBJECT_WIDTH)
    writer.plain("NumeroActe", f"{one.id:02d}")
    writer.day("DateSignatureModification", one.dateNotificationModification)
    writer.day("DatePublicationDonneesModification", one.datePublicationDonneesModification)


def _write_terms(writer: PesWriter, one: Modification) -> None:
    """New amount and duration, each with its difference."""
    pairs = ((one.dureeMois, one.deltaDureeMois), (one.montant, one.deltaMontant))
    if any((new is None) != (delta is None) for new, delta in pairs):
        raise Unsupported(
            f"La modification n° {one.id} donne une nouvelle valeur sans la différence avec la précédente "
            "(ou l'inverse) : le PES exige les deux, complétez deltaMontant et deltaDureeMois."
        )
    with writer.block("ModificationMontantDuree"):
        _write_head(writer, one)
        if one.dureeMois is not None:
            writer.plain("DureeEnMois", str(one.dureeMois))
            writer.plain("DeltaDureeEnMois", str(one.deltaDureeMois))
        if one.montant is not None:
            writer.money("MontantHTNotifie", one.montant)
            writer.money("DeltaMontantHTNotifie", one.deltaMontant)
        # A first estimate has nothing to differ from: the marché itself says it.
        if one.montantEstime is not None and one.deltaMontantEstime is not None:
            writer.money("MontantHTEstime", one.montantEstime)
            writer.money("DeltaMontantHTEstime", one.deltaMontantEstime)


def _write_holders(writer: PesWriter, marche: Marche, one: Modification, settings: DgfipSettings) -> None:
    """Every holder after the amendment, with its share (subcontracting included: hypothèse)."""
    shares = shares_of(to_cents(_total_after(marche, one)), one.titulaires, {}, amended=True)
    if shares.estimated:
        writer.losses.add("repartition-titulaires")
    with writer.block("ModificationTitulaire"):
        _write_head(writer, one)
        with writer.block("Titulaires"):
            for holder, share in zip(one.titulaires, shares.amounts, strict=True):
                check_identifier(holder.fournisseur, settings.versionPES)
                if share <= 0:
                    raise Unsupported(
                        f"La part du titulaire {holder.fournisseur.denominationSociale} dans la modification "
                        f"n° {one.id} n'est pas positive, comme le PES l'exige : corrigez les parts."
                    )
                with writer.block("Titulaire"):
                    writer.label("TypeTitulaireMarche", codes.TYPE_TITULAIRE, holder.role)
                    write_identifier(writer, holder.fournisseur)
                    writer.plain("MontantHTNotifie", cents_text(share))
        # A group of one is not a group any more for the PES, whatever the marché says.
        default = marche.typeGroupementOperateurs if len(one.titulaires) > 1 else "Pas de groupement"
        write_group(writer, one.typeGroupementOperateurs or default, len(one.titulaires))


def _total_after(marche: Marche, one: Modification) -> Decimal:
    """Amount of the marché once an amendment took effect."""
    total = initial_of(marche).montant
    for earlier in sorted(marche.modifications, key=lambda other: other.id):
        if earlier.id <= one.id and earlier.montant is not None:
            total = earlier.montant
    return total


def _write_declaration(writer: PesWriter, direct: DirectAct) -> None:
    act = direct.act
    with writer.block("DeclarationSousTraitancePaiementDirect"):
        writer.value("ObjetModification", act.objet, width=_OBJECT_WIDTH)
        writer.plain("NumeroActeSousTraitance", f"{act.id:02d}")
        writer.day("DateSignatureModification", act.dateNotification)
        with writer.block("SousTraitantPaiementDirect"):
            write_identifier(writer, act.sousTraitant)
        writer.money("MontantHTNotifie", act.montant)
        writer.label("VariationPrix", codes.VARIATION_ACTE, act.variationPrix)
        writer.number("DureeEnMois", act.dureeMois)


def _write_changes(writer: PesWriter, marche: Marche) -> None:
    for one in direct_changes(marche):
        if one.change.montant is not None and not one.delta_cents:
            writer.losses.add("ecart-nul")
        with writer.block("ModificationSousTraitancePaiementDirect"):
            writer.value("ObjetModification", one.change.objet, width=_OBJECT_WIDTH)
            writer.plain("NumeroActe", f"{one.change.numero:02d}")
            writer.plain("NumeroActeSousTraitance", f"{one.act.id:02d}")
            writer.day("DateSignatureModification", one.change.dateNotificationModificationSousTraitance)
            with writer.block("SousTraitantPaiementDirect"):
                write_identifier(writer, one.act.sousTraitant)
            writer.plain("DeltaMontantHTNotifie", cents_text(one.delta_cents))
            writer.number("DureeEnMois", one.change.dureeMois)
