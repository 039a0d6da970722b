"""Everything on one machine: broker, database, paper exchange and one process for each service."""

import asyncio
import errno
import os
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from pydantic import SecretStr

from infra.migrations.run import upgrade
from services.executor import log_rollback
from services.executor.adapters.journal import Journal
from services.local.folder import held, keep_apart
from services.local.forks import ForkServer
from services.local.installation import named
from services.local.nats_server import NatsServer, free_port
from services.local.running import announced
from services.local.supervisor import Supervisor
from services.local.tape_files import absolute
from services.local.tape_history import keep_tape
from services.paper.adapters.tape_settings import LIVE, open_tape
from services.paper.core.tape import Tape
from shared.account import open_account
from shared.bus import topology
from shared.bus.log_reach import log_reach
from shared.bus.namespace import Namespace
from shared.bus.wire import Unreadable, decode
from shared.db import address
from shared.errors import BadRequest, Newer
from shared.events import Event
from shared.history.archive import Archive
from shared.history.objects import BrokerObjects
from shared.services import SERVICES, environment
from shared.settings import Settings

_FROM_FIRST_TO_LAST = [service for service in SERVICES if service.readers]  # the clock waits for all of them
OPENERS = [service.name for service in _FROM_FIRST_TO_LAST if service.opens_account]  # given what opens it
OTHERS = [service.name for service in _FROM_FIRST_TO_LAST if not service.opens_account]


@dataclass
class System:
    """A running system."""

    settings: Settings
    supervisor: Supervisor
    nc: Client
    tape: Tape | None  # None: prices come from the exchange itself
    heard: "asyncio.Queue[Event]"


@asynccontextmanager
async def system(
    settings: Settings, *, api_port: int | None, say: Callable[[str], None], page_port: int | None = None
) -> AsyncIterator[System]:
    """Start all but the clock, and end all when the block ends.

    api_port: of the backend; None takes a free one. page_port: None starts no page. say: gets what a person should
    know, a line each.
    """
    account = open_account(settings)
    with _forks() as forks, held(settings.data_dir) as folder:
        keep_apart(folder, account.mode)
        if api_port is not None:
            must_be_free(api_port, "--port")
        if page_port is not None:
            must_be_free(page_port, "--page-port")
        tape = open_tape(settings) if account.processes and settings.paper_tape != LIVE else None
        database = _database(settings)
        await asyncio.to_thread(upgrade, database)
        token = _api_token(settings, folder)
        namespace = Namespace(settings.subject_prefix)
        with NatsServer(folder / "nats", namespace=namespace, watched=True) as server:
            nc = await nats.connect(server.url, max_reconnect_attempts=-1, error_cb=_quiet)
            await topology.apply(nc.jetstream(), namespace)
            ours = await named(nc, namespace, folder, account.mode)
            if lost := await _lost(nc, namespace, folder):
                say(lost)
            if tape:
                await keep_tape(Archive(BrokerObjects(nc.jetstream, namespace)), tape, settings)
            heard = await _listen(nc, namespace)
            settings = settings.model_copy(
                update={
                    "nats_url": server.url,
                    "nats_monitor_url": server.monitor_url,
                    "broker_dir": str(server.store),
                    "paper_tape": absolute(settings.paper_tape),
                    "data_dir": folder,
                    "database_url": SecretStr(database),
                    "paper_admin_token": SecretStr(secrets.token_urlsafe(32)),
                    "api_token": SecretStr(token),
                }
            )
            supervisor = Supervisor({}, folder / "logs", say, server, partial(environment, settings), forks)
            try:
                for name in account.processes:
                    await supervisor.start(name)
                    supervisor.env["UPBIT_BASE_URL"] = supervisor.children[name].url
                ports = {"backend": api_port or free_port()}
                supervisor.env["BACKEND_URL"] = f"http://127.0.0.1:{ports['backend']}"
                await asyncio.gather(
                    supervisor.start(*OPENERS, env=dict(account.environment)),
                    supervisor.start(*OTHERS, ports=ports),
                )
                if page_port is not None:
                    await supervisor.start("page", ports={"page": page_port})
                exchange_url = supervisor.env.get("UPBIT_BASE_URL", account.base_url)
                port = supervisor.children["backend"].port
                with announced(folder, server.url, port, exchange_url, mode=account.mode, installation=ours):
                    yield System(settings, supervisor, nc, tape, heard)
            finally:
                await supervisor.stop("clock", "page")
                await supervisor.stop(*OPENERS, *OTHERS)
                await supervisor.stop(*account.processes)
                await nc.close()


def _forks() -> AbstractContextManager[ForkServer | None]:
    """It loads while the rest is prepared. On other systems a fork is no way to begin a process."""
    return ForkServer() if sys.platform == "linux" else nullcontext()


async def _lost(nc: Client, namespace: Namespace, folder: Path) -> str | None:
    """What the log has lost of what the executor's journal knows, told to the owner; None if nothing."""
    journal = Journal(folder / "executor")
    if not journal.has_been_used():
        return None
    state = journal.read()
    why = log_rollback.lost(state, await log_reach(nc, namespace, state.reach.last))
    return log_rollback.rollback_text(state, why) if why else None


async def _quiet(_: Exception) -> None:
    """The supervisor says when the broker has ended; the connection comes back by itself."""


async def _listen(nc: Client, namespace: Namespace) -> "asyncio.Queue[Event]":
    """Every event from now on, as it is stored."""
    heard: asyncio.Queue[Event] = asyncio.Queue()

    async def hear(msg: Msg) -> None:
        try:
            heard.put_nowait(decode(msg.data, namespace.plain(msg.subject)))
        except (Unreadable, Newer):
            return  # the stage that reads it says so

    await nc.subscribe(namespace.subject(Event.places()), cb=hear)
    await nc.flush()
    return heard


def must_be_free(port: int, option: str) -> None:
    """option: what chooses another one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as e:
            why = "is taken" if e.errno == errno.EADDRINUSE else f"cannot be used ({e.strerror})"
            raise BadRequest(f"port {port} {why}; choose another with {option}") from None


def _database(settings: Settings) -> str:
    """Its address; a SQLite file by its whole path, because the services run in another folder."""
    url = address(settings.database)
    if url.get_backend_name() == "sqlite" and url.database:
        url = url.set(database=str(Path(url.database).absolute()))
    return url.render_as_string(hide_password=False)


def _api_token(settings: Settings, folder: Path) -> str:
    """API_TOKEN, or one of our own making, kept where only the owner can read it."""
    if settings.api_token is not None:
        return settings.api_token.get_secret_value()
    path = folder / "api_token"
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
    return path.read_text().strip()
