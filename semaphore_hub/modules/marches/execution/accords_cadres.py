"""Subsequent marchés and their framework: the link, what the framework allows, what it has left.

A subsequent marché whose framework is not in the hub (a purchasing body's, a former system's) keeps its reference and
no link: nothing can then be checked. Beyond the maximum the subsequent marché is refused rather than signalled,
because the framework has by then exhausted its effects (CJUE C-23/20); raising the maximum is an amendment.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection, func, insert, or_, select, update

from semaphore_hub.kernel.access import Caller, within
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import Problem
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.kernel.money import from_cents, to_cents
from semaphore_hub.modules.marches.description import described
from semaphore_hub.modules.marches.execution import rules
from semaphore_hub.modules.marches.execution.models import MarcheConsommation
from semaphore_hub.modules.marches.execution.moments import last_day_of
from semaphore_hub.modules.marches.execution.totaux import SUBSEQUENT, is_framework, totals
from semaphore_hub.modules.marches.lifecycle import AVANT_ATTRIBUTION
from semaphore_hub.modules.marches.models import Marche, MarcheTitulaire
from semaphore_hub.modules.marches.reading import Row, Whole, read_whole
from semaphore_hub.modules.marches.schemas import MarcheImporte, NouveauMarche
from semaphore_hub.modules.marches.store import MarcheStore
from semaphore_hub.modules.marches.vie import VIE_VIDE, Vie
from semaphore_hub.modules.referentiel.lookups import FournisseurConnu

HUB = "hub"
"""Source of the consumptions that the hub itself knows: the subsequent marchés."""

_marche = table_of(Marche)
_titulaire = table_of(MarcheTitulaire)
_consommation = table_of(MarcheConsommation)


def framework_of(connection: Connection, caller: Caller, nouveau: NouveauMarche) -> Row | None:
    """The framework that a new marché names, when the hub knows it; locked, so that its maximum is shared in turn."""
    owner = nouveau.complements.siretPAAccordCadre
    if nouveau.idAccordCadre is None or owner is None:
        return None
    number = nouveau.idAccordCadre
    statement = select(_marche).where(
        _marche.c.acheteur_siret == owner, or_(_marche.c.id_contrat == number, _marche.c.id == number)
    )
    rows = connection.execute(within(statement, _marche.c.ght, caller).with_for_update()).mappings().all()
    # The contract number is the one that the PES names a framework by, so it wins over the buyer's own number.
    return next((row for row in rows if row["id_contrat"] == number), rows[0] if rows else None)


def framework_problems(
    connection: Connection,
    nouveau: NouveauMarche,
    framework: Row,
    suppliers: Mapping[tuple[str, str], FournisseurConnu],
    today: date,
) -> list[Problem]:
    """What the framework does not allow.

    Args:
        connection: of the transaction.
        nouveau: the subsequent marché.
        framework: its framework, locked.
        suppliers: the holders of the subsequent marché that the référentiel knows.
        today: the day it is concluded when it does not say its notification or its signature.
    """
    place, number = "$.idAccordCadre", framework["id"]
    if not is_framework(described(framework["donnees"])):
        return [rules.CADRE_NATURE.broken(place, id=number, siret=framework["acheteur_siret"])]
    if framework["date_notification"] is None:
        return [rules.CADRE_NOTIFIE.broken(place, id=number)]
    problems = []
    vie = VIE_VIDE if framework["vie"] is None else Vie.model_validate(framework["vie"])
    day = _concluded(nouveau, today)
    first, last = framework["date_notification"], last_day_of(framework, vie)
    if not first <= day <= last:
        problems.append(rules.CADRE_VALIDITE.broken(place, date=day, id=number, debut=first, fin=last))
    holders = set(
        connection.scalars(select(_titulaire.c.fournisseur_uid).where(_titulaire.c.marche_uid == framework["uid"]))
    )
    for index, holder in enumerate(nouveau.titulaires):
        supplier = suppliers.get((holder.typeIdentifiant.value, holder.id))
        if supplier is not None and supplier.uid not in holders:
            problems.append(
                rules.CADRE_TITULAIRES.broken(
                    f"$.titulaires[{index}].id", type=holder.typeIdentifiant, id=holder.id, cadre=number
                )
            )
    committed = _committed(connection, framework["uid"]) + to_cents(nouveau.montant)
    if committed > framework["montant_cents"]:
        problems.append(
            rules.CADRE_MAXIMUM.broken(
                "$.montant", id=number, somme=from_cents(committed), maximum=from_cents(framework["montant_cents"])
            )
        )
    return problems


def _concluded(nouveau: NouveauMarche, today: date) -> date:
    if isinstance(nouveau, MarcheImporte):
        return nouveau.dateNotification
    return nouveau.complements.dateSignature or today


def _committed(connection: Connection, framework: str) -> int:
    """Cents of the subsequent marchés, from their attribution on, and of the orders made on the framework itself."""
    gone = [statut.value for statut in AVANT_ATTRIBUTION]
    subsequents = connection.scalar(
        select(func.coalesce(func.sum(_marche.c.montant_cents), 0)).where(
            _marche.c.accord_cadre_uid == framework, _marche.c.statut.not_in(gone)
        )
    )
    return int(subsequents or 0) + totals(connection, framework).bons


def charge_framework(store: MarcheStore, unit: UnitOfWork, subsequent: Whole) -> None:
    """Have the framework carry the amount of a subsequent marché just notified, or just amended.

    One row per subsequent marché, at its present amount; the framework's consumption follows and ``marche.consomme``
    says it. Nothing happens when the marché has no framework in the hub or its amount is already carried.
    """
    uid = subsequent.row["accord_cadre_uid"]
    if uid is None:
        return
    connection = unit.connection
    framework = connection.execute(select(_marche).where(_marche.c.uid == uid).with_for_update()).mappings().one()
    cents = subsequent.row["montant_cents"]
    mine = (
        _consommation.c.marche_uid == uid,
        _consommation.c.source == HUB,
        _consommation.c.reference == subsequent.row["uid"],
    )
    known = connection.execute(select(_consommation.c.montant_cents).where(*mine)).first()
    if known is not None and known.montant_cents == cents:
        return
    if known is not None:
        connection.execute(update(_consommation).where(*mine).values(montant_cents=cents))
    else:
        connection.execute(
            insert(_consommation).values(
                uid=new_id(),
                marche_uid=uid,
                source=HUB,
                reference=subsequent.row["uid"],
                type=SUBSEQUENT,
                date=subsequent.row["date_notification"],
                montant_cents=cents,
                etablissement_siret=subsequent.row["acheteur_siret"],
                created_ms=int(store.clock.now().timestamp() * 1000),
            )
        )
    consumed = totals(connection, uid).consomme
    whole = store.update(unit, read_whole(connection, [framework])[0], {"consomme_cents": consumed})
    motif = f"Marché subséquent {subsequent.row['id']} : {from_cents(cents)} euros HT, {from_cents(consumed)} en tout"
    store.say(unit, "consommer", whole, motif=motif, date_effet=subsequent.row["date_notification"])
