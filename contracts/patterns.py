"""Says the usual patterns of our schemas in words: a hospital user reads « 14 chiffres », not a regular expression."""

from __future__ import annotations

import re

_KNOWN = {
    "(0|[1-9][0-9]{0,11})([.,][0-9]{1,2})?": "un montant, deux décimales au plus, sans espace",
    "-?(0|[1-9][0-9]{0,11})([.,][0-9]{1,2})?": "un montant, négatif ou non, deux décimales au plus, sans espace",
    "(0|[1-9][0-9]{0,11})([.,][0-9]{1,6})?": "un prix, six décimales au plus, sans espace",
    "(0|[1-9][0-9]{0,11})(\\.[0-9]{1,6})?": "un prix avec point décimal, six décimales au plus",
    "-?(0|[1-9][0-9]{0,8})([.,][0-9]{1,3})?": "une quantité, trois décimales au plus",
    "-?(0|[1-9][0-9]{0,8})(\\.[0-9]{1,3})?": "une quantité avec point décimal, trois décimales au plus",
    "(0|[1-9][0-9]?)([.,][0-9]{1,2})?": "un taux en pourcentage, deux décimales au plus",
    "(0|[1-9][0-9]?)(\\.[0-9]{1,2})?": "un taux en pourcentage avec point décimal, deux décimales au plus",
    '[^ \\t\\n\\r;|"]{1,30}': "un numéro de 30 caractères au plus, sans espace, « ; », « | » ni guillemet",
    "[A-Za-z0-9][A-Za-z0-9._-]{2,99}": "3 à 100 caractères : lettres, chiffres, « . », « _ » ou « - »",
    "[A-Za-z0-9][A-Za-z0-9._\\-]{2,99}": "3 à 100 caractères : lettres, chiffres, « . », « _ » ou « - »",
    "[A-Z][A-Z0-9_]{1,49}": "un code en majuscules, chiffres et « _ »",
    "[A-Za-z0-9]{1,10}": "1 à 10 lettres sans accent ou chiffres",
    "[0-9]{14}(\\|[0-9]{14})*": "des SIRET de 14 chiffres séparés par « | »",
    "[A-Z]": "une lettre majuscule",
    "true|false": "true ou false",
    "[0-9]{8}(-[0-9])?": "8 chiffres, suivis ou non de la clé « -N »",
    "[0-9]{4}-[0-9]{2}-[0-9]{2}": "une date AAAA-MM-JJ",
    "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z": "une date et heure AAAA-MM-JJThh:mm:ssZ",
    "(0[1-9]|1[0-2])-[0-9]{4}": "un mois MM-AAAA",
    "(0|[1-9][0-9]{0,11})(\\.[0-9]{1,2})?": "un montant avec point décimal, sans espace",
    "-?(0|[1-9][0-9]{0,11})(\\.[0-9]{1,2})?": "un montant, négatif ou non, avec point décimal, sans espace",
    "([0-9]{2}|2[AB])[0-9]{7}": "un FINESS de 9 caractères",
    "[A-Z]{2}[0-9]{2}[A-Za-z0-9]+": "un IBAN en majuscules, sans espace",
    "[A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?": "un BIC de 8 ou 11 caractères",
    "[0-9]{6,7}|02[AB][0-9]{3,4}": "un codique de 6 ou 7 caractères",
    "20([0-4][0-9]|50).*": "l'année sur 4 chiffres (2000 à 2050), suivie du numéro",
    "0[1-9]|[1-9][0-9]": "un numéro de 01 à 99",
    "[^. ]|.{3,}|[^n][^c]|[^n]c|n[^c]": "un texte qui n'est ni vide, ni « . », ni « nc »",
    ".*[^0].*": "une valeur qui n'est pas faite que de zéros",
    "[A-Za-z0-9]*": "lettres sans accent et chiffres seulement",
    "[A-Za-z0-9]+": "lettres sans accent et chiffres seulement",
    "[A-Za-z0-9_/]+": "lettres sans accent, chiffres, « _ » et « / » seulement",
    "[0-9]*": "chiffres seulement",
    ".+\\.[A-Za-z0-9]{2,4}": "un nom de fichier avec son extension",
}
_DIGITS = re.compile(r"(?:\[0-9\]|\\d)\{(\d+)(?:,(\d+))?\}")


def describe(pattern: str) -> str:
    """The pattern in French when it is a usual one, else the pattern itself."""
    bare = pattern.removeprefix("^").removesuffix("$")
    if bare.startswith("(") and bare.endswith(")") and bare.count("(") == 1:
        bare = bare[1:-1]
    if bare in _KNOWN:
        return _KNOWN[bare]
    digits = _DIGITS.fullmatch(bare)
    if digits is None:
        return f"({pattern})"
    low, high = digits.group(1), digits.group(2)
    return f"{low} chiffres" if high is None or high == low else f"{low} à {high} chiffres"
