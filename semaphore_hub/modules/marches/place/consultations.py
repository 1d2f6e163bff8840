"""Compares a consultation of PLACE with its lots in the hub; pure, nothing is decided here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from semaphore_hub.modules.marches.numeros import Candidat, Repertoire
from semaphore_hub.modules.marches.place import etats, rules
from semaphore_hub.modules.marches.place.connus import LotConnu, MarcheConnu
from semaphore_hub.modules.marches.place.dits import AttributionDite, ConsultationDite, LotDit
from semaphore_hub.modules.marches.place.divergences import Divergence, divergence, ecart, enumeres, identifiants

_DATES = (
    ("dateMiseEnLigne", "dateLancement", "la mise en ligne"),
    ("dateLimiteRemisePlis", "dateLimiteOffres", "la date limite de remise des plis"),
    ("dateOuverturePlis", "dateOuverture", "l'ouverture des plis"),
)
"""Name at PLACE, name in the hub, words."""

Part = ConsultationDite | LotDit
"""What is attributed by itself: a lot, or a consultation without lots."""


@dataclass(frozen=True, slots=True)
class Suivi:
    """A consultation of PLACE against the hub.

    Attributes:
        liens: each part of it with its lot in the hub, when there is one.
        divergences: what differs.
    """

    liens: tuple[tuple[Part, LotConnu | None], ...]
    divergences: tuple[Divergence, ...]


def suivi(dite: ConsultationDite, connus: Sequence[LotConnu]) -> Suivi:
    """Link and compare.

    Args:
        dite: what PLACE says.
        connus: every lot of the hub that may be its.
    """
    parts: tuple[Part, ...] = dite.lots or (dite,)
    liens = tuple((part, _lien(part, connus)) for part in parts)
    if not connus:
        unknown = divergence(rules.CONSULTATION_INCONNUE, "reference", None, dite.reference, reference=dite.reference)
        return Suivi(liens, (unknown,))
    found = [*_buyers(dite, connus), *_dates(dite, connus), *_missing(liens, connus)]
    for part, connu in liens:
        if connu is not None:
            found += _part(part, connu)
    return Suivi(liens, tuple(found))


def _numero(part: Part) -> int | None:
    return part.numero if isinstance(part, LotDit) else None


def _lien(part: Part, connus: Sequence[LotConnu]) -> LotConnu | None:
    """By the identifier PLACE kept, else by the number of the lot."""
    by_uid = [one for one in connus if one.uid == part.identifiantExterne]
    by_number = [one for one in connus if one.numero == _numero(part)]
    return next(iter([*by_uid, *by_number]), None)


def _buyers(dite: ConsultationDite, connus: Sequence[LotConnu]) -> list[Divergence]:
    buyers = {one.acheteur for one in connus}
    if dite.acheteur is None or buyers == {dite.acheteur}:
        return []
    return [divergence(rules.ACHETEUR, "acheteur", enumeres(buyers), dite.acheteur)]


def _dates(dite: ConsultationDite, connus: Sequence[LotConnu]) -> list[Divergence]:
    """Dates are those of the whole consultation: what several lots say alike is told once."""
    found = []
    for at_place, in_hub, words in _DATES:
        said = getattr(dite, at_place)
        known = {getattr(one.procedure, in_hub) for one in connus if one.procedure is not None} - {None, said}
        if said is not None:
            found += [ecart(at_place, words, day, said) for day in sorted(known)]
    return found


def _missing(liens: Sequence[tuple[Part, LotConnu | None]], connus: Sequence[LotConnu]) -> list[Divergence]:
    linked = {connu.uid for _, connu in liens if connu is not None}
    alone = [part for part, connu in liens if connu is None]
    left = [one for one in connus if one.uid not in linked]
    if any(_numero(part) is None for part in alone) or (alone and any(one.numero is None for one in left)):
        said = enumeres(f"lot {part.numero}" for part, _ in liens if isinstance(part, LotDit)) or "sans lots"
        known = enumeres(f"lot {one.numero}" for one in connus if one.numero is not None) or "sans lots"
        return [divergence(rules.ALLOTISSEMENT, "lots", known, said)]
    return [
        divergence(
            rules.LOT_ABSENT_HUB, "lots", None, part.numero, lot=part.numero, numero=part.numero, intitule=part.intitule
        )
        for part in alone
        if isinstance(part, LotDit)
    ] + [
        divergence(rules.LOT_ABSENT_PLACE, "lots", one.id, None, lot=one.numero, numero=one.numero, id=one.id)
        for one in left
        # Two projets may bear the reference of one consultation without lots; only lots can be missing.
        if one.numero is not None and one.lance
    ]


def _part(part: Part, connu: LotConnu) -> list[Divergence]:
    lot = _numero(part)
    found = [*_state(part, connu, lot)]
    if connu.offres is not None and connu.offres != part.nombreOffres:
        found.append(ecart("nombreOffres", "le nombre d'offres reçues", connu.offres, part.nombreOffres, lot=lot))
    if part.attribution is not None and connu.marche is not None:
        found += _attribution(part.attribution, connu, connu.marche, lot)
    return found


def _state(part: Part, connu: LotConnu, lot: int | None) -> list[Divergence]:
    place, hub = part.statut, connu.statut
    if hub in etats.ACCORDS[place]:
        return []
    late = etats.retard(place, hub)
    if late == "hub":
        return [divergence(rules.SUITE_HUB, "statut", hub, place, lot=lot, suite=etats.SUITES_HUB[place])]
    if late == "place":
        return [divergence(rules.SUITE_PLACE, "statut", hub, place, lot=lot, suite=etats.suite_place(hub))]
    return [divergence(rules.ETAT_CONTRAIRE, "statut", hub, place, lot=lot)]


def _attribution(said: AttributionDite, connu: LotConnu, marche: MarcheConnu, lot: int | None) -> list[Divergence]:
    """The contract PLACE made of it, against the marché; what PLACE leaves out is not compared."""
    found = []
    if Repertoire([Candidat(marche.uid, marche.id)]).rapprocher(said.numero).uid is None:
        found.append(ecart("attribution.numero", "le numéro du marché", marche.id, said.numero, lot=lot))
    if said.montantHT not in marche.montants:
        found.append(ecart("attribution.montantHT", "le montant HT", marche.montants[0], said.montantHT, lot=lot))
    holders = identifiants(said.titulaires)
    if holders and holders not in marche.titulaires:
        known = enumeres(marche.titulaires[0])
        found.append(ecart("attribution.titulaires", "les titulaires", known, enumeres(holders), lot=lot))
    day = None if connu.procedure is None else connu.procedure.dateAttribution
    if None not in (day, said.dateAttribution) and day != said.dateAttribution:
        found.append(ecart("attribution.dateAttribution", "l'attribution", day, said.dateAttribution, lot=lot))
    return found
