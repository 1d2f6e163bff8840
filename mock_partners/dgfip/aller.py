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
class ContractRecord:
    """One marché or concession block: its identity, texts as written (empty when absent), and the block itself.

    Attributes:
        kind: "Marche" or "Concession".
        position: 1, 2, 3… among the blocks of that kind.
    """

    kind: str
    position: int
    contract: str
    order: str
    sequence: str
    correction: bool
    block: etree._Element


@dataclass(frozen=True, slots=True)
class Flow:
    """Envelope and header of a PES Aller file, its marchés and concessions, and the documents attached to it."""

    name: str
    type: str
    sender: tuple[str, str]
    header: dict[str, str]
    contracts: tuple[ContractRecord, ...]
    pieces: tuple[str, ...]
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
        contracts=(*_contracts(root, "Marche"), *_contracts(root, "Concession")),
        pieces=tuple(_text(piece, "IdUnique") for piece in root.iterfind("PES_PJ/PJ")),
        version=_version(root),
    )
    for tag, value in (("NomFic", flow.name), *((tag, header.get(tag, "")) for tag in ("CodCol", "IdPost", "CodBud"))):
        if not value:
            raise NotAFlow(f"Le flux ne donne pas {tag} : il ne peut pas être acheminé.")
    return flow


def _contracts(root: etree._Element, kind: str) -> Iterator[ContractRecord]:
    for position, block in enumerate(root.iterfind(f"PES_Marche/{kind}s/{kind}"), start=1):
        identity = f"Identifiant{kind}"
        yield ContractRecord(
            kind=kind,
            position=position,
            contract=_text(block, f"{identity}/IdContrat"),
            order=_text(block, f"{identity}/NumeroOrdreModification"),
            sequence=_text(block, f"{identity}/SequenceEnvoi"),
            correction=_text(block, f"{identity}/CaractereCorrectifEnregistrement") in ("1", "true"),
            block=block,
        )


def _version(root: etree._Element) -> str:
    newer = any(next(root.iterdescendants(tag), None) is not None for tag in _ONLY_5_30)
    ccag = any(node.get("V") == _CCAG_ONLY_5_30 for node in root.iterdescendants("CCAGReference"))
    return "5.30" if newer or ccag else "5.17"


def _text(node: etree._Element, path: str) -> str:
    found = node.find(path)
    return "" if found is None else (found.get("V") or "").strip()
