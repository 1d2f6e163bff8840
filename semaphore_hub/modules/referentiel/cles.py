"""Check digits and forms of identifiers: SIRET, FINESS, IBAN, and the foreign identifiers of the DECP."""

from __future__ import annotations

import re

from stdnum import iban as _iban
from stdnum import luhn
from stdnum.fr import siret as _siret
from stdnum.fr import tva as _tva

from semaphore_hub.modules.referentiel.codes import TypeIdentifiant

# Source: controls applied by the DAJ after the schema (nettoyage.py of decp-arr2022) and rejection rules of the PES.
_FORMS: dict[TypeIdentifiant, tuple[re.Pattern[str], str]] = {
    TypeIdentifiant.TAHITI: (re.compile(r"[A-Za-z0-9]{9}"), "9 caractères"),
    TypeIdentifiant.RIDET: (re.compile(r"[A-Za-z0-9]{9,10}"), "9 ou 10 caractères"),
    TypeIdentifiant.FRWF: (re.compile(r"FRWF[A-Za-z0-9]{14}"), "FRWF suivi de 14 caractères"),
    TypeIdentifiant.IREP: (re.compile(r"[0-9]{5}[A-Za-z0-9]{4,75}"), "5 chiffres puis 4 à 75 caractères"),
    TypeIdentifiant.HORS_UE: (re.compile(r"[A-Z]{2}[A-Za-z0-9]{7,16}"), "code du pays puis 7 à 16 caractères"),
}


def siret_valide(siret: str) -> bool:
    """Whether the key of a SIRET is right (Luhn; digits' sum for La Poste, which the national register excepts)."""
    return len(siret) == 14 and bool(_siret.is_valid(siret))


def finess_valide(finess: str) -> bool:
    """Whether the key of a FINESS is right: Luhn; Corsican numbers (2A, 2B) have letters and are taken as they are."""
    return not finess.isdigit() or bool(luhn.is_valid(finess))


def iban_valide(iban: str) -> bool:
    """Whether the key of an IBAN is right (mod 97) and its form is that of its country."""
    return bool(_iban.is_valid(iban))


def defaut_identifiant(kind: TypeIdentifiant, number: str) -> str | None:
    """What is wrong with an operator's identifier, in French; ``None`` when nothing is."""
    if kind is TypeIdentifiant.SIRET:
        if not re.fullmatch("[0-9]{14}", number):
            return "un SIRET a 14 chiffres"
        return None if siret_valide(number) else "la clé de contrôle du SIRET est fausse"
    if kind is TypeIdentifiant.TVA:
        if not re.fullmatch("[A-Z]{2}[A-Z0-9]{7,14}", number):
            return "un numéro de TVA commence par le code du pays et a de 9 à 16 caractères"
        if number.startswith("FR") and not _tva.is_valid(number):
            return "la clé de contrôle du numéro de TVA est fausse"
        return None
    form, words = _FORMS[kind]
    return None if form.fullmatch(number) else f"la forme attendue est : {words}"
