"""Values of a PES block: all of them stand in the attribute ``V`` of their element."""

from __future__ import annotations

from decimal import Decimal

from lxml import etree


def v(element: etree._Element, path: str) -> str | None:
    """The trimmed value at this path; None when it is absent or empty."""
    found = element if path == "." else element.find(path)
    text = "" if found is None else str(found.get("V", "")).strip()
    return text or None


def vs(element: etree._Element, path: str) -> list[str]:
    """Every value at this path."""
    return [str(found.get("V", "")).strip() for found in element.iterfind(path)]


def number(element: etree._Element, path: str) -> int | None:
    """A whole number, signed or not."""
    text = v(element, path)
    return None if text is None else int(text)


def money(element: etree._Element, path: str) -> Decimal | None:
    """An amount in euros, or a rate."""
    text = v(element, path)
    return None if text is None else Decimal(text)


def flag(element: etree._Element, path: str) -> bool:
    """A boolean of the XML: 1 or true."""
    return v(element, path) in ("1", "true")
