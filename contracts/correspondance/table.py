"""The declarative table of correspondences (``table.toml``), read once: lists, compound codes, losses, refusals."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("table.toml")


@dataclass(frozen=True, slots=True)
class Said:
    """Something the target format cannot say (loss), or that prevents the conversion (refusal).

    Attributes:
        id: stable; refusals begin with ``CONV-``.
        message: one French sentence.
        source: article or official document.
        sens: "pes-decp", "decp-pes", "les deux", "decp-decp" (from another version or form of the DECP) or "vers decp"
            (from any source); empty for a refusal.
        champs: fields on which the two sides may differ because of it.
    """

    id: str
    message: str
    source: str
    sens: str = ""
    champs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeList:
    """One list: codes of the PES to values of the DECP and back.

    Attributes:
        pes: code to value.
        decp: value to code, the inverse.
        without: codes that have no value, with the loss or refusal that says so.
        absent: value that says "none", which the PES says by the absence of the block.
    """

    pes: Mapping[str, str]
    decp: Mapping[str, str]
    without: Mapping[str, str]
    absent: str | None


@dataclass(frozen=True, slots=True)
class Table:
    """The whole table."""

    lists: Mapping[str, CodeList]
    nature: Mapping[str, Mapping[str, Any]]
    procedure: Mapping[str, Mapping[str, Any]]
    modalite: Mapping[str, Mapping[str, Any]]
    losses: Mapping[str, Said]
    refusals: Mapping[str, Said]
    defaults: Mapping[str, Any]

    def default(self, champ: str) -> Any:
        """The value put where a format does not carry this field. Raises KeyError: it may not be completed."""
        return copy.copy(self.defaults[champ])


@lru_cache(maxsize=1)
def table() -> Table:
    """The table of the file beside this module."""
    data = tomllib.loads(TABLE.read_text("utf-8"))
    return Table(
        lists={name: _code_list(entry) for name, entry in data["liste"].items()},
        nature=data["nature"],
        procedure=data["procedure"],
        modalite=data["modalite"],
        losses=_said(data["perte"]),
        refusals=_said(data["refus"]),
        defaults=data["defauts"],
    )


def _code_list(entry: Mapping[str, Any]) -> CodeList:
    pes: dict[str, str] = entry["pes"]
    inverse = {value: code for code, value in pes.items()}
    return CodeList(pes, inverse, entry.get("pes_sans_decp", {}), entry.get("absent"))


def _said(entries: list[dict[str, Any]]) -> dict[str, Said]:
    return {
        entry["id"]: Said(**{**entry, "champs": tuple(entry["champs"])}) if "champs" in entry else Said(**entry)
        for entry in entries
    }
