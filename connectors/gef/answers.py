"""What a synchronous wire does with an answer, whatever it travels by."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.gef import parsing
from connectors.gef.wire import Syntax
from semaphore_hub.ports.connector import Inbound, Outgoing, Receipt
from semaphore_hub.ports.outcomes import Unknown, Unreadable


def receipt(outgoing: Outgoing, channel: str, body: bytes, syntax: Syntax, status: int | None) -> Receipt:
    """The receipt whose compte rendu came back at once.

    Raises:
        Unknown: it cannot be read (cut on its way, written by somebody in between): the message may have taken effect,
            and asking again gives the same compte rendu.
    """
    # Named after this delivery too: sent again by a person, the same message gets the same bytes back, and they
    # answer the new delivery.
    name = f"{outgoing.message.reference}.{outgoing.idempotency_key}.{syntax.suffix}"
    document = Inbound(name, body, syntax.media_type, channel)
    try:
        parsing.interpret(document)
    except Unreadable as error:
        excerpt = body[:2000].decode("utf-8", "replace")
        raise Unknown(f"unreadable compte rendu: {error.reason}", status=status, excerpt=excerpt) from error
    return Receipt(status=status, response=document)


def health_words(health: Mapping[str, object]) -> str:
    """What the GEF says of itself, for a person."""
    return f"la GEF répond : {health.get('produit', 'produit inconnu')}, version {health.get('version', 'inconnue')}"
