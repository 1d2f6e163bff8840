"""What every PES Aller file starts with: its name, who sends it, for which budget."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from connectors.dgfip.settings import DgfipSettings
from connectors.dgfip.writer import PesWriter
from semaphore_hub.ports.outcomes import Unsupported

ALLER = "http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/aller"
SENDER, SENDER_APPLICATION = "SEMAPHORE-HUB", "Semaphore Hub"
MAX_SEQUENCE = 999


@dataclass(frozen=True, slots=True)
class PesFile:
    """A rendered PES Marché file.

    Attributes:
        name: its NomFic, which the acknowledgement quotes.
        body: ISO-8859-1 XML.
        business_ref: ``IdContrat-SSS``, which the acknowledgement quotes as IdMarche.
        losses: declared losses it makes, ids of the manifest, sorted.
    """

    name: str
    body: bytes
    business_ref: str
    losses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sending:
    """Which sending of a contract a file is.

    Attributes:
        name: NomFic.
        day: date of the flow.
        sequence: SequenceEnvoi.
        correction: CaractereCorrectifEnregistrement.
    """

    name: str
    day: date
    sequence: int
    correction: bool


def file_name(settings: DgfipSettings, day: date, ordinal: int) -> str:
    """``PESALR2_<SIRET>_<AAMMJJ>_<NNN>.xml``, the naming of the file transfer; NNN grows beyond 999 if it must."""
    return f"PESALR2_{settings.siret}_{day:%y%m%d}_{ordinal:03d}.xml"


def begin(settings: DgfipSettings, sending: Sending) -> PesWriter:
    """A writer that has written the envelope and the header.

    Raises:
        Unsupported: the sequence is beyond what the PES can number.
    """
    if sending.sequence > MAX_SEQUENCE:
        raise Unsupported(
            f"Le PES Marché numérote les envois d'un marché de 1 à {MAX_SEQUENCE} : {sending.sequence} dépasse."
        )
    writer = PesWriter("PES_Aller", ALLER)
    with writer.block("Enveloppe"):
        with writer.block("Parametres"):
            writer.plain("Version", "2")
            writer.plain("TypFic", "PESALR2")
            writer.plain("NomFic", sending.name)
        with writer.block("Emetteur"):
            writer.plain("Sigle", SENDER)
            writer.plain("Adresse", SENDER_APPLICATION)
    with writer.block("EnTetePES"):
        writer.day("DteStr", sending.day)
        writer.plain("IdPost", settings.idPost)
        writer.plain("IdColl", settings.siret)
        writer.plain("FinJur", settings.finessJuridique)
        writer.plain("CodCol", settings.codCol)
        writer.plain("CodBud", settings.codBud)
        writer.value("LibelleColBud", settings.libelleColBud, width=38)
    return writer


def finish(writer: PesWriter, sending: Sending, contract: str) -> PesFile:
    """The file that was written, about the contract of that IdContrat."""
    return PesFile(
        name=sending.name,
        body=writer.document(),
        business_ref=f"{contract}-{sending.sequence:03d}",
        losses=writer.all_losses(),
    )


def write_identity(writer: PesWriter, contract: str, order: int, sending: Sending) -> None:
    """IdContrat, NumeroOrdreModification, SequenceEnvoi and the flag of corrections, in a block already open."""
    writer.value("IdContrat", contract)
    writer.plain("NumeroOrdreModification", f"{order:02d}")
    writer.plain("SequenceEnvoi", str(sending.sequence))
    writer.flag("CaractereCorrectifEnregistrement", sending.correction)
