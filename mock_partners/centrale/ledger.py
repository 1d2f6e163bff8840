"""How a simulated cooperative judges what the hub asks: accepted, or refused with its own code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from mock_partners.centrale.state import Adhesion, Document, State

Refusal = tuple[str, str]
ENDED = ("echue", "refusee")
MINIMUM = "500.00"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was judged: the acknowledgement, and whether the message was already known."""

    document: Document
    replayed: bool

    @property
    def verdict(self) -> str:
        """As the journal of the mock says it."""
        if self.replayed:
            return "replayed"
        return "accepted" if self.document["verdict"] == "accepte" else "rejected"


class Ledger:
    """The judgement of one cooperative.

    Args:
        state: its state.
        format_key: key of the version of its format.
        minimum: smallest need it takes, euros TTC.
    """

    def __init__(self, state: State, format_key: str, minimum: str) -> None:
        self._state = state
        self._format_key = format_key
        self._minimum = Decimal(minimum)

    def judge(self, message: Document, canal: str, now: datetime) -> Answer:
        """Judge a message that satisfies its contract; said again, it has no second effect."""
        state = self._state
        state.canal = canal
        known = state.acquittements.get(message["idMessage"])
        if known is not None:
            return Answer(known, replayed=True)
        joined = message["adhesion"]
        refusal = {"demande": self._demande, "signature": self._signature, "ventilation": self._ventilation}[
            message["action"]
        ](joined)
        adhesion = state.adhesions.get(joined["uid"])
        if adhesion is not None:
            adhesion.canal = canal
        document = {
            self._format_key: "1",
            "idAcquittement": f"ACQ-{state.next_number('acquittement'):06d}",
            "idMessage": message["idMessage"],
            "uid": joined["uid"],
            "action": message["action"],
            "emisLe": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "verdict": "accepte" if refusal is None else "rejete",
        }
        if refusal is not None:
            document |= {"code": refusal[0], "libelle": refusal[1]}
        state.acquittements[message["idMessage"]] = document
        return Answer(document, replayed=False)

    def _demande(self, joined: Document) -> Refusal | None:
        refusal = self._unfit(joined) or self._unwelcome(joined) or self._doubled(joined)
        if refusal is not None:
            return refusal
        place = joined["etablissement"]
        self._state.adhesions[joined["uid"]] = Adhesion(
            uid=joined["uid"],
            numeroMarche=joined["numeroMarche"],
            lot=joined.get("lot"),
            siret=place["siret"],
            nom=place["nom"],
            finess=place.get("finess"),
            dateEntree=joined["dateEntree"],
            dateFin=joined.get("dateFin"),
            besoinTTC=joined["besoinTTC"],
        )
        return None

    def _unfit(self, joined: Document) -> Refusal | None:
        """Why nobody could join that marché so."""
        numero = joined["numeroMarche"]
        marche = self._state.marche(numero)
        if marche is None:
            return "MARCHE_INCONNU", f"Le marché {numero} n'existe pas au catalogue de la centrale."
        wanted = [lot for lot in marche["lots"] if joined.get("lot") in (None, lot["numero"])]
        if not wanted:
            return "LOT_INCONNU", f"Le marché {numero} n'a pas de lot {joined['lot']}."
        if all(lot["statut"] == "clos" for lot in wanted):
            return "LOT_CLOS", f"Le lot {wanted[0]['numero']} du marché {numero} n'accepte plus d'adhésion."
        if joined["dateEntree"] > marche["dateFin"]:
            return "DATES_HORS_MARCHE", f"Le marché {numero} finit le {marche['dateFin']}, avant la date d'entrée."
        return None

    def _unwelcome(self, joined: Document) -> Refusal | None:
        """Why this établissement, or this need, is not taken."""
        siret = joined["etablissement"]["siret"]
        if self._state.adherents is not None and siret not in self._state.adherents:
            return "ETABLISSEMENT_NON_ADHERENT", f"L'établissement {siret} n'est pas adhérent de la centrale."
        if Decimal(joined["besoinTTC"]) < self._minimum:
            return "BESOIN_INSUFFISANT", f"Le besoin est inférieur au minimum de {self._minimum} € TTC."
        return None

    def _doubled(self, joined: Document) -> Refusal | None:
        same = joined["etablissement"]["siret"], joined["numeroMarche"]
        lot = joined.get("lot")
        for one in self._state.adhesions.values():
            overlapping = None in (lot, one.lot) or one.lot == lot
            if one.uid == joined["uid"] or (
                (one.siret, one.numeroMarche) == same and overlapping and one.statut not in ENDED
            ):
                said = f"L'établissement {one.siret} a déjà une adhésion au marché {one.numeroMarche} ({one.statut})."
                return "ADHESION_EN_DOUBLE", said
        return None

    def _signature(self, joined: Document) -> Refusal | None:
        refusal = self._not_at(joined, "signature")
        if refusal is None:
            self._state.adhesions[joined["uid"]].signee = True
        return refusal

    def _ventilation(self, joined: Document) -> Refusal | None:
        refusal = self._not_at(joined, "ventilation")
        if refusal is not None:
            return refusal
        invoiced, members = joined["etablissementFacture"], self._state.adherents
        if members is not None and invoiced not in members:
            said = f"L'établissement facturé {invoiced} n'est pas adhérent de la centrale."
            return "ETABLISSEMENT_FACTURE_INCONNU", said
        self._state.adhesions[joined["uid"]].etablissementFacture = invoiced
        return None

    def _not_at(self, joined: Document, statut: str) -> Refusal | None:
        adhesion = self._state.adhesions.get(joined["uid"])
        if adhesion is None:
            return "ADHESION_INCONNUE", f"L'adhésion {joined['uid']} n'a pas été demandée."
        if adhesion.statut != statut:
            return "ETAT_INCOMPATIBLE", f"L'adhésion est à l'état « {adhesion.statut} », non « {statut} »."
        return None
