"""Reads ``contract.toml`` files: which interface contracts exist, their artefacts, rules and examples."""

from __future__ import annotations

import threading
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from contracts.report import Severity
from contracts.schematron import assert_texts

Status = Literal["official", "derived", "assumed"]
Format = Literal["xml", "json", "csv", "openapi", "wsdl", "asyncapi", "files"]
Kind = Literal["schema", "schematron", "coded"]

CONTRACTS = Path(__file__).parent
# Why a document could not be read, said in the same words in every contract; a contract.toml may restate one.
_GENERIC = {
    "xml": "Le document n'est pas du XML bien formé.",
    "json": "Le document n'est pas du JSON strict (RFC 8259).",
    "csv": "Le fichier CSV est illisible : ligne coupée, guillemet non fermé ou fichier vide.",
}
# What describes an API or a protocol needs no document of its own.
_WIRES = ("openapi", "wsdl", "asyncapi", "files")
_FORMAT_OF_BODY: Mapping[str, str] = {
    "xml": "xml",
    "json": "json",
    "csv": "csv",
    "openapi": "json",
    "wsdl": "xml",
    "asyncapi": "xml",
}


class UnknownContract(LookupError):
    """No interface contract has this id, or it describes an API and has no document to validate."""


class ContractBroken(Exception):
    """A contract's own files are wrong: the message names the file and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a contract: a French sentence that says what to fix, and where the rule comes from."""

    id: str
    severity: Severity
    kind: Kind
    message: str
    source: str
    check: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """An example document of a contract; ``rule`` is the id of the rule it breaks, None when it is valid."""

    path: Path
    rule: str | None


@dataclass(frozen=True, slots=True)
class InterfaceContract:
    """One version of one interface of one partner; the id is the folder's path, ``partner/interface/version``."""

    id: str
    title: str
    partner: str
    interface: str
    version: str
    status: Status
    media_type: str
    format: Format
    encoding: str
    folder: Path
    prefix: str
    rules: tuple[Rule, ...]
    examples: tuple[Example, ...]
    schema: Path | None = None
    schematron: Path | None = None
    sources: tuple[str, ...] = ()
    recognise: Mapping[str, Any] = field(default_factory=dict)
    csv: Mapping[str, Any] = field(default_factory=dict)
    stream: Mapping[str, Any] = field(default_factory=dict)

    def rule(self, rule_id: str) -> Rule:
        """The rule of this id. Raises KeyError when the contract has none: the artefact and contract.toml differ."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(f"{self.id} has no rule {rule_id}")


class Registry:
    """The interface contracts under a folder, each read once, on demand. Safe to share between threads."""

    def __init__(self, root: Path = CONTRACTS) -> None:
        self._root = root
        self._loaded: dict[str, InterfaceContract] = {}
        self._catalogue: tuple[InterfaceContract, ...] | None = None
        self._lock = threading.Lock()

    def get(self, contract_id: str) -> InterfaceContract:
        """The contract of this id. Raises UnknownContract, or ContractBroken when its files are wrong."""
        known = self._loaded.get(contract_id)
        if known is not None:
            return known
        parts = contract_id.split("/")
        # The id may come from a request: only the plain three names of a folder are a path we follow.
        plain = len(parts) == 3 and all(part and not part.startswith(".") and "\\" not in part for part in parts)
        if not plain or "\0" in contract_id or not self._root.joinpath(*parts, "contract.toml").is_file():
            raise UnknownContract(f"no interface contract {contract_id!r}")
        with self._lock:
            if contract_id not in self._loaded:
                self._loaded[contract_id] = load(self._root.joinpath(*parts))
            return self._loaded[contract_id]

    def catalogue(self) -> tuple[InterfaceContract, ...]:
        """Every contract, sorted by id. Raises ContractBroken when one of them cannot be read."""
        if self._catalogue is None:
            folders = sorted(path.parent for path in self._root.glob("*/*/*/contract.toml"))
            self._catalogue = tuple(self.get("/".join(folder.parts[-3:])) for folder in folders)
        return self._catalogue


def load(folder: Path) -> InterfaceContract:
    """Read one contract folder. Raises ContractBroken with the file and the reason."""
    path = folder / "contract.toml"
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ContractBroken(f"{path}: not readable as TOML: {error}") from error
    partner, interface, version = folder.parts[-3:]
    form: Format = _one_of(path, data, "format", get_args(Format))
    prefix = _text(path, data, "prefix")
    schema = _artefact(path, data, "schema")
    schematron = _artefact(path, data, "schematron")
    if schema is None and form not in _WIRES:
        raise ContractBroken(f"{path}: 'schema' is required for format {form!r}")
    rules = _rules(path, data, form, prefix, schematron)
    return InterfaceContract(
        id=f"{partner}/{interface}/{version}",
        title=_text(path, data, "title"),
        partner=partner,
        interface=interface,
        version=version,
        status=_one_of(path, data, "status", get_args(Status)),
        media_type=_text(path, data, "media_type"),
        format=form,
        encoding=_text(path, data, "encoding"),
        folder=folder,
        prefix=prefix,
        rules=rules,
        examples=_examples(path, folder, rules),
        schema=schema,
        schematron=schematron,
        sources=tuple(data.get("sources", ())),
        recognise=data.get("recognise", {}),
        csv=data.get("csv", {}),
        stream=data.get("stream", {}),
    )


def _text(path: Path, data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not value:
        raise ContractBroken(f"{path}: '{key}' must be a non-empty text")
    return value


def _one_of(path: Path, data: Mapping[str, Any], key: str, choices: tuple[str, ...]) -> Any:
    value = data.get(key)
    if value not in choices:
        raise ContractBroken(f"{path}: '{key}' is {value!r}, expected one of {', '.join(choices)}")
    return value


def _artefact(path: Path, data: Mapping[str, Any], key: str) -> Path | None:
    if key not in data:
        return None
    artefact = path.parent / _text(path, data, key)
    if not artefact.is_file():
        raise ContractBroken(f"{path}: '{key}' names {artefact.name}, which is not in the folder")
    return artefact


def _rules(path: Path, data: Mapping[str, Any], form: Format, prefix: str, sch: Path | None) -> tuple[Rule, ...]:
    texts = assert_texts(sch) if sch else {}
    rules = {rule.id: rule for rule in _generic_rules(form, prefix)}
    stated: set[str] = set()
    for stated_rule in data.get("rule", ()):
        entry = stated_rule
        rule_id = _text(path, entry, "id")
        kind: Kind = _one_of(path, entry, "kind", get_args(Kind))
        if rule_id in stated or not rule_id.startswith(f"{prefix}-"):
            raise ContractBroken(f"{path}: rule {rule_id!r} is stated twice or does not start with {prefix}-")
        stated.add(rule_id)
        if kind == "schematron":
            if rule_id not in texts:
                raise ContractBroken(f"{path}: rule {rule_id!r} has no assert of this id in the Schematron file")
            entry = {"message": texts[rule_id], **stated_rule}
        if (kind == "coded") != ("check" in entry):
            raise ContractBroken(f"{path}: rule {rule_id!r}: 'check' goes with kind coded, and only with it")
        rules[rule_id] = Rule(
            id=rule_id,
            severity=_one_of(path, entry, "severity", get_args(Severity)),
            kind=kind,
            message=_text(path, entry, "message"),
            source=_text(path, entry, "source"),
            check=entry.get("check"),
        )
    missing = texts.keys() - rules.keys()
    if missing:
        raise ContractBroken(f"{path}: asserts without a rule: {', '.join(sorted(missing))}")
    return tuple(rules.values())


def _generic_rules(form: Format, prefix: str) -> list[Rule]:
    body = _FORMAT_OF_BODY.get(form)
    sentences = {
        **({} if body is None else {body.upper(): _GENERIC[body]}),
        "ENCODAGE": "L'encodage du document n'est pas celui annoncé ou attendu.",
        "TAILLE": "Le document dépasse la taille admise.",
        "SCHEMA": "Le document ne respecte pas le schéma du contrat d'interface.",
    }
    if body == "xml":
        sentences["DOCTYPE"] = "Une déclaration DOCTYPE est interdite : retirez-la."
    source = "contrat d'interface"
    return [Rule(f"{prefix}-{suffix}", "error", "schema", text, source) for suffix, text in sentences.items()]


def _examples(path: Path, folder: Path, rules: tuple[Rule, ...]) -> tuple[Example, ...]:
    known = {rule.id for rule in rules}
    examples = [Example(file, None) for file in sorted(folder.glob("examples/valid/*")) if file.is_file()]
    for file in sorted(folder.glob("examples/invalid/*")):
        rule_id = file.name.split(".", 1)[0].split("__", 1)[0]
        if rule_id not in known:
            raise ContractBroken(f"{path}: example {file.name} breaks no rule of the contract")
        examples.append(Example(file, rule_id))
    return tuple(examples)
