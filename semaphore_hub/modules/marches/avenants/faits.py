"""The facts each case asks to be declared, as a table, and how they are kept beside the arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from semaphore_hub.modules.marches.avenants.justification import Fondement, Justification

Reason = tuple[str, str]
"""Place in the request, and what is wrong there (French, without a full stop)."""

_CLAUSE = ("$.justification.clause", "citez la clause de réexamen, claire, précise et sans équivoque")
_QUESTIONS = {
    "autresCandidats": "elle aurait attiré d'autres candidats ou fait retenir une autre offre",
    "equilibreFavorable": "elle change l'équilibre économique en faveur du titulaire",
    "objetModifie": "elle modifie considérablement l'objet du marché",
    "titulaireRemplace": "elle remplace le titulaire hors des cas de l'article R2194-6",
}


def _clause(facts: Justification, _event: str | None) -> list[Reason]:
    return [] if facts.clause is not None else [_CLAUSE]


def _supplementary(facts: Justification, _event: str | None) -> list[Reason]:
    if facts.impossibiliteChangementTitulaire is not None:
        return []
    place = "$.justification.impossibiliteChangementTitulaire"
    return [(place, "dites la raison économique ou technique qui empêche de changer de titulaire")]


def _unforeseen(facts: Justification, event: str | None) -> list[Reason]:
    reasons = []
    if event is None:
        reasons.append(("$.evenement", "nommez l'événement imprévu"))
    if facts.imprevisibilite is None:
        reasons.append(("$.justification.imprevisibilite", "dites pourquoi un acheteur diligent ne pouvait le prévoir"))
    return reasons


def _transfer(facts: Justification, _event: str | None) -> list[Reason]:
    if facts.causeCession is None:
        return [("$.justification.causeCession", "dites ce qui permet la cession : une clause ou une restructuration")]
    if facts.causeCession == "clause de réexamen" and facts.clause is None:
        return [_CLAUSE]
    return []


def _answers(facts: Justification, _event: str | None) -> list[Reason]:
    return [] if facts.reponses is not None else [("$.justification.reponses", "répondez aux quatre questions")]


def _nothing(_facts: Justification, _event: str | None) -> list[Reason]:
    return []


_ASKED: Mapping[Fondement, Callable[[Justification, str | None], list[Reason]]] = {
    Fondement.CLAUSE_REEXAMEN: _clause,
    Fondement.PRESTATIONS_SUPPLEMENTAIRES: _supplementary,
    Fondement.CIRCONSTANCES_IMPREVUES: _unforeseen,
    Fondement.NOUVEAU_TITULAIRE: _transfer,
    Fondement.NON_SUBSTANTIELLE: _answers,
    Fondement.FAIBLE_MONTANT: _nothing,
}


def missing(fondement: Fondement, facts: Justification, event: str | None) -> tuple[list[Reason], list[Reason]]:
    """What is declared against the case, and what it asks that is not declared.

    Source: art. R2194-1, R2194-2, R2194-5, R2194-6 and R2194-7 CCP; that R2194-5 names its event is a hypothèse, made
    so that the same event cannot serve twice.
    """
    against: list[Reason] = []
    if fondement is Fondement.NON_SUBSTANTIELLE and facts.reponses is not None:
        against = [
            (f"$.justification.reponses.{name}", reason)
            for name, reason in _QUESTIONS.items()
            if getattr(facts.reponses, name)
        ]
    return against, _ASKED[fondement](facts, event)


def declared(facts: Justification) -> dict[str, str]:
    """The declared facts, as they are kept with the computation of the amendment."""
    said = {
        "clause de réexamen": facts.clause,
        "impossibilité de changer de titulaire": facts.impossibiliteChangementTitulaire,
        "imprévisibilité": facts.imprevisibilite,
        "cause de la cession": facts.causeCession,
        "CPV des prestations": facts.codeCPV,
        "justification": facts.texte,
    }
    kept = {label: text for label, text in said.items() if text is not None}
    if facts.reponses is not None:
        yes = [reason for name, reason in _QUESTIONS.items() if getattr(facts.reponses, name)]
        kept["caractère substantiel"] = " ; ".join(yes) if yes else "non aux quatre questions de l'article R2194-7"
    return kept
