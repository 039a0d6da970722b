"""Chooses the exchange and connects: decisions in, the handler, the event log."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple, Unpack

import httpx
import structlog
from starlette.types import ASGIApp

from services.executor.adapters.bucket_switch import BucketSwitch
from services.executor.adapters.journal import Journal
from services.executor.adapters.journaled_log import JournaledOrderLog
from services.executor.adapters.key_watch import KeyWatch
from services.executor.adapters.last_valued import LastValued
from services.executor.adapters.log_owner import must_stay_ours
from services.executor.adapters.machine_pace import MachinePace
from services.executor.adapters.upbit_account_probe import UpbitAccountProbe
from services.executor.adapters.upbit_exchange import UpbitExchange
from services.executor.at_start import after_panics, at_start
from services.executor.comparison import LOOK_BACK, Comparison
from services.executor.core.ends import End
from services.executor.gauges import gauges, orders_left
from services.executor.handler import ExecutorHandler
from services.executor.live import AccountProbe, must_be_proved
from services.executor.merge import Merge
from services.executor.panic_run import There
from services.executor.panics import Panics
from services.executor.ports import CancellingExchange, Holdings, Pace
from services.executor.rollback_guard import create_rollback_guard
from services.executor.sales import Sales
from services.executor.valuation import SureBooks, ValuationHandler, tell
from shared.account import Account, open_account
from shared.bad_rows import BadRows, bad_rows
from shared.bus.wire import Stranger, must_be
from shared.catalogue import sentence
from shared.clock import SystemClock
from shared.events import (
    DecisionMade,
    Event,
    ExitDue,
    OrderFilled,
    OrderSkipped,
    PanicDue,
    PortfolioValued,
    SaleDue,
    ValuationDue,
)
from shared.settings import Settings
from shared.stage import Stage, StageOptions, asgi
from shared.stored import Stored
from shared.types import CycleId, Language, Market, UtcTime, slot_time
from shared.upbit_pacing import PacedTransport
from shared.version import code_version
from shared.why import sale

log = structlog.get_logger("executor")


def create_stage(settings: Settings, **options: Unpack[StageOptions]) -> Stage:
    """Raises BadSetting where the settings would let an order out that must not leave."""
    account, way = open_account(settings), PacedTransport()
    stage = Stage("executor", settings, **options)
    exchange = open_exchange(account, way, bad_rows(stage.metrics, "ticker", "valuation"))
    probe = open_account_probe(account, way)
    stage.around(exchange.closing)
    prove(stage, settings, account, probe)
    key = KeyWatch(probe, stage.metrics, SystemClock())
    stage.task(key.run)
    books = wire(stage, settings, exchange, MachinePace())
    valuation(stage, exchange.holdings, books, lambda: key.expires_at)
    return stage


def create_exchange(settings: Settings) -> UpbitExchange:
    """Raises BadSetting, as above."""
    return open_exchange(open_account(settings), PacedTransport())


def open_exchange(account: Account, way: httpx.AsyncBaseTransport, odd: BadRows | None = None) -> UpbitExchange:
    return UpbitExchange(account.base_url, account.access_key, account.secret_key, transport=way, odd=odd)


def open_account_probe(account: Account, way: httpx.AsyncBaseTransport) -> UpbitAccountProbe:
    return UpbitAccountProbe(account.base_url, account.access_key, account.secret_key, way)


def create_app(settings: Settings) -> ASGIApp:
    return asgi(create_stage(settings))


def prove(stage: Stage, settings: Settings, account: Account, probe: AccountProbe) -> None:
    """Let the stage start only on a log of its own, and on an account of which all that is asked was seen."""
    market, won = settings.markets[0], settings.trading_amount

    async def its_own_log() -> None:
        await must_stay_ours(stage.log, Journal(settings.data_dir / "executor"), account.mode)

    async def account_and_key() -> None:
        for finding in await must_be_proved(probe, account.proofs, market, won):
            log.info("proved", what=finding.name, state=finding.state, found=finding.found, todo=finding.todo)

    if not settings.subject_prefix:  # a sandbox may replay the live log: it is on paper for certain
        stage.before(its_own_log)
    stage.before(account_and_key)


class Bookkeeping(NamedTuple):
    """What the valuation needs of the orders' side."""

    compare: Comparison
    held: SureBooks
    show: Callable[[Event], None]


def wire(stage: Stage, settings: Settings, exchange: CancellingExchange, pace: Pace) -> Bookkeeping:
    """Connect the handler. It stores its events itself, because the order of those lines is its point."""
    journal = Journal(settings.data_dir / "executor")
    there = There(stage.log, BucketSwitch(stage.switch, stage.log))
    switch = create_rollback_guard(stage, journal, there.switch)
    show = gauges(stage.metrics)
    log_of_orders = JournaledOrderLog(
        stage.log, journal, settings.markets, reach=lambda: stage.log.memory.reach, on_stored=show
    )

    def under_way() -> set[CycleId]:
        return journal.read().under_way

    clock = SystemClock()
    sales = Sales.of(settings, events=stage.log, log=log_of_orders, clock=clock, code=code_version())
    compare = Comparison(exchange, log_of_orders, under_way, orders_left(stage.metrics, settings.markets))
    handler = ExecutorHandler.of(
        settings, exchange=exchange, log=log_of_orders, switch=switch, pace=pace, compared=lambda: compare.is_done
    )
    merge = Merge(journal, stage.log, switch.pause, handler.clear_up)

    async def on_decision(stored: Stored) -> None:
        match stored.event:
            case ExitDue(rule="panic"):
                return  # a panic orders by itself, and its exit says what it has done
            case ExitDue(rule="owner") if await sales.ends_late(stored):
                return
            case DecisionMade() | ExitDue() as event:
                await merge()
                await compare.first()
                if isinstance(event, ExitDue) or event.decision == "sell":
                    await compare.before_sale(slot_time(event.slot) - LOOK_BACK)
                _write_down(await handler(event), settings.language)
            case stranger:
                raise Stranger(f"the executor carries out no {stranger.kind}", stranger.subject)

    async def on_sale(stored: Stored) -> None:
        await sales(stored, must_be(stored.event, SaleDue))

    panics = Panics(settings, exchange, there, merge, pace, clock)

    async def on_panic(stored: Stored) -> None:
        await panics(stored, must_be(stored.event, PanicDue))

    async def begin() -> None:
        await merge()
        await handler.clear_up()

    async def tell_of_panics() -> None:
        await after_panics(merge.is_due, stage.log.reach, merge)

    stage.before(merge.recall)
    stage.receive(on_decision)
    stage.receive(on_sale, reader="sale")
    stage.receive(on_panic, reader="panic")
    stage.task(lambda: at_start(begin, pace))
    stage.task(tell_of_panics)
    stage.task(compare.run)
    return Bookkeeping(compare, SureBooks(log_of_orders, under_way), show)


def _write_down(end: End, language: Language) -> None:
    """Tell the log how it ended; what was wanted and not done as a warning."""
    say = log.info if isinstance(end, OrderFilled | OrderSkipped) else log.warning
    cut = {"cut": line} if isinstance(end, OrderFilled) and (line := sale.cut(end, "en")) else {}
    say("ended", how=end.kind, code=end.reason_code, why=sentence(end, language), **cut)


def valuation(
    stage: Stage,
    holdings_of: Callable[[tuple[Market, ...]], Awaitable[Holdings]],
    books: Bookkeeping,
    key_expires_at: Callable[[], UtcTime | None] = lambda: None,
) -> None:
    """Answer an hour's valuation once, and hold the exchange's orders and coins against the log.

    Its reader is its own: trying again holds up no order.
    """
    handler = ValuationHandler(holdings_of, books.held, LastValued(stage.log), key_expires_at)

    async def on_due(stored: Stored) -> None:
        due = must_be(stored.event, ValuationDue)
        if not await stage.log.is_empty(PortfolioValued.SUBJECT.format(slot=due.slot)):
            return
        await books.compare.attempt(due.slot_at - LOOK_BACK)
        if (answer := await handler(due)) and (await stage.log.emit(answer)).new:
            books.show(answer)
            tell(answer)

    async def as_before() -> None:
        if last := await handler.last():
            books.show(last)

    stage.before(as_before)  # an alarm about coins does not end because this process began anew
    stage.receive(on_due, reader="valuation")
