"""What Hélios remembers of a contract after each sending, and whether the next one can follow it.

Amounts are texts of euros and durations texts of months, as the flow wrote them, so that the memory is plain JSON.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from lxml import etree

from mock_partners.dgfip import rules

Anomaly = tuple[str, str]


@dataclass(slots=True)
class State:
    """The contract as the last sending left it.

    Attributes:
        values: present amount, duration and estimate, by element name.
        acts: figures of each modification integrated, by kind and number ("terms/01").
        subcontractors: who each act of sub-contracting is for, by number.
        amounts: amount of each declared act, by number.
    """

    values: dict[str, str] = field(default_factory=dict)
    acts: dict[str, str] = field(default_factory=dict)
    subcontractors: dict[str, str] = field(default_factory=dict)
    amounts: dict[str, str] = field(default_factory=dict)


_VALUES = {"MontantHTNotifie": "le montant", "DureeEnMois": "la durée", "MontantHTEstime": "le montant estimé"}
_DELTAS = {
    "MontantHTNotifie": "DeltaMontantHTNotifie",
    "DureeEnMois": "DeltaDureeEnMois",
    "MontantHTEstime": "DeltaMontantHTEstime",
}


def marche_after(before: State, block: etree._Element) -> tuple[State, list[Anomaly]]:
    """The memory after a marché's sending, and what in it contradicts the memory before.

    A modification already integrated may be told again, with the same figures; a new one must start from what is known.
    """
    anomalies: list[Anomaly] = []
    after = State(_values(block), dict(before.acts), dict(before.subcontractors), dict(before.amounts))
    running = dict(before.values)
    for one in block.iterfind("ModificationsMarche/ModificationMontantDuree"):
        if _is_new(after, "terms", one, anomalies):
            anomalies += _broken_deltas(running, one)
    for one in block.iterfind("ModificationsMarche/ModificationTitulaire"):
        _is_new(after, "holders", one, anomalies)
    for one in block.iterfind("Operateurs/SousTraitantPaiementDirect"):
        known_by = f"{text(one, 'NatIdSousTraitant')} {text(one, 'IdSousTraitant')}"
        anomalies += _broken_number(after, text(one, "NumeroActeSousTraitance"), known_by)
    for one in block.iterfind("ModificationsMarche/DeclarationSousTraitancePaiementDirect"):
        number = text(one, "NumeroActeSousTraitance")
        anomalies += _broken_number(after, number, _named(one))
        after.amounts.setdefault(number, text(one, "MontantHTNotifie"))
    for one in block.iterfind("ModificationsMarche/ModificationSousTraitancePaiementDirect"):
        if _is_new(after, "subcontracting", one, anomalies):
            anomalies += _broken_act(after, one)
    return after, anomalies


def concession_after(
    before: State | None, block: etree._Element, *, replaces_first: bool
) -> tuple[State, list[Anomaly]]:
    """The same for a concession; ``replaces_first`` when it corrects the first sending."""
    after = State({"DureeMoisInitiale": text(block, "DureeMoisInitiale")})
    anomalies: list[Anomaly] = []
    if replaces_first:
        if block.find("ModificationsConcession") is not None:
            anomalies.append(rules.CONCESSION_FIRST.broken())
        return after, anomalies
    known = before.values.get("DureeMoisInitiale") if before is not None else None
    got = after.values["DureeMoisInitiale"]
    if known is not None and Decimal(known) != Decimal(got):
        anomalies.append(rules.CONCESSION_DURATION.broken(got=got, known=known))
    return after, anomalies


def text(node: etree._Element, path: str) -> str:
    """A value, stripped; empty when it is absent."""
    found = node.find(path)
    return "" if found is None else (found.get("V") or "").strip()


def _values(block: etree._Element) -> dict[str, str]:
    return {tag: value for tag in _VALUES if (value := text(block, tag))}


def _named(one: etree._Element) -> str:
    return f"{text(one, 'SousTraitantPaiementDirect/NatId')} {text(one, 'SousTraitantPaiementDirect/Id')}"


def _is_new(after: State, kind: str, one: etree._Element, anomalies: list[Anomaly]) -> bool:
    """Whether a numbered modification is not known yet; it is remembered, and a contradiction is noted."""
    number = text(one, "NumeroActe")
    # Names and objects may be written anew; the figures and the parties are what the act is.
    kept = (
        ("NatId", "Id")
        if kind == "holders"
        else ("NatId", "Id", "NumeroActeSousTraitance", *_VALUES, *_DELTAS.values())
    )
    figures = " ".join(node.get("V", "").strip() for node in one.iter(*kept))
    key = f"{kind}/{number}"
    if key not in after.acts:
        after.acts[key] = figures
        return True
    if after.acts[key] != figures:
        anomalies.append(rules.NUMBER.broken(number=number))
    return False


def _broken_deltas(running: dict[str, str], one: etree._Element) -> list[Anomaly]:
    """A new value must be the one before plus the difference; it then becomes the one before."""
    found = []
    for tag, delta_tag in _DELTAS.items():
        new, delta, known = text(one, tag), text(one, delta_tag), running.get(tag)
        if not new:
            continue
        if known is not None and Decimal(known) + Decimal(delta) != Decimal(new):
            what = _VALUES[tag]
            number = text(one, "NumeroActe")
            found.append(rules.DELTA.broken(number=number, what=what, new=new, delta=delta, known=known))
        running[tag] = new
    return found


def _broken_number(after: State, number: str, known_by: str) -> list[Anomaly]:
    """The number of an act is that of one sub-contractor only."""
    known = after.subcontractors.setdefault(number, known_by)
    return [] if known == known_by else [rules.ACT_NUMBER.broken(number=number, known=known)]


def _broken_act(after: State, one: etree._Element) -> list[Anomaly]:
    number, act = text(one, "NumeroActe"), text(one, "NumeroActeSousTraitance")
    known = after.amounts.get(act)
    if known is None:
        return [rules.ACT_UNKNOWN.broken(number=number, act=act)]
    changed = Decimal(known) + Decimal(text(one, "DeltaMontantHTNotifie"))
    if changed < 0:
        return [rules.ACT_NEGATIVE.broken(number=number, act=act, known=known)]
    after.amounts[act] = str(changed)
    return _broken_number(after, act, _named(one))
