"""A page over a backend that is a double: states that a bot at work does not come to by itself."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from services.backend.routes import examples
from services.page.app import create_app
from shared.api import routes as api
from shared.settings import Settings
from tests.support.api_double import CYCLE, ApiDouble, logged
from tests.support.builders import due, end
from tests.support.served import served

_NO_TRADES = {"trades": 0, "buys": 0, "sells": 0, "volume": 0, "fees": 0, "profit": 0, "win_rate": None}
_NO_COSTS = {"fees": 0, "slippage": 0, "model_cost": 0, "model_calls": 0}


def fresh() -> ApiDouble:
    """A bot that was never asked to do anything."""
    no_candles = examples.HISTORIES["histories"][0] | {
        "first": None, "until": None, "candles": 0, "missing": 0, "gaps": [], "corrected": 0,
    }  # fmt: skip
    return ApiDouble(answers={
        api.STATUS.path: examples.STATUS | {"last_trade_time": None, "missed": [], "uptime_seconds": 12},
        api.PORTFOLIO.path: {
            "valued_at": None, "krw_balance": None, "total_value_krw": None, "coins": [], "realised": 0,
            "unrealised": 0, "history": [],
        },
        api.ACCOUNT.path: {"valued_at": None, "coins": [], "left_out": [], "key_expires_at": None},
        api.HISTORIES.path: {"histories": [no_candles]},
        api.CYCLES.path: {"cycles": [], "total": 0},
        api.STATS.path: _NO_TRADES | {"markets": [], "periods": [], "entries": [], "exits": []},
        api.COSTS.path: examples.COSTS | {"periods": [], "whole": _NO_COSTS | {"period": "all"}},
        api.CANDLES.path: examples.CANDLES | {"candles": []},
        api.GATE.path: {"decisions": [], "older": None},
        api.TRADES.path: {"trades": [], "total": 0},
    })  # fmt: skip


def in_trouble() -> ApiDouble:
    """With real money, and everything that an owner may have to look at."""
    double = ApiDouble()
    cycle = double.answers[api.CYCLE.at(CYCLE)] | {
        "end_kind": "OrderUnresolved", "stage": "executor", "status": "failed", "reason_code": "ORDER_UNRESOLVED",
        "events": logged(due(), end("OrderUnresolved")),
    }  # fmt: skip
    order = examples.UNRESOLVED["orders"][0] | {"cycle": CYCLE}
    foreign = {"cycle": "KRW-BTC-20260105T0300Z", "market": "KRW-BTC", "kind": "foreign", "reason": None,
               "command": "upcycle adopt KRW-BTC-20260105T0300Z"}  # fmt: skip
    short = [examples.ACCOUNT["coins"][0] | {"beside": -0.0025}]
    double.answers |= {
        api.STATUS.path: examples.STATUS | {"mode": "live", "status": "paused", "trouble": "봇의 스위치가 없습니다"},
        api.CYCLE.at(CYCLE): cycle,
        api.CYCLES.path: {"cycles": [{k: v for k, v in cycle.items() if k not in ("why", "events")}], "total": 1},
        api.UNRESOLVED.path: {"orders": [order, order | foreign]},
        api.DEAD.path: examples.DEAD,
        api.ACCOUNT.path: examples.ACCOUNT
        | {"coins": short, "left_out": ["KRW-XRP"], "key_expires_at": "2020-01-01T00:00:00+09:00"},
    }
    return double


@contextmanager
def page_over(double: ApiDouble) -> Iterator[str]:
    """Its address."""
    with served(create_app(Settings.load(), transport=httpx.MockTransport(double)), "page") as url:
        yield url
