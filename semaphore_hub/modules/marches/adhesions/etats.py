"""The workflow of an adhesion as a table: what each side may do, in which state.

States are those of the cooperative's own workflow (domaine UniHA : demande de convention, signature électronique,
« Ventilation Établissement », « Validation CA », « Notification fournisseurs », active, échue); who does what in them
is a hypothesis, and the same workflow is assumed of RESAH.
"""

from __future__ import annotations

from collections.abc import Mapping

from semaphore_hub.ports.payloads import StatutAdhesion

SUITES: Mapping[StatutAdhesion, frozenset[StatutAdhesion]] = {
    "demande": frozenset({"signature", "refusee"}),
    "signature": frozenset({"ventilation", "refusee"}),
    "ventilation": frozenset({"validation_ca", "refusee"}),
    "validation_ca": frozenset({"notification_fournisseurs", "refusee"}),
    "notification_fournisseurs": frozenset({"active"}),
    "active": frozenset({"echue"}),
    "echue": frozenset(),
    "refusee": frozenset(),
}
"""What the cooperative may say next."""

TERMINEES: frozenset[StatutAdhesion] = frozenset({"echue", "refusee"})
"""After these, the same établissement may ask again."""
