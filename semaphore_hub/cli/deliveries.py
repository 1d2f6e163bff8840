"""Commands on deliveries: list, show, replay, discard."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from semaphore_hub.cli.common import DataOption, services_for
from semaphore_hub.delivery import queries
from semaphore_hub.delivery.states import State
from semaphore_hub.kernel.access import LOCAL

app = typer.Typer(help="Deliveries: what was sent to whom, and what became of it.", no_args_is_help=True)

DeliveryId = Annotated[str, typer.Argument(metavar="ID")]


@app.command("list")
def list_command(
    partner: Annotated[str | None, typer.Option(help="Only this partner.")] = None,
    state: Annotated[State | None, typer.Option(help="Only this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
    data: DataOption = None,
) -> None:
    """List deliveries, oldest first."""
    services = services_for(data)
    rows = queries.list_deliveries(services.database, LOCAL, limit=limit, partner=partner, state=state)
    table = Table("Id", "Partner", "Channel", "State", "Message", "Subject", "Attempts", "Code", "Reason")
    for row in rows:
        table.add_row(
            row.id,
            row.partner,
            row.channel,
            row.state,
            row.message_type,
            row.lane_key,
            str(row.attempts),
            row.code or "",
            row.reason or "",
        )
    Console().print(table)


@app.command()
def show(delivery: DeliveryId, data: DataOption = None) -> None:
    """One delivery: attempts, findings, the partner's answer."""
    services = services_for(data)
    with services.database.read() as connection:
        row, attempts = queries.get_delivery(connection, LOCAL, delivery)
    console = Console()
    console.print(f"[bold]{row.id}[/] {row.partner} ({row.channel}) [bold]{row.state}[/]  {row.filename}")
    console.print(f"event {row.event_type} {row.lane_key}; contract {row.contract}; sha256 {row.sha256}")
    if row.reason:
        console.print(f"reason: {row.reason}", highlight=False)
    for finding in row.findings or []:
        console.print(
            f"  {finding['severity']} {finding['rule']} {finding['path']}: {finding['message']}", markup=False
        )
    for line in (row.answer or {}).get("lines", []):
        console.print(f"  line {line['line']}: {line['code'] or ''} {line['message'] or ''}", markup=False)
    table = Table("#", "Trigger", "Outcome", "Status", "Milliseconds", "Error")
    for item in attempts:
        table.add_row(
            str(item.number),
            item.trigger,
            item.outcome,
            str(item.status or ""),
            str(item.ended_at - item.started_at),
            item.error or "",
        )
    console.print(table)


@app.command()
def replay(delivery: DeliveryId, data: DataOption = None) -> None:
    """Send the same bytes again, under the same idempotency key."""
    services = services_for(data)
    with services.database.write() as unit:
        services.operations.replay(unit, LOCAL, delivery)
    typer.echo(f"{delivery} will be sent again")


@app.command()
def discard(
    delivery: DeliveryId,
    reason: Annotated[str, typer.Option(help="Why; kept with the delivery.")],
    data: DataOption = None,
) -> None:
    """Set a delivery aside for good; what waited behind it goes on."""
    services = services_for(data)
    with services.database.write() as unit:
        services.operations.discard(unit, LOCAL, delivery, reason)
    typer.echo(f"{delivery} is set aside")
