"""Every table of the hub, gathered for the migrations and for nothing else."""

from __future__ import annotations

from importlib import import_module

from semaphore_hub.kernel.db import metadata

for name in (
    "semaphore_hub.delivery.tables",
    "semaphore_hub.api.idempotency",
    "semaphore_hub.modules.referentiel.models",
    "semaphore_hub.modules.marches.models",
    "semaphore_hub.modules.marches.produits.models",
    "semaphore_hub.modules.marches.produits.recus",
    "semaphore_hub.modules.marches.place.models",
    "semaphore_hub.modules.marches.adhesions.models",
    "semaphore_hub.modules.marches.execution.models",
    "semaphore_hub.modules.marches.concessions.models",
    "semaphore_hub.modules.marches.alertes.models",
    "semaphore_hub.modules.paat.models",
    "semaphore_hub.modules.planification.models",
    "semaphore_hub.modules.indicateurs.models",
):
    import_module(name)

__all__ = ["metadata"]
