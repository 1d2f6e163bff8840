"""The buyer and the operators of a marché, recorded when the référentiel does not know them; nothing is invented."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from semaphore_hub.imports import rules
from semaphore_hub.imports.defaults import DEBUT_RATTACHEMENT, completed
from semaphore_hub.imports.draft import cleaned
from semaphore_hub.imports.report import Completed
from semaphore_hub.kernel.access import Caller
from semaphore_hub.kernel.db import UnitOfWork
from semaphore_hub.kernel.errors import AlreadyExists
from semaphore_hub.modules.marches.schemas import MarcheImporte
from semaphore_hub.modules.referentiel.codes import RoleGht
from semaphore_hub.modules.referentiel.lookups import (
    FournisseurConnu,
    etablissements_by_siret,
    fournisseurs_by_identifier,
)
from semaphore_hub.modules.referentiel.rules import refuse
from semaphore_hub.modules.referentiel.schemas import (
    ModificationFournisseur,
    NouveauFournisseur,
    NouvelEtablissement,
)
from semaphore_hub.modules.referentiel.service import ReferentielService

NOM_MAX = 200
_COORDINATES = ("adresse", "compteBancaire")
_BLANKS = re.compile(r"\s+")


@dataclass(slots=True)
class Parties:
    """Records the parties of marchés in one GHT.

    Attributes:
        referentiel: service of the référentiel.
        caller: who imports.
        ght: GHT of the établissements it records.
        today: day on which memberships are looked at.
        names: names given by the file, by identifier.
        suppliers: what the file says of suppliers, by (type, identifier): address, account, codes.
        completed: what was completed so far.
        warnings: what deserves a look.
    """

    referentiel: ReferentielService
    caller: Caller
    ght: str
    today: date
    names: Mapping[str, str]
    suppliers: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    completed: list[Completed] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def ensure(self, unit: UnitOfWork, marche: MarcheImporte) -> None:
        """Record the buyer and the operators that are unknown; a known one gets what it lacks and the file says.

        Raises:
            Forbidden: the caller's role records no établissement.
            RuleBroken: the buyer is known but belongs to no GHT today.
        """
        self._buyer(unit, marche.acheteur.id)
        places = _operators(marche)
        known = fournisseurs_by_identifier(unit.connection, set(places))
        for key, place in places.items():
            if key in known:
                self._complete_supplier(unit, known[key], self.suppliers.get(key, {}))
            else:
                self._new_supplier(unit, key, place)

    def _new_supplier(self, unit: UnitOfWork, key: tuple[str, str], place: str) -> None:
        kind, number = key
        said = {name: value for name, value in self.suppliers.get(key, {}).items() if value is not None}
        name = self._name(number, f"{place}.denominationSociale", f"Fournisseur {number}")
        supplier = NouveauFournisseur.model_validate(
            {**said, "typeIdentifiant": kind, "id": number, "denominationSociale": name}
        )
        self.referentiel.fournisseurs.creer(unit, self.caller, supplier, importe=True)
        self.completed += [
            completed(f"{place}.{code}", getattr(supplier, code))
            for code in ("categorieTiers", "natureJuridique")
            if code not in said
        ]

    def _complete_supplier(self, unit: UnitOfWork, known: FournisseurConnu, said: Mapping[str, Any]) -> None:
        """Address and account of a supplier that had none; what it has already is never replaced."""
        have = known.payload.model_dump(mode="json")
        missing = {name: said[name] for name in _COORDINATES if said.get(name) is not None and have.get(name) is None}
        if missing:
            view = self.referentiel.fournisseurs.lire(unit.connection, known.uid)
            self.referentiel.fournisseurs.modifier(
                unit, self.caller, known.uid, view.version, ModificationFournisseur.model_validate(missing)
            )
        for name in _COORDINATES:
            if name not in missing and _differs(have.get(name), said.get(name)):
                self.warnings.append(rules.say(rules.COORDONNEES_AUTRES, id=known.payload.id, champ=name))

    def _buyer(self, unit: UnitOfWork, siret: str) -> None:
        known = etablissements_by_siret(unit.connection, None, {siret}, self.today).get(siret)
        if known is not None:
            if known.ght != self.ght and self.caller.may_see(known.ght):
                self.warnings.append(rules.say(rules.AUTRE_GHT, siret=siret, ght=known.ght, demande=self.ght))
            return
        hospital = NouvelEtablissement(
            siret=siret,
            nom=self._name(siret, "acheteur.nom", f"Établissement {siret}"),
            ght=self.ght,
            role=RoleGht.PARTIE,
            dateDebut=DEBUT_RATTACHEMENT,
        )
        try:
            self.referentiel.creer_etablissement(unit, self.caller, hospital, importe=True)
        except AlreadyExists:
            refuse([rules.ETABLISSEMENT.broken("$.acheteur.id", siret=siret)])
        self.completed += [
            completed("acheteur.role", RoleGht.PARTIE),
            completed("acheteur.dateDebut", DEBUT_RATTACHEMENT.isoformat()),
        ]

    def _name(self, identifier: str, field_name: str, fallback: str) -> str:
        """The name given by the file on one line, or the fallback, which is a completed field."""
        given = _BLANKS.sub(" ", cleaned(self.names.get(identifier, "")))
        if not given:
            self.completed.append(completed(field_name, fallback))
            return fallback
        if len(given) > NOM_MAX:
            self.warnings.append(rules.say(rules.TEXTE_COUPE, champ=field_name, longueur=NOM_MAX))
        return given[:NOM_MAX].rstrip()


def _operators(marche: MarcheImporte) -> dict[tuple[str, str], str]:
    """Every operator the marché names, with the place where it is named first."""
    named = [(f"titulaires[{rank}]", holder) for rank, holder in enumerate(marche.titulaires)]
    named += [
        (f"modifications[{rank}].titulaires[{position}]", holder)
        for rank, change in enumerate(marche.modifications)
        for position, holder in enumerate(change.titulaires)
    ]
    found = {(holder.typeIdentifiant.value, holder.id): place for place, holder in reversed(named)}
    for rank, act in enumerate(marche.actesSousTraitance):
        found.setdefault(
            (act.sousTraitant.typeIdentifiant.value, act.sousTraitant.id), f"actesSousTraitance[{rank}].sousTraitant"
        )
    return found


def _differs(have: Mapping[str, Any] | None, said: Mapping[str, Any] | None) -> bool:
    return have is not None and said is not None and any(have.get(name) != value for name, value in said.items())
