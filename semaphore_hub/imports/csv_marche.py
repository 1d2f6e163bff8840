"""A marché from its lines of the consolidated CSV: what they carry, then the documented defaults for the rest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from semaphore_hub.imports import rules
from semaphore_hub.imports.defaults import completed
from semaphore_hub.imports.report import Completed, Reason
from semaphore_hub.kernel.errors import Problem
from semaphore_hub.modules.referentiel.cles import defaut_identifiant
from semaphore_hub.modules.referentiel.codes import (
    Ccag,
    ConsiderationEnvironnementale,
    ConsiderationSociale,
    FormePrix,
    ModaliteExecution,
    Nature,
    Procedure,
    Technique,
    TypeCodeLieu,
    TypeGroupement,
    TypeIdentifiant,
    TypePrix,
)

_ALWAYS: dict[str, Any] = {
    "nature": Nature.MARCHE.value,
    "techniques": [Technique.SANS_OBJET.value],
    "modalitesExecution": [ModaliteExecution.SANS_OBJET.value],
    "marcheInnovant": False,
    "ccag": Ccag.AUCUN.value,
    "attributionAvance": False,
    "sousTraitanceDeclaree": False,
    "typesPrix": [TypePrix.FERME.value],
    "formePrix": FormePrix.MIXTE.value,
    "considerationsSociales": [ConsiderationSociale.AUCUNE.value],
    "considerationsEnvironnementales": [ConsiderationEnvironnementale.AUCUNE.value],
}
"""Fields no line carries, with the same value for every marché."""

# Prefixes of VAT numbers of the Member States (Greece writes EL); the rest of the world is HORS-UE.
_EU = re.compile("AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK")
_FRWF = re.compile(r"FRWF[A-Za-z0-9]{14}")


def marche_of(
    rows: Sequence[dict[str, str]], lines: Sequence[int]
) -> tuple[dict[str, Any], tuple[Completed, ...], tuple[Reason, ...]]:
    """The marché in the neutral form, what was completed, and what prevents it from being taken over.

    Args:
        rows: its lines, which agree on everything but the holder.
        lines: their numbers in the file.
    """
    row = rows[0]
    problems: list[Problem] = []
    done: list[Completed] = []
    data: dict[str, Any] = {"id": row["id"], "acheteur": {"id": row["acheteur_id"]}}
    for name in ("codeCPV", "procedure"):
        data[name] = row.get(name, "")
        if not data[name]:
            problems.append(rules.ABSENT.broken(f"colonne {name}", champ=name))
    if data["procedure"] and data["procedure"] not in set(Procedure):
        choices = " · ".join(Procedure)
        problems.append(
            rules.VALEUR.broken("colonne procedure", valeur=data["procedure"], champ="procedure", attendu=choices)
        )
    data["montant"] = Decimal(row["montant"])
    data["dateNotification"] = row["dateNotification"]
    data["dureeMois"] = _duration(row.get("dureeMois", ""), problems)
    data["offresRecues"] = _offers(row.get("offresRecues", ""), problems, done)
    data["titulaires"] = _holders(rows, problems, done)
    data["lieuExecution"] = _place(row, problems, done)
    data["objet"] = _words_for_object(row.get("type", ""))
    data["datePublicationDonnees"] = row["dateNotification"]
    grouped = len(data["titulaires"]) > 1
    data["typeGroupementOperateurs"] = (TypeGroupement.CONJOINT if grouped else TypeGroupement.AUCUN).value
    data |= _ALWAYS
    for name in ("objet", "datePublicationDonnees", "typeGroupementOperateurs", *_ALWAYS):
        done.append(completed(name, _shown(data[name])))
    reasons = tuple(Reason(item.rule, item.path, lines[0], item.message) for item in problems)
    return data, tuple(done), reasons


def _duration(text: str, problems: list[Problem]) -> int | None:
    if not text:
        problems.append(rules.ABSENT.broken("colonne dureeMois", champ="dureeMois"))
        return None
    if int(text) < 1:
        problems.append(rules.DUREE.broken("colonne dureeMois", valeur=text))
    return int(text)


def _offers(text: str, problems: list[Problem], done: list[Completed]) -> int:
    if not text:
        done.append(completed("offresRecues", 1))
        return 1
    if int(text) < 1:
        problems.append(rules.OFFRES.broken("colonne offresRecues", valeur=text))
    return int(text)


def _holders(rows: Sequence[dict[str, str]], problems: list[Problem], done: list[Completed]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for number in dict.fromkeys(row.get("titulaire_id", "") for row in rows):
        if not number:
            problems.append(rules.ABSENT.broken("colonne titulaire_id", champ="titulaire_id"))
            continue
        kind = type_of(number)
        if kind is None:
            problems.append(rules.TITULAIRE_TYPE.broken("colonne titulaire_id", id=number))
            continue
        done.append(completed(f"titulaires[{len(found)}].typeIdentifiant", kind.value))
        found.append({"typeIdentifiant": kind.value, "id": number})
    return found


def type_of(number: str) -> TypeIdentifiant | None:
    """The type of identifier that a text has the form of; ``None`` when no type is sure."""
    if re.fullmatch("[0-9]{14}", number):
        return TypeIdentifiant.SIRET
    if _FRWF.fullmatch(number):
        return TypeIdentifiant.FRWF
    kind = TypeIdentifiant.TVA if _EU.match(number) else TypeIdentifiant.HORS_UE
    return kind if defaut_identifiant(kind, number) is None else None


def _place(row: dict[str, str], problems: list[Problem], done: list[Completed]) -> dict[str, str] | None:
    for column, kind in (
        ("acheteur_departement_code", TypeCodeLieu.DEPARTEMENT),
        ("acheteur_region_code", TypeCodeLieu.REGION),
    ):
        code = row.get(column, "")
        if code:
            done.append(completed("lieuExecution", f"{kind} {code}"))
            return {"code": code, "typeCode": kind.value}
    problems.append(rules.ABSENT.broken("colonne acheteur_departement_code", champ="acheteur_departement_code"))
    return None


def _words_for_object(kind: str) -> str:
    return (
        f"{kind} (objet non repris par la source consolidée)" if kind else "Objet non repris par la source consolidée"
    )


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    return ", ".join(value) if isinstance(value, list) else str(value)
