"""Settings of one DAJ instance: from which amount a marché is published, and through what."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from connectors.transports.deposit import DepositSettings


class DajSettings(DepositSettings):
    """The publication threshold and the two channels."""

    seuilPublication: Decimal = Field(
        default=Decimal(40_000),
        ge=0,
        description="euros HT; a marché that never reached it is not said (code de la commande publique R2196-1 and "
        "arrêté of 22 December 2022: publication is compulsory from 40 000 € HT). 0 publishes everything. Concessions "
        "have no threshold.",
    )
