"""Commands that run: demo, serve, worker, mock."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn
from pydantic import TypeAdapter
from rich.console import Console

from mock_partners import MOCKS, MockConfig
from mock_partners.kit import Mock, RunningMock, load_faults
from mock_partners.kit import run as run_mocks
from semaphore_hub import demo as hub_demo
from semaphore_hub.app import build_dispatcher, create_app, require_protection
from semaphore_hub.cli.common import DataOption, services_for, settings_for

HostOption = Annotated[str, typer.Option(help="Address to listen on; beyond the loopback, tokens are required.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(demo)
    app.command()(serve)
    app.command()(worker)
    app.command()(mock)


def demo(
    once: Annotated[bool, typer.Option("--once", help="Run the scenario to its end, then exit.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON result on standard output.")] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the hub (0: any free port).")] = 8000,
    data: Annotated[Path, typer.Option(help="Folder for the database and everything received.")] = Path("demo-data"),
) -> None:
    """Hub, every mock partner and a fictitious hospital group's contracts, on SQLite."""
    raise typer.Exit(hub_demo.run(port=port, data_dir=data, once=once, as_json=as_json))


def serve(
    host: HostOption = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8000,
    data: DataOption = None,
    dispatch: Annotated[bool, typer.Option(help="Also deliver; otherwise run workers beside it.")] = True,
) -> None:
    """Serve the API (and deliver, unless told otherwise)."""
    require_protection(settings_for(data), host)
    services = services_for(data)
    uvicorn.run(
        create_app(services, dispatch=dispatch), host=host, port=port, log_level="warning", timeout_graceful_shutdown=10
    )


def worker(data: DataOption = None) -> None:
    """Deliver only, for an API served elsewhere on the same database; several may run on PostgreSQL."""
    services = services_for(data)

    async def main() -> None:
        dispatcher = build_dispatcher(services)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, dispatcher.stop)
        await dispatcher.run()

    asyncio.run(main())


def mock(
    partners: Annotated[list[str], typer.Argument(metavar="PARTNER...", help=f"Among: {', '.join(MOCKS)}.")],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="First port; the others follow (0: any).")] = 9100,
    faults: Annotated[
        Path | None,
        typer.Option(help='JSON file: {"PARTNER": {"script": ["503", "timeout"], "scenarios": ["acquit_perdu"]}}'),
    ] = None,
    received: Annotated[Path | None, typer.Option(help="Folder where every document is kept as received.")] = None,
    folders: Annotated[
        Path | None,
        typer.Option(help="Folder of the file mode: FOLDER/PARTNER/depot is watched, FOLDER/PARTNER/retour answers."),
    ] = None,
    options: Annotated[
        Path | None,
        typer.Option(help='JSON file of what each mock can be told: {"gef_0904": {"version": "09.04.00100"}}'),
    ] = None,
    state: Annotated[Path | None, typer.Option(help="Folder where the state survives a restart.")] = None,
) -> None:
    """Run mock partners alone: state, refusals, scripted faults, control plane under /_mock."""
    unknown = [name for name in partners if name not in MOCKS]
    if unknown:
        raise typer.BadParameter(f"no mock named {', '.join(unknown)}; there are: {', '.join(MOCKS)}")
    given = {} if options is None else _read_options(options)
    mocks = [
        _make(
            name,
            MockConfig(
                received_dir=received,
                depot_dir=folders / name / "depot" if folders else None,
                retour_dir=folders / name / "retour" if folders else None,
                state_file=state / f"{name}.json" if state else None,
                options=given.get(name, {}),
            ),
        )
        for name in partners
    ]
    if faults is not None:
        _apply_faults(mocks, faults)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            run_mocks(mocks, host, port, _announce)
    except OSError as error:
        raise typer.BadParameter(
            f"a port cannot be used ({error}): each mock takes the one after the last, SFTP the one of its options"
        ) from error


def _read_options(path: Path) -> Mapping[str, Mapping[str, Any]]:
    """Options by mock; one file may serve several runs, so those of other mocks are left aside."""
    try:
        given = TypeAdapter(dict[str, dict[str, Any]]).validate_json(path.read_bytes())
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"{path}: {error}", param_hint="--options") from error
    if unknown := sorted(set(given) - set(MOCKS)):
        raise typer.BadParameter(f"{path}: no mock named {', '.join(unknown)}", param_hint="--options")
    return given


def _make(name: str, config: MockConfig) -> Mock:
    """One mock and its folders; what it does not understand in its options is the user's mistake, not a crash."""
    for folder in (config.depot_dir, config.retour_dir):
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
    try:
        return MOCKS[name](config)
    except (KeyError, TypeError, ValueError) as error:
        raise typer.BadParameter(f"{name}: {error!r}", param_hint="--options, --state") from error


def _apply_faults(mocks: Sequence[Mock], path: Path) -> None:
    try:
        for one in mocks:
            plan = load_faults(path, one.id)
            one.faults.replace(plan.script, plan.scenarios, plan.on)
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"{path}: {error}", param_hint="--faults") from error


def _announce(running: Sequence[RunningMock]) -> None:
    console = Console()
    for one in running:
        console.print(f"[bold]{one.mock.id}[/] {one.mock.title}: {one.url}  (control plane: {one.url}/_mock/state)")
