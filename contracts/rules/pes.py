"""Rules of the PES Marché and its acknowledgement that XPath 1.0 cannot say: check digits, exact sums, file names.

Each check is asked about the elements of its tags and gives one violation per broken place. A value the schema already
refused (missing, not a number) is left to the schema rule: these checks never raise on it. Sources are in
``contract.toml``.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import chain

from lxml import etree
from stdnum import iban, luhn
from stdnum.fr import siret

from contracts.elements import per_element
from contracts.report import Violation
from contracts.xml import line_of, path_of

_FILE_NAME = re.compile(r"PESALR2_[0-9]{14}_[0-9]{6}_[0-9]{3,4}\.xml")
_PIECE_NAME = re.compile(r".+\.[A-Za-z0-9]{2,4}", re.DOTALL)
_FINESS = re.compile(r"[0-9][0-9AB][0-9]{7}")
_MARCHE_REFERENCE = re.compile(r".{5,14}-[0-9]{3}")
# An attached document is decompressed to prove that it opens; beyond this many bytes it is taken for a bomb.
_MAX_PIECE = 200 * 1024 * 1024
# Letters of a French account number count as digits: A and J are 1, B K S are 2, and so on (RIB check key).
_RIB_DIGITS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "12345678912345678923456789")
_RIB_PARTS = {"CodeEtab": 5, "CodeGuic": 5, "IdCpte": 11, "CleRib": 2}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SIRET = re.compile(r"[0-9]{14}")
_ANY_IDENTIFIER = (re.compile(r".*", re.DOTALL), "")
# Amounts shared out between buyers, holders and sub-contractors, and the rule each obeys.
_VENTILATED = {"MontantHTNotifie": "PES-VENTILATION-HT", "MontantTVANotifie": "PES-VENTILATION-TVA"}
# Elements that hold an operator's identifier, each with the sibling that says its nature.
_NATURE_OF = {
    "IdTitulaire": "NatIdTitulaire",
    "IdSousTraitant": "NatIdSousTraitant",
    "IdConcessionnaire": "NatIdConcessionnaire",
    "Id": "NatId",
}
# What an identifier looks like, by its nature; 09 (being registered) has no form of its own.
_IDENTIFIERS: dict[str, tuple[re.Pattern[str], str]] = {
    "01": (_SIRET, "un SIRET a 14 chiffres"),
    "05": (re.compile(r".{9,}"), "un numéro de TVA a au moins 9 caractères"),
    "06": (
        re.compile(r"[A-Z]{2}.{7,16}"),
        "hors Union européenne : pays en 2 lettres, puis 7 à 16 caractères",
    ),
    "07": (re.compile(r"[0-9]{9}"), "un numéro de Tahiti a 9 chiffres"),
    "08": (re.compile(r"[0-9]{9,10}"), "un numéro RIDET a 9 ou 10 chiffres"),
    "10": (re.compile(r"FRWF.{1,14}"), "Wallis-et-Futuna : FRWF, puis 14 caractères au plus"),
    "11": (
        re.compile(r"[0-9]{5}.{4,75}"),
        "IREP : 5 chiffres puis lieu de naissance et nom, 80 au plus",
    ),
}


@per_element("NomFic", under="Enveloppe/Parametres")
def file_name(node: etree._Element) -> Iterable[Violation]:
    """NomFic reads ``PESALR2_<SIRET>_<AAMMJJ>_<NNN or NNNN>.xml``, as the transmission operators name files."""
    value = _value(node)
    return () if _FILE_NAME.fullmatch(value) else (_violation(node, f"« {value} »"),)


@per_element("FinJur", under="EnTetePES")
def finess_key(node: etree._Element) -> Iterable[Violation]:
    """FinJur is a nine-character FINESS ending with its Luhn key; Corsican numbers (2A, 2B) have no plain key."""
    value = _value(node)
    return () if not value or _is_finess(value) else (_violation(node, f"« {value} »"),)


@per_element("IdColl", under="EnTetePES")
def collectivity_siret(node: etree._Element) -> Iterable[Violation]:
    """IdColl is a SIRET: fourteen digits with a right key."""
    return _wrong_siret(node)


@per_element("IdAcheteur", "IdPA", "SiretPAAccordCadre")
def buyer_siret(node: etree._Element) -> Iterable[Violation]:
    """Buyers and contracting authorities are named by a SIRET with a right key."""
    return _wrong_siret(node)


@per_element(*_NATURE_OF)
def operator(node: etree._Element) -> Iterable[Violation]:
    """Two rules: the identifier has the form of its nature; a SIRET (01) has a right key, La Poste's included."""
    parent, value = node.getparent(), _value(node)
    nature = "" if parent is None else _child(parent, _NATURE_OF[node.tag])
    form, expected = _IDENTIFIERS.get(nature, _ANY_IDENTIFIER)
    if form is _SIRET and _is_siret(value):
        return ()
    if not form.fullmatch(value):
        return (_violation(node, f"« {value} » ({expected})", "PES-IDENTIFIANT"),)
    if form is _SIRET:
        return (_violation(node, f"« {value} »", "PES-SIRET-OPERATEUR"),)
    return ()


@per_element("IBAN")
def iban_key(node: etree._Element) -> Iterable[Violation]:
    """The IBAN has its country's length and structure, and a remainder of 1 modulo 97."""
    # Lower case is another rule's business: both keys are counted on capitals.
    value = _value(node)
    return () if _iban_is_valid(value.upper()) else (_violation(node, f"« {value} »"),)


@per_element("CpteBancaire")
def rib_key(account: etree._Element) -> Iterable[Violation]:
    """Bank (5), branch (5), account (11) and key (2) are all given and the key is right."""
    first = _first(account, "CodeEtab")
    if first is None:
        return ()
    parts = [_child(account, name).upper().translate(_RIB_DIGITS) for name in _RIB_PARTS]
    complete = [len(part) for part in parts] == list(_RIB_PARTS.values())
    if not (complete and all(part.isascii() and part.isdigit() for part in parts)):
        return (_violation(first, "il faut 5 + 5 + 11 + 2 caractères"),)
    bank, branch, number, key = (int(part) for part in parts)
    expected = 97 - (89 * bank + 15 * branch + 3 * number) % 97
    return () if key == expected else (_violation(first, f"clé lue {key:02d}, clé attendue {expected:02d}"),)


@per_element("MontantHTEstime", under="PES_Marche/Marches/Marche/Acheteurs/Acheteur")
def estimates(share: etree._Element) -> Iterable[Violation]:
    """When buyers carry their share of the estimate, the shares add up to the marché's estimate (euros, exact)."""
    marche = next(share.iterancestors("Marche"))
    buyers = chain.from_iterable(group.iterchildren("Acheteur") for group in marche.iterchildren("Acheteurs"))
    shares = [one for buyer in buyers for one in buyer.iterchildren("MontantHTEstime")]
    if shares[0] is not share:
        # The first share speaks for all.
        return ()
    where = _first(marche, "MontantHTEstime")
    total, stated = _sum(shares), _amount(where)
    if total is None or total == stated:
        return ()
    detail = f"somme des acheteurs {total}, marché {'non renseigné' if stated is None else stated}"
    return (_violation(marche if where is None else where, detail),)


@per_element("VentilationAcheteur")
def ventilation(buyer: etree._Element) -> Iterable[Violation]:
    """Two rules: titulaires and sub-contractors add up to the buyer's amounts, without tax and VAT (euros, exact).

    A VAT that is not given counts for zero.
    """
    stated: dict[str, etree._Element] = {}
    parts: dict[str, list[etree._Element]] = {name: [] for name in _VENTILATED}
    for child in buyer:
        tag = child.tag
        if tag in parts:
            stated.setdefault(tag, child)
        elif tag == "VentilationsTitulaire":
            for holder in child.iterchildren("VentilationTitulaire"):
                _collect(holder, parts)
    found = (_wrong_total(buyer, name, stated.get(name), parts[name]) for name in _VENTILATED)
    return [violation for violation in found if violation is not None]


@per_element("Tranches")
def tranches(node: etree._Element) -> Iterable[Violation]:
    """Firm and confirmed tranches (types 02 and 01) do not exceed the buyer's amount without tax; v5.30.

    A euro is forgiven: the shares of several buyers are rounded.
    """
    buyer = node.getparent()
    where = None if buyer is None else _first(buyer, "MontantHTNotifie")
    firm = [one for one in node.iterchildren("Tranche") if _child(one, "TypeTranche") in ("01", "02")]
    total, stated = _sum(chain.from_iterable(one.iterchildren("MontantHTTranche") for one in firm)), _amount(where)
    if total is None or stated is None or total <= stated + 1:
        return ()
    return (_violation(node, f"montant {stated}, somme des tranches {total}"),)


@per_element("PeriodesReconduction")
def renewals(node: etree._Element) -> Iterator[Violation]:
    """Renewal periods have a number each, and end after they begin; v5.30."""
    seen: set[str] = set()
    for period in node.iterchildren("PeriodeReconduction"):
        number, start, end = (_child(period, name) for name in ("NumPeriode", "DebutPeriode", "FinPeriode"))
        if number in seen:
            yield _violation(period, f"le numéro {number} est déjà pris")
        elif _DAY.fullmatch(start) and _DAY.fullmatch(end) and end < start:
            yield _violation(period, f"la période {number} finit le {end}, avant son début")
        seen.add(number)


@per_element("NomPJ", under="PES_Marche/Marches/Marche/PJRefs/PJRef")
def piece_name(node: etree._Element) -> Iterable[Violation]:
    """A referenced document has a file extension of two to four characters."""
    value = _value(node)
    return () if _PIECE_NAME.fullmatch(value) else (_violation(node, f"« {value} »"),)


@per_element("Fichier", under="PES_PJ/PJ/Contenu")
def piece_content(node: etree._Element) -> Iterable[Violation]:
    """An attached document is gzip data in base 64 that opens and is not empty."""
    problem = _content_problem("".join((node.text or "").split()))
    return (_violation(node, problem),) if problem else ()


@per_element("ElementACQUIT", under="ACQUIT")
def acknowledged_marche(element: etree._Element) -> Iterable[Violation]:
    """An acknowledgement of the marché domain (11) names it ``IdContrat-SSS``: the sequence has three digits."""
    if _child(element, "DomaineAck") != "11":
        return ()
    node, value = _first(element, "IdMarche"), _child(element, "IdMarche")
    if _MARCHE_REFERENCE.fullmatch(value):
        return ()
    return (_violation(element if node is None else node, f"« {value} »"),)


def _collect(holder: etree._Element, parts: dict[str, list[etree._Element]]) -> None:
    """The amounts of a holder, and of its sub-contractors, which are not part of its own."""
    for child in holder:
        tag = child.tag
        if tag in parts:
            parts[tag].append(child)
        elif tag == "VentilationsSousTraitantPaiementDirect":
            for subcontractor in child.iterchildren("VentilationSousTraitantPaiementDirect"):
                for amount in subcontractor.iterchildren(*parts):
                    parts[amount.tag].append(amount)


def _wrong_total(
    buyer: etree._Element, name: str, where: etree._Element | None, parts: list[etree._Element]
) -> Violation | None:
    if where is None and not parts:
        return None
    total, stated = _sum(parts), Decimal(0) if where is None else _amount(where)
    if total is None or stated is None or total == stated:
        return None
    detail = f"acheteur {_child(buyer, 'IdAcheteur')} : montant {stated}, somme des parts {total}"
    return _violation(buyer if where is None else where, detail, _VENTILATED[name])


# The same suppliers and buyers come back in every document, and these checks are the slow part of a small one.
@lru_cache(maxsize=10_000)
def _is_siret(value: str) -> bool:
    """Fourteen digits with a right key."""
    return _SIRET.fullmatch(value) is not None and bool(siret.is_valid(value))


@lru_cache(maxsize=10_000)
def _iban_is_valid(value: str) -> bool:
    return bool(iban.is_valid(value))


@lru_cache(maxsize=10_000)
def _is_finess(value: str) -> bool:
    """Nine characters, and a right key when they are all digits."""
    return _FINESS.fullmatch(value) is not None and (not value.isdigit() or bool(luhn.is_valid(value)))


def _wrong_siret(node: etree._Element) -> Iterable[Violation]:
    value = _value(node)
    return () if _is_siret(value) else (_violation(node, f"« {value} »"),)


def _content_problem(text: str) -> str | None:
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        return "le contenu n'est pas du base 64"
    if not data:
        return "le contenu est vide"
    opener, size = zlib.decompressobj(wbits=31), 0
    try:
        while not opener.eof:
            chunk = opener.decompress(data, 1024 * 1024)
            data = opener.unconsumed_tail
            size += len(chunk)
            if size > _MAX_PIECE:
                return f"le fichier décompressé dépasse {_MAX_PIECE // 1048576} Mio"
            if not chunk and not data and not opener.eof:
                return "l'archive gzip est tronquée"
    except zlib.error:
        return "le contenu n'est pas compressé par gzip"
    return None if size else "le fichier est vide"


def _sum(nodes: Iterable[etree._Element]) -> Decimal | None:
    total = Decimal(0)
    for node in nodes:
        amount = _amount(node)
        if amount is None:
            return None
        total += amount
    return total


def _amount(node: etree._Element | None) -> Decimal | None:
    if node is None:
        return None
    try:
        return Decimal(_value(node))
    except InvalidOperation:
        return None


def _first(node: etree._Element, name: str) -> etree._Element | None:
    # Several times faster than find(), whose paths are interpreted.
    return next(node.iterchildren(name), None)


def _child(node: etree._Element, name: str) -> str:
    found = _first(node, name)
    return "" if found is None else _value(found)


def _value(node: etree._Element) -> str:
    return node.get("V", "")


def _violation(node: etree._Element, detail: str, rule: str | None = None) -> Violation:
    return Violation(path_of(node), line_of(node), detail, rule)
