"""Import of a trame: the DGOS's own lines, all or nothing, again without change, and out and in again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL, Caller, Role
from semaphore_hub.kernel.errors import AlreadyExists, Forbidden, NotFound, Outdated, RuleBroken, WrongState
from semaphore_hub.modules.paat.schemas import ActionEntree, ActionVue, NouveauPaat
from semaphore_hub.modules.paat.trame.rapport import TrameRefusee
from semaphore_hub.modules.paat.trame.schemas import RapportTrame
from semaphore_hub.ports import events as types
from tests.modules.fakes import RecordedEvents
from tests.modules.paat.trame.classeurs import ERRONE, REJETEES, TITRES, trame
from tests.modules.samples import PARTIE, SUPPORT


def opened(services: Services, ght: str = "FIC-01", annee: int = 2026) -> str:
    with services.database.write() as unit:
        return services.paat.creer(unit, LOCAL, NouveauPaat(ght=ght, annee=annee)).uid


def imported(services: Services, uid: str, contenu: bytes, version: int = 1, **options: Any) -> RapportTrame:
    with services.database.write() as unit:
        return services.trame.importer(unit, options.pop("caller", LOCAL), uid, version, contenu, **options)


def actions(services: Services, uid: str) -> list[ActionVue]:
    with services.database.read() as connection:
        return services.paat.lister_actions(connection, LOCAL, uid, {}, limit=200, after=None)[0]


def rules_of(report: RapportTrame, gravite: str = "avertissement") -> list[str]:
    return [one.regle.removeprefix("PAA-TRAME-") for one in report.constats if one.gravite == gravite]


def test_the_seven_lines_of_the_dgos_are_excluded_with_its_own_comment(known: Services, events: RecordedEvents) -> None:
    uid = opened(known)
    report = imported(known, uid, trame(*REJETEES))
    assert (report.acceptee, report.lues, report.creees, report.exclues, report.version) == (True, 7, 7, 7, 2)
    found = actions(known, uid)
    performances = [str(one.performance) for one in found]
    assert performances == ["332.4", "332.0", "625.2", "703.1", "371.0", "122.1", "256.0"]
    assert {(one.controle, one.commentaireDGOS, one.exclue, one.gainRetenu) for one in found} == {
        ("Q2", ERRONE, True, Decimal("0.00"))
    }
    assert [one.famille for one in found] == ["SYN-01"] * 3 + ["SYN-07"] + ["SYN-01"] * 3
    assert sum(one.montantReference or 0 for one in found) == Decimal("672548.00")
    assert sum(one.gain or 0 for one in found) == Decimal("1890368.00")
    assert {str(one.effetBudgetaire) for one in found} == {"effet_prix_induit"}
    # No performance nor comment contradicts; the weights come from several declarants (119.22 % together).
    assert sorted(rules_of(report)) == sorted(["PERIMETRE", "POIDS", "FAMILLE-COUPEE", *["GAIN-REFERENCE"] * 7])
    assert [event.type for event in events][-1] == types.PAAT_ACTIONS_ENREGISTREES


def test_the_same_file_again_changes_nothing(known: Services, events: RecordedEvents) -> None:
    uid = opened(known)
    imported(known, uid, trame(*REJETEES))
    before, said = actions(known, uid), len(events)
    again = imported(known, uid, trame(*REJETEES), version=2)
    assert (again.creees, again.modifiees, again.inchangees, again.version) == (0, 0, 7, 2)
    assert (actions(known, uid), len(events)) == (before, said)


def test_another_amount_on_a_line_without_number_changes_that_action(embedded: Services) -> None:
    uid = opened(embedded)
    imported(embedded, uid, trame(*REJETEES))
    lines = [list(line) for line in REJETEES]
    lines[3][8] = "450,20"
    report = imported(embedded, uid, trame(*lines), version=2)
    assert (report.creees, report.modifiees, report.inchangees) == (0, 1, 6)
    assert [line.sort for line in report.lignes].index("modifiee") == 3
    assert actions(embedded, uid)[3].gain == Decimal("450.20")


COMPLETES = (
    *TITRES, "Année", "GHT", "Établissement bénéficiaire", "Support / partie", "N° action", "Libellé de l'action",
    "Levier", "Opérateur", "N° marché", "Type d'achat", "Exploitation / investissement", "Date d'effet",
    "Nb de mois d'effet N", "Périmètre traité (€ TTC)", "Acheteur", "Statut", "Commentaire GHT", "Explication",
)  # fmt: skip
COMPLETE = ("Dispositifs médicaux", "Perfusion", "Perfuseurs", 480_000, 0.1, 1, "Effet prix induit",
    "Prix 2025 moins prix 2026", 48_000.5, 0.1, "", 2026, "FIC-01", PARTIE, "partie", "A-001", "=Perfuseurs",
    "Massification", "UniHA", "M_4242", "Récurrent", "Exploitation", "01/09/2026", 4, "400 000", "Acheteur fictif 1",
    "En cours", "+ à suivre", "")  # fmt: skip


def test_a_complete_line_is_read_into_every_field(embedded: Services) -> None:
    uid = opened(embedded)
    report = imported(embedded, uid, trame(COMPLETE, titres=COMPLETES))
    assert rules_of(report, "erreur") + rules_of(report) == []
    [one] = actions(embedded, uid)
    assert one.model_dump(exclude={"uid", "version", "paat"}, mode="json") == {
        "ght": "FIC-01", "annee": 2026, "numero": "A-001", "libelle": "=Perfuseurs", "statut": "en_cours",
        "stade": "potentiel", "famille": "SYN-02", "familleEcrite": "Dispositifs médicaux", "domaine": "Perfusion",
        "categorie": "Perfuseurs", "segment": None, "levier": "massification", "operateur": "uniha",
        "etablissement": PARTIE, "role": "partie", "numeroMarche": "M_4242", "methode": "recurrent",
        "section": "exploitation", "effetBudgetaire": "effet_prix_induit", "montantReference": "480000.00",
        "perimetre": "400000.00", "gain": "48000.50", "dateEffet": "2026-09-01", "moisEffet": 4,
        "gainAnnee": "16000.17", "report": "32000.33", "gainRealise": None,
        "calculGains": "Prix 2025 moins prix 2026", "calcul": None, "acheteur": "Acheteur fictif 1",
        "commentaire": "+ à suivre", "explication": None, "origine": "trame", "actionOrigine": None,
        "performance": "10.0", "borne": "20.0", "controle": None, "commentaireDGOS": None, "exclue": False,
        "gainRetenu": "48000.50",
    }  # fmt: skip


def test_what_goes_out_comes_in_without_change(known: Services, events: RecordedEvents) -> None:
    uid = opened(known)
    with known.database.write() as unit:
        given = {
            "numero": "007", "libelle": "Deux  blancs\u00a0", "famille": "DM", "domaine": "=1+1", "categorie": "@x",
            "commentaire": "n.c.", "explication": "-", "calculGains": "première\nseconde", "gain": "-12.34",
            "montantReference": "99.99", "etablissement": SUPPORT, "section": "investissement", "statut": "reportee",
            "calcul": {"methode": "ponctuel", "prixRetenu": "112.33", "estimation": "99.99"},
            "dateEffet": "2025-03-01",
        }  # fmt: skip
        known.paat.enregistrer(unit, LOCAL, uid, 1, [ActionEntree.model_validate(given)])
    imported(known, uid, trame(*REJETEES, COMPLETE[: len(TITRES)]), version=2)
    before, said = actions(known, uid), len(events)
    with known.database.read() as connection:
        file = known.trame.exporter(connection, LOCAL, uid)
    assert file.nom == "trame-paat-FIC-01-2026.xlsx"
    report = imported(known, uid, file.contenu, version=3)
    assert sorted(rules_of(report)) == ["FAMILLE-COUPEE", *["GAIN-REFERENCE"] * 7]
    assert (report.inchangees, report.version, report.constatsOmis) == (9, 3, 0)
    assert (actions(known, uid), len(events)) == (before, said)


def test_one_error_and_nothing_is_written(known: Services, events: RecordedEvents) -> None:
    uid = opened(known)
    said = len(events)
    lines = [list(line) for line in REJETEES]
    lines[2][8] = "12,5 k€"
    lines[5][0] = "Jouets"
    with pytest.raises(TrameRefusee) as refused:
        imported(known, uid, trame(*lines))
    assert [(one.path, one.rule) for one in refused.value.problems] == [
        ("PAAT!I4", "PAA-TRAME-MONTANT"),
        ("PAAT!A7", "PAA-TRAME-FAMILLE"),
    ]
    assert "« 12,5 k€ » n'est pas un montant : écrivez-le en euros" in refused.value.problems[0].message
    assert (actions(known, uid), len(events)) == ([], said)
    report = refused.value.rapport
    assert [line.sort for line in report.lignes] == ["creee"] * 2 + ["refusee"] + ["creee"] * 2 + ["refusee", "creee"]
    # The other lines are controlled all the same: the report is whole.
    assert [line.commentaireDGOS for line in report.lignes].count(ERRONE) == 5


def test_a_simulation_reports_and_writes_nothing(known: Services, events: RecordedEvents) -> None:
    uid = opened(known)
    said = len(events)
    report = imported(known, uid, trame(*REJETEES), simulation=True)
    assert (report.simulation, report.acceptee, report.creees, report.version, report.exclues) == (True, True, 7, 1, 7)
    assert (actions(known, uid), len(events)) == ([], said)
    lines = [*REJETEES, ("Jouets", *REJETEES[0][1:])]
    refused = imported(known, uid, trame(*lines), simulation=True)
    assert (refused.acceptee, refused.erreurs, refused.lignes[7].sort) == (False, 1, "refusee")
    assert actions(known, uid) == []
    assert imported(known, uid, trame(*REJETEES)).creees == 7


def test_a_rule_of_actions_is_said_in_its_cell(embedded: Services) -> None:
    uid = opened(embedded)
    wrong = list(COMPLETE)
    wrong[COMPLETES.index("Nb de mois d'effet N")] = 7
    with pytest.raises(TrameRefusee) as refused:
        imported(embedded, uid, trame((*COMPLETE[:15], "B", *COMPLETE[16:]), wrong, titres=COMPLETES))
    [problem] = refused.value.problems
    assert (problem.path, problem.rule.startswith("PAA-TRAME")) == ("PAAT!X3", False)


def test_what_the_hub_computes_otherwise_is_said_and_not_taken(embedded: Services) -> None:
    uid = opened(embedded)
    line = [*COMPLETE, 12_000, 32_000.33, "48 000,50"]
    line[TITRES.index("Commentaire DGOS")] = ERRONE
    titres = [*COMPLETES, "Gain N", "Report N+1", "Gain annualisé"]
    report = imported(embedded, uid, trame(line, titres=titres))
    assert [(one.regle, one.intitule, one.ligne) for one in report.constats] == [
        ("PAA-TRAME-CALCULE", "Gain N", 2),
        ("PAA-TRAME-COMMENTAIRE", "Commentaire DGOS", 2),
    ]
    assert "12 000,00 €, la date d'effet donne 16 000,17 €" in report.constats[0].phrase
    [one] = actions(embedded, uid)
    assert (one.gainAnnee, one.commentaireDGOS) == (Decimal("16000.17"), None)


def test_a_column_the_file_lacks_keeps_what_the_plan_says(embedded: Services) -> None:
    uid = opened(embedded)
    imported(embedded, uid, trame(COMPLETE, titres=COMPLETES))
    titres = ("N° action", "Famille", "Montant de référence annuel (€ TTC)", "Montant Gain")
    report = imported(embedded, uid, trame(("A-001", "DM", 480_000, 24_000), titres=titres), version=2)
    assert (report.modifiees, report.version) == (1, 3)
    [one] = actions(embedded, uid)
    assert (one.gain, one.gainAnnee, one.familleEcrite) == (Decimal("24000.00"), Decimal("8000.00"), "DM")
    assert (one.operateur, one.perimetre, one.numeroMarche) == ("uniha", Decimal("400000.00"), "M_4242")


def test_actions_the_file_leaves_out_are_kept_and_said(embedded: Services) -> None:
    uid = opened(embedded)
    imported(embedded, uid, trame(*REJETEES))
    report = imported(embedded, uid, trame(COMPLETE, titres=COMPLETES), version=2)
    [left] = [one for one in report.constats if one.regle == "PAA-TRAME-ABSENTES"]
    assert left.phrase.startswith("7 action(s) du plan")
    assert len(actions(embedded, uid)) == 8


def test_who_may_and_when(embedded: Services) -> None:
    uid = opened(embedded)
    file = trame(*REJETEES)
    for caller, error in (
        (Caller("dgos", Role.DGOS, None), Forbidden),
        (Caller("ailleurs", Role.ACHETEUR, frozenset({"FIC-02"})), NotFound),
    ):
        with pytest.raises(error):
            imported(embedded, uid, file, caller=caller)
    with pytest.raises(Outdated):
        imported(embedded, uid, file, version=2)
    with embedded.database.write() as unit:
        unit.connection.exec_driver_sql("UPDATE paat SET statut = 'soumis'")
    with pytest.raises(WrongState):
        imported(embedded, uid, file)


def test_a_file_that_says_its_plan_opens_it(known: Services, events: RecordedEvents) -> None:
    file = trame(COMPLETE, titres=COMPLETES)
    with known.database.write() as unit:
        simulated = known.trame.creer_et_importer(unit, LOCAL, file, simulation=True)
    assert (simulated.paat, simulated.ght, simulated.annee, simulated.creees) == (None, "FIC-01", 2026, 1)
    assert not events
    with known.database.write() as unit:
        report = known.trame.creer_et_importer(unit, LOCAL, file)
    assert [event.type for event in events] == [types.PAAT_CREE, types.PAAT_ACTIONS_ENREGISTREES]
    assert report.paat is not None
    assert len(actions(known, report.paat)) == 1
    with pytest.raises(AlreadyExists), known.database.write() as unit:
        known.trame.creer_et_importer(unit, LOCAL, file)
    with known.database.write() as unit:
        assert known.trame.creer_et_importer(unit, LOCAL, trame(*REJETEES), ght="FIC-02", annee=2021).creees == 7
    with pytest.raises(RuleBroken) as refused, known.database.write() as unit:
        known.trame.creer_et_importer(unit, LOCAL, trame(*REJETEES))
    assert refused.value.problems[0].rule == "PAA-TRAME-PLAN"
