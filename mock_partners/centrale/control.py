"""More control plane: advance an adhesion, refresh the catalogue, publish, look at adhesions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from mock_partners.centrale.workflow import NotNow
from mock_partners.kit import problem

if TYPE_CHECKING:
    from mock_partners.centrale.mock import CentraleMock

Statut = Literal["signature", "ventilation", "validation_ca", "notification_fournisseurs", "active", "echue", "refusee"]
Canal = Literal["api", "fichier"]


class NothingToSay(Exception):
    """There is nothing to publish, or nowhere to put it; the message says so, in French."""


class Advance(BaseModel):
    """Which adhesion moves, and where; the next state when it is not said."""

    model_config = ConfigDict(extra="forbid")

    uid: str
    statut: Statut | None = None
    motif: str | None = None


class Refresh(BaseModel):
    """What the month changes in each lot, and how it is published.

    ``mode``: "delta" says what changed, "complet" the whole catalogue. ``tout``: also the lots nobody orders on.
    """

    model_config = ConfigDict(extra="forbid")

    creer: int = Field(default=1, ge=0, le=100)
    modifier: int = Field(default=1, ge=0, le=100)
    retirer: int = Field(default=1, ge=0, le=100)
    mode: Literal["delta", "complet"] = "delta"
    tout: bool = False
    canal: Canal | None = None


class Publish(BaseModel):
    """How marchés are published. ``tout``: also those nobody orders on."""

    model_config = ConfigDict(extra="forbid")

    tout: bool = False
    canal: Canal | None = None


def centrale_control(mock: CentraleMock) -> APIRouter:
    """The operations, under ``/_mock``."""
    router = APIRouter(prefix="/_mock", tags=["pilotage du simulateur"])

    @router.post("/avancer", response_model=None)
    async def advance(asked: Advance) -> dict[str, Any] | JSONResponse:
        """Move an adhesion in the workflow and tell the hub."""
        if asked.uid not in mock.state.adhesions:
            return problem(404, f"L'adhésion {asked.uid} n'est pas connue.", "ADHESION_INCONNUE")
        try:
            return await mock.advance(asked.uid, asked.statut, asked.motif)
        except NotNow as error:
            return problem(409, str(error), error.code)

    @router.post("/rafraichir", response_model=None)
    async def refresh(asked: Refresh) -> dict[str, Any] | JSONResponse:
        """Change the catalogue as a month does, then publish its products."""
        try:
            return await mock.refresh(asked)
        except NothingToSay as error:
            return problem(409, str(error), "RIEN_A_PUBLIER")

    @router.post("/publier-marches", response_model=None)
    async def publish(asked: Publish) -> dict[str, Any] | JSONResponse:
        """Publish the marchés with their beneficiaries."""
        try:
            return await mock.publish_marches(everything=asked.tout, canal=asked.canal)
        except NothingToSay as error:
            return problem(409, str(error), "RIEN_A_PUBLIER")

    @router.get("/adhesions")
    async def adhesions() -> dict[str, Any]:
        """Every adhesion, where it stands."""
        return {"adhesions": [one.model_dump(mode="json") for one in mock.state.adhesions.values()]}

    return router
