"""The PES ways of writing: every value in an attribute ``V``, flags as 1/0, dates, amounts, rates, codes.

The file is written as text, line by line, which costs a third of building a tree: the shape of a PES file is so
regular that escaping four characters is all a tree would add. The same calls always give the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from connectors.dgfip.amounts import euros
from connectors.transports.xml import to_latin1
from semaphore_hub.kernel.money import CENT
from semaphore_hub.ports.outcomes import Unsupported

ENCODING = "ISO-8859-1"
_DECLARATION = f"<?xml version='1.0' encoding='{ENCODING}'?>"
_TO_ESCAPE = re.compile('[&<>"]').search
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


class PesWriter:
    """Writes one file and gathers the declared losses made on the way (ids of the manifest).

    Attributes:
        lines: what is written so far.
        indent: blanks before the next line.
        losses: declared losses made so far.
    """

    def __init__(self, root: str, namespace: str) -> None:
        self.lines = [_DECLARATION, f'<n:{root} xmlns:n="{namespace}">']
        self.indent = "  "
        self.losses: set[str] = set()
        self._end = f"</n:{root}>"
        self._ends: list[str] = []

    def document(self) -> bytes:
        """The whole file."""
        return "\n".join([*self.lines, self._end]).encode(ENCODING)

    def all_losses(self) -> tuple[str, ...]:
        """Every declared loss of the file, sorted."""
        return tuple(sorted(self.losses))

    def block(self, tag: str) -> PesWriter:
        """An element for the values written within the ``with``, which closes it."""
        indent = self.indent
        self.lines.append(f"{indent}<{tag}>")
        self._ends.append(f"{indent}</{tag}>")
        self.indent = indent + "  "
        return self

    def __enter__(self) -> None:
        """See ``block``."""

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.lines.append(self._ends.pop())
        self.indent = self.indent[:-2]

    def plain(self, tag: str, value: str) -> None:
        """A value of our own making (code, date, number), known to need neither escaping nor another alphabet."""
        self.lines.append(f'{self.indent}<{tag} V="{value}"/>')

    def value(self, tag: str, text: str, *, width: int | None = None) -> None:
        """A text; longer than ``width`` (in characters) it is cut, and declared."""
        if not (text.isascii() and text.isalnum()) or (width is not None and len(text) > width):
            text = self.text(text, width)
        self.lines.append(f'{self.indent}<{tag} V="{text}"/>')

    def optional(self, tag: str, text: str | None, *, width: int | None = None) -> None:
        """A text; nothing when there is none."""
        if text:
            self.value(tag, text, width=width)

    def flag(self, tag: str, value: bool) -> None:
        """A boolean, written 1 or 0 as the PES does."""
        self.plain(tag, "1" if value else "0")

    def day(self, tag: str, value: date | None) -> None:
        """A date; nothing when there is none."""
        if value is not None:
            self.plain(tag, value.isoformat())

    def money(self, tag: str, value: Decimal | None) -> None:
        """An amount in euros; nothing when there is none."""
        if value is not None:
            self.plain(tag, euros(value))

    def number(self, tag: str, value: int | None) -> None:
        """A whole number above zero, the only ones the PES takes; nothing for zero."""
        if value:
            self.plain(tag, str(value))

    def rate(self, tag: str, value: Decimal | None) -> None:
        """A rate with two decimals, in the unit given; nothing when there is none."""
        if value is None:
            return
        rounded = value.quantize(CENT, ROUND_HALF_UP)
        if rounded != value:
            self.losses.add("taux-arrondi")
        self.plain(tag, format(rounded, "f"))

    def label(self, tag: str, table: Mapping[str, str], label: str) -> str:
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
        self.plain(tag, code)
        return code

    def labels(self, group: str, tag: str, table: Mapping[str, str], labels: Iterable[str]) -> None:
        """A group of codes; labels that say "none" have no code, and an empty group is not written."""
        found = [table[label] for label in labels if label in table]
        if found:
            with self.block(group):
                for code in found:
                    self.plain(tag, code)

    def text(self, text: str, width: int | None) -> str:
        """A text as it stands in the file, cut and declared as ``value`` does."""
        if not (text.isascii() and text.isprintable()):
            said, _ = to_latin1(text)
            if said != text:
                self.losses.add("caracteres-remplaces")
            text = said
        if width is not None and len(text) > width:
            text = text[:width].rstrip()
            self.losses.add("texte-tronque")
        return text.translate(_ESCAPES) if _TO_ESCAPE(text) else text
