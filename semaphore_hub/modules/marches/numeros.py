"""One marché, four written forms of its number: finds which marché a GEF or an invoice means. Pure functions.

The same marché is written, by the DECP 2.0.4, the PES Marché 5.30, the PES aller (``LiensIdent/IdMarche``) and the
facture pivot of Chorus:

- DECP ``id``: the buyer's own number, 16 characters at most, "DM001";
- PES ``IdContrat``: year of notification then 1 to 10 letters or digits, "2026DM001";
- PES acknowledgement ``IdMarche``: ``IdContrat-SSS``, with the sequence of the message, "2026DM001-001";
- mandat ``IdMarche``: free, 30 characters at most; found in real files: year, reference, modification,
  "2015-15018D-00";
- Chorus ``NumeroMarche``: free, 50 characters at most.

How a free text is read is a hypothesis: case, blanks and separators do not count, nor do words such as "marché n°"
before it and "lot 2" after it; after a number that begins with its year, a last group of two or three digits may be a
modification or a sequence. The most literal reading that names a marché wins; one that names several names none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

_WORDS = re.compile(r"^(?:(?:MARCHE|CONTRAT|ACCORD[ -]?CADRE|NUMERO|NO?°|NO|N)\b[ .:°-]*)+(?=\S)")
_LOT = re.compile(r"[ ,;/_-]*\bLOT[ .:N°]*0*([0-9]{1,3})$")
_SUFFIX = re.compile(r"^((?:19|20)[0-9]{2}.*[A-Z0-9])[-/_]([0-9]{2,3})$")
_SEPARATORS = re.compile(r"[^A-Z0-9]+")


@dataclass(frozen=True, slots=True)
class Candidat:
    """A marché that may be meant.

    Attributes:
        uid: of the marché.
        id: the buyer's number (DECP).
        id_contrat: its PES number, once notified.
        annee: year of its notification.
        lot: number of the lot it is, when the consultation had lots.
    """

    uid: str
    id: str
    id_contrat: str | None = None
    annee: int | None = None
    lot: int | None = None


@dataclass(frozen=True, slots=True)
class Rapprochement:
    """What a written number means.

    Attributes:
        uid: the marché; ``None`` when none or several fit.
        defaut: why there is none.
    """

    uid: str | None
    defaut: Literal["inconnu", "ambigu"] | None = None


@dataclass(frozen=True, slots=True)
class _Ecriture:
    """A number without its separators, and where they stood: "2026-1-23" is not "2026-12-3"."""

    texte: str
    coupures: frozenset[int]

    def same(self, other: _Ecriture) -> bool:
        """Whether both write the same number: one may separate what the other does not, never elsewhere."""
        return self.texte == other.texte and (self.coupures <= other.coupures or self.coupures >= other.coupures)


def _ecriture(text: str) -> _Ecriture:
    parts = [part for part in _SEPARATORS.split(text) if part]
    cuts, length = set(), 0
    for part in parts[:-1]:
        length += len(part)
        cuts.add(length)
    return _Ecriture("".join(parts), frozenset(cuts))


def _majuscules(text: str) -> str:
    """Upper case, without accents or surplus blanks."""
    bare = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join(bare.upper().split())


def lectures(numero: str) -> tuple[tuple[str, int | None], ...]:
    """The ways to read a written number, the most literal first, each with the lot it names.

    Args:
        numero: as it is written in an order, a payment or an invoice.
    """
    text = _majuscules(numero)
    found: dict[tuple[str, int | None], None] = {(text, None): None}
    for one in (text, _WORDS.sub("", text)):
        lot = _LOT.search(one)
        bare = one if lot is None else one[: lot.start()]
        number = None if lot is None else int(lot.group(1))
        found[bare, number] = None
        suffix = _SUFFIX.match(bare)
        if suffix is not None:
            found[suffix.group(1), number] = None
    return tuple(found)


class Repertoire:
    """The marchés of one establishment, by their numbers.

    Args:
        candidats: the marchés it buys or benefits from.
    """

    def __init__(self, candidats: Iterable[Candidat]) -> None:
        self._by_text: dict[str, list[tuple[_Ecriture, Candidat]]] = {}
        for candidat in candidats:
            for ecriture in {_ecriture(_majuscules(written)) for written in _written(candidat)}:
                self._by_text.setdefault(ecriture.texte, []).append((ecriture, candidat))
        self._found: dict[tuple[str, int | None], Rapprochement] = {}

    def rapprocher(self, numero: str, lot: int | None = None) -> Rapprochement:
        """The one marché that a written number means.

        Args:
            numero: as it is written, in any form.
            lot: number of the lot, when it is given beside; a marché of another lot is not meant.
        """
        key = (numero, lot)
        if key not in self._found:
            self._found[key] = self._search(numero, lot)
        return self._found[key]

    def _search(self, numero: str, lot: int | None) -> Rapprochement:
        for text, read_lot in lectures(numero):
            fitting = self._fitting(text, read_lot if lot is None else lot)
            if len(fitting) == 1:
                return Rapprochement(fitting.pop())
            if fitting:
                return Rapprochement(None, "ambigu")
        return Rapprochement(None, "inconnu")

    def _fitting(self, text: str, lot: int | None) -> set[str]:
        """The marchés so written, of that lot or of none; those of that very lot, or of that very number, first."""
        wanted = _ecriture(text)
        named = [one for ecriture, one in self._by_text.get(wanted.texte, ()) if ecriture.same(wanted)]
        if lot is not None:
            named = [one for one in named if one.lot in (None, lot)]
            named = [one for one in named if one.lot == lot] or named
        exact = {one.uid for one in named if text in (_majuscules(one.id), one.id_contrat)}
        return exact or {one.uid for one in named}


def _written(candidat: Candidat) -> Iterator[str]:
    """The ways a marché may be written in full."""
    yield candidat.id
    if candidat.id_contrat is not None:
        yield f"{candidat.id_contrat[:4]} {candidat.id_contrat[4:]}"
    if candidat.annee is not None:
        yield f"{candidat.annee} {candidat.id}"
