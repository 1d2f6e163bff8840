"""Commands on the catalogue of products under contract: ``semaphore-hub produits import | list-imports``."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Protocol

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from semaphore_hub.cli.common import DataOption, services_for
from semaphore_hub.kernel.access import LOCAL, Caller
from semaphore_hub.modules.marches.produits.schemas import DemandeImport, ImportProduitsVue
from semaphore_hub.modules.marches.produits.service import ProduitsRefuses, ProduitsService

INVALID = 1
_PHASES = {"controle": "checking", "chargement": "loading"}

app = typer.Typer(help="Products under contract.", no_args_is_help=True)


class ProduitsServices(Protocol):
    """What an import of products works with: the services of the process have it, among others."""

    @property
    def produits(self) -> ProduitsService:
        """The catalogue."""


def import_produits(
    services: ProduitsServices,
    caller: Caller,
    path: Path,
    *,
    partiel: bool = False,
    ght: str | None = None,
    seuil: int = 30,
    rapport: Path | None = None,
    show: bool = False,
) -> ImportProduitsVue:
    """Import a file of any size, with a progress bar on standard error when ``show``.

    Raises:
        ProduitsRefuses: the file is refused whole; ``vue`` says why.
        RuleBroken, Forbidden, WrongState: see :meth:`ProduitsService.importer`.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not show) as bar:
        tasks = {phase: bar.add_task(words, total=None) for phase, words in _PHASES.items()}

        def progress(phase: str, done: int, total: int) -> None:
            bar.update(tasks[phase], completed=done, total=total)

        demande = DemandeImport(
            path, ght=ght, partiel=partiel, seuil_prix=Decimal(seuil), rapport=rapport, progress=progress
        )
        return services.produits.importer(caller, demande)


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="CSV « produits en marché ».")],
    partiel: Annotated[
        bool, typer.Option("--partiel", help="Load the good lines and report the others; else one error refuses all.")
    ] = False,
    ght: Annotated[str | None, typer.Option(help="GHT of the catalogue; common to all when left out.")] = None,
    seuil: Annotated[int, typer.Option(min=0, help="Price change pointed at, in percent.")] = 30,
    rapport: Annotated[
        Path | None, typer.Option(help="File for every finding: CSV if it ends in .csv, else JSON lines.")
    ] = None,
    data: DataOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Import products. Exit 0 all taken, 1 some or all refused (the report says why)."""
    services = services_for(data)
    try:
        vue = import_produits(
            services, LOCAL, file, partiel=partiel, ght=ght, seuil=seuil, rapport=rapport, show=sys.stderr.isatty()
        )
    except ProduitsRefuses as refusal:
        vue = refusal.vue
    show_import(vue, as_json=as_json)
    raise typer.Exit(INVALID if vue.refusees or vue.etat == "refuse" else 0)


@app.command("list-imports")
def list_imports(limit: Annotated[int, typer.Option(min=1, max=200)] = 20, data: DataOption = None) -> None:
    """The imports, newest first."""
    services = services_for(data)
    with services.database.read() as connection:
        items, _ = services.produits.lister_imports(connection, LOCAL, limit=limit, after=None)
    table = Table("Id", "File", "State", "Lines", "Refused", "Created", "Changed", "Same", "Closed")
    for one in items:
        counts = (one.lignes, one.refusees, one.creees, one.modifiees, one.inchangees, one.closes)
        table.add_row(one.id, one.nom, one.etat.value, *map(str, counts))
    Console().print(table)


def show_import(vue: ImportProduitsVue, *, as_json: bool) -> None:
    """Print what an import did."""
    if as_json:
        sys.stdout.write(vue.model_dump_json() + "\n")
        return
    console = Console()
    words = "déjà chargé, rien n'a changé" if vue.dejaCharge else vue.etat.value
    console.print(f"{vue.nom} : [bold]{words}[/] (import {vue.id})", highlight=False)
    table = Table("Lignes", "Refusées", "Créées", "Modifiées", "Inchangées", "Closes", "En attente", "Avertissements")
    counts = (vue.lignes, vue.refusees, vue.creees, vue.modifiees, vue.inchangees, vue.closes)
    table.add_row(*map(str, (*counts, vue.enAttente, vue.avertissements)))
    console.print(table)
    if vue.constats:
        found = Table("Ligne", "Colonne", "Règle", "Valeur", "Que faire", title="Premiers constats")
        for one in vue.constats[:20]:
            found.add_row(str(one.ligne or ""), one.colonne or "", one.regle, one.valeur or "", one.message)
        console.print(found)
