"""From a file of any format to a file of the present format, contract by contract."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from lxml import etree

from contracts import xml
from contracts.correspondance import forms
from contracts.correspondance.notes import Converted, Marche
from contracts.correspondance.pes import contracts_of
from contracts.correspondance.reading import PRESENT, check, read
from contracts.registry import InterfaceContract
from contracts.report import Finding
from contracts.streaming import CONCESSION, MARCHE
from contracts.validate import validate

_OPERATOR = {"typeIdentifiant", "id"}
_AMENDMENT = {
    "id",
    "dureeMois",
    "montant",
    "valeurGlobale",
    "titulaires",
    "dateNotificationModification",
    "dateSignatureModification",
    "datePublicationDonneesModification",
}
_KNOWN: Mapping[str, set[str]] = {
    "acheteur": {"id"},
    "autoriteConcedante": {"id"},
    "lieuExecution": {"code", "typeCode"},
    "titulaires": _OPERATOR,
    "concessionnaires": _OPERATOR,
    "sousTraitant": _OPERATOR,
    "modifications": _AMENDMENT,
    "actesSousTraitance": {
        "id",
        "sousTraitant",
        "dureeMois",
        "dateNotification",
        "datePublicationDonnees",
        "montant",
        "variationPrix",
    },
    "modificationsActesSousTraitance": {
        "id",
        "dureeMois",
        "montant",
        "dateNotificationModificationSousTraitance",
        "datePublicationDonnees",
    },
    "donneesExecution": {"datePublicationDonneesExecution", "depensesInvestissement", "tarifs"},
    "tarifs": {"intituleTarif", "tarif"},
}
"""What each object inside a contract may hold; the JSON tolerates more, the XML does not."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one contract.

    Attributes:
        place, id: which one.
        findings: errors of the source, or of what it became, that keep it out of the result; with warnings of the
            source when it is in.
        converted: what was completed, lost or refused; None when the source is not valid.
        written: whether it is in the result.
    """

    place: str
    id: str | None
    findings: tuple[Finding, ...]
    converted: Converted | None
    written: bool


def decp_of_pes(body: bytes) -> tuple[Converted, ...]:
    """The contracts of a PES Marché document, in the common form of the DECP, with what is lost on the way.

    Args:
        body: a document that is valid against a version of ``dgfip/pes-marche``.

    Raises:
        XmlRefused: it is not well formed.
    """
    return tuple(contracts_of(xml.parse(body).getroot()))


def convert(contract: InterfaceContract, source: BinaryIO, out: BinaryIO, to: str = PRESENT[0]) -> Iterator[Outcome]:
    """Write a file of the present format from a file of any format; each contract is validated before it is written.

    Args:
        contract: what the source follows.
        source: the file, which can be read twice.
        out: where to write.
        to: one of :data:`PRESENT`.

    Raises:
        Refused: the source as a whole cannot be read; nothing was written.
    """
    if to not in PRESENT:
        raise ValueError(f"no conversion to {to}")
    check(contract, source)
    source.seek(0)
    with tempfile.TemporaryFile() as aside:
        writer: _Writer = _JsonWriter(out, aside) if to == PRESENT[0] else _XmlWriter(out)
        for one in read(contract, source):
            converted = one.converted
            if converted is None or converted.refusals:
                yield Outcome(one.place, one.id, one.findings, converted, written=False)
                continue
            _fit(converted, to)
            text = writer.text(converted)
            report = validate(to, writer.alone(converted.kind, text))
            if report.valid:
                writer.add(converted.kind, text)
            findings = one.findings if report.valid else report.findings
            yield Outcome(one.place, one.id, findings, converted, written=report.valid)
        writer.close()


def _fit(converted: Converted, to: str) -> None:
    """Take off what the target has no place for, and say so."""
    for name in forms.CODED_LISTS:
        held = converted.data.get(name)
        if held is not None and len(set(held)) != len(held):
            converted.data[name] = list(dict.fromkeys(held))
            converted.lose("valeur-repetee", f"$.{name}")
    if to == PRESENT[1]:
        converted.data = _known(converted.data, "$", converted)


def _known(holder: Marche, place: str, converted: Converted) -> Marche:
    made: Marche = {}
    for name, value in holder.items():
        known = _KNOWN.get(name)
        if known is None:
            made[name] = value
        elif isinstance(value, list):
            made[name] = [_only(one, known, f"{place}.{name}[{rank}]", converted) for rank, one in enumerate(value)]
        else:
            made[name] = _only(value, known, f"{place}.{name}", converted)
    return made


def _only(value: Any, known: set[str], place: str, converted: Converted) -> Any:
    if not isinstance(value, dict):
        return value
    for name in value.keys() - known:
        converted.lose("propriete-inconnue", f"{place}.{name}")
    return _known({name: held for name, held in value.items() if name in known}, place, converted)


class _Writer(Protocol):
    def text(self, converted: Converted) -> bytes:
        """The contract as the format writes it."""

    def alone(self, kind: str, text: bytes) -> bytes:
        """A document that holds this contract alone."""

    def add(self, kind: str, text: bytes) -> None:
        """Put a contract into the result."""

    def close(self) -> None:
        """End the result."""


class _JsonWriter:
    """Marchés first, then the concessions, which wait in a file."""

    def __init__(self, out: BinaryIO, aside: Any) -> None:
        self._out = out
        self._aside = aside
        self._counts = {MARCHE: 0, CONCESSION: 0}
        out.write(b'{"marches": {"marche": [')

    def text(self, converted: Converted) -> bytes:
        """See ``_Writer``."""
        return forms.as_json(converted.data).encode("utf-8")

    def alone(self, kind: str, text: bytes) -> bytes:
        """See ``_Writer``."""
        return b'{"marches": {"%s": [%s]}}' % (kind.encode(), text)

    def add(self, kind: str, text: bytes) -> None:
        """See ``_Writer``."""
        target = self._out if kind == MARCHE else self._aside
        target.write((b",\n" if self._counts[kind] else b"\n") + text)
        self._counts[kind] += 1

    def close(self) -> None:
        """See ``_Writer``."""
        self._out.write(b"]")
        if self._counts[CONCESSION]:
            self._out.write(b', "contrat-concession": [')
            self._aside.seek(0)
            while block := self._aside.read(1024 * 1024):
                self._out.write(block)
            self._out.write(b"]")
        self._out.write(b"}}\n")


class _XmlWriter:
    """Contracts in the order of the source."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        out.write(b'<?xml version="1.0" encoding="UTF-8"?>\n<marches>\n')

    def text(self, converted: Converted) -> bytes:
        """See ``_Writer``."""
        return etree.tostring(forms.as_element(converted.kind, converted.data), encoding="utf-8", pretty_print=True)

    def alone(self, kind: str, text: bytes) -> bytes:  # noqa: ARG002 - the element bears its name
        """See ``_Writer``."""
        return b"<marches>" + text + b"</marches>"

    def add(self, kind: str, text: bytes) -> None:  # noqa: ARG002 - the element bears its name
        """See ``_Writer``."""
        self._out.write(text)

    def close(self) -> None:
        """See ``_Writer``."""
        self._out.write(b"</marches>\n")
