"""A small Hélios: knows its budgets, the sequences of each marché, and the reasons to refuse.

Codes are those of the closed list of PES_ACQUIT v2. No code is specific to marchés: business refusals travel as
ERREUR_AUTRE with a label (hypothèse, after the acknowledgements seen in public test files); labels are our own words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import contracts
from mock_partners.dgfip.acquit import MARCHE, SETTINGS, TECHNICAL, Answer
from mock_partners.dgfip.aller import Flow, MarcheRecord

_SIRET_RULE = re.compile(r"PES-SIRET-")
_CODE_BY_RULE = {
    "PES-ENCODAGE": "ERREUR_ENCODING",
    "PES-MARCHE-ABSENT": "ERREUR_FLUX_VIDE",
    "PES-VERSION": "ERREUR_VERSION_PES",
    "PES-VENTILATION-HT": "ERREUR_CUMUL_MONTANTS",
    "PES-VENTILATION-TVA": "ERREUR_CUMUL_MONTANTS",
    "PES-ACHETEURS-ESTIMATION": "ERREUR_CUMUL_MONTANTS",
}
# Broken rules for which the whole flow is refused in one technical element; the others refuse the marché.
_WHOLE_FLOW = frozenset(
    {
        "PES-XML",
        "PES-ENCODAGE",
        "PES-DOCTYPE",
        "PES-TAILLE",
        "PES-SCHEMA",
        "PES-VERSION",
        "PES-MARCHE-ABSENT",
        "PES-PERIMETRE",
        "PES-IDVER",
        "PES-IDVER-PJ",
        "PES-SIRET-COLLECTIVITE",
    }
)
_MAX_ERRORS = 5


@dataclass(frozen=True, slots=True)
class Budget:
    """A budget that Hélios knows. ``finess`` is compared when given."""

    siret: str
    codique: str
    codCol: str
    codBud: str = "00"
    finess: str | None = None


@dataclass(slots=True)
class Integrated:
    """One integrated sequence. ``kind``: initial, modification, actualisation or correctif."""

    sequence: int
    order: str
    kind: str
    file: str
    replaced: bool = False


@dataclass(slots=True)
class Helios:
    """The business state. ``marches`` is keyed ``IdColl/IdContrat``; ``None`` budgets accept any."""

    budgets: tuple[Budget, ...] | None = None
    buyers: frozenset[str] | None = None
    marches: dict[str, list[Integrated]] = field(default_factory=dict)

    def receive(
        self, flow: Flow, body: bytes, *, force_break: bool = False, force_unknown: bool = False
    ) -> list[Answer]:
        """Check a flow, integrate what can be, and say so marché by marché.

        Args:
            force_break: refuse as if a sequence were missing (scenario).
            force_unknown: refuse as if the budget were unknown (scenario).
        """
        refusal = self._refuse_flow(flow, force_unknown=force_unknown)
        if refusal is not None:
            return [refusal]
        report = contracts.validate(f"dgfip/pes-marche/{flow.version}", body)
        errors = [finding for finding in report.findings if finding.severity == "error"]
        whole = [finding for finding in errors if finding.rule in _WHOLE_FLOW]
        if whole:
            return [Answer(TECHNICAL, False, errors=_errors(whole, "Erreur technique de validation du flux : "))]
        answers = []
        for position, record in enumerate(flow.marches, start=1):
            own = [finding for finding in errors if _concerns(finding.path, position, len(flow.marches))]
            answers.append(self._receive_marche(flow, record, own, force_break=force_break))
        return answers

    def _refuse_flow(self, flow: Flow, *, force_unknown: bool) -> Answer | None:
        """Header checks: an unknown office or budget refuses the whole flow."""
        siret = flow.header.get("IdColl", "")
        unknown = f"Le budget {siret} (collectivité {flow.collectivite}) est inconnu du poste."
        if force_unknown or (self.buyers is not None and siret not in self.buyers):
            return Answer(SETTINGS, False, errors=(("ERREUR_CODE_COLLECTIVITE_BUDGET", unknown),))
        if self.budgets is None:
            return None
        office = [budget for budget in self.budgets if budget.codique == flow.header["IdPost"]]
        if not office:
            label = f"Le poste comptable {flow.header['IdPost']} est inconnu."
            return Answer(SETTINGS, False, errors=(("ERREUR_CODIQUE", label),))
        found = next(
            (
                budget
                for budget in office
                if (budget.siret, budget.codCol, budget.codBud) == (siret, flow.collectivite, flow.header["CodBud"])
            ),
            None,
        )
        if found is None:
            return Answer(SETTINGS, False, errors=(("ERREUR_CODE_COLLECTIVITE_BUDGET", unknown),))
        if found.finess is not None and flow.header.get("FinJur") != found.finess:
            label = f"Le FINESS juridique {flow.header.get('FinJur') or 'absent'} n'est pas celui du budget."
            return Answer(SETTINGS, False, errors=(("ERREUR_AUTRE", label),))
        return None

    def _receive_marche(
        self, flow: Flow, record: MarcheRecord, errors: list[contracts.Finding], *, force_break: bool
    ) -> Answer:
        reference = f"{record.contract}-{int(record.sequence):03d}"
        if errors:
            return Answer(MARCHE, False, reference, errors=_errors(errors))
        known = self.marches.setdefault(f"{flow.header['IdColl']}/{record.contract}", [])
        label = self._refuse_sequence(record, known, force_break=force_break)
        if label is not None:
            return Answer(MARCHE, False, reference, errors=(("ERREUR_AUTRE", label),))
        if record.correction:
            known[-1].replaced = True
        known.append(Integrated(int(record.sequence), record.order, _kind(record, known), flow.name))
        return Answer(MARCHE, True, reference)

    @staticmethod
    def _refuse_sequence(record: MarcheRecord, known: list[Integrated], *, force_break: bool) -> str | None:
        """Why the record cannot follow what is integrated; ``None`` when it can (FAQ of the DGFiP, 26/09/2025)."""
        sequence, expected = int(record.sequence), len(known) + 1
        if force_break:
            return f"Rupture de séquence d'envoi : reçu {sequence:03d}, attendu {sequence + 1:03d} (simulée)."
        if sequence != expected:
            return f"Rupture de séquence d'envoi : reçu {sequence:03d}, attendu {expected:03d}."
        if not known:
            return "Un premier envoi ne peut pas corriger une erreur matérielle." if record.correction else None
        last = known[-1]
        if record.order < last.order:
            return f"La modification {record.order} est antérieure à la dernière reçue ({last.order})."
        if record.correction and (last.kind == "actualisation" or record.order != last.order):
            return (
                "Correctif refusé : il ne peut remplacer que le marché initial non modifié, la dernière modification "
                "ou le correctif qui précède."
            )
        return None

    def to_dict(self) -> dict[str, Any]:
        """As JSON: for each marché, the integrated sequences (an effect applied twice would be seen here)."""
        return {key: [asdict(one) for one in sequences] for key, sequences in self.marches.items() if sequences}

    def load(self, marches: Mapping[str, Any]) -> None:
        """Take marchés given by :meth:`to_dict`. Raises ValueError when they are not such."""
        try:
            self.marches = {key: [Integrated(**one) for one in sequences] for key, sequences in marches.items()}
        except (TypeError, AttributeError) as error:
            raise ValueError(f"not a state of marchés: {error}") from error


def _kind(record: MarcheRecord, known: list[Integrated]) -> str:
    if not known:
        return "initial"
    if record.correction:
        return "correctif"
    return "modification" if record.order > known[-1].order else "actualisation"


def _concerns(path: str, position: int, count: int) -> bool:
    """Whether a finding's path lies in the marché of that position (paths number the blocks only if several)."""
    return count == 1 or f"/Marche[{position}]" in path or "/Marche[" not in path


def _errors(findings: list[contracts.Finding], prefix: str = "") -> tuple[tuple[str, str], ...]:
    return tuple((_code(finding.rule), f"{prefix}{finding.message}") for finding in findings[:_MAX_ERRORS])


def _code(rule: str) -> str:
    return "ERREUR_SIRET" if _SIRET_RULE.match(rule) else _CODE_BY_RULE.get(rule, "ERREUR_AUTRE")
