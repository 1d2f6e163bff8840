"""From an event to what is said to IDEO GELF; pure. The writing itself is in :mod:`.rendering`."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from decimal import Decimal

from connectors.gef_ideo_gelf.message import Beneficiary, Change, GefMessage, Line, MarcheState, Supplier
from connectors.gef_ideo_gelf.settings import IdeoGelfSettings
from semaphore_hub.ports.events import (
    FOURNISSEUR_CREE,
    FOURNISSEUR_MODIFIE,
    MARCHE_CORRIGE,
    MARCHE_MODIFIE,
    MARCHE_NOTIFIE,
    Event,
)
from semaphore_hub.ports.outcomes import Unsupported
from semaphore_hub.ports.payloads import FournisseurPayload, Marche, MarchePayload, Modification

DEFAULT_MOTIVE = "Correction d'une erreur matérielle"
_KIND_OF_MARCHE_EVENT = {MARCHE_NOTIFIE: "marche", MARCHE_MODIFIE: "modification", MARCHE_CORRIGE: "correction"}
_KIND_OF_SUPPLIER_EVENT = {FOURNISSEUR_CREE: "creation", FOURNISSEUR_MODIFIE: "modification"}
# Facts that every marché states and that this format has no place for.
_ALWAYS_LOST = (
    "considerations",
    "techniques",
    "offresRecues",
    "avance",
    "clauses",
    "complementsPES",
    "publication",
    "etatInitial",
)


def say(event: Event, settings: IdeoGelfSettings) -> tuple[GefMessage, tuple[str, ...]]:
    """What one event says to one establishment's GEF, and the declared losses it makes.

    The message id depends on the event only: said again, by any channel, it is recognised as the same message.

    Raises:
        Unsupported: this GEF does not hear that event, or the event lacks what the message is about.
    """
    if event.type in _KIND_OF_SUPPLIER_EVENT:
        return _supplier(event, settings)
    if event.type in _KIND_OF_MARCHE_EVENT:
        return _marche(event, settings)
    raise Unsupported(f"IDEO GELF does not hear {event.type}")


def message_id(event: Event) -> str:
    """Identifier of the message that says an event."""
    return f"SEM-{event.id}"


def _supplier(event: Event, settings: IdeoGelfSettings) -> tuple[GefMessage, tuple[str, ...]]:
    supplier = FournisseurPayload.model_validate(event.data).fournisseur
    message = GefMessage(
        kind="fournisseur",
        id=message_id(event),
        issued_at=event.time,
        sender=settings.emetteur,
        establishment=settings.etablissement,
        supplier=Supplier(
            kind=_KIND_OF_SUPPLIER_EVENT[event.type],
            identifier_type=supplier.typeIdentifiant,
            identifier=supplier.id,
            name=supplier.denominationSociale,
            address=supplier.adresse,
            category=supplier.categorieTiers,
            legal_nature=supplier.natureJuridique,
        ),
    )
    return message, ("compteBancaire",) if supplier.compteBancaire is not None else ()


def _marche(event: Event, settings: IdeoGelfSettings) -> tuple[GefMessage, tuple[str, ...]]:
    payload = MarchePayload.model_validate(event.data)
    kind = _KIND_OF_MARCHE_EVENT[event.type]
    if kind == "modification" and payload.modification is None:
        raise Unsupported(f"event {event.id} does not say which modification was notified")
    amount, months = _totals(payload)
    lines, shared = _lines(payload.marche, amount, settings)
    message = GefMessage(
        kind=kind,
        id=message_id(event),
        issued_at=event.time,
        sender=settings.emetteur,
        establishment=settings.etablissement,
        marche=_state(payload.marche, amount, months),
        lines=lines,
        change=_change(payload.modification) if kind == "modification" and payload.modification else None,
        motive=(payload.motif or DEFAULT_MOTIVE) if kind == "correction" else None,
    )
    return message, _losses(payload.marche, shared=shared)


def _totals(payload: MarchePayload) -> tuple[Decimal, int]:
    """Amount (euros HT) and duration (months) after every amendment: the last one that states a new total wins."""
    amount, months = payload.marche.montant, payload.marche.dureeMois
    changes = {change.id: change for change in payload.marche.modifications}
    if payload.modification is not None:
        changes[payload.modification.id] = payload.modification
    for _, change in sorted(changes.items()):
        amount = amount if change.montant is None else change.montant
        months = months if change.dureeMois is None else change.dureeMois
    return amount, months


def _state(marche: Marche, amount: Decimal, months: int) -> MarcheState:
    starts_on = marche.complements.dateDebutExecution or marche.dateNotification
    return MarcheState(
        number=marche.id,
        contract_id=marche.complements.idContrat,
        framework_id=marche.idAccordCadre,
        subject=marche.objet,
        nature=marche.nature,
        procedure=marche.procedure,
        cpv=marche.codeCPV,
        price_form=marche.formePrix,
        notified_on=marche.dateNotification,
        starts_on=starts_on,
        ends_on=marche.dateFin or last_day(starts_on, months),
        months=months,
        amount=amount,
        vat=marche.complements.montantTVA,
        buyer_siret=marche.acheteur.siret,
        buyer_name=marche.acheteur.nom,
        buyer_finess=marche.acheteur.finessJuridique,
        beneficiaries=tuple(Beneficiary(one.siret, one.finessJuridique) for one in marche.beneficiaires),
    )


def _lines(marche: Marche, amount: Decimal, settings: IdeoGelfSettings) -> tuple[tuple[Line, ...], bool]:
    """One line per holder, charged to this establishment; and whether the amount is shared between them.

    The hub knows neither functional unit nor account of a marché: the instance's settings give them (hypothesis).
    Shares that do not make the marché's amount (an amendment may leave them behind) are not sent: a GEF would commit
    wrong amounts.
    """
    shares = [holder.montant for holder in marche.titulaires]
    if len(shares) == 1:
        shares = [amount]
    known = [share for share in shares if share is not None]
    shared = len(known) == len(shares) and sum(known) == amount
    lines = tuple(
        Line(
            number=number,
            identifier_type=holder.fournisseur.typeIdentifiant,
            identifier=holder.fournisseur.id,
            name=holder.fournisseur.denominationSociale,
            role=holder.role,
            beneficiary_finess=settings.etablissement,
            unit=settings.ufParDefaut,
            account=settings.compte(marche.codeCPV),
            amount=share if shared else None,
        )
        for number, (holder, share) in enumerate(zip(marche.titulaires, shares, strict=True), start=1)
    )
    return lines, shared


def _change(modification: Modification) -> Change:
    return Change(
        number=modification.id,
        subject=modification.objet,
        notified_on=modification.dateNotificationModification,
        amount=modification.montant,
        amount_delta=modification.deltaMontant,
        months=modification.dureeMois,
        months_delta=modification.deltaDureeMois,
    )


def _losses(marche: Marche, *, shared: bool) -> tuple[str, ...]:
    losses = list(_ALWAYS_LOST)
    if marche.origineUE is not None or marche.origineFrance is not None:
        losses.append("origine")
    if any(holder.fournisseur.compteBancaire is not None for holder in marche.titulaires):
        losses.append("compteBancaire")
    if marche.modifications:
        losses.append("historique")
    if not shared:
        losses.append("repartition")
    if _has_more(marche):
        losses.append("execution")
    if marche.dateFin is None:
        losses.append("finDeduite")
    return tuple(losses)


def _has_more(marche: Marche) -> bool:
    """Whether the marché holds facts of its execution that this format has no place for."""
    facts = (
        marche.lot,
        marche.acheteurs,
        marche.tranches,
        marche.reconductions,
        marche.pieces,
        marche.montantActualise,
        marche.actesSousTraitance,
        marche.resiliation,
        any(change.titulaires for change in marche.modifications),
    )
    return any(facts)


def last_day(starts_on: date, months: int) -> date:
    """Last day of a duration: the eve of the same day, months later; the month's last day when it has no such day."""
    year, month = divmod(starts_on.year * 12 + starts_on.month - 1 + months, 12)
    if starts_on.day > calendar.monthrange(year, month + 1)[1]:
        return date(year, month + 1, calendar.monthrange(year, month + 1)[1])
    return date(year, month + 1, starts_on.day) - timedelta(days=1)
