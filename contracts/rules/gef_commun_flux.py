"""Rules of the common GEF flux and comptes rendus (assumed), on the decoded JSON document.

As in :mod:`.gef_commun`: the XML and CSV contracts apply the same functions, and nothing raises on a wrong shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from contracts.report import Violation
from contracts.rules.gef_commun import misnumbered, repeated
from contracts.rules.gef_commun_lecture import Part, Pointer, has_wrong_finess_key, is_odd_account, items, number

BUDGETS = "ABEGHJLMNPS"
"""Letters of the M21 budgets (hypothèse; H is the main budget)."""
_CENT = Decimal("0.01")
_KEYS: Mapping[str, tuple[str, ...]] = {
    "structures": ("codeUF",),
    "comptes": ("exercice", "budget", "compte"),
    "fournisseurs": ("codeTiers",),
    "commandes": ("numeroCommande", "ligneCommande"),
    "receptions": ("numeroReception", "ligneReception"),
    "mandats": ("exercice", "numeroMandat", "ligneMandat"),
}
_STATUTS = frozenset({"accepte", "rejete", "en_attente"})
_VERDICTS = _STATUTS | {"partiel"}
# A chart of accounts holds every class: only what is bought is looked at.
_CHARGED = ("commandes", "mandats")


def finess(document: Any) -> Iterator[Violation]:
    """Every FINESS of a flux has a right key."""
    if has_wrong_finess_key(value := document.get("etablissement") if type(document) is dict else None):
        yield Violation(("etablissement",), detail=f"« {value} »")
    for pointer, line in _lines(document, "structures"):
        for name in ("finessJuridique", "finessGeographique"):
            if has_wrong_finess_key(value := line.get(name)):
                yield Violation((*pointer, name), detail=f"« {value} »")


def numeros_de_ligne(document: Any) -> Iterator[Violation]:
    """Lines are numbered 1, 2, 3… and are as many as announced."""
    lines = items(document, "lignes")
    count = document.get("nombreLignes") if type(document) is dict else None
    if type(count) is int and count != len(lines):
        yield Violation(("nombreLignes",), detail=f"{count} annoncées, {len(lines)} présentes")
    yield from misnumbered(("lignes",), lines)


def doublons(document: Any) -> Iterator[Violation]:
    """A unit, an account, a supplier or a line of a document is said once in a flux."""
    yield from repeated(keyed(document))


def keyed(document: Any) -> Iterator[tuple[Pointer, tuple[str, ...]]]:
    """The lines of a flux, each with its key."""
    names = _KEYS.get(_kind(document), ())
    for index, line in enumerate(items(document, "lignes")) if names else ():
        if all(name in line for name in names):
            yield ("lignes", index), tuple(str(line[name]) for name in names)


def comptes(document: Any) -> Iterator[Violation]:
    """The M21 account of an order or of a mandat is of class 2 or 6."""
    for pointer, line in _lines(document, *_CHARGED):
        if is_odd_account(value := line.get("compte")):
            yield Violation((*pointer, "compte"), detail=f"« {value} »")


def budgets(document: Any) -> Iterator[Violation]:
    """The letter of a budget is one of the M21."""
    for pointer, line in _lines(document, "comptes"):
        value = line.get("budget")
        if isinstance(value, str) and len(value) == 1 and value not in BUDGETS:
            yield Violation((*pointer, "budget"), detail=f"« {value} »")


def prix_par_quantite(document: Any) -> Iterator[Violation]:
    """Quantity × unit price is the amount of an order line, to one cent."""
    for pointer, line in _lines(document, "commandes"):
        quantity, price, amount = (number(line.get(name)) for name in ("quantite", "prixUnitaireHT", "montantHT"))
        if quantity is None or price is None or amount is None:
            continue
        if abs(quantity * price - amount) > _CENT:
            yield Violation((*pointer, "montantHT"), detail=f"{quantity} × {price}, montant {amount}")


def ttc(document: Any) -> Iterator[Violation]:
    """HT + TVA is the TTC amount of a mandat line, to one cent."""
    for pointer, line in _lines(document, "mandats"):
        bare, tax, full = (number(line.get(name)) for name in ("montantHT", "montantTVA", "montantTTC"))
        if bare is not None and tax is not None and full is not None and abs(bare + tax - full) > _CENT:
            yield Violation((*pointer, "montantTTC"), detail=f"{bare} + {tax}, TTC {full}")


def exercices(document: Any) -> Iterator[Violation]:
    """The exercice of a mandat is the year of its date, or the year before (journée complémentaire)."""
    for pointer, line in _lines(document, "mandats"):
        year, day = line.get("exercice"), line.get("date")
        if type(year) is int and isinstance(day, str) and day[:4].isdigit() and int(day[:4]) - year not in (0, 1):
            yield Violation((*pointer, "exercice"), detail=f"exercice {year}, mandat du {day}")


def verdict(document: Any) -> Iterable[Violation]:
    """One line waits: en_attente; all accepted: accepte; all refused: rejete; some of each: partiel.

    Without any line the verdict stands alone, but partiel says that there are some.
    """
    said = document.get("verdict") if type(document) is dict else None
    states = {str(line.get("statut")) for line in items(document, "lignes")}
    known = isinstance(said, str) and said in _VERDICTS and states <= _STATUTS
    if not known or said == expected_verdict(states) or (not states and said != "partiel"):
        return ()
    detail = f"verdict {said}, {'lignes ' + ' et '.join(sorted(states)) if states else 'aucune ligne'}"
    return (Violation(("verdict",), detail=detail),)


def expected_verdict(states: set[str]) -> str | None:
    """The verdict that the states of the lines make, None when there is no line."""
    if "en_attente" in states:
        return "en_attente"
    return "partiel" if len(states) > 1 else next(iter(states), None)


def motif_de_rejet(document: Any) -> Iterable[Violation]:
    """What is refused says why, by a code: each refused line, or the whole when no line is answered."""
    whole = type(document) is dict and document.get("verdict") == "rejete" and not document.get("lignes")
    if whole and not document.get("motif"):
        return (Violation(("verdict",), detail="l'ensemble"),)
    return _untold(document)


def _untold(document: Any) -> Iterator[Violation]:
    for index, line in enumerate(items(document, "lignes")):
        if line.get("statut") == "rejete" and not line.get("code"):
            yield Violation(("lignes", index), detail=f"la ligne {line.get('ligne')}")


def _kind(document: Any) -> str:
    return str(document.get("typeFlux")) if type(document) is dict else ""


def _lines(document: Any, *kinds: str) -> Iterator[tuple[Pointer, Part]]:
    """The lines of a flux of one of these types."""
    if _kind(document) in kinds:
        for index, line in enumerate(items(document, "lignes")):
            yield ("lignes", index), line
