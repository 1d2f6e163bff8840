"""The truth at the borders: interface contracts as standard artefacts, and the one function that validates.

Every folder ``<partner>/<interface>/<version>/`` is one immutable version of one interface, described by its
``contract.toml``. This package depends on nothing else of the project.
"""

from contracts import xml
from contracts.export import export
from contracts.recognise import recognise
from contracts.registry import (
    ContractBroken,
    Example,
    InterfaceContract,
    Registry,
    Rule,
    UnknownContract,
)
from contracts.report import Finding, Report, Violation
from contracts.validate import catalogue, get, validate, validate_document, validate_file

__all__ = [
    "ContractBroken",
    "Example",
    "Finding",
    "InterfaceContract",
    "Registry",
    "Report",
    "Rule",
    "UnknownContract",
    "Violation",
    "catalogue",
    "export",
    "get",
    "recognise",
    "validate",
    "validate_document",
    "validate_file",
    "xml",
]
