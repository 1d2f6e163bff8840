"""Block VentilationsAcheteurs: what each buyer pays to each holder and to each sub-contractor, to the cent.

Sums are exact in both directions (XSD 5.17): a buyer's amount is that of its holders and their sub-contractors, for
the amount and for the VAT; a sub-contractor's amount is *not* part of its holder's. Where only the totals are known
(several buyers, several holders), the cells are estimated in proportion.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from connectors.dgfip import codes
from connectors.dgfip.amounts import Shares, allocate, cents_text, shares_of, split
from connectors.dgfip.life import DirectAct
from connectors.dgfip.settings import DgfipSettings
from connectors.dgfip.suppliers import NAME_WIDTH
from connectors.dgfip.writer import PesWriter
from semaphore_hub.kernel.money import to_cents
from semaphore_hub.ports.outcomes import Unsupported
from semaphore_hub.ports.payloads import Fournisseur, Marche, PeriodeReconduction, Tranche


class Buyer(NamedTuple):
    """A buyer and its part, cents."""

    siret: str
    name: str
    cents: int


class Column(NamedTuple):
    """Somebody who is paid: a holder for itself, or a sub-contractor (all its acts with this holder together)."""

    holder: int
    supplier: Fournisseur
    cents: int
    acts: tuple[DirectAct, ...] = ()

    @property
    def reverse_charge(self) -> bool | None:
        """Whether the sub-contractor invoices without VAT; ``None`` when its acts disagree."""
        said = {one.act.autoliquidationTVA for one in self.acts}
        return said.pop() if len(said) == 1 else None


class Ventilation(NamedTuple):
    """The breakdown of a marché.

    Attributes:
        buyers: who pays.
        columns: who is paid, holder by holder, each followed by its sub-contractors.
        shares: the holders' shares, subcontracting included.
        cells: amounts in cents, a row for each buyer.
        taxes: VAT in cents, same shape; ``None`` when it is not known.
        estimated: whether cells had to be estimated.
    """

    buyers: tuple[Buyer, ...]
    columns: tuple[Column, ...]
    shares: Shares
    cells: Sequence[Sequence[int]]
    taxes: Sequence[Sequence[int]] | None
    estimated: bool


def ventilation_of(
    writer: PesWriter, marche: Marche, acts: Sequence[DirectAct], settings: DgfipSettings, *, amended: bool
) -> Ventilation:
    """The breakdown; what had to be estimated or moved is declared on the writer.

    Raises:
        Unsupported: parts that should add up do not.
    """
    total = to_cents(marche.montant)
    buyers = _buyers(writer, marche, settings, total, amended=amended)
    by_holder = _acts_by_holder(writer, marche, acts) if acts else {}
    reserved = {rank: sum(one.cents for one in own) for rank, own in by_holder.items()}
    shares = shares_of(total, marche.titulaires, reserved, amended=amended)
    columns = tuple(_columns(marche, shares, reserved, by_holder))
    amounts = [column.cents for column in columns]
    crossed = len(buyers) > 1 and len(columns) > 1
    if shares.estimated or crossed:
        writer.losses.add("repartition-titulaires")
    return Ventilation(
        buyers=buyers,
        columns=columns,
        shares=shares,
        cells=allocate([buyer.cents for buyer in buyers], amounts) if len(buyers) > 1 else [amounts],
        taxes=_taxes(marche, buyers, columns, total),
        estimated=shares.estimated or crossed,
    )


def write_acheteurs(writer: PesWriter, marche: Marche, buyers: Sequence[Buyer], estimate: int | None) -> None:
    """Block Acheteurs: every buyer, with its part of the estimate when there is one (the parts add up to it)."""
    parts: Sequence[int] | None = None
    if estimate is not None:
        given = [None if one.montantEstime is None else to_cents(one.montantEstime) for one in marche.acheteurs]
        known = [one for one in given if one]
        complete = len(known) == len(buyers) and sum(known) == estimate
        parts = known if complete else split(estimate, [buyer.cents for buyer in buyers])
    with writer.block("Acheteurs"):
        for rank, buyer in enumerate(buyers):
            with writer.block("Acheteur"):
                writer.value("IdAcheteur", buyer.siret)
                writer.value("NomAcheteur", buyer.name, width=NAME_WIDTH)
                if parts is not None and all(parts):
                    writer.plain("MontantHTEstime", cents_text(parts[rank]))


def write_ventilations(writer: PesWriter, marche: Marche, breakdown: Ventilation, version: str) -> None:
    """Block VentilationsAcheteurs, with the renewals and tranches that 5.30 puts in it."""
    estimative = "1" if marche.complements.montantEstimatif else "0"
    cell_flag = "1" if marche.complements.montantEstimatif or breakdown.estimated else "0"
    newer = version != "5.17"
    periods = _by_buyer(marche.reconductions, breakdown.buyers) if newer else []
    tranches = _by_buyer(marche.tranches, breakdown.buyers) if newer else []
    with writer.block("VentilationsAcheteurs"):
        for rank, buyer in enumerate(breakdown.buyers):
            taxes = breakdown.taxes[rank] if breakdown.taxes else None
            with writer.block("VentilationAcheteur"):
                writer.value("IdAcheteur", buyer.siret)
                writer.plain("MontantHTNotifie", cents_text(buyer.cents))
                writer.plain("CaractereEstimatifMontantNotifie", estimative)
                _write_tax(writer, sum(taxes) if taxes else 0)
                with writer.block("VentilationsTitulaire"):
                    _write_holders(writer, breakdown, breakdown.cells[rank], taxes, cell_flag)
                if periods:
                    _write_periods(writer, marche, periods, rank)
                if tranches:
                    _write_tranches(writer, marche, tranches, rank)


def _buyers(
    writer: PesWriter, marche: Marche, settings: DgfipSettings, total: int, *, amended: bool
) -> tuple[Buyer, ...]:
    """Every buyer with its part of the total; the budget of the settings when the marché names no other."""
    if not marche.acheteurs:
        same = marche.acheteur.siret == settings.siret
        return (Buyer(settings.siret, marche.acheteur.nom if same else settings.libelleColBud, total),)
    parts: Sequence[int] = [to_cents(one.montant) for one in marche.acheteurs]
    if len(parts) == 1:
        writer.losses.add("repartition-acheteurs")
    if sum(parts) != total:
        if not amended:
            raise Unsupported(
                f"Les parts des acheteurs totalisent {cents_text(sum(parts))} € alors que le marché est de "
                f"{cents_text(total)} € : corrigez les parts, leur somme doit être égale au montant du marché."
            )
        writer.losses.add("repartition-acheteurs")
        parts = split(total, parts)
    named = [one.etablissement for one in marche.acheteurs]
    return tuple(Buyer(one.siret, one.nom, part) for one, part in zip(named, parts, strict=True))


def _acts_by_holder(
    writer: PesWriter, marche: Marche, acts: Sequence[DirectAct]
) -> Mapping[int, tuple[DirectAct, ...]]:
    """Acts under the holder who subcontracts, or under the first one when that holder has left."""
    ranks = {holder.fournisseur.id: rank for rank, holder in enumerate(marche.titulaires)}
    found: dict[int, tuple[DirectAct, ...]] = {}
    for one in acts:
        rank = ranks.get(one.act.titulaire)
        if rank is None:
            writer.losses.add("sous-traitant-rattache")
            rank = 0
        found[rank] = (*found.get(rank, ()), one)
    return found


def _columns(
    marche: Marche, shares: Shares, reserved: Mapping[int, int], by_holder: Mapping[int, tuple[DirectAct, ...]]
) -> Iterator[Column]:
    for rank, holder in enumerate(marche.titulaires):
        yield Column(rank, holder.fournisseur, shares.amounts[rank] - reserved.get(rank, 0))
        # A sub-contractor may appear once only for a holder (XSD): its acts are put together.
        own = sorted(by_holder.get(rank, ()), key=_sub_contractor)
        for _, same in groupby(own, key=_sub_contractor):
            together = tuple(same)
            yield Column(rank, together[0].act.sousTraitant, sum(one.cents for one in together), together)


def _sub_contractor(direct: DirectAct) -> tuple[str, str]:
    return direct.act.sousTraitant.typeIdentifiant, direct.act.sousTraitant.id


def _taxes(
    marche: Marche, buyers: Sequence[Buyer], columns: Sequence[Column], total: int
) -> Sequence[Sequence[int]] | None:
    """VAT of each cell. With reverse charge, the sub-contractor's is its holder's (XSD, MontantTVANotifie)."""
    if not marche.complements.montantTVA:
        return None
    tax = to_cents(marche.complements.montantTVA)
    own, based_on = [0] * len(columns), [0] * len(columns)
    first_of: dict[int, int] = {}
    for rank, column in enumerate(columns):
        first_of.setdefault(column.holder, rank)
    for rank, column in enumerate(columns):
        if column.acts and column.reverse_charge is False:
            known = [one.tax_cents for one in column.acts]
            given = [one for one in known if one is not None]
            own[rank] = sum(given) if len(given) == len(known) else tax * column.cents // total
        else:
            based_on[first_of[column.holder]] += column.cents
    if sum(own) > tax:
        raise Unsupported(
            f"La TVA des sous-traitants payés directement ({cents_text(sum(own))} €) dépasse celle du marché "
            f"({cents_text(tax)} €) : corrigez l'une ou l'autre."
        )
    rest = split(tax - sum(own), [based_on[rank] for rank in first_of.values()])
    for rank, part in zip(first_of.values(), rest, strict=True):
        own[rank] += part
    if len(buyers) == 1:
        return [own]
    parts = [one.montantTVA for one in marche.acheteurs]
    rows: Sequence[int] = [to_cents(one) for one in parts if one is not None]
    if len(rows) != len(buyers) or sum(rows) != tax:
        rows = split(tax, [buyer.cents for buyer in buyers])
    return allocate(rows, own)


def _write_holders(
    writer: PesWriter, breakdown: Ventilation, cells: Sequence[int], taxes: Sequence[int] | None, flag: str
) -> None:
    by_holder = groupby(enumerate(breakdown.columns), key=lambda item: item[1].holder)
    for _, columns in by_holder:
        (rank, holder), *subs = columns
        with writer.block("VentilationTitulaire"):
            writer.plain("NatIdTitulaire", codes.NAT_ID[holder.supplier.typeIdentifiant])
            writer.value("IdTitulaire", holder.supplier.id)
            writer.plain("MontantHTNotifie", cents_text(cells[rank]))
            writer.plain("CaractereEstimatifMontantNotifie", flag)
            _write_tax(writer, taxes[rank] if taxes else 0)
            if subs:
                with writer.block("VentilationsSousTraitantPaiementDirect"):
                    for place, column in subs:
                        _write_sub(writer, column, cells[place], taxes[place] if taxes else 0, flag)


def _write_sub(writer: PesWriter, column: Column, cents: int, tax: int, flag: str) -> None:
    acts = column.acts
    variations = {one.act.variationPrix for one in acts}
    # The XSD wants a VAT if and only if there is no reverse charge: without one, nothing can be said of it.
    said = column.reverse_charge is True or (column.reverse_charge is False and tax > 0)
    if not said:
        writer.losses.add("conditions-sous-traitant")
    with writer.block("VentilationSousTraitantPaiementDirect"):
        writer.plain("NatIdSousTraitant", codes.NAT_ID[column.supplier.typeIdentifiant])
        writer.value("IdSousTraitant", column.supplier.id)
        writer.plain("MontantHTNotifie", cents_text(cents))
        writer.plain("CaractereEstimatifMontantNotifie", flag)
        _write_tax(writer, tax)
        writer.number("DureeEnMois", max(one.months for one in acts))
        if said:
            with writer.block("ConditionsExecutionSousTraitantPaiementDirect"):
                writer.flag("AutoliquidationTVA", column.reverse_charge is True)
                writer.plain("RegimeAvance", "01")  # nothing says that a sub-contractor gets an advance (hypothèse)
                if len(variations) == 1:
                    writer.label("VariationPrix", codes.VARIATION_ACTE, variations.pop())


def _write_tax(writer: PesWriter, cents: int) -> None:
    """MontantTVANotifie; the XSD refuses zero here (it accepts it on the marché), so it is left out."""
    if cents:
        writer.plain("MontantTVANotifie", cents_text(cents))


def _by_buyer(
    timed: Sequence[Tranche | PeriodeReconduction], buyers: Sequence[Buyer]
) -> list[tuple[Sequence[int], Sequence[int] | None]]:
    """For each renewal or tranche, its amount and its VAT divided between the buyers."""
    weights = [buyer.cents for buyer in buyers]
    return [
        (
            split(to_cents(one.montant), weights),
            None if one.montantTVA is None else split(to_cents(one.montantTVA), weights),
        )
        for one in timed
    ]


def _write_amounts(
    writer: PesWriter, suffix: str, parts: tuple[Sequence[int], Sequence[int] | None], buyer: int
) -> None:
    amounts, taxes = parts
    writer.plain(f"MontantHT{suffix}", cents_text(amounts[buyer]))
    if taxes is not None:
        writer.plain(f"MontantTVA{suffix}", cents_text(taxes[buyer]))


def _write_periods(
    writer: PesWriter, marche: Marche, parts: Sequence[tuple[Sequence[int], Sequence[int] | None]], buyer: int
) -> None:
    with writer.block("PeriodesReconduction"):
        for one, amounts in zip(marche.reconductions, parts, strict=True):
            with writer.block("PeriodeReconduction"):
                writer.number("NumPeriode", one.numero)
                writer.day("DebutPeriode", one.debut)
                writer.day("FinPeriode", one.fin)
                _write_amounts(writer, "Periode", amounts, buyer)


def _write_tranches(
    writer: PesWriter, marche: Marche, parts: Sequence[tuple[Sequence[int], Sequence[int] | None]], buyer: int
) -> None:
    with writer.block("Tranches"):
        for one, amounts in zip(marche.tranches, parts, strict=True):
            kind = codes.TRANCHE_AFFERMIE if one.dateAffermissement else codes.TRANCHE_OPTIONNELLE
            with writer.block("Tranche"):
                # The PES numbers from 1 what we number from 0, the firm tranche first (hypothèse).
                writer.number("NumTranche", one.numero + 1)
                writer.plain("TypeTranche", codes.TRANCHE_FERME if one.type == "ferme" else kind)
                writer.day("DebutTranche", one.debut)
                writer.day("FinTranche", one.fin)
                _write_amounts(writer, "Tranche", amounts, buyer)
