"""The filter, wired: the local year of candles, the breakout rule, the gate."""

from typing import Unpack

from starlette.types import ASGIApp

from services.filter.adapters.archived_years import ArchivedYears
from services.filter.adapters.gate_meter import GateMeter, MeteredHandler
from services.filter.core.ends import end_of
from services.filter.handler import FilterHandler
from shared.settings import Settings
from shared.stage import Stage, StageOptions, asgi


def create_stage(settings: Settings, **options: Unpack[StageOptions]) -> Stage:
    stage = Stage("filter", settings, **options)
    handler = FilterHandler.of(settings, history=ArchivedYears(stage.archive()))
    stage.handle(MeteredHandler(handler, GateMeter(stage.metrics, handler.gate, settings.markets)), follow=end_of)
    return stage


def create_app(settings: Settings) -> ASGIApp:
    return asgi(create_stage(settings))
