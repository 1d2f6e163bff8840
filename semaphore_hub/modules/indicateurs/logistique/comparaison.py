"""Scenarios side by side: each judged, and the viable ones added up."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from semaphore_hub.kernel.errors import Problem
from semaphore_hub.modules.indicateurs.formules.arrondi import afficher, demi_superieur
from semaphore_hub.modules.indicateurs.logistique import retour, rules, stocks
from semaphore_hub.modules.indicateurs.logistique.reponses import doublons
from semaphore_hub.modules.indicateurs.logistique.retour import Declare, Gains
from semaphore_hub.modules.indicateurs.logistique.schemas import (
    DemandeRetour,
    MutualisationVue,
    RetourVue,
    Scenario,
    ScenarioVue,
    StockMoyen,
    SyntheseRetour,
)
from semaphore_hub.modules.referentiel.ecriture import euros
from semaphore_hub.modules.referentiel.rules import refuse


def retour_investissement(demande: DemandeRetour) -> RetourVue:
    """Each scenario with its ROI, and the viable ones together.

    Raises:
        RuleBroken: a name given twice, gains counted twice, a declared ROI that decides nothing, impossible stocks.
    """
    refuse(_problemes(demande))
    judged = [_juger(one, demande) for one in demande.scenarios]
    viable = sorted((one for one in judged if one.statut == "viable"), key=_annees)
    return RetourVue(
        seuilAnnees=demande.seuilAnnees,
        scenarios=tuple(judged),
        synthese=_synthese(judged, viable),
        formule=retour.FORMULE,
        calcul=_somme(viable),
        source=f"{rules.METHODE} ; {rules.RETOURS}",
        hypotheses=_hypotheses(demande),
    )


def _problemes(demande: DemandeRetour) -> list[Problem]:
    problems = doublons((one.nom for one in demande.scenarios), "$.scenarios[{rang}].nom")
    for rank, one in enumerate(demande.scenarios):
        path = f"$.scenarios[{rank}]"
        natures = {poste.nature for poste in one.gains}
        others = sorted((natures & set(retour.RECURRENTS)) - {"gains_nets"})
        if "gains_nets" in natures and others:
            problems.append(rules.GAINS.broken(f"{path}.gains", autres=", ".join(others)))
        if one.roiDeclare is not None and not Declare.lu(one.roiDeclare).tranche(demande.seuilAnnees):
            told = {"roi": one.roiDeclare, "seuil": demande.seuilAnnees}
            problems.append(rules.ROI_DECLARE.broken(f"{path}.roiDeclare", **told))
        stock = one.stockMoyen
        if stock is not None and not 0 <= stock.plateformePrincipale <= stock.total != 0:
            told_stock = {"plateforme": euros(stock.plateformePrincipale), "total": euros(stock.total)}
            problems.append(rules.STOCK.broken(f"{path}.stockMoyen", **told_stock))
    return problems


def _juger(scenario: Scenario, demande: DemandeRetour) -> ScenarioVue:
    gains = retour.gains([(poste.nature, poste.montant) for poste in scenario.gains], demande.tauxAnnualisation)
    nets = None if gains is None else gains.nets
    declare = None if scenario.roiDeclare is None else Declare.lu(scenario.roiDeclare)
    years = retour.roi(scenario.investissement, nets)
    return ScenarioVue(
        nom=scenario.nom,
        statut=retour.statut(scenario.investissement, nets, declare, demande.seuilAnnees),
        roiCalcule=None if years is None else demi_superieur(years, 2),
        roiDeclare=scenario.roiDeclare,
        investissement=scenario.investissement,
        gainsRecurrents=None if gains is None else gains.recurrents,
        gainsPonctuels=None if gains is None else gains.ponctuels,
        gainsNetsAnnuels=nets,
        etpSoignantsRendus=scenario.etpSoignantsRendus,
        centralise=scenario.centralise,
        construction=scenario.construction,
        mutualisationInitiale=_mutualisation(scenario.stockMoyen),
        calcul=_calcul(scenario, gains, years, demande.tauxAnnualisation),
        ecart=_ecart(declare, years),
    )


def _calcul(scenario: Scenario, gains: Gains | None, years: Fraction | None, taux: Decimal | None) -> str:
    if scenario.investissement is None or gains is None:
        return "Non chiffré : l'investissement ou les gains manquent."
    said = []
    if gains.ponctuels and taux is None:
        said.append(f"gains ponctuels de {euros(gains.ponctuels)} non comptés (aucun taux d'annualisation)")
    elif gains.ponctuels and taux is not None:
        yearly = f"{euros(gains.ponctuels)} × {afficher(Fraction(taux), 'taux', 2)} = {euros(gains.annualises)}"
        said.append(f"gains ponctuels : {yearly} par an")
        said.append(f"{euros(gains.recurrents)} + {euros(gains.annualises)} = {euros(gains.nets)} par an")
    if years is None:
        said.append(f"gains nets de {euros(gains.nets)} par an : l'investissement n'est jamais regagné")
    else:
        said.append(f"{euros(scenario.investissement)} / {euros(gains.nets)} = {_ans(years)}")
    return " ; ".join(said)


def _ecart(declare: Declare | None, years: Fraction | None) -> str | None:
    if declare is None or years is None or declare.egale(years):
        return None
    printed = ("plus de " if declare.plus_de else "") + format(declare.annees, "f").replace(".", ",")
    return f"ROI déclaré : {printed} ans ; calculé : {_ans(years)}. Le déclaré est retenu."


def _ans(years: Fraction) -> str:
    return f"{afficher(years, 'nombre', 1)} ans"


def _annees(scenario: ScenarioVue) -> Decimal:
    """The ROI that a viable scenario was judged on."""
    years = scenario.roiCalcule if scenario.roiDeclare is None else Declare.lu(scenario.roiDeclare).annees
    assert years is not None
    return years


def _mutualisation(stock: StockMoyen | None) -> MutualisationVue | None:
    if stock is None:
        return None
    share, level = retour.mutualisation(stock.plateformePrincipale, stock.total)
    return MutualisationVue(taux=afficher(share, "taux", 1), niveau=level)


def _synthese(judged: list[ScenarioVue], viable: list[ScenarioVue]) -> SyntheseRetour:
    return SyntheseRetour(
        viables=tuple(one.nom for one in viable),
        nonViables=tuple(one.nom for one in judged if one.statut == "non_viable"),
        nonChiffres=tuple(one.nom for one in judged if one.statut == "non_chiffre"),
        gainsNetsAnnuels=sum((one.gainsNetsAnnuels or Decimal(0) for one in viable), Decimal(0)),
        investissements=sum((one.investissement or Decimal(0) for one in viable), Decimal(0)),
        etpSoignantsRendus=sum((one.etpSoignantsRendus or Decimal(0) for one in viable), Decimal(0)),
    )


def _somme(viable: list[ScenarioVue]) -> str:
    if not viable:
        return "Aucun scénario viable."
    amounts = [one.gainsNetsAnnuels or Decimal(0) for one in viable]
    return f"{' + '.join(map(euros, amounts))} = {euros(sum(amounts, Decimal(0)))} de gains nets par an"


def _hypotheses(demande: DemandeRetour) -> tuple[str, ...]:
    found = [retour.SEUIL, retour.SOIGNANTS]
    if any(one.roiDeclare is not None for one in demande.scenarios):
        found.append(retour.DECLARE)
    if demande.tauxAnnualisation is not None:
        found.append(stocks.ANNUALISATION)
    return tuple(found)
