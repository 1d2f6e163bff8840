"""Commands on marchés: what each partner was told."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy import or_, select

from semaphore_hub.api.vues import VuesMarche, vues
from semaphore_hub.cli.common import DataOption, services_for
from semaphore_hub.delivery.views import Verdict, views_of
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.db import Database, table_of
from semaphore_hub.kernel.errors import NotFound
from semaphore_hub.modules.marches.models import Marche

_STYLES = {
    Verdict.IDENTIQUE: "green",
    Verdict.PERTE: "dim",
    Verdict.EN_ATTENTE: "yellow",
    Verdict.NON_DIT: "yellow",
    Verdict.REFUSE: "red",
    Verdict.DIFFERENCE: "bold red",
}


def register(app: typer.Typer) -> None:
    """Add the commands to the main application."""
    app.command("vues")(vues_command)


def vues_command(
    marche: Annotated[str, typer.Argument(metavar="ID", help="Identifier in the hub, number (DECP) or IdContrat.")],
    gaps: Annotated[bool, typer.Option("--ecarts", help="Only the fields that are not identical everywhere.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As the API answers it.")] = False,
    data: DataOption = None,
) -> None:
    """Show, field by field, what each partner was told of a marché; exit code 1 when a difference is not explained."""
    services = services_for(data)
    uid = _uid(services.database, marche)
    with services.database.read() as connection:
        views = views_of(connection, services.registry, LOCAL, uid)
    answer = vues(uid, views, only_gaps=gaps)
    if as_json:
        typer.echo(answer.model_dump_json(indent=2))
    else:
        _show(answer)
    raise typer.Exit(1 if answer.differences else 0)


def _uid(database: Database, given: str) -> str:
    table = table_of(Marche)
    query = select(table.c.uid).where(or_(table.c.uid == given, table.c.id == given, table.c.id_contrat == given))
    with database.read() as connection:
        found = connection.execute(query.limit(2)).scalars().all()
    if not found:
        raise NotFound(f"Le marché {given} n'existe pas.")
    if len(found) > 1:
        raise NotFound(
            f"Plusieurs marchés portent le numéro {given} : donnez l'identifiant du hub ({', '.join(found)})."
        )
    return str(found[0])


def _show(answer: VuesMarche) -> None:
    console = Console()
    console.print(f"[bold]{answer.uid}[/] version {answer.version}, {answer.evenement}", highlight=False)
    for one in answer.partenaires:
        state = one.refuse or one.enAttente or one.etat or "rien de transmis"
        console.print(f"  {one.partenaire} ({one.libelle}) : {one.contrat or '—'}, {state}", highlight=False)
    table = Table("Champ", "Hub", *(one.partenaire for one in answer.partenaires))
    for field in answer.champs:
        told = {one.partenaire: one for one in field.partenaires}
        cells = []
        for partner in answer.partenaires:
            seen = told.get(partner.partenaire)
            if seen is None:
                cells.append("")
            else:
                shown = "=" if seen.verdict == "identique" else f"{seen.valeur or '—'}  ({seen.raison or seen.verdict})"
                cells.append(f"[{_STYLES[Verdict(seen.verdict)]}]{escape(shown)}[/]")
        table.add_row(escape(field.champ), escape(field.hub or "—"), *cells)
    console.print(table)
    console.print(f"différences inexpliquées : {answer.differences}", highlight=False)
