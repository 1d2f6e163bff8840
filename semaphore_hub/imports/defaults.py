"""The one table of what an import may complete: field, value put there, and why; see docs/import-defaults.md.

Nothing else is ever completed: :func:`completed` refuses a field that is not in the table. A field the file carries is
never replaced.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from semaphore_hub.imports.report import Completed

URL_PROFIL = "https://non-communique.invalid"
"""RFC 2606 reserves ``.invalid``: nobody can take it for the buyer's real profile."""
DEBUT_RATTACHEMENT = date(2016, 7, 1)

_CSV, _ALL, _OLD, _PES = "CSV", "JSON, XML, CSV", "v1", "PES"
_DECP = "JSON, XML"
_CSV_OLD, _LEAST, _DATED = f"{_CSV}, {_OLD}", f"{_CSV}, {_OLD}, NC, {_PES}", f"{_CSV}, {_OLD}, {_PES}"
_INDEX = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Default:
    """One line of the table.

    Attributes:
        champ: field of the marché; ``[]`` stands for any rank in a list.
        valeur: the value, or how it is found, in words.
        justification: why this value is the least wrong one, with its source or "hypothèse".
        formats: formats whose marchés may lack the field: CSV (consolidated), JSON and XML (DECP 2.0.x), v1 (DECP 1.5
            and the DGFiP's former files), NC ("non communiqué" in the DGFiP's open data), PES.
    """

    champ: str
    valeur: str
    justification: str
    formats: str


DEFAULTS: tuple[Default, ...] = (
    # --- what the consolidated CSV lacks and the DECP carries ---------------------------------------------------------
    Default("nature", "Marché", "nature la plus générale de la DECP (hypothèse)", _CSV),
    Default(
        "objet",
        "« type (objet non repris par la source consolidée) »",
        "le fichier consolidé ne porte que le type de prestation : le texte dit lui-même qu'il n'est pas l'objet",
        _CSV,
    ),
    Default("techniques", "Sans objet", "aucune technique d'achat n'est présumée (hypothèse)", _CSV_OLD),
    Default("modalitesExecution", "Sans objet", "aucune modalité particulière n'est présumée (hypothèse)", _CSV_OLD),
    Default("marcheInnovant", "non", "le caractère innovant ne se présume pas (hypothèse)", _LEAST),
    Default(
        "ccag",
        "Pas de CCAG",
        "un CCAG ne s'applique que si le marché s'y réfère (art. R.2112-2 CCP) : sans mention, aucun",
        _DATED,
    ),
    Default(
        "offresRecues",
        "1",
        "un marché attribué a reçu au moins une offre, celle du titulaire : borne basse",
        _LEAST,
    ),
    Default("attributionAvance", "non", "l'avance n'est pas présumée (hypothèse)", f"{_CSV_OLD}, NC"),
    Default(
        "typeGroupementOperateurs",
        "Pas de groupement (un titulaire), Conjoint (plusieurs)",
        "déduit du nombre de titulaires ; la solidarité ne se présume pas (art. 1310 du code civil)",
        _DATED,
    ),
    Default("sousTraitanceDeclaree", "non", "la sous-traitance n'est pas présumée (hypothèse)", _LEAST),
    Default(
        "lieuExecution",
        "département de l'acheteur, à défaut sa région",
        "le fichier consolidé ne porte que le lieu de l'acheteur ; l'exécution y est supposée (hypothèse)",
        _CSV,
    ),
    Default(
        "datePublicationDonnees",
        "date de notification",
        "première date possible : la publication suit la notification, dans les deux mois (art. R.2196-1 CCP)",
        _DATED,
    ),
    Default("typesPrix", "Définitif ferme", "un marché est en principe à prix définitif (hypothèse)", f"{_CSV}, NC"),
    Default("formePrix", "Mixte", "n'exclut ni le prix unitaire ni le prix forfaitaire (hypothèse)", _CSV_OLD),
    Default(
        "considerationsSociales",
        "Pas de considération sociale",
        "aucune considération n'est présumée (hypothèse)",
        _CSV_OLD,
    ),
    Default(
        "considerationsEnvironnementales",
        "Pas de considération environnementale",
        "aucune considération n'est présumée (hypothèse)",
        _CSV_OLD,
    ),
    Default(
        "titulaires[].typeIdentifiant",
        "SIRET (14 chiffres), sinon FRWF, TVA (pays de l'UE) ou HORS-UE d'après la forme",
        "le fichier consolidé ne porte pas le type : sa forme le dit, sinon le marché est refusé",
        _CSV,
    ),
    Default(
        "modifications[].id",
        "rang dans le fichier",
        "la source ne numérote pas les modifications : leur ordre y est celui des notifications (hypothèse)",
        f"{_OLD}, {_PES}",
    ),
    Default(
        "modifications[].datePublicationDonneesModification",
        "date de notification de la modification",
        "première date possible : la publication suit la notification",
        f"{_OLD}, {_PES}",
    ),
    Default(
        "actesSousTraitance[].dateNotification",
        "date de notification du marché",
        "acte présent sans déclaration dans les modifications : réputé notifié avec le marché (hypothèse)",
        _PES,
    ),
    Default(
        "actesSousTraitance[].datePublicationDonnees",
        "date de notification de l'acte",
        "non portée par le PES ; première date possible : la publication suit la notification",
        _PES,
    ),
    Default(
        "modificationsActesSousTraitance[].datePublicationDonnees",
        "date de notification de la modification",
        "non portée par le PES ; première date possible : la publication suit la notification",
        _PES,
    ),
    Default(
        "donneesExecution[].datePublicationDonneesExecution",
        "date de publication de la concession",
        "facultative dans le PES ; première date possible (hypothèse)",
        f"{_OLD}, {_PES}",
    ),
    # --- what no DECP carries and the PES Marché or the hub needs -----------------------------------------------------
    Default(
        "titulaires[].role",
        "le premier est « titulaire », les suivants « co-traitant » dans un groupement",
        "la DECP ne dit pas qui est mandataire : le premier nommé est supposé l'être (hypothèse)",
        _ALL,
    ),
    Default(
        "complements.idContrat",
        "année de notification et 10 derniers caractères du numéro (un numéro d'avenant final de l'ancien format est "
        "ôté d'abord)",
        "le numéro ne tient pas dans l'IdContrat du PES (année puis 1 à 10 caractères) ; à comparer avec celui déjà "
        "transmis au comptable (hypothèse)",
        _ALL,
    ),
    Default(
        "complements.urlProfilAcheteur",
        URL_PROFIL,
        "non portée par la DECP ; adresse réservée (RFC 2606) qui ne peut passer pour une vraie",
        _ALL,
    ),
    Default(
        "complements.montantEstimatif",
        "non pour un prix forfaitaire hors accord-cadre, oui sinon",
        "le montant DECP est forfaitaire ou estimé maximum (arrêté du 22/12/2022) : la forme du prix en décide",
        _ALL,
    ),
    Default(
        "complements.reconductibilite",
        "01 (non reconductible)",
        "la durée DECP compte déjà les reconductions et ne les distingue pas (hypothèse)",
        _ALL,
    ),
    Default(
        "complements.penalite",
        "oui avec un CCAG, non sinon",
        "les CCAG prévoient des pénalités de retard ; sans CCAG, rien ne le dit (hypothèse)",
        _ALL,
    ),
    Default(
        "complements.nomLieuExecution",
        "« type de code et code » du lieu",
        "la DECP porte le code du lieu sans son nom",
        _ALL,
    ),
    Default(
        "complements.siretPAAccordCadre",
        "SIRET de l'acheteur",
        "la DECP donne le numéro de l'accord-cadre sans son acheteur : supposé le même (hypothèse)",
        _ALL,
    ),
    Default(
        "justificationDuree",
        "« Justification non reprise par la source importée »",
        "accord-cadre de plus de 48 mois : la DECP ne porte pas le motif (art. L.2125-1 CCP)",
        _ALL,
    ),
    Default(
        "modifications[].objet",
        "« Modification n° N (objet non porté par la DECP) »",
        "la DECP 2.0 ne porte plus l'objet des modifications",
        _ALL,
    ),
    Default(
        "modifications[].typeGroupementOperateurs",
        "Pas de groupement (un titulaire), Conjoint (plusieurs, hors accord-cadre)",
        "la DECP ne dit pas le groupement après un changement de titulaires : déduit de leur nombre (hypothèse)",
        _ALL,
    ),
    Default(
        "modifications[].titulaires[].role",
        "le premier est « titulaire », les suivants « co-traitant » dans un groupement",
        "la DECP ne dit pas qui est mandataire : le premier nommé est supposé l'être (hypothèse)",
        _ALL,
    ),
    Default(
        "actesSousTraitance[].objet",
        "« Acte de sous-traitance (objet non porté par la DECP) »",
        "la DECP ne porte pas l'objet des actes",
        _DECP,
    ),
    Default(
        "actesSousTraitance[].titulaire",
        "le premier titulaire",
        "la DECP ne dit pas qui sous-traite (hypothèse)",
        _DECP,
    ),
    Default(
        "actesSousTraitance[].paiementDirect",
        "non",
        "la DECP ne dit pas si le sous-traitant est payé directement : cela ne se présume pas (hypothèse)",
        _DECP,
    ),
    Default(
        "modificationsActesSousTraitance[].objet",
        "« Modification de l'acte de sous-traitance (objet non porté par la DECP) »",
        "la DECP ne porte pas l'objet des modifications d'actes",
        _DECP,
    ),
    # --- parties the référentiel did not know -------------------------------------------------------------------------
    Default("acheteur.nom", "« Établissement SIRET »", "nom non porté par la source", _ALL),
    Default("acheteur.role", "partie", "un seul établissement est support d'un GHT : jamais présumé", _ALL),
    Default(
        "acheteur.dateDebut",
        DEBUT_RATTACHEMENT.isoformat(),
        "constitution des GHT (loi n° 2016-41 du 26/01/2016, art. 107) : date réelle de rattachement inconnue",
        _ALL,
    ),
    *(
        Default(f"{operator}.{champ}", valeur, justification, formats)
        for operator, formats in (
            ("titulaires[]", _ALL),
            ("modifications[].titulaires[]", _ALL),
            ("actesSousTraitance[].sousTraitant", _DECP),
        )
        for champ, valeur, justification in (
            ("denominationSociale", "« Fournisseur identifiant »", "nom non porté par la source"),
            ("categorieTiers", "50 (personne morale de droit privé)", "valeur par défaut des schémas PES"),
            ("natureJuridique", "03 (société)", "valeur par défaut des schémas PES"),
        )
    ),
)

_BY_FIELD = {default.champ: default for default in DEFAULTS}


def completed(champ: str, valeur: object) -> Completed:
    """The record of one completed field.

    Raises:
        KeyError: the field is not in the table: it may not be completed.
    """
    return _completed(champ, str(valeur))


@lru_cache(maxsize=4096)
def _completed(champ: str, valeur: str) -> Completed:
    # Most marchés of a file are completed alike: the report of a large one then holds each completion once.
    return Completed(champ, valeur, _BY_FIELD[_INDEX.sub("[]", champ)].justification)
