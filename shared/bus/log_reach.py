"""How far the log reaches, asked from the broker."""

from datetime import datetime

from nats.aio.client import Client

from shared.bus.namespace import Namespace, cycle_of
from shared.bus.stream import Stream
from shared.events import FillRecorded, LogAccepted
from shared.reach import Reach


async def log_reach(nc: Client, namespace: Namespace, stamp_of: int = 0) -> Reach:
    """stamp_of: the message whose stamp to tell; 0: the last one's. Raises BrokerAway, NoStream, Unreadable."""
    stream = Stream(nc, namespace, namespace.events)
    info = await stream.info()
    last = int(info["state"]["last_seq"])
    read = await stream.at(stamp_of or last) if last else None
    fill = await stream.last(FillRecorded.places())
    accepted = await stream.last(LogAccepted.SUBJECT.format(id="*"))
    event = accepted.event() if accepted else None
    return Reach(
        created=datetime.fromisoformat(info["created"]),
        last=last,
        stamp=read.stamp if read else "",
        fill=cycle_of(fill.subject) if fill else None,
        accepted_at=event.at if isinstance(event, LogAccepted) else None,
    )
