"""What an import says: one verdict per record, and counts that add up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """What became of one record of the file."""

    ACCEPTE = "accepte"  #: recorded exactly as the file says it
    COMPLETE = "complete"  #: recorded, with documented defaults for what the file does not carry
    INCHANGE = "inchange"  #: already recorded with the same content
    REFUSE = "refuse"  #: not recorded; the reasons say what to fix


@dataclass(frozen=True, slots=True)
class Completed:
    """One field that the file does not carry: the value put there, and why (French)."""

    champ: str
    valeur: str
    justification: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a record is refused: rule, place (in the file for its format, in the marché for a business rule), remedy."""

    regle: str
    chemin: str
    ligne: int | None
    message: str


@dataclass(frozen=True, slots=True)
class RecordReport:
    """The verdict on one record.

    Attributes:
        place: where it stands in the file ("$.marches.marche[3]", "/marches/marche[4]", "lignes 12, 13").
        ligne: its first line in the file, from 1.
        lignes: how many data lines it takes (CSV), 1 elsewhere.
        id: the buyer's number, when it could be read.
        acheteur: SIRET of the buyer, when it could be read.
        resultat: the outcome.
        uid: its identifier in the hub; ``None`` when refused.
        completes: fields completed by a documented default.
        avertissements: French sentences about what deserves a look.
        motifs: why it is refused; empty otherwise.
    """

    place: str
    ligne: int | None
    lignes: int
    id: str | None
    acheteur: str | None
    resultat: Outcome
    uid: str | None = None
    completes: tuple[Completed, ...] = ()
    avertissements: tuple[str, ...] = ()
    motifs: tuple[Reason, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "place": self.place,
            "ligne": self.ligne,
            "id": self.id,
            "acheteur": self.acheteur,
            "resultat": self.resultat.value,
            "uid": self.uid,
            "completes": [
                {"champ": item.champ, "valeur": item.valeur, "justification": item.justification}
                for item in self.completes
            ],
            "avertissements": list(self.avertissements),
            "motifs": [
                {"regle": item.regle, "chemin": item.chemin, "ligne": item.ligne, "message": item.message}
                for item in self.motifs
            ],
        }


@dataclass(frozen=True, slots=True)
class Counts:
    """Totals of an import: ``lus`` is always the sum of the four outcomes.

    ``lignes`` counts data lines of a CSV (each record once elsewhere), ``doublons`` those among them that repeat
    another line.
    """

    lus: int
    acceptes: int
    completes: int
    inchanges: int
    refuses: int
    lignes: int
    doublons: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, record by record.

    Attributes:
        fichier: name of the file, without its folder.
        sha256: of its bytes, to tell later which file this was.
        contrat: interface contract it was read with.
        doublons: CSV lines that repeat another line of the same record.
        enregistrements: one verdict per record, in the order of the file.
    """

    fichier: str
    sha256: str
    contrat: str
    doublons: int
    enregistrements: tuple[RecordReport, ...]

    @property
    def compteurs(self) -> Counts:
        """Totals."""
        outcomes = Counter(record.resultat for record in self.enregistrements)
        return Counts(
            lus=len(self.enregistrements),
            acceptes=outcomes[Outcome.ACCEPTE],
            completes=outcomes[Outcome.COMPLETE],
            inchanges=outcomes[Outcome.INCHANGE],
            refuses=outcomes[Outcome.REFUSE],
            lignes=sum(record.lignes for record in self.enregistrements),
            doublons=self.doublons,
        )

    def to_dict(self) -> dict[str, Any]:
        """As plain data, in the form printed as JSON."""
        counts = self.compteurs
        return {
            "fichier": self.fichier,
            "sha256": self.sha256,
            "contrat": self.contrat,
            "compteurs": {name: getattr(counts, name) for name in Counts.__slots__},
            "enregistrements": [record.to_dict() for record in self.enregistrements],
        }
