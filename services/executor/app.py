"""Chooses the exchange and connects: decisions in, the handler, the event log."""

import httpx
import structlog
from starlette.types import ASGIApp

from services.executor.adapters.bucket_wishes import BucketWishes
from services.executor.adapters.key_watch import KeyWatch
from services.executor.adapters.log_owner import must_be_ours
from services.executor.adapters.machine_pace import MachinePace
from services.executor.adapters.order_log import EventOrderLog
from services.executor.adapters.upbit_exchange import UpbitExchange
from services.executor.adapters.upbit_witness import UpbitWitness
from services.executor.handler import ExecutorHandler
from services.executor.limits import limits
from services.executor.live import Witness, must_be_proved
from services.executor.ports import ExchangePort, Pace
from shared.account import Account, open_account
from shared.bus.wire import Stored
from shared.events import DecisionMade, ExitDue
from shared.settings import Settings
from shared.stage import Stage, asgi
from shared.upbit_paced import Paced

log = structlog.get_logger("executor")


def create_stage(settings: Settings, **stage_kwargs: object) -> Stage:
    """Raises BadSetting where the settings would let an order out that must not leave."""
    account, way = open_account(settings), Paced()
    exchange, witness = open_exchange(account, way), open_witness(account, way)
    stage = Stage("executor", settings, **stage_kwargs)  # type: ignore[arg-type]
    stage.around(exchange.closing)
    prove(stage, settings, account, witness)
    stage.task(KeyWatch(witness, stage.metrics).run)
    wire(stage, settings, exchange, MachinePace())
    return stage


def create_exchange(settings: Settings) -> UpbitExchange:
    """Raises BadSetting, as above."""
    return open_exchange(open_account(settings), Paced())


def open_exchange(account: Account, way: httpx.AsyncBaseTransport) -> UpbitExchange:
    return UpbitExchange(account.base_url, account.access_key, account.secret_key, transport=way)


def open_witness(account: Account, way: httpx.AsyncBaseTransport) -> UpbitWitness:
    return UpbitWitness(account.base_url, account.access_key, account.secret_key, way)


def create_app(settings: Settings) -> ASGIApp:
    return asgi(create_stage(settings))


def prove(stage: Stage, settings: Settings, account: Account, witness: Witness) -> None:
    """Let the stage start only on a log of its own, and on an account of which all that is asked was seen."""
    market, won = settings.markets[0], settings.trading_amount

    async def its_own_log() -> None:
        await must_be_ours(stage.broker.connection.jetstream(timeout=3), stage.world, account.mode)

    async def account_and_key() -> None:
        for finding in await must_be_proved(witness, account.proofs, market, won):
            log.info("proved", what=finding.name, state=finding.state, found=finding.found, todo=finding.todo)

    stage.before(its_own_log)
    stage.before(account_and_key)


def wire(stage: Stage, settings: Settings, exchange: ExchangePort, pace: Pace) -> None:
    """Connect the handler. It stores its events itself, because the order of those lines is its point."""
    handler = ExecutorHandler(
        exchange=exchange,
        log=EventOrderLog(stage.log),
        wishes=BucketWishes(stage.switch),
        pace=pace,
        amount=settings.trading_amount,
        scope=settings.sell_scope,
        limits=limits(settings),
        lookup_s=settings.order_lookup_s,
    )

    async def on_decision(stored: Stored) -> None:
        if isinstance(stored.event, DecisionMade | ExitDue):
            await handler(stored.event)

    stage.receive(on_decision)
    stage.task(handler.clear_up)
