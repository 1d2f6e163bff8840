"""The first months of the story: a fictitious GHT connects its hub, with the incidents such weeks bring."""

from __future__ import annotations

from datetime import date

from semaphore_hub.demo.ght import FOURNISSEURS, REPRIS, titulaire
from semaphore_hub.demo.identifiers import iban
from semaphore_hub.demo.marches import CONCESSION
from semaphore_hub.demo.partners import CODE_COLLECTIVITE, COMPTE_FERME, COMPTES
from semaphore_hub.demo.steps import (
    AFTER_RETRY,
    AWAITED,
    BY_API,
    BY_FILE,
    QUEUED,
    RETRYING,
    Amend,
    AtPartner,
    Break,
    ChangeSupplier,
    Concede,
    Configure,
    Connect,
    Correct,
    CreateSupplier,
    Expected,
    Notify,
    Operate,
    Replay,
    Step,
    SwitchChannel,
    Upgrade,
    refused,
)

DGFIP, GEF, PLACE = "dgfip", "gef_ideo_gelf", "place"
SFTP, SOAP, EAI, NC, SAAS = "gef_0904", "gef_2k22", "gef_eai_prodige", "gef_nc", "gef_saas"


def _day(month: int, day: int) -> date:
    return date(2026, month, day)


FIRST_MONTHS: tuple[Step, ...] = (
    # --- the hub is connected
    Step(
        _day(1, 5),
        "Un fournisseur est repris dans le référentiel avant le raccordement de la GEF",
        (CreateSupplier(REPRIS),),
    ),
    Step(
        _day(1, 5),
        "Raccordement des partenaires, puis des autres fournisseurs : la GEF, en version 1.8, reste en fichiers",
        (Connect(), *(CreateSupplier(name) for name in FOURNISSEURS if name != REPRIS)),
        {GEF: BY_FILE},
        hour=10,
    ),
    Step(
        _day(1, 6),
        "Notification de l'accord-cadre de médicaments ; le code collectivité a été mal saisi au paramétrage",
        (Notify("médicaments"),),
        {DGFIP: refused("ERREUR_CODE_COLLECTIVITE_BUDGET"), GEF: BY_FILE},
    ),
    Step(
        _day(1, 7),
        "Le code collectivité est rectifié et une correction renvoie le marché, sous la même séquence",
        (
            Configure(DGFIP, {"codCol": CODE_COLLECTIVITE}),
            Correct("médicaments", {"motif": "Rejet du comptable : budget inconnu", "actualiserTitulaires": True}),
        ),
        {DGFIP: Expected(sequence=1), GEF: BY_FILE},
    ),
    Step(_day(1, 12), "Notification du marché de dispositifs médicaux", (Notify("dispositifs"),)),
    Step(
        _day(1, 14),
        "Notification de la restauration et du nettoyage",
        (Notify("restauration"), Notify("nettoyage")),
    ),
    Step(
        _day(1, 19),
        "Notification de l'électricité ; le comptable envoie deux fois son acquit",
        (Break(DGFIP, scenarios=("acquit_en_double*1",)), Notify("énergie")),
    ),
    # --- a supplier the GEF does not know
    Step(
        _day(1, 20),
        "Notification des réactifs : une GEF refuse le fournisseur qu'elle ignore, une autre attend sa fiche",
        (Notify("réactifs"),),
        {GEF: refused("TIERS_INCONNU"), EAI: AWAITED},
    ),
    Step(
        _day(1, 21),
        "La fiche du fournisseur est complétée : la GEF l'apprend",
        (ChangeSupplier(REPRIS, {"adresse": {**FOURNISSEURS[REPRIS]["adresse"], "complement": "Bâtiment B"}}),),
    ),
    Step(_day(1, 21), "Un opérateur rejoue l'envoi refusé", (Replay(GEF, "réactifs"),), hour=10),
    # --- the version gate
    Step(
        _day(1, 26),
        "La GEF passe en version 2.1 : l'API s'ouvre ; notification de la maintenance informatique",
        (Upgrade(GEF, "2.1"), Notify("informatique")),
        {GEF: BY_API},
    ),
    # --- incidents of the accountant's deposit
    Step(
        _day(1, 28),
        "Le dépôt de la DGFIP est en panne (503, puis reprise) : deux notifications et un avenant attendent leur tour",
        (
            Break(DGFIP, script=("503:1",) * 6),
            Notify("transport"),
            Notify("biomédical"),
            Amend("dispositifs", {"objet": "Ajout de références stériles", "montant": "455000.00"}),
        ),
        {DGFIP: AFTER_RETRY},
    ),
    Step(
        _day(2, 2),
        "Notification des travaux à un groupement ; le dépôt prend le flux, ne répond pas à temps et perd l'acquit",
        (Break(DGFIP, script=("timeout:60s",), scenarios=("acquit_perdu*1",)), Notify("travaux")),
        {DGFIP: AFTER_RETRY},
    ),
    Step(
        _day(2, 4),
        "Notification du marché subséquent d'anticancéreux ; l'acquit du comptable tarde",
        (Break(DGFIP, scenarios=("acquit_tardif:3d*1",)), Notify("anticancéreux")),
        {DGFIP: AWAITED},
    ),
    Step(
        _day(2, 5),
        "Avenant au marché subséquent : le hub le retient tant que la séquence précédente n'est pas acquittée",
        (Amend("anticancéreux", {"objet": "Hausse des quantités", "montant": "410000.00"}),),
        {DGFIP: QUEUED},
    ),
    Step(
        _day(2, 9),
        "L'acquit attendu arrive, l'avenant part à sa suite",
        about=("anticancéreux",),
        expected={DGFIP: Expected(sequence=2)},
    ),
    # --- an account that is not open
    Step(
        _day(2, 11),
        f"Notification du mobilier : le compte {COMPTE_FERME} n'est pas ouvert dans la GEF",
        (Notify("mobilier"),),
        {GEF: refused("COMPTE_INCONNU")},
    ),
    Step(
        _day(2, 12),
        "Le compte est ouvert dans la GEF, l'opérateur rejoue l'envoi",
        (AtPartner(GEF, {"comptes": [*COMPTES, COMPTE_FERME]}), Replay(GEF, "mobilier")),
    ),
    Step(
        _day(2, 16),
        "Trois avenants : montant de la restauration, durée du nettoyage, montant et durée de l'informatique",
        (
            Amend("restauration", {"objet": "Ouverture d'une unité", "montant": "1010000.00"}),
            Amend("nettoyage", {"objet": "Prolongation de trois mois", "dureeMois": 15}),
            Amend("informatique", {"objet": "Astreinte de nuit", "montant": "172500.00", "dureeMois": 18}),
        ),
    ),
    # --- degraded mode of the GEF
    Step(
        _day(2, 18),
        "Notification des échographes ; l'API de la GEF est indisponible et demande trente secondes de patience",
        (Break(GEF, script=("503:30",)), Notify("échographes")),
        {GEF: RETRYING},
    ),
    Step(
        _day(2, 18),
        "Un opérateur bascule la GEF en mode fichier : ce qui n'est sûrement pas passé repart en fichier",
        (SwitchChannel(GEF, "file"),),
        {GEF: BY_FILE},
        about=("échographes",),
        hour=11,
    ),
    Step(
        _day(2, 19),
        "Avenant à l'électricité pendant la coupure",
        (Amend("énergie", {"objet": "Rattachement d'un site", "montant": "1390000.00"}),),
        {GEF: BY_FILE},
    ),
    Step(
        _day(2, 23),
        "L'API répond de nouveau, l'opérateur y revient ; notification de la blanchisserie",
        (SwitchChannel(GEF, "api"), Notify("blanchisserie")),
        {GEF: BY_API},
    ),
    # --- ordinary life
    Step(
        _day(2, 25),
        "Correction du lieu d'exécution de la maintenance biomédicale, mal orthographié",
        (
            Correct(
                "biomédical",
                {"motif": "Lieu d'exécution mal orthographié", "complements": {"nomLieuExecution": "Rivebelle"}},
            ),
        ),
        {DGFIP: Expected(sequence=2)},
    ),
    Step(
        _day(2, 27),
        "Avenant aux travaux, réparti entre les deux membres du groupement ; la GEF répond deux fois",
        (
            Break(GEF, scenarios=("acquit_en_double*1",)),
            Amend(
                "travaux",
                {
                    "objet": "Reprise des réseaux enterrés",
                    "montant": "2520000.00",
                    "dureeMois": 20,
                    "parts": [
                        {"typeIdentifiant": "SIRET", "id": FOURNISSEURS["bâtiment"]["id"], "montant": "1950000.00"},
                        {"typeIdentifiant": "SIRET", "id": FOURNISSEURS["électricité"]["id"], "montant": "570000.00"},
                    ],
                },
            ),
        ),
    ),
    Step(
        _day(3, 3),
        "Avenant à l'accord-cadre de médicaments ; la réponse de la GEF se perd en route",
        (
            Break(GEF, script=("lost:502",)),
            Amend("médicaments", {"objet": "Nouvelles molécules", "montant": "1980000.00"}),
        ),
        {GEF: AFTER_RETRY},
    ),
    Step(
        _day(3, 5),
        "Le fournisseur de réactifs change de banque : sa fiche est mise à jour",
        (
            ChangeSupplier(
                REPRIS,
                {"compteBancaire": {**FOURNISSEURS[REPRIS]["compteBancaire"], "iban": iban(106)}},
            ),
        ),
    ),
    Step(
        _day(3, 6),
        "Une correction porte le nouveau compte bancaire au comptable",
        (Correct("réactifs", {"motif": "Changement de compte bancaire", "actualiserTitulaires": True}),),
        {DGFIP: Expected(sequence=2)},
    ),
    # --- the execution
    Step(
        _day(3, 9),
        "L'ordre de service ouvre le chantier ; un sous-traitant payé directement est accepté (DC4)",
        (
            Operate("travaux", "demarrage", {"dateDebut": "2026-03-09"}),
            Operate(
                "travaux",
                "sous-traitances",
                {
                    "objet": "Réseaux de fluides médicaux",
                    "sousTraitant": {"typeIdentifiant": "SIRET", "id": FOURNISSEURS["biomédical"]["id"]},
                    "titulaire": {"typeIdentifiant": "SIRET", "id": FOURNISSEURS["bâtiment"]["id"]},
                    "montant": "140000.00",
                    "dureeMois": 8,
                    "dateNotification": "2026-03-09",
                    "datePublicationDonnees": "2026-03-09",
                    "variationPrix": "Ferme",
                    "paiementDirect": True,
                    "autoliquidationTVA": True,
                },
            ),
        ),
        {DGFIP: Expected(sequence=3)},
    ),
    Step(
        _day(3, 12),
        "Le sous-traitant reprend aussi le réseau de vide : son acte est modifié",
        (
            Operate(
                "travaux",
                "sous-traitances/1/modifications",
                {
                    "objet": "Ajout du réseau de vide",
                    "dateNotificationModificationSousTraitance": "2026-03-12",
                    "datePublicationDonnees": "2026-03-12",
                    "montant": "155000.00",
                },
            ),
        ),
        {DGFIP: Expected(sequence=4)},
    ),
    Step(
        _day(3, 16),
        "Révision du prix de l'électricité : le comptable l'apprend, les données publiées n'en changent pas",
        (
            Operate(
                "énergie",
                "revisions",
                {"date": "2026-03-16", "motif": "Révision trimestrielle", "coefficient": "1.0235"},
            ),
        ),
    ),
    Step(
        _day(3, 18),
        "Prolongation du nettoyage, prévue par une clause de réexamen (art. R2194-1)",
        (
            Operate(
                "nettoyage",
                "prolongation",
                {
                    "objet": "Deux mois de plus, le temps de la nouvelle consultation",
                    "dateNotificationModification": "2026-03-18",
                    "datePublicationDonneesModification": "2026-03-18",
                    "fondement": "CLAUSE_REEXAMEN",
                    "justification": {"clause": "CCAP, article 4.2"},
                    "mois": 2,
                },
            ),
        ),
    ),
    Step(
        _day(3, 20),
        "Le transporteur est absorbé par une autre société : changement de titulaire (art. R2194-6)",
        (
            Operate(
                "transport",
                "changement-titulaire",
                {
                    "objet": "Fusion-absorption du titulaire",
                    "dateNotificationModification": "2026-03-20",
                    "datePublicationDonneesModification": "2026-03-20",
                    "titulaires": [titulaire("restauration")],
                    "justification": {"causeCession": "restructuration du titulaire"},
                },
            ),
        ),
    ),
    Step(
        _day(3, 23),
        "Une concession est signée : télévision et téléphonie au lit des patients",
        (Concede("télévision", CONCESSION),),
    ),
)
