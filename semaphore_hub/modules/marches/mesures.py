"""What the indicators read of marchés and of what was paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, bindparam, func, select

from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.marches.execution.models import GefMandat
from semaphore_hub.modules.marches.lifecycle import AVANT_ATTRIBUTION
from semaphore_hub.modules.marches.models import Marche, MarcheBeneficiaire, MarcheProjet, MarcheTitulaire
from semaphore_hub.modules.referentiel.codes import (
    ConsiderationEnvironnementale,
    ConsiderationSociale,
    Technique,
    TypeIdentifiant,
)
from semaphore_hub.modules.referentiel.libelles import cle_de
from semaphore_hub.modules.referentiel.models import Etablissement, Fournisseur
from semaphore_hub.ports.mesures import DepenseMesuree, MarcheMesure

GHT = "ght"
CENTRALES = ("uniha", "resah", "ugap")
"""Codes of the operators, those of the PAAT: the GHT itself, and the cooperatives known by the name of the buyer."""
_AUCUNE = frozenset({ConsiderationSociale.AUCUNE.value, ConsiderationEnvironnementale.AUCUNE.value})
_SIREN = 9

_marche, _mandat, _projet = table_of(Marche), table_of(GefMandat), table_of(MarcheProjet)
_titulaire, _beneficiaire = table_of(MarcheTitulaire), table_of(MarcheBeneficiaire)
_acheteur, _fournisseur = table_of(Etablissement), table_of(Fournisseur)

# Built once: they run for every marché that changes.
_FROM_ATTRIBUTION = _marche.c.statut.not_in([statut.value for statut in AVANT_ATTRIBUTION])
_MARCHES = (
    select(_marche, _acheteur.c.nom.label("acheteur_nom"), _projet.c.donnees.label("projet"))
    .join(_acheteur, _acheteur.c.siret == _marche.c.acheteur_siret)
    .outerjoin(_projet, _projet.c.uid == _marche.c.uid)
    .where(_marche.c.uid.in_(bindparam("uids", expanding=True)), _FROM_ATTRIBUTION)
    .order_by(_marche.c.uid)
)
_HOLDERS = (
    select(_titulaire.c.marche_uid, _fournisseur.c.type_identifiant, _fournisseur.c.identifiant)
    .join(_fournisseur, _fournisseur.c.uid == _titulaire.c.fournisseur_uid)
    .where(_titulaire.c.marche_uid.in_(bindparam("uids", expanding=True)))
    .order_by(_titulaire.c.marche_uid, _titulaire.c.rang)
)
_BENEFICIARIES = (
    select(_beneficiaire.c.marche_uid, func.count().label("nombre"))
    .where(_beneficiaire.c.marche_uid.in_(bindparam("uids", expanding=True)))
    .group_by(_beneficiaire.c.marche_uid)
)
_LINES = (
    select(
        _mandat,
        _marche.c.code_cpv,
        _acheteur.c.nom.label("acheteur_nom"),
        select(func.count())
        .where(_beneficiaire.c.marche_uid == _mandat.c.marche_uid)
        .correlate(_mandat)
        .scalar_subquery()
        .label("beneficiaires"),
    )
    .outerjoin(_marche, _marche.c.uid == _mandat.c.marche_uid)
    .outerjoin(_acheteur, _acheteur.c.siret == _marche.c.acheteur_siret)
    .order_by(_mandat.c.uid)
)


class MesuresMarches:
    """The port of the indicators, on the tables of marchés."""

    def uids(self, connection: Connection) -> Sequence[str]:
        """Uids of every marché, from the attribution on."""
        return connection.scalars(select(_marche.c.uid).where(_FROM_ATTRIBUTION).order_by(_marche.c.uid)).all()

    def marche(self, connection: Connection, uid: str) -> MarcheMesure | None:
        """One marché, from its attribution on."""
        return next(iter(self.marches(connection, [uid])), None)

    def marches(self, connection: Connection, uids: Sequence[str]) -> Sequence[MarcheMesure]:
        """Those marchés, from their attribution on, by uid; three statements whatever their number."""
        rows = connection.execute(_MARCHES, {"uids": list(uids)}).mappings().all()
        found = [row["uid"] for row in rows]
        sirens: dict[str, list[str]] = defaultdict(list)
        for one in connection.execute(_HOLDERS, {"uids": found}):
            sirens[one.marche_uid].append(siren_de(one.type_identifiant, one.identifiant))
        benefits = {one.marche_uid: one.nombre for one in connection.execute(_BENEFICIARIES, {"uids": found})}
        return [_measured(row, sirens[row["uid"]], benefits.get(row["uid"], 0)) for row in rows]

    def depenses_du_flux(self, connection: Connection, partenaire: str, id_flux: str) -> Sequence[DepenseMesuree]:
        """The lines of mandats that a flow of a partner last wrote."""
        wanted = _LINES.where(_mandat.c.partenaire == partenaire, _mandat.c.id_flux == id_flux)
        return _lines(connection, wanted)

    def depenses_du_marche(self, connection: Connection, uid: str) -> Sequence[DepenseMesuree]:
        """The lines of mandats reconciled with a marché."""
        return _lines(connection, _LINES.where(_mandat.c.marche_uid == uid))

    def depenses(self, connection: Connection, apres: str, limite: int) -> Sequence[DepenseMesuree]:
        """A page of every line of mandats, in the order of their uid, after one ("" for the first page)."""
        return _lines(connection, _LINES.where(_mandat.c.uid > apres).limit(limite))


def siren_de(type_identifiant: str, identifiant: str) -> str:
    """The SIREN in the identifier of a supplier (SIRET, French VAT number), "" when it holds none."""
    if type_identifiant == TypeIdentifiant.SIRET:
        return identifiant[:_SIREN]
    if type_identifiant == TypeIdentifiant.TVA and identifiant.startswith("FR"):
        return identifiant[-_SIREN:]
    return ""


def operateur_de(acheteur: str | None) -> str:
    """Who buys, by the name of the buyer: a cooperative's marché is recorded under its own name (hypothèse)."""
    words = cle_de(acheteur or "").split()
    return next((code for code in CENTRALES if code in words), GHT)


def _measured(row: RowMapping, sirens: Iterable[str], beneficiaires: int) -> MarcheMesure:
    donnees: dict[str, Any] = row["donnees"]
    projet: dict[str, Any] = row["projet"] or {}
    # What an import completed by a default is not known.
    completed = set(donnees["champsCompletes"])
    framework = Technique.ACCORD_CADRE.value in donnees["techniques"]

    def known(name: str) -> Any:
        return None if name in completed else donnees[name]

    return MarcheMesure(
        uid=row["uid"],
        version=row["version"],
        ght=row["ght"],
        etablissement_siret=row["acheteur_siret"],
        id=row["id"],
        objet=row["objet"],
        code_cpv=row["code_cpv"],
        operateur=operateur_de(row["acheteur_nom"]),
        statut=row["statut"],
        procedure=known("procedure"),
        date_lancement=_day(projet.get("dateLancement")),
        date_attribution=_day(projet.get("dateAttribution")),
        date_notification=row["date_notification"],
        date_fin=row["date_fin"],
        montant_cents=row["montant_cents"],
        montant_max_cents=row["montant_cents"] if framework else None,
        consomme_cents=row["consomme_cents"],
        offres_recues=known("offresRecues"),
        sirens=tuple(sirens),
        environnement=_considered(known("considerationsEnvironnementales")),
        social=_considered(known("considerationsSociales")),
        beneficiaires=beneficiaires,
    )


def _considered(considerations: Sequence[str] | None) -> bool | None:
    return None if considerations is None else any(one not in _AUCUNE for one in considerations)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _lines(connection: Connection, statement: Select[Any]) -> list[DepenseMesuree]:
    return [_paid(row) for row in connection.execute(statement).mappings()]


def _paid(row: RowMapping) -> DepenseMesuree:
    operateur = operateur_de(row["acheteur_nom"])
    return DepenseMesuree(
        uid=row["uid"],
        annee=row["exercice"],
        date=row["date"],
        ght=row["ght"],
        etablissement_siret=row["etablissement_siret"],
        compte=row["compte"],
        numero_marche=row["numero_marche"],
        marche_uid=row["marche_uid"],
        code_cpv=row["code_cpv"],
        operateur=operateur,
        mutualise=operateur != GHT or row["beneficiaires"] > 1,
        hors_marche=row["hors_marche"],
        reference=f"{row['numero_mandat']}/{row['ligne_mandat']}",
        montant_ht_cents=row["montant_ht_cents"],
        montant_ttc_cents=row["montant_ttc_cents"],
    )
