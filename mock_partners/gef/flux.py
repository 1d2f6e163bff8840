"""The flux a simulated GEF sends: its structures, accounts and suppliers, what it ordered, received and paid."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from mock_partners.gef.documents import Document, as_json, instant
from mock_partners.gef.state import FluxEmis, State

REFERENTIELS = ("structures", "comptes", "fournisseurs")
TYPES = (*REFERENTIELS, "commandes", "receptions", "mandats")
MODES = ("complet", "delta")


class NothingToSend(Exception):
    """The flux would have no line; the message says so, in French."""


def build(state: State, kind: str, mode: str, now: datetime, canal: str) -> Document:
    """One flux of the present state; what it says counts as said for the next ``delta``.

    Args:
        state: the GEF's state.
        kind: one of :data:`TYPES`.
        mode: "complet" for everything, "delta" for what was not said yet.
        now: time of emission.
        canal: channel by which it goes, remembered with it.

    Raises:
        NothingToSend: there is no line.
    """
    lines = [_without_absent(line) for line in _lines(state, kind)]
    said = set(state.emis.get(kind, ()))
    marks = [hashlib.sha256(as_json(line)).hexdigest() for line in lines]
    if mode == "delta":
        lines = [line for line, mark in zip(lines, marks, strict=True) if mark not in said]
    if not lines:
        raise NothingToSend(f"Aucune ligne à émettre pour le flux « {kind} » en mode {mode}.")
    state.emis[kind] = sorted(marks)
    document: Document = {
        "typeFlux": kind,
        "version": "1",
        "idFlux": f"GEF-{state.etablissement}-{state.next_number('flux'):06d}",
        "emisLe": instant(now),
        "etablissement": state.etablissement,
        "mode": mode,
        "nombreLignes": len(lines),
        "lignes": [{"ligne": rank, **line} for rank, line in enumerate(lines, 1)],
    }
    state.flux[document["idFlux"]] = FluxEmis(
        typeFlux=kind, emisLe=document["emisLe"], nombreLignes=len(lines), canal=canal
    )
    return document


def _lines(state: State, kind: str) -> Iterable[Mapping[str, Any]]:
    if kind == "structures":
        return [one.model_dump() for one in state.structures.values()]
    if kind == "comptes":
        return [one.model_dump() for one in state.comptes]
    if kind == "fournisseurs":
        return [one.model_dump(exclude={"fiche"}) for one in state.tiers.values()]
    return {"commandes": state.commandes, "receptions": state.receptions, "mandats": state.mandats}[kind]


def _without_absent(line: Mapping[str, Any]) -> Document:
    return {name: value for name, value in line.items() if value is not None}
