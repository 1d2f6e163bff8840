"""What the simulated financial system knows, and how it judges a message against it. No HTTP, no files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from mock_partners.gef_ideo_gelf.reading import LineRead, MessageRead

CENT = Decimal("0.01")
Refusal = tuple[str, str]
"""Code and French sentence."""


class LineKept(BaseModel):
    """A line in force; amounts are texts in euros without tax."""

    tiers: str
    etablissement: str
    uf: str
    compte: str
    montantHT: str | None


class MarcheKept(BaseModel):
    """A marché in force, and the messages that made it so."""

    cree_par: str
    objet: str
    montantHT: str
    dureeMois: int
    dateFin: str | None
    modifications: list[int] = Field(default_factory=list)
    lignes: dict[str, LineKept] = Field(default_factory=dict)


class State(BaseModel):
    """Everything the system keeps. In lists of what is known, ``None`` means that anything is."""

    model_config = ConfigDict(extra="forbid")

    version: str = "2.1"
    versionMinimum: str = "2.0"
    etablissements: list[str] | None = None
    ufs: list[str] | None = None
    comptes: list[str] | None = None
    tiersConnus: list[str] | None = None
    fournisseurs: dict[str, str] = Field(default_factory=dict)
    marches: dict[str, MarcheKept] = Field(default_factory=dict)
    effets: dict[str, list[int]] = Field(
        default_factory=dict, description="lines of each message in force, one entry per time it took effect"
    )
    acquittements: dict[str, dict[str, Any]] = Field(default_factory=dict, description="last answer by message")
    cles: dict[str, str] = Field(default_factory=dict, description="sha256 of the body by idempotency key")
    aEmettre: list[dict[str, Any]] = Field(default_factory=list, description="answers that wait to be given or read")
    numeroAcquittement: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the system says to a message; ``replayed`` when it had already taken effect and nothing was done."""

    document: dict[str, Any]
    replayed: bool = False


class Ledger:
    """Judges messages against what is known, and applies what it accepts to it."""

    def __init__(self, state: State) -> None:
        self.state = state

    def judge(self, message: MessageRead, now: datetime, imposed: Mapping[int, Refusal]) -> Answer:
        """The answer to one message, applied. A refusal is not remembered: the same message is judged again.

        Args:
            message: the message, which satisfies its contract.
            now: time of the answer.
            imposed: refusals that a scenario imposes, by line.
        """
        in_force = self.state.effets.get(message.id, [])
        if message.id in self.state.acquittements and set(message.numbers) <= set(in_force):
            return Answer(self.state.acquittements[message.id], replayed=True)
        whole = self._refusal_of_message(message)
        results: dict[int, Refusal | None] = {}
        for number in message.numbers:
            line = next((line for line in message.lines if line.number == number), None)
            if number in in_force:
                results[number] = None
            else:
                results[number] = whole or imposed.get(number) or (self._refusal_of_line(line) if line else None)
        fresh = [number for number, refusal in results.items() if refusal is None and number not in in_force]
        if fresh:
            self._apply(message, fresh)
            self.state.effets[message.id] = in_force + fresh
        # A part that is already in force is not undone by a reason that now bars the rest of the message.
        reason = whole if all(results.values()) else None
        document = self._document(message.id, message.marche, results, reason, now)
        self.state.acquittements[message.id] = document
        return Answer(document)

    def refuse(self, message_id: str, refusal: Refusal, now: datetime) -> dict[str, Any]:
        """The answer to a file that could not be read as a message, when at least its id could."""
        return self._document(message_id, None, {1: refusal}, refusal, now)

    def _refusal_of_message(self, message: MessageRead) -> Refusal | None:
        state = self.state
        if numbers_of(state.version) < numbers_of(state.versionMinimum):
            said = f"Version installée {state.version}, version minimale {state.versionMinimum} : montez de version."
            return "VERSION_INCOMPATIBLE", said
        if message.marche is None:
            return None
        known = state.marches.get(message.marche)
        if message.kind == "marche" and known is not None and known.cree_par != message.id:
            return "DOUBLON_MARCHE", f"Le marché {message.marche} existe déjà : envoyez une modification."
        if message.kind != "marche" and known is None:
            return "MARCHE_INCONNU", f"Le marché {message.marche} n'existe pas : envoyez-le d'abord."
        if message.change is not None and known is not None and known.modifications:
            last = known.modifications[-1]
            if message.change < last or (message.change == last and message.id not in state.effets):
                said = f"La modification {message.change} arrive après la modification {last}."
                return "MODIFICATION_HORS_SEQUENCE", said
        return self._wrong_amount(message)

    def _wrong_amount(self, message: MessageRead) -> Refusal | None:
        if message.amount <= 0:
            return "MONTANT_INVALIDE", "Le montant du marché doit être supérieur à zéro."
        by_establishment: dict[str, list[Decimal | None]] = {}
        for line in message.lines:
            by_establishment.setdefault(line.establishment, []).append(line.amount)
        for amounts in by_establishment.values():
            total = sum((amount for amount in amounts if amount is not None), Decimal(0))
            if total > message.amount or (None not in amounts and total != message.amount):
                return "MONTANT_INVALIDE", f"La somme des lignes est {total}, le marché est de {message.amount}."
        return None

    def _refusal_of_line(self, line: LineRead) -> Refusal | None:
        state = self.state
        if not _knows(state.etablissements, line.establishment):
            return "ETABLISSEMENT_INCONNU", f"L'établissement {line.establishment} n'est pas géré par cette GEF."
        if line.supplier not in state.fournisseurs and not _knows(state.tiersConnus, line.supplier):
            return "TIERS_INCONNU", f"Le tiers {line.supplier} n'existe pas : créez-le puis renvoyez le marché."
        if not _knows(state.ufs, line.unit):
            return "UF_INCONNUE", f"L'UF {line.unit} n'existe pas dans l'établissement {line.establishment}."
        if not _knows(state.comptes, line.account):
            return "COMPTE_INCONNU", f"Le compte {line.account} n'est pas ouvert."
        return None

    def _apply(self, message: MessageRead, numbers: Iterable[int]) -> None:
        if message.supplier is not None:
            self.state.fournisseurs[message.supplier] = message.supplier_name or ""
            return
        assert message.marche is not None
        kept = self.state.marches.get(message.marche)
        if kept is None:
            kept = MarcheKept(cree_par=message.id, objet="", montantHT="0.00", dureeMois=0, dateFin=None)
        first_time = message.id not in self.state.effets
        kept.objet = message.subject or ""
        kept.montantHT = euros(message.amount)
        kept.dureeMois = message.months
        kept.dateFin = message.ends_on
        if first_time and message.change is not None:
            kept.modifications.append(message.change)
        # The message gives the whole state: lines it no longer has are gone, lines it was refused stay as they were.
        kept.lignes = {number: line for number, line in kept.lignes.items() if int(number) in message.numbers}
        for line in message.lines:
            if line.number in numbers:
                kept.lignes[str(line.number)] = LineKept(
                    tiers=line.supplier,
                    etablissement=line.establishment,
                    uf=line.unit,
                    compte=line.account,
                    montantHT=None if line.amount is None else euros(line.amount),
                )
        self.state.marches[message.marche] = kept

    def _document(
        self,
        message_id: str,
        marche: str | None,
        results: Mapping[int, Refusal | None],
        whole: Refusal | None,
        now: datetime,
    ) -> dict[str, Any]:
        self.state.numeroAcquittement += 1
        refused = [refusal for refusal in results.values() if refusal is not None]
        verdict = "accepte" if not refused else "rejete" if len(refused) == len(results) else "partiel"
        document: dict[str, Any] = {
            "idAcquittement": f"ACK-{self.state.numeroAcquittement:06d}",
            "idMessage": message_id,
        }
        if marche is not None:
            document["numeroMarche"] = marche
        document |= {"emisLe": now.strftime("%Y-%m-%dT%H:%M:%SZ"), "verdict": verdict}
        if whole is not None:
            document["motif"] = {"code": whole[0], "libelle": whole[1]}
        document["lignes"] = [
            {"ligne": number, "statut": "accepte"}
            if refusal is None
            else {"ligne": number, "statut": "rejete", "code": refusal[0], "libelle": refusal[1]}
            for number, refusal in results.items()
        ]
        return document


def numbers_of(version: str) -> tuple[int, ...]:
    """The numbers of a version, for comparison."""
    return tuple(int(number) for number in re.findall(r"[0-9]+", version))


def euros(amount: Decimal) -> str:
    """An amount as it is kept: two decimals."""
    return format(amount.quantize(CENT), "f")


def _knows(known: list[str] | None, value: str) -> bool:
    return known is None or value in known
