"""What the deposit remembers: files seen, reports to offer, in the form of the contracts of this partner."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

PUBLISHED, SET_ASIDE, DUPLICATE = "publie", "ecarte", "doublon"


@dataclass(slots=True)
class Deposit:
    """A file the deposit has seen; its name is unique."""

    id: str
    name: str
    sha256: str
    at: str


@dataclass(slots=True)
class Judged:
    """What became of one record."""

    rank: int
    kind: str
    uid: str | None
    state: str
    errors: tuple[str, ...] = ()
    corrections: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


@dataclass(slots=True)
class Report:
    """A report, waiting until ``due`` and then offered; ``channel`` is "lost" when it is not to be."""

    id: str
    deposit: str
    file: str
    channel: str
    due: str
    body: str
    read: bool = False

    @property
    def name(self) -> str:
        """Name of the report, after the file it answers."""
        return f"CR_{self.file}.json"


def receipt(deposit: Deposit) -> dict[str, str]:
    """The answer to a deposit."""
    return {"idDepot": deposit.id, "nomFichier": deposit.name, "recuLe": deposit.at, "sha256": deposit.sha256}


def listed(report: Report) -> dict[str, str]:
    """One line of the list of reports."""
    return {"idCompteRendu": report.id, "idDepot": report.deposit, "nom": report.name, "emisLe": report.due}


def verdict_of(judged: Sequence[Judged]) -> str:
    """``accepte`` when every record is published, ``rejete`` when none is, else ``partiel``."""
    published = {one.state == PUBLISHED for one in judged}
    return "partiel" if len(published) == 2 else "accepte" if published == {True} else "rejete"


def write_report(
    identifier: str,
    deposit: Deposit,
    at: datetime,
    verdict: str,
    judged: Sequence[Judged],
    motive: str | None = None,
) -> str:
    """The report of a deposit (contract ``daj/compte-rendu/1``); ``motive`` is why the whole file was refused."""
    report = {
        "idCompteRendu": identifier,
        "idDepot": deposit.id,
        "nomFichier": deposit.name,
        "emisLe": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "verdict": verdict,
        **({} if motive is None else {"motif": motive}),
        "enregistrements": [_row(one) for one in judged],
    }
    return json.dumps(report, ensure_ascii=False, indent=2)


def _row(one: Judged) -> dict[str, object]:
    told = asdict(one)
    optional = {"uid": told["uid"], "corrections": told["corrections"], "avertissements": told["marks"]}
    return {
        "rang": one.rank,
        "type": one.kind,
        "statut": one.state,
        "erreurs": told["errors"],
        **{name: value for name, value in optional.items() if value},
    }
