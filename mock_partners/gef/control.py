"""More control plane: make the GEF send a flux, make the hospital order and pay, see what the hub answered."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from mock_partners.gef import commandes
from mock_partners.gef.flux import REFERENTIELS, NothingToSend
from mock_partners.kit import problem

if TYPE_CHECKING:
    from mock_partners.gef.mock import GefMock

TypeFlux = Literal["structures", "comptes", "fournisseurs", "commandes", "receptions", "mandats"]


class NoChannel(Exception):
    """There is nowhere to put what must be sent; the message says so, in French."""


class Emission(BaseModel):
    """Which flux to send. ``mode``: by default everything for a référentiel, what is new for the rest."""

    model_config = ConfigDict(extra="forbid")

    typeFlux: TypeFlux
    mode: Literal["complet", "delta"] | None = None
    canal: Literal["api", "eai", "fichier"] | None = None


class Order(BaseModel):
    """What the hospital orders, receives and pays on a marché; what is left out is chosen by the GEF."""

    model_config = ConfigDict(extra="forbid")

    numeroMarche: str
    montantHT: Decimal | None = Field(default=None, gt=0)
    reference: str | None = None
    quantite: Decimal | None = Field(default=None, gt=0)
    uf: str | None = None
    compte: str | None = None
    formeNumero: Literal["decp", "idContrat", "acquit", "mandat"] | None = None
    canal: Literal["api", "eai", "fichier"] | None = None


def gef_control(mock: GefMock) -> APIRouter:
    """The operations, under ``/_mock``."""
    router = APIRouter(prefix="/_mock", tags=["pilotage du simulateur"])

    @router.post("/emettre", response_model=None)
    async def emit(asked: Emission) -> dict[str, Any] | JSONResponse:
        """Send one flux of the present state."""
        mode = asked.mode or ("complet" if asked.typeFlux in REFERENTIELS else "delta")
        try:
            return await mock.emit(asked.typeFlux, mode, asked.canal)
        except (NothingToSend, NoChannel) as error:
            return problem(409, str(error), "RIEN_A_EMETTRE" if isinstance(error, NothingToSend) else "SANS_CANAL")

    @router.post("/commander", response_model=None)
    async def order(asked: Order) -> dict[str, Any] | JSONResponse:
        """Order, receive and pay on a marché, and send the three flux."""
        wish = commandes.Wish(
            numero=asked.numeroMarche,
            forme=asked.formeNumero or mock.forme_numero,
            montant=asked.montantHT,
            reference=asked.reference,
            quantite=asked.quantite,
            uf=asked.uf,
            compte=asked.compte,
        )
        try:
            # Before anything is ordered: an order that cannot be told is not made.
            canal = mock.channel(asked.canal)
            made = commandes.order(mock.state, wish, mock.clock.today())
        except NoChannel as error:
            return problem(409, str(error), "SANS_CANAL")
        except commandes.Refused as error:
            code, said = error.refusal
            return problem(404 if code == "MARCHE_INCONNU" else 409, said, code)
        made["flux"] = [await mock.emit(kind, "delta", canal) for kind in ("commandes", "receptions", "mandats")]
        return made

    @router.get("/flux")
    async def emitted() -> dict[str, Any]:
        """Every flux that was sent, with the hub's answers, oldest first."""
        return {"flux": [{"idFlux": one, **kept.model_dump()} for one, kept in mock.state.flux.items()]}

    return router
