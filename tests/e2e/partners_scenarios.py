"""What happens in the hub that partners hear of: one story for each kind of partner."""

from __future__ import annotations

from typing import Any

from semaphore_hub.kernel.access import LOCAL
from semaphore_hub.modules.marches.adhesions.schemas import AdhesionVue, DemandeAdhesion, Signature, Ventilation
from semaphore_hub.modules.marches.produits.schemas import DemandeImport
from semaphore_hub.modules.marches.projets.schemas import Attribution, Lancement, NouveauProjet, Ouverture
from semaphore_hub.modules.marches.schemas import (
    CorrectionMarche,
    NotificationMarche,
    NouveauMarche,
    NouvelleModification,
)
from semaphore_hub.modules.marches.transitions.schemas import DemarrageMarche
from semaphore_hub.modules.referentiel.schemas import ModificationFournisseur, NouveauFournisseur
from tests.contracts.produits_samples import DRUG, LINE, text_of
from tests.e2e.partners import Played
from tests.modules.marches.projets.life import LANCEMENT, OUVERTURE, attribution, projet
from tests.modules.samples import (
    FICTIMED,
    FOURNISSEUR,
    MODIFICATION,
    NOTIFICATION,
    PHARMAFICTIF,
    SUPPORT,
    changed,
    marche,
)

NUMERO = "2026DM001"
LOT = {"consultation": "2026-AOO-017", "numero": 3, "intitule": "Seringues"}
HOLDERS = [
    {"typeIdentifiant": "SIRET", "id": FICTIMED, "role": "titulaire", "montant": "150000.00"},
    {"typeIdentifiant": "SIRET", "id": PHARMAFICTIF, "role": "co-traitant", "montant": "50000.00"},
]
OF_THE_MARCHE = {"numero_marche": NUMERO, "date_debut": "2026-03-02", "date_fin": "2027-12-31", "beneficiaires": ""}


def supplier(hub: Played, identifier: str = FICTIMED, name: str = "Fictimed SAS") -> str:
    """Record one; its uid."""
    body = NouveauFournisseur.model_validate(changed(FOURNISSEUR, id=identifier, denominationSociale=name))
    return hub.write(lambda unit: hub.services.referentiel.fournisseurs.creer(unit, LOCAL, body)).uid


def renamed(hub: Played, uid: str, name: str) -> None:
    """Change the name of a supplier that was not changed yet."""
    body = ModificationFournisseur.model_validate({"denominationSociale": name})
    hub.write(lambda unit: hub.services.referentiel.fournisseurs.modifier(unit, LOCAL, uid, 1, body))


async def suppliers(hub: Played) -> None:
    """Two, that the partner knows before any marché names them."""
    supplier(hub)
    supplier(hub, PHARMAFICTIF, "Pharmafictif SA")
    await hub.settled()


def notified(hub: Played, **changes: Any) -> str:
    """A marché with two holders, one lot; its uid."""
    body = NouveauMarche.model_validate(
        marche(
            **{
                "id": NUMERO,
                "lot": LOT,
                "titulaires": HOLDERS,
                "typeGroupementOperateurs": "Conjoint",
                **changes,
            }
        )
    )
    view = hub.write(lambda unit: hub.services.marches.creer(unit, LOCAL, body))
    notice = NotificationMarche.model_validate(NOTIFICATION)
    return hub.write(lambda unit: hub.services.marches.notifier(unit, LOCAL, view.uid, view.version, notice)).uid


def started(hub: Played) -> str:
    """The same, its execution begun."""
    uid = notified(hub)
    begun = DemarrageMarche.model_validate({"dateDebut": "2026-03-02"})
    hub.write(lambda unit: hub.services.transitions.demarrer(unit, LOCAL, uid, version_of(hub, uid), begun))
    return uid


def version_of(hub: Played, uid: str) -> int:
    """Present version of a marché."""
    with hub.services.database.read() as connection:
        return hub.services.marches.lire(connection, LOCAL, uid).version


async def a_marche(hub: Played) -> str:
    """Suppliers, a marché of two holders, its start, an amendment, a correction, its products; its uid."""
    await suppliers(hub)
    uid = started(hub)
    services = hub.services
    shares = [{key: one[key] for key in ("typeIdentifiant", "id")} for one in HOLDERS]
    amended = NouvelleModification.model_validate(
        {
            **MODIFICATION,
            "parts": [{**shares[0], "montant": "160000.00"}, {**shares[1], "montant": "55000.00"}],
        }
    )
    hub.write(lambda unit: services.marches.modifier(unit, LOCAL, uid, version_of(hub, uid), amended))
    corrected = CorrectionMarche.model_validate({"motif": "Objet mal recopié", "objet": "Seringues stériles"})
    hub.write(lambda unit: services.marches.corriger(unit, LOCAL, uid, version_of(hub, uid), corrected))
    publish(hub, LINE, DRUG)
    await hub.settled()
    return uid


def publish(hub: Played, *lines: dict[str, str]) -> None:
    """Load a catalogue of the marché, and publish what changed."""
    path = hub.folder / f"produits-{len(list(hub.folder.glob('produits-*')))}.csv"
    path.write_text(text_of(*({**one, **OF_THE_MARCHE} for one in lines)), "utf-8")
    hub.services.produits.importer(LOCAL, DemandeImport(path))
    hub.write(lambda unit: hub.services.produits.publier(unit, LOCAL, NUMERO))


async def a_consultation(hub: Played) -> str:
    """Suppliers, then a lot from its launch to its attribution; its uid."""
    await suppliers(hub)
    projets = hub.services.projets
    planned = NouveauProjet.model_validate(
        projet(id=NUMERO, consultation=LOT["consultation"], lot={"numero": 3, "intitule": "Seringues"})
    )
    uid = hub.write(lambda unit: projets.creer(unit, LOCAL, planned)).uid
    launch, opening = Lancement.model_validate(LANCEMENT), Ouverture.model_validate(OUVERTURE)
    chosen = Attribution.model_validate(attribution())
    hub.write(lambda unit: projets.lancer(unit, LOCAL, uid, 1, launch))
    hub.write(lambda unit: projets.ouvrir(unit, LOCAL, uid, 2, opening))
    hub.write(lambda unit: projets.attribuer(unit, LOCAL, uid, 3, chosen))
    await hub.settled()
    return uid


async def an_adhesion(hub: Played) -> str:
    """An adhesion until it is active, the cooperative advancing by itself; its uid."""
    numero = hub.mock.snapshot()["marches"][0]["numero"]
    asked = DemandeAdhesion.model_validate(
        {
            "centrale": hub.way.partner,
            "numeroMarche": numero,
            "lot": 1,
            "etablissement": SUPPORT,
            "dateEntree": "2026-04-01",
            "besoinTTC": "120000.50",
        }
    )
    adhesions = hub.services.adhesions
    uid = hub.write(lambda unit: adhesions.demander(unit, LOCAL, asked)).uid
    signed = Signature.model_validate({"signataire": "Direction des achats du CH Fictif de Valmont"})
    shared = Ventilation.model_validate({"etablissementFacture": SUPPORT})
    await reached(hub, uid, "signature")
    hub.write(lambda unit: adhesions.signer(unit, LOCAL, uid, adhesion(hub, uid).version, signed))
    await reached(hub, uid, "ventilation")
    hub.write(lambda unit: adhesions.ventiler(unit, LOCAL, uid, adhesion(hub, uid).version, shared))
    await reached(hub, uid, "active")
    await hub.settled()
    return uid


def adhesion(hub: Played, uid: str) -> AdhesionVue:
    """An adhesion as the hub sees it."""
    with hub.services.database.read() as connection:
        return hub.services.adhesions.lire(connection, LOCAL, uid)


async def reached(hub: Played, uid: str, statut: str) -> None:
    """Wait until the cooperative said that state."""
    await hub.until(lambda: adhesion(hub, uid).statut == statut, seconds=10)
