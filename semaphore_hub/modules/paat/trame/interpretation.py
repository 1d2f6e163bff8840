"""From a line of raw cells to an action: each cell is read, said wrong where it is, and put over what is known. Pure.

An action that the plan already has (same number) keeps what the file has no column for.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from semaphore_hub.modules.paat.gains import mois_d_effet
from semaphore_hub.modules.paat.schemas import ActionEntree
from semaphore_hub.modules.paat.trame import cellules, rules
from semaphore_hub.modules.paat.trame.classeur import Valeur
from semaphore_hub.modules.paat.trame.colonnes import Col
from semaphore_hub.modules.paat.trame.constats import Constat
from semaphore_hub.modules.paat.trame.contexte import Contexte
from semaphore_hub.modules.paat.trame.lecteur import LISTES, PLUSIEURS_LIGNES, Lecteur
from semaphore_hub.modules.paat.trame.lecture import LigneLue, TrameLue
from semaphore_hub.modules.referentiel.libelles import cle_de

_CHOISIES = frozenset({Col.OPERATEUR, Col.METHODE, Col.SECTION, Col.STATUT, Col.STADE})
"""Lists that always have a value: an empty cell leaves the present one."""
_MARQUE = "T"
"""Beginning of a number that the hub gives to a line without one (hypothèse)."""


@dataclass(frozen=True, slots=True)
class ActionLue:
    """A line and the action it describes.

    Attributes:
        entree: None when something of the line cannot be read.
        numero: of the action, deduced when the file gives none.
        identite: what makes two lines without a number the same action.
        ecrites: columns that the hub works out, as the file gives them.
        reference, gain: as read, even when the rest of the line is not.
        inchangee: the plan has this very action.
    """

    ligne: LigneLue
    entree: ActionEntree | None
    numero: str
    numero_ecrit: bool
    identite: tuple[object, ...]
    ecrites: Mapping[Col, Any]
    reference: Decimal | None
    gain: Decimal | None
    inchangee: bool


def interpreter(trame: TrameLue, contexte: Contexte) -> tuple[list[ActionLue], list[Constat]]:
    """The actions of a trame, in its order, and what is to be said of their cells."""
    ranks: Counter[tuple[object, ...]] = Counter()
    actions: list[ActionLue] = []
    constats: list[Constat] = []
    if Col.PERIMETRE not in trame.entete.places and trame.lignes:
        constats.append(trame.constat(rules.PERIMETRE, "avertissement", trame.entete.rang, Col.PERIMETRE, None))
    for one in trame.lignes:
        reader = Lecteur(trame, one, contexte)
        actions.append(_action(reader, ranks))
        constats += reader.constats
    return actions, constats


def _action(reader: Lecteur, ranks: Counter[tuple[object, ...]]) -> ActionLue:
    values: dict[Col, Any] = {Col.FAMILLE: reader.famille(), Col.ETABLISSEMENT: reader.etablissement()}
    for col in (Col.DOMAINE, Col.CATEGORIE, Col.SEGMENT, Col.MARCHE, Col.ACHETEUR, *sorted(PLUSIEURS_LIGNES)):
        values[col] = reader.texte(col)
    for col in (Col.REFERENCE, Col.PERIMETRE, Col.GAIN):
        values[col] = reader.montant(col)
    for col in LISTES:
        values[col] = reader.liste(col)
    values[Col.DATE_EFFET], values[Col.MOIS_EFFET] = reader.jour(), reader.mois()
    values[Col.LIBELLE] = reader.texte(Col.LIBELLE)
    reader.appartenance(values[Col.ETABLISSEMENT])
    computed = {col: reader.montant(col) for col in (Col.GAIN_ANNUALISE, Col.GAIN_ANNEE, Col.REPORT)}
    parts = {
        col: reader.lire(col, rules.POURCENTAGE, cellules.part)
        for col in (Col.PERFORMANCE, Col.PERFORMANCE_PERIMETRE, Col.POIDS)
    }
    written = {**computed, **parts, Col.COMMENTAIRE_DGOS: reader.texte(Col.COMMENTAIRE_DGOS)}
    columns = reader.ligne.cellules
    if values[Col.GAIN] is None and reader.brute(Col.GAIN) is None:
        values[Col.GAIN] = computed[Col.GAIN_ANNUALISE]
    if Col.PERIMETRE not in columns:
        values[Col.PERIMETRE] = values[Col.REFERENCE]
    identity = _identite(values)
    numero = _telle_quelle(columns.get(Col.NUMERO), reader.contexte.connues) or reader.texte(Col.NUMERO)
    if numero is None:
        ranks[identity] += 1
        digest = hashlib.sha256(repr(identity).encode()).hexdigest()[:8]
        values[Col.NUMERO] = f"{_MARQUE}{digest}-{ranks[identity]}"
    else:
        values[Col.NUMERO] = numero
    known = reader.contexte.connues.get(values[Col.NUMERO])
    entree = None
    if not any(one.gravite == "erreur" for one in reader.constats) and not reader.ligne.fautives & set(values):
        entree = _entree(reader, values, known)
    whole = (*identity, *(values[col] for col in (Col.REFERENCE, Col.GAIN, Col.PERIMETRE)))
    return ActionLue(
        reader.ligne,
        entree,
        values[Col.NUMERO],
        numero is not None,
        whole,
        written,
        values[Col.REFERENCE],
        values[Col.GAIN],
        entree is not None and entree == known,
    )


def _entree(reader: Lecteur, values: Mapping[Col, Any], known: ActionEntree | None) -> ActionEntree | None:
    """The action as it is to be recorded: what the file says, over what the plan already says of it."""
    columns = reader.ligne.cellules
    given = {name: getattr(known, name) for name in ActionEntree.model_fields} if known is not None else {}
    for name, value in values.items():
        told = name in columns or name in (Col.NUMERO, Col.FAMILLE)
        if name is Col.PERIMETRE and not told:
            told = known is None or known.perimetre is None or known.perimetre == known.montantReference
        # A text that the plan already has is kept to the letter, be it "n.c." or with two blanks in a row.
        if told and (value is not None or name not in _CHOISIES) and columns.get(name, "") != given.get(name):
            given[name] = value
    if given.get("dateEffet") is not None and values[Col.MOIS_EFFET] is None:
        given["moisEffet"] = mois_d_effet(given["dateEffet"], reader.contexte.annee)
    if given.get("libelle") is None:
        given["libelle"] = known.libelle if known is not None else _libelle(values)
    try:
        return ActionEntree.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        for one in error.errors():
            field = str(one["loc"][0]) if one["loc"] else ""
            col = Col(field) if field in set(Col) else Col.FAMILLE
            reader.dire(rules.ACTION, "erreur", col, phrase=f"La valeur n'est pas admise ({one['msg']}).")
        return None


def _identite(values: Mapping[Col, Any]) -> tuple[object, ...]:
    """What designates an action that has no number: what it is about, not how much (hypothèse)."""
    texts = (Col.FAMILLE, Col.DOMAINE, Col.CATEGORIE, Col.SEGMENT, Col.LIBELLE, Col.MARCHE)
    return (*(cle_de(values[col] or "") for col in texts), values[Col.ETABLISSEMENT], str(values[Col.OPERATEUR] or ""))


def _telle_quelle(brute: Valeur | None, connues: Mapping[str, ActionEntree]) -> str | None:
    return brute if isinstance(brute, str) and brute in connues else None


def _libelle(values: Mapping[Col, Any]) -> str:
    """A label for a line that has none: the most precise of what it is about (hypothèse)."""
    names = (values[col] for col in (Col.SEGMENT, Col.CATEGORIE, Col.DOMAINE, Col.FAMILLE))
    return str(next(name for name in names if name))
