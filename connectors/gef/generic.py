"""Connectors described by their manifest only (``uses = "gef"``): channels and contracts say which wires are needed.

========  ====================  ==============================================================================
channel   format of contracts   wire
========  ====================  ==============================================================================
api       JSON                  REST with an API key in ``X-Api-Key`` (:mod:`connectors.gef.rest`)
file      CSV or XML            files and ``<name>.ok`` in two folders, local or SFTP (:mod:`connectors.gef.files`)
========  ====================  ==============================================================================

Anything else (SOAP, OAuth2, an EAI's envelope) needs a few lines of code: see ``connectors/gef_saas``.
"""

from __future__ import annotations

import contracts
from connectors.gef.connector import GefConnector
from connectors.gef.files import DropWire
from connectors.gef.reading import contract_of
from connectors.gef.rest import RestWire
from connectors.gef.settings import ApiKeySettings, GefSettings
from connectors.gef.wire import CSV, JSON, XML, Syntax, Wire
from semaphore_hub.ports.connector import Inbound, Interpretation
from semaphore_hub.ports.manifest import ChannelSpec, Manifest
from semaphore_hub.ports.outcomes import Unreadable

_SYNTAXES = {syntax.suffix: syntax for syntax in (JSON, XML, CSV)}


class DescribedConnector(GefConnector):
    """Reads from its partner nothing but what the manifest says it sends."""

    def interpret(self, document: Inbound) -> Interpretation:
        """See ``Connector.interpret``; a document of the common model that is not this partner's to send is refused."""
        contract = contract_of(document.body)
        expected = sorted({one for channel in self.manifest.channels for one in channel.inbound})
        if contract is not None and contract not in expected:
            raise Unreadable(
                f"« {document.name} » suit le contrat {contract} : {self.manifest.name} n'envoie que "
                f"{', '.join(expected) or 'rien'}. Rien n'en a été appliqué."
            )
        return super().interpret(document)


def create(manifest: Manifest) -> DescribedConnector:
    """The connector that a manifest describes, for the registry.

    Raises:
        ValueError: a channel asks for what only code can give, or its contracts are not of one format.
        UnknownContract: a contract does not exist.
    """
    wires: dict[str, Wire] = {channel.id: _wire(channel) for channel in manifest.channels}
    settings: type[GefSettings] = ApiKeySettings if "api" in wires else GefSettings
    return DescribedConnector(manifest, settings, wires)


def _wire(channel: ChannelSpec) -> Wire:
    syntax = _syntax(channel)
    if channel.id == "api" and syntax is JSON:
        return RestWire()
    if channel.id == "file" and syntax is not JSON:
        return DropWire(syntax)
    raise ValueError(
        f"channel {channel.id} with contracts in {syntax.suffix.upper()} needs a connector.py: a manifest alone gives "
        "api in JSON, file in CSV or XML"
    )


def _syntax(channel: ChannelSpec) -> Syntax:
    """How everything is written on a channel, by the format of its contracts."""
    formats = {contracts.get(one).format for one in channel.contracts.values()}
    if len(formats) != 1 or not formats <= set(_SYNTAXES):
        raise ValueError(f"the contracts of the channel {channel.id} must all be JSON, XML or CSV: {sorted(formats)}")
    return _SYNTAXES[formats.pop()]
