"""Judges messages against what the GEF knows, applies what it accepts, and holds what waits for a supplier."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from mock_partners.gef import refusals
from mock_partners.gef.documents import MARCHE_KINDS, Document, instant, lines_of, marche_of, suppliers_of
from mock_partners.gef.opening import enter
from mock_partners.gef.refusals import Refusal
from mock_partners.gef.state import IN_FORCE, Held, Marche, State

_AFTER_EVENT: Mapping[str, str] = {
    "suspension": "suspendu",
    "reprise": IN_FORCE,
    "resiliation": "résilié",
    "echeance": "échu",
    "cloture": "clos",
}
"""What the marché becomes after these facts; after the others it stays as it was."""
_VERDICTS: Mapping[str, str] = {
    "accepte": "accepted",
    "rejete": "rejected",
    "partiel": "partial",
    "en_attente": "waiting",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """The compte rendu; ``replayed`` when the message had already taken effect, or already waits."""

    document: Document
    replayed: bool = False

    @property
    def verdict(self) -> str:
        """What the journal says of it."""
        return "replayed" if self.replayed else _VERDICTS[self.document["verdict"]]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is said of a message beside its content.

    Attributes:
        now: time of the answer.
        canal: channel by which it came, and by which a final compte rendu goes.
        gated: whether the channel needs the version minimum.
        waits: whether an unknown supplier makes it wait instead of being refused.
        imposed: refusals that a scenario imposes, by line.
        muted: lists of a marché that the message's syntax cannot carry: what is known of them stays.
    """

    now: datetime
    canal: str
    gated: bool = False
    waits: bool = True
    imposed: Mapping[int, Refusal] = field(default_factory=dict)
    muted: Sequence[str] = ()


class Ledger:
    """The judgment. A refusal is not remembered: the same message, sent again, is judged again."""

    def __init__(self, state: State) -> None:
        self.state = state

    def judge(self, message: Document, given: Circumstances) -> Answer:
        """The answer to one message that satisfies its contract; what it accepts is applied."""
        state, message_id = self.state, message["idMessage"]
        numbers = lines_of(message)
        in_force = state.effets.get(message_id, [])
        last = state.comptesRendus.get(message_id)
        if last is not None:
            held = any(one.document["idMessage"] == message_id for one in state.attente)
            if held or set(numbers) <= set(in_force):
                return Answer(last, replayed=True)
        whole = refusals.of_version(state) if given.gated else None
        waits = None if whole is not None or not given.waits else self._reason_to_wait(message, given.imposed)
        if waits is None:
            whole = whole or refusals.of_message(state, message)
        if whole is None and waits is not None:
            state.attente.append(Held(document=message, canal=given.canal, muet=list(given.muted)))
            results: dict[int, Refusal | None] = {number: None if number in in_force else waits for number in numbers}
            return Answer(self._compte_rendu(message, results, None, given.now, waiting=True))
        results = self._judge_lines(message, numbers, in_force, whole, given.imposed)
        fresh = [number for number, refusal in results.items() if refusal is None and number not in in_force]
        if fresh:
            self._apply(message, fresh, given.muted)
            state.effets[message_id] = in_force + fresh
        # A part that is already in force is not undone by a reason that now bars the rest of the message.
        reason = whole if all(results.values()) else None
        return Answer(self._compte_rendu(message, results, reason, given.now))

    def released(self, now: datetime) -> Iterable[tuple[Held, Document]]:
        """Judges the messages whose suppliers have come, in their order; yields each with its final compte rendu."""
        for held in list(self.state.attente):
            earlier = refusals.waiting_for(self.state, marche_of(held.document) or "")
            if earlier[0] is not held or any(self._unknown(number) for _, number in suppliers_of(held.document)):
                continue
            self.state.attente.remove(held)
            given = Circumstances(now=now, canal=held.canal, waits=False, muted=held.muet)
            yield held, self.judge(held.document, given).document

    def refuse(self, message_id: str, refusal: Refusal, now: datetime) -> Document:
        """The answer to something that could not be read as a message, when at least its id could."""
        return self._document(message_id, None, {1: refusal}, refusal, now, waiting=False)

    def _reason_to_wait(self, message: Document, imposed: Mapping[int, Refusal]) -> Refusal | None:
        """Why the message waits, if it does: a reason that bars it for good goes first."""
        if not self.state.controleTiers:
            return None
        kind, number = message["typeMessage"], marche_of(message)
        if number is None or imposed or not self.state.knows_hospital(message["etablissement"]):
            return None
        if kind in MARCHE_KINDS and refusals.wrong_amount(message) is not None:
            return None
        if kind != "marche" and refusals.waiting_for(self.state, number):
            return refusals.BEHIND
        unknown = next((supplier for _, supplier in suppliers_of(message) if self._unknown(supplier)), None)
        if unknown is None or refusals.of_message(self.state, message) is not None:
            return None
        code, sentence = refusals.LATE_SUPPLIER
        return code, sentence.format(tiers=unknown)

    def _unknown(self, supplier: str) -> bool:
        return self.state.controleTiers and self.state.supplier(supplier) is None

    def _judge_lines(
        self,
        message: Document,
        numbers: Sequence[int],
        in_force: Sequence[int],
        whole: Refusal | None,
        imposed: Mapping[int, Refusal],
    ) -> dict[int, Refusal | None]:
        if whole is not None:
            return {number: None if number in in_force else whole for number in numbers}
        own = self._own_refusals(message)
        return {number: None if number in in_force else imposed.get(number) or own.get(number) for number in numbers}

    def _own_refusals(self, message: Document) -> dict[int, Refusal | None]:
        state, kind = self.state, message["typeMessage"]
        if kind in MARCHE_KINDS:
            finess = message["etablissement"]
            return {line["ligne"]: refusals.of_line(state, finess, line) for line in message["imputations"]}
        if kind == "produits":
            marche = state.marches[message["produits"]["numeroMarche"]]
            return {line["ligne"]: refusals.of_product(state, marche, line) for line in message["produits"]["lignes"]}
        return {}

    def _apply(self, message: Document, numbers: Sequence[int], muted: Sequence[str]) -> None:
        kind = message["typeMessage"]
        if kind == "fournisseur":
            enter(self.state, message["fournisseur"], message["fournisseur"])
        elif kind == "nomenclature":
            for rank in numbers:
                code = message["codes"][rank - 1]
                kept = self.state.nomenclatures.setdefault(code["nomenclature"], {})
                kept[code["code"]] = {"libelle": code["libelle"], "actif": code["actif"]}
        elif kind == "produits":
            self._apply_products(message["produits"], numbers)
        else:
            self._apply_marche(message, numbers, muted)

    def _apply_products(self, products: Document, numbers: Sequence[int]) -> None:
        kept = self.state.marches[products["numeroMarche"]].produits
        wanted = set(numbers)
        for line in products["lignes"]:
            if line["ligne"] not in wanted:
                continue
            if line["mouvement"] == "S":
                kept.pop(refusals.product_key(line), None)
            else:
                enter(self.state, line["fournisseur"], None)
                kept[refusals.product_key(line)] = {
                    key: value for key, value in line.items() if key not in ("ligne", "mouvement")
                }

    def _apply_marche(self, message: Document, numbers: Sequence[int], muted: Sequence[str]) -> None:
        state, etat, message_id = self.state, message["marche"], message["idMessage"]
        known = state.marches.get(etat["numero"])
        if known is None:
            known = state.marches[etat["numero"]] = Marche(cree_par=message_id, dernier=message_id, etat={})
        first_time = message_id not in state.effets
        # A line that was refused may come back after later messages: it must not bring the former state back with it.
        if first_time or known.dernier == message_id:
            known.etat = {**_kept(etat), **{name: known.etat[name] for name in muted if name in known.etat}}
            # The state is whole: lines it no longer has are gone, lines it was refused stay as they were.
            present = {line["ligne"] for line in message["imputations"]}
            known.imputations = {number: line for number, line in known.imputations.items() if int(number) in present}
            known.dernier = message_id
        if first_time:
            if "modification" in message:
                known.modifications.append(message["modification"]["numero"])
            if "evenement" in message:
                known.evenements.append({"idMessage": message_id, **message["evenement"]})
                known.statut = _AFTER_EVENT.get(message["evenement"]["type"], known.statut)
        names = {holder["id"]: holder for holder in etat["titulaires"]}
        for line in message["imputations"]:
            if line["ligne"] in numbers:
                known.imputations[str(line["ligne"])] = line
                holder = line["titulaire"]
                if holder["id"] not in state.tiers:
                    enter(state, {**names.get(holder["id"], {}), **holder}, None)

    def _compte_rendu(
        self,
        message: Document,
        results: Mapping[int, Refusal | None],
        whole: Refusal | None,
        now: datetime,
        *,
        waiting: bool = False,
    ) -> Document:
        document = self._document(message["idMessage"], marche_of(message), results, whole, now, waiting=waiting)
        self.state.comptesRendus[message["idMessage"]] = document
        return document

    def _document(
        self,
        message_id: str,
        marche: str | None,
        results: Mapping[int, Refusal | None],
        whole: Refusal | None,
        now: datetime,
        *,
        waiting: bool,
    ) -> Document:
        refused = sum(refusal is not None for refusal in results.values())
        number = self.state.next_number("compteRendu")
        document: Document = {"idCompteRendu": f"CR-{number:06d}", "idMessage": message_id}
        if marche is not None:
            document["numeroMarche"] = marche
        verdict = "accepte" if not refused else "rejete" if refused == len(results) else "partiel"
        document |= {"emisLe": instant(now), "verdict": "en_attente" if waiting else verdict}
        if whole is not None:
            document["motif"] = {"code": whole[0], "libelle": whole[1]}
        status = "en_attente" if waiting else "rejete"
        document["lignes"] = [
            {"ligne": number, "statut": "accepte"}
            if refusal is None
            else {"ligne": number, "statut": status, "code": refusal[0], "libelle": refusal[1]}
            for number, refusal in results.items()
        ]
        return document


def _kept(marche: Document) -> Document:
    """What is kept of a marché: of the beneficiaries their SIRET only, which every syntax carries."""
    return {**marche, "beneficiaires": [one["siret"] for one in marche["beneficiaires"]]}
