"""Looks at the chain every few seconds: the broker's consumers and letters, the books' cycles."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import nats.errors
import structlog
from nats.aio.client import Client
from nats.js.errors import APIError
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.backend.adapters.broker_page import BrokerPage
from services.backend.adapters.database import shielded, transaction
from services.backend.core.pipeline import BrokerState, CycleCounts, PipelineState, ReaderState
from shared.bus.namespace import DEAD, Namespace
from shared.bus.stream import Stream
from shared.bus.switch import Switch
from shared.catalogue import sentence
from shared.errors import Permanent, Transient
from shared.events import SnapshotTaken
from shared.services import READERS
from shared.switch import Status, SwitchState
from shared.tables import cycles, missed
from shared.telemetry import Trouble
from shared.types import Market

log = structlog.get_logger("backend")
EVERY_S = 5.0
_BROKER_AWAY = (nats.errors.Error, APIError, TimeoutError, Transient, Permanent)


class PipelineWatch:
    """`state` is of the last look; a side that does not answer now is said to be away, or stands as it was."""

    def __init__(
        self,
        connection: Callable[[], Client],
        namespace: Namespace,
        engine: AsyncEngine,
        markets: tuple[Market, ...],
        page: BrokerPage,
    ) -> None:
        self._connection, self._namespace, self._markets, self._page = connection, namespace, markets, page
        self._engine = engine.execution_options(reads=True)
        self.state = PipelineState()
        self._broker_trouble = Trouble(log, "the broker does not tell how the chain stands")
        self._books_trouble = Trouble(log, "the books do not answer, their last figures are shown")
        self._commands = 0  # since the start
        self.switch_trouble, self._fault_before = "", ""  # in a sentence; of the look before
        self.switch_status: Status | None = None  # the last word of the switch that was heard; it outlives the broker

    def switched(self, status: Status) -> None:
        """What the owner just said shows at once, not with the next look."""
        self.switch_status = status
        self._commands += 1

    async def run(self) -> None:
        while True:
            await self.refresh()
            await asyncio.sleep(EVERY_S)

    async def refresh(self) -> None:
        broker, counted = None, self.state.cycles
        try:
            broker = await self._broker()
            self._broker_trouble.over()
        except _BROKER_AWAY as e:
            self._broker_trouble.met(type(e).__name__)
        try:
            counted = await shielded(self._cycles())
            self._books_trouble.over()
        except (Transient, Permanent) as e:
            self._books_trouble.met(str(e))
        self.state = PipelineState(broker, counted)

    async def _broker(self) -> BrokerState:
        nc = self._connection()
        js = nc.jetstream(timeout=3)
        readers = {}
        for reader in READERS.values():
            info = await js.consumer_info(self._namespace.events, reader.name)
            floor = info.ack_floor.stream_seq if info.ack_floor else 0
            in_hand, again = info.num_ack_pending or 0, info.num_redelivered or 0
            readers[reader.name] = ReaderState(info.num_pending or 0, in_hand, again, floor, info.num_waiting or 0)
        switch = await Switch.open(js, self._namespace)
        beat = await switch.heartbeat()
        commands = self._commands
        state = await switch.state()
        if commands == self._commands:  # else it may be older than what was said meanwhile
            self._note_switch(state)
        dead, data = await self._dead(nc), await self._market_data(nc)
        well, machine = await self._page.well(), await self._page.machine()
        at, wrong, stopped = (beat.at, beat.wrong_time, beat.notice("en")) if beat else (None, None, "")
        fault = sentence(wrong, "en") if wrong else ""
        return BrokerState(readers, dead, at, data, well, machine, fault, stopped)

    def _note_switch(self, state: SwitchState) -> None:
        """A fault is one that two looks see: a command is for a moment in the bucket and not yet in the log."""
        self.switch_status = state.status
        if state.fault and state.fault == self._fault_before and state.trouble != self.switch_trouble:
            log.error("the switch is not well", why=state.trouble)
        self.switch_trouble = state.trouble if state.fault == self._fault_before else ""
        self._fault_before = state.fault

    async def _dead(self, nc: Client) -> dict[str, int]:
        letters = dict.fromkeys(READERS, 0)
        for subject in await Stream(nc, self._namespace, self._namespace.dead).subjects(DEAD):
            stage = subject.split(".")[1]
            letters[stage] = letters.get(stage, 0) + 1
        return letters

    async def _market_data(self, nc: Client) -> dict[Market, datetime]:
        found = {}
        for market in self._markets:
            where = SnapshotTaken.places(market=market)
            if message := await Stream(nc, self._namespace, self._namespace.events).last(where):
                found[market] = message.at
        return found

    async def _cycles(self) -> CycleCounts:
        c = cycles.c
        ended = select(c.market, c.end_kind, func.count()).where(c.end_kind.is_not(None))
        last = select(c.market, func.max(c.ended_at)).where(c.ended_at.is_not(None)).group_by(c.market)
        begun = select(c.market, func.min(c.started_at)).where(c.ended_at.is_(None), c.started_at.is_not(None))
        async with transaction(self._engine) as db:
            counts = (await db.execute(ended.group_by(c.market, c.end_kind))).all()
            gone = await db.execute(
                select(missed.c.market, missed.c.reason, func.count()).group_by(missed.c.market, missed.c.reason)
            )
            return CycleCounts(
                ended={(market, kind): count for market, kind, count in counts},
                missed={(market, reason): count for market, reason, count in gone.all()},
                open=dict(map(tuple, (await db.execute(begun.group_by(c.market))).all())),
                last_ended=dict(map(tuple, (await db.execute(last)).all())),
                last_success=await db.scalar(select(func.max(c.ended_at)).where(c.status == "success")),
            )
