"""The simulated GEF behind the EAI PRODIGE: it has no programming interface, both its channels are folders.

Nominal ("eai"): XML files, each with its envelope, from version 22 on. Degraded ("fichier"): CSV with a ``.ok`` marker.
Both share the folders of the configuration, served by SFTP if asked. Options: those of :mod:`mock_partners.gef.mock`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from mock_partners.gef.mock import DEGRADED
from mock_partners.gef.sftp import SftpGefMock
from mock_partners.gef.syntaxes import CSV_OK, XML_OK, Syntax
from mock_partners.gef_eai_prodige import enveloppe
from mock_partners.kit import Mock, MockConfig


class GefEaiProdigeMock(SftpGefMock):
    """One hospital's GEF, version "V 22" unless told otherwise."""

    id = "gef_eai_prodige"
    title = "GEF par l'EAI PRODIGE (simulée, format supposé)"
    product = "GEF EAI PRODIGE"
    version = "V 22"
    minimum: ClassVar[str | None] = "22"
    nominal = "eai"
    syntaxes: ClassVar[Mapping[str, Syntax]] = {
        "eai": replace(XML_OK, marker=enveloppe.MARKER, companion=enveloppe.written),
        DEGRADED: CSV_OK,
    }


def create(config: MockConfig) -> Mock:
    """The mock, for ``mock_partners.MOCKS``."""
    return GefEaiProdigeMock(config)
