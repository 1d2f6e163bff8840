"""Partners: configured instances of connectors. Create, change, pause, resume, switch channel."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ValidationError
from sqlalchemy import Row, select, update

from semaphore_hub.delivery.registry import ConnectorRegistry
from semaphore_hub.delivery.tables import partner as partner_table
from semaphore_hub.delivery.tables import partner_state
from semaphore_hub.kernel.access import Caller, within
from semaphore_hub.kernel.db import FAR_FUTURE_MS, Database, UnitOfWork
from semaphore_hub.kernel.errors import AlreadyExists, NotFound, Outdated, Problem, RuleBroken
from semaphore_hub.ports.manifest import Manifest, parse_delay

FILE = "file"
"""The degraded channel, whatever the nominal one is."""
_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Partner:
    """One configured instance of a connector.

    Attributes:
        siret: the establishment it serves; ``None``: every establishment of its GHT (a test bench, or Hélios itself).
        channel: the channel asked for; :meth:`PartnerService.effective_channel` says which one is used and why.
        product_version: version of the partner's product at that establishment, for the version gate.
        retry_schedule: waits between attempts; the manifest's unless overridden.
        poll_ms: how often its documents are fetched, in milliseconds.
        breaker_ms: first opening of its breaker, in milliseconds.
        fallback_after_ms: how long its nominal channel may fail before the file channel takes over; ``None``: an
            operator decides.
        fallen_back_at: when that policy switched it to files (database time); ``None``: it did not.
    """

    id: str
    connector: str
    label: str
    ght: str | None
    siret: str | None
    settings: dict[str, Any]
    product_version: str | None
    channel: str
    retry_schedule: tuple[str, ...]
    poll_ms: int
    breaker_ms: int
    fallback_after_ms: int | None
    fallen_back_at: int | None
    paused: bool
    paused_reason: str | None
    version: int

    @property
    def schedule(self) -> tuple[timedelta, ...]:
        """The retry schedule as durations."""
        return tuple(parse_delay(delay) for delay in self.retry_schedule)


@dataclass(frozen=True, slots=True)
class NewPartner:
    """What is needed to configure an instance."""

    id: str
    connector: str
    label: str
    settings: dict[str, Any]
    channel: str
    siret: str | None = None
    ght: str | None = None
    product_version: str | None = None
    retry_schedule: tuple[str, ...] | None = None
    poll_ms: int = 30_000
    breaker_ms: int = 30_000
    fallback_after_ms: int | None = None


class PartnerService:
    """Rules about partners; the queue of a paused partner is kept, never skipped."""

    def __init__(self, database: Database, registry: ConnectorRegistry) -> None:
        self._database = database
        self._registry = registry

    def create(self, unit: UnitOfWork, new: NewPartner) -> Partner:
        """Configure an instance.

        Raises:
            NotFound: no such connector.
            RuleBroken: settings, channel or schedule do not fit the connector.
            AlreadyExists: the id is taken.
        """
        manifest = self._registry.get(new.connector).manifest
        self._check(manifest, new.channel, new.settings, new.retry_schedule)
        statement = self._database.insert(partner_table).values(
            id=new.id,
            connector=new.connector,
            label=new.label,
            ght=new.ght,
            siret=new.siret,
            settings=new.settings,
            product_version=new.product_version,
            channel=new.channel,
            retry_schedule=list(new.retry_schedule) if new.retry_schedule else None,
            poll_ms=new.poll_ms,
            breaker_ms=new.breaker_ms,
            fallback_after_ms=new.fallback_after_ms,
            paused=False,
            version=1,
        )
        row = unit.connection.execute(statement.on_conflict_do_nothing().returning(partner_table)).one_or_none()
        if row is None:
            raise AlreadyExists(f"Un partenaire « {new.id} » existe déjà.")
        unit.connection.execute(
            partner_state.insert().values(
                partner=new.id, connector=new.connector, next_at=FAR_FUTURE_MS, failures=0, open_until=0, poll_at=0
            )
        )
        return self.to_partner(unit.connection.execute(select(partner_table).where(partner_table.c.id == new.id)).one())

    def change(
        self,
        unit: UnitOfWork,
        partner: Partner,
        *,
        expected_version: int,
        settings: dict[str, Any] | None = None,
        product_version: str | None = None,
        channel: str | None = None,
        fallback_after_ms: int | None = None,
        paused: bool | None = None,
        paused_reason: str | None = None,
    ) -> Partner:
        """Change an instance; what is ``None`` stays as it is.

        Choosing a channel ends a degraded mode that the policy began; ``fallback_after_ms`` of 0 ends the policy.

        Raises:
            RuleBroken: the new settings or channel do not fit the connector.
            Outdated: somebody else changed it first.
        """
        manifest = self._registry.get(partner.connector).manifest
        self._check(manifest, channel or partner.channel, settings or partner.settings, None)
        values: dict[str, Any] = {"version": partner_table.c.version + 1}
        if settings is not None:
            values["settings"] = settings
        if product_version is not None:
            values["product_version"] = product_version
        if channel is not None:
            values |= {"channel": channel, "fallen_back_at": None}
        if fallback_after_ms is not None:
            values["fallback_after_ms"] = fallback_after_ms or None
        if paused is not None:
            values["paused"] = paused
            values["paused_reason"] = paused_reason
        changed = unit.connection.execute(
            update(partner_table)
            .where(partner_table.c.id == partner.id, partner_table.c.version == expected_version)
            .values(**values)
            .returning(partner_table)
        ).one_or_none()
        if changed is None:
            raise Outdated(f"Le partenaire « {partner.id} » a changé entre-temps : relire, puis recommencer.")
        if paused is not None:
            unit.connection.execute(
                update(partner_state)
                .where(partner_state.c.partner == partner.id)
                .values(next_at=FAR_FUTURE_MS if paused else 0, failures=0, failing_since=None, open_until=0)
            )
        return self.to_partner(changed)

    def get(self, caller: Caller, partner_id: str) -> Partner:
        """One instance inside the caller's perimeter.

        Raises:
            NotFound: there is none.
        """
        query = within(select(partner_table).where(partner_table.c.id == partner_id), partner_table.c.ght, caller)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound(f"Aucun partenaire « {partner_id} ».")
        return self.to_partner(row)

    def list(self, caller: Caller) -> list[Partner]:
        """Every instance inside the caller's perimeter, by id."""
        query = within(select(partner_table).order_by(partner_table.c.id), partner_table.c.ght, caller)
        with self._database.read() as connection:
            return [self.to_partner(row) for row in connection.execute(query)]

    def settings_of(self, partner: Partner) -> BaseModel:
        """The instance's settings as its connector's model."""
        return self._registry.get(partner.connector).settings_model.model_validate(partner.settings)

    def effective_channel(self, partner: Partner) -> tuple[str, str | None]:
        """The channel in use, and why it is not the one asked for (version gate, policy), if so."""
        manifest = self._registry.get(partner.connector).manifest
        if partner.channel == FILE or manifest.channel(FILE) is None:
            return partner.channel, None
        if partner.fallen_back_at is not None:
            return FILE, "Mode dégradé automatique : le canal nominal ne répondait plus ; il reprendra à son retour."
        gate = manifest.compatibility
        if gate is None:
            return partner.channel, None
        if partner.product_version is not None and _numbers(partner.product_version) >= _numbers(gate.minimum):
            return partner.channel, None
        installed = partner.product_version or "inconnue"
        return FILE, (
            f"{gate.product} : version {installed} inférieure à la version compatible {gate.minimum} ; "
            "l'établissement reste en mode fichier jusqu'à sa montée de version."
        )

    def _check(
        self, manifest: Manifest, channel: str, settings: dict[str, Any], schedule: tuple[str, ...] | None
    ) -> None:
        problems: list[Problem] = []
        if manifest.channel(channel) is None:
            offered = ", ".join(spec.id for spec in manifest.channels)
            problems.append(
                Problem("$.canal", "PART-CANAL", f"Le connecteur {manifest.id} offre les canaux : {offered}.")
            )
        try:
            self._registry.get(manifest.id).settings_model.model_validate(settings)
        except ValidationError as error:
            problems += [
                Problem(
                    "$.parametres" + "".join(f".{part}" for part in item["loc"]),
                    "PART-PARAMETRES",
                    f"Paramètre refusé par le connecteur {manifest.id} : {item['msg']}.",
                )
                for item in error.errors()
            ]
        for delay in schedule or ():
            try:
                parse_delay(delay)
            except ValueError as error:
                problems.append(Problem("$.reprises", "PART-REPRISES", f"Délai de reprise illisible : {error}."))
        if problems:
            raise RuleBroken(f"La configuration ne convient pas au connecteur {manifest.id}.", problems)

    def to_partner(self, row: Row[Any]) -> Partner:
        """A stored row as the instance it configures."""
        schedule = row.retry_schedule or self._registry.get(row.connector).manifest.retry_schedule
        return Partner(
            id=row.id,
            connector=row.connector,
            label=row.label,
            ght=row.ght,
            siret=row.siret,
            settings=row.settings,
            product_version=row.product_version,
            channel=row.channel,
            retry_schedule=tuple(schedule),
            poll_ms=row.poll_ms,
            breaker_ms=row.breaker_ms,
            fallback_after_ms=row.fallback_after_ms,
            fallen_back_at=row.fallen_back_at,
            paused=row.paused,
            paused_reason=row.paused_reason,
            version=row.version,
        )


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version, for comparison: "09.04.00226" is (9, 4, 226), "2K22.00" is (2, 22, 0)."""
    return tuple(int(number) for number in _NUMBERS.findall(version))
