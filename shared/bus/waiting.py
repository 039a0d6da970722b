"""What waits for a reader, looked at before it is delivered: each delivery counts, and the tenth is the last."""

from nats.aio.client import Client
from nats.js.errors import NotFoundError

from shared.bus.namespace import Namespace
from shared.bus.stream import Stream
from shared.bus.wire import Unreadable
from shared.services import READERS


async def must_be_known(nc: Client, namespace: Namespace, reader: str) -> None:
    """Raise Newer where a newer version wrote what was delivered and not yet done."""
    try:
        info = await nc.jetstream(timeout=3).consumer_info(namespace.events, reader)
    except NotFoundError:
        return
    done = info.ack_floor.stream_seq if info.ack_floor else 0
    last = info.delivered.stream_seq if info.delivered else 0
    for subject in READERS[reader].subjects if done < last else ():
        async for message in Stream(nc, namespace, namespace.events).after(done, subject):
            if message.seq > last:
                break
            try:
                message.event()
            except Unreadable:
                continue  # is put aside when it is delivered
