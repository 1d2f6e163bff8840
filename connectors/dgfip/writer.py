"""The PES ways of writing a value: flags as 1/0, dates, amounts, rates, and codes looked up in a closed table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from lxml import etree

from connectors.dgfip.amounts import euros
from connectors.transports.xml import ValueWriter
from semaphore_hub.kernel.money import CENT
from semaphore_hub.ports.outcomes import Unsupported


class PesWriter(ValueWriter):
    """Writes values and gathers the declared losses made on the way (ids of the manifest)."""

    def __init__(self) -> None:
        super().__init__()
        self.losses: set[str] = set()

    def all_losses(self) -> tuple[str, ...]:
        """Every declared loss of the document, sorted."""
        found = set(self.losses)
        if self.truncated:
            found.add("texte-tronque")
        if self.transliterated:
            found.add("caracteres-remplaces")
        return tuple(sorted(found))

    def flag(self, parent: etree._Element, tag: str, value: bool) -> None:
        """A boolean, written 1 or 0 as the PES does."""
        self.value(parent, tag, "1" if value else "0")

    def day(self, parent: etree._Element, tag: str, value: date | None) -> None:
        """A date; nothing when there is none."""
        self.optional(parent, tag, value.isoformat() if value else None)

    def money(self, parent: etree._Element, tag: str, value: Decimal | None) -> None:
        """An amount in euros; nothing when there is none."""
        self.optional(parent, tag, None if value is None else euros(value))

    def rate(self, parent: etree._Element, tag: str, value: Decimal | None) -> None:
        """A ratio between 0 and 1 with two decimals (unit of the PES: hypothèse, as in the DECP)."""
        if value is None:
            return
        rounded = value.quantize(CENT, ROUND_HALF_UP)
        if rounded != value:
            self.losses.add("taux-arrondi")
        self.value(parent, tag, format(rounded, "f"))

    def code(self, parent: etree._Element, tag: str, table: Mapping[str, str], label: str) -> str:
        """The code of a label, written and returned.

        Raises:
            Unsupported: the label has no code.
        """
        code = table.get(label)
        if code is None:
            raise Unsupported(
                f"La valeur « {label} » n'a pas de code PES pour {tag} : corrigez-la, les valeurs admises sont "
                f"{', '.join(table)}."
            )
        self.value(parent, tag, code)
        return code

    def codes(
        self, parent: etree._Element, group: str, tag: str, table: Mapping[str, str], labels: Iterable[str]
    ) -> None:
        """A group of codes; labels that say "none" have no code, and an empty group is not written."""
        found = [table[label] for label in labels if label in table]
        if found:
            holder = self.child(parent, group)
            for code in found:
                self.value(holder, tag, code)
