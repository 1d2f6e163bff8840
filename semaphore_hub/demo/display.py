"""What the demo shows on the terminal, in French; nothing at all when only JSON is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from semaphore_hub.demo.client import Json
from semaphore_hub.demo.steps import Step
from semaphore_hub.ports import events

_VERDICTS = {
    "ACKNOWLEDGED": ("accepté", "green"),
    "REJECTED": ("refusé, comme prévu", "yellow"),
    "SENT": ("reçu, acquit attendu", "cyan"),
    "PENDING": ("retenu dans sa file", "cyan"),
    "RETRYING": ("nouvel essai prévu", "yellow"),
}
_CHANNELS = {"file": " (fichier)", "eai": " (EAI)"}
_EVENTS = {
    events.FOURNISSEUR_CREE: "fournisseur créé",
    events.FOURNISSEUR_MODIFIE: "fournisseur modifié",
    events.MARCHE_CONSULTE: "consultation lancée",
    events.MARCHE_ANALYSE: "plis ouverts",
    events.MARCHE_ATTRIBUE: "marché attribué",
    events.MARCHE_NOTIFIE: "marché notifié",
    events.MARCHE_MODIFIE: "marché modifié",
    events.MARCHE_CORRIGE: "marché corrigé",
    events.MARCHE_DEMARRE: "exécution commencée",
    events.MARCHE_PRIX_REVISE: "prix révisés",
    events.MARCHE_SOUS_TRAITANCE_DECLAREE: "sous-traitant accepté",
    events.MARCHE_SOUS_TRAITANCE_MODIFIEE: "sous-traitance modifiée",
    events.CONCESSION_SIGNEE: "concession signée",
    events.ADHESION_DEMANDEE: "adhésion demandée",
    events.ADHESION_SIGNEE: "convention signée",
    events.ADHESION_VENTILEE: "adhésion ventilée",
    events.PRODUITS_PUBLIES: "produits transmis",
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
        self.moment(step.instant, step.sentence)

    def moment(self, instant: datetime, sentence: str) -> None:
        """A simulated date, and what happens then."""
        self._console.print()
        self._console.print(Text.assemble((f"{instant:%d/%m/%Y %Hh}", "bold blue"), "  ", (sentence, "bold")))

    def verdicts(self, subject: str, deliveries: Iterable[Json]) -> None:
        """What became of the deliveries that say one thing: a line for each fate, with the partners that share it."""
        fates: dict[tuple[str, str, str, str], list[str]] = {}
        for delivery in deliveries:
            words, style = _VERDICTS.get(delivery["state"], (delivery["state"], "red"))
            if delivery["attempts"] > 1:
                words += f" en {delivery['attempts']} essais"
            event = _EVENTS.get(delivery["eventType"], delivery["eventType"])
            fate = (f"{event} ({subject})", words, style, delivery["code"] or "")
            fates.setdefault(fate, []).append(delivery["partner"] + _CHANNELS.get(delivery["channel"], ""))
        for (said, words, style, code), partners in fates.items():
            line = Text.assemble(f"  {said} : ", (words, style), (f"  {code}" if code else "", style))
            line.append(f"  → {', '.join(partners)}")
            self._console.print(line, soft_wrap=True)

    def summary(self, partners: Mapping[str, Mapping[str, int]], told: int) -> None:
        """The table of the end."""
        table = Table(title=f"{told} événements", title_justify="left")
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
