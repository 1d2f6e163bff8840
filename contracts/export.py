"""Copies interface contracts as the standard artefacts they are, for a partner's own tools."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from contracts.validate import catalogue, get


def export(destination: Path, contract_ids: Iterable[str] | None = None) -> tuple[Path, ...]:
    """Copy the folders of these contracts (all when None) under ``destination``; returns the folders written.

    Files already there are overwritten, others are left alone. Raises UnknownContract, and OSError from the disk.
    """
    chosen = catalogue() if contract_ids is None else tuple(get(contract_id) for contract_id in contract_ids)
    written: list[Path] = []
    for contract in chosen:
        target = destination.joinpath(*contract.id.split("/"))
        shutil.copytree(contract.folder, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        written.append(target)
    return tuple(written)
