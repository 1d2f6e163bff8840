"""Plans at every step of their validation, and those who decide; people and GHT are fictitious."""

from __future__ import annotations

from typing import Any

from semaphore_hub.api.dependencies import Services
from semaphore_hub.kernel.access import LOCAL, Caller, Role
from semaphore_hub.modules.paat.codes import StatutPaat
from semaphore_hub.modules.paat.schemas import ActionEntree, NouveauPaat, PaatVue
from semaphore_hub.modules.paat.validation.schemas import DecisionEtape, SuiteValidation

_GHT = frozenset({"FIC-01"})
ACHETEUR = Caller("acheteur-fictif", Role.ACHETEUR, _GHT)
DIRECTEUR = Caller("directeur-fictif", Role.DIRECTEUR_ACHATS, _GHT)
ARS = Caller("ars-fictive", Role.ARS, _GHT)
DGOS = Caller("dgos-fictive", Role.DGOS, None)
PARTENAIRE = Caller("partenaire-fictif", Role.PARTENAIRE, None)
AILLEURS = Caller("directeur-d-ailleurs", Role.DIRECTEUR_ACHATS, frozenset({"FIC-02"}))
TOUS = (ACHETEUR, DIRECTEUR, ARS, DGOS, PARTENAIRE)

DECIDEURS: dict[StatutPaat, Caller] = {
    StatutPaat.SOUMIS: DIRECTEUR,
    StatutPaat.VALIDE_DIRECTEUR: ARS,
    StatutPaat.TRANSMIS_ARS: DGOS,
    StatutPaat.ANALYSE_DGOS: DGOS,
}
"""Who decides while the plan is in each status."""


def action(numero: str, **changes: Any) -> ActionEntree:
    """An action that meets no control: 12 000 € a year on 100 000 €."""
    body = {
        "numero": numero,
        "libelle": f"Action fictive {numero}",
        "statut": "en_cours",
        "montantReference": "100000.00",
        "perimetre": "100000.00",
        "gain": "12000.00",
        **changes,
    }
    return ActionEntree.model_validate({name: value for name, value in body.items() if value is not None})


def plan(services: Services, *actions: ActionEntree, ght: str = "FIC-01", annee: int = 2026) -> PaatVue:
    """A brouillon with these actions."""
    with services.database.write() as unit:
        created = services.paat.creer(unit, LOCAL, NouveauPaat(ght=ght, annee=annee))
        if actions:
            services.paat.enregistrer(unit, LOCAL, created.uid, created.version, actions)
    return lu(services, created.uid)


def lu(services: Services, uid: str) -> PaatVue:
    """The plan as it stands."""
    with services.database.read() as connection:
        return services.paat.lire(connection, LOCAL, uid)


def soumis(services: Services, uid: str, caller: Caller = ACHETEUR) -> SuiteValidation:
    """The plan submitted."""
    with services.database.write() as unit:
        return services.validation.soumettre(unit, caller, uid, lu(services, uid).version)


def decide(
    services: Services, caller: Caller, suite: SuiteValidation, decision: str = "acceptee", motif: str | None = None
) -> SuiteValidation:
    """The open step decided."""
    assert suite.suivante is not None
    said = DecisionEtape.model_validate({"decision": decision, **({} if motif is None else {"motif": motif})})
    with services.database.write() as unit:
        return services.validation.decider(unit, caller, suite.uid, suite.suivante.uid, suite.version, said)


def mene(services: Services, uid: str, statut: StatutPaat) -> SuiteValidation:
    """The plan submitted and accepted until it has a status."""
    suite = soumis(services, uid)
    while suite.statut is not statut:
        suite = decide(services, DECIDEURS[suite.statut], suite)
    return suite
