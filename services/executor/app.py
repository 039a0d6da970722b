"""Chooses the exchange and connects: decisions in, the handler, the event log."""

from urllib.parse import urlsplit

from pydantic import SecretStr
from starlette.types import ASGIApp

from services.executor.adapters.bucket_wishes import BucketWishes
from services.executor.adapters.machine_pace import MachinePace
from services.executor.adapters.order_log import EventOrderLog
from services.executor.adapters.upbit_exchange import UpbitExchange
from services.executor.handler import ExecutorHandler
from services.executor.limits import limits
from services.executor.ports import ExchangePort, Pace
from shared.bus.wire import Stored
from shared.events import DecisionMade, ExitDue
from shared.settings import BadSetting, LiveKeys, Settings
from shared.stage import Stage, asgi


def create_stage(settings: Settings, **stage_kwargs: object) -> Stage:
    """Raises BadSetting where the settings would let an order out that must not leave."""
    exchange = create_exchange(settings)
    stage = Stage("executor", settings, **stage_kwargs)  # type: ignore[arg-type]
    stage.around(exchange.closing)
    wire(stage, settings, exchange, MachinePace())
    return stage


def create_exchange(settings: Settings) -> UpbitExchange:
    """Raises BadSetting, as above."""
    refuse(settings)
    access_key, secret_key = _live_keys() if settings.trading_mode == "live" else _paper_keys(settings)
    return UpbitExchange(settings.upbit_base_url, access_key, secret_key)


def create_app(settings: Settings) -> ASGIApp:
    return asgi(create_stage(settings))


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


def refuse(settings: Settings) -> None:
    """Say no to what must not start."""
    if settings.trading_mode == "live":
        raise BadSetting(
            "TRADING_MODE: live trading is NOT BUILT YET, because its checks are missing; set TRADING_MODE=paper"
        )
    host = (urlsplit(settings.upbit_base_url).hostname or "").rstrip(".").lower()
    if host.endswith("upbit.com"):
        raise BadSetting(
            f"UPBIT_BASE_URL: {host} is the real exchange; in paper mode it must be the paper exchange, "
            "such as http://127.0.0.1:8010"
        )


def _live_keys() -> tuple[str, SecretStr]:
    keys = LiveKeys.load()
    return keys.upbit_access_key.get_secret_value(), keys.upbit_secret_key


def _paper_keys(settings: Settings) -> tuple[str, SecretStr]:
    return settings.paper_access_key, settings.paper_secret_key
