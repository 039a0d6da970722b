"""The filter, wired: the local year of candles, the breakout rule, the gate."""

from typing import Any

from starlette.types import ASGIApp

from services.filter.adapters.gate_meter import GateMeter, Metered
from services.filter.adapters.kept_years import KeptYears
from services.filter.core.ends import end_of
from services.filter.core.gate import Gate
from services.filter.handler import FilterHandler
from shared.settings import Settings
from shared.stage import Stage, asgi
from shared.venue import FEE_RATE


def create_stage(settings: Settings, **stage_kwargs: Any) -> Stage:
    stage = Stage("filter", settings, **stage_kwargs)
    gate = Gate(
        win_rate_min=settings.gate_win_rate_min,
        drawdown_max=settings.gate_drawdown_max,
        trades_min=settings.gate_trades_min,
        expectancy_min=settings.gate_expectancy_min,
    )
    handler = FilterHandler(
        history=KeptYears(stage.archive()),
        gate=gate,
        guards=settings.gate_guards,
        k=settings.breakout_k,
        fee_rate=float(FEE_RATE),
        slippage=settings.slippage,
    )
    stage.handle(Metered(handler, GateMeter(stage.metrics, gate, settings.markets)), follow=end_of)
    return stage


def create_app(settings: Settings) -> ASGIApp:
    return asgi(create_stage(settings))
