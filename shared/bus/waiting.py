"""What waits for a reader, looked at before it is delivered: each delivery counts, and the tenth is the last."""

from nats.aio.client import Client
from nats.js.errors import NotFoundError

from shared.bus.ask import read_from
from shared.bus.wire import Unreadable, decode
from shared.bus.world import World
from shared.services import READERS


async def must_be_known(nc: Client, world: World, reader: str) -> None:
    """Raise Newer where a newer version wrote what was delivered and not yet done."""
    try:
        info = await nc.jetstream(timeout=3).consumer_info(world.events, reader)
    except NotFoundError:
        return
    first = info.ack_floor.stream_seq + 1 if info.ack_floor else 1
    last = info.delivered.stream_seq if info.delivered else 0
    for subject in READERS[reader].subjects if first <= last else ():
        async for body, headers in read_from(nc, world.events, world.subject(subject), seq=first):
            if int(headers["Nats-Sequence"]) > last:
                break
            try:
                decode(body, world.plain(headers["Nats-Subject"]))
            except Unreadable:
                continue  # is put aside when it is delivered
