"""Block Operateurs: the present holders, on which conditions, and the sub-contractors paid directly."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from connectors.dgfip import codes
from connectors.dgfip.amounts import cents_text, split
from connectors.dgfip.life import DirectAct
from connectors.dgfip.settings import DgfipSettings
from connectors.dgfip.suppliers import write_supplier
from connectors.dgfip.writer import PesWriter
from semaphore_hub.kernel.money import to_cents
from semaphore_hub.ports.outcomes import Unsupported
from semaphore_hub.ports.payloads import Avance, ComplementsPES, Marche

_NO_GUARANTEE = (None, "01")  # TypeGarantieAvance: none


def write_operateurs(
    writer: PesWriter, marche: Marche, acts: Sequence[DirectAct], shares: Sequence[int], settings: DgfipSettings
) -> None:
    """Block Operateurs: one Titulaire for each holder, one SousTraitantPaiementDirect for each act.

    Args:
        acts: acts with direct payment.
        shares: the holders' shares, cents; amounts known for the whole marché follow them.

    Raises:
        Unsupported: a supplier, the advance or the guarantee lacks what the PES requires.
    """
    variation = _variation(writer, marche)
    advance, guarantee = marche.complements.avance, marche.complements.garantie
    paid = _parts(advance.montant if advance else None, shares)
    secured = _parts(advance.montantGarantie if advance else None, shares)
    retained = _parts(guarantee.montant if guarantee else None, shares)
    with writer.block("Operateurs"):
        for rank, holder in enumerate(marche.titulaires):
            with writer.block("Titulaire"):
                writer.label("TypeTitulaireMarche", codes.TYPE_TITULAIRE, holder.role)
                write_supplier(writer, holder.fournisseur, settings, suffix="Titulaire")
                with writer.block("ConditionsExecutionTitulaire"):
                    _write_advance(writer, marche, paid[rank], secured[rank])
                    _write_guarantee(writer, marche.complements, retained[rank])
                    writer.label("FormePrix", codes.FORME_PRIX, marche.formePrix)
                    writer.label("VariationPrix", codes.VARIATION_PRIX, variation)
                    if marche.complements.indices:
                        _write_indexes(writer, marche.complements)
        for direct in acts:
            with writer.block("SousTraitantPaiementDirect"):
                writer.plain("NumeroActeSousTraitance", f"{direct.act.id:02d}")
                write_supplier(writer, direct.act.sousTraitant, settings, suffix="SousTraitant")


def _variation(writer: PesWriter, marche: Marche) -> str:
    """The one type of price that is said: the most variable."""
    if len(marche.typesPrix) > 1:
        writer.losses.add("types-prix")
    return next(
        (label for label in codes.VARIATION_PRIX if label in marche.typesPrix), (*marche.typesPrix, "(aucun)")[0]
    )


def _parts(amount: Decimal | None, shares: Sequence[int]) -> Sequence[int]:
    """An amount known for the whole marché, divided as the holders' shares are; nothing known is nothing for each."""
    return split(to_cents(amount), shares) if amount else (0,) * len(shares)


def _write_advance(writer: PesWriter, marche: Marche, paid: int, secured: int) -> None:
    more = marche.complements
    given = more.regimeAvance not in codes.NO_ADVANCE
    writer.value("RegimeAvance", more.regimeAvance)
    if more.avance is not None:
        _check_advance(more.avance, given=given)
        if paid:
            writer.plain("MontantAvance", cents_text(paid))
        writer.optional("TypeGarantieAvance", more.avance.typeGarantie)
        if secured:
            writer.plain("MontantGarantieAvance", cents_text(secured))
        writer.day("DateReceptionGarantieAvance", more.avance.dateReceptionGarantie)
    percentage = (marche.tauxAvance or Decimal(0)) * 100
    if given and percentage >= Decimal("0.01"):
        writer.rate("PourcentageAvance", percentage)


def _check_advance(advance: Avance, *, given: bool) -> None:
    if advance.montant and not given:
        raise Unsupported(
            "Le marché donne un montant d'avance alors que son régime dit qu'il n'y en a pas (01 ou 05) : corrigez "
            "complements.regimeAvance, ou retirez le montant."
        )
    if advance.montantGarantie and advance.typeGarantie in _NO_GUARANTEE:
        raise Unsupported(
            "Le marché donne un montant de garantie de l'avance sans en dire le type : complétez "
            "complements.avance.typeGarantie (02 à 04)."
        )


def _write_guarantee(writer: PesWriter, more: ComplementsPES, amount: int) -> None:
    if more.garantie is None:
        return
    if not more.delaiGarantieMois:
        raise Unsupported(
            "Le marché demande une garantie sans donner le délai de garantie, que le PES exige alors : complétez "
            "complements.delaiGarantieMois."
        )
    with writer.block("Garantie"):
        writer.plain("TypeGarantie", more.garantie.type)
        if more.garantie.taux:
            writer.rate("TauxGarantie", more.garantie.taux * 100)
        if more.garantie.montant is not None:
            writer.plain("MontantGarantie", cents_text(amount))
        writer.day("DateReceptionGarantie", more.garantie.dateReception)


def _write_indexes(writer: PesWriter, more: ComplementsPES) -> None:
    with writer.block("IndicesReference"):
        for one in more.indices:
            rounded = one.valeur.quantize(Decimal("0.0001"))
            if rounded != one.valeur:
                writer.losses.add("taux-arrondi")
            with writer.block("IndiceReference"):
                writer.value("Indice", one.indice, width=20)
                writer.value("MoisAnnee", one.moisAnnee)
                writer.plain("Valeur", format(rounded, "f"))
                writer.value("FormuleRevPrix", one.formule, width=160)
