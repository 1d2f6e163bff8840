"""Which declared losses a marché makes by what it is, beside those that the writing of a value makes.

A loss is declared exactly when the file, read back, would say something else: the tables are those of the reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from connectors.dgfip import codes
from connectors.dgfip.life import Saying, direct_changes, history_length
from semaphore_hub.ports.payloads import Marche, Titulaire, initial_of


def losses_of(saying: Saying, version: str) -> Iterator[str]:
    """Ids of the losses of what one file says of a marché."""
    marche = saying.marche
    yield from _of_identity(marche)
    yield from _of_codes(marche)
    yield from _of_5_17(marche) if version == "5.17" else _of_5_30(marche)
    if history_length(marche) and not saying.blocks:
        yield "historique"
    elif not _computes_back(marche):
        yield "etat-initial"
    if marche.modifications or marche.initial is not None:
        yield from _of_holders(marche)
    if marche.actesSousTraitance:
        yield from _of_acts(marche)


def _of_identity(marche: Marche) -> Iterator[str]:
    if marche.id != marche.complements.idContrat:
        yield "numero-interne"
    if marche.lot is not None:
        yield "lot"
    if marche.dateFin is not None or marche.resiliation is not None:
        yield "fin"


def _of_codes(marche: Marche) -> Iterator[str]:
    more = marche.complements
    if codes.nature_label(more.natureMarche) != marche.nature:
        yield "nature"
    if codes.PROCEDURE_LABEL.get(more.procedureMarche) != marche.procedure:
        yield "procedure"
    mode = codes.modalite_execution(marche.modalitesExecution)
    if codes.modalites_of(mode, more.natureMarche) != set(marche.modalitesExecution):
        yield "modalite-execution"


def _of_5_17(marche: Marche) -> Iterator[str]:
    """What only 5.30 can carry; of what it does not say, 5.17 is read as saying the neutral value."""
    more = marche.complements
    social = "Clause sociale" if "Clause sociale" in marche.considerationsSociales else codes.PAS_SOCIALE
    environmental = "Clause environnementale"
    if environmental not in marche.considerationsEnvironnementales:
        environmental = codes.PAS_ENVIRONNEMENTALE
    if (
        marche.marcheInnovant
        or marche.origineUE is not None
        or marche.origineFrance is not None
        or marche.sousTraitanceDeclaree != any(act.paiementDirect for act in marche.actesSousTraitance)
        or codes.techniques_of(more.natureMarche, more.procedureMarche) != set(marche.techniques)
        or set(marche.considerationsSociales) != {social}
        or set(marche.considerationsEnvironnementales) != {environmental}
    ):
        yield "donnees-5.30"
    advance = more.regimeAvance not in codes.NO_ADVANCE
    rate = marche.tauxAvance
    if advance != marche.attributionAvance or (rate is not None and not (advance and rate >= Decimal("0.0001"))):
        yield "avance"
    if marche.montantActualise:
        yield "montant-actualise"
    if marche.tranches:
        yield "tranches"
    if marche.reconductions:
        yield "reconductions"


def _of_5_30(marche: Marche) -> Iterator[str]:
    said = (
        (marche.techniques, codes.TECHNIQUE),
        (marche.considerationsSociales, codes.CONSIDERATION_SOCIALE),
        (marche.considerationsEnvironnementales, codes.CONSIDERATION_ENVIRONNEMENTALE),
    )
    if any(_contradictory(labels, table) for labels, table in said):
        yield "mentions-contradictoires"
    if any(one.dateAffermissement for one in marche.tranches):
        yield "date-affermissement"


def _contradictory(labels: Iterable[str], table: Iterable[str]) -> bool:
    """Whether "none" stands beside something, or a label is not one."""
    given = set(labels)
    said = given & set(table)
    return bool(said) and said != given


def _computes_back(marche: Marche) -> bool:
    """Whether the initial amount and duration are the present ones less the differences of the amendments."""
    if marche.initial is None:
        return True
    amount = marche.montant - sum((one.deltaMontant or Decimal(0) for one in marche.modifications), Decimal(0))
    months = marche.dureeMois - sum(one.deltaDureeMois or 0 for one in marche.modifications)
    return (amount, months) == (marche.initial.montant, marche.initial.dureeMois)


def _of_holders(marche: Marche) -> Iterator[str]:
    """Former holders: the PES names the present ones only."""
    changed = any(one.titulaires for one in marche.modifications)
    if changed or _names(initial_of(marche).titulaires) != _names(marche.titulaires):
        yield "anciens-titulaires"


def _names(holders: Iterable[Titulaire]) -> set[tuple[str, str]]:
    return {(one.fournisseur.typeIdentifiant, one.fournisseur.id) for one in holders}


def _of_acts(marche: Marche) -> Iterator[str]:
    if any(not act.paiementDirect for act in marche.actesSousTraitance):
        yield "sous-traitance-indirecte"
    if any(act.paiementDirect for act in marche.actesSousTraitance):
        yield "publication-actes"
    if any(one.change.montant is not None and not one.delta_cents for one in direct_changes(marche)):
        yield "ecart-nul"
