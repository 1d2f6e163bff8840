"""The envelope of a flow and the lines of the référentiel, as the common GEF model writes them in JSON (hypothèse)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BeforeValidator, Field, StrictBool, StringConstraints, TypeAdapter
from pydantic_core import PydanticCustomError

from semaphore_hub.modules.referentiel.champs import LIGNE_PATTERN, Entier, Entree
from semaphore_hub.modules.referentiel.codes import TypeIdentifiant
from semaphore_hub.modules.referentiel.schemas import Finess, IdentifiantTiers

_INSTANT: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)


def _instant(value: Any) -> Any:
    if not isinstance(value, str):
        raise PydanticCustomError("instant", "un instant s'écrit AAAA-MM-JJThh:mm:ssZ")
    try:
        return _INSTANT.validate_python(value)
    except ValueError:
        raise PydanticCustomError("instant", "un instant s'écrit AAAA-MM-JJThh:mm:ssZ") from None


Rang = Annotated[int, Field(strict=True, ge=1, le=9_999_999), Entier]
Exercice = Annotated[int, Field(strict=True, ge=2000, le=2100), Entier]
CodeUF = Annotated[str, Field(max_length=20, pattern=LIGNE_PATTERN)]
Compte = Annotated[str, Field(max_length=20, pattern=LIGNE_PATTERN)]
Libelle = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=LIGNE_PATTERN)]
_Groupe = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100, pattern=LIGNE_PATTERN)]
_Denomination = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=LIGNE_PATTERN)]


class Enveloppe(Entree):
    """What every flow says of itself; ``lignes`` are read one by one, so that a bad one leaves the others."""

    typeFlux: Literal["structures", "comptes", "fournisseurs", "commandes", "receptions", "mandats"]
    version: Literal["1"]
    idFlux: Annotated[str, Field(max_length=100, pattern=LIGNE_PATTERN)]
    emisLe: Annotated[datetime, BeforeValidator(_instant)]
    etablissement: Finess
    mode: Literal["complet", "delta"]
    nombreLignes: Annotated[int, Field(strict=True, ge=0), Entier]
    lignes: tuple[Any, ...]


class Ligne(Entree):
    """What every line has: its rank in the flow."""

    ligne: Rang


class LigneStructure(Ligne):
    """A functional unit (UF)."""

    codeUF: CodeUF
    libelle: Libelle
    finessJuridique: Finess
    finessGeographique: Finess | None = None
    pole: _Groupe | None = None
    centreResponsabilite: _Groupe | None = None
    actif: StrictBool


class LigneCompte(Ligne):
    """An account. The letters of budgets are those of the M21 (annexes: hypothèse)."""

    exercice: Exercice
    budget: Literal["H", "A", "B", "E", "J", "L", "M", "N", "P", "S", "G"]
    compte: Compte
    libelle: Libelle
    ouvert: StrictBool


class LigneFournisseur(Ligne):
    """A third party; no bank account, ever: a line that has one is refused."""

    codeTiers: Annotated[str, Field(max_length=40, pattern=LIGNE_PATTERN)]
    typeIdentifiant: TypeIdentifiant
    id: IdentifiantTiers
    denominationSociale: _Denomination
    actif: StrictBool
