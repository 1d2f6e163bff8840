"""Amendments and subcontracting of a marché read from a file, as the module of marchés imports them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import chain, repeat
from typing import Any

from semaphore_hub.imports import rules
from semaphore_hub.imports.defaults import completed
from semaphore_hub.imports.draft import Draft, amount_of, cleaned, whole
from semaphore_hub.modules.referentiel.codes import Technique, TypeGroupement

_ACTS, _CHANGES = "actesSousTraitance", "modificationsActesSousTraitance"
_IDENTIFIER = re.compile("[A-Za-z0-9]{9,80}")
_SIRET = re.compile("[0-9]{14}")
_ACT_WORDS = "Acte de sous-traitance (objet non porté par la DECP)"
_CHANGE_WORDS = "Modification de l'acte de sous-traitance (objet non porté par la DECP)"


def amendments(draft: Draft) -> None:
    """Put the amendments that change the amount, the duration or the holders, in the order of their numbers.

    A total equal to the one before, or holders who are those of before, are no change.
    """
    state = _State(draft)
    paired = list(zip(draft.data.get("modifications", ()), chain(draft.beyond.amendments, repeat({})), strict=False))
    kept: list[dict[str, Any]] = []
    for rank, (source, said) in enumerate(sorted(paired, key=lambda pair: int(pair[0]["id"]))):
        change = state.change(source, said, f"$.modifications[{rank}]", len(kept))
        if not change:
            draft.warnings.append(rules.say(rules.MODIFICATION_VIDE, id=source["id"]))
            continue
        words = cleaned(said.get("objet", ""))
        if not words:
            words = f"Modification n° {source['id']} (objet non porté par la DECP)"
            draft.completed.append(completed(f"modifications[{len(kept)}].objet", words))
        dates = ("dateNotificationModification", "datePublicationDonneesModification")
        kept.append({"objet": words, **{name: source[name] for name in dates}, **change})
    draft.data["modifications"] = kept


class _State:
    """The totals and holders of the marché as its amendments go by."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._amount = draft.data["montant"]
        self._months = draft.data["dureeMois"]
        self._grouping = draft.data["typeGroupementOperateurs"]
        self._holders = {_key(holder) for holder in draft.data["titulaires"]}

    def change(self, source: Mapping[str, Any], said: Mapping[str, Any], path: str, rank: int) -> dict[str, Any]:
        """What an amendment changes; empty when it changes nothing."""
        draft, made = self._draft, {}
        if "montant" in source:
            amount = amount_of(source["montant"], f"{path}.montant", draft.problems)
            if amount != self._amount:
                made["montant"] = self._amount = amount
        months = whole(source.get("dureeMois", self._months))
        if months != self._months:
            made["dureeMois"] = self._months = months
        holders = self._well_formed(source)
        keys = {_key(holder) for holder in holders}
        if keys and keys != self._holders:
            self._holders = keys
            made |= self._new_holders(list(holders), said, f"modifications[{rank}]")
        if "montantEstime" in said:
            made["montantEstime"] = said["montantEstime"]
        return made

    def _well_formed(self, source: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """The holders an amendment gives; none when one of them cannot be told to any partner."""
        holders: Sequence[Mapping[str, Any]] = source.get("titulaires") or ()
        wrong = [one["id"] for one in holders if one["typeIdentifiant"] == "SIRET" and not _SIRET.fullmatch(one["id"])]
        if not wrong:
            return holders
        self._draft.warnings.append(rules.say(rules.TITULAIRE_FORME, modification=source["id"], id=wrong[0]))
        return ()

    def _new_holders(self, holders: list[Mapping[str, Any]], said: Mapping[str, Any], place: str) -> dict[str, Any]:
        """The holders after a change, with their roles and the kind of group that their number asks for."""
        made: dict[str, Any] = {}
        grouping = said.get("typeGroupementOperateurs", self._fitting(len(holders)))
        if grouping != self._grouping:
            made["typeGroupementOperateurs"] = self._grouping = grouping
            if "typeGroupementOperateurs" not in said:
                self._draft.completed.append(completed(f"{place}.typeGroupementOperateurs", grouping))
        known: Mapping[tuple[str, str], Mapping[str, Any]] = said.get("holders", {})
        grouped = self._grouping != TypeGroupement.AUCUN
        listed = []
        for rank, holder in enumerate(holders):
            more = known.get(_key(holder), {})
            role = more.get("role", "co-traitant" if grouped and rank else "titulaire")
            if grouped and "role" not in more:
                self._draft.completed.append(completed(f"{place}.titulaires[{rank}].role", role))
            listed.append({"typeIdentifiant": holder["typeIdentifiant"], "id": holder["id"], **more, "role": role})
        return {**made, "titulaires": _with_parts_that_add_up(listed, self._amount)}

    def _fitting(self, count: int) -> str:
        if count == 1:
            return TypeGroupement.AUCUN.value
        alone = self._grouping == TypeGroupement.AUCUN and Technique.ACCORD_CADRE not in self._draft.data["techniques"]
        return TypeGroupement.CONJOINT.value if alone else str(self._grouping)


def _with_parts_that_add_up(holders: list[dict[str, Any]], amount: Any) -> list[dict[str, Any]]:
    parts = [holder.get("montant") for holder in holders]
    if len(holders) > 1 and None not in parts and sum(part for part in parts if part is not None) == amount:
        return holders
    return [{name: value for name, value in holder.items() if name != "montant"} for holder in holders]


def subcontracting(draft: Draft) -> None:
    """Put the acts of subcontracting and their modifications, with what the DECP does not say of them.

    An act whose subcontractor has an identifier that no register gives is left out with a warning: the official
    examples hold one, and the marché itself is right.
    """
    first = draft.data["titulaires"][0]
    default = {name: first[name] for name in ("typeIdentifiant", "id")}
    acts: list[dict[str, Any]] = []
    changes: list[dict[str, Any]] = []
    for source in draft.data.get(_ACTS, ()):
        if _IDENTIFIER.fullmatch(source["sousTraitant"]["id"]):
            acts.append(_act(draft, len(acts), source, default))
        else:
            identifier = source["sousTraitant"]["id"]
            draft.warnings.append(rules.say(rules.SOUS_TRAITANT, acte=source["id"], id=identifier))
    known = {act["id"] for act in acts}
    for rank, source in enumerate(draft.data.get(_CHANGES, ())):
        if whole(source["id"]) in known:
            changes.append(_act_change(draft, rank, len(changes), source))
        else:
            draft.warnings.append(rules.say(rules.ACTE_ABSENT, acte=source["id"]))
    draft.data[_ACTS], draft.data[_CHANGES] = acts, changes


def _act(draft: Draft, rank: int, source: Mapping[str, Any], holder: Mapping[str, Any]) -> dict[str, Any]:
    said = draft.beyond.acts.get(int(source["id"]), {})
    party = source["sousTraitant"]
    made = {
        **_numbers(draft, source, f"$.{_ACTS}[{rank}]"),
        "sousTraitant": {"typeIdentifiant": party["typeIdentifiant"], "id": party["id"]},
        "variationPrix": source["variationPrix"],
    }
    for name, value in (("objet", _ACT_WORDS), ("titulaire", holder), ("paiementDirect", False)):
        made[name] = said.get(name, value)
        if name not in said:
            shown = holder["id"] if name == "titulaire" else "non" if value is False else value
            draft.completed.append(completed(f"{_ACTS}[{rank}].{name}", shown))
    return made


def _act_change(draft: Draft, rank: int, position: int, source: Mapping[str, Any]) -> dict[str, Any]:
    words: Sequence[str | None] = draft.beyond.act_changes
    made = _numbers(draft, source, f"$.{_CHANGES}[{rank}]")
    said = cleaned(words[rank] or "") if rank < len(words) else ""
    if not said:
        draft.completed.append(completed(f"{_CHANGES}[{position}].objet", _CHANGE_WORDS))
    return {**made, "objet": said or _CHANGE_WORDS}


def _numbers(draft: Draft, source: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Dates, duration and amount of an act or of its modification."""
    names = ("dateNotification", "dateNotificationModificationSousTraitance", "datePublicationDonnees")
    made = {name: source[name] for name in names if name in source}
    made["id"] = whole(source["id"])
    if "dureeMois" in source:
        made["dureeMois"] = whole(source["dureeMois"])
    if "montant" in source:
        made["montant"] = amount_of(source["montant"], f"{path}.montant", draft.problems)
    return made


def _key(holder: Mapping[str, Any]) -> tuple[str, str]:
    return holder["typeIdentifiant"], holder["id"]
