"""A small Hélios: knows its budgets, the sequences of each marché, and the reasons to refuse.

Codes are those of the closed list of PES_ACQUIT v2. No code is specific to marchés: business refusals travel as
ERREUR_AUTRE with a label (hypothèse, after the acknowledgements seen in public test files); labels are our own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import contracts
from mock_partners.dgfip import rules
from mock_partners.dgfip.acquit import ATTACHMENT, MARCHE, SETTINGS, TECHNICAL, Answer
from mock_partners.dgfip.aller import ContractRecord, Flow
from mock_partners.dgfip.memory import Anomaly, State, concession_after, marche_after, text

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
    """A budget that Hélios knows. ``finess`` is compared when given; ``annexe`` for a budget annexe."""

    siret: str
    codique: str
    codCol: str
    codBud: str = "00"
    finess: str | None = None
    annexe: bool = False


@dataclass(slots=True)
class Integrated:
    """One integrated sequence. ``kind``: initial, modification, actualisation or correctif."""

    sequence: int
    order: str
    kind: str
    file: str
    replaced: bool = False
    state: State = field(default_factory=State)


@dataclass(slots=True)
class Helios:
    """The business state.

    Attributes:
        budgets: budgets that may send; ``None`` accepts any.
        buyers: SIRETs that may send; ``None`` accepts any.
        active: SIRETs of active budgets, which a marché's buyers must be; ``None`` accepts any.
        marches: what is integrated, keyed ``IdColl/IdContrat`` (``concession/IdColl/IdContrat`` for a concession).
        pieces: identifiers of the attached documents integrated.
    """

    budgets: tuple[Budget, ...] | None = None
    buyers: frozenset[str] | None = None
    active: frozenset[str] | None = None
    marches: dict[str, list[Integrated]] = field(default_factory=dict)
    pieces: set[str] = field(default_factory=set)

    def receive(
        self, flow: Flow, body: bytes, *, force_break: bool = False, force_unknown: bool = False
    ) -> list[Answer]:
        """Check a flow, integrate what can be, and say so contract by contract.

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
        for record in flow.contracts:
            own = [finding for finding in errors if _concerns(finding.path, record, flow)]
            answers.append(self._receive(flow, record, own, force_break=force_break))
        return [*answers, *self._receive_pieces(flow)]

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

    def _receive(
        self, flow: Flow, record: ContractRecord, errors: list[contracts.Finding], *, force_break: bool
    ) -> Answer:
        reference = f"{record.contract}-{int(record.sequence):03d}"
        if errors:
            return Answer(MARCHE, False, reference, errors=_errors(errors))
        prefix = "concession/" if record.kind == "Concession" else ""
        key = f"{prefix}{flow.header['IdColl']}/{record.contract}"
        known = self.marches.get(key, [])
        anomaly = _refuse_sequence(record, known, force_break=force_break)
        if anomaly is not None:
            return Answer(MARCHE, False, reference, errors=(anomaly,))
        state, anomalies = _remembered(record, known)
        anomalies = [*self._refuse_buyers(flow, record), *anomalies]
        if anomalies:
            return Answer(MARCHE, False, reference, errors=tuple(anomalies[:_MAX_ERRORS]))
        if record.correction:
            known[-1].replaced = True
        kind = _kind(record, known)
        self.marches[key] = [*known, Integrated(int(record.sequence), record.order, kind, flow.name, state=state)]
        return Answer(MARCHE, True, reference)

    def _refuse_buyers(self, flow: Flow, record: ContractRecord) -> Iterator[Anomaly]:
        """Buyers are active budgets; a sender that is not one of several names the authority; annexes are alone."""
        sender = flow.header["IdColl"]
        buyers = [text(one, "IdAcheteur") for one in record.block.iterfind("Acheteurs/Acheteur")]
        if self.active is not None:
            for siret in buyers:
                if siret not in self.active:
                    yield rules.BUYER.broken(siret=siret)
        if len(buyers) > 1 and sender not in buyers and record.block.find("PA") is None:
            yield rules.AUTHORITY.broken(siret=sender)
        annexe = any(one.annexe and one.siret == sender for one in self.budgets or ())
        if annexe and text(record.block, "ConditionsExecution/MultiBudget") in ("1", "true"):
            yield rules.ANNEXE.broken(siret=sender)

    def _receive_pieces(self, flow: Flow) -> Iterator[Answer]:
        """Attached documents already integrated are refused, the contract they came with is not."""
        for piece in flow.pieces:
            if piece in self.pieces:
                yield Answer(ATTACHMENT, False, attachment=piece, errors=(rules.PIECE.broken(piece=piece),))
            self.pieces.add(piece)

    def to_dict(self) -> dict[str, Any]:
        """As JSON: for each marché, the integrated sequences (an effect applied twice would be seen here)."""
        return {key: [asdict(one) for one in sequences] for key, sequences in self.marches.items() if sequences}

    def load(self, marches: Mapping[str, Any]) -> None:
        """Take marchés given by :meth:`to_dict`. Raises ValueError when they are not such."""
        try:
            self.marches = {
                key: [Integrated(**{**one, "state": State(**one.get("state", {}))}) for one in sequences]
                for key, sequences in marches.items()
            }
        except (TypeError, AttributeError) as error:
            raise ValueError(f"not a state of marchés: {error}") from error


def _refuse_sequence(record: ContractRecord, known: list[Integrated], *, force_break: bool) -> Anomaly | None:
    """Why the record cannot follow what is integrated; ``None`` when it can (FAQ of the DGFiP, 26/09/2025)."""
    sequence, expected = int(record.sequence), len(known) + 1
    if force_break:
        return rules.SEQUENCE.broken(got=f"{sequence:03d}", expected=f"{sequence + 1:03d} (simulée)")
    if sequence != expected:
        return rules.SEQUENCE.broken(got=f"{sequence:03d}", expected=f"{expected:03d}")
    if not known:
        return rules.FIRST_CORRECTIVE.broken() if record.correction else None
    last = known[-1]
    if record.order < last.order:
        return rules.ORDER.broken(got=record.order, last=last.order)
    if record.correction and (last.kind == "actualisation" or record.order != last.order):
        return rules.CORRECTIVE.broken()
    return None


def _remembered(record: ContractRecord, known: list[Integrated]) -> tuple[State, list[Anomaly]]:
    """What Hélios would remember after the record, and what contradicts what it remembers.

    A correction is compared with what was known before the sending it replaces.
    """
    standing = list(known)
    if record.correction:
        standing.pop()
        while standing and standing[-1].replaced:
            standing.pop()
    before = standing[-1].state if standing else None
    if record.kind == "Concession":
        return concession_after(before, record.block, replaces_first=record.correction and before is None)
    return marche_after(before or State(), record.block)


def _kind(record: ContractRecord, known: list[Integrated]) -> str:
    if not known:
        return "initial"
    if record.correction:
        return "correctif"
    return "modification" if record.order > known[-1].order else "actualisation"


def _concerns(path: str, record: ContractRecord, flow: Flow) -> bool:
    """Whether a finding's path lies in the contract (paths number the blocks only if several)."""
    if any(f"/{other}s/" in path for other in ("Marche", "Concession") if other != record.kind):
        return False
    alone = sum(one.kind == record.kind for one in flow.contracts) == 1
    return alone or f"/{record.kind}[{record.position}]" in path or f"/{record.kind}[" not in path


def _errors(findings: list[contracts.Finding], prefix: str = "") -> tuple[tuple[str, str], ...]:
    return tuple((_code(finding.rule), f"{prefix}{finding.message}") for finding in findings[:_MAX_ERRORS])


def _code(rule: str) -> str:
    return "ERREUR_SIRET" if _SIRET_RULE.match(rule) else _CODE_BY_RULE.get(rule, "ERREUR_AUTRE")
