"""What PLACE says, in the form its connector gives it; another form is refused and its document kept aside.

Consultations were checked against their interface contract: their values are typed here. Essential data are read
leniently by the connector: their values stay texts, and one that cannot be read is a divergence, not a refusal of the
whole document.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints, ValidationError
from pydantic_core import PydanticCustomError

from semaphore_hub.kernel.errors import RuleBroken
from semaphore_hub.kernel.money import Montant
from semaphore_hub.modules.marches.fields import NumeroLot
from semaphore_hub.modules.marches.place import rules
from semaphore_hub.modules.referentiel.champs import LIGNE_PATTERN, Entier, Entree, Jour, Siret

StatutPlace = Literal["preparation", "en_ligne", "cloturee", "analyse", "attribuee", "infructueuse", "sans_suite"]
"""Stages of a consultation at PLACE (hypothèse)."""

PERIODE_PATTERN = r"^20[0-9]{2}(-(0[1-9]|1[0-2]))?$"
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?")
_SHOWN = 5
_M = TypeVar("_M", bound=BaseModel)


def _one_line(value: Any) -> Any:
    """Line breaks and surplus blanks of a file say nothing."""
    return " ".join(value.split()) if isinstance(value, str) else value


def _instant(value: Any) -> Any:
    """An instant, or a day (exports made by hand): then its beginning, so that an instant of that day is newer."""
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError("instant", "cette date n'existe pas dans le calendrier") from None
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    raise PydanticCustomError("instant", "un instant s'écrit AAAA-MM-JJ ou AAAA-MM-JJThh:mm:ssZ")


def _text(length: int) -> StringConstraints:
    return StringConstraints(min_length=1, max_length=length, pattern=LIGNE_PATTERN)


_Ligne = BeforeValidator(_one_line)
Mot = Annotated[str, _text(50), _Ligne]
Valeur = Annotated[str, _text(200), _Ligne]
Phrase = Annotated[str, _text(1000), _Ligne]
Nombre = Annotated[int, Field(strict=True, ge=0, le=999_999), Entier]
IdentifiantExterne = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
Periode = Annotated[str, Field(pattern=PERIODE_PATTERN)]


class _Dit(Entree):
    def stored(self) -> dict[str, Any]:
        """As it is kept; what was not said is left out."""
        return self.model_dump(mode="json", exclude_none=True)


class TitulaireDit(_Dit):
    """A holder; a file may leave out any part of its identity."""

    typeIdentifiant: Mot | None = None
    id: Mot | None = None
    denominationSociale: Phrase | None = None


class AttributionDite(_Dit):
    """The contract that PLACE made of a consultation or of a lot."""

    numero: Mot
    montantHT: Montant
    dateAttribution: Jour | None = None
    titulaires: tuple[TitulaireDit, ...] = ()


class LotDit(_Dit):
    """A lot of a consultation."""

    numero: NumeroLot
    intitule: Phrase
    statut: StatutPlace
    nombreOffres: Nombre
    identifiantExterne: IdentifiantExterne | None = None
    motif: Phrase | None = None
    attribution: AttributionDite | None = None


class ConsultationDite(_Dit):
    """A consultation; one without lots is attributed (or not) as a whole."""

    reference: Annotated[str, _text(40), _Ligne]
    organisme: Mot
    acheteur: Siret | None = None
    objet: Phrase
    statut: StatutPlace
    identifiantExterne: IdentifiantExterne | None = None
    dateMiseEnLigne: Jour | None = None
    dateLimiteRemisePlis: Jour | None = None
    dateOuverturePlis: Jour | None = None
    nombreOffres: Nombre
    offresHorsDelai: Nombre | None = None
    motif: Phrase | None = None
    dateModification: Annotated[datetime, BeforeValidator(_instant)]
    canal: Annotated[str, _text(20)]
    attribution: AttributionDite | None = None
    lots: Annotated[tuple[LotDit, ...], Field(max_length=999)]

    def uids(self) -> frozenset[str]:
        """Identifiers of the hub that PLACE kept, of the consultation and of its lots."""
        kept = (self.identifiantExterne, *(lot.identifiantExterne for lot in self.lots))
        return frozenset(one for one in kept if one is not None)


class ContratDit(_Dit):
    """Main data of a notified contract; ``numeros`` are the ways its number can be read, the most literal first."""

    id: Mot
    numeros: Annotated[tuple[Mot, ...], Field(min_length=1, max_length=10)]
    acheteur: Annotated[str, _text(30), _Ligne]
    uid: Valeur | None = None
    nature: Valeur | None = None
    objet: Annotated[str, _text(5000), _Ligne] | None = None
    codeCPV: Valeur | None = None
    procedure: Valeur | None = None
    dureeMois: Valeur | None = None
    dateNotification: Valeur | None = None
    datePublicationDonnees: Valeur | None = None
    montant: Valeur | None = None
    formePrix: Valeur | None = None
    offresRecues: Valeur | None = None
    titulaires: tuple[TitulaireDit, ...]
    modifications: Nombre

    def notification(self) -> date | None:
        """Day of its notification, when it can be read."""
        return jour(self.dateNotification)


class ReleveDit(_Dit):
    """A document of essential data, and the month or year it covers when it was asked for one."""

    document: Annotated[str, _text(200), _Ligne]
    canal: Annotated[str, _text(20)]
    periode: Periode | None = None
    marches: tuple[ContratDit, ...]


def lire(model: type[_M], data: Mapping[str, Any]) -> _M:
    """What PLACE says.

    Raises:
        RuleBroken: another form (``MAR-PLACE-FORME``).
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults = " ; ".join(
            f"« {'.'.join(str(step) for step in one['loc'])} » : {_words(one['type'])}"
            for one in error.errors(include_url=False, include_input=False)[:_SHOWN]
        )
        problem = rules.FORME.broken("$", defauts=faults)
        raise RuleBroken(problem.message, [problem]) from error


def _words(kind: str) -> str:
    return {"missing": "obligatoire", "extra_forbidden": "n'est pas prévu"}.get(kind, "valeur mal écrite")


def bornes(periode: str) -> tuple[date, date]:
    """First and last day of a period written "2026-03" or "2026"."""
    year, _, month = periode.partition("-")
    first, last = (int(month), int(month)) if month else (1, 12)
    return date(int(year), first, 1), date(int(year), last, calendar.monthrange(int(year), last)[1])


def jour(text: str | None) -> date | None:
    """A day written AAAA-MM-JJ; ``None`` when it is absent or cannot be read."""
    try:
        return None if text is None or len(text) != 10 else date.fromisoformat(text)
    except ValueError:
        return None
