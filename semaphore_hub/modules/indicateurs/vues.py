"""Figures as the API answers them."""

from __future__ import annotations

from fractions import Fraction

from semaphore_hub.modules.indicateurs.calcul import Ligne
from semaphore_hub.modules.indicateurs.demande import Demande
from semaphore_hub.modules.indicateurs.etiquettes import Etiquettes
from semaphore_hub.modules.indicateurs.formules.arrondi import Unite, afficher, ecrire
from semaphore_hub.modules.indicateurs.formules.chiffre import Chiffre, Composante
from semaphore_hub.modules.indicateurs.indicateur import Indicateur
from semaphore_hub.modules.indicateurs.liens import du_dessous
from semaphore_hub.modules.indicateurs.schemas import ComposanteVue, IndicateurDecrit, IntervalleVue, LigneVue, Resultat

SANS_VALEUR = "n.d."
_DECIMALES: dict[Unite, int] = {"taux": 1, "euros": 2, "jours": 1, "nombre": 0}
"""Decimals of a component."""


def decrire(indicateur: Indicateur) -> IndicateurDecrit:
    """An indicator of the catalogue."""
    return IndicateurDecrit(
        code=indicateur.code,
        libelle=indicateur.libelle,
        formule=indicateur.formule,
        unite=indicateur.unite,
        arrondi=indicateur.arrondi,
        source=indicateur.source,
        atteste=indicateur.atteste,
        perimetre=indicateur.perimetre,
        niveaux=indicateur.niveaux,
        decoupages=indicateur.decoupages,
        filtres=indicateur.filtres,
        consolidation=indicateur.consolide is not None,
        lien=f"/v1/indicateurs/{indicateur.code}",
    )


def resultat(indicateur: Indicateur, chiffre: Chiffre) -> Resultat:
    """A figure in the units of its indicator."""
    return Resultat(
        numerateur=_nombre(chiffre.numerateur, indicateur.unite_sommes),
        denominateur=_nombre(chiffre.denominateur, _unite_du_denominateur(indicateur)),
        valeur=_nombre(chiffre.valeur, indicateur.unite),
        affichage=_affichage(chiffre.valeur, indicateur.unite, indicateur.decimales),
        motif=chiffre.motif,
        composantes=tuple(_composante(one) for one in chiffre.composantes),
    )


def ligne(indicateur: Indicateur, demande: Demande, found: Ligne, labels: Etiquettes) -> LigneVue:
    """A line: its key by names, its label, where to read on."""
    key: dict[str, str | int | bool | None] = {"annee": found.cle.annee}
    if demande.niveau != "national":
        key[demande.niveau] = found.cle.entite
    if demande.par is not None:
        key[demande.par] = found.cle.valeur
    return LigneVue(
        **dict(resultat(indicateur, found.chiffre)),
        cle=key,
        libelle=labels.de(found.cle, demande),
        source=found.source,
        intervalle=_intervalle(indicateur, found),
        lien=du_dessous(indicateur, demande, found.cle, found.source),
    )


def _unite_du_denominateur(indicateur: Indicateur) -> Unite:
    """A mean of days is divided by a number of things."""
    return "nombre" if indicateur.unite == "jours" else indicateur.unite_sommes


def _nombre(valeur: Fraction | None, unite: Unite) -> str | None:
    return None if valeur is None else ecrire(valeur, unite)


def _affichage(valeur: Fraction | None, unite: Unite, decimales: int) -> str:
    return SANS_VALEUR if valeur is None else afficher(valeur, unite, decimales)


def _composante(found: Composante) -> ComposanteVue:
    return ComposanteVue(
        code=found.code,
        libelle=found.libelle,
        valeur=_nombre(found.valeur, found.unite),
        affichage=_affichage(found.valeur, found.unite, _DECIMALES[found.unite]),
    )


def _intervalle(indicateur: Indicateur, found: Ligne) -> IntervalleVue | None:
    bounds, printed = found.intervalle, found.taux_imprime
    if bounds is None:
        return None
    low = _affichage(bounds.minimum, indicateur.unite, 1)
    high = "sans limite" if bounds.maximum is None else _affichage(bounds.maximum, indicateur.unite, 1)
    return IntervalleVue(
        minimum=ecrire(bounds.minimum, indicateur.unite),
        maximum=_nombre(bounds.maximum, indicateur.unite),
        affichage=f"de {low} à {high}",
        tauxImprime=_nombre(printed, indicateur.unite),
        compatible=None if printed is None else bounds.contient(printed, indicateur.decimales),
    )
