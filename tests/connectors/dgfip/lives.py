"""Marchés with random lives, for the properties that must hold of every one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from connectors.dgfip.amounts import cents_text
from connectors.dgfip.codes import CCAG, FORME_PRIX, TECHNIQUE, VARIATION_ACTE, VARIATION_PRIX
from semaphore_hub.ports.events import (
    MARCHE_CORRIGE,
    MARCHE_MODIFIE,
    MARCHE_NOTIFIE,
    MARCHE_RECONDUIT,
    MARCHE_SOUS_TRAITANCE_DECLAREE,
)
from tests.connectors.dgfip.builders import act, act_change, buyers, holders, marche, modification, supplier

EVENTS = (MARCHE_NOTIFIE, MARCHE_MODIFIE, MARCHE_CORRIGE, MARCHE_RECONDUIT, MARCHE_SOUS_TRAITANCE_DECLAREE)
TEXTS = st.text('Aé’œ<&">\t€ć ', min_size=1, max_size=300).map(lambda text: f"Objet {text}")
RATES = st.none() | st.sampled_from(["0", "0.05", "0.125", "1"])
PROCEDURES = ("Procédure adaptée", "Appel d'offres ouvert", "Procédure avec négociation")


@st.composite
def lives(draw: st.DrawFn) -> dict[str, Any]:
    """A marché after some amendments, acts of sub-contracting, tranches, renewals; its parts add up or are unknown."""
    initial = draw(st.integers(10_000_000, 99_999_999_99))
    total, months, amendments = initial, 24, []
    for number in range(1, draw(st.integers(0, 3)) + 1):
        delta, longer = draw(st.integers(-1_000_000, 5_000_000)), draw(st.integers(0, 6))
        total, months = total + delta, months + longer
        amendments.append(
            modification(
                number,
                objet=draw(TEXTS),
                montant=cents_text(total) if delta else None,
                deltaMontant=cents_text(delta) if delta else None,
                dureeMois=months if longer else None,
                deltaDureeMois=longer or None,
                titulaires=draw(st.sampled_from([[], [], holders(None), holders(None, None)])),
            )
        )
    count = draw(st.integers(1, 3))
    shares = draw(shares_of(total, count))
    acts = [
        act(
            number,
            montant=cents_text(draw(st.integers(1, 100_000))),
            sousTraitant=supplier(draw(st.integers(1, 3))),
            titulaire=supplier(draw(st.integers(1, count)))["id"],
            paiementDirect=draw(st.booleans()),
            autoliquidationTVA=draw(st.booleans()),
            variationPrix=draw(st.sampled_from(sorted(VARIATION_ACTE))),
        )
        for number in range(1, draw(st.integers(0, 3)) + 1)
    ]
    changed = bool(acts) and draw(st.integers(0, 1)) == 1
    changes = [act_change(1, of=1, montant="1200.00", deltaMontant=None)] if changed else []
    part = draw(st.integers(1, total - 1))
    return marche(
        objet=draw(TEXTS),
        beneficiaires=[one["etablissement"] for one in buyers("1", "1")][: draw(st.integers(1, 2))],
        acheteurs=buyers(cents_text(part), cents_text(total - part)) if draw(st.booleans()) else [],
        typeGroupementOperateurs=draw(st.sampled_from(["Solidaire", "Conjoint"])) if count > 1 else "Pas de groupement",
        titulaires=holders(*shares),
        montant=cents_text(total),
        dureeMois=months,
        nature=draw(st.sampled_from(["Marché", "Marché de partenariat", "Marché de défense ou de sécurité"])),
        procedure=draw(st.sampled_from(PROCEDURES)),
        techniques=draw(st.lists(st.sampled_from([*TECHNIQUE, "Sans objet"]), min_size=1, max_size=3, unique=True)),
        modalitesExecution=draw(
            st.lists(
                st.sampled_from(["Tranches", "Bons de commande", "Marchés subséquents", "Sans objet"]),
                min_size=1,
                max_size=3,
                unique=True,
            )
        ),
        typesPrix=draw(st.lists(st.sampled_from(sorted(VARIATION_PRIX)), min_size=1, max_size=2, unique=True)),
        formePrix=draw(st.sampled_from(sorted(FORME_PRIX))),
        ccag=draw(st.sampled_from(sorted(CCAG))),
        marcheInnovant=draw(st.booleans()),
        sousTraitanceDeclaree=draw(st.booleans()),
        attributionAvance=draw(st.booleans()),
        tauxAvance=draw(RATES),
        origineUE=draw(RATES),
        offresRecues=draw(st.sampled_from([1, 4, 999, 1000])),
        idAccordCadre=draw(st.sampled_from([None, "AC1", "2025AC012"])),
        considerationsSociales=draw(
            st.sampled_from(
                [["Pas de considération sociale"], ["Clause sociale"], ["Critère social", "Clause sociale"]]
            )
        ),
        montantActualise=draw(st.none() | st.just(cents_text(total + 1))),
        modifications=amendments,
        actesSousTraitance=acts,
        modificationsActesSousTraitance=changes,
        tranches=draw(st.sampled_from([[], TRANCHES])),
        reconductions=draw(st.sampled_from([[], PERIODS])),
        pieces=draw(st.sampled_from([[], PIECES])),
        dateFin=draw(st.sampled_from([None, "2028-02-29"])),
        complements={
            "natureMarche": draw(st.sampled_from(["01", "02", "03", "04", "06", "07"])),
            "procedureMarche": draw(st.sampled_from(["01", "02", "04", "05", "08", "09", "10"])),
            "regimeAvance": draw(st.sampled_from(["01", "02", "05"])),
            "montantTVA": draw(st.none() | st.sampled_from([cents_text(0), cents_text(total // 5)])),
            "montantEstime": draw(st.none() | st.sampled_from([cents_text(total - 1), cents_text(total * 2)])),
            "urlProfilAcheteur": draw(st.sampled_from(["", "https://profil.exemple.invalid/?a=1&b=2"])),
        },
    )


@st.composite
def shares_of(draw: st.DrawFn, total: int, count: int) -> Sequence[str | None]:
    """Shares that add up to the total, or unknown ones; each leaves room for the sub-contractors."""
    if count == 1 or draw(st.booleans()):
        return [None] * count
    rest = draw(st.integers(2_000_000, total - 2_000_000 * count))
    return [cents_text(total - rest - 2_000_000 * (count - 2)), cents_text(rest), cents_text(2_000_000)][:count]


TRANCHES = [
    {"numero": 0, "intitule": "Ferme", "type": "ferme", "montant": "100.01"},
    {"numero": 1, "intitule": "Option", "type": "optionnelle", "dateAffermissement": "2026-09-01", "montant": "0.01"},
]
PERIODS = [{"numero": 1, "debut": "2028-03-01", "fin": "2029-02-28", "montant": "33.33", "montantTVA": "6.67"}]
PIECES = [
    {"idUnique": "AE001", "nom": "acte.pdf", "support": "01"},
    {"idUnique": "AE-002", "nom": "sans_extension", "support": "02"},
]
