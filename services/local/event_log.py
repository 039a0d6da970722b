"""The event log of this machine or of a running system, to be read: connect, or start a broker on the data folder."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path

import nats
from nats.aio.client import Client
from nats.errors import Error

from services.local.folder import held
from services.local.nats_server import NatsServer
from services.local.running import running
from shared.errors import BadRequest

_CONNECT_S = 3.0


@asynccontextmanager
async def open_log(url: str | None, data_dir: Path) -> AsyncIterator[Client]:
    """Connect to the broker at `url`, else to the one on the data folder, which is started if it does not run.

    Raises BadRequest.
    """
    with ExitStack() as stack:
        nc = await _connected(url or _listens(data_dir))
        if nc is None and url is not None:
            raise BadRequest(f"no broker answers at {redacted(url)}")
        if nc is None:
            folder = stack.enter_context(held(_with_log(data_dir)))
            nc = await _connected(stack.enter_context(NatsServer(folder / "nats")).url)
        if nc is None:
            raise BadRequest(f"the broker on {data_dir} does not answer; its log is {data_dir / 'nats' / 'nats.log'}")
        try:
            yield nc
        finally:
            with suppress(OSError):  # what went wrong is told already; a lost connection cannot even be closed
                await nc.close()


def redacted(url: str) -> str:
    """A broker's address for people: the user stays, password and token go."""
    return re.sub(r"//([^@]*)@", lambda login: f"//{login[1].partition(':')[0] if ':' in login[1] else '***'}@", url)


def _with_log(data_dir: Path) -> Path:
    if not (data_dir / "nats" / "jetstream").is_dir():
        raise BadRequest(
            f"there is no event log in {data_dir}; name another folder with --data-dir, or a broker with --nats"
        )
    return data_dir


def _listens(data_dir: Path) -> str | None:
    found = running(data_dir)
    return found.nats_url if found else None


async def _connected(url: str | None) -> Client | None:
    """A connection, or None if nobody answers; nats-py by itself would go on trying for minutes."""
    if url is None:
        return None
    try:
        async with asyncio.timeout(_CONNECT_S):
            return await nats.connect(url, error_cb=_quiet)
    except (Error, OSError, TimeoutError):
        return None


async def _quiet(_: Exception) -> None:
    """Whoever asked is told in one sentence that no broker answers."""
