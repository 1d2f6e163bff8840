"""The procedure that a need calls for, with every step of its computation in French; pure functions.

Thresholds are those of :mod:`semaphore_hub.modules.referentiel.seuils` on the day of the launch. The reading of
articles R2121-1 to R2121-9 of the CCP (what is summed) is a hypothesis wherever a step says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from semaphore_hub.kernel.money import CENT
from semaphore_hub.modules.planification import rules
from semaphore_hub.modules.planification.codes import PROCEDURE_ADHESION, Strategie, TypeAchat
from semaphore_hub.modules.planification.donnees import Lot
from semaphore_hub.modules.planification.schemas import (
    ElementCalcul,
    EtapeCalcul,
    LotCalcule,
    ProcedureVue,
    Publicite,
)
from semaphore_hub.modules.referentiel import seuils
from semaphore_hub.modules.referentiel.ecriture import euros, jour_ecrit, pourcentage
from semaphore_hub.modules.referentiel.rules import Rule
from semaphore_hub.modules.referentiel.schemas import Avertissement
from semaphore_hub.modules.referentiel.seuils import Procedure, ProcedureRequise

_PUBLICITES: dict[Publicite, str] = {
    "aucune": "Ni publicité ni mise en concurrence préalable.",
    "adaptee": "Publicité librement adaptée au montant et à l'objet.",
    "boamp_ou_jal": "Avis au BOAMP ou dans un journal d'annonces légales.",
    "boamp_et_joue": "Avis au BOAMP et au Journal officiel de l'Union européenne.",
}
_MOIS = 12


@dataclass(frozen=True, slots=True)
class Besoin:
    """What is summed, for a category, a GHT and a year.

    Attributes:
        type_achat: nature of the purchase.
        annee: year over which the needs of the category are summed.
        elements: what was found, the project itself first.
        lots: lots of the project.
        categorie: NCHFS code.
        ght: code of the GHT; None for a computation outside any GHT.
    """

    type_achat: TypeAchat
    annee: int
    elements: tuple[ElementCalcul, ...]
    lots: tuple[Lot, ...] = ()
    categorie: str | None = None
    ght: str | None = None

    @property
    def valeur(self) -> Decimal:
        """What is compared with the thresholds, euros HT."""
        return sum((one.montant for one in self.elements), Decimal(0))


def valeur_sur_duree(annuel: Decimal, duree_mois: int) -> Decimal:
    """A recurring need over a duration, euros HT, rounded half up to the cent: annual × months / 12."""
    return (annuel * duree_mois / _MOIS).quantize(CENT, ROUND_HALF_UP)


def valeur_recurrente(annuel: Decimal, duree_mois: int) -> Decimal:
    """The value of a recurring need that is compared with the thresholds, euros HT: never less than twelve months.

    Source: art. R2121-7 CCP (needs of twelve months), reading assumed.
    """
    return valeur_sur_duree(annuel, max(_MOIS, duree_mois))


def calculer(besoin: Besoin, jour: date) -> ProcedureVue:
    """The procedure of a need launched on ``jour``, by the GHT itself.

    Raises:
        SeuilInconnu: no threshold is recorded for that day.
    """
    value = besoin.valeur
    whole = seuils.procedure_requise(value, besoin.type_achat, jour)
    steps = [*_summed(besoin), _sum(besoin.elements, value)]
    period = seuils.periode(jour)
    steps.append(
        EtapeCalcul(
            texte=f"{whole.calcul} : {whole.procedure}.",
            source=f"{period.source} ; art. R2122-8, R2123-1 et R2124-1 CCP",
        )
    )
    publicity = _publicity(whole)
    steps.append(EtapeCalcul(texte=_PUBLICITES[publicity], source="art. R2131-12, R2131-16 et R2122-8 CCP"))
    lots, more, warnings = _lots(besoin, whole, jour)
    return ProcedureVue(
        dateLancement=jour,
        typeAchat=besoin.type_achat,
        categorie=besoin.categorie,
        annee=besoin.annee,
        valeur=value,
        procedure=whole.procedure,
        publicite=publicity,
        elements=besoin.elements,
        etapes=(*steps, *more),
        lots=lots,
        avertissements=(*_category_warnings(besoin), *warnings),
    )


def par_adhesion(besoin: Besoin, strategie: Strategie, jour: date) -> ProcedureVue:
    """What stands for the procedure when a central purchasing body buys: the sum is shown, no threshold applies."""
    value = besoin.valeur
    step = EtapeCalcul(
        texte=f"Achat confié à {strategie} : l'acheteur qui recourt à une centrale d'achat est considéré comme ayant "
        "respecté ses obligations de publicité et de mise en concurrence.",
        source="art. L2113-2 et L2113-4 CCP ; hypothèse pour un GCS, à vérifier dans sa convention constitutive",
    )
    return ProcedureVue(
        dateLancement=jour,
        typeAchat=besoin.type_achat,
        categorie=besoin.categorie,
        annee=besoin.annee,
        valeur=value,
        procedure=PROCEDURE_ADHESION,
        publicite="aucune",
        elements=besoin.elements,
        etapes=(*_summed(besoin), _sum(besoin.elements, value), step),
        lots=(),
        avertissements=(),
    )


def _summed(besoin: Besoin) -> list[EtapeCalcul]:
    others = len(besoin.elements) - 1
    if besoin.type_achat == "travaux":
        return [
            EtapeCalcul(
                texte="Travaux : la valeur est celle de l'opération entière ; un projet vaut une opération.",
                source="art. R2121-5 CCP ; hypothèse : un projet, une opération",
            )
        ]
    steps = [
        EtapeCalcul(
            texte="Chaque projet compte pour sa durée entière, tous lots et reconductions compris, et pour son maximum "
            "s'il s'agit d'un accord-cadre.",
            source="art. R2121-1, R2121-2 et R2121-8 CCP (lecture : hypothèse)",
        )
    ]
    if besoin.ght is None:
        return steps
    if besoin.categorie is None:
        words = "Sans catégorie homogène (NCHFS), rien d'autre n'est additionné : le projet vaut unité fonctionnelle."
    else:
        words = (
            f"Catégorie homogène {besoin.categorie}, GHT {besoin.ght} entier, année {besoin.annee} : "
            f"{others} autre(s) projet(s) ou besoin(s) additionné(s), y compris ceux qu'une centrale achète ; un "
            "besoin non repris compte pour douze mois."
        )
    source = "art. R2121-6 et R2121-7 CCP, art. L6132-3 CSP (un seul acheteur pour le GHT ; lecture : hypothèse)"
    return [*steps, EtapeCalcul(texte=words, source=source)]


def _sum(elements: Sequence[ElementCalcul], value: Decimal) -> EtapeCalcul:
    terms = " + ".join(euros(one.montant) for one in elements)
    words = f"{terms} = {euros(value)}" if len(elements) > 1 else f"Valeur du besoin : {euros(value)}"
    return EtapeCalcul(texte=f"{words} HT.", source="art. R2121-1 CCP")


def _publicity(required: ProcedureRequise) -> Publicite:
    if required.procedure is Procedure.DISPENSE:
        return "aucune"
    if required.procedure is Procedure.FORMALISEE:
        return "boamp_et_joue"
    return "boamp_ou_jal" if required.publicite else "adaptee"


def _lots(
    besoin: Besoin, whole: ProcedureRequise, jour: date
) -> tuple[tuple[LotCalcule, ...], tuple[EtapeCalcul, ...], tuple[Avertissement, ...]]:
    """The procedure of each lot: the 20 % are of the lots of the project, the threshold is that of the whole need."""
    if not besoin.lots:
        return (), (), ()
    total = sum((one.montant for one in besoin.lots), Decimal(0))
    small = sum((one.montant for one in besoin.lots if one.deroge), Decimal(0))
    within = small * 100 <= total * seuils.PETITS_LOTS_PART
    step = EtapeCalcul(
        texte=f"Petits lots sortis de la procédure : {euros(small)} sur {euros(total)}, soit "
        f"{pourcentage(small, total)} (limite {seuils.PETITS_LOTS_PART} % {'respectée' if within else 'dépassée'}).",
        source="art. R2123-1 2° et R2122-8 CCP",
    )
    found: list[LotCalcule] = []
    warnings: list[Avertissement] = []
    for rank, lot in enumerate(besoin.lots):
        own = _lot(lot, whole, besoin.type_achat, jour, within=within)
        found.append(
            LotCalcule(
                numero=lot.numero,
                montant=lot.montant,
                deroge=lot.deroge,
                procedure=own.procedure,
                publicite=_publicity(own),
                calcul=own.calcul,
            )
        )
        if lot.deroge and own.procedure is whole.procedure:
            warnings.append(
                averti(rules.LOT_DEROGATION, f"$.lots[{rank}].deroge", numero=lot.numero, calcul=own.calcul)
            )
    return tuple(found), (step,) if small else (), tuple(warnings)


def _lot(lot: Lot, whole: ProcedureRequise, type_achat: TypeAchat, jour: date, *, within: bool) -> ProcedureRequise:
    if not lot.deroge:
        return ProcedureRequise(whole.procedure, whole.publicite, "procédure du besoin entier")
    if not within:
        words = f"part de {seuils.PETITS_LOTS_PART} % dépassée : procédure du besoin entier"
        return ProcedureRequise(whole.procedure, whole.publicite, words)
    free = seuils.dispense(type_achat, jour)
    if lot.montant < free:
        words = f"lot de {euros(lot.montant)} < {euros(free)}, seuil de dispense au {jour_ecrit(jour)}"
        return ProcedureRequise(Procedure.DISPENSE, False, words)
    limit = seuils.PETIT_LOT_TRAVAUX if type_achat == "travaux" else seuils.PETIT_LOT_FOURNITURES_SERVICES
    if whole.procedure is Procedure.FORMALISEE and lot.montant < limit:
        words = f"lot de {euros(lot.montant)} < {euros(limit)}, limite des petits lots"
        return ProcedureRequise(Procedure.ADAPTEE, whole.publicite, words)
    words = f"lot de {euros(lot.montant)} ≥ {euros(limit if whole.procedure is Procedure.FORMALISEE else free)}"
    return ProcedureRequise(whole.procedure, whole.publicite, f"{words} : procédure du besoin entier")


def averti(rule: Rule, champ: str, **values: object) -> Avertissement:
    """A rule as a warning."""
    problem = rule.broken(champ, **values)
    return Avertissement(regle=problem.rule, champ=problem.path, message=problem.message)


def _category_warnings(besoin: Besoin) -> tuple[Avertissement, ...]:
    if besoin.ght is None or besoin.categorie is not None or besoin.type_achat == "travaux":
        return ()
    return (averti(rules.CATEGORIE_ABSENTE, "$.codeNCHFS"),)
