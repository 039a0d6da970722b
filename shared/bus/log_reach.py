"""How far the log reaches, asked from the broker."""

from datetime import datetime

from nats.aio.client import Client

from shared.bus.ask import Raw, direct, info
from shared.bus.wire import decode
from shared.bus.world import World, cycle_of
from shared.events import FillRecorded, LogAccepted
from shared.reach import Reach


async def log_reach(nc: Client, world: World, stamp_of: int = 0) -> Reach:
    """stamp_of: the message whose stamp to tell; 0: the last one's. Raises BrokerAway, NoStream, Unreadable."""
    told = await info(nc, world.events)
    last = int(told["state"]["last_seq"])
    read = await direct(nc, world.events, {"seq": stamp_of or last}) if last else None
    fill = await _last(nc, world, FillRecorded.places())
    accepted = await _last(nc, world, LogAccepted.SUBJECT.format(id="*"))
    event = decode(accepted[0], world.plain(accepted[1]["Nats-Subject"])) if accepted else None
    return Reach(
        created=datetime.fromisoformat(told["created"]),
        last=last,
        stamp=read[1].get("emitted-at", "") if read else "",
        fill=cycle_of(fill[1]["Nats-Subject"]) if fill else None,
        accepted_at=event.at if isinstance(event, LogAccepted) else None,
    )


async def _last(nc: Client, world: World, pattern: str) -> Raw | None:
    return await direct(nc, world.events, {"last_by_subj": world.subject(pattern)})
