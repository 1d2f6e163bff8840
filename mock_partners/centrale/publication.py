"""What a cooperative publishes: marchés with who orders on them, and products as they changed since last said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from mock_partners.centrale.catalogue import dearer, product
from mock_partners.centrale.state import Document, State

RISE = Decimal("1.02")
"""What a monthly refresh does to a price."""
ABSURD = Decimal(100)


def concerned(state: State, *, everything: bool) -> list[tuple[Document, Document]]:
    """Marchés and lots to publish: those somebody orders on, or all."""
    return [
        (marche, lot) for marche in state.marches for lot in marche["lots"] if everything or state.active(marche, lot)
    ]


def marches_said(state: State, lots: Iterable[tuple[Document, Document]]) -> list[Document]:
    """The marchés of these lots, with the SIRET of the établissements whose adhesion is active."""
    found: dict[str, Document] = {}
    for marche, lot in lots:
        said = found.setdefault(marche["numero"], {**marche, "lots": []})
        said["lots"].append({**lot, "beneficiaires": [one.siret for one in state.active(marche, lot)]})
    return list(found.values())


def changes(state: State, lots: Iterable[tuple[Document, Document]]) -> list[Document]:
    """Lines created, changed and withdrawn in these lots since they were last said; they are then said."""
    found: list[Document] = []
    for marche, lot in lots:
        now = {key_of(line): line for line in _lines(state, marche, lot)}
        before = {
            key: line
            for key, line in state.publies.items()
            if (line["numeroMarche"], line["numeroLot"]) == (lot["numeroMarche"], str(lot["numero"]))
        }
        for key, line in now.items():
            if before.get(key) != line:
                found.append({**line, "codeMouvement": "M" if key in before else "C"})
        found += [{**line, "codeMouvement": "S"} for key, line in before.items() if key not in now]
        state.publies = {key: line for key, line in state.publies.items() if key not in before} | now
    return found


def whole(state: State, lots: Iterable[tuple[Document, Document]]) -> list[Document]:
    """Every line of these lots, without movement; they are then said."""
    found = [line for marche, lot in lots for line in _lines(state, marche, lot)]
    state.publies |= {key_of(line): line for line in found}
    return found


def refresh(state: State, siret: str, today: date, *, created: int, changed: int, withdrawn: int) -> None:
    """What a month does to the catalogue of the lots somebody orders on, else of the first open lot."""
    lots = concerned(state, everything=False) or concerned(state, everything=True)[:1]
    for marche, lot in lots:
        held = [line for line in state.produits if line["numeroMarche"] == lot["numeroMarche"]]
        gone = [key_of(line) for line in held[:withdrawn]]
        for line in held[withdrawn : withdrawn + changed]:
            line["prixUnitaireHT"] = dearer(line["prixUnitaireHT"], RISE)
        state.produits = [line for line in state.produits if key_of(line) not in gone]
        for _ in range(created):
            rank = 100 + state.next_number(f"produit {lot['numeroMarche']}")
            state.produits.append(product(marche, lot, siret, rank, today))


def absurd(state: State, lines: list[Document]) -> list[Document]:
    """The same lines, the first price a hundred times too high; since it was said, the next delta puts it right."""
    first, *others = lines
    if first.get("codeMouvement") == "S":
        return lines
    wrong = {**first, "prixUnitaireHT": dearer(first["prixUnitaireHT"], ABSURD)}
    state.publies[key_of(wrong)] = {name: value for name, value in wrong.items() if name != "codeMouvement"}
    return [wrong, *others]


def key_of(line: Document) -> str:
    """What makes a price line unique."""
    return "|".join(line[name] for name in ("numeroMarche", "numeroLot", "referenceFournisseur", "dateDebut"))


def _lines(state: State, marche: Document, lot: Document) -> Iterator[Document]:
    finess = sorted({one.finess for one in state.active(marche, lot) if one.finess})
    for line in state.produits:
        if line["numeroMarche"] == lot["numeroMarche"]:
            yield {**line, "beneficiaires": finess} if finess else dict(line)
