"""The file exchange protocol (commun/echange-fichiers/1): its names, its markers, and what is wrong with one deposit.

Pure: a :class:`Depot` is what somebody saw of one file, :func:`findings` says which rules it breaks. The hub's folders
and those of the simulated partners both judge by this module. Everything here is an assumption (hypothèse) unless the
contract gives another source.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache

from contracts.coded import Coded, said
from contracts.report import Finding, Violation
from contracts.rules.echange_fichiers_depot import (
    OK_MARKER,
    Depot,
    ExchangeName,
    Expected,
    Marker,
    digest_in_ok,
    is_temporary,
    named,
    parse_name,
    reading_order,
    report_name,
    sha256_hex,
)
from contracts.validate import get

__all__ = [
    "ANSWER_DELAY",
    "CONTENT_RULES",
    "CONTRACT",
    "MARKER_DELAY",
    "OK_MARKER",
    "Depot",
    "ExchangeName",
    "Expected",
    "Marker",
    "digest_in_ok",
    "findings",
    "is_duplicate",
    "is_temporary",
    "named",
    "parse_name",
    "reading_order",
    "refusal_report",
    "refusals",
    "report_name",
    "sha256_hex",
]

CONTRACT = "commun/echange-fichiers/1"
MARKER_DELAY = timedelta(hours=1)
"""A file without marker for longer than that is worth a warning."""
ANSWER_DELAY = timedelta(hours=24)
"""A file read longer ago than that should have its compte rendu."""

CONTENT_RULES = frozenset({"EFI-BOM", "EFI-ENCODAGE", "EFI-SEPARATEUR", "EFI-PARTIEL"})
"""Rules about what is in the file; the interface contract of the file judges its content as well."""

_OTHER_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"\x00\x00\xfe\xff": "UTF-32"}
_DECLARED = re.compile(rb"""\A(?:\xef\xbb\xbf)?<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")


def findings(depot: Depot) -> tuple[Finding, ...]:
    """Every rule of the protocol that a deposit breaks, in the order of the contract; errors refuse the file."""
    rules = Coded(get(CONTRACT)).violations(depot)
    return tuple(Finding(rule.id, rule.severity, depot.name, found.line, said(rule, found)) for rule, found in rules)


def refusals(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those that refuse the file."""
    return tuple(one for one in found if one.severity == "error")


def is_duplicate(found: Iterable[Finding]) -> bool:
    """Whether the same file, byte for byte, was treated before: it is set aside without effect."""
    return any(one.rule == "EFI-DOUBLON" for one in found)


def refusal_report(name: str, found: Iterable[Finding], at: datetime) -> str:
    """The French report put beside a refused file, for the person who must send it again.

    Args:
        at: when it was refused.
    """
    lines = [
        f"Fichier refusé : {name}",
        f"Refusé le : {at:%d/%m/%Y à %H:%M:%S} ({at.tzname() or 'heure locale'})",
        f"Contrat d'échange : {CONTRACT} (hypothèse)",
        "",
        "Le fichier n'a pas été traité. À corriger :",
    ]
    for one in found:
        where = f" (ligne {one.line})" if one.line else ""
        lines.append(f"- [{one.rule}]{where} {one.message}")
    return "\r\n".join([*lines, ""])


# --- The checks named by contract.toml -----------------------------------------------------------------------------


def nom(depot: Depot) -> Iterator[Violation]:
    """The name has the form of the protocol."""
    if depot.expected.named and not is_temporary(depot.name) and parse_name(depot.name) is None:
        yield Violation(depot.name, detail=depot.name)


def emetteur(depot: Depot) -> Iterator[Violation]:
    """The sender is one of those that write in this folder."""
    name, wanted = _name(depot), depot.expected.emetteurs
    if name and wanted is not None and name.emetteur not in wanted:
        yield Violation(depot.name, detail=f"{name.emetteur}, attendu {' ou '.join(sorted(wanted))}")


def type_de_fichier(depot: Depot) -> Iterator[Violation]:
    """The type is one of those that are read in this folder."""
    name, wanted = _name(depot), depot.expected.types
    if name and wanted is not None and name.type not in wanted:
        yield Violation(depot.name, detail=f"{name.type}, attendu {', '.join(sorted(wanted))}")


def etablissement(depot: Depot) -> Iterator[Violation]:
    """The establishment is the one of this folder."""
    name, wanted = _name(depot), depot.expected.finess
    if name and wanted is not None and name.finess != wanted:
        yield Violation(depot.name, detail=f"{name.finess}, attendu {wanted}")


def nom_temporaire(depot: Depot) -> Iterator[Violation]:
    """A transfer under way is not read."""
    if is_temporary(depot.name):
        yield Violation(depot.name, detail=depot.name)


def temoin(depot: Depot) -> Iterator[Violation]:
    """The marker is empty or carries the checksum of the file (two rules share this check)."""
    if depot.marker is None or depot.body is None:
        return
    found = depot.form.judge(depot.marker, depot.name, depot.body)
    if found is not None:
        yield Violation(found.path, detail=found.detail, rule=found.rule or "EFI-EMPREINTE")


def delai_temoin(depot: Depot) -> Iterator[Violation]:
    """The marker follows its file."""
    if depot.unmarked_for is not None and depot.unmarked_for > MARKER_DELAY:
        yield Violation(depot.name, detail=f"« {depot.form.name_of(depot.name)} », {_age(depot.unmarked_for)}")


def delai_compte_rendu(depot: Depot) -> Iterator[Violation]:
    """Every file read is answered by a compte rendu."""
    if depot.unanswered_for is not None and depot.unanswered_for > ANSWER_DELAY:
        yield Violation(depot.name, detail=_age(depot.unanswered_for))


def taille(depot: Depot) -> Iterator[Violation]:
    """The file can be read in one piece."""
    if depot.size > depot.expected.max_bytes:
        yield Violation(depot.name, detail=f"{_mib(depot.size)}, limite {_mib(depot.expected.max_bytes)}")


def marque_encodage(depot: Depot) -> Iterator[Violation]:
    """A byte order mark, if any, is that of UTF-8."""
    for mark, encoding in _OTHER_MARKS.items():
        if (depot.body or b"").startswith(mark):
            yield Violation(depot.name, line=1, detail=encoding)
            return


def encodage(depot: Depot) -> Iterator[Violation]:
    """The text is UTF-8, and an XML file does not announce anything else."""
    if depot.body is None or any(True for _ in marque_encodage(depot)):
        return
    declared = _DECLARED.match(depot.body)
    if declared and declared[1].upper() not in (b"UTF-8", b"US-ASCII"):
        yield Violation(depot.name, line=1, detail=f"annoncé {declared[1].decode('ascii')}")
        return
    try:
        depot.body.decode("utf-8")
    except UnicodeDecodeError as error:
        yield Violation(depot.name, line=depot.body.count(b"\n", 0, error.start) + 1, detail=f"octet {error.start + 1}")


def separateur(depot: Depot) -> Iterator[Violation]:
    """The columns of a CSV file are separated by semicolons."""
    if depot.name.endswith(".csv") and depot.body is not None:
        header = _text(depot.body).partition("\n")[0]
        if ";" not in header and any(sign in header for sign in ",\t|"):
            yield Violation(depot.name, line=1)


def lignes_annoncees(depot: Depot) -> Iterator[Violation]:
    """A CSV file has as many lines as its column ``nombre_lignes`` announces; XML cut short is not well-formed."""
    if not depot.name.endswith(".csv") or depot.body is None:
        return
    try:
        rows = csv.reader(io.StringIO(_text(depot.body), newline=""), delimiter=";")
        header = next(rows, [])
        if "nombre_lignes" not in header:
            return
        column = header.index("nombre_lignes")
        lines = [row for row in rows if any(row)]
    except csv.Error:
        return  # unreadable: the interface contract of the file says why
    announced = lines[0][column].strip() if lines and len(lines[0]) > column else ""
    # No line at all is a file cut after its header: an empty flow would not be sent.
    if not lines or (announced.isdecimal() and int(announced) != len(lines)):
        yield Violation(depot.name, detail=f"{announced or 'au moins une'} annoncée(s), {len(lines)} lue(s)")


def doublon(depot: Depot) -> Iterator[Violation]:
    """The same file was treated before."""
    if depot.earlier is not None and depot.body is not None and depot.body == depot.earlier:
        yield Violation(depot.name, detail=depot.name)


def nom_reutilise(depot: Depot) -> Iterator[Violation]:
    """A name is used once: other bytes under it are another file."""
    if depot.earlier is not None and depot.body is not None and depot.body != depot.earlier:
        yield Violation(depot.name, detail=depot.name)


def trou(depot: Depot) -> Iterator[Violation]:
    """The numbers of a day have no gap before this one (what was reported for an earlier file is not said again)."""
    name = _name(depot)
    if name is None:
        return
    before = max((one.numero for one in depot.treated if one.series == name.series and one < name), default=0)
    if name.numero > before + 1:
        first, last = before + 1, name.numero - 1
        missing = f"{first:05d}" if first == last else f"{first:05d} à {last:05d}"
        yield Violation(depot.name, detail=missing)


def ordre(depot: Depot) -> Iterator[Violation]:
    """No later file of the same sender and establishment was treated before."""
    name = _name(depot)
    if name is None or depot.earlier is not None:
        return
    same = (one for one in depot.treated if (one.emetteur, one.finess) == (name.emetteur, name.finess))
    later = max(same, default=None)
    if later is not None and (later.jour, later.numero) > (name.jour, name.numero):
        yield Violation(depot.name, detail=str(later))


@lru_cache(maxsize=4096)
def _read_name(name: str) -> ExchangeName | None:
    return parse_name(name)


def _name(depot: Depot) -> ExchangeName | None:
    return _read_name(depot.name) if depot.expected.named else None


def _text(body: bytes) -> str:
    return body.decode("utf-8-sig", errors="replace")


def _age(age: timedelta) -> str:
    hours, rest = divmod(int(age.total_seconds()), 3600)
    return f"{hours} h {rest // 60:02d}" if hours else f"{rest // 60} min"


def _mib(size: int) -> str:
    return f"{size / 1048576:.1f} Mio".replace(".", ",") if size >= 1048576 else f"{size} octets"
