"""The CSV forms: which columns stand for which objects of a document, for writing and for reading alike."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from connectors.gef.model import Document, as_text, typed

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True)
class Block:
    """Columns that stand for one object.

    Attributes:
        prefix: beginning of their names; empty for none.
        path: where the object is, from the document or from one line of it.
        fields: its fields, by their JSON names, in the order of the columns.
    """

    prefix: str
    path: tuple[str, ...]
    fields: tuple[str, ...]

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns: the JSON names in snake_case (``montantHT`` is ``montant_ht``)."""
        names = (_HUMP.sub("_", field).lower() for field in self.fields)
        return tuple(f"{self.prefix}_{name}" if self.prefix else name for name in names)

    def write(self, scope: Mapping[str, Any]) -> dict[str, str]:
        """The cells of the object in a document or line; what is absent has none."""
        for step in self.path:
            scope = scope.get(step, {})
        pairs = zip(self.columns, self.fields, strict=True)
        return {column: as_text(scope[field]) for column, field in pairs if field in scope}

    def read(self, cells: Mapping[str, str], into: Document) -> None:
        """Put the object that a row's cells describe in its place; nothing when they are all empty."""
        owner = self.path[-1] if self.path else ""
        pairs = zip(self.columns, self.fields, strict=True)
        values = {field: typed(owner, field, cells[column]) for column, field in pairs if cells.get(column)}
        if values:
            for step in self.path:
                into = into.setdefault(step, {})
            into.update(values)


@dataclass(frozen=True)
class Table:
    """One CSV form.

    Attributes:
        heading: what the document says of itself, repeated on every row, before the columns of the lines.
        blocks: the other columns in their order: those of the document, and those of each line (True).
        counted: whether every row says how many there are.
    """

    heading: Block
    blocks: tuple[tuple[Block, bool], ...]
    counted: bool = True

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of all the columns."""
        counting = ("nombre_lignes", "ligne") if self.counted else ()
        return (*self.heading.columns, *counting, *(name for block, _ in self.blocks for name in block.columns))


_TIERS = ("typeIdentifiant", "id")
_MESSAGE = Block("", (), ("typeMessage", "version", "idMessage", "emisLe", "emetteur", "etablissement"))
_FLUX = Block("", (), ("typeFlux", "version", "idFlux", "emisLe", "etablissement", "mode"))

FOURNISSEURS = Table(
    _MESSAGE,
    (
        (Block("fournisseur", ("fournisseur",), ("nature", *_TIERS, "denominationSociale")), False),
        (
            Block(
                "adresse",
                ("fournisseur", "adresse"),
                ("ligne1", "voie", "complement", "codePostal", "ville", "codePays"),
            ),
            False,
        ),
        (Block("fournisseur", ("fournisseur",), ("categorieTiers", "natureJuridique")), False),
    ),
)
NOMENCLATURES = Table(_MESSAGE, ((Block("", (), ("nomenclature", "code", "libelle", "actif")), True),))
MARCHES = Table(
    _MESSAGE,
    (
        (Block("marche", ("marche",), ("numero", "idContrat", "idAccordCadre")), False),
        (Block("lot", ("marche", "lot"), ("consultation", "numero", "intitule")), False),
        (Block("marche", ("marche",), ("objet", "nature", "procedure", "codeCPV", "formePrix", "statut")), False),
        (Block("marche", ("marche",), ("dateNotification", "dateDebut", "dateFin", "dureeMois")), False),
        (Block("marche", ("marche",), ("montantHT", "montantTVA")), False),
        (Block("acheteur", ("marche", "acheteur"), ("siret", "nom", "finess")), False),
        # A list in one cell: its writer and reader join and split it.
        (Block("", ("marche",), ("beneficiaires",)), False),
        (Block("titulaire", ("titulaire",), ("role", *_TIERS, "denominationSociale", "montantHT")), True),
        (Block("imputation", ("imputation",), ("uf", "compte", "montantHT")), True),
        (
            Block(
                "modification",
                ("modification",),
                (
                    "numero",
                    "objet",
                    "dateNotification",
                    "montantHT",
                    "deltaMontantHT",
                    "dureeMois",
                    "deltaDureeMois",
                    "fondement",
                    "article",
                ),
            ),
            False,
        ),
        (Block("", (), ("motif",)), False),
        (Block("evenement", ("evenement",), ("type", "dateEffet", "numero", "motif")), False),
    ),
)
PRODUITS = Table(
    _MESSAGE,
    (
        (Block("produits", ("produits",), ("numeroMarche", "lot", "partie", "parties")), False),
        (Block("", (), ("mouvement", "reference", "libelle")), True),
        (Block("fournisseur", ("fournisseur",), _TIERS), True),
        (
            Block(
                "",
                (),
                (
                    "prixUnitaireHT",
                    "tauxTVA",
                    "unitePrix",
                    "uniteCommande",
                    "quantiteParConditionnement",
                    "minimumCommande",
                    "codeNomenclature",
                    "gtin",
                    "codeUCD",
                    "codeCIP13",
                    "dateDebut",
                    "dateFin",
                ),
            ),
            True,
        ),
    ),
)
MESSAGES: Mapping[str, Table] = {
    "fournisseur": FOURNISSEURS,
    "nomenclature": NOMENCLATURES,
    **dict.fromkeys(("marche", "modification", "correction", "evenement"), MARCHES),
    "produits": PRODUITS,
}
"""The form of each message."""

COMPTES_RENDUS = Table(
    Block("", (), ("idCompteRendu", "idMessage", "numeroMarche", "emisLe", "verdict")),
    ((Block("", (), ("ligne", "statut", "code", "libelle")), True),),
    counted=False,
)
_MONTANTS = ("montantHT", "montantTVA", "montantTTC")
FLUX: Mapping[str, Table] = {
    "structures": Table(
        _FLUX,
        (
            (
                Block(
                    "",
                    (),
                    (
                        "codeUF",
                        "libelle",
                        "finessJuridique",
                        "finessGeographique",
                        "pole",
                        "centreResponsabilite",
                        "actif",
                    ),
                ),
                True,
            ),
        ),
    ),
    "comptes": Table(_FLUX, ((Block("", (), ("exercice", "budget", "compte", "libelle", "ouvert")), True),)),
    "fournisseurs": Table(_FLUX, ((Block("", (), ("codeTiers", *_TIERS, "denominationSociale", "actif")), True),)),
    "commandes": Table(
        _FLUX,
        (
            (Block("", (), ("numeroCommande", "ligneCommande", "date", "uf", "compte", "numeroMarche", "lot")), True),
            (Block("", (), ("reference", "libelle", "quantite", "prixUnitaireHT", "montantHT", "montantTTC")), True),
        ),
    ),
    "receptions": Table(
        _FLUX,
        (
            (Block("", (), ("numeroReception", "ligneReception", "numeroCommande", "ligneCommande")), True),
            (Block("", (), ("date", "quantite")), True),
        ),
    ),
    "mandats": Table(
        _FLUX,
        (
            (Block("", (), ("exercice", "numeroMandat", "ligneMandat", "date", "compte")), True),
            (Block("", (), ("numeroMarche", "numeroCommande")), True),
            (Block("fournisseur", ("fournisseur",), _TIERS), True),
            (Block("", (), _MONTANTS), True),
        ),
    ),
}
"""The form of each flux."""
