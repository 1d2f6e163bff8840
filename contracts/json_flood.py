"""Collects schema violations of a broken document a window at a time.

The validator builds every violation before it hands over the first: a 2 MB list of a million wrong items costs minutes
and gigabytes. Here long lists are shown to it a few hundred items at a time, so that a reader who stops after a
thousand findings has paid for a thousand.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs

Pointer = tuple[str | int, ...]
Located = tuple[Pointer, jsonschema_rs.ValidationError]

WINDOW = 500


def errors(validator: jsonschema_rs.Draft202012Validator, value: Any) -> Iterator[Located]:
    """Every violation with its place, nothing when the value is valid; the value is left as it is."""
    if validator.is_valid(value):
        return
    found = False
    for located in _scan(validator, value):
        found = True
        yield located
    if not found:
        # A rule on a long list as a whole (two equal items far apart): it shows only when the list is entire.
        try:
            validator.validate(value)
        except jsonschema_rs.ValidationError as error:
            yield tuple(error.instance_path), error


def _scan(validator: jsonschema_rs.Draft202012Validator, value: Any) -> Iterator[Located]:
    long_lists = dict(_long_lists(value))
    if not long_lists:
        yield from ((tuple(error.instance_path), error) for error in validator.iter_errors(value))
        return
    emptied = value
    for pointer in long_lists:
        emptied = _replaced(emptied, pointer, [])
    for place, error in _scan(validator, emptied):
        if place not in long_lists:
            yield place, error
    for pointer, items in long_lists.items():
        depth = len(pointer)
        for start in range(0, len(items), WINDOW):
            shown = _replaced(emptied, pointer, items[start : start + WINDOW])
            for place, error in _scan(validator, shown):
                if place[:depth] != pointer:
                    continue
                step = place[depth] if len(place) > depth else None
                yield (*pointer, step + start, *place[depth + 1 :]) if isinstance(step, int) else place, error


def _long_lists(value: Any) -> Iterator[tuple[Pointer, list[Any]]]:
    """The outermost lists longer than a window."""
    pending: list[tuple[Pointer, Any]] = [((), value)]
    while pending:
        pointer, current = pending.pop()
        if isinstance(current, dict):
            pending.extend(
                ((*pointer, key), child) for key, child in current.items() if isinstance(child, (dict, list))
            )
        elif isinstance(current, list) and len(current) > WINDOW:
            yield pointer, current
        elif isinstance(current, list):
            pending.extend(((*pointer, i), child) for i, child in enumerate(current) if isinstance(child, (dict, list)))


def _replaced(value: Any, pointer: Pointer, new: Any) -> Any:
    """A copy of the value, along the pointer only, with what stands there replaced."""
    if not pointer:
        return new
    step = pointer[0]
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    copy[step] = _replaced(value[step], pointer[1:], new)
    return copy
