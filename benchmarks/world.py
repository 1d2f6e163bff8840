"""What the benchmarks work on: the demo's fictitious GHT, one of its marchés, and the events of its life."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from semaphore_hub.api.hub import HubServices
from semaphore_hub.app import build
from semaphore_hub.delivery.event_log import list_events
from semaphore_hub.delivery.partners import NewPartner
from semaphore_hub.demo.ght import ETABLISSEMENTS, FINESS_VALMONT, FOURNISSEURS, GHT, NOM_GHT, VALMONT, titulaire
from semaphore_hub.demo.marches import MARCHES
from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.kernel.settings import Settings
from semaphore_hub.modules.marches.schemas import NotificationMarche, NouveauMarche, NouvelleModification
from semaphore_hub.modules.referentiel.schemas import NouveauFournisseur, NouveauGht, NouvelEtablissement
from semaphore_hub.ports.events import MARCHE_MODIFIE, MARCHE_NOTIFIE, Event

PARTNER = "gef_ideo_gelf"
TODAY = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


@contextmanager
def hub(url: str) -> Iterator[HubServices]:
    """The services of a hub whose référentiel holds the demo's GHT; no partner yet."""
    services = build(Settings(database_url=url), clock=ManualClock(TODAY))
    with services.database.write() as unit:
        services.referentiel.creer_ght(unit, LOCAL, NouveauGht(code=GHT, nom=NOM_GHT))
        for hospital in ETABLISSEMENTS:
            services.referentiel.creer_etablissement(unit, LOCAL, NouvelEtablissement.model_validate(hospital))
        for supplier in FOURNISSEURS.values():
            services.referentiel.fournisseurs.creer(unit, LOCAL, NouveauFournisseur.model_validate(supplier))
    try:
        yield services
    finally:
        services.database.close()


def add_gef(services: HubServices, url: str) -> None:
    """One IDEO GELF that hears every marché, at that address."""
    settings = {"etablissement": FINESS_VALMONT, "ufParDefaut": "1000", "compteParDefaut": "60222", "baseUrl": url}
    new = NewPartner(
        id=PARTNER, connector=PARTNER, label="IDEO GELF", settings=settings, channel="api", product_version="2.4"
    )
    with services.database.write() as unit:
        services.partners.create(unit, new)


def marche(number: int) -> dict[str, Any]:
    """The body of a POST: supplies for three hospitals of the GHT, one holder."""
    return {**MARCHES["dispositifs"], "id": f"B{number:06d}"}


def framework() -> dict[str, Any]:
    """The body of a POST: a framework agreement awarded to two holders together."""
    return {
        **MARCHES["médicaments"],
        "id": "2026AC99",
        "typeGroupementOperateurs": "Solidaire",
        "titulaires": [titulaire("pharma", montant="1500000.00"), titulaire("dispositifs", "co-traitant", "350000.00")],
    }


@dataclass(frozen=True, slots=True)
class Life:
    """The two events partners hear in the life of a marché, to be told again about other marchés."""

    notified: Event
    modified: Event

    def events(self, marches: Sequence[str], versions: Iterable[int]) -> list[Event]:
        """Those versions of each marché: the first is its notification, the others amend it; the marchés take turns."""
        return [self.event(uid, version) for version in versions for uid in marches]

    def event(self, uid: str, version: int = 1) -> Event:
        """One event about a marché of that uid."""
        template = self.notified if version == 1 else self.modified
        number = f"B{int(uid.replace('-', '')[-8:], 16):010d}"
        data: dict[str, Any] = {**template.data, "marche": {**template.data["marche"], "uid": uid, "id": number}}
        if version > 1:
            data["modification"] = {**data["modification"], "id": version - 1}
        return replace(template, id=new_id(), subject=f"marche/{uid}", version=version, data=data)


def live(services: HubServices, body: dict[str, Any]) -> Life:
    """Have the hub's own services record, notify and amend a marché, and keep what they said."""
    with services.database.write() as unit:
        view = services.marches.creer(unit, LOCAL, NouveauMarche.model_validate(body))
        notice = NotificationMarche.model_validate(
            {"dateNotification": "2026-03-01", "datePublicationDonnees": "2026-03-02"}
        )
        view = services.marches.notifier(unit, LOCAL, view.uid, view.version, notice)
        amendment = NouvelleModification.model_validate(
            {
                "objet": "Ajout de références au bordereau",
                "dateNotificationModification": "2026-09-01",
                "datePublicationDonneesModification": "2026-09-10",
                "dureeMois": view.dureeMois + 6,
                "justificationDuree": "Continuité des soins pendant la nouvelle consultation",
            }
        )
        services.marches.modifier(unit, LOCAL, view.uid, view.version, amendment)
    said = {event.type: event for _, event in list_events(services.database, LOCAL, subject=f"marche/{view.uid}")}
    return Life(said[MARCHE_NOTIFIE], said[MARCHE_MODIFIE])


__all__ = ["FINESS_VALMONT", "GHT", "PARTNER", "TODAY", "VALMONT", "Life", "add_gef", "hub", "live", "marche"]
