"""What the demo shows on the terminal, in French; nothing at all when only JSON is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.table import Table
from rich.text import Text

from semaphore_hub.demo.client import Json
from semaphore_hub.demo.steps import Step

_VERDICTS = {
    "ACKNOWLEDGED": ("accepté", "green"),
    "REJECTED": ("refusé, comme prévu", "yellow"),
    "SENT": ("reçu, acquit attendu", "cyan"),
    "PENDING": ("retenu dans sa file", "cyan"),
    "RETRYING": ("nouvel essai prévu", "yellow"),
}
_CHANNELS = {"api": "API", "file": "fichier"}
_EVENTS = {
    "fr.semaphore.fournisseur.cree.v1": "fournisseur créé",
    "fr.semaphore.fournisseur.modifie.v1": "fournisseur modifié",
    "fr.semaphore.marche.notifie.v1": "marché notifié",
    "fr.semaphore.marche.modifie.v1": "marché modifié",
    "fr.semaphore.marche.corrige.v1": "marché corrigé",
}


class Display:
    """Writes on a console; a quiet one writes nothing."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def title(self, text: str) -> None:
        """The name of a part."""
        self._console.print()
        self._console.rule(Text(text, style="bold"), align="left")

    def line(self, text: str) -> None:
        """A plain line."""
        self._console.print(Text(text), soft_wrap=True)

    def step(self, step: Step) -> None:
        """What happens now, with its simulated date."""
        self._console.print()
        self._console.print(Text.assemble((f"{step.instant:%d/%m/%Y %Hh}", "bold blue"), "  ", (step.sentence, "bold")))

    def verdict(self, subject: str, delivery: Json) -> None:
        """What became of one delivery."""
        words, style = _VERDICTS.get(delivery["state"], (delivery["state"], "red"))
        if delivery["attempts"] > 1:
            words += f" en {delivery['attempts']} essais"
        event = f"{_EVENTS.get(delivery['eventType'], delivery['eventType'])} ({subject})"
        channel = _CHANNELS.get(delivery["channel"], delivery["channel"])
        row = Text.assemble(f"  {event:<38} → {delivery['partner']:<14} {channel:<8} ", (words, style))
        if delivery["code"]:
            row.append(f"  {delivery['code']}", style)
        self._console.print(row, soft_wrap=True)

    def summary(self, partners: Mapping[str, Mapping[str, int]], events: int) -> None:
        """The table of the end."""
        table = Table(title=f"{events} événements", title_justify="left")
        table.add_column("Partenaire")
        for name in ("Acceptés", "Refus (prévus)", "Morts", "En attente"):
            table.add_column(name, justify="right")
        for partner, counts in partners.items():
            table.add_row(partner, *(str(counts[name]) for name in ("acknowledged", "rejected", "dead", "pending")))
        self._console.print()
        self._console.print(table)

    def problems(self, problems: Iterable[str]) -> None:
        """What is wrong."""
        for problem in problems:
            self._console.print(Text(f"✗ {problem}", style="bold red"), soft_wrap=True)

    def places(self, places: Iterable[tuple[str, str]]) -> None:
        """Where to look next."""
        self.title("Où regarder ensuite")
        for what, where in places:
            self._console.print(Text.assemble(f"  {what:<32} ", (where, "cyan")), soft_wrap=True)
