"""What the ministry checks after the schema, record by record, in its order and with its exact wording.

Source: 139bercy/decp-arr2022, ``augmente/nettoyage.py`` and ``general_process/SourceProcess.py``. Checks that the
interface contract already states are called there; those that its schema makes unreachable stand here, because the
ministry takes some sources without validating them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from contracts.report import Violation
from contracts.rules import decp
from contracts.rules.decp_view import JsonNode, number_of, text_of
from mock_partners.daj.reading import CONCESSION, MARCHE

TEST_SOURCE, TEST_REFUSED = "AIFE_test", "Enregistrement de test non autorisé"
DUPLICATE = (
    "Doublon : un autre enregistrement du même contrat, plus récent ou plus complet, est publié à la place de celui-ci."
)
TYPES = ("SIRET", "TVA", "TAHITI", "RIDET", "FRWF", "IREP", "HORS-UE")
# Beginnings of labels that the ministry corrects by itself.
_CORRECTED = (("FRW", "FRWF"), ("HORS_UE", "HORS-UE"), ("TVA-intracommunautaire", "TVA"))
_AUTHORITY = {MARCHE: "acheteur", CONCESSION: "autoriteConcedante"}
_OPERATORS = {MARCHE: ("titulaires", "titulaire"), CONCESSION: ("concessionnaires", "concessionnaire")}
_AMOUNT = {MARCHE: "montant", CONCESSION: "valeurGlobale"}


def uid_of(kind: str, value: Any) -> str | None:
    """National identifier: SIRET of the buyer then internal number; ``None`` when one cannot be read."""
    node = JsonNode(value, ())
    siret, number = text_of(node, _AUTHORITY[kind], "id"), text_of(node, "id")
    return f"{siret}{number}" if siret and number else None


def authority_of(kind: str, value: Any) -> str | None:
    """SIRET of the buyer, or of the granting authority."""
    return text_of(JsonNode(value, ()), _AUTHORITY[kind], "id")


def first_operator(kind: str, value: Any) -> dict[str, Any]:
    """The first holder as it stands in the record; empty when there is none."""
    collection, item = _OPERATORS[kind]
    held = value.get(collection) if isinstance(value, dict) else None
    first = held[0].get(item) if isinstance(held, list) and held and isinstance(held[0], dict) else None
    return first if isinstance(first, dict) else {}


def correct(kind: str, value: Any) -> list[str]:
    """Apply the ministry's own corrections to a record, in place.

    Returns:
        What was corrected, for the report.
    """
    operator, name = first_operator(kind, value), _OPERATORS[kind][1]
    written = operator.get("typeIdentifiant")
    for beginning, right in _CORRECTED:
        if isinstance(written, str) and written.startswith(beginning) and written != right:
            operator["typeIdentifiant"] = right
            return [f"{name}_typeIdentifiant_1 : {written} remplacé par {right}"]
    return []


def errors_of(kind: str, value: Any, day: date) -> list[str]:
    """Why a record is set aside; empty when it is published.

    Args:
        day: day of the file, after which no date may lie.
    """
    return list(dict.fromkeys(_marche_errors(value, day) if kind == MARCHE else _concession_errors(value)))


def marks_of(kind: str, value: Any) -> list[str]:
    """Marks the ministry adds when it publishes: MQ for what is missing, INX for what cannot be used."""
    if kind == CONCESSION:
        return []
    document = {"marches": {kind: [value]}}
    missing = [name for one in decp.origine_requise(document) for name in one.detail.split(" et ")]
    unusable = [f"tauxAvance : INX {value['tauxAvance']}" for _ in decp.taux_avance(document)]
    return [*(f"{name} : MQ" for name in missing), *unusable]


def _marche_errors(value: Any, day: date) -> Iterator[str]:
    document, node = {"marches": {MARCHE: [value]}}, JsonNode(value, ())
    kind = first_operator(MARCHE, value).get("typeIdentifiant")
    yield from _missing(node, {"id": ("id",), "acheteur.id": ("acheteur", "id"), "montant": ("montant",)})
    yield from _missing_operator(MARCHE, value, "titulaire_id_1", "id")
    yield from _missing_operator(MARCHE, value, "titulaire_typeIdentifiant_1", "typeIdentifiant")
    yield from _missing(node, {"dureeMois": ("dureeMois",)})
    if kind not in TYPES:
        yield "Type erroné pour la colonne titulaire_typeIdentifiant_1"
    yield from _subject(document, node)
    if not text_of(node, "dateNotification") and not text_of(node, "datePublicationDonnees"):
        yield "Champs dateNotification et datePublicationDonnees manquants"
    yield from _amount(document, node, MARCHE)
    yield from _keys(document)
    yield from _duration(document, node)
    for name in ("dateNotification", "datePublicationDonnees"):
        if not text_of(node, name):
            yield f"Champ {name} erroné"
    yield from (f"Champ {one.detail} erroné" for one in decp.dates(document))
    yield from (one.detail for one in decp.dates_after(document, day))
    yield from (f"Le champ {one.detail} et une autre valeur." for one in decp.considerations(document))
    yield from _said(decp.identifiant, document, "Champ id au mauvais format")


def _concession_errors(value: Any) -> Iterator[str]:
    document, node = {"marches": {CONCESSION: [value]}}, JsonNode(value, ())
    authority = ("autoriteConcedante", "id")
    yield from _missing(node, {"id": ("id",), "autoriteConcedante.id": authority})
    yield from _missing_operator(CONCESSION, value, "concessionnaire_id_1", "id")
    yield from _missing(node, {name: (name,) for name in ("objet", "valeurGlobale", "dureeMois")})
    if first_operator(CONCESSION, value).get("typeIdentifiant") not in TYPES:
        yield "Champ concessionnaire_typeIdentifiant_1 erroné"
    yield from _amount(document, node, CONCESSION)
    yield from _keys(document)
    yield from _said(decp.identifiant, document, "Champ id au mauvais format")
    yield from _duration(document, node)


def _missing(node: JsonNode, columns: dict[str, tuple[str, ...]]) -> Iterator[str]:
    for column, path in columns.items():
        if not text_of(node, *path):
            yield f"Champ {column} non renseigné"


def _missing_operator(kind: str, value: Any, column: str, name: str) -> Iterator[str]:
    if not first_operator(kind, value).get(name):
        yield f"Champ {column} non renseigné"


def _subject(document: Any, node: JsonNode) -> Iterator[str]:
    cpv, subject = text_of(node, "codeCPV"), text_of(node, "objet")
    if cpv is None and subject is None:
        yield "Champs codeCPV et objet manquants"
    elif cpv is not None and len(cpv) < 10 and subject is None:
        yield "Champ codeCPV renseigné mais objet manquants"
    yield from _said(decp.objet, document, "Champ codeCPV renseigné mais objet incomplet")


def _amount(document: Any, node: JsonNode, kind: str) -> Iterator[str]:
    name = _AMOUNT[kind]
    yield from _said(decp.montant_eleve, document, f"Valeur du champ {name} trop élevée")
    value = number_of(node, name)
    if value is not None and value < 1:
        yield f"Valeur du champ {name} inférieur à 1"
    yield from _said(decp.montant_douteux, document, f"Champ {name} probablement erroné")


def _keys(document: Any) -> Iterator[str]:
    """Wording of the keys, without what our contract adds about La Poste, which the ministry does not know."""
    for one in decp.siret_acheteur(document):
        yield f"Numéro SIRET erroné pour le champ {one.detail.partition(' (')[0]}"
    for one in decp.operateur(document):
        yield f"Numéro {one.detail.partition(' (')[0]}"


def _duration(document: Any, node: JsonNode) -> Iterator[str]:
    yield from _said(decp.duree, document, "Champ dureeMois trop grand")
    months = number_of(node, "dureeMois")
    if months is not None and months <= 0:
        yield "Champ dureeMois trop petit"


def _said(check: Callable[[Any], Iterable[Violation]], document: Any, words: str) -> Iterator[str]:
    return (words for _ in check(document))
