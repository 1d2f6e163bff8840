"""Projects as the API shows them, with what to look at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection

from semaphore_hub.modules.planification.avertissements import avertissements
from semaphore_hub.modules.planification.donnees import Projet
from semaphore_hub.modules.planification.reading import besoins_de, vue
from semaphore_hub.modules.planification.schemas import ProjetAchatVue


def vues(connection: Connection, projets: Sequence[Projet], aujourdhui: date) -> list[ProjetAchatVue]:
    """Views of projects, in their order; what they share is read once."""
    needs = besoins_de(connection, [one.uid for one in projets])
    warnings = avertissements(connection, projets, aujourdhui)
    return [vue(one, needs.get(one.uid, []), warnings.get(one.uid, [])) for one in projets]
