"""Files of facts, imported."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from semaphore_hub.kernel.access import LOCAL, Caller
from semaphore_hub.modules.indicateurs.faits.imports.schemas import BilanImport
from semaphore_hub.modules.indicateurs.faits.imports.service import importer_fichier
from tests.modules.indicateurs.faits.situations import Monde

Importer = Callable[..., BilanImport]


@pytest.fixture
def importer(tmp_path: Path, clock: Any) -> Importer:
    """Imports a text (or bytes) as a file of a kind."""

    def run(monde: Monde, kind: str, content: str | bytes, caller: Caller = LOCAL, **options: Any) -> BilanImport:
        path = tmp_path / "fichier.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return importer_fichier(monde.database, caller, clock, path, kind, **options)

    return run
