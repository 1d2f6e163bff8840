"""Alerts: looks at every living marché, records what is new and says it once; lists and acknowledges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select, update

from semaphore_hub.kernel.access import WRITERS, Caller, within
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import Database, UnitOfWork, table_of
from semaphore_hub.kernel.errors import NotFound
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.kernel.money import from_cents
from semaphore_hub.modules.marches.alertes.models import MarcheAlerte
from semaphore_hub.modules.marches.alertes.regles import Alerte, Delais, Situation, alertes_du_jour
from semaphore_hub.modules.marches.alertes.schemas import Acquittement, AlerteVue, Evaluation
from semaphore_hub.modules.marches.lifecycle import Statut
from semaphore_hub.modules.marches.models import Marche, MarcheModification
from semaphore_hub.modules.marches.vie import VIE_VIDE, Vie
from semaphore_hub.modules.referentiel.codes import Reconductibilite
from semaphore_hub.modules.referentiel.rows import page_of
from semaphore_hub.ports import events
from semaphore_hub.ports.facts import DeliveryFacts, Publication
from semaphore_hub.ports.payloads import AlertePayload

_marche, _modification, _alerte = table_of(Marche), table_of(MarcheModification), table_of(MarcheAlerte)
_WATCHED = [Statut.NOTIFIE, Statut.EN_EXECUTION, Statut.SUSPENDU, Statut.ECHU, Statut.RESILIE]
BATCH = 500
_NOTHING = Publication(published=False, pending=frozenset())


@dataclass(frozen=True, slots=True)
class FiltresAlertes:
    """What is searched for; every condition given must hold.

    Attributes:
        code: what the alerts are about.
        marche: uid of the marché.
        ght: code of the GHT.
        ouvertes: only those nobody acknowledged.
    """

    code: str | None = None
    marche: str | None = None
    ght: str | None = None
    ouvertes: bool = False


class AlertesService:
    """Operations on alerts.

    Args:
        database: where marchés are read and alerts recorded, by batches.
        clock: business clock.
        event_log: where alerts are said.
        facts: what partners answered.
        delais: delays and thresholds.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        event_log: events.EventLog,
        facts: DeliveryFacts,
        delais: Delais | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._events = event_log
        self._facts = facts
        self._delais = delais or Delais()

    def evaluer(self, caller: Caller, jour: date | None = None) -> Evaluation:
        """Look at every marché of the perimeter; what was never said is recorded and said (``marche.alerte``).

        One transaction for each batch of marchés: an interrupted evaluation is finished by the next one.

        Raises:
            Forbidden: the caller's role does not write.
        """
        caller.require(*WRITERS)
        day = jour or self._clock.today()
        seen = new = 0
        after = ""
        while True:
            with self._database.write() as unit:
                statement = within(select(_marche), _marche.c.ght, caller)
                statement = statement.where(_marche.c.uid > after, _marche.c.statut.in_(_WATCHED))
                rows = unit.connection.execute(statement.order_by(_marche.c.uid).limit(BATCH)).mappings().all()
                new += self._evaluate(unit, rows, day)
            seen += len(rows)
            if len(rows) < BATCH:
                return Evaluation(jour=day, marches=seen, nouvelles=new)
            after = rows[-1]["uid"]

    def lister(
        self, connection: Connection, caller: Caller, filtres: FiltresAlertes, *, limit: int, after: str | None
    ) -> tuple[list[AlerteVue], str | None]:
        """A page of alerts, newest first, and the uid of its last item when there are more."""
        statement = select(_alerte, _marche.c.id.label("id_marche"), _marche.c.acheteur_siret).join(
            _marche, _marche.c.uid == _alerte.c.marche_uid
        )
        for column, value in (
            (_alerte.c.code, filtres.code),
            (_alerte.c.marche_uid, filtres.marche),
            (_alerte.c.ght, filtres.ght),
        ):
            if value is not None:
                statement = statement.where(column == value)
        if filtres.ouvertes:
            statement = statement.where(_alerte.c.acquittee_ms.is_(None))
        statement = within(statement, _alerte.c.ght, caller)
        rows, last = page_of(connection, statement, _alerte.c.uid, limit, after, newest_first=True)
        return [_view(row) for row in rows], last

    def acquitter(self, unit: UnitOfWork, caller: Caller, uid: str, acquittement: Acquittement) -> AlerteVue:
        """Somebody has seen it; said again, the last comment stays.

        Raises:
            Forbidden: the caller's role does not write.
            NotFound: no such alert in the caller's perimeter.
        """
        caller.require(*WRITERS)
        statement = select(_alerte, _marche.c.id.label("id_marche"), _marche.c.acheteur_siret)
        statement = statement.join(_marche, _marche.c.uid == _alerte.c.marche_uid).where(_alerte.c.uid == uid)
        row = unit.connection.execute(within(statement, _alerte.c.ght, caller)).mappings().first()
        if row is None:
            raise NotFound(f"L'alerte {uid} n'existe pas.")
        changed = {
            "acquittee_par": caller.name,
            "acquittee_ms": int(self._clock.now().timestamp() * 1000),
            "commentaire": acquittement.commentaire,
        }
        unit.connection.execute(update(_alerte).where(_alerte.c.uid == uid).values(changed))
        return _view({**row, **changed})

    def _evaluate(self, unit: UnitOfWork, rows: Sequence[RowMapping], day: date) -> int:
        """Alerts of a batch that are new, recorded and said."""
        if not rows:
            return 0
        uids = [row["uid"] for row in rows]
        statement = select(_alerte.c.marche_uid, _alerte.c.code, _alerte.c.cle).where(_alerte.c.marche_uid.in_(uids))
        said = {tuple(row) for row in unit.connection.execute(statement)}
        new = 0
        for row, situation in self._situations(unit.connection, rows):
            for alerte in alertes_du_jour(situation, day, self._delais):
                if (row["uid"], alerte.code.value, alerte.cle) not in said:
                    new += self._record(unit, row, alerte, day)
        return new

    def _situations(self, connection: Connection, rows: Sequence[RowMapping]) -> Iterator[tuple[RowMapping, Situation]]:
        subjects = [f"marche/{row['uid']}" for row in rows]
        # Nobody may publish through the hub: the dates recorded are then all that is known.
        publications = self._facts.publications(connection, subjects) if self._facts.publishes(connection) else None
        missing = self._facts.unanswered(connection, subjects)
        amendments: dict[str, list[tuple[int, date, date]]] = {}
        changes = select(_modification).where(_modification.c.marche_uid.in_([row["uid"] for row in rows]))
        for one in connection.execute(changes.order_by(_modification.c.id)).mappings():
            amendments.setdefault(one["marche_uid"], []).append(
                (one["id"], one["date_notification"], one["date_publication"])
            )
        for row in rows:
            subject = f"marche/{row['uid']}"
            vie = VIE_VIDE if row["vie"] is None else Vie.model_validate(row["vie"])
            publication = None if publications is None else publications.get(subject, _NOTHING)
            yield (
                row,
                Situation(
                    statut=Statut(row["statut"]),
                    montant=from_cents(row["montant_cents"]),
                    consomme=from_cents(row["consomme_cents"]),
                    date_notification=row["date_notification"],
                    date_fin=row["date_fin"],
                    reconductions=vie.reconductions,
                    tacite=row["donnees"]["complements"]["reconductibilite"] == Reconductibilite.TACITE,
                    publications=self._published(row, amendments.get(row["uid"], []), publication),
                    sans_reponse=missing.get(subject, ()),
                ),
            )

    def _published(
        self, row: RowMapping, amendments: Sequence[tuple[int, date, date]], publication: Publication | None
    ) -> list[tuple[str, date, bool]]:
        """The marché and each amendment: name, day of notification, whether it is published."""
        today = self._clock.today()
        imported = row["importe"] is not None  # read from published data
        first = row["date_publication"] <= today if publication is None else publication.published
        return [
            ("marché", row["date_notification"], imported or first),
            *(
                (
                    f"modification {number}",
                    notified,
                    imported or (planned <= today if publication is None else number not in publication.pending),
                )
                for number, notified, planned in amendments
            ),
        ]

    def _record(self, unit: UnitOfWork, row: RowMapping, alerte: Alerte, day: date) -> int:
        """One alert, unless another process said it in between."""
        uid = new_id()
        insert = self._database.insert(_alerte).on_conflict_do_nothing(index_elements=["marche_uid", "code", "cle"])
        values: Mapping[str, Any] = {
            "uid": uid,
            "marche_uid": row["uid"],
            "ght": row["ght"],
            "code": alerte.code.value,
            "cle": alerte.cle,
            "jour": day,
            "echeance": alerte.echeance,
            "message": alerte.message,
            "created_ms": int(self._clock.now().timestamp() * 1000),
        }
        if unit.connection.execute(insert.returning(_alerte.c.uid), values).first() is None:
            return 0
        payload = AlertePayload(
            marche=row["uid"],
            id=row["id"],
            acheteur=row["acheteur_siret"],
            code=alerte.code.value,
            message=alerte.message,
            echeance=alerte.echeance,
        )
        self._events.append(
            unit,
            events.Event(
                id=new_id(),
                type=events.MARCHE_ALERTE,
                subject=f"alerte/{uid}",
                version=1,
                time=self._clock.now(),
                ght=row["ght"],
                data=payload.model_dump(mode="json", exclude_none=True),
            ),
        )
        return 1


def _view(row: RowMapping | Mapping[str, Any]) -> AlerteVue:
    acknowledged = row["acquittee_ms"]
    return AlerteVue(
        uid=row["uid"],
        code=row["code"],
        marche=row["marche_uid"],
        idMarche=row["id_marche"],
        acheteur=row["acheteur_siret"],
        ght=row["ght"],
        jour=row["jour"],
        echeance=row["echeance"],
        message=row["message"],
        acquitteeLe=None if acknowledged is None else datetime.fromtimestamp(acknowledged / 1000, UTC),
        acquitteePar=row["acquittee_par"],
        commentaire=row["commentaire"],
    )
