"""What a simulated GEF can be told to do wrong, and the refusals that such a scenario imposes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from mock_partners.gef import refusals
from mock_partners.gef.documents import MARCHE_KINDS, Document
from mock_partners.gef.refusals import Refusal
from mock_partners.kit import FaultScript
from mock_partners.kit.clock import parse_duration

REFUSING: Mapping[str, str] = {
    "tiers_inconnu": "refuse les lignes dont le tiers (paramètre, sinon tous) serait inconnu, même en attente possible",
    "uf_inconnue": "refuse les lignes dont l'UF (paramètre, sinon toutes) serait inconnue",
    "compte_inconnu": "refuse les lignes dont le compte (paramètre, sinon tous) serait fermé",
}
ANSWERING: Mapping[str, str] = {
    "acquit_perdu": "traite le message mais n'envoie jamais le compte rendu",
    "acquit_en_double": "envoie deux fois le même compte rendu",
    "acquit_tardif": "envoie le compte rendu après un délai (paramètre, 2s par défaut)",
    "acquit_errone": "répond pour un autre marché, ou pour un autre message quand il n'y a pas de marché",
}
BREAKING: Mapping[str, str] = {
    "rupture_sequence": "saute un numéro de fichier",
    "fichier_partiel": "coupe le fichier : il manque sa dernière ligne",
    "fichier_en_double": "dépose deux fois le même fichier",
    "mauvais_separateur": "sépare les colonnes du CSV par des virgules",
    "cp1252_non_declare": "écrit le fichier en Windows-1252 sans le dire",
    "sans_temoin": "ne dépose ni témoin ni enveloppe",
    "somme_fausse": "dépose un témoin, ou une enveloppe, dont l'empreinte est fausse",
}
SCENARIOS: Mapping[str, str] = {**REFUSING, **ANSWERING, **BREAKING}

OTHER_MARCHE, OTHER_MESSAGE = "AUTRE-MARCHE", "AUTRE-MESSAGE"
_DEFAULT_DELAY = "2s"


def imposed(faults: FaultScript, message: Document) -> dict[int, Refusal]:
    """Refusals that scenarios impose, by line; ``*times`` counts the messages concerned."""
    found: dict[int, Refusal] = {}
    for name in REFUSING:
        scenario = faults.active(name)
        if scenario is None:
            continue
        wanted = scenario.parameter
        concerned = {
            line: refusal for line, value, refusal in _places(name, message) if wanted is None or wanted == value
        }
        if concerned:
            faults.use(name)
        found |= concerned
    return found


def delay(faults: FaultScript, usual: str | None) -> timedelta | None:
    """How much later than the request its answer comes; ``None``: with it.

    Args:
        faults: the scenarios in force.
        usual: the option ``differe``.
    """
    late = faults.use("acquit_tardif")
    if late is not None:
        return parse_duration(late.parameter or _DEFAULT_DELAY)
    return None if usual is None else parse_duration(usual)


def perhaps_wrong(faults: FaultScript, document: Document) -> Document:
    """The compte rendu, or one that speaks of something else."""
    if faults.use("acquit_errone") is None:
        return document
    wrong = {"numeroMarche": OTHER_MARCHE} if "numeroMarche" in document else {"idMessage": OTHER_MESSAGE}
    return {**document, **wrong}


def _places(name: str, message: Document) -> list[tuple[int, str, Refusal]]:
    """Each line with the value the scenario speaks of, and the refusal of that line."""
    lines = message["imputations"] if message["typeMessage"] in MARCHE_KINDS else []
    if name == "uf_inconnue":
        finess = message["etablissement"]
        return [(line["ligne"], line["uf"], refusals.unknown_unit(line["uf"], finess)) for line in lines]
    if name == "compte_inconnu":
        return [(line["ligne"], line["compte"], refusals.closed_account(line["compte"])) for line in lines]
    holders = [(line["ligne"], line["titulaire"]["id"]) for line in lines]
    holders += [(line["ligne"], line["fournisseur"]["id"]) for line in message.get("produits", {}).get("lignes", ())]
    return [(number, supplier, refusals.unknown_supplier(supplier)) for number, supplier in holders]
