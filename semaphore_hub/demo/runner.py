"""Plays a scenario: acts through HTTP, then waits for the outcome that each step expects of each partner."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial

from semaphore_hub.demo import ght
from semaphore_hub.demo.client import CallRefused, Client, Json
from semaphore_hub.demo.declaration import DemoPartner, Place
from semaphore_hub.demo.display import Display
from semaphore_hub.demo.marches import MARCHES
from semaphore_hub.demo.steps import (
    ACCEPTED,
    Action,
    Adhere,
    Amend,
    Arrive,
    AtPartner,
    Award,
    Break,
    ChangeSupplier,
    Concede,
    Configure,
    Connect,
    Correct,
    CreateSupplier,
    Expected,
    Foresee,
    Notify,
    Operate,
    Reach,
    Replay,
    SendFlow,
    Spend,
    Step,
    SwitchChannel,
    Upgrade,
)
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.ports.events import PRODUITS_PUBLIES
from semaphore_hub.ports.manifest import Manifest

PATIENCE_SECONDS = 20.0
POLL_SECONDS = 0.05
RETRY_SCHEDULE = ("300ms", "500ms", "1s", "1s", "2s", "2s", "5s", "5s", "10s")
PARTNER_POLL_MS = 300
BREAKER_MS = 300
_FINAL = frozenset({"ACKNOWLEDGED", "REJECTED", "UNCERTAIN", "DEAD", "DISCARDED", "OVERDUE"})


class StepFailed(Exception):
    """A step did not have the outcome it expects; the sentence is French."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """A mock that runs.

    Attributes:
        partner: its declaration.
        control: its control plane.
        place: where the hub reaches it.
        release: ends the silences it was told to keep, so that nobody waits for them.
    """

    partner: DemoPartner
    control: Client
    place: Place
    release: Callable[[], None]


@dataclass(slots=True)
class _Known:
    """A resource of the hub."""

    path: str
    subject: str


@dataclass(slots=True)
class Runner:
    """The story being told.

    Attributes:
        planned: refusals expected so far, as (partner, code).
        connected_after: events that were there before the partners were.
    """

    hub: Client
    partners: Mapping[str, Simulated]
    manifests: Mapping[str, Manifest]
    clock: ManualClock
    display: Display
    planned: list[tuple[str, str]] = field(default_factory=list)
    connected_after: int | None = None
    _marches: dict[str, _Known] = field(default_factory=dict)
    _suppliers: dict[str, _Known] = field(default_factory=dict)
    _shown: dict[str, tuple[str, int]] = field(default_factory=dict)

    async def load(self) -> None:
        """Record the GHT and its establishments. Raises CallRefused."""
        await self.hub.post("/v1/ght", {"code": ght.GHT, "nom": ght.NOM_GHT, "region": ght.REGION})
        for etablissement in ght.ETABLISSEMENTS:
            await self.hub.post("/v1/etablissements", etablissement)
            self.display.line(f"  {etablissement['nom']}, {etablissement['siret']}, {etablissement['role']}")

    async def play(self, steps: Sequence[Step]) -> None:
        """Every step in order; stops at the first that fails.

        Raises:
            StepFailed: with the day and what was expected.
        """
        for step in steps:
            self.display.step(step)
            try:
                await self._play(step)
            except (StepFailed, CallRefused) as error:
                raise StepFailed(f"{step.day:%d/%m/%Y}, « {step.sentence} » : {error}") from error

    async def _play(self, step: Step) -> None:
        self.clock.set(step.instant)
        for simulated in self.partners.values():
            await simulated.control.put("/_mock/clock", {"now": step.instant.isoformat()})
        for action in step.actions:
            await self._act(action, step)
        subjects = [(name, self._marches[name].subject) for name in step.marches]
        subjects += [(name, self._suppliers[name].subject) for name in step.suppliers]
        for name, subject in subjects:
            self._show(name, await self._settled(name, subject, step.expected))
        for action in step.actions:
            if isinstance(action, Break):
                await self._used_up(action)

    def _show(self, name: str, deliveries: Sequence[Json]) -> None:
        """Show the verdicts that no earlier step showed."""
        fresh = [one for one in deliveries if self._shown.get(one["id"]) != (one["state"], one["attempts"])]
        self._shown |= {one["id"]: (one["state"], one["attempts"]) for one in fresh}
        self.display.verdicts(name, fresh)

    # -- acting -----------------------------------------------------------------------------------------------------

    async def _act(self, action: Action, step: Step) -> None:
        match action:
            case Connect():
                await self._connect()
            case CreateSupplier(name):
                made = await self.hub.post("/v1/fournisseurs", ght.FOURNISSEURS[name])
                self._suppliers[name] = _known("fournisseurs", "fournisseur", made)
            case ChangeSupplier(name, changes):
                await self._change(self._suppliers[name], "modification", changes)
            case Notify(name):
                self._marches[name] = _known("marches", "marche", await self.hub.post("/v1/marches", MARCHES[name]))
                dates = {"dateNotification": f"{step.day}", "datePublicationDonnees": f"{step.day}"}
                await self._change(self._marches[name], "notification", dates)
            case Amend(name, changes):
                dates = {
                    "dateNotificationModification": f"{step.day}",
                    "datePublicationDonneesModification": f"{step.day}",
                }
                await self._change(self._marches[name], "modifications", {**dates, **changes})
            case Correct(name, changes):
                await self._change(self._marches[name], "correction", changes)
            case Operate(name, operation, body):
                await self._change(self._marches[name], operation, body)
            case Concede(name, body):
                made = await self.hub.post("/v1/marches/concessions", body)
                self._marches[name] = _known("marches/concessions", "concession", made)
            case Replay(partner, name):
                [delivery] = await self._present(partner, self._marches[name].subject)
                await self.hub.post(f"/v1/deliveries/{delivery['id']}/replay")
            case Foresee() | Award() | Adhere() | Reach() | Arrive():
                await self._act_before_the_marche(action)
            case _:
                await self._act_at_partner(action)

    async def _act_before_the_marche(self, action: Foresee | Award | Adhere | Reach | Arrive) -> None:
        match action:
            case Foresee(name, body):
                made = await self.hub.post("/v1/marches/projets", body)
                self._marches[name] = _known("marches/projets", "marche", made)
            case Award(name, body):
                await self._change(self._marches[name], "attribution", body)
                uid = self._marches[name].subject.removeprefix("marche/")
                self._marches[name] = _known("marches", "marche", {"uid": uid})
            case Adhere(name, body):
                made = await self.hub.post("/v1/marches/adhesions", body)
                self._marches[name] = _known("marches/adhesions", "adhesion", made)
            case Reach(name, statut):
                await self._until(f"{name} à l'état {statut}", partial(self._reached, name, statut))
            case Arrive(name, number):
                await self._until(f"l'arrivée de {name}", partial(self._arrived, name, number))

    async def _act_at_partner(self, action: Action) -> None:
        match action:
            case Configure(partner, settings):
                present = await self.hub.get(f"/v1/partners/{partner}")
                await self._operate(partner, "settings", {"settings": {**present["settings"], **settings}})
            case SwitchChannel(partner, channel):
                await self._operate(partner, "channel", {"channel": channel})
            case Upgrade(partner, version):
                await self.partners[partner].control.put("/_mock/state", {"version": version})
                await self._operate(partner, "version", {"productVersion": version})
            case Break(partner, script, scenarios):
                plan = {"script": script, "scenarios": scenarios}
                await self.partners[partner].control.put("/_mock/faults", plan)
            case AtPartner(partner, state):
                await self.partners[partner].control.put("/_mock/state", state)
            case SendFlow(partner, flow):
                await self.partners[partner].control.post("/_mock/emettre", {"typeFlux": flow})
                await self._answered(partner)
            case Spend(partner, name, amount):
                await self._spend(partner, name, amount)

    async def _connect(self) -> None:
        self.connected_after = len(await self.hub.everything("/v1/events"))
        for name, simulated in self.partners.items():
            partner = simulated.partner
            made = await self.hub.post(
                "/v1/partners",
                {
                    "id": name,
                    "connector": name,
                    "label": partner.label,
                    "settings": partner.settings(simulated.place),
                    "siret": partner.siret,
                    "ght": ght.GHT if partner.of_ght else None,
                    "channel": partner.channel,
                    "productVersion": partner.product_version,
                    "retrySchedule": RETRY_SCHEDULE,
                    "pollMs": PARTNER_POLL_MS,
                    "breakerMs": BREAKER_MS,
                },
            )
            self.display.line(f"  {name} : {partner.label}, contrats « {made['status']} »")
            if made["gate"]:
                self.display.line(f"  {name} : {made['gate']}")

    async def _change(self, known: _Known, operation: str, body: Mapping[str, object]) -> None:
        # Its version may have gone up by itself: an accord-cadre carries what its subsequent marchés commit.
        present = await self.hub.get(known.path)
        await self.hub.post(f"{known.path}/{operation}", body, version=present["version"])

    async def _operate(self, partner: str, operation: str, body: Mapping[str, object]) -> None:
        present = await self.hub.get(f"/v1/partners/{partner}")
        await self.hub.post(f"/v1/partners/{partner}/{operation}", body, version=present["version"])

    async def _spend(self, partner: str, name: str, amount: str) -> None:
        """Raises StepFailed when the consumption of the marché does not grow by what was paid."""
        path = f"{self._marches[name].path}/consommations"
        before = Decimal((await self.hub.get(path))["totaux"]["mandats"])
        order = {"numeroMarche": MARCHES[name]["id"], "montantHT": amount}
        await self.partners[partner].control.post("/_mock/commander", order)
        await self._answered(partner)
        paid = Decimal((await self.hub.get(path))["totaux"]["mandats"]) - before
        if paid != Decimal(amount):
            raise StepFailed(f"{name} chez {partner} : {paid} € mandatés dans le hub, {amount} € payés par l'hôpital")
        self.display.line(f"  {name} : {amount} € commandés, reçus et mandatés, vus par le hub")

    async def _reached(self, name: str, statut: str) -> bool:
        present: str = (await self.hub.get(self._marches[name].path))["statut"]
        return present == statut

    async def _arrived(self, name: str, number: str) -> bool:
        found = [one for one in await self.hub.everything("/v1/marches") if one["id"] == number]
        if not found:
            return False
        self._marches[name] = _known("marches", "marche", found[0])
        said = await self.hub.everything("/v1/events", subject=self._marches[name].subject)
        return bool(said[-1]["type"] == PRODUITS_PUBLIES)

    async def _until(self, what: str, condition: Callable[[], Awaitable[bool]]) -> None:
        """Raises StepFailed when it does not come."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not await condition():
            if time.monotonic() > deadline:
                raise StepFailed(f"{what} : rien après {PATIENCE_SECONDS:g} s")
            await asyncio.sleep(POLL_SECONDS)

    # -- waiting ----------------------------------------------------------------------------------------------------

    async def _present(self, partner: str, subject: str) -> list[Json]:
        """Deliveries that say the subject's last event to a partner, those replaced by another left out."""
        events = await self.hub.everything("/v1/events", subject=subject)
        heard = [event["id"] for event in events if self.hears(partner, event)]
        found = await self.hub.everything("/v1/deliveries", subject=subject, partner=partner)
        return [item for item in found if item["eventId"] == heard[-1] and item["replacedBy"] is None]

    def hears(self, partner: str, event: Json) -> bool:
        """Whether an event concerns a partner: its manifest hears it, and its establishment orders on the marché."""
        spec, siret = self.manifests[partner].spec_for(event["type"]), self.partners[partner].partner.siret
        if spec is not None and spec.audience == "destinataire":
            return bool(event["data"].get("destinataire") == partner)
        if spec is None or siret is None or spec.audience == "ght":
            return spec is not None
        marche = event["data"].get("marche", {})
        hearers = [marche["acheteur"]] if spec.audience == "acheteur" else marche.get("beneficiaires", [])
        return siret in {one["siret"] for one in hearers}

    async def _settled(self, name: str, subject: str, expected: Mapping[str, Expected]) -> list[Json]:
        """One delivery per partner that hears of the subject, each with the outcome expected. Raises StepFailed."""
        if self.connected_after is None:
            return []
        events = await self.hub.everything("/v1/events", subject=subject)
        settled = []
        for partner in self.partners:
            if not any(self.hears(partner, event) for event in events):
                continue
            wanted = expected.get(partner, ACCEPTED)
            delivery = await self._wait(name, subject, partner, wanted)
            if wanted.state == "REJECTED":
                self.planned.append((partner, delivery["code"]))
            settled.append(delivery)
        return settled

    async def _wait(self, name: str, subject: str, partner: str, wanted: Expected) -> Json:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            found = await self._present(partner, subject)
            state = found[0]["state"] if found else None
            if len(found) == 1 and state == wanted.state:
                _check(name, found[0], wanted)
                return found[0]
            wrong = len(found) > 1 or state in _FINAL
            if wrong or time.monotonic() > deadline:
                said = ", ".join(_say(item) for item in found) or "aucun envoi"
                late = "" if wrong else f" après {PATIENCE_SECONDS:g} s"
                raise StepFailed(f"{name} vers {partner} : {said}{late}, {wanted.state} attendu")
            await asyncio.sleep(POLL_SECONDS)

    async def _answered(self, partner: str) -> None:
        """Every flow the GEF sent is answered, and taken whole. Raises StepFailed."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            sent = (await self.partners[partner].control.get("/_mock/flux"))["flux"]
            waiting = [one["typeFlux"] for one in sent if not one["comptesRendus"]]
            if not waiting:
                break
            if time.monotonic() > deadline:
                raise StepFailed(f"{partner} : pas de compte rendu du hub pour {', '.join(waiting)}")
            await asyncio.sleep(POLL_SECONDS)
        refused = [one for one in sent if one["comptesRendus"][-1]["verdict"] != "accepte"]
        if refused:
            said = refused[0]["comptesRendus"][-1]
            raise StepFailed(
                f"{partner} : le hub répond « {said['verdict']} » au flux {refused[0]['typeFlux']} ({said['lignes']})"
            )
        self.display.line(f"  {partner} : {len(sent)} flux reçus de la GEF, tous acceptés")

    async def _used_up(self, action: Break) -> None:
        """The incident must have happened, otherwise the step proved nothing. Raises StepFailed."""
        left = await self.partners[action.partner].control.get("/_mock/faults")
        if left["script"] or left["scenarios"]:
            unused = ", ".join([*left["script"], *left["scenarios"]])
            raise StepFailed(f"l'incident prévu chez {action.partner} n'a pas eu lieu ({unused})")


def _known(collection: str, kind: str, made: Json) -> _Known:
    return _Known(f"/v1/{collection}/{made['uid']}", f"{kind}/{made['uid']}")


def _check(name: str, delivery: Json, wanted: Expected) -> None:
    for what in ("code", "channel", "sequence"):
        value = getattr(wanted, what)
        if value is not None and delivery[what] != value:
            raise StepFailed(
                f"{name} vers {delivery['partner']} : {what} vaut « {delivery[what]} », « {value} » attendu"
            )
    if delivery["attempts"] < wanted.attempts:
        raise StepFailed(f"{name} vers {delivery['partner']} : livré sans subir l'incident prévu")


def _say(delivery: Json) -> str:
    more = " ".join(filter(None, (delivery["code"], delivery["reason"])))
    return f"{delivery['state']} ({more})" if more else str(delivery["state"])
