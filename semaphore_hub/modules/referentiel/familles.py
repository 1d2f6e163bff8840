"""Purchasing families (Famille > Domaine > Catégorie): those the hub starts with, and how a written label is found.

The national nomenclature (NFHA) is not published as a file. The hub therefore starts with synthetic codes ("SYN-…",
``source`` "synthetique") over the labels attested by the DGOS; an official file may replace them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from semaphore_hub.kernel.db import table_of
from semaphore_hub.modules.referentiel.libelles import cle_de
from semaphore_hub.modules.referentiel.models import FamilleAchat

_famille = table_of(FamilleAchat)
SYNTHETIQUE = "synthetique"
_CUT = 8
"""Letters a label cut short must keep to be recognised (the DGOS prints "Travaux, fourniture" for one)."""

_FAMILLES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("SYN-01", "Médicaments", ("médicament", "produits pharmaceutiques")),
    ("SYN-02", "Dispositifs médicaux", ("dispositif médical", "DM")),
    ("SYN-03", "Biomédical", ("équipements biomédicaux", "biomédical équipements et maintenance")),
    ("SYN-04", "Laboratoire", ("réactifs", "laboratoire réactifs")),
    ("SYN-05", "Imagerie", ("imagerie médicale",)),
    ("SYN-06", "Hôtellerie, restauration, blanchisserie", ("hôtellerie", "restauration", "blanchisserie")),
    (
        "SYN-07",
        "Travaux, fournitures et maintenance du bâtiment",
        ("travaux", "travaux fourniture", "travaux fournitures et maintenance bâtiment", "bâtiment"),
    ),
    ("SYN-08", "Énergies et fluides", ("énergie", "énergies", "fluides")),
    ("SYN-09", "Informatique et télécommunications", ("informatique", "systèmes d'information", "télécoms")),
    (
        "SYN-10",
        "Prestations générales et intellectuelles, assurances",
        ("prestations générales", "prestations intellectuelles", "assurances"),
    ),
    ("SYN-11", "Transports et déchets", ("transports", "déchets", "transport sanitaire")),
    ("SYN-12", "Mobilier et équipements non médicaux", ("mobilier", "équipements non médicaux", "véhicules")),
)
_ATC = {
    "A": "Voies digestives et métabolisme",
    "B": "Sang et organes hématopoïétiques",
    "C": "Système cardio-vasculaire",
    "D": "Dermatologie",
    "G": "Système génito-urinaire et hormones sexuelles",
    "H": "Hormones systémiques",
    "J": "Antiinfectieux généraux à usage systémique",
    "L": "Antinéoplasiques et immunomodulateurs",
    "M": "Muscle et squelette",
    "N": "Système nerveux",
    "P": "Antiparasitaires",
    "R": "Système respiratoire",
    "S": "Organes sensoriels",
    "V": "Divers",
}

COMPTES: tuple[tuple[str, str], ...] = (
    ("6021", "SYN-01"),
    ("6022", "SYN-02"),
    ("6066", "SYN-02"),
    ("6061", "SYN-08"),
    ("602", "SYN-06"),
    ("6063", "SYN-06"),
    ("6065", "SYN-09"),
    ("606", "SYN-12"),
    ("611", "SYN-10"),
    ("613", "SYN-10"),
    ("6151", "SYN-03"),
    ("6152", "SYN-07"),
    ("615", "SYN-07"),
    ("616", "SYN-10"),
    ("624", "SYN-11"),
    ("626", "SYN-09"),
    ("62", "SYN-10"),
    ("213", "SYN-07"),
    ("2154", "SYN-03"),
    ("2183", "SYN-09"),
    ("2", "SYN-12"),
)
"""Family of an account of the M21, by its beginning, the first that fits (hypothèse)."""

CPV: tuple[tuple[str, str], ...] = (
    ("3369", "SYN-04"),
    ("336", "SYN-01"),
    ("3311", "SYN-05"),
    ("3314", "SYN-02"),
    ("331", "SYN-03"),
    ("33", "SYN-02"),
    ("09", "SYN-08"),
    ("65", "SYN-08"),
    ("30", "SYN-09"),
    ("32", "SYN-09"),
    ("48", "SYN-09"),
    ("72", "SYN-09"),
    ("64", "SYN-09"),
    ("45", "SYN-07"),
    ("44", "SYN-07"),
    ("71", "SYN-07"),
    ("15", "SYN-06"),
    ("03", "SYN-06"),
    ("55", "SYN-06"),
    ("983", "SYN-06"),
    ("18", "SYN-06"),
    ("39", "SYN-12"),
    ("34", "SYN-12"),
    ("60", "SYN-11"),
    ("90", "SYN-11"),
    ("5042", "SYN-03"),
    ("50", "SYN-07"),
)
"""Family of a CPV code, by its beginning, the first that fits, else general services (hypothèse)."""


def famille_du_compte(compte: str) -> str | None:
    """The synthetic family of an account of the M21, None when no rule knows it (hypothèse)."""
    digits = compte.strip().lstrip("HABCEGJLMNP")
    return next((famille for start, famille in COMPTES if digits.startswith(start)), None)


def famille_du_cpv(code: str) -> str:
    """The synthetic family of a CPV code (hypothèse)."""
    return next((famille for start, famille in CPV if code.startswith(start)), "SYN-10")


@dataclass(frozen=True, slots=True)
class Famille:
    """A family, or a domaine or catégorie under its ``parent``.

    Attributes:
        cles: keys of its labels: its own, and its synonyms.
        source: "synthetique", or the name of the file it was imported from.
    """

    code: str
    parent: str | None
    niveau: str
    libelle: str
    cles: frozenset[str]
    source: str
    actif: bool = True


def _synthetic(code: str, parent: str | None, niveau: str, libelle: str, synonymes: Iterable[str] = ()) -> Famille:
    keys = frozenset(cle_de(one) for one in (libelle, *synonymes))
    return Famille(code, parent, niveau, libelle, keys, SYNTHETIQUE)


SYNTHETIQUES = (
    *(_synthetic(code, None, "famille", libelle, synonymes) for code, libelle, synonymes in _FAMILLES),
    *(_synthetic(f"SYN-01.{letter}", "SYN-01", "domaine", libelle) for letter, libelle in _ATC.items()),
)
"""What the hub starts with."""


def nomenclature(connection: Connection) -> list[Famille]:
    """Every entry, inactive ones included, by code: the synthetic ones, replaced or completed by those imported."""
    known = {one.code: one for one in SYNTHETIQUES}
    for row in connection.execute(select(_famille)).mappings():
        keys = frozenset((row["cle"], *row["synonymes"]))
        known[row["code"]] = Famille(
            row["code"], row["parent"], row["niveau"], row["libelle"], keys, row["source"], row["actif"]
        )
    return [known[code] for code in sorted(known)]


@dataclass(frozen=True, slots=True)
class Familles:
    """The active families in memory, to look labels up.

    Attributes:
        libelles: label by code.
        codes: code by key of a label, a synonym or a code.
    """

    libelles: Mapping[str, str]
    codes: Mapping[str, str]

    def trouver(self, ecrit: str) -> str | None:
        """The code of a family from its code, label or synonym; a label cut short is found if one alone begins so."""
        key = cle_de(ecrit)
        if not key:
            return None
        if key in self.codes:
            return self.codes[key]
        cut = {code for known, code in self.codes.items() if len(key) >= _CUT and known.startswith(key)}
        return cut.pop() if len(cut) == 1 else None


def familles(connection: Connection) -> Familles:
    """Every active family (the top level of the nomenclature)."""
    active = [one for one in nomenclature(connection) if one.niveau == "famille" and one.actif]
    codes = {key: one.code for one in active for key in (*one.cles, cle_de(one.code))}
    return Familles({one.code: one.libelle for one in active}, codes)
