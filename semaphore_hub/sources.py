"""Where the facts of the indicators come from: joined here, since modules do not know each other."""

from __future__ import annotations

from semaphore_hub.modules.marches.mesures import MesuresMarches
from semaphore_hub.modules.paat.mesures import MesuresPaat
from semaphore_hub.modules.planification.mesures import MesuresProjets
from semaphore_hub.ports.mesures import Sources


def sources_of_facts() -> Sources:
    """The ports of the three modules that own facts."""
    return Sources(actions=MesuresPaat(), marches=MesuresMarches(), projets=MesuresProjets())
