"""Elements of a document by name, and the coded rules that look at elements one by one: one walk serves them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from lxml import etree

from contracts.report import MAX_FINDINGS, Violation

ElementCheck = Callable[[etree._Element], Iterable[Violation]]
Ranked = tuple[int, etree._Element]


class Elements:
    """Elements by tag, each with its rank in document order."""

    def __init__(self, root: etree._Element) -> None:
        """Those of ``root`` and below."""
        self._by_tag: dict[object, list[Ranked]] = {}
        for rank, element in enumerate(root.iter(etree.Element)):
            self._by_tag.setdefault(element.tag, []).append((rank, element))

    def ranked(self, tag: str) -> Sequence[Ranked]:
        """The elements of this tag (``{namespace}name``) with their ranks, in document order."""
        return self._by_tag.get(tag, ())


class PerElement:
    """A coded rule that looks at the elements of some tags one by one."""

    def __init__(self, check: ElementCheck, tags: tuple[str, ...], under: str | None) -> None:
        """``check`` gives the violations at one element, none when it is sound."""
        self.check = check
        self.tags = tags
        self.under = None if under is None else tuple(reversed(under.split("/")))

    def __call__(self, document: etree._ElementTree) -> Iterator[Violation]:
        """Every violation of a whole document, in its order."""
        yield from Walk([self]).through([document.getroot()])[0]


def per_element(*tags: str, under: str | None = None) -> Callable[[ElementCheck], PerElement]:
    """Declare a coded rule that is asked about each element of these tags (no namespace).

    ``under`` names the elements between the root and those, such as ``Enveloppe/Parametres``; left out, they are looked
    for at any place.
    """
    return lambda check: PerElement(check, tags, under)


class Walk:
    """Several rules asked together, each about its own elements: what is absent costs nothing."""

    def __init__(self, rules: Sequence[PerElement]) -> None:
        self._count = len(rules)
        self._by_tag: dict[str, list[tuple[int, ElementCheck, tuple[str, ...] | None]]] = {}
        for number, rule in enumerate(rules):
            for tag in rule.tags:
                self._by_tag.setdefault(tag, []).append((number, rule.check, rule.under))

    def through(self, roots: Iterable[etree._Element]) -> list[list[Violation]]:
        """What each rule found in these elements and below, up to one more than a report lists."""
        found: list[list[Violation]] = [[] for _ in range(self._count)]
        for root in roots:
            for element in root.iter(*self._by_tag):
                for number, check, under in self._by_tag[element.tag]:
                    if under is None or _stands_under(element, under):
                        violations = check(element)
                        if violations and len(found[number]) <= MAX_FINDINGS:
                            found[number].extend(violations)
        return found


def _stands_under(element: etree._Element, parents: tuple[str, ...]) -> bool:
    current = element.getparent()
    for tag in parents:
        if current is None or current.tag != tag:
            return False
        current = current.getparent()
    return current is not None and current.getparent() is None
