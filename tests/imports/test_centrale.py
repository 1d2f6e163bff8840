"""The marchés of a buying cooperative become those of the hub, for the établissements of a GHT that order on them."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import contracts
from semaphore_hub.imports.centrale import CentraleReport, LotReport, Resultat, importer_marches
from semaphore_hub.imports.defaults import DEFAULTS
from semaphore_hub.kernel.access import LOCAL, Caller, Role
from semaphore_hub.kernel.clock import ManualClock
from semaphore_hub.kernel.db import Database, metadata
from semaphore_hub.kernel.errors import Forbidden, NotFound
from semaphore_hub.modules.marches.adhesions.schemas import AvanceeAdhesion, DemandeAdhesion
from semaphore_hub.modules.marches.adhesions.service import AdhesionsService
from semaphore_hub.modules.marches.answers import MarcheVue
from semaphore_hub.modules.marches.execution.service import ExecutionService
from semaphore_hub.modules.marches.store import MarcheStore
from semaphore_hub.modules.referentiel.schemas import NouveauGht, NouvelEtablissement
from tests.imports.hub import GHT, Hub

VALMONT, RIVEBELLE, AILLEURS = "26999901700016", "26999902500019", "26999903300013"
PATH = ("signature", "ventilation", "validation_ca", "notification_fournisseurs", "active")
IDS = ("uniha", "resah")


class CentraleHub(Hub):
    """A hub with a GHT of two établissements, another GHT, and the two modules that the import also asks."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.execution = ExecutionService(MarcheStore(self.clock, self.events))
        self.adhesions = AdhesionsService(self.clock, self.events)
        with self.database.write() as unit:
            self.referentiel.creer_ght(unit, LOCAL, NouveauGht(code="FIC-02", nom="GHT fictif d'Ailleurs"))
            for siret, ght, role in (
                (VALMONT, GHT, "support"),
                (RIVEBELLE, GHT, "partie"),
                (AILLEURS, "FIC-02", "support"),
            ):
                new = {"siret": siret, "nom": f"CH Fictif {siret}", "ght": ght, "role": role, "dateDebut": "2016-07-01"}
                self.referentiel.creer_etablissement(unit, LOCAL, NouvelEtablissement.model_validate(new))

    def taken(self, centrale: str, envoi: dict[str, Any], caller: Caller = LOCAL, ght: str = GHT) -> CentraleReport:
        """Import one sending in one transaction."""
        with self.database.write() as unit:
            return importer_marches(unit, self, caller, centrale, ght, envoi)

    def adhere(self, centrale: str, siret: str, numero: str, lot: int | None = None) -> None:
        """An adhesion that went all its way."""
        asked = {"centrale": centrale, "numeroMarche": numero, "etablissement": siret, "besoinTTC": "5000.00"}
        demande = DemandeAdhesion.model_validate({**asked, "lot": lot, "dateEntree": "2026-10-01"})
        with self.database.write() as unit:
            uid = self.adhesions.demander(unit, LOCAL, demande).uid
            for statut in PATH:
                said = AvanceeAdhesion.model_validate({"uid": uid, "statut": statut})
                self.adhesions.avancer(unit, centrale, said)

    def found(self, lot: LotReport) -> MarcheVue:
        """The marché that a lot became."""
        assert lot.uid is not None, lot.motifs
        with self.database.read() as connection:
            return self.marches.lire(connection, LOCAL, lot.uid)


@pytest.fixture
def centrale_hub(tmp_path: Path, clock: ManualClock) -> Iterator[CentraleHub]:
    database = Database(f"sqlite:///{tmp_path / 'centrale.db'}")
    metadata.create_all(database.engine)
    yield CentraleHub(database, clock)
    database.close()


@pytest.fixture
def migrated(database: Database, clock: ManualClock) -> CentraleHub:
    """The same on migrated databases, SQLite and PostgreSQL."""
    return CentraleHub(database, clock)


def envoi(centrale: str = "uniha") -> dict[str, Any]:
    """The valid example of the contract: a marché of two lots (the second names nobody), and one without lots."""
    path = contracts.get(f"{centrale}/marches-json/1").folder / "examples" / "valid" / "marches.json"
    body: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return body


def changed(said: dict[str, Any], *place: Any, value: Any) -> dict[str, Any]:
    made = copy.deepcopy(said)
    holder: Any = made
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = value
    return made


def outcomes(report: CentraleReport) -> list[str]:
    return [lot.resultat.value for lot in report.lots]


LOT_1 = ("marches", 0, "lots", 0)


@pytest.mark.parametrize("centrale", IDS)
def test_a_lot_becomes_a_marche_of_the_cooperative_for_those_who_order(
    centrale_hub: CentraleHub, centrale: str
) -> None:
    said = envoi(centrale)
    report = centrale_hub.taken(centrale, said)
    assert outcomes(report) == ["complete", "sans_beneficiaire", "complete"]
    first, _, third = report.lots
    marche, lot = centrale_hub.found(first), said["marches"][0]["lots"][0]
    assert (marche.id, marche.acheteur.id, marche.acheteur.nom) == (
        lot["numeroMarche"], said["acheteur"]["siret"], said["acheteur"]["nom"],
    )  # fmt: skip
    assert [one.id for one in marche.beneficiaires] == [VALMONT]
    assert (marche.montant, marche.dureeMois, marche.statut.value) == (Decimal("120000.00"), 24, "notifie")
    assert marche.lot is not None
    assert (marche.lot.consultation, marche.lot.numero, marche.lot.intitule) == ("M_2001", 1, "Lot fictif 1")
    assert [(one.role, one.id, one.montant) for one in marche.titulaires] == [
        ("titulaire", "99988801900018", Decimal("70000.00")), ("co-traitant", "99988802700011", Decimal("50000.00")),
    ]  # fmt: skip
    assert marche.dateNotification == date(2026, 9, 1)
    alone = centrale_hub.found(third)
    assert alone.lot is None
    assert [one.id for one in alone.beneficiaires] == [VALMONT, RIVEBELLE]
    assert alone.titulaires[0].typeIdentifiant.value == "TVA"


def test_only_what_the_cooperative_leaves_out_is_completed_and_every_completion_is_in_the_table(
    centrale_hub: CentraleHub,
) -> None:
    first, _, third = centrale_hub.taken("uniha", envoi()).lots
    known = {default.champ for default in DEFAULTS}
    fields = {one.champ for one in first.completes}
    said = {"techniques", "modalitesExecution", "formePrix", "typesPrix", "ccag", "offresRecues", "objet", "codeCPV"}
    assert fields.isdisjoint({*said, "datePublicationDonnees", "typeGroupementOperateurs", "lieuExecution"})
    assert {"nature", "marcheInnovant", "considerationsSociales", "complements.urlProfilAcheteur"} <= fields
    assert {one.champ for one in third.completes} >= {"techniques", "offresRecues", "datePublicationDonnees", "ccag"}
    for one in (*first.completes, *third.completes):
        assert re.sub(r"\[\d+\]", "[]", one.champ) in known
    assert centrale_hub.found(first).champsCompletes == tuple(one.champ for one in first.completes)


@pytest.mark.parametrize("centrale", IDS)
def test_the_same_sending_again_changes_nothing(centrale_hub: CentraleHub, centrale: str) -> None:
    centrale_hub.taken(centrale, envoi(centrale))
    before = centrale_hub.counts()
    again = centrale_hub.taken(centrale, changed(envoi(centrale), "idEnvoi", value="AUTRE-ENVOI-1"))
    assert outcomes(again) == ["inchange", "sans_beneficiaire", "inchange"]
    assert centrale_hub.counts() == before
    assert all(lot.completes == () for lot in again.lots)


def test_active_adhesions_make_beneficiaries_of_that_lot_only(centrale_hub: CentraleHub) -> None:
    centrale_hub.adhere("uniha", RIVEBELLE, "M_2001", 2)
    report = centrale_hub.taken("uniha", envoi())
    assert outcomes(report) == ["complete", "complete", "complete"]
    assert [one.id for one in centrale_hub.found(report.lots[0]).beneficiaires] == [VALMONT]
    assert [one.id for one in centrale_hub.found(report.lots[1]).beneficiaires] == [RIVEBELLE]


def test_an_adhesion_to_every_lot_counts_for_each_and_one_to_another_cooperative_for_none(
    centrale_hub: CentraleHub,
) -> None:
    centrale_hub.adhere("resah", RIVEBELLE, "M_2001")
    assert outcomes(centrale_hub.taken("uniha", envoi()))[1] == "sans_beneficiaire"
    centrale_hub.adhere("uniha", RIVEBELLE, "M_2001")
    report = centrale_hub.taken("uniha", envoi())
    assert outcomes(report) == ["rattache", "complete", "inchange"]


def test_who_joins_later_is_attached_and_told_once(centrale_hub: CentraleHub) -> None:
    first = centrale_hub.taken("uniha", envoi()).lots[0]
    centrale_hub.adhere("uniha", RIVEBELLE, "M_2001", 1)
    report = centrale_hub.taken("uniha", envoi())
    assert (report.lots[0].resultat, report.lots[0].rattaches) == (Resultat.RATTACHE, (RIVEBELLE,))
    assert [one.id for one in centrale_hub.found(first).beneficiaires] == [VALMONT, RIVEBELLE]
    assert centrale_hub.events.types()[-1] == "fr.semaphore.marche.etablissement_rattache.v1"
    # The cooperative then names it too: it is still the same marché.
    named = changed(envoi(), *LOT_1, "beneficiaires", value=[RIVEBELLE, VALMONT])
    before = centrale_hub.counts()
    assert outcomes(centrale_hub.taken("uniha", named))[0] == "inchange"
    assert centrale_hub.counts() == before


@pytest.mark.parametrize(
    ("place", "value", "champ"),
    [
        (("marches", 0, "objet"), "Un autre objet", "objet"),
        (("marches", 0, "dureeMois"), 25, "dureeMois"),
        (("marches", 0, "dateNotification"), "2026-09-02", "dateNotification"),
    ],
)
def test_a_changed_marche_is_refused_with_the_fields_that_differ(
    centrale_hub: CentraleHub, place: tuple[Any, ...], value: Any, champ: str
) -> None:
    centrale_hub.taken("uniha", envoi())
    before = centrale_hub.counts()
    report = centrale_hub.taken("uniha", changed(envoi(), *place, value=value))
    assert outcomes(report) == ["refuse", "sans_beneficiaire", "inchange"]
    assert report.lots[0].motifs[0].regle == "MAR-IMPORT-DIFFERENT"
    assert champ in report.lots[0].motifs[0].message
    assert report.motif() is not None
    assert centrale_hub.counts() == before


def test_a_refused_lot_leaves_no_trace_and_the_others_are_recorded(centrale_hub: CentraleHub) -> None:
    wrong = changed(envoi(), *LOT_1, "montantHT", value="0.50")
    for rank in (0, 1):
        wrong = changed(wrong, *LOT_1, "titulaires", rank, "montantHT", value="0.25")
    report = centrale_hub.taken("uniha", wrong)
    assert outcomes(report) == ["refuse", "sans_beneficiaire", "complete"]
    assert [one.regle for one in report.lots[0].motifs] == ["MAR-MONTANT-MIN"]
    assert report.refuses == (report.lots[0],)
    assert centrale_hub.counts()[0] == 1
    with centrale_hub.database.read() as connection:
        found, _ = centrale_hub.referentiel.fournisseurs.lister(
            connection, identifiant="99988802700011", q=None, limit=1, after=None
        )
    assert found == []


@pytest.mark.parametrize("beneficiaires", [[], [AILLEURS], ["26999904100016"]])
def test_a_lot_on_which_nobody_of_the_ght_orders_is_left_out(
    centrale_hub: CentraleHub, beneficiaires: list[str]
) -> None:
    said = changed(envoi(), *LOT_1, "beneficiaires", value=beneficiaires)
    lot = centrale_hub.taken("uniha", said).lots[0]
    assert (lot.resultat, lot.uid) == (Resultat.SANS_BENEFICIAIRE, None)
    assert "FIC-01" in lot.motifs[0].message


def test_beneficiaries_of_other_ght_are_not_recorded(centrale_hub: CentraleHub) -> None:
    said = changed(envoi(), *LOT_1, "beneficiaires", value=[AILLEURS, VALMONT, "26999904100016"])
    lot = centrale_hub.taken("uniha", said).lots[0]
    assert [one.id for one in centrale_hub.found(lot).beneficiaires] == [VALMONT]
    assert centrale_hub.counts()[1] == 4, "three hospitals and the cooperative"


def test_an_announced_end_that_the_duration_does_not_give_is_pointed_at(centrale_hub: CentraleHub) -> None:
    assert not any("IMP-CENTRALE-FIN" in one for one in centrale_hub.taken("uniha", envoi()).lots[0].avertissements)
    said = changed(envoi("resah"), "marches", 0, "dateFin", value="2029-09-30")
    lot = centrale_hub.taken("resah", said).lots[0]
    assert any("2029-09-30" in one for one in lot.avertissements)
    assert any("2029-09-30" in one for one in (item.message for item in centrale_hub.found(lot).avertissements))


def test_both_cooperatives_may_sell_to_the_same_hospitals(centrale_hub: CentraleHub) -> None:
    for centrale in IDS:
        assert outcomes(centrale_hub.taken(centrale, envoi(centrale))) == ["complete", "sans_beneficiaire", "complete"]
    assert centrale_hub.counts()[0] == 4


def test_a_caller_that_does_not_write_or_an_unknown_ght_is_refused_at_once(centrale_hub: CentraleHub) -> None:
    with pytest.raises(Forbidden):
        centrale_hub.taken("uniha", envoi(), Caller("x", Role.DGOS, None))
    with pytest.raises(NotFound):
        centrale_hub.taken("uniha", envoi(), ght="FIC-99")


def test_a_buyer_may_not_record_a_cooperative_that_is_not_known(centrale_hub: CentraleHub) -> None:
    buyer = Caller("acheteur", Role.ACHETEUR, frozenset({GHT}))
    report = centrale_hub.taken("uniha", envoi(), buyer)
    assert outcomes(report)[0] == "refuse"
    centrale_hub.taken("uniha", envoi())
    assert outcomes(centrale_hub.taken("uniha", envoi(), buyer))[0] == "inchange"


def test_it_holds_on_migrated_databases(migrated: CentraleHub) -> None:
    assert outcomes(migrated.taken("uniha", envoi())) == ["complete", "sans_beneficiaire", "complete"]
    wrong = changed(envoi(), "marches", 0, "objet", value="Autre")
    assert outcomes(migrated.taken("uniha", wrong)) == ["refuse", "sans_beneficiaire", "inchange"]
    migrated.adhere("uniha", RIVEBELLE, "M_2001")
    assert outcomes(migrated.taken("uniha", envoi())) == ["rattache", "complete", "inchange"]
