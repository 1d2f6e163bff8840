"""The command line: one module per group of commands, composition only."""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from semaphore_hub.cli import (
    alertes,
    convert,
    data,
    deliveries,
    documents,
    marches,
    new_connector,
    pilotage,
    produits,
    servers,
)
from semaphore_hub.kernel.errors import ConfigurationError, HubError

app = typer.Typer(
    name="semaphore-hub",
    help="Integration hub and test bench between SEMAPHORE and the partners of French hospital purchasing.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
servers.register(app)
documents.register(app)
marches.register(app)
convert.register(app)
new_connector.register(app)
app.add_typer(deliveries.app, name="deliveries")
app.add_typer(alertes.app, name="alertes")
app.add_typer(produits.app, name="produits")
app.add_typer(pilotage.paat_app, name="paat")
app.add_typer(pilotage.indicateurs_app, name="indicateurs")
app.add_typer(documents.contracts_app, name="contracts")
app.add_typer(documents.export_app, name="export")
app.add_typer(data.app, name="db")


def main() -> None:
    """Entry point: a refusal is one clear message on standard error, and exit code 2 (configuration: 78)."""
    try:
        app()
    except ConfigurationError as error:
        Console(stderr=True).print(f"[bold red]configuration[/]: {error.detail}", highlight=False)
        sys.exit(78)
    except HubError as error:
        Console(stderr=True).print(f"[bold red]refused[/]: {error.detail}", highlight=False)
        for problem in error.problems:
            Console(stderr=True).print(f"  {problem.path}  {problem.rule}  {problem.message}", highlight=False)
        sys.exit(2)
