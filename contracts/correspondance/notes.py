"""What a conversion says beside its result: what was completed, what is lost, what prevents it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.correspondance.table import Said, table

Marche = dict[str, Any]
"""A contract in the common form: the DECP 2.0.4 object with its lists unwrapped."""


@dataclass(frozen=True, slots=True)
class Completion:
    """A field of the target that the source does not carry, and the documented value put there."""

    champ: str
    valeur: str


@dataclass(slots=True)
class Converted:
    """One contract converted, or the reasons why it cannot be.

    Attributes:
        kind: "marche" or "contrat-concession".
        data: the contract in the common form; not to be used when there are refusals.
        place: where it stands in its document.
        line: its first line, when known.
        completions: documented defaults.
        losses: what the target cannot say, with the place it concerns.
        refusals: why it cannot be converted.
        names: names given by the source, by identifier.
        complements: what the source says of the PES complements of the hub (``nomLieuExecution``…).
        objets: subjects of the amendments, in the order of ``modifications``; None where the source gives none.
    """

    kind: str
    data: Marche
    place: str = ""
    line: int | None = None
    completions: list[Completion] = field(default_factory=list)
    losses: list[tuple[Said, str]] = field(default_factory=list)
    refusals: list[tuple[Said, str]] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    complements: dict[str, Any] = field(default_factory=dict)
    objets: list[str | None] = field(default_factory=list)

    def complete(self, champ: str, valeur: Any | None = None) -> None:
        """Put the default of a field, or the given value, and say so."""
        value = table().default(champ) if valeur is None else valeur
        self.data[champ] = value
        self.say_completed(champ, value)

    def say_completed(self, champ: str, valeur: Any) -> None:
        """Record a completion made elsewhere in the contract."""
        self.completions.append(Completion(champ, shown(valeur)))

    def lose(self, loss: str, champ: str = "") -> None:
        """Say a declared loss, once per place."""
        said = (table().losses[loss], champ)
        if said not in self.losses:
            self.losses.append(said)

    def refuse(self, refusal: str, champ: str) -> None:
        """Say why the contract cannot be converted."""
        self.refusals.append((table().refusals[refusal], champ))

    def loss_ids(self) -> set[str]:
        """Ids of the losses."""
        return {said.id for said, _ in self.losses}


def shown(value: Any) -> str:
    """A value as a French reader writes it."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def named(names: Mapping[str, str], identifier: Any, name: Any) -> dict[str, str]:
    """The names with one more, when both are texts."""
    if isinstance(identifier, str) and isinstance(name, str) and name.strip():
        return {identifier: name.strip(), **names}
    return dict(names)
