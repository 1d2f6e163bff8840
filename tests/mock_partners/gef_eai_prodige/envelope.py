"""A hub that drops XML files with their envelopes."""

from __future__ import annotations

import contracts
from contracts.rules.echange_fichiers import parse_name, sha256_hex
from tests.mock_partners.gef.hubs import FileHub


class EaiHub(FileHub):
    """By XML files, each followed by its envelope."""

    marker_suffix = ".env.xml"

    def marker(self, name: str, body: bytes) -> bytes:
        file = parse_name(name)
        assert file is not None
        envelope = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<enveloppe xmlns="urn:fr:semaphore:hypothese:eaiprodige:1"><emetteur>SEM</emetteur>'
            f"<destinataire>GEF</destinataire><codeFlux>{file.type}</codeFlux>"
            f"<numeroSequence>{file.numero}</numeroSequence><sha256>{sha256_hex(body)}</sha256>"
            f"<emisLe>2026-12-01T08:00:00Z</emisLe><tailleOctets>{len(body)}</tailleOctets></enveloppe>"
        ).encode()
        assert contracts.validate("gef_eai_prodige/enveloppe/1", envelope).findings == ()
        return envelope
