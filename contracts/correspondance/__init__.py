"""Correspondence between formats: PES Marché, every version of the DECP, and the DGFiP's open data.

One declarative table (``table.toml``) says which code is which value, what cannot be said in each direction, and what
may be completed. The functions here apply it; nothing is lost or completed in silence.
"""

from contracts.correspondance.codes import PesCodes, decp_of_pes_codes, pes_codes_of_decp
from contracts.correspondance.documents import Outcome, convert, decp_of_pes
from contracts.correspondance.notes import Completion, Converted
from contracts.correspondance.reading import PRESENT, Read, WrongRoot, check, is_pes, read, readable
from contracts.correspondance.table import CodeList, Said, Table, table

__all__ = [
    "PRESENT",
    "CodeList",
    "Completion",
    "Converted",
    "Outcome",
    "PesCodes",
    "Read",
    "Said",
    "Table",
    "WrongRoot",
    "check",
    "convert",
    "decp_of_pes",
    "decp_of_pes_codes",
    "is_pes",
    "pes_codes_of_decp",
    "read",
    "readable",
    "table",
]
