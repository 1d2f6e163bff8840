"""Suppliers: their identifiers, addresses and accounts; every change is an event."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, insert, select, update
from sqlalchemy.exc import IntegrityError

from semaphore_hub.kernel.access import WRITERS, Caller
from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import AlreadyExists, NotFound, Problem
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.modules.referentiel import rules
from semaphore_hub.modules.referentiel.cles import defaut_identifiant, iban_valide
from semaphore_hub.modules.referentiel.lookups import fournisseur_payload
from semaphore_hub.modules.referentiel.models import Fournisseur
from semaphore_hub.modules.referentiel.rows import page_of, require_version
from semaphore_hub.modules.referentiel.schemas import (
    CompteBancaireFournisseur,
    FournisseurVue,
    ModificationFournisseur,
    NouveauFournisseur,
)
from semaphore_hub.ports import events, payloads

_fournisseur = table_of(Fournisseur)


class FournisseursService:
    """Operations on suppliers, which are common to every GHT. None commits.

    Args:
        clock: business clock, for the instant of events.
        event_log: where their events are written.
    """

    def __init__(self, clock: Clock, event_log: events.EventLog) -> None:
        self._clock = clock
        self._events = event_log

    def creer(
        self, unit: UnitOfWork, caller: Caller, nouveau: NouveauFournisseur, *, importe: bool = False
    ) -> FournisseurVue:
        """Record a supplier and say so (``fournisseur.cree``).

        Args:
            unit: the request's transaction.
            caller: who asks.
            nouveau: what to record.
            importe: keep an identifier whose key is wrong, marked ``cleValide: false``, instead of refusing it.

        Raises:
            Forbidden: the caller's role does not write.
            RuleBroken: wrong identifier or IBAN.
            AlreadyExists: the identifier is recorded.
        """
        caller.require(*WRITERS)
        fault = defaut_identifiant(nouveau.typeIdentifiant, nouveau.id)
        problems: list[Problem] = []
        if fault is not None and not importe:
            problems.append(rules.IDENTIFIANT.broken("$.id", id=nouveau.id, type=nouveau.typeIdentifiant, defaut=fault))
        problems += _account_problems(nouveau.compteBancaire)
        rules.refuse(problems)
        uid = new_id()
        data = nouveau.model_dump(mode="json")
        values = {
            "uid": uid,
            "type_identifiant": data["typeIdentifiant"],
            "identifiant": nouveau.id,
            "denomination_sociale": nouveau.denominationSociale,
            "adresse": data["adresse"],
            "compte_bancaire": data["compteBancaire"],
            "categorie_tiers": data["categorieTiers"],
            "nature_juridique": data["natureJuridique"],
            "cle_valide": fault is None,
            "version": 1,
        }
        try:
            unit.connection.execute(insert(_fournisseur).values(values))
        except IntegrityError as error:
            raise AlreadyExists(
                f"Le fournisseur {nouveau.typeIdentifiant} {nouveau.id} existe déjà dans le référentiel."
            ) from error
        return self._said(unit, uid, events.FOURNISSEUR_CREE)

    def modifier(
        self, unit: UnitOfWork, caller: Caller, uid: str, version: int, modification: ModificationFournisseur
    ) -> FournisseurVue:
        """Change a supplier's data and say so (``fournisseur.modifie``).

        Raises:
            Forbidden: the caller's role does not write.
            NotFound, Outdated: no such supplier, or its version changed.
            RuleBroken: wrong IBAN, or nothing changes.
        """
        caller.require(*WRITERS)
        row = (
            unit.connection.execute(select(_fournisseur).where(_fournisseur.c.uid == uid).with_for_update())
            .mappings()
            .first()
        )
        if row is None:
            raise NotFound(f"Le fournisseur {uid} n'existe pas.")
        require_version(row, version)
        data = modification.model_dump(mode="json", exclude_unset=True)
        removable = ("adresse", "compteBancaire")
        changes = {
            column: data[field]
            for field, column in (
                ("denominationSociale", "denomination_sociale"),
                ("adresse", "adresse"),
                ("compteBancaire", "compte_bancaire"),
                ("categorieTiers", "categorie_tiers"),
                ("natureJuridique", "nature_juridique"),
            )
            if field in data and (data[field] is not None or field in removable) and data[field] != row[column]
        }
        problems = _account_problems(modification.compteBancaire)
        if not changes:
            problems.append(rules.MODIFICATION_VIDE.broken("$"))
        rules.refuse(problems)
        unit.connection.execute(
            update(_fournisseur).where(_fournisseur.c.uid == uid).values(**changes, version=version + 1)
        )
        return self._said(unit, uid, events.FOURNISSEUR_MODIFIE)

    def _said(self, unit: UnitOfWork, uid: str, event_type: str) -> FournisseurVue:
        """Append the event of what was just written, and return the state it says."""
        row = unit.connection.execute(select(_fournisseur).where(_fournisseur.c.uid == uid)).mappings().one()
        payload = payloads.FournisseurPayload(fournisseur=fournisseur_payload(row))
        self._events.append(
            unit,
            events.Event(
                id=new_id(),
                type=event_type,
                subject=f"fournisseur/{uid}",
                version=row["version"],
                time=self._clock.now(),
                ght=None,
                data=payload.model_dump(mode="json", exclude_none=True),
            ),
        )
        return _fournisseur_view(row)

    def lire(self, connection: Connection, uid: str) -> FournisseurVue:
        """One supplier; they are common to every GHT.

        Raises:
            NotFound: no such supplier.
        """
        row = connection.execute(select(_fournisseur).where(_fournisseur.c.uid == uid)).mappings().first()
        if row is None:
            raise NotFound(f"Le fournisseur {uid} n'existe pas.")
        return _fournisseur_view(row)

    def lister(
        self, connection: Connection, *, identifiant: str | None, q: str | None, limit: int, after: str | None
    ) -> tuple[list[FournisseurVue], str | None]:
        """A page of suppliers, by identifier or by a part of their name."""
        statement = select(_fournisseur)
        if identifiant is not None:
            statement = statement.where(_fournisseur.c.identifiant == identifiant)
        if q is not None:
            statement = statement.where(_fournisseur.c.denomination_sociale.icontains(q, autoescape=True))
        rows, last = page_of(connection, statement, _fournisseur.c.uid, limit, after)
        return [_fournisseur_view(row) for row in rows], last


def _account_problems(account: CompteBancaireFournisseur | None) -> list[Problem]:
    if account is None or iban_valide(account.iban):
        return []
    return [rules.IBAN.broken("$.compteBancaire.iban", iban=account.iban)]


def _fournisseur_view(row: RowMapping) -> FournisseurVue:
    return FournisseurVue.model_validate(
        {
            "uid": row["uid"],
            "version": row["version"],
            "typeIdentifiant": row["type_identifiant"],
            "id": row["identifiant"],
            "denominationSociale": row["denomination_sociale"],
            "adresse": row["adresse"],
            "compteBancaire": row["compte_bancaire"],
            "categorieTiers": row["categorie_tiers"],
            "natureJuridique": row["nature_juridique"],
            "cleValide": row["cle_valide"],
        }
    )
