"""Whose log it is: its first event, told once for ever by whoever made the stream."""

from nats.js import JetStreamContext
from nats.js.errors import APIError, NotFoundError

from shared.bus.wire import Unreadable, decode, encode
from shared.bus.world import World
from shared.events import LogOpened, TradingDue
from shared.settings import TradingMode
from shared.types import UtcTime

_WRONG_LAST_SEQUENCE = 10071


async def open_log(
    js: JetStreamContext, world: World, installation: str, mode: TradingMode, *, at: UtcTime
) -> LogOpened:
    """Tell whose log this is unless it says so already, and give what it says.

    A log from before there was such an event has the mode of its first cycle, whatever is asked for today.
    Raises Unreadable.
    """
    if (there := await opened(js, world)) is not None:
        return there
    first = await first_mode(js, world)
    event = LogOpened(installation=installation, mode=first or mode, at=at)
    where = world.subject(event.subject)
    headers = {"Nats-Msg-Id": where, "Nats-Expected-Last-Subject-Sequence": "0", "emitted-at": at.isoformat()}
    try:
        await js.publish(where, encode(event), stream=world.events, headers=headers)
    except APIError as e:
        if e.err_code != _WRONG_LAST_SEQUENCE:
            raise
    there = await opened(js, world)
    if there is None:
        raise Unreadable(f"{event.subject}: was told and is not there")
    return there


async def opened(js: JetStreamContext, world: World) -> LogOpened | None:
    """What the log says of itself; None of an old one."""
    try:
        told = await js.get_msg(world.events, subject=world.subject(LogOpened.SUBJECT), direct=True)
    except NotFoundError:
        return None
    event = decode(told.data or b"", LogOpened.SUBJECT)
    return event if isinstance(event, LogOpened) else None


async def first_mode(js: JetStreamContext, world: World) -> TradingMode | None:
    """The mode of the first cycle, which stays the first for ever."""
    try:
        first = await js.get_msg(world.events, seq=1, subject=world.subject("ev.tick.>"), next=True, direct=True)
    except NotFoundError:
        return None
    due = decode(first.data or b"", world.plain(str(first.subject)))
    traded = due.settings.get("TRADING_MODE") if isinstance(due, TradingDue) else None
    return "live" if traded == "live" else "paper" if traded == "paper" else None
