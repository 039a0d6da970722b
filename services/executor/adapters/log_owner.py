"""Whose trades an event log holds: positions come out of it, so paper and live never share one."""

from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from services.executor.live import NotProved
from shared.bus.wire import decode
from shared.bus.world import World
from shared.events import TradingDue


async def must_be_ours(js: JetStreamContext, world: World, mode: str) -> None:
    """Look at the first cycle, which stays the first for ever. Raises NotProved if it was traded in another mode."""
    try:
        first = await js.get_msg(world.events, seq=1, subject=world.subject("ev.tick.>"), next=True, direct=True)
    except NotFoundError:
        return
    due = decode(first.data or b"", world.plain(str(first.subject)))
    traded = due.settings.get("TRADING_MODE") if isinstance(due, TradingDue) else None
    if traded not in (None, mode):
        raise NotProved(
            f"TRADING_MODE={mode} is refused: the event log at this broker holds {traded} trades, out of which "
            "positions are computed; give it a log of its own: another DATA_DIR, with Docker other volumes"
        )
