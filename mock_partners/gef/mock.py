"""One simulated GEF of the common model, whatever its wire and its syntax in file mode.

``MockConfig.options``:

- ``etablissement``: FINESS juridique it sends for; with it, only messages for that FINESS, or for those of
  ``etablissements``, are taken. Without it anything is.
- ``ufs`` (or ``structures``), ``comptes``: what it knows, as codes or as whole lines of the flux; absent: any is
  accepted, and a fictitious hospital's lists are what the flux say. ``known_suppliers`` does the same for tiers.
- ``attente_referentiel``: whether a message whose supplier is unknown waits for it (default) or is refused.
- ``version``, ``versionMinimum``: installed, and the lowest whose nominal channel takes the flow.
- ``differe``: a duration such as "2s": every compte rendu comes that much later instead of with the request.
- ``forme_numero``: how a marché's number is written in orders and payments (see ``mock_partners.gef.numeros``).
- ``emission``: channel of the flux, when it is not the nominal one ("api", "eai" or "fichier").
- ``sftp``: ``{"port", "user", "password"}``: the folders are also served by SFTP (mocks that have it).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from fastapi import APIRouter

from mock_partners.gef import flux
from mock_partners.gef.control import NoChannel, gef_control
from mock_partners.gef.documents import Document
from mock_partners.gef.files import FileMode
from mock_partners.gef.ledger import Answer, Circumstances, Ledger
from mock_partners.gef.numeros import FORMES, USUAL_FORM
from mock_partners.gef.opening import opening
from mock_partners.gef.outbox import COMPTE_RENDU, FLUX, Outbox
from mock_partners.gef.refusals import of_version
from mock_partners.gef.scenarios import SCENARIOS, imposed
from mock_partners.gef.state import State
from mock_partners.gef.syntaxes import CSV_OK, Syntax
from mock_partners.kit import Mock, MockConfig

DEGRADED = "fichier"
_log = logging.getLogger(__name__)


class GefMock(Mock):
    """What the five GEF of the common model share. A subclass adds its wire to :meth:`router`.

    Class attributes:
        product: its name, as its health check says it.
        version, minimum: installed by default, and lowest for the nominal channel (``None``: no gate).
        nominal: its nominal channel, "api" or "eai"; the other is :data:`DEGRADED`.
        syntaxes: how files are written, by channel that uses them.
    """

    scenarios: ClassVar[Mapping[str, str]] = SCENARIOS
    product: ClassVar[str]
    version: ClassVar[str]
    minimum: ClassVar[str | None] = None
    nominal: ClassVar[str] = "api"
    syntaxes: ClassVar[Mapping[str, Syntax]] = {DEGRADED: CSV_OK}

    def __init__(self, config: MockConfig) -> None:
        """Raises ValueError when an option is not one of those it may be."""
        forme = config.options.get("forme_numero", USUAL_FORM)
        if forme not in FORMES:
            raise ValueError(f"forme_numero: {forme!r} is not one of {', '.join(FORMES)}")
        self.forme_numero: str = forme
        self.numeros: dict[str, int] = {}
        super().__init__(config)
        self.files = FileMode(self, self.syntaxes)

    def clear(self) -> None:
        """Forget everything but what the configuration says is known; numbers given are never given again."""
        state = opening(self.config, self.version, self.minimum)
        state.numeros = self.numeros | state.numeros
        self._use(state)

    def snapshot(self) -> dict[str, Any]:
        """The business state."""
        return self.state.model_dump(mode="json")

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take a state; missing keys keep their value. What waited for a supplier it now knows is answered."""
        self._use(State.model_validate({**self.snapshot(), **state}))
        self._release()

    async def scan(self) -> None:
        """Read the complete files of the folder, then write what is due."""
        await self.files.read()
        await self.files.write()

    def health(self) -> Document:
        """What the health check says."""
        return {"statut": "ok", "produit": self.product, "version": self.state.version}

    def take(self, message: Document, canal: str, muted: Sequence[str] = ()) -> tuple[Answer, Document | None]:
        """Judge a message that satisfies its contract, then those that waited for the supplier it creates.

        Args:
            message: the message.
            canal: channel by which it came.
            muted: lists of a marché that its syntax cannot carry.

        Returns:
            What was judged, and what goes back with the request: nothing when only a receipt does.
        """
        given = Circumstances(
            now=self.clock.now(),
            canal=canal,
            gated=canal != DEGRADED,
            waits=bool(self.config.options.get("attente_referentiel", True)),
            imposed=imposed(self.faults, message),
            muted=muted,
        )
        answer = self.ledger.judge(message, given)
        now = self.outbox.answer(answer.document, canal, message["etablissement"])
        if canal != "api" and now is not None:
            self.outbox.put(now, COMPTE_RENDU, canal, message["etablissement"])
        if message["typeMessage"] == "fournisseur":
            self._release()
        return answer, now

    def may_use(self, key: str, digest: str) -> bool:
        """Whether an idempotency key was never used for a content of another checksum."""
        return self.state.cles.get(key, digest) == digest

    def remember(self, key: str, digest: str, message_id: str) -> None:
        """Tie a key to its content once the message has an effect; a message that had none may be changed."""
        if message_id in self.state.effets or any(
            one.document["idMessage"] == message_id for one in self.state.attente
        ):
            self.state.cles[key] = digest

    def note_answer(self, document: Document) -> str | None:
        """Keep the hub's answer to a flux, once; returns why it is refused, in French, when it is."""
        emitted = self.state.flux.get(document["idMessage"])
        if emitted is None:
            return f"Le flux {document['idMessage']} n'a pas été émis par cette GEF."
        if all(known["idCompteRendu"] != document["idCompteRendu"] for known in emitted.comptesRendus):
            emitted.comptesRendus.append(document)
        return None

    def channel(self, wanted: str | None = None) -> str:
        """The channel of a flux: the one asked for, else the configured one, else the nominal one if it is open.

        Raises:
            NoChannel: this GEF does not have it, or it is a folder and none is configured.
        """
        chosen = wanted or self.config.options.get("emission")
        if chosen is None:
            chosen = self.nominal if of_version(self.state) is None else DEGRADED
        if chosen not in (self.nominal, DEGRADED):
            raise NoChannel(f"Cette GEF n'a pas de canal « {chosen} ».")
        if chosen != "api" and self.config.retour_dir is None and self.config.depot_dir is None:
            raise NoChannel("Aucun dossier n'est configuré : le flux ne peut pas partir par fichier.")
        return str(chosen)

    async def emit(self, kind: str, mode: str, canal: str | None = None) -> Document:
        """Send one flux of the present state; returns its id, its number of lines and its channel.

        Raises:
            NoChannel, NothingToSend: it cannot be sent.
        """
        chosen = self.channel(canal)
        document = flux.build(self.state, kind, mode, self.clock.now(), chosen)
        self.outbox.put(document, FLUX, chosen, document["etablissement"])
        await self.settled()
        return {
            "idFlux": document["idFlux"],
            "typeFlux": kind,
            "mode": mode,
            "nombreLignes": document["nombreLignes"],
            "canal": chosen,
        }

    async def settled(self) -> None:
        """Call after each change: writes the files that are due, and the state."""
        try:
            await self.files.write()
        except OSError as error:
            # The folder is briefly away: what is due stays so, and the caller has nothing to do with it.
            _log.warning("mock %s could not write its files: %s", self.partner, error)
        await self.changed()

    def router(self) -> APIRouter:
        """The control of the flux; a GEF that has a wire adds it."""
        router = APIRouter()
        router.include_router(gef_control(self))
        return router

    def _release(self) -> None:
        for held, document in self.ledger.released(self.clock.now()):
            self.outbox.send(document, held.canal, held.document["etablissement"])

    def _use(self, state: State) -> None:
        self.state, self.numeros = state, state.numeros
        self.ledger = Ledger(state)
        self.outbox = Outbox(state, self.faults, self.clock, self.config.options.get("differe"))
