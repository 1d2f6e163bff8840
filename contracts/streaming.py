"""Contracts of a DECP JSON file one at a time, in a memory that does not depend on the size of the file.

A sliding window over the text is given to the C decoder: it holds one contract and at most one block more. The whole
grammar is followed, so that a file cut or broken anywhere is refused at its line as a whole reading would.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

import contracts.json as strict_json
from contracts.json import JsonRefused
from contracts.json_flood import Pointer

BLOCK = 256 * 1024
"""Bytes read at a time."""
MAX_RECORD = 16 * 1024 * 1024
"""Largest contract, in characters: the biggest published ones are a hundred times smaller."""

MARCHE, CONCESSION = "marche", "contrat-concession"
_SPACE = re.compile(r"[ \t\n\r]*")


class Readable(Protocol):
    """A binary file, as far as it is read here."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most so many; none at the end."""


@dataclass(frozen=True, slots=True)
class JsonRecord:
    """One contract of a file.

    Attributes:
        kind: "marche" or "contrat-concession".
        pointer: the keys and ranks that lead to it.
        line: its first line, from 1.
        text: the contract, exactly as it is written.
        value: the contract; :func:`contracts.json.check_decoded` is left to who uses it.
    """

    kind: str
    pointer: Pointer
    line: int
    text: str
    value: Any


class WrongEnvelope(JsonRefused):
    """The document is JSON, but not a list of contracts; ``pointer`` says where it stops being one."""

    def __init__(self, pointer: Pointer, line: int) -> None:
        expected = 'Une liste de marchés est attendue : {"marches": {"marche": […]}}.'
        super().__init__("SCHEMA", line, expected)
        self.pointer = pointer


def json_records(source: Readable, *, block: int = BLOCK, limit: int = MAX_RECORD) -> Iterator[JsonRecord]:
    """The contracts of a file in their order, of the present format (an object under ``marches``) or a former one.

    Args:
        source: the file, read once from where it stands.
        block: bytes to read at a time.
        limit: most characters of one contract.

    Raises:
        JsonRefused: malformed, cut, not UTF-8, or one contract above the limit; contracts before it were given.
        WrongEnvelope: JSON, but no list of contracts.
    """
    yield from _Reader(_Window(source, block, limit)).document()


def check_json(source: Readable, *, block: int = BLOCK) -> int:
    """Read a whole file without keeping it, and say how many contracts it holds.

    Raises:
        JsonRefused: as :func:`json_records`, and what strict JSON forbids inside a contract (duplicate keys, NaN).
    """
    count = 0
    for record in json_records(source, block=block):
        try:
            strict_json.check_decoded(record.value, record.text)
        except JsonRefused as refusal:
            line = record.line if refusal.line is None else record.line + refusal.line - 1
            raise JsonRefused(refusal.rule, line, refusal.message) from refusal
        count += 1
    return count


def _strictly(text: str, line: int, column: int = 0) -> Any:
    """Decode a value as strict JSON. The blanks before it give its refusal the line and column of the file."""
    try:
        value, _ = strict_json.parse(text.encode("utf-8", "surrogatepass"))
    except JsonRefused as refusal:
        if refusal.line is None:
            raise JsonRefused(refusal.rule, line, refusal.message) from refusal
        strict_json.parse(("\n" * (line - 1) + " " * column + text).encode("utf-8", "surrogatepass"))
        raise
    return value


class _Window:
    """The part of the text under the eyes, and where it stands in the file."""

    def __init__(self, source: Readable, block: int, limit: int) -> None:
        self._source = source
        self._block = block
        self._limit = limit
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("strict").decode
        self._decoder = strict_json.DECODER
        self._text = ""
        self._position = 0
        self._counted = 0  # up to where line and column are known
        self._line = 1
        self._column = 0
        self._byte_lines = 0
        self._ended = False

    @property
    def line(self) -> int:
        """Line of the position, from 1."""
        lines = self._text.count("\n", self._counted, self._position)
        if lines:
            self._line += lines
            self._column = self._position - self._text.rindex("\n", self._counted, self._position) - 1
        else:
            self._column += self._position - self._counted
        self._counted = self._position
        return self._line

    def next(self) -> str:
        """The next character that is not a blank, without taking it; empty at the end of the file."""
        while True:
            found = _SPACE.match(self._text, self._position)
            self._position = found.end() if found else self._position
            if self._position < len(self._text):
                return self._text[self._position]
            if self._ended:
                return ""
            self._read(self._block)

    def take(self) -> None:
        """Go past one character."""
        self._position += 1

    def value(self) -> tuple[Any, str]:
        """Take one whole value: as decoded, and as written."""
        more = self._block
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._position)
            except json.JSONDecodeError:
                if self._ended:
                    self._refuse_value()
            except (ValueError, RecursionError):
                # A constant, a number of thousands of digits, a bottomless nesting: more text changes nothing.
                self._refuse_value()
            else:
                # A number or a word at the end of the window may go on in the next block.
                if end < len(self._text) or self._ended or self._text[end - 1] in '"}]':
                    text = self._text[self._position : end]
                    self._position = end
                    return value, text
            if len(self._text) - self._position > self._limit:
                self._refuse_length()
            self._read(more)
            more *= 2

    def expected(self, what: str) -> NoReturn:
        """Refuse the file where it stands."""
        if self.next() == "":
            what = "le document est tronqué"
        line = self.line
        message = f"Le document n'est pas du JSON : {what} (ligne {line}, colonne {self._column + 1})."
        raise JsonRefused("JSON", line, message)

    def _refuse_value(self) -> NoReturn:
        line = self.line
        _strictly(self._text[self._position :], line, self._column)
        raise JsonRefused("JSON", line, f"Le document n'est pas du JSON strict (ligne {line}).")

    def _refuse_length(self) -> NoReturn:
        # A value broken near its start reads on to the limit: the decoder then knows where.
        try:
            self._decoder.raw_decode(self._text, self._position)
        except json.JSONDecodeError as error:
            if error.pos < len(self._text) - self._block:
                self._refuse_value()
        message = f"Un contrat dépasse {self._limit // 1048576} Mio : vérifiez qu'il est bien fermé, ou découpez-le."
        raise JsonRefused("TAILLE", self.line, message)

    def _read(self, size: int) -> None:
        """Forget what was taken and take in the next block."""
        _ = self.line
        self._text = self._text[self._position :]
        self._position = self._counted = 0
        data = self._source.read(size)
        self._ended = not data
        try:
            self._text += self._decode(data, self._ended)
        except UnicodeDecodeError as error:
            line = self._byte_lines + error.object[: error.start].count(b"\n") + 1
            wrong = error.object[error.start]
            message = f"Le document n'est pas en UTF-8 (ligne {line}, octet 0x{wrong:02X}) : réenregistrez-le."
            raise JsonRefused("ENCODAGE", line, message) from error
        self._byte_lines += data.count(b"\n")


class _Reader:
    """The grammar of a DECP document."""

    def __init__(self, window: _Window) -> None:
        self._window = window

    def document(self) -> Iterator[JsonRecord]:
        """The contracts; the whole file is read to its end."""
        window = self._window
        if window.next() != "{":
            self._not_an_envelope(())
        met = False
        for name in self._members():
            if name == "marches":
                met = True
                yield from self._envelope()
            else:
                self._skip()
        if window.next() != "":
            window.expected("du texte suit la fin du document")
        if not met:
            raise WrongEnvelope(("marches",), window.line)

    def _envelope(self) -> Iterator[JsonRecord]:
        opening = self._window.next()
        if opening == "[":
            yield from self._list(("marches",), None)
            return
        if opening != "{":
            self._not_an_envelope(("marches",))
        met = False
        for name in self._members():
            if name in (MARCHE, CONCESSION):
                met = True
                if self._window.next() != "[":
                    self._not_an_envelope(("marches", name))
                yield from self._list(("marches", name), name)
            else:
                self._skip()
        if not met:
            raise WrongEnvelope(("marches",), self._window.line)

    def _members(self) -> Iterator[str]:
        """The names of an object; the caller takes each value before it asks for the next name."""
        window = self._window
        window.take()
        seen: set[str] = set()
        while window.next() != "}":
            if seen:
                self._comma("une virgule est attendue")
            if window.next() != '"':
                window.expected("un nom de clé entre guillemets doubles est attendu")
            line = window.line
            name, _ = window.value()
            if name in seen:
                message = f"Le document n'est pas du JSON strict : la clé « {name} » est écrite deux fois."
                raise JsonRefused("JSON", line, message)
            seen.add(name)
            if window.next() != ":":
                window.expected("un deux-points est attendu")
            window.take()
            window.next()
            yield name
        window.take()

    def _list(self, pointer: Pointer, kind: str | None) -> Iterator[JsonRecord]:
        window = self._window
        window.take()
        rank = 0
        while window.next() != "]":
            if rank:
                self._comma("une virgule est attendue")
            line = window.line
            value, text = window.value()
            named = CONCESSION if isinstance(value, dict) and "autoriteConcedante" in value else MARCHE
            yield JsonRecord(kind or named, (*pointer, rank), line, text, value)
            rank += 1
        window.take()

    def _comma(self, what: str) -> None:
        if self._window.next() != ",":
            self._window.expected(what)
        self._window.take()
        if self._window.next() in ("]", "}"):
            self._window.expected("une virgule est en trop")

    def _skip(self) -> None:
        line = self._window.line
        _, text = self._window.value()
        _strictly(text, line)

    def _not_an_envelope(self, pointer: Pointer) -> NoReturn:
        """Malformed if it is; otherwise well written, and something else than a list of contracts."""
        line = self._window.line
        self._skip()
        raise WrongEnvelope(pointer, line)
