"""A connector's manifest: data, read and checked before any of its code is imported."""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from semaphore_hub.kernel.errors import ConfigurationError


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ChannelSpec(_Strict):
    """A way to reach the partner."""

    id: Literal["api", "eai", "file"]
    label: str
    contracts: dict[str, str] = Field(description="message type to interface contract id")
    inbound: tuple[str, ...] = Field(default=(), description="contract ids of the documents that come back")


class MessageSpec(_Strict):
    """How one event is said."""

    event: str
    message: str
    audience: Literal["acheteur", "beneficiaires", "ght", "destinataire"] = Field(
        description="which instances hear it: the buyer's, those of every beneficiary establishment, all of the GHT, "
        "or the partner (or kind of partner) that the event names as its ``destinataire``"
    )
    ordering: Literal["receipt", "acceptance"] = Field(
        description="the next message of the lane leaves after the receipt, or only after the acceptance, of this one"
    )
    acknowledgement: bool = Field(description="whether a functional answer is expected")
    deadline_seconds: int | None = Field(default=None, gt=0, description="when a missing answer becomes OVERDUE")


class Loss(_Strict):
    """A field or fact that this partner's format cannot carry, declared so that it is never lost silently."""

    id: str
    description: str
    champs: tuple[str, ...] = Field(
        default=(),
        description="fields it concerns, by the names of ports/champs.py; a final star stands for any ending, and a "
        "star between brackets for any item",
    )

    alteration: bool = Field(
        default=False, description="the field is told, but cut, rounded or completed, rather than left out"
    )

    def covers(self, champ: str) -> bool:
        """Whether a field, by its common name, is among those this loss concerns."""
        return any(_pattern(one).fullmatch(champ) for one in self.champs)


class Compatibility(_Strict):
    """Versions of the partner's product that this connector's API channel works with."""

    product: str
    minimum: str
    comment: str = ""


class Manifest(_Strict):
    """What a connector declares about itself (``manifest.toml`` in its folder)."""

    id: str = Field(pattern="^[a-z][a-z0-9_]*$")
    name: str
    kind: Literal["gef", "comptable", "open_data", "profil_acheteur", "centrale", "autre"]
    status: Literal["official", "derived", "assumed"]
    description: str
    idempotent: bool = Field(description="whether the partner deduplicates by idempotency key or file name")
    channels: tuple[ChannelSpec, ...] = Field(min_length=1, description="in order of preference")
    messages: tuple[MessageSpec, ...] = Field(min_length=1)
    retry_schedule: tuple[str, ...] = Field(min_length=1, description='readable delays: "5s", "2m", "1h"')
    left_to_partner: tuple[str, ...] = Field(
        default=(), description="rules of its contracts that the partner judges: a body that breaks only these is sent"
    )
    compatibility: Compatibility | None = None
    uses: str | None = Field(
        default=None,
        pattern="^[a-z][a-z0-9_]*$",
        description="shared implementation (folder beside this one, whose module ``generic`` has "
        "``create(manifest)``) of a connector that is described by its manifest only; absent: the folder has its own "
        "connector.py",
    )
    losses: tuple[Loss, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Manifest:
        for delay in self.retry_schedule:
            parse_delay(delay)
        said = {spec.message for spec in self.messages}
        for channel in self.channels:
            if missing := said - set(channel.contracts):
                raise ValueError(f"channel {channel.id} names no contract for {sorted(missing)}")
        return self

    def channel(self, channel_id: str) -> ChannelSpec | None:
        """The channel of that id, if the connector has it."""
        return next((channel for channel in self.channels if channel.id == channel_id), None)

    def spec_for(self, event_type: str) -> MessageSpec | None:
        """How an event is said; ``None`` when this partner does not hear it."""
        return next((spec for spec in self.messages if spec.event == event_type), None)


@lru_cache(maxsize=1024)
def _pattern(champs: str) -> re.Pattern[str]:
    """A name with stars as a regular expression."""
    words = re.escape(champs).replace(r"\[\*\]", r"\[[^\]]*\]")
    return re.compile(words.removesuffix(r"\*") + ".*" if words.endswith(r"\*") else words)


_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_delay(text: str) -> timedelta:
    """A readable delay ("200ms", "5s", "2m", "1h", "1d") as a duration.

    Raises:
        ValueError: the text is not such a delay.
    """
    number, unit = text.rstrip("msdh"), text[len(text.rstrip("msdh")) :]
    if not number.isdigit() or (unit not in _UNITS and unit != "ms"):
        raise ValueError(f'{text!r} is not a delay like "5s", "2m", "1h"')
    return timedelta(milliseconds=int(number)) if unit == "ms" else timedelta(**{_UNITS[unit]: int(number)})


def load_manifest(path: Path) -> Manifest:
    """Read one ``manifest.toml``; the folder's name must be the connector's id.

    Raises:
        ConfigurationError: unreadable, incomplete, contradictory, or in the wrong folder.
    """
    try:
        manifest = Manifest.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigurationError(f"{path}: {error}") from error
    if manifest.id != path.parent.name:
        raise ConfigurationError(f"{path}: the id {manifest.id!r} is not the folder's name {path.parent.name!r}")
    return manifest
