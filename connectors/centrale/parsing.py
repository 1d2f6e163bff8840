"""Reads what a cooperative sends: acknowledgements; states, marchés and products as commands; pure.

The interface contract judges first: what it refuses is not read further. Products are the exception: their file is
judged line by line when it is imported, by the same rules whatever the channel; only text that is none is refused here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from functools import partial

import contracts
from connectors.centrale import produits
from connectors.centrale.model import ACQUITTEMENT_COLUMNS, ETAT_COLUMNS, Document
from connectors.centrale.reading import Row, document_of, marches_of, rows_of
from semaphore_hub.ports.connector import Acknowledgement, Command, Inbound, Interpretation, Verdict
from semaphore_hub.ports.outcomes import Unreadable

PRODUITS = "commun/produits-en-marche/1"
_TOLD = ("uid", "statut", "dateEntree", "dateFin", "motif")
Said = tuple[list[Acknowledgement], list[Command]]
_Reader = Callable[[Inbound], Said]


def interpret(document: Inbound, centrale: str, expected: Collection[str]) -> Interpretation:
    """What a document says.

    Args:
        document: as it came.
        centrale: connector of the cooperative.
        expected: interface contracts of what it sends.

    Raises:
        Unreadable: it is none of these, or its contract finds errors in it.
    """
    contract = contracts.recognise(document.body, document.name)
    if contract is None or contract not in expected:
        raise Unreadable(
            f"« {document.name} » n'est ni un acquittement, ni un état d'adhésion, ni des marchés, ni des produits de "
            f"cette centrale ({centrale}) : vérifiez qu'il est déposé au bon endroit."
        )
    if contract == PRODUITS:
        return _product_file(document)
    warnings = _judged(document.name, contract, document.body)
    acknowledgements, commands = _READERS[contract.split("/")[1]](centrale)(document)
    return Interpretation(tuple(acknowledgements), tuple(commands), warnings)


def _judged(name: str, contract: str, body: bytes) -> tuple[str, ...]:
    """The warnings of a contract.

    Raises:
        Unreadable: it finds errors.
    """
    report = contracts.validate(contract, body)
    if not report.valid:
        first = next(finding for finding in report.findings if finding.severity == "error")
        where = f" (ligne {first.line})" if first.line else ""
        raise Unreadable(
            f"« {name} » ne respecte pas le contrat {contract} : [{first.rule}]{where} {first.message} "
            "Rien n'en a été appliqué.",
            report.findings,
        )
    return tuple(dict.fromkeys(finding.message for finding in report.findings))


def _product_file(document: Inbound) -> Interpretation:
    try:
        text = produits.decoded(document.body)
    except UnicodeDecodeError as error:
        said = f"« {document.name} » n'est ni en UTF-8 ni en Windows-1252 : réenregistrez-le, puis redéposez-le."
        raise Unreadable(said) from error
    # Its marker vouches for the whole of it: the exchange refuses a file that is not what its marker announces.
    data = {"contenu": text, "nom": document.name, "complet": True}
    return Interpretation(commands=(Command("centrale.produits", data),))


def _answers(document: Inbound, documents: Callable[[bytes], list[Document]]) -> Said:
    acknowledgements, commands = [], []
    for answer in documents(document.body):
        accepted = answer["verdict"] == "accepte"
        code, words = answer.get("code"), answer.get("libelle")
        verdict = Verdict.ACCEPTED if accepted else Verdict.REJECTED
        acknowledgements.append(Acknowledgement(answer["idMessage"], verdict, answer["uid"], code, words))
        if not accepted and answer["action"] == "demande":
            # Without this the établissement could never ask again: its demand would stay under way in the hub.
            motive = f"{code} : {words}" if words else str(code)
            refused = {"uid": answer["uid"], "statut": "refusee", "motif": motive}
            commands.append(Command("centrale.adhesion", refused))
    return acknowledgements, commands


def _states(document: Inbound, documents: Callable[[bytes], list[Document]]) -> Said:
    commands = []
    for state in documents(document.body):
        data: Document = {name: state[name] for name in _TOLD if name in state}
        if "redevanceTTC" in state and "motif" not in state:
            data["motif"] = f"Redevance annoncée : {state['redevanceTTC']} € TTC."
        commands.append(Command("centrale.adhesion", data))
    return [], commands


def _marches_json(_centrale: str) -> _Reader:
    return lambda document: ([], [Command("centrale.marches", _object(document.body))])


def _marches_csv(centrale: str) -> _Reader:
    def read(document: Inbound) -> Said:
        rows = _rows(document.body)
        announced = int(rows[0]["nombre_lignes"])
        if announced != len(rows):
            raise Unreadable(
                f"« {document.name} » annonce {announced} lignes et en a {len(rows)} : il est coupé. Rien n'en a été "
                "appliqué, faites-le déposer de nouveau sous un nouveau numéro."
            )
        made = marches_of(rows, centrale)
        # Rows are judged one by one; what the lots and their holders make together is judged as by the API.
        _judged(document.name, f"{centrale}/marches-json/1", json.dumps(made, ensure_ascii=False).encode())
        return [], [Command("centrale.marches", made)]

    return read


def _product_pages(_centrale: str) -> _Reader:
    def read(document: Inbound) -> Said:
        pages: list[Document] = _object(document.body)["pages"]
        if not any(page["lignes"] for page in pages) and produits.is_complete(pages):
            return [], []
        data = {
            "contenu": produits.to_csv(pages),
            "nom": f"{pages[0]['idPublication']}.csv",
            "complet": produits.is_complete(pages),
        }
        return [], [Command("centrale.produits", data)]

    return read


def _object(body: bytes) -> Document:
    return dict(json.loads(body.removeprefix(b"\xef\xbb\xbf")))


def _one(body: bytes) -> list[Document]:
    return [_object(body)]


def _acquittement_rows(body: bytes) -> list[Document]:
    return [document_of(row, ACQUITTEMENT_COLUMNS) for row in _rows(body)]


def _etat_rows(body: bytes) -> list[Document]:
    return [document_of(row, ETAT_COLUMNS) for row in _rows(body)]


def _rows(body: bytes) -> list[Row]:
    rows = rows_of(body)
    if not rows:
        raise Unreadable("Le fichier n'a que sa ligne d'en-tête : il est coupé, faites-le déposer de nouveau.")
    return rows


_READERS: Mapping[str, Callable[[str], _Reader]] = {
    "acquittement-json": lambda _: partial(_answers, documents=_one),
    "acquittements-csv": lambda _: partial(_answers, documents=_acquittement_rows),
    "etat-adhesion-json": lambda _: partial(_states, documents=_one),
    "etats-adhesion-csv": lambda _: partial(_states, documents=_etat_rows),
    "marches-json": _marches_json,
    "marches-csv": _marches_csv,
    "produits-json": _product_pages,
}
"""By interface, given the cooperative."""
