"""PES files for the mock's tests: taken from the connector's golden files, then changed as text."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from lxml import etree

from contracts.xml import parse
from mock_partners.dgfip.app import DgfipMock, create
from mock_partners.kit import MockConfig, running
from tests.connectors.dgfip.builders import GOLDEN

P_MSG = "PES#010#099001#00"


def flow(
    number: int = 1,
    *,
    sequence: int = 1,
    order: str = "00",
    correction: bool = False,
    contract: str = "2026DM001",
    replace: tuple[tuple[str, str], ...] = (),
    case: str = "initial",
) -> bytes:
    """A PES file of one marché; ``number`` makes its name, ``replace`` are changes of its text."""
    text = (GOLDEN / f"{case}.xml").read_bytes().decode("latin-1")
    root = parse(text.encode("latin-1")).getroot()
    for tag, value in (
        ("NomFic", f"PESALR2_26990001500018_260302_{number:03d}.xml"),
        ("IdContrat", contract),
        ("SequenceEnvoi", str(sequence)),
        ("NumeroOrdreModification", order),
        ("CaractereCorrectifEnregistrement", "1" if correction else "0"),
    ):
        node = next(root.iterdescendants(tag))
        node.set("V", value)
    written = etree.tostring(root, encoding="ISO-8859-1", xml_declaration=True)
    assert isinstance(written, bytes)
    changed = written.decode("latin-1")
    for old, new in replace:
        assert old in changed, old
        changed = changed.replace(old, new)
    return changed.encode("latin-1")


def name_of(body: bytes) -> str:
    """NomFic of a flow."""
    return next(parse(body).getroot().iterdescendants("NomFic")).get("V") or ""


@asynccontextmanager
async def dgfip(**config: Any) -> AsyncIterator[tuple[DgfipMock, httpx.AsyncClient]]:
    """A running DGFIP mock and a client of it."""
    mock = create(MockConfig(**config))
    async with running([mock]) as [one], httpx.AsyncClient(base_url=one.url, trust_env=False, timeout=2) as client:
        yield mock, client


async def deposit(
    client: httpx.AsyncClient, body: bytes, *, key: str | None = None, headers: dict[str, str] | None = None
) -> httpx.Response:
    """Deposit a flow with the right headers; ``headers`` replace them, an empty one is not sent."""
    name = name_of(body) if b"<NomFic" in body else "sans-nom.xml"
    given = {
        "Content-Type": "application/xml",
        "X-Nom-Fichier": name,
        "X-P-Msg": P_MSG,
        "Idempotency-Key": key or f"key-{name}",
        **(headers or {}),
    }
    return await client.post("/depots", content=body, headers={k: v for k, v in given.items() if v})


async def acquits(client: httpx.AsyncClient) -> list[bytes]:
    """Bodies of the acknowledgements not read yet."""
    listing = (await client.get("/acquits", params={"lu": "false"})).json()["acquits"]
    return [(await client.get(f"/acquits/{item['idAcquit']}")).content for item in listing]


def verdicts(body: bytes) -> list[tuple[str, str, str, str, str]]:
    """Domain, state, marché, first code and first label of each element of an acknowledgement."""
    return [
        (
            _text(element, "DomaineAck"),
            _text(element, "EtatAck"),
            _text(element, "IdMarche"),
            _text(element, "Erreur/NumAnoAck"),
            _text(element, "Erreur/LibelleAnoAck"),
        )
        for element in parse(body).getroot().iterfind("ACQUIT/ElementACQUIT")
    ]


def _text(node: etree._Element, path: str) -> str:
    found = node.find(path)
    return "" if found is None else found.get("V") or ""
