"""Reads the cells of one line of a trame, and notes what is wrong in each. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

from semaphore_hub.modules.paat.codes import (
    Code,
    EffetBudgetaire,
    Levier,
    Methode,
    Operateur,
    Section,
    Stade,
    StatutAction,
)
from semaphore_hub.modules.paat.trame import cellules, rules
from semaphore_hub.modules.paat.trame.cellules import IllisibleError
from semaphore_hub.modules.paat.trame.classeur import Valeur
from semaphore_hub.modules.paat.trame.colonnes import PAR_COL, Col, cle_de_titre
from semaphore_hub.modules.paat.trame.constats import Constat, Gravite
from semaphore_hub.modules.paat.trame.contexte import Contexte
from semaphore_hub.modules.paat.trame.lecture import LigneLue, TrameLue
from semaphore_hub.modules.referentiel.champs import listed
from semaphore_hub.modules.referentiel.ecriture import euros
from semaphore_hub.modules.referentiel.libelles import cle_de
from semaphore_hub.modules.referentiel.regions import region_de
from semaphore_hub.modules.referentiel.rules import Rule

_T = TypeVar("_T")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_LONGUEURS = {
    Col.DOMAINE: 200,
    Col.CATEGORIE: 200,
    Col.SEGMENT: 200,
    Col.LIBELLE: 500,
    Col.NUMERO: 20,
    Col.MARCHE: 50,
    Col.ACHETEUR: 100,
    Col.CALCUL: 4000,
    Col.COMMENTAIRE: 2000,
    Col.EXPLICATION: 2000,
}
"""Longest text of each column, in characters."""
PLUSIEURS_LIGNES = frozenset({Col.CALCUL, Col.COMMENTAIRE, Col.EXPLICATION})
LISTES: Mapping[Col, type[Code]] = {
    Col.EFFET: EffetBudgetaire,
    Col.LEVIER: Levier,
    Col.OPERATEUR: Operateur,
    Col.METHODE: Methode,
    Col.SECTION: Section,
    Col.STATUT: StatutAction,
    Col.STADE: Stade,
}
_OUI = frozenset({"oui", "o", "x", "vrai", "1"})
_NON = frozenset({"non", "n", "faux", "0"})
_COUPE = 3
"""Letters a label must lose, in the middle of a word, to be said cut short rather than in the singular."""


@dataclass
class Lecteur:
    """Reads the cells of one line, and notes what it finds."""

    trame: TrameLue
    ligne: LigneLue
    contexte: Contexte
    constats: list[Constat] = field(default_factory=list)

    def dire(self, rule: Rule, gravite: Gravite, col: Col, **values: object) -> None:
        raw = self.ligne.cellules.get(col)
        self.constats.append(self.trame.constat(rule, gravite, self.ligne.rang, col, raw, **values))

    def brute(self, col: Col) -> Valeur | None:
        """The cell's value; None when there is no such column, it is empty, or already found wrong."""
        if col in self.ligne.fautives or col not in self.ligne.cellules:
            return None
        value = self.ligne.cellules[col]
        return None if cellules.absente(value) else value

    def lire(self, col: Col, rule: Rule, read: Callable[[Valeur], _T]) -> _T | None:
        value = self.brute(col)
        if value is None:
            return None
        try:
            return read(value)
        except IllisibleError as error:
            gravite: Gravite = "avertissement" if PAR_COL[col].calculee else "erreur"
            self.dire(rule, gravite, col, valeur=cellules.ligne(value), motif=error)
            return None

    def texte(self, col: Col) -> str | None:
        value = self.brute(col)
        if value is None:
            return None
        written = cellules.texte(value) if col in PLUSIEURS_LIGNES else cellules.ligne(value)
        limit = _LONGUEURS.get(col, 200)
        if _CONTROL.search(written):
            self.dire(rules.CONTROLE, "erreur", col)
        elif len(written) > limit:
            self.dire(rules.TEXTE, "erreur", col, longueur=len(written), limite=limit)
        else:
            return written or None
        return None

    def montant(self, col: Col) -> Decimal | None:
        read = self.lire(col, rules.MONTANT, cellules.montant)
        if read is None:
            return None
        if read.arrondi_de is not None:
            self.dire(rules.ARRONDI, "avertissement", col, valeur=read.arrondi_de, arrondi=euros(read.montant))
        if read.montant < 0 and col in (Col.REFERENCE, Col.PERIMETRE):
            self.dire(rules.NEGATIF, "erreur", col, valeur=euros(read.montant))
            return None
        return read.montant

    def liste(self, col: Col) -> Code | None:
        value = self.brute(col)
        if value is None:
            return None
        written = cellules.ligne(value)
        found = _designe(LISTES[col], written)
        if found is None and col is Col.SECTION:
            found = _section(cle_de_titre(self.trame.entete.titres[col]), cle_de(written))
        if found is None:
            admitted = listed(one.libelle for one in LISTES[col])
            self.dire(rules.LISTE, "erreur", col, valeur=written, admises=admitted)
        return found

    def famille(self) -> str | None:
        """The family as written, when it is known."""
        written = self.texte(Col.FAMILLE)
        if written is None:
            if Col.FAMILLE not in self.ligne.fautives and self.brute(Col.FAMILLE) is None:
                self.dire(rules.FAMILLE_ABSENTE, "erreur", Col.FAMILLE)
            return None
        known = self.contexte.familles
        code = known.trouver(written)
        if code is None:
            self.dire(rules.FAMILLE, "erreur", Col.FAMILLE, valeur=written, connues=listed(known.libelles.values()))
            return None
        key = cle_de(written)
        if key not in known.codes or _coupe(key, cle_de(known.libelles[code])):
            self.dire(rules.FAMILLE_COUPEE, "avertissement", Col.FAMILLE, valeur=written, famille=known.libelles[code])
        return written

    def etablissement(self) -> str | None:
        """The SIRET of the établissement that the cell designates."""
        written = self.texte(Col.ETABLISSEMENT)
        if written is None:
            return None
        packed = written.replace(" ", "").lower()
        known = self.contexte.etablissements
        # A FINESS typed as a number has lost its leading zeros.
        siret = known.get(packed) or known.get(packed.zfill(9)) or known.get(cle_de(written))
        if siret is None:
            self.dire(rules.ETABLISSEMENT, "erreur", Col.ETABLISSEMENT, valeur=written, ght=self.contexte.ght)
        return siret

    def mois(self) -> int | None:
        read = self.lire(Col.MOIS_EFFET, rules.MOIS, cellules.mois)
        if read is None:
            return None
        count, named = read
        if named:
            said = self.texte(Col.MOIS_EFFET)
            self.dire(rules.MOIS_NOMME, "avertissement", Col.MOIS_EFFET, valeur=said, mois=count)
        return count

    def jour(self) -> date | None:
        return self.lire(Col.DATE_EFFET, rules.JOUR, lambda value: cellules.jour(value, self.contexte.annee))

    def appartenance(self, siret: str | None) -> None:
        """The line is of this plan: year, GHT, region; the role said of the établissement is the one known."""
        year = self.texte(Col.ANNEE)
        if year is not None and year != str(self.contexte.annee):
            self.dire(rules.ANNEE, "erreur", Col.ANNEE, valeur=year, annee=self.contexte.annee)
        ght = self.texte(Col.GHT)
        if ght is not None and cle_de(ght).removeprefix("ght ") != cle_de(self.contexte.ght):
            self.dire(rules.GHT, "erreur", Col.GHT, valeur=ght, ght=self.contexte.ght)
        region, mine = self.texte(Col.REGION), self.contexte.region
        if region is not None and mine is not None:
            found = region_de(region)
            if found is None or found.sigle != mine:
                told = {"valeur": region, "ght": self.contexte.ght, "region": mine}
                self.dire(rules.REGION, "avertissement", Col.REGION, **told)
        role = self.texte(Col.ROLE)
        if role is not None and siret is not None and cle_de(role) != self.contexte.roles[siret]:
            told = {"valeur": role, "role": self.contexte.roles[siret]}
            self.dire(rules.ETABLISSEMENT_ROLE, "avertissement", Col.ROLE, **told)


@lru_cache(4096)
def _designe(liste: type[Code], written: str) -> Code | None:
    """The same few words come back on every line."""
    return liste.lire(written)


def _coupe(key: str, label: str) -> bool:
    """Whether a label lost its end in the middle of a word."""
    rest = label.removeprefix(key) if label.startswith(key) else ""
    return len(rest) > _COUPE and not rest.startswith(" ")


def _section(title: str, written: str) -> Section | None:
    """« Investissement : oui » is a section too."""
    if title not in ("investissement", "exploitation") or written not in _OUI | _NON:
        return None
    return Section.INVESTISSEMENT if (title == "investissement") == (written in _OUI) else Section.EXPLOITATION
