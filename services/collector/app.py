"""The collector, wired: the exchange's quotes and account, the index, the bot's own log, the local history."""

from typing import Unpack

import httpx
from starlette.types import ASGIApp

from services.collector.adapters.event_memory import EventMemory
from services.collector.adapters.fear_greed import AlternativeMe, NoSentiment
from services.collector.adapters.history_keeper import HistoryKeeper
from services.collector.adapters.pyupbit_history import PyupbitHours
from services.collector.adapters.upbit_market import UpbitMarket
from services.collector.handler import CollectorHandler
from services.collector.ports import SentimentIndex
from shared.account import Account, open_account
from shared.bad_rows import BadRows, bad_rows
from shared.settings import Settings
from shared.stage import Stage, StageOptions, asgi
from shared.upbit_clock import CLOCK_SKEW, ExchangeClock
from shared.upbit_pacing import PacedTransport


def create_stage(settings: Settings, **options: Unpack[StageOptions]) -> Stage:
    account = open_account(settings)
    stage = Stage("collector", settings, **options)
    stepped = settings.paper_clock == "stepped"
    # A stepped tape lives in another year: no machine's clock is held against it.
    clock = None if stepped else ExchangeClock(gauge=stage.metrics.gauge(*CLOCK_SKEW).set)
    odd = bad_rows(stage.metrics, "candle", "hour")
    exchange = open_market(account, clock, odd=odd)
    stage.around(lambda: exchange)
    interval_min = 60 if stepped else settings.scheduler_interval_minutes
    handler = CollectorHandler.of(
        settings,
        exchange=exchange,
        sentiment=_sentiment(settings, stage),
        memory=EventMemory(stage.log, interval_min),
        history=HistoryKeeper(
            stage.archive(), PyupbitHours(account.base_url, odd=odd), stage.metrics, settings.markets
        ),
        skew_s=lambda: clock.skew_s if clock else None,
    )
    stage.handle(handler)
    return stage


def open_market(
    account: Account, transport: httpx.AsyncBaseTransport | None = None, odd: BadRows | None = None
) -> UpbitMarket:
    """transport: what carries the requests, instead of the network."""
    return UpbitMarket(
        base_url=account.base_url,
        access_key=account.access_key,
        secret_key=account.secret_key.get_secret_value(),
        transport=PacedTransport(transport),
        odd=odd,
    )


def _sentiment(settings: Settings, stage: Stage) -> SentimentIndex:
    if settings.paper_clock == "stepped":
        return NoSentiment()
    index = AlternativeMe()
    stage.around(lambda: index)
    return index


def create_app(settings: Settings) -> ASGIApp:
    return asgi(create_stage(settings))
