"""The command that begins a connector: one folder that works at once, on a kit."""

from __future__ import annotations

import re
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Annotated

import typer
from rich.console import Console

from semaphore_hub.delivery.registry import CONNECTOR_DIRS, connector_folders
from semaphore_hub.kernel.errors import AlreadyExists, Refused
from semaphore_hub.ports.manifest import load_manifest

_ID = re.compile(r"[a-z][a-z0-9_]*")
_NAME = re.compile(r'[^"\\$\x00-\x1f]{1,80}')
_DESCRIBED = (
    'There is no code: `manifest.toml` says `uses = "gef"`, and the kit makes the wires that its channels ask for.'
)
_CODED = "`connector.py` puts the kit's wires together; what differs from the common model goes there."


class Kit(StrEnum):
    """Kits that a new connector may rest on."""

    GEF = "gef"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("new-connector")(new_connector)


def new_connector(
    connector_id: Annotated[
        str, typer.Argument(metavar="ID", help="Name of the folder: letters a-z, digits and _, a letter first.")
    ],
    kind: Annotated[Kit, typer.Option(help="Kit it rests on.")] = Kit.GEF,
    into: Annotated[Path, typer.Option(help="Folder that will hold the connector's folder.")] = Path("connectors"),
    name: Annotated[str | None, typer.Option(help="Name for people (default: made from the id).")] = None,
    code: Annotated[
        bool, typer.Option("--code", help="With a connector.py to change, rather than a manifest only.")
    ] = False,
) -> None:
    """Begin a connector: a folder that the hub takes as it is, with what is left to fill in."""
    if not _ID.fullmatch(connector_id):
        raise Refused(f"{connector_id!r} is not an id: letters a-z, digits and _, beginning with a letter")
    label = name or connector_id.replace("_", " ").upper()
    if not _NAME.fullmatch(label):
        raise Refused('the name must have 1 to 80 characters, without " \\ $ nor line breaks')
    folder = into / connector_id
    if folder.exists():
        raise AlreadyExists(f"{folder} exists already; nothing was written")
    if taken := [str(one) for one in connector_folders() if one.name == connector_id]:
        raise AlreadyExists(f"a connector has the id {connector_id!r} already: {taken[0]}")
    _write(folder, kind, connector_id, label, code=code)
    load_manifest(folder / "manifest.toml")
    _say_next(folder, connector_id)


def _write(folder: Path, kind: Kit, connector_id: str, label: str, *, code: bool) -> None:
    words = {
        "id": connector_id,
        "name": label,
        "host": connector_id.replace("_", "-"),
        "how": _CODED if code else _DESCRIBED,
        "uses": ""
        if code
        else f'# No code of its own: the kit makes what the channels ask for.\nuses = "{kind.value}"\n',
    }
    made = {"manifest.toml": "manifest.toml", "README.md": "README.md", "golden/settings.json": "settings.json"}
    if code:
        made["connector.py"] = "connector.py.txt"
    templates = files("semaphore_hub.scaffold") / kind.value
    (folder / "golden").mkdir(parents=True)
    for target, template in made.items():
        text = Template((templates / template).read_text(encoding="utf-8")).substitute(words)
        (folder / target).write_text(text, encoding="utf-8")
    if code:
        (folder / "__init__.py").write_text(f'"""{label}. Assumed format ("hypothèse")."""\n', encoding="utf-8")


def _say_next(folder: Path, connector_id: str) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"[bold]{folder}[/] is a connector. Next:")
    found = folder.resolve() in {one.resolve() for one in connector_folders()}
    if not found:
        console.print(f"  export {CONNECTOR_DIRS}={folder.parent.resolve()}   (the hub, and the suite, then find it)")
    console.print(f"  pytest tests/conformance -k {connector_id}   (what every connector must do)")
    console.print(f"  fill in {folder / 'README.md'} and {folder / 'manifest.toml'}; see docs/adding-a-connector.md")
