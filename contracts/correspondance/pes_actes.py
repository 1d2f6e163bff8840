"""Subcontracting in a PES block: acts declared with the marché, declared later, and modified."""

from __future__ import annotations

from decimal import Decimal

from lxml import etree

from contracts.correspondance.notes import Converted, Marche, named
from contracts.correspondance.pes_values import money, number, v
from contracts.correspondance.table import table
from contracts.xml import local_name

_DECLARED = "ModificationsMarche/DeclarationSousTraitancePaiementDirect"
_MODIFIED = "ModificationsMarche/ModificationSousTraitancePaiementDirect"
_SHARE = ".//VentilationSousTraitantPaiementDirect"


def acts_of(element: etree._Element, made: Converted) -> None:
    """Put the acts and their modifications into the marché.

    An act declared in an amendment keeps its date; one present with no declaration was there at the notification, of
    which it takes the date (hypothèse). Its amount at the start is what the shares say now less what the modifications
    added.
    """
    declared = {number(one, "NumeroActeSousTraitance"): one for one in element.iterfind(_DECLARED)}
    present = {
        number(one, "NumeroActeSousTraitance"): one for one in element.iterfind("Operateurs/SousTraitantPaiementDirect")
    }
    changes = list(element.iterfind(_MODIFIED))
    for one in (*declared.values(), *present.values(), *changes):
        inner = one.find("SousTraitantPaiementDirect")
        if inner is not None:
            made.names = named(made.names, v(inner, "Id"), v(inner, "DenominationSociale"))
        else:
            made.names = named(made.names, v(one, "IdSousTraitant"), v(one, "DenominationSociale"))
    acts: dict[int, Marche] = {}
    for rank in sorted(one for one in {*declared, *present} if one is not None):
        added = sum((money(one, "DeltaMontantHTNotifie") or Decimal(0) for one in _on(changes, rank)), Decimal(0))
        act = _act(element, rank, declared.get(rank), present.get(rank), added, made, len(acts))
        if act is not None:
            acts[rank] = act
    if acts:
        made.data["actesSousTraitance"] = list(acts.values())
    _modifications(changes, acts, made)


def _on(changes: list[etree._Element], rank: int) -> list[etree._Element]:
    return [one for one in changes if number(one, "NumeroActeSousTraitance") == rank]


def _act(
    element: etree._Element,
    rank: int,
    declared: etree._Element | None,
    present: etree._Element | None,
    added: Decimal,
    made: Converted,
    position: int,
) -> Marche | None:
    """One act, None when the PES does not say enough of it for the DECP."""
    place = f"$.actesSousTraitance[{rank}]"
    if declared is not None:
        party, kind, identifier = declared.find("SousTraitantPaiementDirect"), "NatId", "Id"
    else:
        party, kind, identifier = present, "NatIdSousTraitant", "IdSousTraitant"
    assert party is not None
    nature, number_of_party = str(v(party, kind)), v(party, identifier)
    shares = [
        one
        for one in element.iterfind(_SHARE)
        if (v(one, "NatIdSousTraitant"), v(one, "IdSousTraitant")) == (nature, number_of_party)
    ]
    source = [declared, *shares] if declared is not None else shares
    months = next((length for one in source if (length := number(one, "DureeEnMois"))), None)
    price = next((found for one in source if (found := _price(one))), None)
    amount = money(declared, "MontantHTNotifie") if declared is not None else None
    if amount is None:
        amount = sum((money(one, "MontantHTNotifie") or Decimal(0) for one in shares), Decimal(0)) - added
    known = table().lists["natureIdentifiant"].pes.get(nature)
    variation = table().lists["variationPrixActe"].pes.get(price or "")
    if price is not None and variation is None:
        made.lose(table().lists["variationPrixActe"].without[price], place)
        return None
    if months is None or variation is None or known is None or amount < 1:
        made.lose("acte-incomplet", place)
        return None
    day = v(declared, "DateSignatureModification") if declared is not None else made.data["dateNotification"]
    if declared is None:
        made.say_completed(f"actesSousTraitance[{position}].dateNotification", day)
    made.say_completed(f"actesSousTraitance[{position}].datePublicationDonnees", day)
    return {
        "id": rank,
        "sousTraitant": {"typeIdentifiant": known, "id": number_of_party},
        "dureeMois": months,
        "dateNotification": day,
        "datePublicationDonnees": day,
        "montant": amount,
        "variationPrix": variation,
    }


def _price(element: etree._Element) -> str | None:
    if local_name(element) == "DeclarationSousTraitancePaiementDirect":
        return v(element, "VariationPrix")
    return v(element, "ConditionsExecutionSousTraitantPaiementDirect/VariationPrix")


def _modifications(changes: list[etree._Element], acts: dict[int, Marche], made: Converted) -> None:
    totals = {rank: act["montant"] for rank, act in acts.items()}
    kept: list[Marche] = []
    for change in changes:
        rank = number(change, "NumeroActeSousTraitance")
        if rank is None or rank not in acts:
            made.lose("modification-acte-sans-acte", f"$.modificationsActesSousTraitance[{rank}]")
            continue
        totals[rank] += money(change, "DeltaMontantHTNotifie") or Decimal(0)
        day = v(change, "DateSignatureModification")
        made.say_completed(f"modificationsActesSousTraitance[{len(kept)}].datePublicationDonnees", day)
        one: Marche = {
            "id": rank,
            "dateNotificationModificationSousTraitance": day,
            "datePublicationDonnees": day,
            "montant": totals[rank],
        }
        months = number(change, "DureeEnMois")
        if months:
            one["dureeMois"] = months
        if totals[rank] < 1:
            made.lose("acte-incomplet", f"$.modificationsActesSousTraitance[{len(kept)}]")
            del one["montant"]
        kept.append(one)
    if kept:
        made.data["modificationsActesSousTraitance"] = kept
