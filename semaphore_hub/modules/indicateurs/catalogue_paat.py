"""Indicators of the purchasing action plans (PAAT), as data. Amounts TTC."""

from __future__ import annotations

from semaphore_hub.modules.indicateurs.formules import actions
from semaphore_hub.modules.indicateurs.indicateur import Consolide, Decoupage, Filtrage, Indicateur

_LIGNES = (
    "lignes des PAAT connues du hub (saisies, importées) ; les gains retenus sont nuls sur les lignes exclues par les "
    "contrôles DGOS"
)
_DECOUPAGES: tuple[Decoupage, ...] = ("famille", "domaine", "operateur", "role", "levier", "effet", "report")
_FILTRES: tuple[Filtrage, ...] = ("famille", "operateur", "role")
_PONDERATION = (
    "Le taux de l'ensemble n'est pas reproductible à partir des taux des régions : leurs poids (volumes d'achats, "
    "nombres de lignes) ne sont pas publiés."
)

PAAT = (
    Indicateur(
        code="objectifs",
        libelle="Objectif de gains",
        formule="objectif de gains de l'année, dans sa dernière édition ; total : somme des objectifs",
        unite="euros",
        unite_sommes="euros",
        decimales=2,
        source="DGOS 2022, l. 1424-1442 (objectifs 2022 après révision)",
        atteste=True,
        perimetre="objectifs enregistrés, par région ou par GHT",
        nature="objectif",
        mesures=(),
        calcul=actions.objectif,
        niveaux=("national", "region", "ght"),
        reference="objectif",
        consolide=Consolide("objectif", numerateur="objectif"),
    ),
    Indicateur(
        code="atteinte-objectif",
        libelle="Atteinte de l'objectif de gains",
        formule=(
            "gains retenus de l'année / objectif de gains ; gains retenus = gains des actions reportées de l'année "
            "précédente + gains des actions de l'année, chacun pour sa part de l'année (prorata temporis)"
        ),
        unite="taux",
        unite_sommes="euros",
        decimales=0,
        source="DGOS 2022, l. 1209-1216 (363 M€ pour 316 M€, report 21 % + 94 %) et 1234-1252",
        atteste=True,
        perimetre=_LIGNES,
        nature="action",
        mesures=actions.GAINS,
        calcul=actions.atteinte,
        niveaux=("national", "region", "ght"),
        reference="objectif",
        consolide=Consolide("atteinte", "performance", "objectif"),
    ),
    Indicateur(
        code="part-report",
        libelle="Part de l'objectif atteinte par le report",
        formule="gains retenus, dans l'année, des actions reportées de la précédente / objectif de gains",
        unite="taux",
        unite_sommes="euros",
        decimales=0,
        source="DGOS 2022, l. 1216 (effet report : 21 % de l'objectif)",
        atteste=True,
        perimetre=_LIGNES,
        nature="action",
        mesures=actions.GAINS,
        calcul=actions.part_report,
        niveaux=("national", "region", "ght"),
        reference="objectif",
    ),
    Indicateur(
        code="gains",
        libelle="Gains retenus",
        formule=(
            "somme des gains retenus, chacun pour sa part de l'année ; poids d'une ligne = ses gains / somme des gains"
        ),
        unite="euros",
        unite_sommes="euros",
        decimales=2,
        source="DGOS 2022, l. 1222, 1353, 1366, 1374 (répartition des gains), 1406 (poids de l'action dans les gains)",
        atteste=True,
        perimetre=_LIGNES,
        nature="action",
        mesures=actions.GAINS,
        calcul=actions.gains,
        decoupages=_DECOUPAGES,
        filtres=_FILTRES,
        poids=True,
        consolide=Consolide("performance", numerateur="performance"),
    ),
    Indicateur(
        code="taux-performance",
        libelle="Taux de performance sur périmètre traité",
        formule=(
            "gains retenus en année pleine / montant traité ; montant traité = périmètre de la ligne, à défaut son "
            "montant de référence, sur les lignes retenues"
        ),
        unite="taux",
        unite_sommes="euros",
        decimales=1,
        source="nom : DGOS 2022, l. 1338 (5,3 % en 2021) ; formule : hypothèse",
        atteste=False,
        perimetre=_LIGNES,
        nature="action",
        mesures=(*actions.GAINS, *actions.TRAITE),
        calcul=actions.taux_performance,
        decoupages=_DECOUPAGES,
        filtres=_FILTRES,
        consolide=Consolide("taux_performance", total=_PONDERATION),
    ),
    Indicateur(
        code="taux-couverture",
        libelle="Taux de couverture (part d'achats traitée)",
        formule=(
            "montant traité dans l'année / volume d'achats ; montant traité : voir le taux de performance, sans les "
            "actions reportées (traitées l'année précédente)"
        ),
        unite="taux",
        unite_sommes="euros",
        decimales=1,
        source=(
            "nom : DGOS 2022, l. 1270-1300 ; définition : hypothèse (lignes retenues et nouvelles seules : en 2021 la "
            "Martinique a 0 % de qualité, 0 % de couverture et pourtant 3,4 M€ de performance, l. 1248, 1296, 1335)"
        ),
        atteste=False,
        perimetre=_LIGNES,
        nature="action",
        mesures=actions.COUVERTURE,
        calcul=actions.taux_couverture,
        decoupages=("famille",),
        filtres=("famille",),
        reference="volume",
        consolide=Consolide("taux_couverture", total=_PONDERATION),
    ),
    Indicateur(
        code="taux-couverture-cumul",
        libelle="Taux de couverture cumulé sur trois ans",
        formule="somme des taux de couverture de l'année et des deux précédentes ; peut dépasser 100 %",
        unite="taux",
        unite_sommes="euros",
        decimales=0,
        source="DGOS 2022, l. 1277, 1282-1300 (sommes vérifiées ; 116 % en Bretagne)",
        atteste=True,
        perimetre=_LIGNES,
        nature="action",
        mesures=actions.COUVERTURE,
        calcul=actions.taux_couverture,
        decoupages=("famille",),
        filtres=("famille",),
        reference="volume",
        cumul=3,
        consolide=Consolide("taux_couverture", total=_PONDERATION),
    ),
    Indicateur(
        code="taux-qualite",
        libelle="Taux de qualité des déclarations (en nombre)",
        formule="lignes retenues / lignes déclarées",
        unite="taux",
        unite_sommes="nombre",
        decimales=0,
        source="nom : DGOS 2022, l. 1308 et 1318-1336 ; définition : hypothèse (aucune n'est publiée)",
        atteste=False,
        perimetre="lignes des PAAT connues du hub, exclues comprises",
        nature="action",
        mesures=actions.QUALITE,
        calcul=actions.qualite,
        decoupages=(*_DECOUPAGES, "controle"),
        filtres=_FILTRES,
        consolide=Consolide("taux_qualite", total=_PONDERATION),
    ),
    Indicateur(
        code="taux-qualite-valeur",
        libelle="Taux de qualité des déclarations (en valeur)",
        formule=(
            "1 - gains retirés / gains déclarés ; gain déclaré d'une ligne = sa part de l'année, à défaut le gain "
            "annuel"
        ),
        unite="taux",
        unite_sommes="euros",
        decimales=0,
        source="hypothèse (variante en valeur ; 363,1 / (363,1 + 39,6) = 90 %, et non les 92 % de la source)",
        atteste=False,
        perimetre="lignes des PAAT connues du hub, exclues comprises",
        nature="action",
        mesures=actions.QUALITE_VALEUR,
        calcul=actions.qualite_valeur,
        decoupages=(*_DECOUPAGES, "controle"),
        filtres=_FILTRES,
    ),
)
