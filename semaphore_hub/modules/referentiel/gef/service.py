"""Flows of the référentiel: structures, accounts and third parties, which the GEF keeps the truth of (F01 to F03)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic

from sqlalchemy import Connection, RowMapping, Table, bindparam, insert, select, update

from semaphore_hub.kernel.clock import Clock
from semaphore_hub.kernel.db import UnitOfWork, table_of
from semaphore_hub.kernel.errors import Problem
from semaphore_hub.kernel.ids import new_id
from semaphore_hub.modules.referentiel.cles import defaut_identifiant, finess_valide
from semaphore_hub.modules.referentiel.gef import rules
from semaphore_hub.modules.referentiel.gef.annuaire import rows_by_key
from semaphore_hub.modules.referentiel.gef.flux import Flux, L, traiter
from semaphore_hub.modules.referentiel.gef.lignes import LigneCompte, LigneFournisseur, LigneStructure
from semaphore_hub.modules.referentiel.lookups import fournisseurs_by_identifier
from semaphore_hub.modules.referentiel.models import GefCompte, GefStructure, GefTiers
from semaphore_hub.modules.referentiel.rules import FINESS_CLE, IDENTIFIANT
from semaphore_hub.ports.payloads import FluxTraitePayload

_BATCH = 500


@dataclass(frozen=True, slots=True)
class _Registre(Generic[L]):
    """What one kind of flow keeps.

    Attributes:
        table: where.
        cle: columns that name a row, beside the establishment.
        champs: field of the line said by each column, those of the key first.
        actif: field that says whether the row is active.
        defauts: what is wrong with a line of the right form.
        remarques: what to say of the lines that are right.
        perimetre: column that a complete flow covers by the values it names only; ``None``: it covers everything.
    """

    table: Table
    cle: tuple[str, ...]
    champs: Mapping[str, str]
    actif: str
    defauts: Callable[[Flux[L], L], list[Problem]]
    remarques: Callable[[Connection, Sequence[L]], Mapping[int, Problem]]
    perimetre: str | None = None

    def key(self, ligne: L) -> tuple[object, ...]:
        """What names the row of a line."""
        return tuple(self.value(ligne, column) for column in self.cle)

    def value(self, ligne: L, column: str) -> Any:
        """The value a line gives to a column."""
        return getattr(ligne, self.champs[column])

    def values(self, ligne: L) -> dict[str, Any]:
        """Every value a line gives."""
        return {column: self.value(ligne, column) for column in self.champs}


class FluxReferentielService:
    """One operation for each kind of flow; each applies the good lines and answers every line. None commits.

    A line said again has no effect; one sent before what is known (``emisLe``) has none either. In mode "complet", what
    the flow leaves out is no longer active from its day on.

    Args:
        clock: business clock.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def structures(
        self, unit: UnitOfWork, flux: Mapping[str, Any], partenaire: str, siret: str | None = None
    ) -> FluxTraitePayload:
        """UF of the legal entity, with their poles and centres of responsibility.

        Args:
            unit: the transaction.
            flux: the flow, in the JSON of the common model.
            partenaire: id of the partner that sent it.
            siret: the establishment this partner serves; ``None`` when it serves several.

        Raises:
            RuleBroken: the envelope cannot be read.
        """
        return self._traiter(unit, flux, partenaire, siret, LigneStructure, _STRUCTURES)

    def comptes(
        self, unit: UnitOfWork, flux: Mapping[str, Any], partenaire: str, siret: str | None = None
    ) -> FluxTraitePayload:
        """Accounts by year and budget; a complete flow closes those left out of the years it names.

        Arguments and errors: see :meth:`structures`.
        """
        return self._traiter(unit, flux, partenaire, siret, LigneCompte, _COMPTES)

    def fournisseurs(
        self, unit: UnitOfWork, flux: Mapping[str, Any], partenaire: str, siret: str | None = None
    ) -> FluxTraitePayload:
        """Third parties under the codes of the GEF; one whose supplier the hub does not know is kept "en attente".

        Arguments and errors: see :meth:`structures`.
        """
        return self._traiter(unit, flux, partenaire, siret, LigneFournisseur, _TIERS)

    def _traiter(
        self,
        unit: UnitOfWork,
        flux: Mapping[str, Any],
        partenaire: str,
        siret: str | None,
        modele: type[L],
        registre: _Registre[L],
    ) -> FluxTraitePayload:
        return traiter(
            unit,
            flux,
            partenaire,
            siret,
            modele=modele,
            jour=self._clock.today(),
            appliquer=partial(_appliquer, registre),
        )


def _appliquer(registre: _Registre[L], unit: UnitOfWork, flux: Flux[L]) -> None:
    good = []
    for ligne in flux.uniques(registre.key):
        faults = registre.defauts(flux, ligne)
        if faults:
            flux.rejeter(ligne, faults)
        else:
            good.append(ligne)
    remarks = registre.remarques(unit.connection, good)
    keys = [registre.key(ligne) for ligne in good]
    known = rows_by_key(unit.connection, registre.table, registre.cle, flux.siret, keys)
    new: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    stamp = {"emis_le": flux.enveloppe.emisLe, "id_flux": flux.enveloppe.idFlux}
    for ligne in good:
        row = known.get(registre.key(ligne))
        if row is not None and row["emis_le"] > flux.enveloppe.emisLe:
            flux.accepter(ligne, rules.ANTERIEUR.broken("$", emis=row["emis_le"].isoformat()))
            continue
        values = {**registre.values(ligne), **_dates(flux, row, active=getattr(ligne, registre.actif)), **stamp}
        if row is None:
            new.append({"uid": new_id(), "etablissement_siret": flux.siret, **values})
        else:
            changed.append({"k_uid": row["uid"], **values})
        flux.accepter(ligne, remarks.get(ligne.ligne))
    if new:
        unit.connection.execute(insert(registre.table), new)
    if changed:
        names = [name for name in changed[0] if name != "k_uid"]
        statement = update(registre.table).where(registre.table.c.uid == bindparam("k_uid"))
        unit.connection.execute(statement.values({name: bindparam(name) for name in names}), changed)
    if flux.enveloppe.mode == "complet":
        _deactivate(unit.connection, registre, flux)


def _dates(flux: Flux[L], row: RowMapping | None, *, active: bool) -> dict[str, Any]:
    """From when the row is active, or no longer is; a state that goes on keeps its day."""
    since, until = (None, None) if row is None else (row["actif_depuis"], row["inactif_depuis"])
    if active:
        going_on = row is not None and until is None
        return {"actif_depuis": since if going_on else flux.jour, "inactif_depuis": None}
    return {"actif_depuis": since, "inactif_depuis": until or flux.jour}


def _deactivate(connection: Connection, registre: _Registre[L], flux: Flux[L]) -> None:
    """What a complete flow leaves out is no longer active.

    Lines refused for what they say still name their row. When the flow has lines that cannot be read at all, nothing
    is said to be left out: what they name is not known.
    """
    if len(flux.lignes) != len(flux.enveloppe.lignes):
        return
    table = registre.table
    statement = select(table).where(
        table.c.etablissement_siret == flux.siret,
        table.c.inactif_depuis.is_(None),
        table.c.emis_le <= flux.enveloppe.emisLe,
    )
    if registre.perimetre is not None:
        named = sorted({registre.value(ligne, registre.perimetre) for ligne in flux.lignes})
        statement = statement.where(table.c[registre.perimetre].in_(named))
    present = {registre.key(ligne) for ligne in flux.lignes}
    gone = [
        {"k_uid": row["uid"]}
        for row in connection.execute(statement).mappings()
        if tuple(row[name] for name in registre.cle) not in present
    ]
    if gone:
        connection.execute(
            update(table)
            .where(table.c.uid == bindparam("k_uid"))
            .values(inactif_depuis=flux.jour, emis_le=flux.enveloppe.emisLe, id_flux=flux.enveloppe.idFlux),
            gone,
        )


def _structure_faults(flux: Flux[LigneStructure], ligne: LigneStructure) -> list[Problem]:
    problems = []
    if ligne.finessJuridique != flux.enveloppe.etablissement:
        problems.append(
            rules.ENTITE.broken("$.finessJuridique", dite=ligne.finessJuridique, flux=flux.enveloppe.etablissement)
        )
    if ligne.finessGeographique is not None and not finess_valide(ligne.finessGeographique):
        problems.append(FINESS_CLE.broken("$.finessGeographique", finess=ligne.finessGeographique))
    return problems


def _tiers_faults(_flux: Flux[LigneFournisseur], ligne: LigneFournisseur) -> list[Problem]:
    fault = defaut_identifiant(ligne.typeIdentifiant, ligne.id)
    if fault is None:
        return []
    return [IDENTIFIANT.broken("$.id", id=ligne.id, type=ligne.typeIdentifiant, defaut=fault)]


def _no_fault(_flux: Flux[LigneCompte], _ligne: LigneCompte) -> list[Problem]:
    return []


def _nothing_to_say(_connection: Connection, _lignes: Sequence[L]) -> Mapping[int, Problem]:
    return {}


def _waiting(connection: Connection, lignes: Sequence[LigneFournisseur]) -> Mapping[int, Problem]:
    """The third parties whose supplier is not in the référentiel."""
    keys = sorted({(ligne.typeIdentifiant.value, ligne.id) for ligne in lignes})
    known: set[tuple[str, str]] = set()
    for start in range(0, len(keys), _BATCH):
        known |= set(fournisseurs_by_identifier(connection, keys[start : start + _BATCH]))
    return {
        ligne.ligne: rules.TIERS_EN_ATTENTE.broken("$.id", type=ligne.typeIdentifiant, id=ligne.id)
        for ligne in lignes
        if (ligne.typeIdentifiant.value, ligne.id) not in known
    }


_STRUCTURES: _Registre[LigneStructure] = _Registre(
    table_of(GefStructure),
    ("code_uf",),
    {
        "code_uf": "codeUF",
        "libelle": "libelle",
        "finess_geographique": "finessGeographique",
        "pole": "pole",
        "centre_responsabilite": "centreResponsabilite",
    },
    "actif",
    _structure_faults,
    _nothing_to_say,
)
_COMPTES: _Registre[LigneCompte] = _Registre(
    table_of(GefCompte),
    ("exercice", "compte", "budget"),
    {"exercice": "exercice", "compte": "compte", "budget": "budget", "libelle": "libelle"},
    "ouvert",
    _no_fault,
    _nothing_to_say,
    perimetre="exercice",
)
_TIERS: _Registre[LigneFournisseur] = _Registre(
    table_of(GefTiers),
    ("code_tiers",),
    {
        "code_tiers": "codeTiers",
        "type_identifiant": "typeIdentifiant",
        "identifiant": "id",
        "denomination_sociale": "denominationSociale",
    },
    "actif",
    _tiers_faults,
    _waiting,
)
