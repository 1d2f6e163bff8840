"""Rules of the PES Marché and its acknowledgement that XPath 1.0 cannot say: check digits, exact sums, file names.

Each check takes the parsed document and yields one violation per broken place. A value the schema already refused
(missing, not a number) is left to the schema rule: these checks never raise on it. Sources are in ``contract.toml``.
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
_BUYER_SIRETS = ("IdAcheteur", "IdPA", "SiretPAAccordCadre")
# Elements that hold an operator's identifier, each with the sibling that says its nature.
_NATURE_OF = {
    "IdTitulaire": "NatIdTitulaire",
    "IdSousTraitant": "NatIdSousTraitant",
    "IdConcessionnaire": "NatIdConcessionnaire",
    "Id": "NatId",
}
# What an identifier looks like, by its nature; 09 (being registered) has no form of its own.
_IDENTIFIERS: dict[str, tuple[re.Pattern[str], str]] = {
    "01": (re.compile(r"[0-9]{14}"), "un SIRET a 14 chiffres"),
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


def file_name(document: etree._ElementTree) -> Iterator[Violation]:
    """NomFic reads ``PESALR2_<SIRET>_<AAMMJJ>_<NNN or NNNN>.xml``, as the transmission operators name files."""
    for node in document.iterfind("Enveloppe/Parametres/NomFic"):
        if not _FILE_NAME.fullmatch(_value(node)):
            yield _violation(node, f"« {_value(node)} »")


def finess_key(document: etree._ElementTree) -> Iterator[Violation]:
    """FinJur is a nine-character FINESS ending with its Luhn key; Corsican numbers (2A, 2B) have no plain key."""
    for node in document.iterfind("EnTetePES/FinJur"):
        value = _value(node)
        if value and not (_FINESS.fullmatch(value) and (not value.isdigit() or luhn.is_valid(value))):
            yield _violation(node, f"« {value} »")


def collectivity_siret(document: etree._ElementTree) -> Iterator[Violation]:
    """IdColl is a SIRET: fourteen digits with a right key."""
    return _wrong_sirets(document.iterfind("EnTetePES/IdColl"))


def buyer_siret(document: etree._ElementTree) -> Iterator[Violation]:
    """Buyers and contracting authorities are named by a SIRET with a right key."""
    return _wrong_sirets(document.iter(*_BUYER_SIRETS))


def operator_siret(document: etree._ElementTree) -> Iterator[Violation]:
    """An operator identified by SIRET (nature 01) has a right key; La Poste's own key is accepted."""
    for nature, node in _operator_identifiers(document):
        value = _value(node)
        if nature == "01" and _IDENTIFIERS["01"][0].fullmatch(value) and not _siret_is_valid(value):
            yield _violation(node, f"« {value} »")


def operator_identifier(document: etree._ElementTree) -> Iterator[Violation]:
    """An operator's identifier has the length and beginning its nature asks for."""
    for nature, node in _operator_identifiers(document):
        if nature not in _IDENTIFIERS:
            continue
        form, expected = _IDENTIFIERS[nature]
        if not form.fullmatch(_value(node)):
            yield _violation(node, f"« {_value(node)} » ({expected})")


def iban_key(document: etree._ElementTree) -> Iterator[Violation]:
    """The IBAN has its country's length and structure, and a remainder of 1 modulo 97."""
    for node in document.iter("IBAN"):
        # Lower case is another rule's business: both keys are counted on capitals.
        if not _iban_is_valid(_value(node).upper()):
            yield _violation(node, f"« {_value(node)} »")


def rib_key(document: etree._ElementTree) -> Iterator[Violation]:
    """Bank (5), branch (5), account (11) and key (2) are all given and the key is right."""
    for account in document.iter("CpteBancaire"):
        first = account.find("CodeEtab")
        if first is None:
            continue
        parts = [_child(account, name).upper().translate(_RIB_DIGITS) for name in _RIB_PARTS]
        complete = [len(part) for part in parts] == list(_RIB_PARTS.values())
        complete = complete and all(part.isascii() and part.isdigit() for part in parts)
        if not complete:
            yield _violation(first, "il faut 5 + 5 + 11 + 2 caractères")
            continue
        bank, branch, number, key = (int(part) for part in parts)
        expected = 97 - (89 * bank + 15 * branch + 3 * number) % 97
        if key != expected:
            yield _violation(first, f"clé lue {key:02d}, clé attendue {expected:02d}")


def estimates(document: etree._ElementTree) -> Iterator[Violation]:
    """When buyers carry their share of the estimate, the shares add up to the marché's estimate (euros, exact)."""
    for marche in document.iterfind("PES_Marche/Marches/Marche"):
        shares = marche.findall("Acheteurs/Acheteur/MontantHTEstime")
        if not shares:
            continue
        total, stated = _sum(shares), _amount(marche.find("MontantHTEstime"))
        if total is None or total == stated:
            continue
        where = marche.find("MontantHTEstime")
        detail = f"somme des acheteurs {total}, marché {'non renseigné' if stated is None else stated}"
        yield _violation(marche if where is None else where, detail)


def ventilation_without_tax(document: etree._ElementTree) -> Iterator[Violation]:
    """For each buyer, titulaires and their sub-contractors add up to the buyer's amount without tax (euros, exact)."""
    return _wrong_ventilations(document, "MontantHTNotifie")


def ventilation_tax(document: etree._ElementTree) -> Iterator[Violation]:
    """The same for VAT; an amount that is not given counts for zero."""
    return _wrong_ventilations(document, "MontantTVANotifie")


def piece_name(document: etree._ElementTree) -> Iterator[Violation]:
    """A referenced document has a file extension of two to four characters."""
    for node in document.iterfind("PES_Marche/Marches/Marche/PJRefs/PJRef/NomPJ"):
        if not _PIECE_NAME.fullmatch(_value(node)):
            yield _violation(node, f"« {_value(node)} »")


def piece_content(document: etree._ElementTree) -> Iterator[Violation]:
    """An attached document is gzip data in base 64 that opens and is not empty."""
    for node in document.iterfind("PES_PJ/PJ/Contenu/Fichier"):
        problem = _content_problem("".join((node.text or "").split()))
        if problem:
            yield _violation(node, problem)


def acknowledged_marche(document: etree._ElementTree) -> Iterator[Violation]:
    """An acknowledgement of the marché domain (11) names it ``IdContrat-SSS``: the sequence has three digits."""
    for element in document.iterfind("ACQUIT/ElementACQUIT"):
        node = element.find("IdMarche")
        if _child(element, "DomaineAck") == "11" and not _MARCHE_REFERENCE.fullmatch(_child(element, "IdMarche")):
            yield _violation(element if node is None else node, f"« {_child(element, 'IdMarche')} »")


def _wrong_ventilations(document: etree._ElementTree, amount: str) -> Iterator[Violation]:
    for buyer in document.iter("VentilationAcheteur"):
        holders = buyer.iterfind(f"VentilationsTitulaire/VentilationTitulaire/{amount}")
        below = "VentilationsSousTraitantPaiementDirect/VentilationSousTraitantPaiementDirect"
        subcontractors = buyer.iterfind(f"VentilationsTitulaire/VentilationTitulaire/{below}/{amount}")
        total = _sum(chain(holders, subcontractors))
        where = buyer.find(amount)
        stated = Decimal(0) if where is None else _amount(where)
        if total is not None and stated is not None and total != stated:
            detail = f"acheteur {_child(buyer, 'IdAcheteur')} : montant {stated}, somme des parts {total}"
            yield _violation(buyer if where is None else where, detail)


def _operator_identifiers(document: etree._ElementTree) -> Iterator[tuple[str, etree._Element]]:
    """Every operator's identifier with its nature, in document order."""
    for node in document.iter(*_NATURE_OF):
        parent = node.getparent()
        if parent is not None:
            yield _child(parent, _NATURE_OF[node.tag]), node


# The same suppliers and buyers come back in every document, and these checks are the slow part of a small one.
@lru_cache(maxsize=10_000)
def _siret_is_valid(value: str) -> bool:
    return bool(siret.is_valid(value))


@lru_cache(maxsize=10_000)
def _iban_is_valid(value: str) -> bool:
    return bool(iban.is_valid(value))


def _wrong_sirets(nodes: Iterable[etree._Element]) -> Iterator[Violation]:
    for node in nodes:
        value = _value(node)
        if not (_IDENTIFIERS["01"][0].fullmatch(value) and _siret_is_valid(value)):
            yield _violation(node, f"« {value} »")


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
        return Decimal(_value(node).strip())
    except InvalidOperation:
        return None


def _child(node: etree._Element, name: str) -> str:
    found = node.find(name)
    return "" if found is None else _value(found)


def _value(node: etree._Element) -> str:
    return node.get("V", "")


def _violation(node: etree._Element, detail: str) -> Violation:
    return Violation(path_of(node), line_of(node), detail)
