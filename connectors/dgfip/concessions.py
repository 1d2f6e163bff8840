"""From a concession to the bytes of a PES Marché file: pure, the same input always gives the same bytes.

The XSD says of its modifications what it does not say of a marché's: the block holds those made *since the last
sending*, must be absent of the first one, and a correction that omits it cancels those of the sending it replaces.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connectors.dgfip import codes
from connectors.dgfip.description import write_place
from connectors.dgfip.envelope import PesFile, Sending, begin, finish, write_identity
from connectors.dgfip.life import MAX_NUMBER
from connectors.dgfip.settings import DgfipSettings
from connectors.dgfip.suppliers import NAME_WIDTH, check_identifier
from connectors.dgfip.writer import PesWriter
from semaphore_hub.ports.events import CONCESSION_CORRIGEE, CONCESSION_MODIFIEE
from semaphore_hub.ports.outcomes import Unsupported
from semaphore_hub.ports.payloads import Concession, ConcessionPayload, DonneesAnnuelles, ModificationConcession

_OBJECT_WIDTH = 256


@dataclass(frozen=True, slots=True)
class ConcessionSaying:
    """What one file says: a state, the modifications made since the last sending, and whether it replaces that one."""

    concession: Concession
    news: tuple[ModificationConcession, ...]
    correction: bool


def concession_sayings(
    event_type: str, payload: ConcessionPayload, sequence: int, *, replaces_rejected: bool
) -> tuple[ConcessionSaying, ...]:
    """The files that say an event: one, or two when a changed concession has to start from its first sequence.

    A correction replaces the sending before when that one was the last modification, or the initial contract; when it
    may have been a year of execution, which is no modification, the correction is a plain update. In the place of a
    refused sending, the modifications that ``sequence - 1`` integrated sendings cannot have said are said again.
    """
    concession = payload.concession
    modifications = tuple(sorted(concession.modifications, key=lambda one: one.id))
    if sequence == 1:
        first = initial_concession(concession)
        if first == concession:
            return (ConcessionSaying(concession, (), correction=False),)
        return (
            ConcessionSaying(first, (), correction=False),
            ConcessionSaying(concession, modifications, correction=False),
        )
    if replaces_rejected:
        return (ConcessionSaying(concession, _unsaid(concession, modifications, sequence - 2), correction=False),)
    if event_type == CONCESSION_CORRIGEE:
        facts = _facts(concession, modifications)
        correction = not facts or facts[-1][1] is not None
        return (ConcessionSaying(concession, modifications[-1:] if correction else (), correction=correction),)
    news: tuple[ModificationConcession, ...] = ()
    if event_type == CONCESSION_MODIFIEE:
        news = (payload.modification,) if payload.modification is not None else modifications[-1:]
    return (ConcessionSaying(concession, news, correction=False),)


def initial_concession(concession: Concession) -> Concession:
    """The concession as it was signed.

    Raises:
        Unsupported: a modification gives a new value without the difference it makes.
    """
    amount = sum((_delta(one.id, one.valeurGlobale, one.deltaValeurGlobale) for one in concession.modifications), _NONE)
    return concession.model_copy(
        update={
            "dureeMois": _initial_months(concession),
            "valeurGlobale": concession.valeurGlobale - amount,
            "modifications": (),
            "donneesExecution": (),
        }
    )


def render_concession(saying: ConcessionSaying, settings: DgfipSettings, sending: Sending) -> PesFile:
    """The PES file that says a concession.

    Raises:
        Unsupported: something the PES requires is missing or does not fit; the French sentence says what to complete.
    """
    concession = saying.concession
    if concession.autoriteConcedante.siret != settings.siret:
        raise Unsupported(
            f"La concession est celle de l'établissement {concession.autoriteConcedante.siret} : le PES Marché ne dit "
            f"que celles du budget qui l'émet ({settings.siret}), envoyez-la depuis l'instance de cet établissement."
        )
    writer = begin(settings, sending)
    order = len(concession.modifications)
    if order > MAX_NUMBER:
        raise Unsupported(f"Le PES Marché numérote les modifications de 01 à {MAX_NUMBER} : {order} dépasse.")
    if concession.id != concession.idContrat:
        writer.losses.add("numero-interne")
    writer.losses.add("considerations-concession")
    with writer.block("PES_Marche"):
        with writer.block("EnTeteMarche"):
            writer.plain("IdVer", "2")
        with writer.block("Concessions"), writer.block("Concession"):
            with writer.block("IdentifiantConcession"):
                write_identity(writer, concession.idContrat, order, sending)
            _write_description(writer, concession, settings)
            _write_execution(writer, concession.donneesExecution)
            _write_modifications(writer, saying.news)
    return finish(writer, sending, concession.idContrat)


_NONE = Decimal(0)


def _delta(number: int, new: Decimal | None, delta: Decimal | None) -> Decimal:
    if (new is None) != (delta is None):
        raise Unsupported(
            f"La modification n° {number} de la concession donne une nouvelle valeur sans la différence avec la "
            "précédente (ou l'inverse) : complétez deltaValeurGlobale et deltaDureeMois."
        )
    return delta or _NONE


def _initial_months(concession: Concession) -> int:
    """DureeMoisInitiale, « balise non modifiable »: the duration in force less what the amendments added."""
    for one in concession.modifications:
        if (one.dureeMois is None) != (one.deltaDureeMois is None):
            raise Unsupported(
                f"La modification n° {one.id} de la concession donne une nouvelle durée sans la différence avec la "
                "précédente (ou l'inverse) : complétez deltaDureeMois."
            )
    return concession.dureeMois - sum(one.deltaDureeMois or 0 for one in concession.modifications)


def _facts(
    concession: Concession, modifications: Sequence[ModificationConcession]
) -> list[tuple[date, ModificationConcession | None]]:
    """What was said after the signature, by date of publication: modifications, and years of execution (None)."""
    years = [(one.datePublicationDonneesExecution, None) for one in concession.donneesExecution]
    return sorted(
        [*((one.datePublicationDonneesModification, one) for one in modifications), *years],
        key=lambda fact: (fact[0], fact[1] is None),
    )


def _unsaid(
    concession: Concession, modifications: Sequence[ModificationConcession], said: int
) -> tuple[ModificationConcession, ...]:
    return tuple(one for _, one in _facts(concession, modifications)[max(said, 0) :] if one is not None)


def _write_description(writer: PesWriter, concession: Concession, settings: DgfipSettings) -> None:
    if not concession.montantSubventionPublique:
        raise Unsupported(
            "La concession n'a pas de subvention publique : le PES Marché exige un montant strictement positif "
            "(MontantSubventionPublique) et n'a pas de valeur pour « aucune », elle ne peut donc pas y être dite."
        )
    if concession.lieuExecution is None or not concession.nomLieuExecution:
        raise Unsupported(
            "La concession n'a pas de lieu d'exécution, que le PES Marché exige : complétez lieuExecution (code et "
            "type) et nomLieuExecution."
        )
    writer.value("URLProfilAcheteur", concession.urlProfilAcheteur or settings.urlProfilAcheteur, width=500)
    with writer.block("Concessionnaires"):
        for one in concession.concessionnaires:
            check_identifier(one, settings.versionPES)
            with writer.block("Concessionnaire"):
                writer.label("NatIdConcessionnaire", codes.NAT_ID, one.typeIdentifiant)
                writer.value("IdConcessionnaire", one.id)
                writer.value("DenominationSociale", one.denominationSociale, width=NAME_WIDTH)
    writer.label("NatureConcession", codes.NATURE_CONCESSION, concession.nature)
    writer.value("Objet", concession.objet, width=_OBJECT_WIDTH)
    writer.label("ProcedureConcession", codes.PROCEDURE_CONCESSION, concession.procedure)
    write_place(writer, concession.lieuExecution.code, concession.lieuExecution.typeCode, concession.nomLieuExecution)
    writer.plain("DureeMoisInitiale", str(_initial_months(concession)))
    writer.money("ValeurGlobale", concession.valeurGlobale)
    writer.money("MontantSubventionPublique", concession.montantSubventionPublique)
    writer.day("DateSignature", concession.dateSignature)
    writer.day("DatePublicationDonnees", concession.datePublicationDonnees)
    writer.day("DateDebutExecution", concession.dateDebutExecution)


def _write_execution(writer: PesWriter, years: Sequence[DonneesAnnuelles]) -> None:
    """Block DonneesExecution; the XSD wants at least one tariff a year, so a year without any is left out."""
    told = [year for year in years if year.tarifs]
    if len(told) < len(years):
        writer.losses.add("donnees-execution")
    if not told:
        return
    with writer.block("DonneesExecution"):
        for year in told:
            with writer.block("DonneeAnnuelle"):
                writer.day("DatePublicationDonneesExecution", year.datePublicationDonneesExecution)
                writer.money("DepensesInvestissement", year.depensesInvestissement)
                with writer.block("Tarifs"):
                    for tariff in year.tarifs:
                        with writer.block("Tarif"):
                            writer.value("IntituleTarif", tariff.intituleTarif, width=256)
                            writer.money("MontantTarif", tariff.tarif)


def _write_modifications(writer: PesWriter, modifications: Sequence[ModificationConcession]) -> None:
    if not modifications:
        return
    with writer.block("ModificationsConcession"):
        for one in modifications:
            with writer.block("ModificationConcession"):
                writer.value("ObjetModification", one.objet, width=_OBJECT_WIDTH)
                writer.day("DatePublicationDonneesModification", one.datePublicationDonneesModification)
                writer.day("DateSignatureModification", one.dateSignatureModification)
                if one.dureeMois is not None:
                    writer.plain("DureeMois", str(one.dureeMois))
                writer.money("ValeurGlobale", one.valeurGlobale)
