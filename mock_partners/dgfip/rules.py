"""Why Hélios refuses a contract for what it already knows: rules that no single document can break.

Each has an id, a French sentence and a source, and travels in the label of the acknowledgement. Rules that we only
suppose say so (« hypothèse »).
"""

from __future__ import annotations

from dataclasses import dataclass

SUPPOSED = "hypothèse"


@dataclass(frozen=True, slots=True)
class Rule:
    """A reason to refuse.

    Attributes:
        id: its name.
        sentence: French, with the values to fill in.
        source: the official document, or "hypothèse".
        code: NumAnoAck of the acknowledgement.
    """

    id: str
    sentence: str
    source: str
    code: str = "ERREUR_AUTRE"

    def broken(self, **values: object) -> tuple[str, str]:
        """Code and label of the anomaly."""
        mark = f"{self.id}, {SUPPOSED}" if self.source.startswith(SUPPOSED) else self.id
        return self.code, f"{self.sentence.format(**values)} [{mark}]"


_SEQUENCE = "XSD PES Marché v5.17, SequenceEnvoi ; FAQ DGFiP du 26/09/2025"
_CORRECTIVE = "XSD PES Marché v5.17, CaractereCorrectifEnregistrement"

SEQUENCE = Rule("HELIOS-SEQUENCE", "Rupture de séquence d'envoi : reçu {got}, attendu {expected}.", _SEQUENCE)
FIRST_CORRECTIVE = Rule("HELIOS-SEQUENCE-1", "Un premier envoi ne peut pas corriger une erreur matérielle.", _SEQUENCE)
ORDER = Rule(
    "HELIOS-ORDRE",
    "La modification {got} est antérieure à la dernière reçue ({last}).",
    "XSD PES Marché v5.17, NumeroOrdreModification",
)
CORRECTIVE = Rule(
    "HELIOS-CORRECTIF",
    "Correctif refusé : il ne peut remplacer que le contrat initial non modifié, la dernière modification ou le "
    "correctif qui précède.",
    _CORRECTIVE,
)
BUYER = Rule(
    "HELIOS-ACHETEUR",
    "L'acheteur {siret} n'est pas un budget actif : demandez au comptable de l'ouvrir, ou retirez-le du marché.",
    "XSD PES Marché v5.17, IdAcheteur",
    "ERREUR_SIRET",
)
AUTHORITY = Rule(
    "HELIOS-PA",
    "Le marché a plusieurs acheteurs et l'émetteur {siret} n'en est pas : renseignez le pouvoir adjudicateur (PA).",
    "hypothèse, d'après XSD PES Marché v5.17, PA",
)
ANNEXE = Rule(
    "HELIOS-MULTIBUDGET",
    "Le budget {siret} est un budget annexe : mettez MultiBudget à 0.",
    "XSD PES Marché v5.17, MultiBudget",
)
NUMBER = Rule(
    "HELIOS-NUMERO-ACTE",
    "La modification {number} a déjà été intégrée avec un autre contenu : donnez son propre numéro à chaque acte, ou "
    "envoyez un correctif.",
    "hypothèse, d'après XSD PES Marché v5.17, NumeroActe",
)
ACT_NUMBER = Rule(
    "HELIOS-ACTE-SOUS-TRAITANCE",
    "L'acte de sous-traitance {number} est déjà celui d'un autre sous-traitant du marché ({known}).",
    "XSD PES Marché v5.17, NumeroActeSousTraitance",
)
ACT_UNKNOWN = Rule(
    "HELIOS-ACTE-INCONNU",
    "La modification de sous-traitance {number} porte sur l'acte {act}, qui n'a pas été déclaré.",
    "hypothèse, d'après XSD PES Marché v5.17, NumeroActeSousTraitance",
)
ACT_NEGATIVE = Rule(
    "HELIOS-ACTE-NEGATIF",
    "La modification de sous-traitance {number} retire plus que le montant de l'acte {act} ({known}).",
    "hypothèse, d'après XSD PES Marché v5.17, DeltaMontantHTNotifie",
)
DELTA = Rule(
    "HELIOS-ECART",
    "La modification {number} dit {what} {new} avec un écart de {delta}, alors que la valeur précédente est {known} : "
    "la nouvelle valeur doit être la précédente plus l'écart.",
    "hypothèse, d'après XSD PES Marché v5.17, DeltaMontantHTNotifie et DeltaDureeEnMois",
)
CONCESSION_DURATION = Rule(
    "HELIOS-CONCESSION-DUREE",
    "La durée initiale de la concession ne se modifie pas : {got} mois reçus, {known} connus.",
    "XSD PES Marché v5.17, DureeMoisInitiale",
)
CONCESSION_FIRST = Rule(
    "HELIOS-CONCESSION-INITIALE",
    "Le correctif d'un premier envoi ne porte pas de modifications : retirez ModificationsConcession.",
    "XSD PES Marché v5.17, ModificationsConcession",
)
PIECE = Rule(
    "HELIOS-PIECE",
    "La pièce jointe {piece} a déjà été intégrée : donnez son propre IdUnique à chaque pièce.",
    "XSD PES v5.17, PES_PJ/IdUnique",
    "ERREUR_DOUBLON_PJ",
)

RULES = (
    SEQUENCE,
    FIRST_CORRECTIVE,
    ORDER,
    CORRECTIVE,
    BUYER,
    AUTHORITY,
    ANNEXE,
    NUMBER,
    ACT_NUMBER,
    ACT_UNKNOWN,
    ACT_NEGATIVE,
    DELTA,
    CONCESSION_DURATION,
    CONCESSION_FIRST,
    PIECE,
)
