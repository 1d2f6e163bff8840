"""Rules of the common GEF messages (assumed) that their schemas cannot say, on the decoded JSON message.

The XML and CSV contracts apply the same functions through :mod:`.gef_commun_xml` and :mod:`.gef_commun_csv`. A value
that the schema refuses (missing, of another type) is left to it: nothing here raises on one. These run on every message
that a mock receives: a part that is absent costs next to nothing. Sources are in each ``contract.toml``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from contracts.report import Violation
from contracts.rules.gef_commun_lecture import (
    Part,
    Pointer,
    breaks_product_rule,
    has_wrong_finess_key,
    has_wrong_siret_key,
    is_before,
    is_no_siret,
    is_odd_account,
    items,
    part,
    parties,
    shown_day,
)

PARTS = frozenset({"fournisseur", "codes", "marche", "imputations", "modification", "motif", "evenement", "produits"})
"""What a message may hold, beside its header."""
PARTS_OF: Mapping[str, frozenset[str]] = {
    "fournisseur": frozenset({"fournisseur"}),
    "nomenclature": frozenset({"codes"}),
    "marche": frozenset({"marche", "imputations"}),
    "modification": frozenset({"marche", "imputations", "modification"}),
    "correction": frozenset({"marche", "imputations", "motif"}),
    "evenement": frozenset({"marche", "imputations", "evenement"}),
    "produits": frozenset({"produits"}),
}
"""What a message of each type holds: all of it, and nothing else."""


def parties_du_type(document: Any) -> Iterable[Violation]:
    """The type of the message says which parts are required and which have no place in it."""
    kind = document.get("typeMessage") if type(document) is dict else None
    wanted = PARTS_OF.get(kind) if isinstance(kind, str) else None
    if wanted is None or (present := PARTS & document.keys()) == wanted:
        return ()
    absent = [Violation((), detail=f"« {name} » est obligatoire (type {kind})") for name in sorted(wanted - present)]
    extra = sorted(present - wanted)
    return absent + [Violation((name,), detail=f"« {name} » n'a pas lieu d'être (type {kind})") for name in extra]


def sirets(document: Any) -> Iterator[Violation]:
    """Every SIRET (buyer, beneficiaries, suppliers, subcontractors) has a right key."""
    marche = part(document, "marche")
    if marche:
        if has_wrong_siret_key(value := part(marche, "acheteur").get("siret")):
            yield Violation(("marche", "acheteur", "siret"), detail=f"« {value} »")
        for index, one in enumerate(items(marche, "beneficiaires")):
            if has_wrong_siret_key(value := one.get("siret")):
                yield Violation(("marche", "beneficiaires", index, "siret"), detail=f"« {value} »")
    for pointer, one in parties(document):
        if one.get("typeIdentifiant") == "SIRET" and has_wrong_siret_key(value := one.get("id")):
            yield Violation((*pointer, "id"), detail=f"« {value} »")


def tiers(document: Any) -> Iterator[Violation]:
    """An identifier said to be a SIRET has fourteen digits."""
    for pointer, one in parties(document):
        if one.get("typeIdentifiant") == "SIRET" and is_no_siret(value := one.get("id")):
            yield Violation((*pointer, "id"), detail=f"« {value} »")


def finess(document: Any) -> Iterator[Violation]:
    """Every FINESS of a message has a right key."""
    if has_wrong_finess_key(value := document.get("etablissement") if type(document) is dict else None):
        yield Violation(("etablissement",), detail=f"« {value} »")
    marche = part(document, "marche")
    if has_wrong_finess_key(value := part(marche, "acheteur").get("finess")):
        yield Violation(("marche", "acheteur", "finess"), detail=f"« {value} »")
    for index, one in enumerate(items(marche, "beneficiaires")):
        if has_wrong_finess_key(value := one.get("finess")):
            yield Violation(("marche", "beneficiaires", index, "finess"), detail=f"« {value} »")


def comptes(document: Any) -> Iterator[Violation]:
    """The M21 account of a purchase is of class 2 or 6."""
    for index, one in enumerate(items(document, "imputations")):
        if is_odd_account(value := one.get("compte")):
            yield Violation(("imputations", index, "compte"), detail=f"« {value} »")


def dates(document: Any) -> Iterator[Violation]:
    """Nothing ends before it begins: the marché, its tranches, its renewals, its product prices."""
    marche = part(document, "marche")
    yield from _out_of_order(("marche",), marche, "dateDebut", "dateFin")
    for name in ("tranches", "reconductions"):
        for index, one in enumerate(items(marche, name)):
            yield from _out_of_order(("marche", name, index), one, "debut", "fin")
    for index, one in enumerate(items(part(document, "produits"), "lignes")):
        yield from _out_of_order(("produits", "lignes", index), one, "dateDebut", "dateFin")


def _out_of_order(pointer: Pointer, holder: Part, start: str, end: str) -> Iterable[Violation]:
    begins, ends = holder.get(start), holder.get(end)
    if not is_before(ends, begins):
        return ()
    said = f"({shown_day(str(ends))}) précède la date de début ({shown_day(str(begins))})"
    return (Violation((*pointer, end), detail=said),)


def numeros_de_ligne(document: Any) -> Iterator[Violation]:
    """Lines are numbered 1, 2, 3… in order: the answer names them by that number."""
    yield from misnumbered(("imputations",), items(document, "imputations"))
    yield from misnumbered(("produits", "lignes"), items(part(document, "produits"), "lignes"))


def misnumbered(pointer: Pointer, lines: list[Part]) -> Iterator[Violation]:
    """The lines of a list whose number is not their rank."""
    for index, line in enumerate(lines):
        rank = line.get("ligne")
        if rank != index + 1 and type(rank) is int:
            yield Violation((*pointer, index, "ligne"), detail=f"{rank} au lieu de {index + 1}")


def doublons(document: Any) -> Iterator[Violation]:
    """Nothing is said twice: a holder, an imputation, a code, a price of a product for a supplier from a day on."""
    holders = items(part(document, "marche"), "titulaires")
    if len(holders) > 1:
        yield from repeated(_keys(("marche", "titulaires"), holders, _identity))
    yield from repeated(keyed(document))


def keyed(document: Any) -> Iterable[tuple[Pointer, tuple[str, ...]]]:
    """The lines of a message, each with what makes it unique."""
    if imputations := items(document, "imputations"):
        return _keys(("imputations",), imputations, _imputation)
    if codes := items(document, "codes"):
        return _keys(("codes",), codes, lambda one: (str(one.get("nomenclature")), str(one.get("code"))))
    return _keys(("produits", "lignes"), items(part(document, "produits"), "lignes"), _product)


def repeated(
    keyed_lines: Iterable[tuple[Pointer, tuple[str, ...]]], seen: set[tuple[str, ...]] | None = None
) -> Iterator[Violation]:
    """The lines whose key was met before; ``seen`` keeps the keys from one call to the next."""
    known = set() if seen is None else seen
    for pointer, key in keyed_lines:
        if key in known:
            yield Violation(pointer, detail=" / ".join(key))
        known.add(key)


def _keys(
    pointer: Pointer, lines: list[Part], key: Callable[[Part], tuple[str, ...]]
) -> Iterator[tuple[Pointer, tuple[str, ...]]]:
    return (((*pointer, index), key(one)) for index, one in enumerate(lines))


def _identity(one: Part) -> tuple[str, ...]:
    return str(one.get("typeIdentifiant")), str(one.get("id"))


def _imputation(one: Part) -> tuple[str, ...]:
    return (*_identity(part(one, "titulaire")), str(one.get("uf")), str(one.get("compte")))


def _product(one: Part) -> tuple[str, ...]:
    return (*_identity(part(one, "fournisseur")), str(one.get("reference")), str(one.get("dateDebut")))


def titulaires(document: Any) -> Iterator[Violation]:
    """Imputations and subcontractors name holders of the marché, and every holder has an imputation."""
    marche = part(document, "marche")
    if not marche:
        return
    holders = {_identity(one): index for index, one in enumerate(items(marche, "titulaires"))}
    charged: set[tuple[str, ...]] = set()
    for index, one in enumerate(items(document, "imputations")):
        named = _identity(part(one, "titulaire"))
        charged.add(named)
        if named not in holders:
            yield Violation(("imputations", index, "titulaire"), detail=f"« {named[1]} » n'est pas titulaire")
    for holder, index in holders.items():
        # Without any imputation, it is the part that is missing.
        if charged and holder not in charged:
            yield Violation(("marche", "titulaires", index), detail=f"« {holder[1]} » n'a pas d'imputation")
    for index, one in enumerate(items(marche, "sousTraitants")):
        if (named_by := one.get("titulaire")) not in {identifier for _, identifier in holders}:
            pointer = ("marche", "sousTraitants", index, "titulaire")
            yield Violation(pointer, detail=f"« {named_by} » n'est pas titulaire")


def decoupage(document: Any) -> Iterable[Violation]:
    """A part of the products is one of the parts announced."""
    products = part(document, "produits")
    rank, count = products.get("partie"), products.get("parties")
    if type(rank) is int and type(count) is int and rank > count:
        return (Violation(("produits", "partie"), detail=f"partie {rank} sur {count}"),)
    return ()


def _per_product(rule_id: str, key: str) -> Callable[[Any], Iterable[Violation]]:
    """A check of one value of each product line, by the rule of the « produits en marché » file."""

    def check(document: Any) -> Iterable[Violation]:
        products = part(document, "produits")
        return _broken(products, rule_id, key) if products else ()

    return check


def _broken(products: Part, rule_id: str, key: str) -> Iterator[Violation]:
    for index, one in enumerate(items(products, "lignes")):
        value = one.get(key)
        if isinstance(value, str) and value and breaks_product_rule(rule_id, value):
            yield Violation(("produits", "lignes", index, key), detail=value)


taux_tva = _per_product("PEM-TVA", "tauxTVA")
gtin = _per_product("PEM-GTIN", "gtin")
ucd = _per_product("PEM-UCD", "codeUCD")
cip = _per_product("PEM-CIP", "codeCIP13")
