"""The command that converts: from any format of marchés to the DECP in force, saying what is completed or lost."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO, NoReturn

import typer
from rich.console import Console

import contracts
from contracts import correspondance
from contracts.correspondance import PRESENT, Outcome
from contracts.refusal import Refused
from semaphore_hub.imports.defaults import completed

INCOMPLETE, UNREADABLE = 1, 2
_HEAD = 1024 * 1024


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(convert)


def convert(
    file: Annotated[Path, typer.Argument(help="DECP of any version (JSON, XML), DGFiP open data, or PES Marché.")],
    to: Annotated[str, typer.Option(help=f"What to write: {' or '.join(PRESENT)}.")] = PRESENT[0],
    out: Annotated[
        Path | None, typer.Option(help="File to write, which must not exist; standard output if none.")
    ] = None,
) -> None:
    """Convert marchés to the DECP in force. Exit 0 all converted, 1 some are not, 2 the file cannot be read."""
    if to not in PRESENT:
        _unreadable(f"{to}: convert writes {' or '.join(PRESENT)}")
    if out is not None and out.exists():
        _unreadable(f"{out} exists already; it is not overwritten")
    try:
        with file.open("rb") as source, _target(out) as target:
            contract = _contract(file, source)
            whole = [_say(outcome) for outcome in correspondance.convert(contract, source, target, to)]
    except OSError as error:
        _unreadable(f"{error.filename or file}: {error.strerror}")
    except Refused as refusal:
        line = "" if refusal.line is None else f" (ligne {refusal.line})"
        _unreadable(f"{file.name}{line} : {refusal.message}")
    raise typer.Exit(0 if all(whole) else INCOMPLETE)


def _contract(file: Path, source: BinaryIO) -> contracts.InterfaceContract:
    found = contracts.recognise(source.read(_HEAD), file.name)
    source.seek(0)
    if found is None:
        _unreadable(f"{file}: no interface contract recognises this document")
    contract = contracts.get(found)
    if not correspondance.readable(contract):
        _unreadable(f"{file}: a document of {found} cannot be converted to the DECP")
    return contract


@contextmanager
def _target(out: Path | None) -> Iterator[BinaryIO]:
    """Where to write; a file appears whole at the end, or not at all."""
    if out is None:
        with tempfile.TemporaryFile() as held:
            yield held
            held.seek(0)
            while block := held.read(_HEAD):
                sys.stdout.buffer.write(block)
        return
    handle, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
    try:
        with os.fdopen(handle, "wb") as held:
            yield held
        Path(name).replace(out)
    finally:
        Path(name).unlink(missing_ok=True)


def _say(outcome: Outcome) -> bool:
    """Tell one contract on standard error; whether it was converted."""
    console = Console(stderr=True, soft_wrap=True)
    verdict = "[green]converti[/]" if outcome.written else "[bold red]non converti[/]"
    console.print(f"{verdict} {outcome.place} {outcome.id or 'sans numéro'}", highlight=False)
    for finding in outcome.findings:
        line = "" if finding.line is None else f" ligne {finding.line}"
        console.print(f"  {finding.rule}  {finding.path}{line}  {finding.message}", highlight=False, markup=False)
    converted = outcome.converted
    if converted is None:
        return outcome.written
    for refusal, champ in converted.refusals:
        console.print(f"  {refusal.id}  {champ}  {refusal.message}", highlight=False, markup=False)
    if outcome.written:
        for item in converted.completions:
            why = completed(item.champ, item.valeur).justification
            console.print(f"  complété  {item.champ} = {item.valeur} ({why})", highlight=False, markup=False)
        for loss, champ in converted.losses:
            console.print(f"  perdu ({loss.id})  {champ}  {loss.message}", highlight=False, markup=False)
    return outcome.written


def _unreadable(message: str) -> NoReturn:
    Console(stderr=True, soft_wrap=True).print(message, style="bold red", highlight=False, markup=False)
    raise typer.Exit(UNREADABLE)
