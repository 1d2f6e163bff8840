"""Draws a marché and what happens to it, up to fifteen events; what the rules refuse does not happen."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.modules.marches.answers import MarcheVue
from semaphore_hub.modules.marches.execution.schemas import (
    Affermissement,
    DecisionReconduction,
    DeclarationSousTraitance,
    ModificationSousTraitance,
    NouvelleRevision,
    RattachementBeneficiaire,
)
from semaphore_hub.modules.marches.schemas import (
    CorrectionMarche,
    NotificationMarche,
    NouveauMarche,
    NouvelleModification,
    PieceEntree,
)
from semaphore_hub.modules.marches.transitions.schemas import (
    DemarrageMarche,
    RepriseMarche,
    ResiliationMarche,
    SuspensionMarche,
)
from semaphore_hub.modules.referentiel.codes import Ccag, FormePrix, Nature, Procedure, TypeCodeLieu
from tests.lives.world import SUPPLIERS, World
from tests.modules.samples import PARTIE, SUPPORT, marche

NOTIFIED = date(2026, 3, 1)
_WORDS = ("Fourniture", "d'œufs", "et de", "lits & matelas", "<stériles>", "à l'hôpital", "« lot n° 2 »", "x" * 60, "€")
_TEXT = st.lists(st.sampled_from(_WORDS), min_size=1, max_size=12).map(" ".join)
_AMOUNT = st.integers(100, 50_000_000_00).map(lambda cents: f"{cents // 100}.{cents % 100:02d}")
_RATE = st.integers(0, 100).map(lambda percent: percent / 100)


def euros(cents: int) -> str:
    """Cents as the API writes an amount."""
    return f"{cents // 100}.{cents % 100:02d}"


def shares(draw: Any, total: int, count: int) -> list[int]:
    """A total in ``count`` parts of at least one euro, in cents."""
    cuts = sorted(draw(st.lists(st.integers(0, total - 100 * count), min_size=count - 1, max_size=count - 1)))
    edges = [0, *cuts, total - 100 * count]
    return [edges[index + 1] - edges[index] + 100 for index in range(count)]


def body_of(draw: Any, kind: str, number: str) -> dict[str, Any]:
    """The body of a new marché of that kind."""
    months = draw(st.integers(2, 48))
    cents = draw(st.integers(50_000_00, 9_000_000_00))
    body = marche(
        id=number,
        objet=draw(_TEXT)[:1000],
        codeCPV={"travaux": "45215140-0"}.get(kind, draw(st.sampled_from(["33140000-3", "50421000", "72000000-5"]))),
        nature=draw(st.sampled_from([Nature.MARCHE, Nature.DEFENSE])).value,
        procedure=draw(st.sampled_from(list(Procedure))).value,
        ccag=draw(st.sampled_from(list(Ccag))).value,
        formePrix=draw(st.sampled_from(list(FormePrix))).value,
        offresRecues=draw(st.integers(1, 40)),
        marcheInnovant=draw(st.booleans()),
        sousTraitanceDeclaree=draw(st.booleans()),
        lieuExecution={"code": "59606", "typeCode": draw(st.sampled_from(list(TypeCodeLieu))).value},
        dureeMois=months,
        montant=euros(cents),
        techniques=["Sans objet"],
        modalitesExecution=["Sans objet"],
        tauxAvance=draw(_RATE),
    )
    body["complements"] |= {
        "montantEstime": euros(cents + draw(st.integers(0, 1_000_000_00))),
        "reconductibilite": "01",
        "montantEstimatif": draw(st.booleans()),
        "penalite": draw(st.booleans()),
    }
    if draw(st.booleans()):
        body["complements"]["montantTVA"] = euros(draw(st.integers(1, cents // 5)))
    {"simple": _simple, "accord-cadre": _framework, "travaux": _works, "reconductible": _renewable}[kind](
        draw, body, cents
    )
    return body


def _simple(draw: Any, body: dict[str, Any], cents: int) -> None:
    kind, identifier = draw(st.sampled_from(SUPPLIERS))
    body["titulaires"] = [{"typeIdentifiant": kind, "id": identifier}]
    if draw(st.booleans()):
        first, second = shares(draw, cents, 2)
        body["acheteurs"] = [{"id": SUPPORT, "montant": euros(first)}, {"id": PARTIE, "montant": euros(second)}]
        del body["complements"]["montantEstime"]


def _framework(draw: Any, body: dict[str, Any], cents: int) -> None:
    body["techniques"] = ["Accord-cadre"]
    body["modalitesExecution"] = draw(
        st.sampled_from([["Bons de commande"], ["Marchés subséquents"], ["Bons de commande", "Marchés subséquents"]])
    )
    count = draw(st.integers(1, 3))
    body["titulaires"] = [{"typeIdentifiant": kind, "id": one} for kind, one in SUPPLIERS[:count]]
    if count > 1:
        for holder, part in zip(body["titulaires"], shares(draw, cents, count), strict=True):
            holder["montant"] = euros(part)


def _works(draw: Any, body: dict[str, Any], cents: int) -> None:
    body["typeGroupementOperateurs"] = draw(st.sampled_from(["Conjoint", "Solidaire"]))
    parts = shares(draw, cents, 2)
    body["titulaires"] = [
        {"typeIdentifiant": kind, "id": one, "role": role, "montant": euros(part)}
        for (kind, one), role, part in zip(SUPPLIERS[:2], ("titulaire", "co-traitant"), parts, strict=True)
    ]
    firm, optional = shares(draw, cents, 2)
    body["modalitesExecution"] = ["Tranches"]
    body["tranches"] = [
        {"numero": 0, "intitule": "Gros œuvre", "type": "ferme", "montant": euros(firm)},
        {"numero": 1, "intitule": "Aile B", "type": "optionnelle", "montant": euros(optional)},
    ]


def _renewable(draw: Any, body: dict[str, Any], cents: int) -> None:
    body["titulaires"] = [{"typeIdentifiant": SUPPLIERS[0][0], "id": SUPPLIERS[0][1]}]
    body["dureeMois"] = 36
    body["complements"]["reconductibilite"] = draw(st.sampled_from(["02", "03"]))
    amounts = shares(draw, cents // 2, 2)
    body["reconductions"] = [
        {"numero": 1, "debut": "2027-03-01", "fin": "2028-02-29", "montant": euros(amounts[0])},
        {"numero": 2, "debut": "2028-03-01", "fin": "2029-02-28", "montant": euros(amounts[1])},
    ]


_OF_KIND = {"simple": _simple, "accord-cadre": _framework, "travaux": _works, "reconductible": _renewable}
KINDS = tuple(_OF_KIND)


def live(draw: Any, world: World, kind: str) -> None:
    """Record a marché, notify it, and let up to thirteen more things happen to it."""
    body = NouveauMarche.model_validate(body_of(draw, kind, world.number()))
    view = world.attempt(lambda unit: world.marches.creer(unit, LOCAL, body))
    assert view is not None, "a drawn marché must be one the rules accept"
    notice = {
        "dateNotification": f"{NOTIFIED}",
        "datePublicationDonnees": f"{NOTIFIED + timedelta(days=draw(st.integers(0, 60)))}",
    }
    notified = NotificationMarche.model_validate(notice)
    first = view
    view = world.attempt(lambda unit: world.marches.notifier(unit, LOCAL, first.uid, first.version, notified))
    assert view is not None
    day = NOTIFIED
    for _ in range(draw(st.integers(0, 13))):
        day += timedelta(days=draw(st.integers(0, 45)))
        happens = draw(st.sampled_from(_HAPPENINGS))
        view = happens(draw, world, view, day) or view


def _dates(day: date) -> dict[str, str]:
    return {
        "dateNotificationModification": f"{day}",
        "datePublicationDonneesModification": f"{day + timedelta(days=7)}",
    }


def _amend(draw: Any, world: World, view: MarcheVue, day: date) -> MarcheVue | None:
    body: dict[str, Any] = {"objet": draw(_TEXT)[:256], **_dates(day)}
    if draw(st.booleans()):
        cents = max(100 * len(view.titulaires), int(view.montant * 100) + draw(st.integers(-20_000_00, 20_000_00)))
        body["montant"] = euros(cents)
        body["montantEstime"] = euros(cents + 1)
        if view.acheteurs:
            del body["montantEstime"]
            body["acheteurs"] = [
                {"id": one.id, "montant": euros(part)}
                for one, part in zip(view.acheteurs, shares(draw, cents, len(view.acheteurs)), strict=True)
            ]
        if len(view.titulaires) > 1:
            body["parts"] = [
                {"typeIdentifiant": one.typeIdentifiant, "id": one.id, "montant": euros(part)}
                for one, part in zip(view.titulaires, shares(draw, cents, len(view.titulaires)), strict=True)
            ]
    else:
        body["dureeMois"] = draw(st.integers(1, 48))
    new = NouvelleModification.model_validate(body)
    return world.attempt(lambda unit: world.marches.modifier(unit, LOCAL, view.uid, view.version, new))


def _replace(draw: Any, world: World, view: MarcheVue, day: date) -> MarcheVue | None:
    kind, identifier = draw(st.sampled_from(SUPPLIERS))
    holders = [
        one.model_dump(mode="json", exclude={"denominationSociale"}, exclude_none=True) for one in view.titulaires
    ]
    holders[0] |= {"typeIdentifiant": kind, "id": identifier}
    body = {"objet": "Cession du marché", **_dates(day), "titulaires": holders}
    new = NouvelleModification.model_validate(body)
    return world.attempt(lambda unit: world.marches.modifier(unit, LOCAL, view.uid, view.version, new))


def _correct(draw: Any, world: World, view: MarcheVue, day: date) -> MarcheVue | None:
    body = CorrectionMarche.model_validate(
        {"motif": "Objet mal recopié", "objet": draw(_TEXT)[:1000], "offresRecues": draw(st.integers(1, 99))}
    )
    return world.attempt(lambda unit: world.marches.corriger(unit, LOCAL, view.uid, view.version, body))


def _subcontract(draw: Any, world: World, view: MarcheVue, day: date) -> MarcheVue | None:
    kind, identifier = draw(st.sampled_from(SUPPLIERS))
    holder = draw(st.sampled_from(view.titulaires))
    body = DeclarationSousTraitance.model_validate(
        {
            "objet": draw(_TEXT)[:256],
            "sousTraitant": {"typeIdentifiant": kind, "id": identifier},
            "titulaire": {"typeIdentifiant": holder.typeIdentifiant, "id": holder.id},
            "montant": euros(draw(st.integers(100, 200_000_00))),
            "dureeJours": draw(st.integers(1, 400)),
            "dateNotification": f"{day}",
            "datePublicationDonnees": f"{day + timedelta(days=5)}",
            "variationPrix": draw(st.sampled_from(["Ferme", "Actualisable", "Révisable"])),
            "paiementDirect": draw(st.booleans()),
        }
    )
    return world.attempt(
        lambda unit: world.execution.declarer_sous_traitance(unit, LOCAL, view.uid, view.version, body)
    )


def _change_act(draw: Any, world: World, view: MarcheVue, day: date) -> MarcheVue | None:
    body = ModificationSousTraitance.model_validate(
        {
            "objet": "Quantités revues",
            "dateNotificationModificationSousTraitance": f"{day}",
            "datePublicationDonnees": f"{day + timedelta(days=5)}",
            "montant": euros(draw(st.integers(100, 200_000_00))),
        }
    )
    number = draw(st.integers(1, 3))
    return world.attempt(
        lambda unit: world.execution.modifier_sous_traitance(unit, LOCAL, view.uid, view.version, number, body)
    )


def _renew(draw: Any, world: World, view: MarcheVue, day: date) -> MarcheVue | None:
    body = DecisionReconduction.model_validate(
        {"decision": draw(st.sampled_from(["reconduite", "non reconduite"])), "dateDecision": f"{day}"}
    )
    number = draw(st.integers(1, 2))
    return world.attempt(
        lambda unit: world.execution.decider_reconduction(unit, LOCAL, view.uid, view.version, number, body)
    )


def _confirm(draw: Any, world: World, view: MarcheVue, day: date) -> MarcheVue | None:
    body = Affermissement.model_validate({"dateAffermissement": f"{day}"})
    return world.attempt(lambda unit: world.execution.affermir(unit, LOCAL, view.uid, view.version, 1, body))


def _revise(draw: Any, world: World, view: MarcheVue, day: date) -> MarcheVue | None:
    coefficient = f"1.{draw(st.integers(1, 199999)):06d}"
    body = NouvelleRevision.model_validate({"date": f"{day}", "motif": "Révision", "coefficient": coefficient})
    return world.attempt(lambda unit: world.execution.reviser(unit, LOCAL, view.uid, view.version, body))


def _join(draw: Any, world: World, view: MarcheVue, day: date) -> MarcheVue | None:
    body = RattachementBeneficiaire.model_validate({"id": PARTIE, "date": f"{day}"})
    return world.attempt(lambda unit: world.execution.rattacher(unit, LOCAL, view.uid, view.version, body))


def _attach(draw: Any, world: World, view: MarcheVue, day: date) -> MarcheVue | None:
    number = draw(st.integers(1, 9))
    body = PieceEntree.model_validate({"idUnique": f"{view.id}PJ{number}", "nom": f"piece{number}.pdf"})
    return world.attempt(lambda unit: world.execution.joindre(unit, LOCAL, view.uid, view.version, body))


def _start(draw: Any, world: World, view: MarcheVue, day: date) -> MarcheVue | None:
    body = DemarrageMarche.model_validate({"dateDebut": f"{day}"})
    return world.attempt(lambda unit: world.transitions.demarrer(unit, LOCAL, view.uid, view.version, body))


def _suspend(draw: Any, world: World, view: MarcheVue, day: date) -> MarcheVue | None:
    body = SuspensionMarche.model_validate({"date": f"{day}", "motif": "Intempéries"})
    return world.attempt(lambda unit: world.transitions.suspendre(unit, LOCAL, view.uid, view.version, body))


def _resume(draw: Any, world: World, view: MarcheVue, day: date) -> MarcheVue | None:
    body = RepriseMarche.model_validate({"date": f"{day}"})
    return world.attempt(lambda unit: world.transitions.reprendre(unit, LOCAL, view.uid, view.version, body))


def _end(draw: Any, world: World, view: MarcheVue, day: date) -> MarcheVue | None:
    if draw(st.integers(0, 4)):
        return None
    body = ResiliationMarche.model_validate(
        {"motif": "motif d'intérêt général", "dateEffet": f"{day}", "explication": "Fermeture du site"}
    )
    return world.attempt(lambda unit: world.transitions.resilier(unit, LOCAL, view.uid, view.version, body))


_HAPPENINGS = (
    _amend,
    _amend,
    _replace,
    _correct,
    _subcontract,
    _subcontract,
    _change_act,
    _renew,
    _confirm,
    _revise,
    _join,
    _attach,
    _start,
    _suspend,
    _resume,
    _end,
)
