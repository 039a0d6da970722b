"""The random name of what was installed in a data folder: in the folder, in its log's first event, in the journal."""

import secrets
from pathlib import Path

from nats.aio.client import Client

from shared.bus.log_opening import open_log
from shared.bus.namespace import Namespace
from shared.clock import SystemClock
from shared.errors import BadRequest
from shared.settings import TradingMode

_FILE = "installation"


def new_name() -> str:
    return secrets.token_hex(8)


def installation(folder: Path) -> str | None:
    """None of a folder that has none yet."""
    try:
        return (folder / _FILE).read_text(errors="replace").strip() or None
    except FileNotFoundError:
        return None


async def named(nc: Client, namespace: Namespace, folder: Path, mode: TradingMode) -> str:
    """Let folder and log bear one name from now on, and give it; the log's own goes before a new one.

    Raises BadRequest where each has another, or the log is of another mode.
    """
    mine = installation(folder)
    log = await open_log(nc, namespace, mine or new_name(), mode, at=SystemClock().now())
    if log.mode != mode:
        raise BadRequest(
            f"TRADING_MODE={mode}: the event log of {folder} holds {log.mode} trades; choose another folder"
        )
    if mine is None:
        draft = folder / f"{_FILE}.new"
        draft.write_text(log.installation)
        draft.replace(folder / _FILE)
    elif mine != log.installation:
        raise BadRequest(
            f"the event log in {folder} is that of installation {log.installation}, and the folder that of {mine}: "
            "somebody else may trade on this account; put the log back that belongs here, or choose another folder"
        )
    return log.installation
