"""What several groups of commands share: where the database is, and the services on it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from semaphore_hub.api.hub import HubServices
from semaphore_hub.app import build
from semaphore_hub.kernel.errors import ConfigurationError
from semaphore_hub.kernel.logging import configure_logging
from semaphore_hub.kernel.settings import Settings
from semaphore_hub.migrate import is_current

DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data", help="Folder of a demo or local hub (its semaphore.db is used instead of SEMAPHORE_DATABASE_URL)."
    ),
]


def settings_for(data: Path | None) -> Settings:
    """Settings of the environment, on the database of a data folder when one is named."""
    settings = Settings()
    if data is None:
        return settings
    return settings.model_copy(update={"database_url": f"sqlite:///{data / 'semaphore.db'}"})


def services_for(data: Path | None) -> HubServices:
    """Services on a migrated database.

    Raises:
        ConfigurationError: the database lacks migrations; the message says the command.
    """
    settings = settings_for(data)
    configure_logging(settings.log_level)
    if not is_current(settings.database_url):
        raise ConfigurationError("the database is not up to date: run `semaphore-hub db upgrade` first")
    return build(settings)
