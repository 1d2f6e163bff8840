"""Reads a declaration of gains as CSV: ``;``, UTF-8 or cp1252, one heading row, French amounts. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from semaphore_hub.kernel.errors import Problem
from semaphore_hub.modules.paat.codes import Operateur
from semaphore_hub.modules.paat.rapprochement import rules
from semaphore_hub.modules.paat.rapprochement.schemas import GainDeclare
from semaphore_hub.modules.paat.trame.cellules import IllisibleError, absente, montant
from semaphore_hub.modules.referentiel.champs import listed
from semaphore_hub.modules.referentiel.libelles import cle_de
from semaphore_hub.modules.referentiel.rules import refuse

COLONNES = {
    "operateur": "operateur",
    "annee": "annee",
    "ght": "ght",
    "reference": "reference",
    "famille": "famille",
    "numero_marche": "numeroMarche",
    "etablissement": "etablissement",
    "montant_reference": "montantReference",
    "gain": "gain",
}
"""Field by column of the file."""
MAX_OCTETS = 10 * 1024 * 1024
MAX_LIGNES = 50_000
_PATH = "ligne {ligne}, colonne {colonne}"
_NOMS = {field: column for column, field in COLONNES.items()}
_FORMES = {
    "annee": "une année de 2015 à 2099 est attendue",
    "ght": "un code de GHT est attendu, comme FIC-01",
    "etablissement": "un SIRET de 14 chiffres est attendu",
}
_MANQUE = "la valeur manque"


@dataclass(frozen=True, slots=True)
class GainLu:
    """A gain and the line of the file it is on."""

    ligne: int
    gain: GainDeclare

    def place(self, champ: str) -> str:
        """Where a field is in the file."""
        return _PATH.format(ligne=self.ligne, colonne=_NOMS.get(champ, champ))


def lire(contenu: bytes) -> list[GainLu]:
    """The gains of a file.

    Raises:
        RuleBroken: with every cell that is wrong; nothing of the file is then used.
    """
    if len(contenu) > MAX_OCTETS:
        refuse([rules.TAILLE.broken("fichier", limite=MAX_OCTETS)])
    rows = csv.reader(io.StringIO(_texte(contenu), newline=""), delimiter=";", strict=True)
    problems: list[Problem] = []
    read: list[GainLu] = []
    try:
        names = _entete(next(rows, []))
        for cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            line = rows.line_num
            if len(read) + len(problems) >= MAX_LIGNES:
                refuse([rules.LIGNES.broken("fichier", limite=MAX_LIGNES)])
            if len(cells) != len(names):
                problems.append(rules.CELLULES.broken(f"ligne {line}", nombre=len(cells), attendu=len(names)))
                continue
            values: dict[str, object] = {}
            wrong = list(_valeurs(dict(zip(names, cells, strict=True)), line, values))
            problems += wrong
            if not wrong:
                problems += _valide(values, line, read)
    except csv.Error as error:
        refuse([rules.ILLISIBLE.broken(f"ligne {rows.line_num}", motif=error)])
    if not read and not problems:
        problems.append(rules.VIDE.broken("fichier"))
    refuse(problems)
    return read


def _texte(contenu: bytes) -> str:
    if b"\x00" in contenu:
        refuse([rules.ILLISIBLE.broken("fichier", motif="il contient des octets nuls")])
    try:
        return contenu.decode("utf-8-sig")
    except UnicodeDecodeError:
        return contenu.decode("cp1252", "replace")


def _entete(cells: list[str]) -> list[str]:
    names = [cle_de(cell).replace(" ", "_") for cell in cells]
    missing = [name for name in COLONNES if name not in names]
    unknown = [cell for cell, name in zip(cells, names, strict=True) if name not in COLONNES]
    doubled = sorted({name for name in names if names.count(name) > 1})
    for words, found in (("il manque ", missing), ("inconnues : ", unknown), ("en double : ", doubled)):
        if found:
            refuse([rules.ENTETE.broken("ligne 1", attendues=listed(COLONNES), defaut=words + listed(found))])
    return names


def _valeurs(cells: Mapping[str, str], line: int, values: dict[str, object]) -> Iterator[Problem]:
    """Fill ``values``, and say the cells that cannot be read."""
    for column, field in COLONNES.items():
        written = " ".join(cells[column].split())
        if absente(written):
            continue
        path = _PATH.format(ligne=line, colonne=column)
        if field in ("gain", "montantReference"):
            try:
                values[field] = amount = montant(written).montant
            except IllisibleError as error:
                yield rules.VALEUR.broken(path, valeur=written, motif=error)
            else:
                if amount < 0 and field != "gain":
                    yield rules.VALEUR.broken(path, valeur=written, motif="seul un gain peut être négatif")
        elif field == "operateur":
            found = Operateur.lire(written)
            if found is None:
                admitted = listed(one.libelle for one in Operateur if one is not Operateur.GHT)
                yield rules.VALEUR.broken(path, valeur=written, motif=f"un opérateur est attendu ({admitted})")
            values[field] = found
        elif field == "annee":
            values[field] = int(written) if written.isascii() and written.isdigit() else written
        else:
            values[field] = written


def _valide(values: Mapping[str, object], line: int, read: list[GainLu]) -> list[Problem]:
    try:
        read.append(GainLu(line, GainDeclare.model_validate(values)))
    except ValidationError as error:
        return [_probleme(str(one["loc"][0]), one["type"], values, line) for one in error.errors()]
    return []


def _probleme(field: str, kind: str, values: Mapping[str, object], line: int) -> Problem:
    path = _PATH.format(ligne=line, colonne=_NOMS.get(field, field))
    motif = _MANQUE if kind == "missing" else _FORMES.get(field, "la forme ou la longueur n'est pas admise")
    return rules.VALEUR.broken(path, valeur=values.get(field, ""), motif=motif)
