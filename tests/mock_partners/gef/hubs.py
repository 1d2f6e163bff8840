"""A hub for each simulated GEF: it sends the examples of the contracts by that GEF's own wire, and reads the answers.

Whatever the wire, what a hub reads is given as the JSON syntax says it, after its contract was checked.
"""

from __future__ import annotations

import csv
import io
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import httpx
from lxml import etree

import contracts
from contracts.rules.echange_fichiers import parse_name, sha256_hex
from mock_partners import MOCKS, MockConfig
from mock_partners.gef.mock import GefMock
from mock_partners.kit import MockClock

Document = dict[str, Any]
Replacements = Mapping[str, str]
NOW = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
FINESS = "990780017"
TYPES = {
    "fournisseur": "FOU",
    "nomenclature": "NOM",
    "marche": "MAR",
    "modification": "MOD",
    "correction": "COR",
    "evenement": "EVT",
    "produits": "PRO",
}
CSV_CONTRACTS = {"FOU": "fournisseurs", "NOM": "nomenclatures", "PRO": "produits"}
FLUX_CSV = {
    "STR": "structures",
    "CPT": "comptes",
    "TIE": "fournisseurs",
    "CMD": "commandes",
    "REC": "receptions",
    "MAN": "mandats",
}


@dataclass(frozen=True)
class Place:
    """Folders of a mock in file mode."""

    depot: Path
    retour: Path


def make(mock_id: str, place: Place | None = None, *, start: datetime = NOW, **config: Any) -> GefMock:
    """A mock whose clock stands still."""
    clock = MockClock()
    clock.set(start)
    if place is not None:
        place.depot.mkdir(exist_ok=True)
        config |= {"depot_dir": place.depot, "retour_dir": place.retour}
    mock = MOCKS[mock_id](MockConfig(clock=clock, **config))
    assert isinstance(mock, GefMock)
    return mock


def example(syntax: str, name: str, replaced: Replacements) -> bytes:
    """A valid example of a message, with some texts replaced."""
    if syntax == "csv":
        kind = CSV_CONTRACTS.get(TYPES[kind_of(name)], "marches")
        folder = contracts.get(f"gef/{kind}-csv/1").folder
    else:
        folder = contracts.get(f"gef/message-{syntax}/1").folder
    body = (folder / "examples" / "valid" / f"{name}.{syntax}").read_bytes().decode("utf-8")
    for old, new in replaced.items():
        assert old in body, f"{name}.{syntax} does not hold {old}"
        body = body.replace(old, new)
    return body.encode("utf-8")


def kind_of(name: str) -> str:
    """Type of message of an example."""
    return name.partition("_")[0]


class Hub(ABC):
    """Sends to one mock."""

    syntax: ClassVar[str]

    def __init__(self, mock: GefMock) -> None:
        self.mock = mock
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(mock.app), base_url="http://gef")

    @abstractmethod
    async def send(self, name: str, replaced: Replacements | None = None) -> Document | None:
        """Send an example; its compte rendu, or ``None`` when it did not come."""

    @abstractmethod
    async def fetch(self) -> list[Document]:
        """Comptes rendus and flux that came by themselves, each read once."""

    @abstractmethod
    async def answer(self, compte_rendu: Document) -> None:
        """Answer a flux."""

    async def control(self, method: str, path: str, content: Any = None) -> Any:
        """A call of the control plane that must succeed."""
        answer = await self.http.request(method, f"/_mock/{path}", json=content)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def faults(self, *scenarios: str) -> None:
        """Switch scenarios on, and the others off."""
        await self.control("PUT", "faults", {"scenarios": scenarios})

    async def state(self, **values: Any) -> Document:
        """Change parts of the state."""
        state: Document = await self.control("PUT", "state", values)
        return state


class RestHub(Hub):
    """By REST, with whatever credentials."""

    syntax = "json"

    async def credentials(self) -> dict[str, str]:
        """Headers that open the door."""
        return {}

    async def post(self, name: str, replaced: Replacements | None = None, **headers: str) -> httpx.Response:
        """Post an example; ``headers`` replace the usual ones, an empty one is left out."""
        body = example("json", name, replaced or {})
        return await self.post_body(body, json.loads(body)["idMessage"], **headers)

    async def post_body(self, body: bytes, message_id: str, **headers: str) -> httpx.Response:
        """Post any body."""
        usual = {"Content-Type": "application/json", "Idempotency-Key": message_id, "X-Id-Message": message_id}
        given = usual | {name.replace("_", "-"): value for name, value in headers.items()} | await self.credentials()
        given = {name: value for name, value in given.items() if value}
        return await self.http.post("/v1/messages", content=body, headers=given)

    async def send(self, name: str, replaced: Replacements | None = None) -> Document | None:
        answer = await self.post(name, replaced)
        if answer.status_code == 202:
            return None
        assert answer.status_code == 200, answer.text
        return checked("gef/compte-rendu-json/1", answer.content)

    async def fetch(self) -> list[Document]:
        headers = await self.credentials()
        listing = (await self.http.get("/v1/echanges", params={"lu": "false"}, headers=headers)).json()["echanges"]
        found = []
        for entry in listing:
            path = f"/v1/echanges/{entry['idEchange']}"
            body = (await self.http.get(path, headers=headers)).content
            contract = "gef/flux-json/1" if entry["nature"] == "flux" else "gef/compte-rendu-json/1"
            found.append(checked(contract, body))
            assert (await self.http.put(f"{path}/lecture", headers=headers)).status_code == 204
        return found

    async def answer(self, compte_rendu: Document) -> None:
        headers = await self.credentials()
        answer = await self.http.post("/v1/comptes-rendus", json=compte_rendu, headers=headers)
        assert answer.status_code == 204, answer.text


class SaasHub(RestHub):
    """By REST, with a token asked for each time."""

    async def credentials(self) -> dict[str, str]:
        form = {"grant_type": "client_credentials", "scope": "semaphore"}
        answer = await self.http.post("/oauth/token", data=form, auth=("semaphore", "secret-de-demonstration"))
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}


class FileHub(Hub):
    """By files: CSV or XML, with a marker or an envelope."""

    marker_suffix = ".ok"

    def __init__(self, mock: GefMock, syntax: str) -> None:
        super().__init__(mock)
        self.syntax = syntax  # type: ignore[misc]
        self._number = 0
        self._come: list[tuple[str, Document]] = []
        assert mock.config.depot_dir is not None
        assert mock.config.retour_dir is not None
        self.depot, self.retour = mock.config.depot_dir, mock.config.retour_dir

    def marker(self, name: str, body: bytes) -> bytes:
        """Content of the marker of a file."""
        return sha256_hex(body).encode()

    async def drop(self, kind: str, body: bytes, *, name: str = "") -> str:
        """Put a file and its marker, and let the GEF look."""
        self._number += 1
        day = self.mock.clock.today()
        name = name or f"SEM_{kind}_{FINESS}_{day:%Y%m%d}_{self._number:05d}.{self.syntax}"
        (self.depot / name).write_bytes(body)
        (self.depot / f"{name}{self.marker_suffix}").write_bytes(self.marker(name, body))
        await self.mock.scan()
        return name

    async def send(self, name: str, replaced: Replacements | None = None) -> Document | None:
        await self.drop(TYPES[kind_of(name)], example(self.syntax, name, replaced or {}))
        self.look()
        for entry in self._come:
            if entry[0] == "CR":
                self._come.remove(entry)
                return entry[1]
        return None

    def look(self) -> None:
        """Take the complete files, in their order."""
        names = [parse_name(path.name) for path in self.retour.iterdir()] if self.retour.exists() else []
        for name in sorted(name for name in names if name is not None):
            path = self.retour / str(name)
            marker = path.with_name(path.name + self.marker_suffix)
            if marker.exists():
                self._come.append((name.type, self.read(name.type, path.read_bytes())))
                path.unlink()
                marker.unlink()

    def read(self, kind: str, body: bytes) -> Document:
        """A compte rendu or a flux."""
        if self.syntax == "csv":
            return read_csv(kind, body)
        contract = "gef/compte-rendu-xml/1" if kind == "CR" else "gef/flux-xml/1"
        checked(contract, body)
        return read_xml(etree.fromstring(body))

    async def fetch(self) -> list[Document]:
        await self.mock.scan()
        self.look()
        come, self._come = self._come, []
        return [document for _, document in come]

    async def answer(self, compte_rendu: Document) -> None:
        contract = f"gef/compte-rendu-{self.syntax}/1"
        body = (contracts.get(contract).folder / "examples" / "valid" / f"accepte.{self.syntax}").read_text("utf-8")
        read = read_csv("CR", body.encode()) if self.syntax == "csv" else read_xml(etree.fromstring(body.encode()))
        for key in ("idCompteRendu", "idMessage"):
            body = body.replace(read[key], compte_rendu[key])
        await self.drop("CR", body.encode("utf-8"))


def checked(contract: str, body: bytes) -> Document:
    """The document, once nothing is wrong with it."""
    assert contracts.validate(contract, body).findings == ()
    return json.loads(body) if contract.endswith("json/1") else {}


def read_csv(kind: str, body: bytes) -> Document:
    """What the tests look at in a compte rendu or a flux in CSV."""
    contract = "gef/compte-rendu-csv/1" if kind == "CR" else f"gef/flux-{FLUX_CSV[kind]}-csv/1"
    checked(contract, body)
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8"), newline=""), delimiter=";"))
    first = rows[0]
    if kind != "CR":
        names = {"typeFlux": "type_flux", "idFlux": "id_flux", "mode": "mode", "etablissement": "etablissement"}
        lines = [{**row, "ligne": int(row["ligne"])} for row in rows]
        return {**{key: first[name] for key, name in names.items()}, "lignes": lines}
    document: Document = {
        "idCompteRendu": first["id_compte_rendu"],
        "idMessage": first["id_message"],
        "emisLe": first["emis_le"],
        "verdict": first["verdict"],
    }
    if first["numero_marche"]:
        document["numeroMarche"] = first["numero_marche"]
    if first["ligne"] == "0":
        document["motif"] = {"code": first["code"], "libelle": first["libelle"]}
    document["lignes"] = [
        {"ligne": int(row["ligne"]), **{key: row[key] for key in ("statut", "code", "libelle") if row[key]}}
        for row in rows
        if row["ligne"] != "0"
    ]
    return document


def read_xml(root: etree._Element) -> Document:
    """What the tests look at in a compte rendu or a flux in XML."""

    def plain(node: etree._Element) -> Any:
        if not len(node):
            text = node.text or ""
            return int(text) if etree.QName(node).localname == "ligne" else text
        return {etree.QName(child).localname: plain(child) for child in node}

    document: Document = {}
    for child in root:
        name = etree.QName(child).localname
        document[name] = [plain(line) for line in child] if name == "lignes" else plain(child)
    return document


def codes(compte_rendu: Document | None) -> dict[int, str | None]:
    """The code of each line."""
    assert compte_rendu is not None
    return {line["ligne"]: line.get("code") for line in compte_rendu["lignes"]}
