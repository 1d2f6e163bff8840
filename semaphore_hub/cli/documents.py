"""Commands on documents and interface contracts: validate, import, contracts, export."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table

import contracts
from semaphore_hub.api.hub import HubServices
from semaphore_hub.app import build, create_app
from semaphore_hub.cli import pilotage, produits
from semaphore_hub.cli.common import DataOption, services_for
from semaphore_hub.imports import KINDS, ImportRefused, ImportReport, import_file
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.errors import Refused
from semaphore_hub.kernel.settings import Settings

INVALID, UNREADABLE = 1, 2
PRODUITS, PRODUITS_CONTRACT = "produits-en-marche", "commun/produits-en-marche/1"
EXCEL = (".xlsx", ".xlsm")
# Enough to know what a document is: a long file is then validated without being held in memory.
HEAD = 1024 * 1024

contracts_app = typer.Typer(help="Interface contracts.", no_args_is_help=True)
export_app = typer.Typer(help="Export descriptions of the hub.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(validate)
    app.command("import")(import_command)


def validate(
    file: Annotated[Path, typer.Argument(help="Document to check.")],
    contract: Annotated[str | None, typer.Option(help="Interface contract; recognised when left out.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Check a document against its interface contract. Exit 0 valid, 1 invalid, 2 it cannot be read."""
    try:
        with file.open("rb") as source:
            identifier = contract or contracts.recognise(source.read(HEAD), file.name)
        if identifier is None:
            _unreadable(f"{file}: no interface contract recognises this document; name one with --contract")
        report = contracts.validate_file(identifier, file)
    except OSError as error:
        _unreadable(f"{file}: {error.strerror}")
    except contracts.UnknownContract as error:
        _unreadable(str(error))
    if as_json:
        sys.stdout.write(json.dumps(report.to_dict(), ensure_ascii=False) + "\n")
    else:
        _show_report(file, report)
    raise typer.Exit(0 if report.valid else INVALID)


def _show_report(file: Path, report: contracts.Report) -> None:
    console = Console()
    verdict = "[green]valide[/]" if report.valid else "[bold red]invalide[/]"
    console.print(f"{file.name} : {verdict} ({report.contract})", highlight=False)
    if not report.findings:
        return
    table = Table("Règle", "Gravité", "Où", "Ligne", "Que faire")
    for finding in report.findings:
        table.add_row(finding.rule, finding.severity, finding.path, str(finding.line or ""), finding.message)
    console.print(table)


def _unreadable(message: str) -> NoReturn:
    Console(stderr=True).print(message, style="bold red", highlight=False)
    raise typer.Exit(UNREADABLE)


def import_command(
    file: Annotated[
        Path,
        typer.Argument(help="DECP (JSON, XML, CSV), PES Marché, products under contract, trame PAAT, files of facts."),
    ],
    kind: Annotated[
        str | None,
        typer.Option(help=f"{', '.join((*KINDS, PRODUITS, *pilotage.KINDS))}; recognised when left out, except facts."),
    ] = None,
    ght: Annotated[
        str | None,
        typer.Option(help="GHT that buyers unknown so far are attached to (needless when there is one), or of a plan."),
    ] = None,
    partiel: Annotated[
        bool, typer.Option("--partiel", help="Products and facts: load the good lines and report the others.")
    ] = False,
    annee: Annotated[int | None, typer.Option("--annee", help="Trame: year of the plan; read in the file.")] = None,
    simulation: Annotated[bool, typer.Option("--simulation", help="Trame: report only, record nothing.")] = False,
    data: DataOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Import a file. Exit 0 all taken, 1 some refused (the report says why), 2 the file cannot be read."""
    if kind == PRODUITS or (kind is None and _holds_products(file)):
        produits.import_command(file, partiel=partiel, ght=ght, data=data, as_json=as_json)
    if kind in pilotage.KINDS or (kind is None and file.suffix.lower() in EXCEL):
        pilotage.import_command(
            file,
            kind or pilotage.TRAME,
            ght=ght,
            annee=annee,
            partiel=partiel,
            simulation=simulation,
            data=data,
            as_json=as_json,
        )
    services = services_for(data)
    try:
        report = import_file(services, LOCAL, file, kind=kind, ght=ght or _only_ght(services))
    except ImportRefused as error:
        console = Console(stderr=True)
        console.print(f"{file.name} : {error}", style="bold red", highlight=False)
        for finding in error.findings:
            console.print(f"  {finding.rule}  {finding.path}  {finding.message}", highlight=False)
        raise typer.Exit(UNREADABLE) from error
    if as_json:
        sys.stdout.write(json.dumps(report.to_dict(), ensure_ascii=False) + "\n")
    else:
        _show_import(report)
    raise typer.Exit(INVALID if report.compteurs.refuses else 0)


def _holds_products(file: Path) -> bool:
    """Whether a file is a catalogue of products, which is too large to be read whole; unreadable ones are not."""
    try:
        with file.open("rb") as source:
            return contracts.recognise(source.read(HEAD), file.name) == PRODUITS_CONTRACT
    except OSError:
        return False


def _only_ght(services: HubServices) -> str:
    """The GHT of a database that has exactly one.

    Raises:
        Refused: there is none, or several.
    """
    with services.database.read() as connection:
        known, _ = services.referentiel.lister_ght(connection, LOCAL, after=None, limit=2)
    if len(known) != 1:
        raise Refused("name the GHT of the buyers with --ght: the database does not hold exactly one")
    return known[0].code


def _show_import(report: ImportReport) -> None:
    console = Console()
    counts = report.compteurs
    table = Table("Lus", "Acceptés", "Complétés", "Inchangés", "Refusés", title=f"Import de {report.fichier}")
    totals = (counts.lus, counts.acceptes, counts.completes, counts.inchanges, counts.refuses)
    table.add_row(*(str(total) for total in totals))
    console.print(table)
    problems = Table("Où", "Id", "Acheteur", "Règle", "Que faire", title="Refusés")
    for record in report.enregistrements:
        for reason in record.motifs:
            problems.add_row(record.place, record.id, record.acheteur, reason.regle, reason.message)
    if problems.row_count:
        console.print(problems)


@contracts_app.command("list")
def list_contracts() -> None:
    """Every interface contract, with its fidelity."""
    table = Table("Contract", "Fidelity", "Format", "Rules", "Title")
    for contract in contracts.catalogue():
        table.add_row(contract.id, contract.status, contract.format, str(len(contract.rules)), contract.title)
    Console().print(table)


@contracts_app.command("show")
def show_contract(contract: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """One contract: its artefacts and its rules with their sources."""
    try:
        found = contracts.get(contract)
    except contracts.UnknownContract as error:
        _unreadable(str(error))
    console = Console()
    console.print(f"[bold]{found.id}[/] {found.title}\nfidelity: {found.status}  media type: {found.media_type}")
    console.print("artefacts: " + ", ".join(sorted(path.name for path in found.folder.iterdir() if path.is_file())))
    table = Table("Rule", "Severity", "Kind", "What to fix", "Source")
    for rule in found.rules:
        table.add_row(rule.id, rule.severity, rule.kind, rule.message, rule.source)
    console.print(table)


@contracts_app.command("export")
def export_contracts(directory: Annotated[Path, typer.Argument(metavar="DIR")]) -> None:
    """Copy every contract's standard artefacts to a folder."""
    for folder in contracts.export(directory):
        typer.echo(folder)


@export_app.command("openapi")
def export_openapi() -> None:
    """The OpenAPI document of the hub, on standard output."""
    document = create_app(build(Settings()), dispatch=False).openapi()
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
