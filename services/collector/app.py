"""The collector, wired: the exchange's quotes and account, the index, the bot's own log, the local history."""

from typing import Any
from urllib.parse import urlsplit

from starlette.types import ASGIApp

from services.collector.adapters.event_memory import EventMemory
from services.collector.adapters.fear_greed import AlternativeMe, NoSentiment
from services.collector.adapters.local_history import LocalHistory
from services.collector.adapters.upbit_market import UpbitMarket
from services.collector.core.snapshot import Hazards
from services.collector.handler import CollectorHandler
from services.collector.ports import SentimentIndex
from shared.settings import BadSetting, Settings
from shared.stage import Stage, asgi


def create_stage(settings: Settings, **stage_kwargs: Any) -> Stage:
    _refuse_real_money(settings)
    stage = Stage("collector", settings, **stage_kwargs)
    exchange = UpbitMarket(
        base_url=settings.upbit_base_url,
        access_key=settings.paper_access_key,
        secret_key=settings.paper_secret_key.get_secret_value(),
    )
    stage.around(lambda: exchange)
    interval_min = 60 if settings.paper_clock == "stepped" else settings.scheduler_interval_minutes
    handler = CollectorHandler(
        exchange=exchange,
        sentiment=_sentiment(settings, stage),
        memory=EventMemory(stage.log, interval_min),
        history=LocalHistory(settings.data_dir / "history"),
        hazards=Hazards(
            btc_drop_1h=settings.hazard_btc_drop_1h,
            btc_drop_24h=settings.hazard_btc_drop_24h,
            crash_sigma=settings.hazard_crash_sigma,
        ),
    )
    stage.handle(handler)
    return stage


def _sentiment(settings: Settings, stage: Stage) -> SentimentIndex:
    if settings.paper_clock == "stepped":
        return NoSentiment("a tape has no fear and greed index")
    index = AlternativeMe()
    stage.around(lambda: index)
    return index


def _refuse_real_money(settings: Settings) -> None:
    if settings.trading_mode == "live":
        raise BadSetting("TRADING_MODE: live is not built yet (issue D); allowed is paper")
    host = (urlsplit(settings.upbit_base_url).hostname or "").rstrip(".")
    if host == "upbit.com" or host.endswith(".upbit.com"):
        raise BadSetting(f"UPBIT_BASE_URL: {host} is the real exchange; paper trading talks to the paper exchange only")


def create_app(settings: Settings) -> ASGIApp:
    return asgi(create_stage(settings))
