"""The dead letters: what could not be handled, why, and what a person did about it."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

import nats.errors
from nats.aio.client import Client
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from shared.bus.ask import BrokerAway, direct, last_of, read_from
from shared.bus.world import World, cycle_of
from shared.services import READERS
from shared.types import UtcTime, split_cycle
from shared.why import Fault

DROPPED = "dead.dropped"  # what was dropped lies here as a record of who did it and why


@dataclass(frozen=True)
class Letter:
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


class Letters:
    def __init__(self, connection: Client, world: World) -> None:
        self._nc, self._world = connection, world

    async def all(self) -> AsyncIterator[Letter]:
        """Oldest first."""
        async for body, headers in read_from(self._nc, self._world.dead, self._world.subject("dead.>")):
            if (letter := self._letter(body, headers)) is not None:
                yield letter

    async def get(self, id: int) -> Letter | None:
        found = await direct(self._nc, self._world.dead, {"seq": id})
        return None if found is None else self._letter(*found)

    async def of(self, cycle: str) -> tuple[Letter, ...]:
        market, slot = split_cycle(cycle)
        places = [self._world.subject(f"dead.{rest}.{market}.{slot}") for rest in ("*.*", "*.*.*")]
        found = [self._letter(*raw) for raw in await last_of(self._nc, self._world.dead, places)]
        return tuple(sorted((letter for letter in found if letter), key=lambda letter: letter.id))

    async def since(self, at: UtcTime) -> int:
        """How many were buried since then, without reading them. Raises BrokerAway."""
        js = self._nc.jetstream(timeout=3)
        config = ConsumerConfig(
            deliver_policy=DeliverPolicy.BY_START_TIME, opt_start_time=at, ack_policy=AckPolicy.NONE, headers_only=True,
            mem_storage=True, inactive_threshold=5,
            filter_subjects=[self._world.subject(f"dead.{reader}.>") for reader in READERS],
        )  # fmt: skip
        try:
            info = await js.add_consumer(self._world.dead, config)
            await js.delete_consumer(self._world.dead, info.name)
        except nats.errors.Error as e:
            raise BrokerAway(f"the dead letters cannot be counted: {type(e).__name__}") from e
        return info.num_pending or 0

    async def drop(self, letter: Letter, *, why: str, by: str, at: UtcTime) -> None:
        """Take a letter away; first the record of it is stored. The message itself stays in the log."""
        record = {
            "id": letter.id, "stage": letter.stage, "fault": letter.why, "seq": letter.seq, "subject": letter.subject,
            "cycle": letter.cycle, "buried_at": letter.at.isoformat(), "why": why, "by": by, "at": at.isoformat(),
        }  # fmt: skip
        js = self._nc.jetstream(timeout=3)
        where = self._world.subject(f"{DROPPED}.{letter.id}")
        name = {"Nats-Msg-Id": where}
        await js.publish(where, json.dumps(record, ensure_ascii=False).encode(), stream=self._world.dead, headers=name)
        try:
            await js.delete_msg(self._world.dead, letter.id)
        except NotFoundError:
            return  # somebody else was a moment faster

    def _letter(self, body: bytes, headers: dict[str, str]) -> Letter | None:
        _, stage, *rest = self._world.plain(headers["Nats-Subject"]).split(".")
        if "why" not in headers:  # the record of a dropped one
            return None
        return Letter(
            id=int(headers["Nats-Sequence"]),
            stage=stage,
            why=headers["why"],
            deliveries=int(headers.get("deliveries", 1)),
            seq=int(headers.get("seq", 0)),
            subject=f"ev.{'.'.join(rest)}",
            at=datetime.fromisoformat(headers["Nats-Time-Stamp"]),
            body=body,
        )
