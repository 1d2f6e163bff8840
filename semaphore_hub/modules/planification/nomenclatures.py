"""What the planning asks of the nomenclatures: a purchasing family from its label, NCHFS codes that the hub keeps."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.referentiel.models import NomenclatureCode

_code = table_of(NomenclatureCode)
_NCHFS = "nchfs"


def nchfs_connus(connection: Connection, codes: Collection[str]) -> dict[str, str]:
    """Labels of the active NCHFS codes that the hub keeps, among those given."""
    if not codes:
        return {}
    statement = select(_code.c.code, _code.c.libelle).where(
        _code.c.nomenclature == _NCHFS, _code.c.actif, _code.c.code.in_(sorted(codes))
    )
    return {row.code: row.libelle for row in connection.execute(statement)}
