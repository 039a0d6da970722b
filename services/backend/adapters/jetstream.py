"""The broker's side: the owner's wish, the clock's heartbeat, and the chain of a cycle in the log."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import nats.errors
import structlog
from nats.aio.client import Client

from services.backend.core.projection import STATUS_AFTER, Status
from services.backend.core.shapes import Logged, Missed, NextRun
from services.backend.ports import Command
from shared.bus.log import EventLog
from shared.bus.records import Records
from shared.bus.switch import Switch, Wish
from shared.bus.wire import Stored, Unreadable, decode, encode
from shared.bus.world import World
from shared.clock import Clock
from shared.errors import Transient
from shared.events import ControlGiven
from shared.types import Market
from shared.why import Record

log = structlog.get_logger("backend")


class BrokerAway(Transient):
    """The broker does not answer in time."""


@asynccontextmanager
async def asking() -> AsyncIterator[None]:
    try:
        yield
    except nats.errors.Error as e:
        raise BrokerAway(f"the broker does not answer: {type(e).__name__}") from e


class JetStreamControl:
    """enabled: SCHEDULER_ENABLED; without it the bot is stopped, whatever was wished."""

    def __init__(self, switch: Switch, log: EventLog, clock: Clock, *, enabled: bool) -> None:
        self._switch, self._log, self._clock, self._enabled = switch, log, clock, enabled

    async def status(self) -> Status:
        async with asking():
            wish = await self._switch.wish()
        return wish.status if self._enabled else "stopped"

    async def uptime(self) -> tuple[int, tuple[NextRun, ...]]:
        async with asking():
            beat = await self._switch.heartbeat()
        if beat is None:
            return 0, ()
        up = int((beat.at - beat.started_at).total_seconds())
        return up, tuple(NextRun(id=job.id, next_run=job.next_run) for job in beat.jobs)

    async def give(self, command: Command) -> Status:
        """The wish first: it is what stops an order. The event tells the others."""
        at = self._clock.now()
        async with asking():
            await self._switch.set_wish(Wish(status=STATUS_AFTER[command], by="api", at=at))
            name = at.strftime("%Y%m%dT%H%M%S%fZ")
            await self._log.emit(ControlGiven(command=command, id=name, by="api", at=at))
        return await self.status()


class JetStreamLog:
    """The log, read from a place on. connection: there once the stage has connected."""

    def __init__(self, connection: Callable[[], Client], world: World) -> None:
        self._connection, self._world = connection, world

    async def last_seq(self) -> int:
        async with asking():
            info = await self._connection().jetstream(timeout=3).stream_info(self._world.events)
        return info.state.last_seq

    async def after(self, seq: int) -> AsyncIterator[Stored]:
        """What nobody can read was buried when it was met, and is passed over here."""
        while (found := await self._next(seq)) is not None:
            body, headers = found
            seq, subject = int(headers["Nats-Sequence"]), self._world.plain(headers["Nats-Subject"])
            try:
                event = decode(body, subject)
            except Unreadable as e:
                log.warning("passed over", seq=seq, subject=subject, error=str(e))
                continue
            yield Stored(event, seq, datetime.fromisoformat(headers["Nats-Time-Stamp"]))

    async def _next(self, seq: int) -> tuple[bytes, dict[str, str]] | None:
        ask = json.dumps({"seq": seq + 1, "next_by_subj": self._world.subject("ev.>")}).encode()
        async with asking():
            answer = await self._connection().request(f"$JS.API.DIRECT.GET.{self._world.events}", ask, timeout=3)
        headers = answer.headers or {}
        return (answer.data, headers) if "Nats-Sequence" in headers else None


@dataclass(frozen=True, slots=True)
class JetStreamChain:
    """tape: time is the tape's, see Records.missed."""

    records: Records
    clock: Clock
    markets: tuple[Market, ...]
    interval_min: int
    tape: bool

    async def of(self, cycle: str) -> tuple[tuple[Logged, ...], Record]:
        async with asking():
            record = await self.records.cycle(cycle)
        return tuple(_shown(entry) for entry in record.entries if isinstance(entry, Stored)), record

    async def missed(self) -> tuple[Missed, ...]:
        async with asking():
            found = await self.records.missed(self.markets, self.clock.now(), self.interval_min, tape=self.tape)
        return tuple(map(Missed.model_validate, found))


def _shown(stored: Stored) -> Logged:
    event = json.loads(encode(stored.event))
    if "candles" in event:
        del event["candles"]["arrow"]  # some ten thousand characters that nobody can read
    return Logged(seq=stored.seq, stored_at=stored.at, subject=stored.event.subject, event=event)
