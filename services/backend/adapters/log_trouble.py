"""What a person must look at, out of the broker: dead letters, and orders that nobody has settled."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nats.aio.client import Client

from shared.api.cycles import Cycle
from shared.api.trouble import DeadLetter, DeadLetters, UnresolvedOrder, UnresolvedOrders
from shared.bus.dead_letters import DeadLetter as Letter
from shared.bus.dead_letters import DeadLetters as Letters
from shared.bus.namespace import Namespace, cycle_of
from shared.bus.stream import BrokerAway, Message, NoStream, Stream
from shared.bus.wire import Unreadable
from shared.errors import Newer
from shared.events import OrderFound, OrderSettled
from shared.types import split_cycle

ORDERS_MAX = 100


@dataclass(frozen=True)
class LogTrouble:
    connection: Callable[[], Client]
    namespace: Namespace

    async def dead(self, *, limit: int, before: int | None) -> DeadLetters:
        """Raises BrokerAway."""
        try:
            found = await Letters(self.connection(), self.namespace).newest(limit + 1, before)
        except NoStream as e:
            raise BrokerAway(str(e)) from e
        told = tuple(map(_letter, found[:limit]))
        return DeadLetters(letters=told, older=told[-1].id if len(found) > limit else None)

    async def unresolved(self, ended: Sequence[Cycle]) -> UnresolvedOrders:
        """ended: the cycles that ended with an order of unknown outcome, settled or not. Raises BrokerAway."""
        stream = Stream(self.connection(), self.namespace, self.namespace.events)
        try:
            found = [cycle_of(place) or "" for place in await stream.subjects(OrderFound.places())]
            cycles = {*found, *(cycle.cycle for cycle in ended)} - {""}
            settled = await stream.last_of_each([OrderSettled.subject_of(cycle) for cycle in sorted(cycles)])
            left = cycles - {cycle_of(message.subject) for message in settled}
            found_left = await stream.last_of_each([OrderFound.subject_of(cycle) for cycle in left if cycle in found])
        except NoStream as e:
            raise BrokerAway(str(e)) from e
        orders = [_unresolved(cycle) for cycle in ended if cycle.cycle in left]
        orders += [told for message in found_left if (told := _foreign(message)) is not None]
        return UnresolvedOrders(orders=tuple(sorted(orders, key=lambda order: order.at)[:ORDERS_MAX]))


def _unresolved(cycle: Cycle) -> UnresolvedOrder:
    return UnresolvedOrder(
        cycle=cycle.cycle,
        market=cycle.market,
        kind="unresolved",
        at=cycle.ended_at or cycle.slot_at,
        reason=cycle.reason,
        command=f"upcycle settle {cycle.cycle}",
    )


def _foreign(message: Message) -> UnresolvedOrder | None:
    """None of an order of which nothing was executed: there is nothing to adopt. One nobody can read is told."""
    cycle, reason = cycle_of(message.subject) or "", None
    try:
        event = message.event()
        if isinstance(event, OrderFound) and event.is_empty:
            return None
    except (Unreadable, Newer) as e:
        reason = str(e)
    return UnresolvedOrder(
        cycle=cycle,
        market=split_cycle(cycle)[0],
        kind="foreign",
        at=message.at,
        reason=reason,
        command=f"upcycle adopt {cycle}",
    )


def _letter(letter: Letter) -> DeadLetter:
    return DeadLetter(
        id=letter.id,
        stage=letter.stage,
        cycle=letter.cycle,
        subject=letter.subject,
        seq=letter.seq,
        at=letter.at,
        reason=letter.why,
        deliveries=letter.deliveries,
        retry=f"upcycle dead retry {letter.id}",
    )
