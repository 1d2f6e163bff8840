"""How the simulated platform takes what is written to it: judged against what it keeps, then applied. No HTTP here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from mock_partners.place.state import CLOSED, PROGRESS, Consultation, Contrat, Message, Part, State, Statut, Titulaire

_DECISIONS: dict[str, Statut] = {"infructueux": "infructueuse", "sans_suite": "sans_suite"}
_FIRST_ID = 500001


class Refusal(Exception):
    """What the platform refuses: status, code and French sentence."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: where it is, its state, and whether it is new."""

    address: str
    statut: str
    created: bool = False


class Ledger:
    """Applies messages to a state."""

    def __init__(self, state: State) -> None:
        self.state = state

    def write(self, message: Message, now: datetime) -> Written:
        """Apply one message that satisfies its contract.

        Raises:
            Refusal: it contradicts what the platform has; nothing was applied.
        """
        if message["organisme"] != self.state.organisme:
            raise Refusal(422, "ORGANISME_INCONNU", f"L'organisme {message['organisme']} n'existe pas.")
        by_type = {"Consultation": self._consultation, "Contrat": self._contract, "Abandon": self._give_up}
        return by_type[message["@type"]](message, now)

    def _consultation(self, message: Message, now: datetime) -> Written:
        reference, lot = message["reference"], message.get("lot")
        numero = lot["numero"] if lot else 0
        known = self.state.consultations.get(reference)
        part = known.part(numero) if known else None
        if known is not None:
            self._fits(known, part, message, allotted=bool(lot))
        consultation = known or self._create(message, now)
        if part is None:
            part = Part(numero=numero, identifiantExterne=message["identifiantExterne"])
            consultation.parts.append(part)
        part.intitule = lot["intitule"] if lot else ""
        part.objet = message["objet"]
        for name in ("codeCPV", "procedure", "dureeMois"):
            if name in message:
                setattr(consultation, name, message[name])
        for name, said in (
            ("dateMiseEnLigne", "dateLancement"),
            ("dateLimiteRemisePlis", "dateLimiteRemisePlis"),
            ("dateOuverturePlis", "dateOuverturePlis"),
        ):
            if said in message:
                setattr(consultation, name, date.fromisoformat(message[said]))
        part.statut = _stage(message, consultation, now.date())
        consultation.dateModification = now
        return Written(address_of(consultation), statut_of(consultation), known is None)

    def _create(self, message: Message, now: datetime) -> Consultation:
        consultation = Consultation(
            id=_FIRST_ID + len(self.state.consultations),
            reference=message["reference"],
            acheteur=message["acheteur"],
            objet=message["objet"],
            parts=[],
            dateMiseEnLigne=now.date(),
            dateModification=now,
        )
        self.state.consultations[consultation.reference] = consultation
        return consultation

    def _fits(self, known: Consultation, part: Part | None, message: Message, *, allotted: bool) -> None:
        if known.allotted != allotted:
            how = "est allotie" if known.allotted else "n'est pas allotie"
            raise Refusal(409, "ALLOTISSEMENT", f"La consultation {known.reference} {how} : précisez le lot ou non.")
        if part is not None and part.identifiantExterne not in (None, message["identifiantExterne"]):
            what = f"Le lot {part.numero} de la" if part.numero else "La"
            raise Refusal(409, "DEJA_PRIS", f"{what} consultation {known.reference} a été créé par un autre projet.")
        if part is not None and part.statut in CLOSED:
            raise Refusal(409, "PROCEDURE_CLOSE", f"La procédure {known.reference} est close ({part.statut}).")

    def _contract(self, message: Message, now: datetime) -> Written:
        consultation, part = self._find(message)
        if part.contrat is not None:
            if part.contrat.numero != message["numero"]:
                raise Refusal(409, "DEJA_ATTRIBUE", f"Le marché {part.contrat.numero} est déjà attribué pour ce lot.")
            return Written(f"/api/v2/contrats/{part.contrat.numero}", "a_completer")
        if part.statut in CLOSED:
            raise Refusal(409, "PROCEDURE_CLOSE", f"La procédure {consultation.reference} est close ({part.statut}).")
        if any(one.numero == message["numero"] for one in self.state.contracts()):
            raise Refusal(409, "NUMERO_DEJA_PRIS", f"Le numéro {message['numero']} est celui d'un autre marché.")
        attribute(consultation, part, contract_of(message, consultation), now)
        return Written(f"/api/v2/contrats/{message['numero']}", "a_completer", created=True)

    def _give_up(self, message: Message, now: datetime) -> Written:
        consultation, part = self._find(message)
        decision = _DECISIONS[message["decision"]]
        if part.statut in CLOSED - {decision, "attribuee"}:
            raise Refusal(409, "PROCEDURE_CLOSE", f"La procédure {consultation.reference} est close ({part.statut}).")
        if part.contrat is not None and part.contrat.dateNotification is not None:
            raise Refusal(
                409, "DEJA_NOTIFIE", f"Le marché {part.contrat.numero} est notifié : il ne peut être abandonné."
            )
        part.statut, part.motif, part.contrat = decision, message.get("motif"), None
        consultation.dateModification = now
        return Written(address_of(consultation), statut_of(consultation))

    def _find(self, message: Message) -> tuple[Consultation, Part]:
        """By the identifier given at the launch, else by the reference and the lot."""
        found = self.state.by_external_id(message["identifiantExterne"])
        if found is not None:
            return found
        known = self.state.consultations.get(message.get("reference", ""))
        part = known.part(message.get("numeroLot", 0)) if known else None
        if known is None or part is None or part.identifiantExterne is not None:
            told = message.get("reference", message["identifiantExterne"])
            raise Refusal(404, "CONSULTATION_INCONNUE", f"La consultation {told} n'existe pas à PLACE.")
        return known, part


def contract_of(message: Message, consultation: Consultation) -> Contrat:
    """A contract from an attribution, completed by what the consultation says."""
    said: dict[str, Any] = {
        name: getattr(consultation, name)
        for name in ("codeCPV", "procedure", "dureeMois")
        if getattr(consultation, name)
    }
    return Contrat(
        numero=message["numero"],
        objet=message["objet"],
        montantHT=message["montantHT"],
        acheteur=message["acheteur"],
        dateAttribution=message.get("dateAttribution"),
        titulaires=[Titulaire.model_validate(one) for one in message.get("titulaires", ())],
        reference=consultation.reference,
        **said,
    )


def attribute(consultation: Consultation, part: Part, contract: Contrat, now: datetime) -> None:
    """The lot (or consultation) has its contract."""
    part.statut, part.contrat = "attribuee", contract
    consultation.dateModification = now


def address_of(consultation: Consultation) -> str:
    """Where a consultation is read."""
    return f"/api/v2/consultations/{consultation.id}"


def statut_of(consultation: Consultation) -> Statut:
    """Where a consultation stands: as far as the least advanced of its lots."""
    return min((part.statut for part in consultation.parts), key=PROGRESS.index)


def _stage(message: Message, consultation: Consultation, today: date) -> Statut:
    if message["etape"] == "analyse":
        return "analyse"
    online = consultation.dateMiseEnLigne
    return "preparation" if online is not None and online > today else "en_ligne"
