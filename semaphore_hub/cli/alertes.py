"""Commands on alerts: look for them, list them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from semaphore_hub.cli.common import DataOption, services_for
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.modules.marches.alertes.regles import CodeAlerte
from semaphore_hub.modules.marches.alertes.service import FiltresAlertes

app = typer.Typer(help="Alerts: what to look at on marchés.", no_args_is_help=True)


@app.command()
def evaluate(
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day to look at (default: today).")] = None,
    data: DataOption = None,
) -> None:
    """Look at every marché and record what is new; a running hub does it by itself."""
    services = services_for(data)
    done = services.alertes.evaluer(LOCAL, None if day is None else day.date())
    typer.echo(f"{done.jour}: {done.marches} marchés looked at, {done.nouvelles} new alerts")


@app.command("list")
def list_command(
    code: Annotated[CodeAlerte | None, typer.Option(help="Only this kind.")] = None,
    seen: Annotated[bool, typer.Option("--all", help="Those already acknowledged too.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
    data: DataOption = None,
) -> None:
    """List alerts, newest first."""
    services = services_for(data)
    filters = FiltresAlertes(code=None if code is None else code.value, ouvertes=not seen)
    with services.database.read() as connection:
        items, _ = services.alertes.lister(connection, LOCAL, filters, limit=limit, after=None)
    table = Table("Day", "Marché", "Kind", "Term", "Message")
    for one in items:
        table.add_row(str(one.jour), one.idMarche, one.code, str(one.echeance or ""), one.message)
    Console().print(table)
