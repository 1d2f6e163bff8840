"""Who calls, and what they may see: one caller, one role, one perimeter of GHT, applied to queries in one place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, or_

from semaphore_hub.kernel.errors import Forbidden


class Role(StrEnum):
    """Roles of the people and systems that call the hub."""

    ACHETEUR = "acheteur"  #: writes the marchés of its GHT
    DIRECTEUR_ACHATS = "directeur_achats"  #: same, and validates
    ARS = "ars"  #: reads the GHT of its region
    DGOS = "dgos"  #: reads everything
    PARTENAIRE = "partenaire"  #: a partner's system: deposits documents, reads what concerns it
    INTEGRATEUR = "integrateur"  #: runs the hub: partners, deliveries, replay, recette


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller of one request.

    Attributes:
        name: client id of its token, or "local" on an unprotected loopback server.
        role: what it may do.
        ghts: codes of the GHT it may see; ``None`` means every GHT.
    """

    name: str
    role: Role
    ghts: frozenset[str] | None

    def may_see(self, ght: str | None) -> bool:
        """Whether a row of this GHT is inside the perimeter (a row of no GHT is common to all)."""
        return self.ghts is None or ght is None or ght in self.ghts

    def require(self, *roles: Role) -> None:
        """Refuse a caller whose role is not listed.

        Raises:
            Forbidden: the role is not one of ``roles``.
        """
        if self.role not in roles:
            raise Forbidden(
                f"Le rôle « {self.role} » ne permet pas cette opération (rôles admis : {', '.join(sorted(roles))})."
            )


LOCAL = Caller(name="local", role=Role.INTEGRATEUR, ghts=None)
"""The caller of an unprotected server (loopback only) and of the command line."""

WRITERS = (Role.ACHETEUR, Role.DIRECTEUR_ACHATS, Role.INTEGRATEUR)


def within(statement: Select[Any], ght: ColumnElement[Any], caller: Caller) -> Select[Any]:
    """Restrict a query to the caller's GHT. Every list and every look-up goes through here."""
    if caller.ghts is None:
        return statement
    return statement.where(or_(ght.is_(None), ght.in_(sorted(caller.ghts))))
