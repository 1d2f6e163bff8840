"""Every connector that can be found, its settings, and the events that show each of its messages."""

from __future__ import annotations

import json
import types
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from connectors.transports.drop import DropAddress
from semaphore_hub.delivery.registry import connector_folders, load_connectors
from semaphore_hub.ports.connector import Connector, Message, RenderContext
from semaphore_hub.ports.events import MARCHE_ETATS, Event
from semaphore_hub.ports.manifest import Manifest
from semaphore_hub.ports.outcomes import Misconfigured, Unsupported
from semaphore_hub.ports.payloads import Marche

REGISTRY = load_connectors()
FOLDERS = {folder.name: folder for folder in connector_folders()}
IDS = sorted(REGISTRY)
CHANNELS = [(name, channel.id) for name in IDS for channel in REGISTRY.get(name).manifest.channels]
API = [name for name, channel in CHANNELS if channel == "api"]
BY_FOLDER = [(name, channel) for name, channel in CHANNELS if channel != "api"]
"""Channels whose two ends are folders: files, and an EAI's."""
HEARD = [(name, spec.event) for name in IDS for spec in REGISTRY.get(name).manifest.messages]
DAY = date(2027, 3, 2)
OWN_EXAMPLES = Path(__file__).parent / "examples"
SILENCE_SECONDS = 0.2


def shown(case: tuple[str, ...]) -> str:
    """A readable test id, by which ``-k`` finds a connector."""
    return "-".join(case)


def connector(name: str) -> Connector:
    """The connector of that id."""
    return REGISTRY.get(name)


def manifest(name: str) -> Manifest:
    """Its manifest."""
    return connector(name).manifest


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One event as a golden file holds it; each file is read once, so that an example is only equal to itself.

    Attributes:
        path: the file.
        event: what happened.
        sequence: the number its message has in its lane.
    """

    path: Path
    event: Event
    sequence: int

    @property
    def marche(self) -> Marche | None:
        """The marché it is about, when it carries its whole state."""
        return Marche.model_validate(self.event.data["marche"]) if self.event.type in MARCHE_ETATS else None

    def __str__(self) -> str:
        return f"{self.path.parent.parent.name}/{self.path.name}"


@cache
def examples_in(folder: Path) -> tuple[Example, ...]:
    """The events of one folder: bare, or with the context they are rendered in."""
    return tuple(_read(path) for path in sorted(folder.glob("*.event.json")))


def _read(path: Path) -> Example:
    raw: dict[str, Any] = json.loads(path.read_text("utf-8"))
    said: dict[str, Any] = raw.get("event", raw)
    event = Event(**{**said, "time": datetime.fromisoformat(said["time"])})
    return Example(path, event, raw.get("context", {}).get("sequence", event.version))


@cache
def examples(event_type: str) -> tuple[Example, ...]:
    """Every event of a type, whoever wrote it: golden folders of connectors and kits, and the suite's own."""
    folders = {*connectors_folder().glob("*/golden"), *(folder / "golden" for folder in FOLDERS.values()), OWN_EXAMPLES}
    return tuple(one for folder in sorted(folders) for one in examples_in(folder) if one.event.type == event_type)


def is_own(name: str, example: Example) -> bool:
    """Whether an example is there to be said by this connector, or by the kit it uses, rather than by another one."""
    return example.path.parent.parent in (FOLDERS[name], connectors_folder() / (manifest(name).uses or name))


@cache
def connectors_folder() -> Path:
    """The package of the connectors."""
    import connectors

    return Path(connectors.__path__[0])


@cache
def given_settings(name: str) -> dict[str, Any]:
    """The example settings of a connector: ``golden/settings.json``."""
    given: dict[str, Any] = json.loads((FOLDERS[name] / "golden" / "settings.json").read_text("utf-8"))
    return given


@cache
def variants(name: str) -> tuple[BaseModel, ...]:
    """The example settings, checked by their model; then with each other choice that a setting offers."""
    model = connector(name).settings_model
    made = [model.model_validate(given_settings(name))]
    for field, info in model.model_fields.items():
        if get_origin(info.annotation) is Literal:
            made += [
                model.model_validate({**given_settings(name), field: choice})
                for choice in get_args(info.annotation)
                if choice != getattr(made[0], field)
            ]
    return tuple(made)


def settings(name: str) -> BaseModel:
    """The example settings of a connector."""
    return variants(name)[0]


def fields_of(model: type[BaseModel]) -> Iterator[tuple[str, Any]]:
    """Names and annotations of the fields of a model, and of the models they hold."""
    for name, field in model.model_fields.items():
        yield name, field.annotation
        for one in alternatives(field.annotation):
            if isinstance(one, type) and issubclass(one, BaseModel):
                yield from fields_of(one)


def alternatives(annotation: Any) -> tuple[Any, ...]:
    """What a field may hold: each member of a union."""
    return get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else (annotation,)


def folder_fields(name: str) -> list[str]:
    """Settings that name a folder of the partner's."""
    fields = connector(name).settings_model.model_fields
    return [one for one, field in fields.items() if {Path, DropAddress} & set(alternatives(field.annotation))]


def reached(name: str, base_url: str) -> BaseModel:
    """Settings that reach an API, with every secret named and little patience."""
    model = connector(name).settings_model
    values: dict[str, Any] = {**given_settings(name), "baseUrl": base_url}
    for one in model.model_fields:
        if one.endswith("Secret"):
            values.setdefault(one, f"nom-de-{one}")
        if one.endswith(("Secondes", "Seconds")):
            values[one] = SILENCE_SECONDS
    return model.model_validate(values)


def in_folders(name: str, root: Path) -> BaseModel:
    """Settings whose folders stand under a root, each there and empty."""
    values = dict(given_settings(name))
    for one in folder_fields(name):
        (root / one).mkdir(parents=True, exist_ok=True)
        values[one] = str(root / one)
    return connector(name).settings_model.model_validate(values)


def known_secret(name: str) -> str:
    """A reader that knows every secret."""
    return f"valeur-de-{name}"


def no_secret(name: str) -> str:
    """A reader that knows none."""
    raise Misconfigured(f"no secret {name}")


def context(name: str, example: Example, variant: int = 0) -> RenderContext:
    """Where an example is rendered."""
    return RenderContext(name, variants(name)[variant], DAY, example.sequence, 1)


Unsaid = Unsupported | ValidationError
"""It cannot be said to this partner; or the example itself is wrong: its data are not those of such an event."""


@cache
def said(name: str, channel: str, example: Example, variant: int = 0) -> tuple[Message, ...] | Unsaid:
    """What an example becomes, or why it is not said."""
    try:
        return tuple(connector(name).translate(example.event, channel, context(name, example, variant)))
    except (Unsupported, ValidationError) as refusal:
        return refusal


@dataclass(frozen=True, slots=True)
class Said:
    """What one example becomes under one variant of the settings; ``messages`` holds one at least."""

    example: Example
    variant: int
    messages: tuple[Message, ...]

    def __str__(self) -> str:
        return f"{self.example} (settings no. {self.variant})"


def everything_said(name: str, channel: str) -> Iterator[Said]:
    """Everything a connector says on a channel of the examples of what it hears."""
    for spec in manifest(name).messages:
        for example in examples(spec.event):
            for variant in range(len(variants(name))):
                found = said(name, channel, example, variant)
                if not isinstance(found, Exception) and found:
                    yield Said(example, variant, found)


def any_message(name: str, channel: str) -> Message:
    """One message of a connector."""
    return next(everything_said(name, channel)).messages[-1]
