"""From a marché to the bytes of a PES Marché file: pure, the same input always gives the same bytes.

The block describes the consolidated state of the marché (official comments of the XSD 5.17, FAQ of the DGFiP of
26/09/2025). Order, names and widths are those of the XSD. What it says of the marché's life: see
:mod:`connectors.dgfip.life`.
"""

from __future__ import annotations

from connectors.dgfip.description import write_conditions, write_description, write_pieces
from connectors.dgfip.envelope import PesFile, Sending, begin, finish, write_identity
from connectors.dgfip.life import MAX_NUMBER, Saying, direct_acts, history_length
from connectors.dgfip.losses import losses_of
from connectors.dgfip.modifications import check_numbers, write_modifications
from connectors.dgfip.operateurs import write_operateurs
from connectors.dgfip.settings import DgfipSettings
from connectors.dgfip.ventilations import ventilation_of, write_ventilations
from semaphore_hub.ports.outcomes import Unsupported


def render(saying: Saying, settings: DgfipSettings, sending: Sending) -> PesFile:
    """The PES file that says a marché.

    Raises:
        Unsupported: something the PES requires is missing or does not fit; the French sentence says what to complete.
    """
    marche, version = saying.marche, settings.versionPES
    writer = begin(settings, sending)
    writer.losses.update(losses_of(saying, version))
    acts = direct_acts(marche)
    check_numbers(marche, acts)
    order = history_length(marche)
    if order > MAX_NUMBER:
        raise Unsupported(f"Le PES Marché numérote les modifications de 01 à {MAX_NUMBER} : {order} dépasse.")
    breakdown = ventilation_of(writer, marche, acts, settings, amended=saying.amended)
    with writer.block("PES_Marche"):
        with writer.block("EnTeteMarche"):
            writer.plain("IdVer", "2")
        with writer.block("Marches"), writer.block("Marche"):
            with writer.block("IdentifiantMarche"):
                write_identity(writer, marche.complements.idContrat, order, sending)
            write_description(writer, marche, breakdown.buyers, settings)
            write_operateurs(writer, marche, acts, breakdown.shares.amounts, settings)
            write_conditions(writer, marche, version)
            write_pieces(writer, marche.pieces)
            write_ventilations(writer, marche, breakdown, version)
            if saying.blocks:
                write_modifications(writer, marche, acts, settings)
    return finish(writer, sending, marche.complements.idContrat)
