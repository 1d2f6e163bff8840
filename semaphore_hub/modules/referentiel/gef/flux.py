"""Receives a flow of a GEF: reads its envelope, then its lines one by one, and keeps what became of each.

A bad line is refused and the others take effect; only an envelope that cannot be read is an error, since nobody could
then be answered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, Literal, TypeVar

from pydantic import ValidationError
from sqlalchemy import Connection, select

from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import Problem, RuleBroken
from semaphore_hub.modules.referentiel.gef import rules
from semaphore_hub.modules.referentiel.gef.lignes import Enveloppe, Ligne
from semaphore_hub.modules.referentiel.lookups import EtablissementConnu, etablissements_named
from semaphore_hub.modules.referentiel.models import Etablissement
from semaphore_hub.ports.payloads import FluxTraitePayload, LigneDeFlux

L = TypeVar("L", bound=Ligne)
_etablissement = table_of(Etablissement)
_LIBELLE, _SHOWN = 500, 5
_OWN_WORDS = frozenset({"jour", "instant", "nombre", "montant", "value_error"})
"""Kinds of errors whose sentence is ours, and French."""


@dataclass
class Flux(Generic[L]):
    """A flow being worked through.

    Attributes:
        enveloppe: what it says of itself.
        partenaire: id of the partner that sent it.
        etablissement: the legal entity it is about.
        lignes: the lines that could be read, in order.
    """

    enveloppe: Enveloppe
    partenaire: str
    etablissement: EtablissementConnu
    lignes: Sequence[L]
    _reponses: dict[int, LigneDeFlux] = field(default_factory=dict)
    _copies: dict[int, int] = field(default_factory=dict)

    @property
    def siret(self) -> str:
        """The legal entity it is about."""
        return self.etablissement.siret

    @property
    def jour(self) -> date:
        """The day it was sent: from when what it says holds."""
        return self.enveloppe.emisLe.date()

    def accepter(self, ligne: L, remarque: Problem | None = None) -> None:
        """The line took effect (or had none to take), with something to say about it, or nothing."""
        self._reponses[ligne.ligne] = _answer(ligne.ligne, "accepte", remarque)

    def rejeter(self, ligne: L, problems: Sequence[Problem]) -> None:
        """The line has no effect: the first problem is its code, the sentences of all are its text."""
        text = " ".join(dict.fromkeys(problem.message for problem in problems))
        self._reponses[ligne.ligne] = _answer(ligne.ligne, "rejete", Problem("$", problems[0].rule, text))

    def uniques(self, cle: Callable[[L], tuple[object, ...]]) -> list[L]:
        """The lines, each key once: the same said again is answered as the first, a contradiction is refused."""
        first: dict[tuple[object, ...], L] = {}
        for ligne in self.lignes:
            key = cle(ligne)
            known = first.setdefault(key, ligne)
            if known is ligne:
                continue
            if known.model_copy(update={"ligne": ligne.ligne}) == ligne:
                self._copies[ligne.ligne] = known.ligne
            else:
                words = "/".join(str(part) for part in key)
                self.rejeter(ligne, [rules.DOUBLON.broken("$", ligne=known.ligne, cle=words)])
        return list(first.values())

    def reponses(self) -> list[LigneDeFlux]:
        """What became of each line read."""
        copies = [self._reponses[known].model_copy(update={"ligne": ligne}) for ligne, known in self._copies.items()]
        return [*self._reponses.values(), *copies]


def traiter(
    unit: UnitOfWork,
    brut: Mapping[str, Any],
    partenaire: str,
    siret: str | None,
    *,
    modele: type[L],
    jour: date,
    appliquer: Callable[[UnitOfWork, Flux[L]], None],
) -> FluxTraitePayload:
    """Read a flow and apply its good lines, in the caller's transaction.

    Args:
        unit: the transaction.
        brut: the flow, in the JSON of the common model.
        partenaire: id of the partner that sent it.
        siret: the establishment this partner serves; ``None`` when it serves several.
        modele: form of its lines.
        jour: the business day, on which the establishment's GHT is looked up.
        appliquer: answers every line of ``flux.lignes``.

    Returns:
        What became of each line; the flow is "partiel" when some were refused, "rejete" when all were.

    Raises:
        RuleBroken: the envelope cannot be read (``FLU-FORME``): there is no flow to answer.
    """
    try:
        enveloppe = Enveloppe.model_validate(brut)
    except ValidationError as error:
        problem = rules.FORME.broken("$", defauts=_faults(error))
        raise RuleBroken(problem.message, [problem]) from error
    etablissement = _establishment(unit.connection, enveloppe.etablissement, siret, jour)
    refusal: Problem | None = None
    if etablissement is None:
        refusal = rules.ETABLISSEMENT.broken("$.etablissement", finess=enveloppe.etablissement)
    elif enveloppe.nombreLignes != len(enveloppe.lignes):
        refusal = rules.NOMBRE.broken("$.nombreLignes", annonce=enveloppe.nombreLignes, recu=len(enveloppe.lignes))
    if refusal is not None or etablissement is None:
        numbers = (_number(one, rank) for rank, one in enumerate(enveloppe.lignes, 1))
        return _payload(enveloppe, partenaire, [_answer(one, "rejete", refusal) for one in numbers], refused=True)
    lignes, unread = _read(enveloppe.lignes, modele)
    flux = Flux(enveloppe, partenaire, etablissement, lignes)
    appliquer(unit, flux)
    return _payload(enveloppe, partenaire, [*unread, *flux.reponses()])


def _establishment(connection: Connection, finess: str, siret: str | None, jour: date) -> EtablissementConnu | None:
    """The one establishment of this FINESS juridique; among several, the one the partner serves.

    Its row is locked, so that two flows of one establishment follow each other; rows that refer to it can still be
    written meanwhile.
    """
    statement = select(_etablissement.c.siret).where(_etablissement.c.finess_juridique == finess)
    if siret is not None:
        statement = statement.where(_etablissement.c.siret == siret)
    found = connection.scalars(statement.limit(2).with_for_update(key_share=True)).all()
    return etablissements_named(connection, found, jour)[found[0]] if len(found) == 1 else None


def _read(brutes: Sequence[Any], modele: type[L]) -> tuple[list[L], list[LigneDeFlux]]:
    """The lines of the right form, and the refusal of each other one."""
    lines: list[L] = []
    refused: list[LigneDeFlux] = []
    taken: set[int] = set()
    for rank, brute in enumerate(brutes, 1):
        faults = None
        try:
            line = modele.model_validate(brute)
            if line.ligne in taken:
                faults = f"le numéro de ligne {line.ligne} est déjà pris"
            else:
                taken.add(line.ligne)
                lines.append(line)
        except ValidationError as error:
            faults = _faults(error)
        if faults is not None:
            refused.append(_answer(_number(brute, rank), "rejete", rules.FORME.broken("$", defauts=faults)))
    return lines, refused


def _number(brute: Any, rank: int) -> int:
    """The number a line gives itself, else its rank."""
    given = brute.get("ligne") if isinstance(brute, Mapping) else None
    return given if isinstance(given, int) and not isinstance(given, bool) and given >= 1 else rank


def _faults(error: ValidationError) -> str:
    return " ; ".join(_fault(one) for one in error.errors(include_url=False, include_input=False)[:_SHOWN])


def _fault(error: Mapping[str, Any]) -> str:
    place = ".".join(str(step) for step in error["loc"]) or "la ligne"
    match error["type"]:
        case "missing":
            words = "obligatoire"
        case "extra_forbidden":
            words = "n'est pas prévu"
        case kind if kind in _OWN_WORDS:
            words = str(error["msg"]).removeprefix("Value error, ")
        case _:
            words = "valeur mal écrite ou hors de la liste"
    return f"« {place} » : {words}"


def _answer(ligne: int, statut: Literal["accepte", "rejete"], remarque: Problem | None) -> LigneDeFlux:
    if remarque is None:
        return LigneDeFlux(ligne=ligne, statut=statut)
    return LigneDeFlux(ligne=ligne, statut=statut, code=remarque.rule, libelle=remarque.message[:_LIBELLE])


def _payload(
    enveloppe: Enveloppe, partenaire: str, lignes: Sequence[LigneDeFlux], *, refused: bool = False
) -> FluxTraitePayload:
    statuses = {one.statut for one in lignes}
    verdict: Literal["accepte", "rejete", "partiel"] = "accepte"
    if refused or statuses == {"rejete"}:
        verdict = "rejete"
    elif "rejete" in statuses:
        verdict = "partiel"
    return FluxTraitePayload(
        destinataire=partenaire,
        idFlux=enveloppe.idFlux,
        typeFlux=enveloppe.typeFlux,
        verdict=verdict,
        lignes=tuple(sorted(lignes, key=lambda one: one.ligne)),
    )
