"""Reads what the simulated Hélios needs from a PES Aller file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from contracts.xml import XmlRefused, parse

HEADER_TAGS = ("DteStr", "IdPost", "LibellePoste", "IdColl", "FinJur", "CodCol", "CodBud", "LibelleColBud")
_ONLY_5_30 = (
    "MontantHTActualise",
    "MontantTVAActualise",
    "TechniquesAchat",
    "ConsiderationsSociales",
    "ConsiderationsEnvironnementales",
    "MarcheInnovant",
    "SousTraitanceDeclaree",
    "AttributionAvance",
    "TauxAvance",
    "OrigineUE",
    "OrigineFrance",
    "PeriodesReconduction",
    "Tranches",
)
_CCAG_ONLY_5_30 = "07"


class NotAFlow(Exception):
    """The document cannot be taken as a PES flow at all; the sentence is French."""


@dataclass(frozen=True, slots=True)
class MarcheRecord:
    """Identity of one marché block, texts as written (empty when absent)."""

    contract: str
    order: str
    sequence: str
    correction: bool


@dataclass(frozen=True, slots=True)
class Flow:
    """Envelope and header of a PES Aller file, and its marchés."""

    name: str
    type: str
    sender: tuple[str, str]
    header: dict[str, str]
    marches: tuple[MarcheRecord, ...]
    version: str

    @property
    def collectivite(self) -> str:
        """CodCol: a file name is unique for one of them."""
        return self.header.get("CodCol", "")

    @property
    def p_msg(self) -> str:
        """The routing label this flow must travel under."""
        return "#".join(("PES", *(self.header.get(tag, "") for tag in ("CodCol", "IdPost", "CodBud"))))


def read_flow(body: bytes) -> Flow:
    """The flow of a file.

    Raises:
        NotAFlow: not XML, not a PES Aller, or without the NomFic, CodCol and IdPost that route it.
    """
    try:
        root = parse(body).getroot()
    except XmlRefused as refusal:
        raise NotAFlow(refusal.message) from refusal
    if etree.QName(root).localname != "PES_Aller":
        raise NotAFlow(f"La racine du document est « {etree.QName(root).localname} », « PES_Aller » est attendu.")
    header = {tag: text for tag in HEADER_TAGS if (text := _text(root, f"EnTetePES/{tag}"))}
    flow = Flow(
        name=_text(root, "Enveloppe/Parametres/NomFic"),
        type=_text(root, "Enveloppe/Parametres/TypFic"),
        sender=(_text(root, "Enveloppe/Emetteur/Sigle"), _text(root, "Enveloppe/Emetteur/Adresse")),
        header=header,
        marches=tuple(_marches(root)),
        version=_version(root),
    )
    for tag, value in (("NomFic", flow.name), *((tag, header.get(tag, "")) for tag in ("CodCol", "IdPost", "CodBud"))):
        if not value:
            raise NotAFlow(f"Le flux ne donne pas {tag} : il ne peut pas être acheminé.")
    return flow


def _marches(root: etree._Element) -> Iterator[MarcheRecord]:
    for block in root.iterfind("PES_Marche/Marches/Marche/IdentifiantMarche"):
        yield MarcheRecord(
            contract=_text(block, "IdContrat"),
            order=_text(block, "NumeroOrdreModification"),
            sequence=_text(block, "SequenceEnvoi"),
            correction=_text(block, "CaractereCorrectifEnregistrement") in ("1", "true"),
        )


def _version(root: etree._Element) -> str:
    newer = any(next(root.iterdescendants(tag), None) is not None for tag in _ONLY_5_30)
    ccag = any(node.get("V") == _CCAG_ONLY_5_30 for node in root.iterdescendants("CCAGReference"))
    return "5.30" if newer or ccag else "5.17"


def _text(node: etree._Element, path: str) -> str:
    found = node.find(path)
    return "" if found is None else (found.get("V") or "").strip()
