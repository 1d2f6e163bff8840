"""Every contract of a file of any of the formats, one at a time: its findings, and its common form.

A file is read twice: first whole, to be sure that it is well formed to its end (nothing is done with a file that is
not), then contract by contract. Neither keeps more than one contract in memory.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from lxml import etree

import contracts.json as strict_json
from contracts.correspondance import forms, tolerances
from contracts.correspondance.former import CONVERSIONS
from contracts.correspondance.notes import Converted
from contracts.correspondance.pes import of_block
from contracts.correspondance.pes_values import v
from contracts.refusal import Refused
from contracts.registry import InterfaceContract
from contracts.report import Finding, Report
from contracts.streaming import CONCESSION, MARCHE, JsonRecord, Readable, WrongEnvelope, check_json, json_records
from contracts.streaming_xml import XmlRecord, check_xml, xml_records
from contracts.validate import validate

PRESENT = ("daj/decp-json/2.0.4", "daj/decp-xml/2.0.2")
"""The two forms of the format in force."""

_PES_PATHS = (("PES_Marche", "Marches", "Marche"), ("PES_Marche", "Concessions", "Concession"))
_PES_DROPPED = (("PES_PJ", "PJ"),)
_SINGLE = (MARCHE, CONCESSION)


@dataclass(frozen=True, slots=True)
class Read:
    """One contract of a file.

    Attributes:
        kind: "marche" or "contrat-concession", or the name of an element that is neither.
        place: where it stands, as shown to the reader.
        line: its first line, from 1.
        id: the buyer's number, as far as it could be read.
        buyer: the buyer's SIRET, as far as it could be read.
        findings: what its own interface contract says of it, at its place in the file.
        converted: its common form; None when the findings have an error.
        element: its XML block, until the next contract is asked for; None in JSON.
    """

    kind: str
    place: str
    line: int | None
    id: str | None
    buyer: str | None
    findings: tuple[Finding, ...]
    converted: Converted | None
    element: etree._Element | None = None


class WrongRoot(Refused):
    """The XML is well formed, but its root is not that of the contract."""


def is_pes(contract: InterfaceContract) -> bool:
    """Whether the contract is one of the PES Marché."""
    return contract.interface == "pes-marche"


def readable(contract: InterfaceContract) -> bool:
    """Whether files of this contract hold contracts that can be read one at a time."""
    return contract.id in PRESENT or contract.id in CONVERSIONS or is_pes(contract)


def check(contract: InterfaceContract, source: Readable) -> None:
    """Read the whole file, keeping nothing.

    Raises:
        Refused: it is malformed, cut, in the wrong encoding, or no list of contracts (WrongEnvelope, WrongRoot).
    """
    if contract.format == "json":
        check_json(source)
        return
    options: dict[str, Any] = {"paths": _PES_PATHS, "dropped": _PES_DROPPED} if is_pes(contract) else {}
    found = check_xml(source, **options)
    if found.encoding.upper() != contract.encoding.upper():
        message = f"Le document annonce l'encodage {found.encoding}, le contrat demande {contract.encoding}."
        raise Refused("ENCODAGE", 1, message)
    roots = contract.recognise["root"]
    if found.root not in ([roots] if isinstance(roots, str) else roots):
        raise WrongRoot("SCHEMA", 1, f"La racine « {found.root} » n'est pas celle du format attendu.")


def read(contract: InterfaceContract, source: BinaryIO) -> Iterator[Read]:
    """The contracts of a file that was checked, in its order.

    Raises:
        Refused: the file changed since it was checked.
    """
    if contract.format == "json":
        return (_of_json(contract, record) for record in json_records(source))
    if is_pes(contract):
        return (_of_pes(contract, record) for record in xml_records(source, _PES_PATHS, dropped=_PES_DROPPED))
    return (_of_xml(contract, record) for record in xml_records(source, single=_SINGLE))


# --- JSON -------------------------------------------------------------------------------------------------------------


def _of_json(contract: InterfaceContract, record: JsonRecord) -> Read:
    listed = len(record.pointer) == 2
    if listed != ("json_list" in contract.recognise):
        raise WrongEnvelope(("marches",), record.line)
    place = strict_json.show(record.pointer)
    here = strict_json.show(("marches", 0) if listed else ("marches", record.kind, 0))
    report = validate(contract.id, _alone(record.text, None if listed else record.kind))
    fields = record.value if isinstance(record.value, dict) else {}
    losses: list[str] = []
    if not report.valid and contract.id in PRESENT:
        made, losses = tolerances.json_record(fields)
        if losses:
            text = json.dumps(made, ensure_ascii=False, indent=1, default=forms.plain)
            report, fields, losses = _retried(
                report, validate(contract.id, _alone(text, record.kind)), fields, made, losses
            )
    findings = tuple(_moved(finding, here, place, record.line, 1) for finding in report.findings)
    party = fields.get("acheteur" if record.kind == MARCHE else "autoriteConcedante")
    converted = None
    if report.valid:
        conversion = CONVERSIONS.get(contract.id)
        data = forms.unwrapped(fields)
        wrong = list(forms.shapeless(data))
        converted = conversion(data) if conversion and not wrong else Converted(record.kind, data)
        for champ in wrong:
            converted.refuse("CONV-FORME", champ)
        _place(converted, place, record.line, losses)
    return Read(
        record.kind,
        place,
        record.line,
        _text(fields.get("id")),
        _text(party.get("id")) if isinstance(party, dict) else None,
        findings,
        converted,
    )


def _alone(text: str, kind: str | None) -> bytes:
    alone = f'{{"marches":[{text}]}}' if kind is None else f'{{"marches":{{"{kind}":[{text}]}}}}'
    return alone.encode("utf-8", "surrogatepass")


def _retried(before: Report, after: Report, fields: Any, made: Any, losses: list[str]) -> tuple[Report, Any, list[str]]:
    """The tolerant reading when it is valid, else the strict one: its findings are about what is written."""
    return (after, made, losses) if after.valid else (before, fields, [])


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


# --- XML --------------------------------------------------------------------------------------------------------------


def _of_xml(contract: InterfaceContract, record: XmlRecord) -> Read:
    element, kind = record.element, record.name
    alone_root = etree.Element("marches" if contract.id != "dgfip/opendata/5.30" else str(contract.recognise["root"]))
    single = element.getparent() is None
    place = f"/{kind}" if single else f"/marches/{kind}[{record.rank}]"
    report = _validated(contract, alone_root, element)
    losses: list[str] = []
    if not report.valid and contract.id in PRESENT:
        made, losses = tolerances.xml_record(element)
        if losses:
            report, element, losses = _retried(report, _validated(contract, alone_root, made), element, made, losses)
    here = f"/marches/{kind}"
    findings = tuple(_moved(finding, here, place, record.line, 1) for finding in report.findings)
    converted = None
    if report.valid and kind in _SINGLE:
        conversion = CONVERSIONS.get(contract.id)
        data = forms.of_element(element)
        converted = conversion(data) if conversion else Converted(kind, data)
        _place(converted, place, record.line, losses)
    authority = "acheteur" if kind == MARCHE else "autoriteConcedante"
    return Read(
        kind,
        place,
        record.line,
        forms.text_of(element.find("{*}id")),
        forms.text_of(element.find(f"{{*}}{authority}/{{*}}id")),
        findings,
        converted,
        record.element,
    )


def _validated(contract: InterfaceContract, root: etree._Element, element: etree._Element) -> Report:
    opening, closing = etree.tostring(root, encoding="unicode").rpartition("/>")[0], root.tag.rpartition("}")[2]
    prefix = root.prefix + ":" if root.prefix else ""
    inner = etree.tostring(element, encoding="utf-8", with_tail=False)
    return validate(contract.id, f"{opening}>".encode() + inner + f"</{prefix}{closing}>".encode())


def _of_pes(contract: InterfaceContract, record: XmlRecord) -> Read:
    element = record.element
    root = element.getroottree().getroot()
    group = "Marches" if record.name == "Marche" else "Concessions"
    here = f"/PES_Aller/PES_Marche/{group}/{record.name}"
    body = _pes_alone(root, element, contract)
    start = body.index(f"<{record.name}>".encode()) if f"<{record.name}>".encode() in body else 0
    report = validate(contract.id, body)
    place = f"{here}[{record.rank}]"
    first = body.count(b"\n", 0, start) + 1
    findings = tuple(
        _moved(finding, here, place, record.line, first) if finding.path.startswith(here) else finding
        for finding in report.findings
    )
    kind = MARCHE if record.name == "Marche" else CONCESSION
    converted = None
    authority = v(root, "EnTetePES/IdColl")
    if report.valid:
        converted = of_block(element, authority)
        _place(converted, place, record.line, [])
    identity = "IdentifiantMarche" if kind == MARCHE else "IdentifiantConcession"
    buyer = v(element, "PA/IdPA") or v(element, "Acheteurs/Acheteur/IdAcheteur") if kind == MARCHE else authority
    return Read(kind, place, record.line, v(element, f"{identity}/IdContrat"), buyer, findings, converted, element)


def _pes_alone(root: etree._Element, element: etree._Element, contract: InterfaceContract) -> bytes:
    """A flow that holds this contract alone, under the envelope and header of its file; attached documents are left."""
    alone = etree.Element(root.tag, nsmap={prefix or "n": name for prefix, name in root.nsmap.items()})
    for name in ("Enveloppe", "EnTetePES"):
        for block in root.findall(name):
            alone.append(copy.deepcopy(block))
    domain = etree.SubElement(alone, "PES_Marche")
    for block in root.findall("PES_Marche/EnTeteMarche"):
        domain.append(copy.deepcopy(block))
    group = etree.SubElement(domain, "Marches" if element.tag == "Marche" else "Concessions")
    group.append(copy.deepcopy(element))
    body = etree.tostring(alone, encoding=contract.encoding, xml_declaration=True)
    assert isinstance(body, bytes)
    return body


# --- both -------------------------------------------------------------------------------------------------------------


def _moved(finding: Finding, here: str, place: str, line: int | None, first: int) -> Finding:
    """A finding on the contract alone, told at its place in the file."""
    path = place + finding.path.removeprefix(here) if finding.path.startswith(here) else place
    moved = line if line is None or finding.line is None else line + finding.line - first
    return replace(finding, path=path, line=moved)


def _place(converted: Converted, place: str, line: int | None, losses: list[str]) -> None:
    converted.place, converted.line = place, line
    for loss in losses:
        converted.lose(loss)
