"""Everything on one machine: broker, database, paper exchange and one process for each service."""

import asyncio
import errno
import os
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from pydantic import SecretStr

from services.executor import log_rollback
from services.executor.adapters.journal import Journal
from services.local.folder import held, keep_apart
from services.local.forks import ForkServer
from services.local.installation import named
from services.local.nats_server import NatsServer, free_port
from services.local.preparation import prepared
from services.local.running import announced
from services.local.supervisor import ONE_PROCESS, Supervisor
from services.local.tape_files import absolute
from services.paper.core.tape_names import LIVE
from shared.account import Account, open_account
from shared.bus import topology
from shared.bus.log_reach import log_reach
from shared.bus.namespace import Namespace
from shared.bus.wire import Unreadable, decode
from shared.errors import BadRequest, Newer
from shared.events import Event
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
    synthetic: bool | None  # whether its tape is; None: prices come from the exchange itself
    heard: "asyncio.Queue[Event]"


@asynccontextmanager
async def system(
    settings: Settings,
    *,
    api_port: int | None,
    say: Callable[[str], None],
    page_port: int | None = None,
    one_process: bool = False,
) -> AsyncIterator[System]:
    """Start all but the clock, and end all when the block ends. In one process the clock starts with the others.

    api_port: of the backend; None takes a free one. page_port: None starts no page. say: gets what a person should
    know, a line each.
    """
    account = open_account(settings)
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(held(settings.data_dir))
        keep_apart(folder, account.mode)
        if api_port is not None:
            must_be_free(api_port, "--port")
        if page_port is not None:
            must_be_free(page_port, "--page-port")
        preparation = await stack.enter_async_context(prepared())
        forks = stack.enter_context(ForkServer()) if sys.platform == "linux" and not one_process else None
        namespace = Namespace(settings.subject_prefix)
        server = stack.enter_context(NatsServer(folder / "nats", namespace=namespace, watched=True))
        nc = await nats.connect(server.url, max_reconnect_attempts=-1, error_cb=_quiet)
        stack.push_async_callback(nc.close)
        await topology.apply(nc.jetstream(), namespace)
        ours = await named(nc, namespace, folder, account.mode)
        if lost := await _lost(nc, namespace, folder):
            say(lost)
        settings = settings.model_copy(
            update={
                "nats_url": server.url,
                "nats_monitor_url": server.monitor_url,
                "broker_dir": str(server.store),
                "paper_tape": absolute(settings.paper_tape),
                "data_dir": folder,
                "paper_admin_token": SecretStr(secrets.token_urlsafe(32)),
                "api_token": SecretStr(_api_token(settings, folder)),
            }
        )
        plays = bool(account.processes) and settings.paper_tape != LIVE
        done = await preparation.done(settings, tape=plays)
        settings = settings.model_copy(update={"database_url": SecretStr(done.database)})
        heard = await _listen(nc, namespace)
        supervisor = Supervisor({}, folder / "logs", say, server, partial(environment, settings), forks)
        stack.push_async_callback(_stop, supervisor, account)
        ports = {"backend": api_port or free_port()} | ({} if page_port is None else {"page": page_port})
        ports |= {name: free_port() for name in account.processes}
        await (_start_in_one if one_process else _start)(supervisor, account, ports)
        stack.enter_context(
            announced(
                folder,
                server.url,
                ports["backend"],
                supervisor.env.get("UPBIT_BASE_URL", account.base_url),
                mode=account.mode,
                installation=ours,
            )
        )
        yield System(settings, supervisor, nc, done.synthetic, heard)


async def _start(supervisor: Supervisor, account: Account, ports: dict[str, int]) -> None:
    """Start all but the clock, each in a process of its own."""
    _tell_each_other(supervisor, account, ports)
    await supervisor.start(*account.processes, ports=ports)
    await asyncio.gather(
        supervisor.start(*OPENERS, env=dict(account.environment)),
        supervisor.start(*OTHERS, *(name for name in ("page",) if name in ports), ports=ports),
    )


async def _start_in_one(supervisor: Supervisor, account: Account, ports: dict[str, int]) -> None:
    """Start all in one process, the clock among them."""
    _tell_each_other(supervisor, account, ports)
    page = [name for name in ("page",) if name in ports]
    names = [*account.processes, *OPENERS, *OTHERS, *page, "clock"]
    await supervisor.start_in_one({n: dict(account.environment) if n in OPENERS else {} for n in names}, ports)


def _tell_each_other(supervisor: Supervisor, account: Account, ports: dict[str, int]) -> None:
    supervisor.env["BACKEND_URL"] = f"http://127.0.0.1:{ports['backend']}"
    for name in account.processes:
        supervisor.env["UPBIT_BASE_URL"] = f"http://127.0.0.1:{ports[name]}"


async def _stop(supervisor: Supervisor, account: Account) -> None:
    await supervisor.stop("clock", "page", ONE_PROCESS)
    await supervisor.stop(*OPENERS, *OTHERS)
    await supervisor.stop(*account.processes)


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


def _api_token(settings: Settings, folder: Path) -> str:
    """API_TOKEN, or one of our own making, kept where only the owner can read it."""
    if settings.api_token is not None:
        return settings.api_token.get_secret_value()
    path = folder / "api_token"
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
    return path.read_text().strip()
