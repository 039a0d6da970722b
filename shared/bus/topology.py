"""The only creator of streams and consumers: an upsert, run before any service starts.

Services declare nothing. FastStream would reset a shared stream's limits and silently keep a changed
consumer as it was.
"""

from contextlib import suppress
from typing import Any

from nats.js import JetStreamContext
from nats.js.api import (
    ConsumerConfig,
    KeyValueConfig,
    ObjectStoreConfig,
    StorageType,
    StoreCompression,
    StreamConfig,
)
from nats.js.errors import BadRequestError, KeyWrongLastSequenceError, NotFoundError
from nats.js.kv import KeyValue

from shared.bus import keys
from shared.bus.namespace import DEAD, Namespace
from shared.events import Event
from shared.events.control import ANY_CONTROL
from shared.services import BUCKETS, READERS, Reader
from shared.switch import WISH, DesiredState

DELIVERIES_MAX = 5  # the bus gives up at the fifth
SERVER_DELIVERIES_MAX = 10  # the server at the tenth: a process that dies each time never gets to give up itself
LAST_DELIVERY = "last-delivery"  # the durable consumer of ADV, read by the clock
_DAY_S = 24 * 3600
_BUDGET_KEPT_S = 32 * _DAY_S  # a day's money is of use for a month; what each call cost lies in the log
_NAME_IN_USE = 10058


def streams(namespace: Namespace) -> tuple[StreamConfig, ...]:
    common: dict[str, Any] = {"storage": StorageType.FILE, "compression": StoreCompression.S2, "allow_direct": True}
    return (
        # The truth: nothing in it ages, nothing can be deleted, each event lies at its own subject.
        StreamConfig(
            name=namespace.events,
            subjects=[namespace.subject(Event.places())],
            deny_delete=True,
            deny_purge=True,
            duplicate_window=_DAY_S,
            **common,
        ),
        StreamConfig(name=namespace.dead, subjects=[namespace.subject(DEAD)], duplicate_window=_DAY_S, **common),
        StreamConfig(
            name=namespace.advisories,
            subjects=[f"$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{namespace.events}.>"],
            **common,
        ),
    )


def consumer(reader: Reader, namespace: Namespace) -> ConsumerConfig:
    subjects = [namespace.subject(subject) for subject in reader.subjects]
    return ConsumerConfig(
        durable_name=reader.name,
        filter_subject=subjects[0] if len(subjects) == 1 else None,
        filter_subjects=subjects if len(subjects) > 1 else None,
        ack_wait=reader.ack_wait_s,
        max_deliver=SERVER_DELIVERIES_MAX if reader.gives_up else -1,
        max_ack_pending=1 if reader.one_at_a_time else 256,
    )


async def apply(js: JetStreamContext, namespace: Namespace) -> None:
    """Create what is missing and bring what is there to this page's state."""
    for config in streams(namespace):
        try:
            await js.add_stream(config)
        except BadRequestError as e:
            if e.err_code != _NAME_IN_USE:
                raise
            await js.update_stream(config)
    for reader in READERS.values():
        await js.add_consumer(namespace.events, consumer(reader, namespace))
    await js.add_consumer(namespace.advisories, ConsumerConfig(durable_name=LAST_DELIVERY, ack_wait=30))
    await _switch(js, namespace)
    await js.create_key_value(KeyValueConfig(bucket=namespace.budget, ttl=_BUDGET_KEPT_S, storage=StorageType.FILE))
    await js.create_key_value(KeyValueConfig(bucket=namespace.telegram, storage=StorageType.FILE))
    await js.create_object_store(namespace.history, ObjectStoreConfig(storage=StorageType.FILE))
    await js.create_key_value(KeyValueConfig(bucket=namespace.history, history=5, storage=StorageType.FILE))


async def _switch(js: JetStreamContext, namespace: Namespace) -> None:
    """The bucket, and its first wish: a new log's bot runs, and one whose wish got lost beside its log is paused.

    A bucket of an older version whose wish nobody ever set holds none: then no command lies in the log either.
    """
    try:
        was_there = bool(await js.stream_info(f"KV_{namespace.switch}"))
    except NotFoundError:
        was_there = False
    bucket = await bucket_of_the_switch(js, namespace)
    stored = await keys.value(bucket, WISH)
    if stored.body is not None or stored.is_lost:
        return
    log = (await js.stream_info(namespace.events, subjects_filter=namespace.subject(ANY_CONTROL))).state
    untouched = log.last_seq == 0 or (was_there and not log.subjects)
    with suppress(KeyWrongLastSequenceError):  # another applied it at the same time, or the owner was quicker
        first = DesiredState(status="running" if untouched else "paused", by="topology")
        await bucket.create(WISH, first.model_dump_json().encode())


async def bucket_of_the_switch(js: JetStreamContext, namespace: Namespace) -> KeyValue:
    return await js.create_key_value(KeyValueConfig(bucket=namespace.switch, history=5, storage=StorageType.FILE))


async def missing(js: JetStreamContext, namespace: Namespace, readers: tuple[str, ...]) -> str | None:
    """Name the first stream or consumer that is not there; None if all are."""
    try:
        await js.stream_info(namespace.events)
        await js.stream_info(namespace.dead)
        for bucket in BUCKETS:
            await js.stream_info(namespace.stored(bucket))
    except NotFoundError:
        return f"stream EV, DLQ or one of the buckets {', '.join(BUCKETS)}"
    for name in readers:
        try:
            await js.consumer_info(namespace.events, name)
        except NotFoundError:
            return f"consumer {name}"
    return None


def described() -> str:
    """The topology as text, for a golden file that a person reads."""
    namespace = Namespace()
    lines = [f"stream {s.name}: {', '.join(s.subjects or [])}" for s in streams(namespace)]
    lines.append("bucket bot: what the owner wants the bot to do; the clock's heartbeat and next runs")
    lines.append("bucket budget: what the model cost, a key for each day of Seoul")
    lines.append("bucket telegram: which process hears the owner's commands, and how far it has heard them")
    lines.append(
        "objects history, bucket history: monthly candles and manifests by digest; each market's newest manifest"
    )
    for r in READERS.values():
        rules = ["buries after 5" if r.gives_up else "never gives up", "one at a time" if r.one_at_a_time else "shared"]
        lines.append(f"consumer {r.name}: {', '.join(r.subjects)}; {', '.join(rules)}")
    lines.append(f"consumer {LAST_DELIVERY} of ADV: ends the cycle of a message whose reader died every time")
    return "\n".join(lines) + "\n"
