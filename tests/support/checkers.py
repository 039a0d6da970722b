"""What must hold after any hours of trading, however they went. Reads the log and the exchange, nothing else."""

from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig

from services.clock.tape import OVER
from services.paper.core.exchange import PaperExchange
from shared.bus.namespace import Namespace
from shared.bus.switch import Switch
from shared.bus.wire import decode
from shared.events import (
    CycleEnded,
    CycleMissed,
    Event,
    ExitDue,
    FillRecorded,
    LogAccepted,
    LogOpened,
    OrderIntended,
    OrderSettled,
    OrderUnresolved,
    TradingDue,
)
from tests.support.waiting import eventually


async def until_over(js: JetStreamContext) -> None:
    """Wait until the clock says that its tape is over: the last hour is valued after its cycles have ended."""
    switch = await Switch.open(js, Namespace())

    async def over() -> bool:
        beat = await switch.heartbeat()
        return beat is not None and beat.jobs[0].why == OVER

    await eventually(over)


async def bodies(js: JetStreamContext, stream: str = "EV") -> list[tuple[str, bytes]]:
    """Every message of a stream as (subject, body), by subject."""
    left = (await js.stream_info(stream)).state.messages
    if not left:
        return []
    config = ConsumerConfig(ack_policy=AckPolicy.NONE, mem_storage=True)
    sub = await js.pull_subscribe("", stream=stream, config=config)
    found: list[tuple[str, bytes]] = []
    while len(found) < left:
        found += [(m.subject, m.data) for m in await sub.fetch(500, timeout=30)]
    await sub.unsubscribe()
    return sorted(found)


def of_the_tape(found: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """Leave out whose log it is: a random name, and the time of this machine."""
    return [(subject, body) for subject, body in found if subject != LogOpened.SUBJECT]


def events(found: list[tuple[str, bytes]]) -> list[Event]:
    return [decode(body, subject) for subject, body in found]


def assert_each_started_cycle_ended_once(log: list[Event]) -> None:
    started = {e.cycle for e in log if isinstance(e, TradingDue | ExitDue)}
    ended = Counter(e.cycle for e in log if isinstance(e, CycleEnded))
    missed = {e.cycle for e in log if isinstance(e, CycleMissed)}
    assert started, "no cycle was started"
    # A log that was put back may have forgotten how a cycle began: an order's intent is recalled, and ends; and who
    # worked on a cycle without an order may end it before he hears that the log is an older one.
    was_put_back = any(isinstance(e, LogAccepted) for e in log)
    recalled = {e.cycle for e in log if isinstance(e, OrderIntended)} if was_put_back else set()
    excused = {e.cycle for e in log if isinstance(e, CycleEnded) and e.amount == 0} if was_put_back else set()
    assert {cycle: ended[cycle] for cycle in started | recalled} == dict.fromkeys(started | recalled, 1)
    assert set(ended) <= started | recalled | excused, set(ended) - started - recalled - excused
    assert not missed & started


def assert_one_order_for_each_cycle(log: list[Event], exchange: PaperExchange) -> None:
    """The exchange's orders are the log's intents that were filled, each once, under the cycle's own name."""
    intents = {e.cycle: e for e in log if isinstance(e, OrderIntended)}
    fills = {e.cycle: e for e in log if isinstance(e, FillRecorded)}
    orders = {o.identifier: o for o in exchange.orders()}
    assert len(orders) == len(exchange.orders())
    assert set(orders) <= {i.client_order_id for i in intents.values()}
    assert {f.client_order_id for f in fills.values()} == {k for k, o in orders.items() if o.volume}
    for fill in fills.values():
        order = orders[fill.client_order_id]
        assert (fill.volume, fill.fee, fill.exchange_order_id) == (order.volume, order.fee, order.uuid)


def assert_balances_add_up(log: list[Event], exchange: PaperExchange, opening: Decimal) -> None:
    """The account is the opening balance and the fills, to the last digit."""
    won, coins = opening, defaultdict[str, Decimal](Decimal)
    for fill in (e for e in log if isinstance(e, FillRecorded)):
        sign = 1 if fill.side == "buy" else -1
        won -= sign * fill.funds + fill.fee
        coins[fill.market.removeprefix("KRW-")] += sign * fill.volume
    held = {row["currency"]: Decimal(row["balance"]) + Decimal(row["locked"]) for row in exchange.account.rows()}
    assert held.pop("KRW") == won
    assert {c: n for c, n in held.items() if n} == {c: n for c, n in coins.items() if n}


def assert_orders_are_sent_once_and_recorded(log: list[Event], exchange: Any) -> None:
    """Against a FakeExchange: an order leaves once, after its intent; what was executed is the fill of its cycle.

    An order that stays unresolved is the one excuse for a missing fill: a person must look.
    """
    intents = {e.client_order_id for e in log if isinstance(e, OrderIntended)}
    fills = {e.client_order_id: e for e in log if isinstance(e, FillRecorded)}
    unresolved = {e.client_order_id for e in log if isinstance(e, OrderUnresolved)}
    sent = Counter(exchange.requests)
    assert {name: n for name, n in sent.items() if n > 1} == {}
    assert set(sent) <= intents
    executed = {name for name, order in exchange.orders.items() if order.executed_volume}
    assert set(fills) <= executed
    assert executed - set(fills) <= unresolved
    assert_fills_are_the_exchanges(log, exchange)


def assert_fills_are_the_exchanges(log: list[Event], exchange: Any) -> None:
    for fill in (e for e in log if isinstance(e, FillRecorded)):
        order = exchange.orders[fill.client_order_id]
        funds = sum(trade.funds for trade in order.trades)
        assert (fill.side, fill.volume, fill.funds, fill.fee) == (
            order.side, order.executed_volume, funds, order.paid_fee,
        )  # fmt: skip


def assert_every_executed_order_is_recorded(log: list[Event], exchange: Any) -> None:
    """Once every unresolved order is settled there is no excuse left."""
    fills = {e.client_order_id for e in log if isinstance(e, FillRecorded)}
    unresolved = {e.client_order_id for e in log if isinstance(e, OrderUnresolved)}
    settled = {e.client_order_id for e in log if isinstance(e, OrderSettled)}
    assert unresolved == settled
    assert {name for name, order in exchange.orders.items() if order.executed_volume} == fills


def assert_account_is_what_was_executed(log: list[Event], exchange: Any, opening: Decimal) -> None:
    """Opening balance, recorded fills, and the unresolved orders that did execute: that is the account."""
    fills = {e.client_order_id for e in log if isinstance(e, FillRecorded)}
    won, coins = opening, defaultdict[str, Decimal](Decimal)
    for fill in (e for e in log if isinstance(e, FillRecorded)):
        sign = 1 if fill.side == "buy" else -1
        won -= sign * fill.funds + fill.fee
        coins[fill.market] += sign * fill.volume
    for name, order in exchange.orders.items():
        if name not in fills:
            sign = 1 if order.side == "buy" else -1
            won -= sign * sum(trade.funds for trade in order.trades) + order.paid_fee
            coins[order.market] += sign * order.executed_volume
    assert exchange.won == won
    assert {market: n for market, n in exchange.coins.items() if n} == {m: n for m, n in coins.items() if n}


def assert_the_books_hold_what_was_executed(log: list[Event]) -> None:
    """In each market the position of the last fill is all that was bought less all that was sold, and never less."""
    held = defaultdict[str, Decimal](Decimal)
    for fill in (e for e in log if isinstance(e, FillRecorded)):
        held[fill.market] += fill.volume if fill.side == "buy" else -fill.volume
        assert held[fill.market] >= 0, f"{fill.cycle} sold coins that are not the bot's"
        assert fill.position.volume == held[fill.market], f"the position after {fill.cycle}"


def assert_the_books_are_the_exchanges(log: list[Event], exchange: PaperExchange, by_hand: str) -> None:
    """Every order but the owner's own is one fill in the log, to the last digit, by its cycle's name or position's."""
    orders = {o.identifier: o for o in exchange.orders() if not (o.identifier or "").startswith(by_hand)}
    executed = {name: (o.market, o.volume, o.funds, o.fee) for name, o in orders.items() if o.volume}
    fills = {e.client_order_id: e for e in log if isinstance(e, FillRecorded)}
    booked = {name: (f.market, f.volume, f.funds, f.fee) for name, f in fills.items()}
    differing = {name: (booked.get(name), executed.get(name)) for name in booked.keys() | executed.keys()}
    assert booked == executed, {name: two for name, two in differing.items() if two[0] != two[1]}
    assert all(name == fill.cycle or name.endswith("-close") for name, fill in fills.items())


def assert_no_coin_was_sold_that_was_not_bought(log: list[Event]) -> None:
    """In the order of execution, whenever it was booked; of one moment, buys first."""
    fills = [e for e in log if isinstance(e, FillRecorded)]
    held = defaultdict[str, Decimal](Decimal)
    for fill in sorted(fills, key=lambda fill: (fill.executed_at, fill.side == "sell")):
        held[fill.market] += fill.volume if fill.side == "buy" else -fill.volume
        assert held[fill.market] >= 0, f"{fill.cycle} sold coins that are not the bot's"
