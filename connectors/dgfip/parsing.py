"""Reading a PES_ACQUIT, however sloppy: what a real deposit returns is not always what the XSD says.

The verdict is that of the marché's own element and of any technical element, never "the first EtatAck": an
acknowledgement may accept a marché and refuse its attachments, or refuse the whole flow in one technical element.
What is understood although it breaks its interface contract comes with a warning for each error found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

import contracts
from connectors.transports.xml import XmlRefused, local_name, parse
from semaphore_hub.ports.connector import Acknowledgement, Inbound, Interpretation, LineResult, Verdict
from semaphore_hub.ports.outcomes import Unreadable

NAMESPACE = "http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/retour/v2"
_CONTRACT = "dgfip/pes-acquit/2"
_SAID_HERE = "ACQ-MARCHE"
"""Rule of the contract that the reading says in its own words, with what it made of the number."""
_ROOTS = ("PES_ACQUIT", "PES_NonAcquit")
_TECHNICAL = {"0": "technique", "1": "signature technique", "2": "signature globale", "99": "paramétrage"}
_DOMAINS = {
    **_TECHNICAL,
    "3": "signature du bordereau",
    "4": "pièce jointe",
    "5": "dépense",
    "6": "recette",
    "7": "rôle",
    "8": "budget",
    "11": "marché",
    "12": "facture",
}
_MARCHE = "11"
_STATES = {"1": True, "true": True, "OK": True, "0": False, "false": False, "KO": False}
_ID_MARCHE = re.compile(r"(?P<contract>.+)-(?P<sequence>\d{1,3})")
_EXPECTED_ORDER = ("DomaineAck", "EtatAck", "NumBord", "ExerciceBord", "IdMarche", "IdUnique", "Erreur", "DetailPiece")


@dataclass(frozen=True, slots=True)
class _Element:
    """One ElementACQUIT, values as read."""

    domain: str
    accepted: bool
    marche: str | None
    label: str
    code: str | None
    message: str | None


def interpret(document: Inbound) -> Interpretation:
    """The verdict of an acknowledgement.

    Raises:
        Unreadable: not an acknowledgement, or without the name of the file it answers, or without a verdict.
    """
    root = _root_of(document)
    warnings: list[str] = []
    if root.tag != f"{{{NAMESPACE}}}{local_name(root)}":
        warnings.append(
            "L'espace de noms n'est pas celui des acquits PES en version 2 : le contenu a été lu malgré tout."
        )
    reference = _value(root, "NomFic")
    if not reference:
        raise Unreadable(
            "L'acquit ne dit pas à quel fichier il répond (NomFic absent ou vide) : demandez au dépôt de le renvoyer."
        )
    for tag, meaning in (("Emetteur", "l'émetteur"), ("EnTetePES", "l'en-tête"), ("CodCol", "le code collectivité")):
        if _first(root, tag) is None:
            warnings.append(f"L'acquit ne contient pas {meaning} ({tag}), pourtant obligatoire.")
    elements = list(_elements(root, warnings))
    if not elements:
        raise Unreadable(
            "L'acquit ne contient aucun verdict (ni EtatAck lisible, ni rejet) : demandez au dépôt de le renvoyer."
        )
    acknowledgement = _acknowledgement(reference, elements, warnings)
    return Interpretation((acknowledgement,), warnings=(*warnings, *_errors(document.body)))


def _errors(body: bytes) -> Iterator[str]:
    """What else an acknowledgement that is understood breaks. Its schema may say again, with the place, what the
    reading noticed: it also says what the reading does not look at (an unknown domain or anomaly, a version).
    """
    for one in contracts.validate(_CONTRACT, body).findings:
        if one.severity == "error" and one.rule != _SAID_HERE:
            yield f"Ligne {one.line} : {one.message}" if one.line else one.message


def _root_of(document: Inbound) -> etree._Element:
    try:
        root = parse(document.body).getroot()
    except XmlRefused as refusal:
        raise Unreadable(refusal.message) from refusal
    if local_name(root) not in _ROOTS:
        raise Unreadable(
            f"Ce document n'est pas un acquit : sa racine est « {local_name(root)} », « PES_ACQUIT » est attendu."
        )
    return root


def _elements(root: etree._Element, warnings: list[str]) -> Iterator[_Element]:
    """Every element with a readable state; in the old flat form the root itself is the only one."""
    blocks = list(_all(root, "ElementACQUIT"))
    if not blocks:
        warnings.append("L'acquit est à plat (sans ElementACQUIT), comme dans les anciennes versions.")
        blocks = [root]
    for block in blocks:
        element = _read_element(block, warnings, refusal=local_name(root) == "PES_NonAcquit")
        if element is not None:
            yield element


def _read_element(block: etree._Element, warnings: list[str], *, refusal: bool) -> _Element | None:
    domain, state = _value(block, "DomaineAck"), _value(block, "EtatAck")
    accepted = _STATES.get(state or "", False if refusal and state is None else None)
    if accepted is None:
        warnings.append(
            f"Un élément de l'acquit a un état illisible (EtatAck « {state or 'absent'} ») : il est ignoré."
        )
        return None
    marche = _marche(block, warnings)
    if domain is None:
        domain = _MARCHE if marche else "0"
        warnings.append("Un élément de l'acquit ne donne pas son domaine (DomaineAck) : il est déduit du contenu.")
    _check_order(block, warnings)
    codes = [value for value in map(_own_value, _all(block, "NumAnoAck")) if value]
    labels = [value for value in map(_own_value, _all(block, "LibelleAnoAck")) if value]
    if not accepted and not codes and not labels:
        warnings.append("L'acquit refuse sans donner de motif (ni NumAnoAck, ni LibelleAnoAck).")
    if accepted and codes:
        warnings.append("L'acquit accepte (EtatAck 1) tout en citant une anomalie : l'état l'emporte.")
    label = marche or _value(block, "IdUnique") or _value(block, "NumBord") or _DOMAINS.get(domain, f"domaine {domain}")
    return _Element(domain, accepted, marche, label, codes[0] if codes else None, " ; ".join(labels) or None)


def _marche(block: etree._Element, warnings: list[str]) -> str | None:
    """IdMarche as ``IdContrat-SSS``; ``None`` when it is missing or names no sequence."""
    text = _value(block, "IdMarche")
    if text is None:
        return None
    found = _ID_MARCHE.fullmatch(text)
    if found is None:
        warnings.append(f"IdMarche « {text} » ne porte pas de numéro de séquence : il n'a pas pu être vérifié.")
        return None
    normal = f"{found['contract']}-{int(found['sequence']):03d}"
    if normal != text:
        warnings.append(f"IdMarche « {text} » est lu « {normal} » : la séquence s'écrit sur trois chiffres.")
    return normal


def _acknowledgement(reference: str, elements: list[_Element], warnings: list[str]) -> Acknowledgement:
    business = [element for element in elements if element.domain not in _TECHNICAL]
    technical_refusals = [element for element in elements if element.domain in _TECHNICAL and not element.accepted]
    if not business and not technical_refusals:
        raise Unreadable(
            "L'acquit n'accepte que l'aspect technique du fichier, sans verdict sur le marché : attendez l'acquit du "
            "marché ou demandez-le au dépôt."
        )
    refused = technical_refusals + [element for element in business if not element.accepted]
    if not refused:
        verdict = Verdict.ACCEPTED
    elif technical_refusals or len(refused) == len(business):
        verdict = Verdict.REJECTED
    else:
        verdict = Verdict.PARTIAL
    marches = {element.marche for element in business if element.marche}
    if len(marches) > 1:
        warnings.append(f"L'acquit cite plusieurs marchés ({', '.join(sorted(marches))}) : aucun n'a pu être vérifié.")
    elif not marches and business:
        warnings.append("L'acquit ne cite pas le marché (IdMarche) : il est rattaché par le nom du fichier seul.")
    reason = refused[0] if refused else None
    return Acknowledgement(
        reference=reference,
        verdict=verdict,
        business_ref=marches.pop() if len(marches) == 1 else None,
        code=reason.code if reason else None,
        message=" ; ".join(element.message for element in refused if element.message) or None,
        lines=tuple(LineResult(element.label, element.accepted, element.code, element.message) for element in elements),
    )


def _check_order(block: etree._Element, warnings: list[str]) -> None:
    if local_name(block) != "ElementACQUIT":
        return
    ranks = [_EXPECTED_ORDER.index(name) for name in map(local_name, block) if name in _EXPECTED_ORDER]
    sentence = "Les balises d'un élément de l'acquit ne sont pas dans l'ordre du schéma."
    if ranks != sorted(ranks) and sentence not in warnings:
        warnings.append(sentence)


def _all(node: etree._Element, name: str) -> Iterator[etree._Element]:
    """Descendants of that local name, whatever their namespace."""
    return node.iterdescendants(f"{{*}}{name}")


def _first(node: etree._Element, name: str) -> etree._Element | None:
    return next(_all(node, name), None)


def _value(node: etree._Element, name: str) -> str | None:
    found = _first(node, name)
    return None if found is None else _own_value(found)


def _own_value(node: etree._Element) -> str | None:
    """The attribute V; a lower-case one or a plain text is understood too."""
    return (node.get("V") or node.get("v") or node.text or "").strip() or None
