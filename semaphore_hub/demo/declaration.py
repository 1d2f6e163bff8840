"""How a partner of the demo is declared: its mock, and how the hub is told about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Settings = dict[str, Any]
Journal = Sequence[Mapping[str, Any]]
"""The documents a mock received, as its control plane shows them."""
Effect = tuple[str, str]
"""What names a message (see ``DemoPartner.named_by``), and the part of it that took effect."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mock can be reached: its address, the two folders shared with it, and its SFTP server, if it has one."""

    base_url: str
    depot: Path
    retour: Path
    sftp: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DemoPartner:
    """One partner: its mock, and how the hub is told about it. Partner, connector and mock have the same id.

    Attributes:
        id: of the partner.
        label: who it is, in French.
        settings: the connector's settings for this partner.
        effects: what took effect, read from the mock's state and journal: one item per message, part and time.
        named_by: field of a delivery that names its message in ``effects``.
        siret: establishment it serves; ``None``: every one of the GHT.
        of_ght: whether what it says is for this GHT only.
        channel: nominal channel.
        secrets: what its settings name.
        api_key: what the mock wants to be shown.
        options: options of the mock.
        known_suppliers: suppliers the mock knows; ``None``: any.
        product_version: version installed, for the connector's version gate.
        opened: state given to the mock once the scenario is over, so that whatever is imported then flows.
    """

    id: str
    label: str
    settings: Callable[[Place], Settings]
    effects: Callable[[Mapping[str, Any], Journal], Iterable[Effect]]
    named_by: str = "reference"
    siret: str | None = None
    of_ght: bool = False
    channel: str = "api"
    secrets: Mapping[str, str] = field(default_factory=dict)
    api_key: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    known_suppliers: frozenset[str] | None = None
    product_version: str | None = None
    opened: Mapping[str, Any] = field(default_factory=dict)
