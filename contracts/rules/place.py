"""Rules of the supposed PLACE interfaces in JSON: what the hub writes, what PLACE says of a consultation, its export.

A consultation read by the API and one of an export have the same form, so the same checks serve both. A value the
schema already refuses is left to the schema rule: nothing here raises on it. Sources are in each ``contract.toml``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from contracts.report import Violation
from contracts.rules.keys import siret_is_valid

Pointer = tuple[str | int, ...]

_WRITTEN_DATES = ("dateLancement", "dateLimiteRemisePlis", "dateOuverturePlis")
_READ_DATES = ("dateMiseEnLigne", "dateLimiteRemisePlis", "dateOuverturePlis")


def sirets(document: Any) -> Iterator[Violation]:
    """The SIRET of the buyer and of each holder have a right key; La Poste's own key is accepted."""
    if not isinstance(document, dict):
        return
    for pointer, one in [((), document), *_consultations(document)]:
        yield from _sirets_of(pointer, one)


def dates_ecrites(document: Any) -> Iterator[Violation]:
    """In what the hub writes: launch, then deadline of the offers, then their opening."""
    if isinstance(document, dict):
        yield from _disorder((), document, _WRITTEN_DATES)


def motif(document: Any) -> Iterator[Violation]:
    """A procedure given up says why (art. R2185-2 CCP: the candidates are told)."""
    if isinstance(document, dict) and document.get("decision") == "sans_suite" and not document.get("motif"):
        yield Violation((), detail=str(document.get("reference")))


def offres_de_l_attribution(document: Any) -> Iterator[Violation]:
    """What is attributed had at least one offer."""
    if isinstance(document, dict) and document.get("@type") == "Contrat" and document.get("nombreOffres") == 0:
        yield Violation(("nombreOffres",), detail=str(document.get("numero")))


def dates_lues(document: Any) -> Iterator[Violation]:
    """In what PLACE says: on line, then deadline, then opening."""
    for pointer, consultation in _consultations(document):
        yield from _disorder(pointer, consultation, _READ_DATES)


def lots(document: Any) -> Iterator[Violation]:
    """Lots are numbered once, and an offer answers lots that exist."""
    for pointer, consultation in _consultations(document):
        seen: set[int] = set()
        for index, lot in _objects(consultation, "lots"):
            number = lot.get("numero")
            if isinstance(number, int) and number in seen:
                yield Violation((*pointer, "lots", index, "numero"), detail=f"{number} est donné deux fois")
            elif isinstance(number, int):
                seen.add(number)
        for index, offer in _objects(consultation, "offres"):
            answered = offer.get("lots")
            for number in answered if isinstance(answered, list) else ():
                if isinstance(number, int) and number not in seen:
                    detail = f"{number} reçoit une offre mais n'est pas dans la consultation"
                    yield Violation((*pointer, "offres", index, "lots"), detail=detail)


def offres(document: Any) -> Iterator[Violation]:
    """The number of offers is that of the offers received in time (art. R2151-5 CCP)."""
    for pointer, consultation in _consultations(document):
        listed, said = consultation.get("offres"), consultation.get("nombreOffres")
        if not isinstance(listed, list) or not isinstance(said, int):
            continue
        in_time = sum(offer.get("horsDelai") is False for _, offer in _objects(consultation, "offres"))
        if said != in_time:
            detail = f"{said} annoncée(s), {in_time} dans les délais"
            yield Violation((*pointer, "nombreOffres"), detail=detail)


def delai(document: Any) -> Iterator[Violation]:
    """An offer is late when it came after the last day, and only then."""
    for pointer, consultation in _consultations(document):
        last = _day(consultation.get("dateLimiteRemisePlis"))
        for index, offer in _objects(consultation, "offres"):
            came, late = _instant(offer.get("depotLe")), offer.get("horsDelai")
            if last is not None and came is not None and isinstance(late, bool) and late != (came.date() > last):
                said = "n'est pas dite hors délai" if not late else "est dite hors délai"
                yield Violation(
                    (*pointer, "offres", index, "horsDelai"), detail=f"{offer.get('numero')} du {came.date()} {said}"
                )


def attribution(document: Any) -> Iterator[Violation]:
    """An attributed lot (or consultation) says to whom, and one that is not has no attribution."""
    for pointer, consultation in _consultations(document):
        parts = [((*pointer, "lots", index), lot) for index, lot in _objects(consultation, "lots")]
        for place, part in parts or [(pointer, consultation)]:
            told = isinstance(part.get("attribution"), dict)
            if isinstance(part.get("statut"), str) and told != (part["statut"] == "attribuee"):
                fault = "n'est pas attribué mais a un contrat" if told else "est attribué sans contrat"
                yield Violation((*place, "statut"), detail=f"{consultation.get('reference')} {fault}")


def doublons(document: Any) -> Iterator[Violation]:
    """A consultation is exported once."""
    seen: set[str] = set()
    for pointer, consultation in _consultations(document):
        reference = str(consultation.get("reference"))
        if reference in seen:
            yield Violation((*pointer, "reference"), detail=reference)
        seen.add(reference)


def wrong_siret(text: Any) -> bool:
    """14 digits whose key is false; anything else is the schema's to judge."""
    return isinstance(text, str) and len(text) == 14 and text.isdigit() and not siret_is_valid(text)


def _sirets_of(pointer: Pointer, one: Mapping[str, Any]) -> Iterator[Violation]:
    if wrong_siret(one.get("acheteur")):
        yield Violation((*pointer, "acheteur"), detail=one["acheteur"])
    parts: list[tuple[Pointer, Mapping[str, Any]]] = [(pointer, one)]
    parts += [((*pointer, "lots", index), lot) for index, lot in _objects(one, "lots")]
    for place, part in parts:
        contract = part.get("attribution")
        held = [((*place, "titulaires"), part), ((*place, "attribution", "titulaires"), contract)]
        for where, holding in held:
            for index, holder in _objects(holding, "titulaires"):
                if holder.get("typeIdentifiant") == "SIRET" and wrong_siret(holder.get("id")):
                    yield Violation((*where, index, "id"), detail=holder["id"])


def _disorder(pointer: Pointer, one: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[Violation]:
    before: tuple[str, date] | None = None
    for name in names:
        day = _day(one.get(name))
        if day is None:
            continue
        if before is not None and day < before[1]:
            yield Violation((*pointer, name), detail=f"{name} ({day}) précède {before[0]} ({before[1]})")
        before = name, day


def _consultations(document: Any) -> Iterator[tuple[Pointer, Mapping[str, Any]]]:
    """The consultation itself, or each of an export."""
    if not isinstance(document, dict):
        return
    if document.get("@type") == "Consultation":
        yield (), document
    for index, one in _objects(document, "consultations"):
        yield ("consultations", index), one


def _objects(one: Any, name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    held = one.get(name) if isinstance(one, dict) else None
    for index, item in enumerate(held if isinstance(held, list) else ()):
        if isinstance(item, dict):
            yield index, item


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None


def _instant(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value).astimezone(UTC) if isinstance(value, str) else None
    except ValueError:
        return None
