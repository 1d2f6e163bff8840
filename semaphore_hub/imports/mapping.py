"""From the neutral form of a DECP marché to what the module of marchés imports: checks, holders, complements."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError

from semaphore_hub.imports import rules
from semaphore_hub.imports.amendments import amendments, subcontracting
from semaphore_hub.imports.defaults import URL_PROFIL, completed
from semaphore_hub.imports.draft import Draft, amount_of, cleaned, whole
from semaphore_hub.imports.report import Completed
from semaphore_hub.imports.source import SourceRecord
from semaphore_hub.kernel.errors import Problem, RuleBroken
from semaphore_hub.modules.marches.checks import ACCORD_CADRE_MAX_MONTHS
from semaphore_hub.modules.marches.deduction import id_contrat
from semaphore_hub.modules.marches.schemas import MarcheImporte
from semaphore_hub.modules.referentiel.codes import (
    Ccag,
    FormePrix,
    Reconductibilite,
    Technique,
    TypeGroupement,
    TypeIdentifiant,
)
from semaphore_hub.modules.referentiel.rules import refuse

_NOT_ALPHANUMERIC = re.compile("[^A-Za-z0-9]")
_SIRET = re.compile("[0-9]{14}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# An identifier of the former format (arrêté of 22/03/2019): year, 1 to 10 characters, two digits for the amendment.
_FORMER_ID = re.compile(r"(20[0-9]{2}[A-Za-z0-9]{1,10})[0-9]{2}")
_EXPECTED = {
    "id": "1 à 16 lettres sans accent, chiffres, espaces (pas aux bords) et / - _ . #",
    "objet": "1 à 1000 caractères",
    "codeCPV": "8 chiffres, suivis ou non de la clé « -N »",
    "dureeMois": "1 à 999 mois",
    "offresRecues": "1 à 9999",
    "code": "1 à 5 lettres ou chiffres",
    "titulaires": "1 à 100 titulaires, d'identifiants de 9 à 80 lettres ou chiffres",
}
_DATE_EXPECTED = "une date réelle AAAA-MM-JJ, sans heure"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A marché ready to be imported, with what was completed and what deserves a look."""

    marche: MarcheImporte
    completed: tuple[Completed, ...]
    warnings: tuple[str, ...]


def prepare(record: SourceRecord) -> Prepared:
    """The marché of a record whose form is right.

    Raises:
        RuleBroken: a value cannot be taken over (amount with three decimals, wrong SIRET…); all of them are reported.
    """
    assert record.data is not None
    source = record.data
    draft = Draft(dict(source), record.beyond, list(record.completed))
    _clean(draft)
    draft.data["montant"] = amount_of(source["montant"], "$.montant", draft.problems)
    for name in ("dureeMois", "offresRecues"):
        draft.data[name] = whole(source[name])
    _check_dates(draft)
    _holders(draft)
    amendments(draft)
    subcontracting(draft)
    draft.data["complements"] = _complements(draft)
    refuse(draft.problems)
    try:
        marche = MarcheImporte.model_validate(draft.data)
    except ValidationError as error:
        problems = [_said(item) for item in error.errors(include_url=False)]
        raise RuleBroken(problems[0].message, problems) from error
    return Prepared(marche, tuple(draft.completed), (*record.warnings, *draft.warnings))


def _clean(draft: Draft) -> None:
    given = draft.data["objet"]
    draft.data["objet"] = cleaned(given)
    if draft.data["objet"] != given:
        draft.warnings.append(rules.say(rules.TEXTE, champ="objet"))
    if not draft.data["objet"]:
        draft.problems.append(rules.ABSENT.broken("$.objet", champ="objet"))


def _check_dates(draft: Draft) -> None:
    """The JSON pattern of the official format lets an hour or a 45th of the month through."""
    dated = [("$", draft.data, name) for name in ("dateNotification", "datePublicationDonnees")]
    for rank, amendment in enumerate(draft.data.get("modifications", ())):
        for name in ("dateNotificationModification", "datePublicationDonneesModification"):
            dated.append((f"$.modifications[{rank}]", amendment, name))
    for place, holder, name in dated:
        if not _is_day(holder[name]):
            draft.problems.append(
                rules.VALEUR.broken(f"{place}.{name}", valeur=holder[name], champ=name, attendu=_DATE_EXPECTED)
            )


def _is_day(text: str) -> bool:
    try:
        return _DAY.fullmatch(text) is not None and date.fromisoformat(text) is not None
    except ValueError:
        return False


def _holders(draft: Draft) -> None:
    grouped = draft.data["typeGroupementOperateurs"] != TypeGroupement.AUCUN
    holders = []
    for rank, holder in enumerate(draft.data["titulaires"]):
        number = holder["id"]
        if holder["typeIdentifiant"] == TypeIdentifiant.SIRET and not _SIRET.fullmatch(number):
            draft.problems.append(rules.SIRET.broken(f"$.titulaires[{rank}].id", id=number))
        said = draft.beyond.holders.get((holder["typeIdentifiant"], number), {})
        role = said.get("role", "co-traitant" if grouped and rank else "titulaire")
        if grouped and "role" not in said:
            draft.completed.append(completed(f"titulaires[{rank}].role", role))
        holders.append({"typeIdentifiant": holder["typeIdentifiant"], "id": number, **said, "role": role})
    draft.data["titulaires"] = holders


def _complements(draft: Draft) -> dict[str, Any]:
    data = draft.data
    framework = Technique.ACCORD_CADRE in data["techniques"]
    place = data["lieuExecution"]
    values: dict[str, Any] = {
        "urlProfilAcheteur": URL_PROFIL,
        "montantEstimatif": framework or data["formePrix"] != FormePrix.FORFAITAIRE,
        "reconductibilite": Reconductibilite.NON.value,
        "penalite": data["ccag"] != Ccag.AUCUN,
        "nomLieuExecution": f"{place['typeCode']} {place['code']}"[:50],
    }
    contract = _contract_number(data)
    if contract is not None:
        values["idContrat"] = contract
    if data.get("idAccordCadre") is not None:
        values["siretPAAccordCadre"] = data["acheteur"]["id"]
    given = draft.beyond.complements
    draft.completed += [
        completed(f"complements.{name}", _shown(value)) for name, value in values.items() if name not in given
    ]
    values |= given
    changed = [item.get("dureeMois") or 0 for item in data["modifications"]]
    longest = max(data["dureeMois"], values.get("dureeMaximaleMois", 0), *changed)
    if framework and longest > ACCORD_CADRE_MAX_MONTHS:
        data["justificationDuree"] = "Justification non reprise par la source importée"
        draft.completed.append(completed("justificationDuree", data["justificationDuree"]))
    return values


def _contract_number(data: Mapping[str, Any]) -> str | None:
    """An ``IdContrat`` for a number from which none is deduced; ``None`` when the module deduces one."""
    if not _is_day(data["dateNotification"]):
        return None
    year = int(data["dateNotification"][:4])
    if id_contrat(data["id"], year) is not None:
        return None
    compact = _NOT_ALPHANUMERIC.sub("", data["id"])
    former = _FORMER_ID.fullmatch(compact)
    if former is not None and compact.startswith(str(year)):
        return former[1]
    return f"{year}{compact[-10:]}" if compact else None


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    return str(value)


def _said(error: Mapping[str, Any]) -> Problem:
    """A value of the wrong form, in French."""
    steps = error["loc"]
    path = "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    names = [step for step in steps if isinstance(step, str)]
    expected = _EXPECTED.get(names[-1]) if names[0] != "titulaires" else _EXPECTED["titulaires"]
    if expected is None:
        expected = f"forme refusée ({error['type']})"
    return rules.VALEUR.broken(path, valeur=str(error["input"])[:80], champ=names[-1], attendu=expected)
