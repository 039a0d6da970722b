"""Whose log it is: its first event, told once for ever by whoever made the stream."""

from nats.aio.client import Client
from nats.js.errors import APIError

from shared.bus.namespace import Namespace
from shared.bus.stream import Stream
from shared.bus.wire import WRONG_LAST_SEQUENCE, Unreadable, encode
from shared.events import LogOpened, TradingDue
from shared.settings import TradingMode
from shared.types import UtcTime


async def open_log(nc: Client, namespace: Namespace, installation: str, mode: TradingMode, *, at: UtcTime) -> LogOpened:
    """Tell whose log this is unless it says so already, and give what it says.

    A log from before there was such an event has the mode of its first cycle, whatever is asked for today.
    Raises Unreadable.
    """
    if (there := await opened(nc, namespace)) is not None:
        return there
    event = LogOpened(installation=installation, mode=await mode_of(nc, namespace) or mode, at=at)
    where = namespace.subject(event.subject)
    headers = {"Nats-Msg-Id": where, "Nats-Expected-Last-Subject-Sequence": "0", "emitted-at": at.isoformat()}
    try:
        await nc.jetstream(timeout=5).publish(where, encode(event), stream=namespace.events, headers=headers)
    except APIError as e:
        if e.err_code != WRONG_LAST_SEQUENCE:
            raise
    there = await opened(nc, namespace)
    if there is None:
        raise Unreadable(f"{event.subject}: was told and is not there")
    return there


async def opened(nc: Client, namespace: Namespace) -> LogOpened | None:
    """What the log says of itself; None of an old one."""
    message = await Stream(nc, namespace, namespace.events).last(LogOpened.SUBJECT)
    event = message.event() if message else None
    return event if isinstance(event, LogOpened) else None


async def mode_of(nc: Client, namespace: Namespace) -> TradingMode | None:
    """The mode the log is of: what it says of itself, else that of its first cycle, which stays the first for ever."""
    if (said := await opened(nc, namespace)) is not None:
        return said.mode
    first = await Stream(nc, namespace, namespace.events).first("ev.tick.>")
    due = first.event() if first else None
    traded = due.settings.get("TRADING_MODE") if isinstance(due, TradingDue) else None
    return "live" if traded == "live" else "paper" if traded == "paper" else None
