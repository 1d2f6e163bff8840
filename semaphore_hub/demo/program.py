"""``semaphore-hub demo``: start everything, play the scenario, check it, show it, stay until told to stop."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from pathlib import Path

import structlog
from rich.console import Console

from semaphore_hub import app as composition
from semaphore_hub import migrate
from semaphore_hub.demo import ght
from semaphore_hub.demo.checks import Result, verify
from semaphore_hub.demo.client import CallRefused, Client
from semaphore_hub.demo.display import Display
from semaphore_hub.demo.folder import DataFolder, FolderRefused, data_folder
from semaphore_hub.demo.partners import PARTNERS
from semaphore_hub.demo.runner import Runner, StepFailed
from semaphore_hub.demo.servers import listen, serving, simulating, url_of
from semaphore_hub.demo.steering import ANNEE, Steering
from semaphore_hub.demo.story import SCENARIO
from semaphore_hub.kernel.clock import ManualClock, SystemClock
from semaphore_hub.kernel.errors import ConfigurationError
from semaphore_hub.kernel.settings import Settings

DEFAULT_FOLDER = Path("demo-data")
OK, PROBLEMS, NOT_STARTED, INTERRUPTED = 0, 1, 2, 130


def run(*, port: int = 8000, data_dir: Path | None = None, once: bool = False, as_json: bool = False) -> int:
    """Run the demo.

    Args:
        port: of the hub; the mocks take the following ones where they are free. 0: any free ports.
        data_dir: where everything is written; default ``demo-data`` in the current folder. It must not exist, be
            empty, or be the folder of a former demo.
        once: end after the scenario instead of staying up until Ctrl-C.
        as_json: print only the result, as JSON, on standard output.

    Returns:
        Exit code: 0 all is as it must be, 1 something is lost, undelivered or unplanned, 2 it could not start, 130
        interrupted before the end of the scenario it was to play once.
    """
    try:
        listener = listen(port)
    except (OSError, OverflowError) as error:
        _complain(f"port {port} cannot be used ({error}): choose another one with --port, or 0 for any free one")
        return NOT_STARTED
    try:
        with listener, data_folder(data_dir or DEFAULT_FOLDER) as folder, _logging_to(folder.log):
            return asyncio.run(_Demo(listener, folder, once=once, as_json=as_json).main())
    except (FolderRefused, ConfigurationError) as error:
        _complain(str(error))
        return NOT_STARTED


class _Demo:
    """One run."""

    def __init__(self, listener: socket.socket, folder: DataFolder, *, once: bool, as_json: bool) -> None:
        self._listener = listener
        self._folder = folder
        self._once = once
        self._as_json = as_json
        self._display = Display(Console(quiet=as_json, highlight=False))
        self._url = url_of(listener)
        self._clock = ManualClock(SCENARIO[0].instant)
        self._told = False

    async def main(self) -> int:
        """Everything, with Ctrl-C and a polite kill as a way to stop at any moment."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        try:
            return await self._until(stop)
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    async def _until(self, stop: asyncio.Event) -> int:
        story = asyncio.create_task(self._tell(stop))
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({story, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not story.done() and not self._told:
            story.cancel()
        stopped.cancel()
        with suppress(asyncio.CancelledError):
            return await story
        return INTERRUPTED if self._once else OK

    async def _tell(self, stop: asyncio.Event) -> int:
        started = time.monotonic()
        migrate.upgrade(self._database_url)
        services = composition.build(self._settings(), clock=self._clock)
        async with AsyncExitStack() as stack:
            stack.callback(services.database.close)
            first_port = self._listener.getsockname()[1] + 1
            partners = await stack.enter_async_context(simulating(PARTNERS, self._folder, first_port))
            await stack.enter_async_context(serving(composition.create_app(services), self._listener))
            for simulated in partners.values():
                # Before the hub stops: it finishes the attempts under way, which must not wait for a silent mock.
                stack.callback(simulated.release)
            hub = Client(self._url)
            stack.push_async_callback(hub.close)
            manifests = {name: services.registry.get(name).manifest for name in partners}
            runner = Runner(hub, partners, manifests, self._clock, self._display)
            result = await self._play(runner)
            self._told = True
            self._show(runner, result, time.monotonic() - started)
            if not self._once:
                await self._stay(runner, stop)
        return PROBLEMS if result.problems else OK

    async def _play(self, runner: Runner) -> Result:
        failure = None
        self._display.title(ght.NOM_GHT)
        try:
            await runner.load()
            await runner.play(SCENARIO)
            self._display.title("Le pilotage des achats")
            await Steering(runner.hub, self._clock, self._display, self._folder.documents()).play()
        except (StepFailed, CallRefused) as error:
            failure = str(error)
        try:
            return await verify(runner, failure)
        except CallRefused as error:
            return Result(0, {}, [*filter(None, [failure]), f"le contrôle final n'a pas pu être fait : {error}"])

    def _show(self, runner: Runner, result: Result, seconds: float) -> None:
        if self._as_json:
            sys.stdout.write(json.dumps(result.to_dict(), ensure_ascii=False) + "\n")
            sys.stdout.flush()
        self._display.summary(result.partners, result.events)
        self._display.problems(result.problems)
        if not result.problems:
            self._display.line(f"Rien n'est perdu, rien ne reste à livrer ; scénario joué en {seconds:.0f} s.")
        places = [("Documentation de l'API", f"{self._url}/docs"), ("Envois", f"{self._url}/v1/deliveries")]
        for name, simulated in runner.partners.items():
            places += [
                (f"{name} : son état", f"{simulated.place.base_url}/_mock/state"),
                (f"{name} : ce qu'il a reçu", f"{simulated.place.base_url}/_mock/received"),
                (f"{name} : dossier partagé", str(simulated.place.depot.parent)),
            ]
        places += [
            ("Documents reçus", str(self._folder.received)),
            ("Trame, agenda, indicateurs", str(self._folder.root / "pilotage")),
            ("Tableau de bord des achats", f"{self._url}/v1/indicateurs/editions/rapport.html?annee={ANNEE}"),
            ("Base de données", self._database_url),
            ("Journal", str(self._folder.log)),
        ]
        self._display.places(places)

    async def _stay(self, runner: Runner, stop: asyncio.Event) -> None:
        """Keep serving, in real time, with partners that take whatever is imported."""
        for simulated in runner.partners.values():
            await simulated.control.delete("/_mock/clock")
            if simulated.partner.opened:
                await simulated.control.put("/_mock/state", simulated.partner.opened)
        self._display.line("")
        self._display.line("Tout reste en marche ; les partenaires acceptent désormais tout tiers et tout compte.")
        self._display.line("Ctrl-C pour arrêter.")
        machine = SystemClock()
        while not stop.is_set():
            if machine.now() > self._clock.now():
                self._clock.set(machine.now())
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await stop.wait()

    @property
    def _database_url(self) -> str:
        return f"sqlite:///{self._folder.database}"

    def _settings(self) -> Settings:
        # Said here rather than left to the environment: the demo is open, on loopback, on its own database.
        return Settings(
            database_url=self._database_url,
            clients_file=None,
            token_key_file=None,
            oidc_issuer=None,
            secrets_dir=self._folder.secrets,
            poll_seconds=0.5,
        )


@contextmanager
def _logging_to(path: Path) -> Iterator[None]:
    """Warnings of the hub and of its libraries go to a file: the terminal shows the story."""
    former = structlog.get_config()
    with path.open("a", encoding="utf-8") as file:
        structlog.configure(
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
            wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
            logger_factory=structlog.WriteLoggerFactory(file),
            cache_logger_on_first_use=False,
        )
        handler = logging.StreamHandler(file)
        handler.setLevel(logging.WARNING)
        root = logging.getLogger()
        root.addHandler(handler)
        try:
            yield
        finally:
            root.removeHandler(handler)
            structlog.configure(**former)


def _complain(message: str) -> None:
    Console(stderr=True, highlight=False, soft_wrap=True).print(message, markup=False)
