"""Pages by cursor: ``limit`` and ``cursor`` in, ``items`` and ``next`` out."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from semaphore_hub.modules.referentiel.champs import Entree, SansNull

_WHOLE = re.compile("[0-9]{1,9}")


def whole(value: Any) -> Any:
    """Query parameters are texts; only plain digits are a number (the framework would take " 1_0 ")."""
    if isinstance(value, str):
        if not _WHOLE.fullmatch(value):
            raise PydanticCustomError("entier", "un nombre entier est attendu")
        return int(value)
    return value


class Pagination(Entree):
    """Base of the query parameters of a list; unknown parameters are refused, so that a misspelt filter is seen."""

    limit: Annotated[int, Field(ge=1, le=200), BeforeValidator(whole)] = Field(
        default=50, description="nombre d'éléments par page"
    )
    cursor: Annotated[Annotated[str, Field(pattern="^[0-9a-f]{32}$")] | None, SansNull()] = Field(
        default=None, description="position reçue dans « next » ; opaque"
    )

    @property
    def after(self) -> str | None:
        """The uid after which the page starts."""
        if self.cursor is None:
            return None
        raw = self.cursor
        return f"{raw[:8]}-{raw[8:12]}-{raw[12:16]}-{raw[16:20]}-{raw[20:]}"


def cursor_of(last: str | None) -> str | None:
    """The cursor that continues after the item of that uid."""
    return None if last is None else last.replace("-", "")
