"""Commands on the database: upgrade, backup."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Annotated

import typer

from semaphore_hub.cli.common import DataOption, settings_for
from semaphore_hub.kernel.errors import ConfigurationError
from semaphore_hub.migrate import upgrade as upgrade_database

app = typer.Typer(help="The database.", no_args_is_help=True)


@app.command()
def upgrade(data: DataOption = None) -> None:
    """Create the database or bring it to the present schema."""
    settings = settings_for(data)
    if data is not None:
        data.mkdir(parents=True, exist_ok=True)
    upgrade_database(settings.database_url)
    typer.echo("the database is up to date")


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="File to write; it must not exist.")], data: DataOption = None
) -> None:
    """Copy an SQLite database while it is in use. PostgreSQL has its own tools (pg_dump)."""
    settings = settings_for(data)
    if not settings.is_sqlite:
        raise ConfigurationError("PostgreSQL databases are backed up with pg_dump")
    if target.exists():
        raise ConfigurationError(f"{target} exists already; it is not overwritten")
    source = Path(settings.database_url.removeprefix("sqlite:///"))
    if not source.is_file():
        raise ConfigurationError(f"{source} does not exist")
    origin, copy = sqlite3.connect(source), sqlite3.connect(target)
    try:
        origin.backup(copy)
    finally:
        copy.close()
        origin.close()
    typer.echo(f"{target} written")
