"""Commands on steering: files of plans and of facts, ``paat export``, ``indicateurs``."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from semaphore_hub.api.hub import HubServices
from semaphore_hub.cli.common import DataOption, services_for
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.errors import ConfigurationError, NotFound, RuleBroken
from semaphore_hub.modules.indicateurs.colonnes.instantane import actualiser, reconstruire
from semaphore_hub.modules.indicateurs.demande import Demande
from semaphore_hub.modules.indicateurs.faits.imports.schemas import TYPES, BilanImport, TypeImport
from semaphore_hub.modules.indicateurs.indicateur import Decoupage, Niveau
from semaphore_hub.modules.indicateurs.schemas import IndicateurCalcule
from semaphore_hub.modules.paat.trame.rapport import TrameRefusee
from semaphore_hub.modules.paat.trame.schemas import RapportTrame

INVALID, UNREADABLE = 1, 2
TRAME, GAINS_OPERATEURS = "trame-paat", "gains-operateurs"
_ACTIONS = "actions-paat"
_FAITS: dict[str, TypeImport] = {_ACTIONS if kind == "actions" else kind: kind for kind in TYPES}
KINDS = (TRAME, GAINS_OPERATEURS, *_FAITS)
"""Kinds of files that are imported here."""

AnneeOption = Annotated[int | None, typer.Option("--annee", help="Year; the present one when left out.")]
GhtOption = Annotated[str | None, typer.Option(help="Code of the GHT.")]
RegionOption = Annotated[str | None, typer.Option(help="Short name of the region, such as ARA.")]

paat_app = typer.Typer(help="Purchasing action plans (PAAT).", no_args_is_help=True)
indicateurs_app = typer.Typer(help="Indicators.", no_args_is_help=True)


def import_command(
    file: Path,
    kind: str,
    *,
    ght: str | None,
    annee: int | None,
    partiel: bool,
    simulation: bool,
    data: Path | None,
    as_json: bool,
) -> NoReturn:
    """Import a file of one of :data:`KINDS`. Exit 0 taken, 1 refused (the report says why), 2 unreadable."""
    if not file.is_file():
        Console(stderr=True).print(f"{file}: no such file", style="bold red", highlight=False)
        raise typer.Exit(UNREADABLE)
    services = services_for(data)
    try:
        if kind == TRAME:
            report = import_trame(services, file, ght=ght, annee=annee, simulation=simulation)
            _show_trame(file, report, as_json=as_json)
            raise typer.Exit(0 if report.acceptee else INVALID)
        if kind == GAINS_OPERATEURS:
            with services.database.write() as unit:
                declared = services.rapprochement.declarer_csv(unit, LOCAL, file.read_bytes(), file.name)
            _print_json(declared.model_dump_json())
            raise typer.Exit(0)
        bilan = _import_facts(services, file, _FAITS[kind], partiel=partiel)
    except RuleBroken as refusal:
        _show_refusal(file, refusal, as_json=as_json)
        raise typer.Exit(INVALID) from refusal
    _show_facts(bilan, as_json=as_json)
    raise typer.Exit(INVALID if bilan.refusees else 0)


def import_trame(
    services: HubServices, file: Path, *, ght: str | None, annee: int | None, simulation: bool
) -> RapportTrame:
    """Import a trame into the plan of its GHT and year, which is opened when there is none yet.

    Raises:
        RuleBroken: no trame can be read in the file.
    """
    content = file.read_bytes()
    try:
        with services.database.write() as unit:
            known = _plan(services, ght, annee) if ght and annee else None
            if known is None:
                return services.trame.creer_et_importer(
                    unit, LOCAL, content, ght=ght, annee=annee, simulation=simulation
                )
            return services.trame.importer(unit, LOCAL, *known, content, simulation=simulation)
    except TrameRefusee as refusal:
        return refusal.rapport


@paat_app.command("export")
def export_trame(
    ght: Annotated[str, typer.Argument(help="Code of the GHT.")],
    annee: Annotated[int, typer.Argument(help="Year of the plan.")],
    file: Annotated[Path, typer.Argument(help="Excel file to write.")],
    data: DataOption = None,
) -> None:
    """Write the trame of a plan; imported again, it changes nothing."""
    services = services_for(data)
    known = _plan(services, ght, annee)
    if known is None:
        raise NotFound(f"Le GHT {ght} n'a pas de PAAT {annee}.")
    with services.database.read() as connection:
        exported = services.trame.exporter(connection, LOCAL, known[0])
    file.write_bytes(exported.contenu)
    typer.echo(f"{file} written")


@indicateurs_app.command("list")
def list_indicateurs(data: DataOption = None) -> None:
    """The catalogue: what is computed, by which formula, from which source."""
    table = Table(Column("Code", no_wrap=True), "Libellé", "Formule", "Source", "Attesté")
    for one in services_for(data).indicateurs.catalogue().items:
        table.add_row(one.code, one.libelle, one.formule, one.source, "oui" if one.atteste else "hypothèse")
    Console().print(table)


@indicateurs_app.command("show")
def show_indicateur(
    code: Annotated[str, typer.Argument(help="Code of the indicator; `indicateurs list` has them.")],
    annee: AnneeOption = None,
    niveau: Annotated[Niveau, typer.Option(help="What a line stands for.")] = "national",
    par: Annotated[Decoupage | None, typer.Option(help="What lines are broken down by.")] = None,
    region: RegionOption = None,
    ght: GhtOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="As the API answers it.")] = False,
    data: DataOption = None,
) -> None:
    """One indicator, with its formula and its perimeter."""
    services = services_for(data)
    asked = Demande((annee or services.clock.today().year,), niveau, par, region=region, ght=ght)
    with services.database.read() as connection:
        found = services.indicateurs.lire(connection, LOCAL, code, asked)
    if as_json:
        _print_json(found.model_dump_json())
    else:
        _show(found)


@indicateurs_app.command("edit")
def edit(
    file: Annotated[Path, typer.Argument(help="File to write: .html (one page) or .xlsx (figures and facts).")],
    annee: AnneeOption = None,
    region: RegionOption = None,
    ght: GhtOption = None,
    data: DataOption = None,
) -> None:
    """Write the report of a year."""
    services = services_for(data)
    asked = Demande((annee or services.clock.today().year,), region=region, ght=ght)
    with services.database.read() as connection:
        if file.suffix == ".html":
            file.write_text(services.editions.html(connection, LOCAL, asked), "utf-8")
        elif file.suffix == ".xlsx":
            file.write_bytes(services.editions.excel(connection, LOCAL, asked))
        else:
            raise ConfigurationError(f"{file.name}: an edition is a .html or a .xlsx file")
    typer.echo(f"{file} written")


@indicateurs_app.command("refresh")
def refresh(
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Read every fact of the hub again.")] = False,
    data: DataOption = None,
) -> None:
    """Read again the facts whose subject changed; a running server does it by itself."""
    services = services_for(data)
    if rebuild:
        _print_json(json.dumps(asdict(services.faits.reconstruire(LOCAL))))
        return
    done = services.faits.demander_actualisation(LOCAL, 100_000)
    _print_json(json.dumps(asdict(done)))


@indicateurs_app.command("snapshot")
def snapshot(
    folder: Annotated[Path | None, typer.Argument(help="Folder; SEMAPHORE_COLUMNS_DIR when left out.")] = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Write every partition again.")] = False,
    data: DataOption = None,
) -> None:
    """Bring the columnar snapshot up to date with the facts of the database."""
    services = services_for(data)
    target = folder or services.settings.columns_dir
    if target is None:
        raise ConfigurationError("name a folder, or set SEMAPHORE_COLUMNS_DIR")
    done = (reconstruire if rebuild else actualiser)(services.database, target)
    _print_json(json.dumps(asdict(done)))


def _plan(services: HubServices, ght: str, annee: int) -> tuple[str, int] | None:
    """Uid and version of the plan of a GHT and year."""
    with services.database.read() as connection:
        found, _ = services.paat.lister(connection, LOCAL, {"ght": ght, "annee": annee}, limit=1, after=None)
    return (found[0].uid, found[0].version) if found else None


def _import_facts(services: HubServices, file: Path, kind: TypeImport, *, partiel: bool) -> BilanImport:
    columns = (SpinnerColumn(), TextColumn("{task.completed:,} lines"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=None)
        return services.faits.importer(
            LOCAL, file, kind, partiel=partiel, progres=lambda done: bar.update(task, completed=done)
        )


def _print_json(text: str) -> None:
    sys.stdout.write(text + "\n")


def _show_trame(file: Path, report: RapportTrame, *, as_json: bool) -> None:
    if as_json:
        _print_json(report.model_dump_json())
        return
    console = Console()
    verdict = "[green]acceptée[/]" if report.acceptee else "[bold red]refusée, rien n'est enregistré[/]"
    mode = " (simulation)" if report.simulation else ""
    console.print(f"{file.name} : {verdict}{mode}, PAAT {report.ght} {report.annee}", highlight=False)
    table = Table("Lues", "Créées", "Modifiées", "Inchangées", "Exclues", "Erreurs", "Avertissements")
    counts = (report.lues, report.creees, report.modifiees, report.inchangees, report.exclues)
    table.add_row(*map(str, (*counts, report.erreurs, report.avertissements)))
    console.print(table)
    found = Table("Cellule", Column("Règle", no_wrap=True), "Gravité", "Valeur", "Que faire", title=report.feuille)
    for one in report.constats[:50]:
        cell = f"{one.colonne or ''}{one.ligne or ''}"
        found.add_row(cell, one.regle, one.gravite, one.valeur or "", one.phrase)
    if report.constats:
        console.print(found)


def _show_facts(bilan: BilanImport, *, as_json: bool) -> None:
    if as_json:
        _print_json(bilan.model_dump_json())
        return
    console = Console()
    words = "déjà importé, rien n'a changé" if bilan.dejaImporte else bilan.etat
    console.print(f"{bilan.nom} : [bold]{words}[/] (import {bilan.uid})", highlight=False)
    console.print(f"{bilan.lues} lignes lues, {bilan.lignes} prises, {bilan.refusees} laissées", highlight=False)
    for one in bilan.constats[:20]:
        console.print(f"  ligne {one.ligne}  {one.colonne or ''}  {one.regle}  {one.message}", highlight=False)


def _show_refusal(file: Path, refusal: RuleBroken, *, as_json: bool) -> None:
    if as_json:
        problems = [asdict(problem) for problem in refusal.problems]
        _print_json(json.dumps({"fichier": file.name, "detail": refusal.detail, "constats": problems}))
        return
    console = Console()
    console.print(f"{file.name} : [bold red]refusé[/], rien n'est enregistré", highlight=False)
    for problem in refusal.problems[:50]:
        console.print(f"  {problem.path}  {problem.rule}  {problem.message}", highlight=False)


def _show(found: IndicateurCalcule) -> None:
    console = Console()
    console.print(f"[bold]{found.libelle}[/] : {found.total.affichage}", highlight=False)
    console.print(f"formule : {found.formule}", highlight=False)
    console.print(f"source : {found.source}{'' if found.atteste else ' (hypothèse)'}", highlight=False)
    console.print(f"périmètre : {found.perimetre}", highlight=False)
    for words in (*found.avertissements, *filter(None, (found.total.motif,))):
        console.print(words, style="yellow", highlight=False)
    table = Table("Libellé", "Valeur", "Numérateur", "Dénominateur", "")
    for one in found.lignes:
        table.add_row(one.libelle, one.affichage, one.numerateur or "", one.denominateur or "", one.motif or "")
    console.print(table)
