"""One simulated buying cooperative, whatever its wire.

``MockConfig.options`` (all optional):

- ``automatique``: each accepted step advances by itself as far as the cooperative can go, to the publication of the
  marché and its products once the adhesion is active. Otherwise ``POST /_mock/avancer`` does.
- ``etablissement``: FINESS juridique in the names of its files (default 990780017, then that of the last file read);
  with it, only files of that FINESS are taken.
- ``adherents``: SIRET of the établissements that belong to it; absent: any.
- ``besoin_minimum`` (default "500.00" € TTC), ``taux_redevance`` (percent of the need, default "1").
- ``catalogue``: see :mod:`mock_partners.centrale.catalogue`.
- ``emission``: channel of what no message of the hub asked for, "api" or "fichier"; default: that of the last message.
- ``differe``: a duration such as "2s": every acknowledgement comes that much later instead of with the request.
- ``lignes_par_page``: lines of products on a page of the API (default 100).
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from fastapi import APIRouter

from mock_partners.centrale import catalogue, publication, workflow
from mock_partners.centrale.control import NothingToSay, Refresh, centrale_control
from mock_partners.centrale.files import FileMode
from mock_partners.centrale.ledger import MINIMUM, Answer, Ledger
from mock_partners.centrale.outbox import ETAT, MARCHES, PRODUITS, Outbox
from mock_partners.centrale.state import API, FICHIER, Adhesion, Document, State
from mock_partners.kit import Mock, MockConfig

DEFAULT_FINESS = "990780017"
DEFAULT_RATE = "1"
DEFAULT_PAGE = 100
SCENARIOS: Mapping[str, str] = {
    "redevance_contestee": "la « Validation CA » se conclut par un refus : la redevance est contestée",
    "produits_incomplets": "publie moins de lignes de produits qu'annoncé (fichier coupé, ou page écourtée)",
    "prix_aberrant": "publie le premier prix cent fois trop haut ; la publication suivante le corrige",
    "fichier_en_double": "dépose deux fois le même fichier",
    "acquit_perdu": "traite le message mais n'envoie jamais l'acquittement",
    "acquit_en_double": "envoie deux fois le même acquittement",
}


class CentraleMock(Mock):
    """What the simulated cooperatives share. A subclass adds its wire to :meth:`router`.

    Class attributes:
        name: its name, as its marchés say it.
        siret: its SIRET (fictitious).
    """

    scenarios: ClassVar[Mapping[str, str]] = SCENARIOS
    fault_target = "POST /v1/adhesions"
    name: ClassVar[str]
    siret: ClassVar[str]

    def __init__(self, config: MockConfig) -> None:
        super().__init__(config)
        self.files = FileMode(self)

    @property
    def format_key(self) -> str:
        """The JSON key of the version of its format."""
        return f"format{self.id.capitalize()}"

    @property
    def format_column(self) -> str:
        """The same in CSV."""
        return f"format_{self.id}"

    @property
    def page_size(self) -> int:
        """Lines of products on a page."""
        return int(self.config.options.get("lignes_par_page", DEFAULT_PAGE))

    def contract(self, interface: str) -> str:
        """Id of one of its interface contracts."""
        return f"{self.id}/{interface}/1"

    def instant(self) -> str:
        """Now, as its documents write it."""
        return self.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    def clear(self) -> None:
        """Forget everything but what the configuration says."""
        options = self.config.options
        marches, produits = catalogue.fictitious(self.id[0].upper(), self.siret, self.clock.today())
        given = copy.deepcopy(options.get("catalogue") or {"marches": marches, "produits": produits})
        members = options.get("adherents")
        self._use(
            State(
                marches=given["marches"],
                produits=given.get("produits", []),
                adherents=None if members is None else sorted(members),
                finess=options.get("etablissement", DEFAULT_FINESS),
            )
        )

    def snapshot(self) -> dict[str, Any]:
        """The business state."""
        return self.state.model_dump(mode="json")

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take a state; missing keys keep their value."""
        self._use(State.model_validate({**self.snapshot(), **state}))

    async def scan(self) -> None:
        """Read the complete files of the folder, then write what is due."""
        await self.files.read()
        await self.files.write()

    def take(self, message: Document, canal: str) -> tuple[Answer, Document | None]:
        """Judge a message that satisfies its contract, and go on with the workflow when told to.

        Returns:
            What was judged, and what goes back with the request: nothing when only a receipt does.
        """
        answer = self.ledger.judge(message, canal, self.clock.now())
        now = self.outbox.answer(answer.document, canal)
        if canal == FICHIER and now is not None:
            self.outbox.put("acquittement", now, canal)
        if answer.verdict == "accepted" and self.config.options.get("automatique"):
            self._go_on(self.state.adhesions[message["adhesion"]["uid"]])
        return answer, now

    def refuse_file(self, named: tuple[str, str, str], said: str) -> None:
        """Answer a file that breaks its contract; nothing of it is remembered, it may come back corrected."""
        message_id, uid, action = named
        document = {
            self.format_key: "1",
            "idAcquittement": f"ACQ-{self.state.next_number('acquittement'):06d}",
            "idMessage": message_id,
            "uid": uid,
            "action": action,
            "emisLe": self.instant(),
            "verdict": "rejete",
            "code": "FICHIER_INVALIDE",
            "libelle": said,
        }
        now = self.outbox.answer(document, FICHIER)
        if now is not None:
            self.outbox.put("acquittement", now, FICHIER)

    async def advance(self, uid: str, wanted: str | None, motif: str | None) -> Document:
        """Move an adhesion and tell the hub; returns it as it then stands.

        Raises:
            NotNow: it cannot go there.
        """
        adhesion = self.state.adhesions[uid]
        self._advance(adhesion, wanted, motif)
        await self.settled()
        return adhesion.model_dump(mode="json")

    async def refresh(self, asked: Refresh) -> Document:
        """Change the catalogue and publish its products; returns what was published.

        Raises:
            NothingToSay: nothing changed for anybody, or there is no folder to put it.
        """
        canal = self._channel(asked.canal)
        publication.refresh(
            self.state,
            self.siret,
            self.clock.today(),
            created=asked.creer,
            changed=asked.modifier,
            withdrawn=asked.retirer,
        )
        lots = publication.concerned(self.state, everything=asked.tout)
        said = self._publish_products(lots, canal, asked.mode)
        if said is None:
            raise NothingToSay("Aucun produit n'a changé dans un lot où un établissement commande.")
        await self.settled()
        return said

    async def publish_marches(self, *, everything: bool, canal: str | None) -> Document:
        """Publish marchés with their beneficiaries; returns what was published.

        Raises:
            NothingToSay: nobody orders on any, or there is no folder to put it.
        """
        chosen = self._channel(canal)
        lots = publication.concerned(self.state, everything=everything)
        if not lots:
            raise NothingToSay("Aucun établissement ne commande sur un marché de la centrale.")
        said = self._publish_marches(lots, chosen)
        await self.settled()
        return said

    async def settled(self) -> None:
        """Call after each change: writes the files that are due, and the state."""
        await self.files.write()
        await self.changed()

    def router(self) -> APIRouter:
        """The control of the workflow; a cooperative adds its wire."""
        router = APIRouter()
        router.include_router(centrale_control(self))
        return router

    def _go_on(self, adhesion: Adhesion) -> None:
        while adhesion.statut not in ("active", "refusee", "echue") and not workflow.waits_for_hub(adhesion):
            self._advance(adhesion, None, None)

    def _advance(self, adhesion: Adhesion, wanted: str | None, motif: str | None) -> None:
        to_be_validated = adhesion.statut == "validation_ca" and wanted in (None, "notification_fournisseurs")
        contested = to_be_validated and self.faults.use("redevance_contestee") is not None
        rate = Decimal(str(self.config.options.get("taux_redevance", DEFAULT_RATE)))
        workflow.advance(adhesion, wanted, rate=rate, contested=contested, motif=motif)
        self.outbox.put(ETAT, self._state_said(adhesion), adhesion.canal)
        if adhesion.statut == "active":
            lots = [
                (marche, lot)
                for marche, lot in publication.concerned(self.state, everything=False)
                if marche["numero"] == adhesion.numeroMarche and adhesion.lot in (None, lot["numero"])
            ]
            self._publish_marches(lots, adhesion.canal)
            self._publish_products(lots, adhesion.canal, "delta")

    def _state_said(self, adhesion: Adhesion) -> Document:
        document = {
            self.format_key: "1",
            "idEtat": f"ETA-{self.state.next_number('etat'):06d}",
            "uid": adhesion.uid,
            "numeroMarche": adhesion.numeroMarche,
            "emisLe": self.instant(),
            "statut": adhesion.statut,
        }
        if adhesion.statut == "active":
            marche = self.state.marche(adhesion.numeroMarche)
            assert marche is not None
            document |= {"dateEntree": adhesion.dateEntree, "dateFin": adhesion.dateFin or marche["dateFin"]}
        if adhesion.statut == "ventilation" and adhesion.redevanceTTC is not None:
            document["redevanceTTC"] = adhesion.redevanceTTC
        if adhesion.motif is not None:
            document["motif"] = adhesion.motif
        return document

    def _publish_marches(self, lots: list[tuple[Document, Document]], canal: str) -> Document:
        said = publication.marches_said(self.state, lots)
        number = f"{self.id.upper()}-MAR-{self.state.next_number('envoi'):06d}"
        document = {
            self.format_key: "1",
            "idEnvoi": number,
            "emisLe": self.instant(),
            "acheteur": {"siret": self.siret, "nom": self.name},
            "nombreMarches": len(said),
            "marches": said,
        }
        self.outbox.put(MARCHES, document, canal)
        return {"idEnvoi": number, "nombreMarches": len(said), "canal": canal}

    def _publish_products(self, lots: list[tuple[Document, Document]], canal: str, mode: str) -> Document | None:
        said = publication.whole(self.state, lots) if mode == "complet" else publication.changes(self.state, lots)
        if not said:
            return None
        if self.faults.use("prix_aberrant"):
            said = publication.absurd(self.state, said)
        number = f"{self.id.upper()}-PRO-{self.state.next_number('publication'):06d}"
        # In a folder the file itself is cut, after its marker was made.
        cut = canal == API and self.faults.use("produits_incomplets") is not None
        document = {
            self.format_key: "1",
            "idPublication": number,
            "emisLe": self.instant(),
            "mode": mode,
            "nombreLignes": len(said),
            "lignes": said[:-1] if cut else said,
        }
        self.outbox.put(PRODUITS, document, canal)
        counts = {kind: sum(one.get("codeMouvement") == kind for one in said) for kind in "CMS"}
        return {"idPublication": number, "mode": mode, "nombreLignes": len(said), "mouvements": counts, "canal": canal}

    def _channel(self, wanted: str | None) -> str:
        chosen = wanted or self.config.options.get("emission") or self.state.canal or API
        if chosen == FICHIER and self.files.outbox is None:
            raise NothingToSay("Aucun dossier n'est configuré : rien ne peut partir par fichier.")
        return str(chosen)

    def _use(self, state: State) -> None:
        self.state = state
        self.ledger = Ledger(state, self.format_key, str(self.config.options.get("besoin_minimum", MINIMUM)))
        self.outbox = Outbox(state, self.faults, self.clock, self.config.options.get("differe"))
