"""What the indicators are given: every action that counts, carried over or not."""

from __future__ import annotations

from semaphore_hub.api.dependencies import Services
from semaphore_hub.modules.paat.mesures import MesuresPaat
from semaphore_hub.ports.mesures import ActionMesuree
from tests.modules.paat.exemples import enregistrees, entree, ouvert
from tests.modules.samples import SUPPORT


def test_measures_of_a_plan(services: Services, known: Services) -> None:
    plan, empty = ouvert(services), ouvert(services, "FIC-02")
    enregistrees(
        services,
        plan.uid,
        1,
        [entree(etablissement=SUPPORT, levier="negociation"), entree(numero="2", statut="abandonnee")],
    )
    enregistrees(services, plan.uid, 2, [entree(numero="R", gain=None)], origine="report")
    source = MesuresPaat()
    with services.database.read() as connection:
        assert source.plans(connection) == [plan.uid, empty.uid]
        first, second = source.actions(connection, plan.uid)
        assert list(source.actions(connection, empty.uid)) == []
        assert list(source.actions(connection, "inconnu")) == []
    assert first == ActionMesuree(
        uid=first.uid,
        annee=2026,
        ght="FIC-01",
        etablissement_siret=SUPPORT,
        role="support",
        libelle="Renouvellement des antinéoplasiques",
        famille="SYN-01",
        domaine=None,
        levier="negociation",
        operateur="uniha",
        effet_budgetaire="effet_prix_induit",
        report=False,
        reference_cents=100_000_00,
        perimetre_cents=80_000_00,
        gain_cents=12_000_00,
        gain_annee_cents=4_000_00,
        gain_retenu_cents=12_000_00,
        controle=None,
        exclue=False,
    )
    assert (second.report, second.gain_cents, second.controle, second.exclue) == (True, None, "Q1", True)
