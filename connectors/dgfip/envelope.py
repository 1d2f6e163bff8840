"""What every PES Aller file starts with: its name, who sends it, for which budget."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from connectors.dgfip.settings import DgfipSettings
from connectors.dgfip.writer import PesWriter
from semaphore_hub.ports.outcomes import Unsupported

ALLER = "http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/aller"
SENDER, SENDER_APPLICATION = "SEMAPHORE-HUB", "Semaphore Hub"
MAX_SEQUENCE = 999
# Always the same lines, with known texts: written at once. The places are filled in this order.
_HEADER = f"""\
  <Enveloppe>
    <Parametres>
      <Version V="2"/>
      <TypFic V="PESALR2"/>
      <NomFic V="%s"/>
    </Parametres>
    <Emetteur>
      <Sigle V="{SENDER}"/>
      <Adresse V="{SENDER_APPLICATION}"/>
    </Emetteur>
  </Enveloppe>
  <EnTetePES>
    <DteStr V="%s"/>
    <IdPost V="%s"/>
    <IdColl V="%s"/>
    <FinJur V="%s"/>
    <CodCol V="%s"/>
    <CodBud V="%s"/>
    <LibelleColBud V="%s"/>
  </EnTetePES>"""


class PesFile(NamedTuple):
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


class Sending(NamedTuple):
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
    return f"PESALR2_{settings.siret}_{day.year % 100:02d}{day.month:02d}{day.day:02d}_{ordinal:03d}.xml"


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
    writer.lines.append(
        _HEADER
        % (
            sending.name,
            sending.day.isoformat(),
            settings.idPost,
            settings.siret,
            settings.finessJuridique,
            settings.codCol,
            settings.codBud,
            writer.text(settings.libelleColBud, 38),
        )
    )
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
