"""The dead letters: what could not be handled, why, and what a person did about it."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import nats.errors
from nats.aio.client import Client
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from shared.bus.namespace import DEAD, Namespace, cycle_of, dead_place
from shared.bus.stream import BrokerAway, Message, Stream
from shared.events import all_of
from shared.services import READERS
from shared.types import UtcTime
from shared.why import Fault

DROPPED = "dead.dropped"  # what was dropped lies here as a record of who did it and why


@dataclass(frozen=True)
class DeadLetter:
    """A buried message. id: its place among the dead letters; seq: its own place in the log."""

    id: int
    stage: str
    why: str
    deliveries: int
    seq: int
    subject: str  # where it lay in the log
    at: UtcTime
    body: bytes

    @property
    def cycle(self) -> str | None:
        return cycle_of(self.subject)

    def as_fault(self) -> Fault:
        return Fault(id=self.id, stage=self.stage, why=self.why, deliveries=self.deliveries, at=self.at)


class DeadLetters:
    def __init__(self, connection: Client, namespace: Namespace) -> None:
        self._nc, self._namespace = connection, namespace
        self._stream = Stream(connection, namespace, namespace.dead)

    async def all(self) -> AsyncIterator[DeadLetter]:
        """Oldest first."""
        async for message in self._stream.after(0, DEAD):
            if (letter := _letter(message)) is not None:
                yield letter

    async def newest(self, limit: int, before: int | None = None) -> list[DeadLetter]:
        """Newest first, behind `before`; what was dropped is passed over."""
        found: list[DeadLetter] = []
        state = (await self._stream.info())["state"]
        id = min(state["last_seq"], (before or state["last_seq"] + 1) - 1)
        while id >= max(1, state["first_seq"]) and len(found) < limit:
            if (letter := await self.get(id)) is not None:
                found.append(letter)
            id -= 1
        return found

    async def get(self, id: int) -> DeadLetter | None:
        message = await self._stream.at(id)
        return None if message is None else _letter(message)

    async def of(self, cycle: str) -> tuple[DeadLetter, ...]:
        places = [dead_place("*", where) for where in all_of(cycle)]
        found = [_letter(message) for message in await self._stream.last_of_each(places)]
        return tuple(sorted((letter for letter in found if letter), key=lambda letter: letter.id))

    async def since(self, at: UtcTime) -> int:
        """How many were buried since then, without reading them. Raises BrokerAway."""
        js = self._nc.jetstream(timeout=3)
        config = ConsumerConfig(
            deliver_policy=DeliverPolicy.BY_START_TIME, opt_start_time=at, ack_policy=AckPolicy.NONE, headers_only=True,
            mem_storage=True, inactive_threshold=5,
            filter_subjects=[self._namespace.subject(dead_place(reader, ">")) for reader in READERS],
        )  # fmt: skip
        try:
            info = await js.add_consumer(self._namespace.dead, config)
            await js.delete_consumer(self._namespace.dead, info.name)
        except nats.errors.Error as e:
            raise BrokerAway(f"the dead letters cannot be counted: {type(e).__name__}") from e
        return info.num_pending or 0

    async def drop(self, letter: DeadLetter, *, why: str, by: str, at: UtcTime) -> None:
        """Take a letter away; first the record of it is stored. The message itself stays in the log."""
        record = {
            "id": letter.id, "stage": letter.stage, "fault": letter.why, "seq": letter.seq, "subject": letter.subject,
            "cycle": letter.cycle, "buried_at": letter.at.isoformat(), "why": why, "by": by, "at": at.isoformat(),
        }  # fmt: skip
        js = self._nc.jetstream(timeout=3)
        where = self._namespace.subject(f"{DROPPED}.{letter.id}")
        name = {"Nats-Msg-Id": where}
        await js.publish(
            where, json.dumps(record, ensure_ascii=False).encode(), stream=self._namespace.dead, headers=name
        )
        try:
            await js.delete_msg(self._namespace.dead, letter.id)
        except NotFoundError:
            return  # somebody else was a moment faster


def _letter(message: Message) -> DeadLetter | None:
    """None of the record of a dropped one."""
    _, stage, *rest = message.subject.split(".")
    headers = message.headers
    if "why" not in headers:
        return None
    return DeadLetter(
        id=message.seq,
        stage=stage,
        why=headers["why"],
        deliveries=int(headers.get("deliveries", 1)),
        seq=int(headers.get("seq", 0)),
        subject=f"ev.{'.'.join(rest)}",
        at=message.at,
        body=message.body,
    )
