"""The one place where an exception becomes an acknowledgement: try again, or bury.

A stage's message is tried at 0, 2, 6, 14 and 30 s; then it is buried, and its cycle ends as failed.
A reader of results (projection, notifier) tries for ever. What nobody can read is buried at first sight.
Where the log takes nothing there is nowhere to bury it: it is tried more often, and before the server would give up,
kept in hand until it can be buried. The server's own word of giving up would find no room either, and be lost.
What a newer version wrote ends the process: to put it aside would end a cycle that a newer version can finish.
A process that dies each time never gets here: `last_delivery.py` ends its cycle.
While a handler works, the server is told so: a long call is not delivered a second time.
"""

import asyncio
from typing import Any, Literal

import structlog
from faststream import BaseMiddleware
from faststream.exceptions import AckMessage, HandlerException, NackMessage
from nats.aio.msg import Msg

from shared.bus.event_log import EventLog
from shared.bus.memory import LogTrouble
from shared.bus.namespace import cycle_of, dead_place
from shared.bus.topology import DELIVERIES_MAX, SERVER_DELIVERIES_MAX
from shared.bus.wire import Unreadable
from shared.catalogue import orders
from shared.errors import NEWER, Newer, Permanent, Transient
from shared.events import CycleFailed, Event, ExitDue, OrderIntended, OrderUnresolved, SaleDue, TradingDue
from shared.plain_text import one_line
from shared.reason import Reason
from shared.services import READERS
from shared.types import split_cycle

log = structlog.get_logger("bus")
_PAUSE_MAX_S = 60


class Outcome(BaseMiddleware[Any, Any]):
    """Around every delivery; sees undecodable bytes too, which `consume_scope` never does."""

    beat: asyncio.TimerHandle | None = None

    async def on_receive(self) -> None:
        if _is_delivery(self.msg):
            self._beat_later()

    async def after_processed(self, exc_type: Any = None, exc_val: Any = None, exc_tb: Any = None) -> bool | None:
        try:
            return await self._settled(exc_val)
        finally:
            if self.beat is not None:
                self.beat.cancel()

    def _beat_later(self) -> None:
        every_s = READERS[self.msg.metadata.consumer].ack_wait_s / 3
        self.beat = asyncio.get_running_loop().call_later(every_s, self._tell_it_is_worked_on)

    def _tell_it_is_worked_on(self) -> None:
        self.telling = asyncio.ensure_future(self.msg.in_progress())  # held here, as the loop holds no task
        self._beat_later()

    async def _settled(self, exc_val: BaseException | None) -> bool:
        if not isinstance(exc_val, Exception) or isinstance(exc_val, HandlerException) or not _is_delivery(self.msg):
            return False
        if isinstance(exc_val, Newer):
            self.context.get("on_fatal")(NEWER, str(exc_val))  # nothing is put aside: a newer version has it to do
            raise NackMessage(delay=_PAUSE_MAX_S) from exc_val
        delivery = self.msg.metadata
        reader, tries = READERS[delivery.consumer], delivery.num_delivered
        told = log.bind(
            stage=reader.name,
            subject=self.msg.subject,
            cycle=cycle_of(self.msg.subject),
            tries=tries,
            error=_said(exc_val),
        )
        hopeless = isinstance(exc_val, Permanent) if reader.gives_up else isinstance(exc_val, Unreadable)
        last = reader.gives_up and tries >= SERVER_DELIVERIES_MAX - 1  # one is left for a process that dies now
        tried_enough = reader.gives_up and tries >= DELIVERIES_MAX and not isinstance(exc_val, LogTrouble)
        pause = _pause_s(tries)
        while hopeless or tried_enough or last:
            if await self._buried(exc_val, told):
                raise AckMessage from exc_val
            if not last:
                break
            await asyncio.sleep(pause)
        # What is neither Transient nor Permanent is a bug: it is tried again all the same, but loudly.
        if isinstance(exc_val, Transient):
            told.warning("will try again", pause_s=pause)
        else:
            told.error("will try again", pause_s=pause, exc_info=exc_val)
        raise NackMessage(delay=pause) from exc_val

    async def _buried(self, fault: Exception, told: Any) -> bool:
        try:
            await bury(self.context.get("log"), self.msg, fault)
        except LogTrouble as e:
            told.error("cannot be buried now", why=_said(e))
            return False
        told.error("buried", exc_info=fault)
        return True


async def bury(events: EventLog, msg: Msg, fault: Exception) -> None:
    """Put a message aside for a person, with the reason, and end its cycle."""
    delivery, where = msg.metadata, events.namespace.plain(msg.subject)
    seq, times = delivery.sequence.stream, delivery.num_delivered
    told = fault if isinstance(fault, Permanent) else Permanent()
    await put_aside(
        events, msg.data, where, stage=delivery.consumer, seq=seq, deliveries=times, why=_said(fault), told=told
    )


async def put_aside(
    events: EventLog,
    body: bytes,
    where: str,
    *,
    stage: str,
    seq: int,
    deliveries: int,
    why: str,
    told: Permanent | None = None,
    by: Literal["clock"] | None = None,
) -> None:
    """Store a message among the dead letters and end its cycle, which a reader of results has no say in.

    where, seq: its place in the log; told, by: see `fail`.
    """
    namespace = events.namespace
    headers = {
        # Once, whoever meets it: several readers may see the same unreadable message.
        "Nats-Msg-Id": f"dead:{namespace.events}:{seq}",
        "why": why,
        "stage": stage,
        "seq": str(seq),
        "deliveries": str(deliveries),
    }
    dead = namespace.subject(dead_place(stage, where))
    await events.publish_raw(body, dead, stream=namespace.dead, headers=headers)
    if READERS[stage].gives_up and (cycle := cycle_of(where)):
        await fail(events, cycle, stage, why, told, by)


async def fail(
    events: EventLog,
    cycle: str,
    stage: str,
    why: str,
    told: Permanent | None = None,
    by: Literal["clock"] | None = None,
) -> Event | None:
    """End a started cycle as failed; as unresolved where an order may exist.

    told: a fault that has a code of its own and, perhaps, figures. by: who says it for the stage.
    """
    market, slot = split_cycle(cycle)
    starts = (kind.SUBJECT.format(market=market, slot=slot) for kind in (TradingDue, ExitDue, SaleDue))
    if all([await events.is_empty(start) for start in starts]):
        return None  # nothing was started under that name
    told = told or Permanent()
    fields = {"cycle": cycle, "stage": stage, "decision": "hold", "by": by}
    stored = await events.emit(CycleFailed(**fields, **Reason(told.code, told.figures, why).fields()))
    if isinstance(stored.event, OrderIntended):
        order = stored.event
        fault = Reason(told.code, told.figures, why)
        reason = orders.ORDER_UNRESOLVED.around("cause", fault, {"order": order.client_order_id})
        unresolved = OrderUnresolved(
            **fields | {"decision": order.side, "stage": "executor"},
            **reason.fields(),
            client_order_id=order.client_order_id,
            price=order.expected_price,
        )
        stored = await events.emit(unresolved, after=stored.seq)
    return stored.event


def _pause_s(tries: int) -> float:
    """2, 4, 8, 16 s …"""
    return float(min(2 ** min(tries, 6), _PAUSE_MAX_S))  # a reader of results may have tried a million times


def _is_delivery(msg: Any) -> bool:
    return isinstance(msg, Msg) and msg.reply.startswith("$JS.ACK")


def _said(fault: Exception) -> str:
    return one_line(f"{type(fault).__name__}: {fault}")[:500]
