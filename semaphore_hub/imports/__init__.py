"""Imports: marchés read from files (DECP of any version, DGFiP open data, PES Marché), one transaction each."""

from semaphore_hub.imports.errors import ImportRefused
from semaphore_hub.imports.report import Completed, ImportReport, Outcome, Reason, RecordReport
from semaphore_hub.imports.service import KINDS, ImportServices, import_file

__all__ = [
    "KINDS",
    "Completed",
    "ImportRefused",
    "ImportReport",
    "ImportServices",
    "Outcome",
    "Reason",
    "RecordReport",
    "import_file",
]
