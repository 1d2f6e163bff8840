"""The buyer and the holders of a marché, recorded when the référentiel does not know them; nothing is invented."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from semaphore_hub.imports import rules
from semaphore_hub.imports.defaults import DEBUT_RATTACHEMENT, completed
from semaphore_hub.imports.mapping import cleaned
from semaphore_hub.imports.report import Completed
from semaphore_hub.kernel.access import Caller
from semaphore_hub.kernel.db import UnitOfWork
from semaphore_hub.kernel.errors import AlreadyExists
from semaphore_hub.modules.marches.schemas import MarcheImporte
from semaphore_hub.modules.referentiel.codes import RoleGht
from semaphore_hub.modules.referentiel.lookups import etablissements_by_siret, fournisseurs_by_identifier
from semaphore_hub.modules.referentiel.rules import refuse
from semaphore_hub.modules.referentiel.schemas import NouveauFournisseur, NouvelEtablissement
from semaphore_hub.modules.referentiel.service import ReferentielService

NOM_MAX = 200
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
        completed: what was completed so far.
        warnings: what deserves a look.
    """

    referentiel: ReferentielService
    caller: Caller
    ght: str
    today: date
    names: Mapping[str, str]
    completed: list[Completed] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def ensure(self, unit: UnitOfWork, marche: MarcheImporte) -> None:
        """Record the buyer and the holders that are unknown.

        Raises:
            Forbidden: the caller's role records no établissement.
            RuleBroken: the buyer is known but belongs to no GHT today.
        """
        self._buyer(unit, marche.acheteur.id)
        keys = [(holder.typeIdentifiant.value, holder.id) for holder in marche.titulaires]
        known = fournisseurs_by_identifier(unit.connection, set(keys))
        for rank, (holder, key) in enumerate(zip(marche.titulaires, keys, strict=True)):
            if key in known or key in keys[:rank]:
                continue
            place = f"titulaires[{rank}]"
            supplier = NouveauFournisseur(
                typeIdentifiant=holder.typeIdentifiant,
                id=holder.id,
                denominationSociale=self._name(holder.id, f"{place}.denominationSociale", f"Fournisseur {holder.id}"),
            )
            self.referentiel.fournisseurs.creer(unit, self.caller, supplier, importe=True)
            self.completed += [
                completed(f"{place}.categorieTiers", supplier.categorieTiers),
                completed(f"{place}.natureJuridique", supplier.natureJuridique),
            ]

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
