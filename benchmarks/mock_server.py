"""The two servers of the benchmark ``mocks``, each alone in a process on one core.

``python -m benchmarks.mock_server mock|fastapi CORE`` prints its port, and ends when its standard input does.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from benchmarks.ack_server import leave_with_the_parent
from mock_partners import MOCKS, MockConfig
from mock_partners.kit import run
from mock_partners.kit.server import event_loop, uvicorn_config

MOCK, FASTAPI = "mock", "fastapi"
API_KEY = "cle-de-mesure"
_TICKS = os.sysconf("SC_CLK_TCK")


# The constraints of gef/message-json/1, as far as pydantic says them by itself.
Siret = Annotated[str, Field(pattern=r"^[0-9]{14}$")]
Finess = Annotated[str, Field(pattern=r"^([0-9]{2}|2[AB])[0-9]{7}$")]
Montant = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)]
Nom = Annotated[str, Field(min_length=1, max_length=200)]
Texte = Annotated[str, Field(min_length=1, max_length=1000)]
Code = Annotated[str, Field(min_length=1, max_length=100)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Operateur(_Strict):
    """Who an imputation charges."""

    typeIdentifiant: Literal["SIRET", "TVA", "TAHITI", "RIDET", "FRWF", "IREP", "HORS-UE"]
    id: Annotated[str, Field(min_length=1, max_length=80)]


class Titulaire(Operateur):
    """A holder."""

    role: Literal["titulaire", "co-traitant"]
    denominationSociale: Nom
    montantHT: Montant | None = None


class Acheteur(_Strict):
    """A buyer or a beneficiary."""

    siret: Siret
    nom: Nom
    finess: Finess | None = None


class Marche(_Strict):
    """The state of a marché: what a simple one holds."""

    numero: Annotated[str, Field(pattern=r'^[^ \t\n\r;|"]{1,30}$')]
    idContrat: Annotated[str, Field(pattern=r'^[0-9]{4}[^ \t\n\r;"]{1,10}$')] | None = None
    objet: Texte
    nature: Literal["Marché", "Marché de partenariat", "Marché de défense ou de sécurité"]
    procedure: Code
    codeCPV: Annotated[str, Field(pattern=r"^[0-9]{8}(-[0-9])?$")]
    formePrix: Literal["Unitaire", "Forfaitaire", "Mixte"]
    statut: Code | None = None
    dateNotification: date
    dateDebut: date
    dateFin: date
    dureeMois: Annotated[int, Field(ge=1, le=999)]
    montantHT: Montant
    montantTVA: Montant | None = None
    acheteur: Acheteur
    beneficiaires: Annotated[list[Acheteur], Field(min_length=1, max_length=999)]
    titulaires: Annotated[list[Titulaire], Field(min_length=1, max_length=999)]


class Imputation(_Strict):
    """One line of the message."""

    ligne: Annotated[int, Field(ge=1, le=9999)]
    titulaire: Operateur
    uf: Code
    compte: Annotated[str, Field(pattern=r"^[0-9]{3,10}$")]
    montantHT: Montant | None = None


class Message(_Strict):
    """A message that creates a marché."""

    typeMessage: Literal["marche"]
    version: Literal["1"]
    idMessage: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{2,99}$")]
    emisLe: datetime
    emetteur: Annotated[str, Field(min_length=1, max_length=50)]
    etablissement: Finess
    marche: Marche
    imputations: Annotated[list[Imputation], Field(min_length=1, max_length=9999)]


def smallest() -> FastAPI:
    """The baseline: no rule, no state, no journal, no key."""
    app = FastAPI()

    @app.post("/v1/messages")
    async def take(message: Message) -> dict[str, str]:
        return {"idMessage": message.idMessage, "verdict": "accepte"}

    @app.get("/v1/sante")
    async def health() -> dict[str, str]:
        return {"statut": "ok"}

    return app


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Processor time of its process so far, to the hundredth of a second or so."""
        fields = Path(f"/proc/{self.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS


@contextmanager
def running(kind: str, core: int) -> Iterator[Server]:
    """One of the two for the time of a block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.mock_server", kind, str(core)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    )
    try:
        assert process.stdout is not None
        yield Server(int(process.stdout.readline()), process.pid)
    finally:
        process.communicate(timeout=10)


def main(kind: str, core: int) -> None:
    """Serve."""
    os.sched_setaffinity(0, {core})
    leave_with_the_parent()
    if kind == MOCK:
        mock = MOCKS["gef_0904"](MockConfig(api_key=API_KEY))
        run([mock], on_ready=lambda started: _announce(int(started[0].url.rpartition(":")[2])))
        return
    with socket.create_server(("127.0.0.1", 0)) as listener, asyncio.Runner(loop_factory=event_loop) as runner:
        _announce(listener.getsockname()[1])
        runner.run(uvicorn.Server(uvicorn_config(smallest())).serve(sockets=[listener]))


def _announce(port: int) -> None:
    print(port, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
