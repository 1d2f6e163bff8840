"""Editions of the indicators: Excel, HTML."""

from __future__ import annotations

from sqlalchemy import Connection

from semaphore_hub.kernel.access import Caller
from semaphore_hub.modules.indicateurs.demande import Demande
from semaphore_hub.modules.indicateurs.editions.classeur import classeur
from semaphore_hub.modules.indicateurs.editions.rapport import rapport
from semaphore_hub.modules.indicateurs.editions.synthese import rassembler
from semaphore_hub.modules.indicateurs.service import IndicateursService


class EditionsService:
    """Prints what the indicators say.

    Args:
        indicateurs: where every figure is read.
    """

    def __init__(self, indicateurs: IndicateursService) -> None:
        self._indicateurs = indicateurs

    def excel(self, connection: Connection, caller: Caller, demande: Demande) -> bytes:
        """The Excel file that an ARS keeps: figures, and the facts behind them.

        Raises:
            Forbidden, NotFound, RuleBroken: see :meth:`IndicateursService.lire`.
        """
        return classeur(rassembler(self._indicateurs, connection, caller, demande, avec_faits=True))

    def html(self, connection: Connection, caller: Caller, demande: Demande) -> str:
        """The report on one page.

        Raises:
            Forbidden, NotFound, RuleBroken: see :meth:`IndicateursService.lire`.
        """
        return rapport(rassembler(self._indicateurs, connection, caller, demande, avec_faits=False))
