"""What cannot be computed, and why: printed figures that do not follow from printed inputs, indicators without data.

Said by the API (``/v1/indicateurs/limites``) and in the documentation: a figure that the hub cannot stand behind is
named, not imitated.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NonReproductible:
    """A printed figure that the printed inputs do not give.

    Attributes:
        chiffre: what is printed.
        lignes: lines of the source (DGOS, presentation of 17/06/2022).
        raison: why it cannot be computed again.
        indicateur: code of the indicator concerned, if there is one.
    """

    chiffre: str
    lignes: str
    raison: str
    indicateur: str | None = None


@dataclass(frozen=True, slots=True)
class NonCalculable:
    """An indicator that purchasing people expect and that the hub does not compute."""

    libelle: str
    raison: str


NON_REPRODUCTIBLES: tuple[NonReproductible, ...] = (
    NonReproductible(
        "Taux d'atteinte de La Réunion (21 %), Martinique (130 %), Guadeloupe (59 %), Guyane (3 %), Corse (45 %)",
        "DGOS 2022, l. 1247-1251",
        "Les montants sont imprimés à 0,1 M€ près : seul un intervalle se calcule, et le taux imprimé s'y trouve.",
        "atteinte-objectif",
    ),
    NonReproductible(
        "Report 21 % et actions de l'année 94 % de l'objectif 2021",
        "DGOS 2022, l. 1216",
        "Les montants ne sont pas publiés : 21 % + 94 % de 316,5 M€ donnent 364,0 M€ et non 363,1 (arrondis).",
        "part-report",
    ),
    NonReproductible(
        "Taux de couverture national : 23,4 %, 23,0 %, 23,6 %, cumul 70 %",
        "DGOS 2022, l. 1300",
        "Ce n'est pas la moyenne des régions (18,0 %, 20,3 %, 18,5 %) : les volumes d'achats qui les pondèrent ne sont "
        "pas publiés. Seul le cumul se vérifie : 23,4 + 23,0 + 23,6 = 70,0.",
        "taux-couverture",
    ),
    NonReproductible(
        "Taux de qualité national : 92 %",
        "DGOS 2022, l. 1308, 1336",
        "Ni la moyenne des régions (84,8 %), ni leur moyenne pondérée par la performance (90,8 %) ou l'objectif "
        "(90,9 %) ; la définition du taux et les nombres de lignes ne sont pas publiés.",
        "taux-qualite",
    ),
    NonReproductible(
        "39,6 M€ retirés de la performance",
        "DGOS 2022, l. 1310",
        "Les lignes exclues ne sont pas publiées, sauf sept ; 363,1 / (363,1 + 39,6) = 90 %, et non 92 %.",
        "taux-qualite-valeur",
    ),
    NonReproductible(
        "Taux de performance national : 5,3 %",
        "DGOS 2022, l. 1338",
        "Le montant traité national n'est pas publié (363,1 M€ / 5,3 % donneraient 6,85 Md€).",
        "taux-performance",
    ),
    NonReproductible(
        "Environ 150 M€ de sous-évaluation",
        "DGOS 2022, l. 1226",
        "Une estimation de la DGOS, sans détail.",
    ),
    NonReproductible(
        "Total des objectifs 2022 : 555 M€",
        "DGOS 2022, l. 1442",
        "La somme des régions est 554,9 M€ ; 555 en est l'arrondi.",
        "objectifs",
    ),
    NonReproductible(
        "Semaines de couverture de stock (6,65 ; 8,97 ; 6,44)",
        "DGOS 2022, l. 1033-1034, 1049",
        "Moyennes de ratios indépendantes : elles ne se retrouvent pas depuis le stock par lit et la dépense par lit.",
    ),
    NonReproductible(
        "Retour sur investissement des projets logistiques (11 GHT, sauf le GHT 11)",
        "DGOS 2022, l. 1062-1073",
        "Investissement / gains nets ne donne pas le retour imprimé (GHT 1 : 22,9 et non 17,3) : d'autres gains, "
        "ponctuels, y entrent (DGOS 2022, l. 1100). Seul le GHT 11 se retrouve (10,0).",
    ),
    NonReproductible(
        "48 ETP de soignants rendus",
        "DGOS 2022, l. 1092",
        "Les projets viables totalisent 31,0 ETP, tous les projets 53,8.",
    ),
    NonReproductible(
        "50 % de scénarios viables, 50 % avec construction",
        "DGOS 2022, l. 1081-1083",
        "Viables : 6 sur 11 (55 %) ou 7 sur 11 (64 %) ; construction : 7 sur 11, ou 4 des 6 viables.",
    ),
)

NON_CALCULABLES: tuple[NonCalculable, ...] = (
    NonCalculable(
        "Délai global de paiement",
        "Les mandats reçus des GEF portent la date du mandat, ni celle de la réception de la facture ni celle du "
        "paiement : le délai n'a pas de début ni de fin.",
    ),
    NonCalculable(
        "Gains budgétaires",
        "Le type d'effet budgétaire est connu, mais pas la dépense réelle avant et après : voir les gains par effet.",
    ),
    NonCalculable(
        "Part des achats auprès de l'économie sociale et solidaire",
        "La qualité d'entreprise de l'ESS n'est ni dans les marchés ni dans le fichier des entreprises.",
    ),
)
