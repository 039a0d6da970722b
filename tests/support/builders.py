"""Valid things with one change: `decision(decision="sell")`."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from shared import events as ev
from shared.candles import CandleFrame, CandleWindow
from shared.types import cycle_id

AT = datetime(2026, 1, 5, 3, tzinfo=UTC)
CYCLE = cycle_id("KRW-ETH", AT)


def candles(
    rows: int = 40, *, start: datetime = AT - timedelta(hours=40), unit: timedelta = timedelta(hours=1)
) -> pl.DataFrame:
    """Hourly candles that rise by 1,000 won each, ending at AT."""
    return pl.DataFrame(
        {
            "open_time": [start + n * unit for n in range(rows)],
            "open": [4_000_000.0 + 1000 * n for n in range(rows)],
            "high": [4_003_000.0 + 1000 * n for n in range(rows)],
            "low": [3_999_000.0 + 1000 * n for n in range(rows)],
            "close": [4_001_000.0 + 1000 * n for n in range(rows)],
            "volume": [10.0] * rows,
        },
        schema_overrides={"open_time": pl.Datetime("ms", "UTC")},
    )


def due(**changes: Any) -> ev.TradingDue:
    fields: dict[str, Any] = {
        "cycle": CYCLE,
        "slot_at": AT,
        "settings": {"TRADING_AMOUNT": "50000"},
        "settings_digest": "0123456789abcdef",
        "code": "0.1.0+0123456789ab",
    }
    return ev.TradingDue(**fields | changes)


def missed(**changes: Any) -> ev.CycleMissed:
    return ev.CycleMissed(**{"cycle": CYCLE, "reason": "late", "detail": "4 min after the slot"} | changes)


def book(price: int = 4_000_000, **changes: Any) -> ev.OrderBook:
    levels = [
        ev.BookLevel(
            ask_price=Decimal(price + 1000 * n),
            ask_size=Decimal("0.5"),
            bid_price=Decimal(price - 1000 * (n + 1)),
            bid_size=Decimal("0.5"),
        )
        for n in range(5)
    ]
    return ev.OrderBook(**{"at": AT, "levels": levels} | changes)


def balances(**changes: Any) -> ev.Balances:
    zero = Decimal(0)
    fields = {"at": AT, "krw_free": Decimal(1_000_000), "krw_locked": zero, "coin_free": zero, "coin_locked": zero}
    return ev.Balances(**fields | changes)


def position(**changes: Any) -> ev.Position:
    fields = {
        "volume": Decimal("0.0125"),
        "cost": Decimal("50025"),
        "opened_by": "KRW-ETH-20260104T0300Z",
        "why": "RSI",
    }
    return ev.Position(**fields | changes)


def safety(**changes: Any) -> ev.Safety:
    risk = ev.MarketRisk(
        level="low", correlation=0.8, beta=1.1, btc_change_1h=0.001, btc_change_24h=0.01, btc_volatility=0.004
    )
    crash = ev.FlashCrash(state="none", unit_min=60, fall=0.01, sigma=1.5, volume_ratio=1.0)
    fields = {"market_risk": risk, "flash_crash": crash, "rsi_divergence": ev.RsiDivergence(kind="none")}
    return ev.Safety(**fields | changes)


def frame(hours: pl.DataFrame | None = None) -> CandleFrame:
    hours = candles() if hours is None else hours
    window = CandleWindow(market="KRW-ETH", unit_min=60, rows=hours.height)
    absent = CandleWindow(market="KRW-ETH", unit_min=15, rows=0, absent="the tape has no 15-minute candles")
    return CandleFrame.pack([(window, hours), (absent, hours.clear())])


def snapshot(**changes: Any) -> ev.SnapshotTaken:
    fields: dict[str, Any] = {
        "cycle": CYCLE,
        "at": AT,
        "price": Decimal(4_000_000),
        "warning": False,
        "book": book(),
        "balances": balances(),
        "position": None,
        "past": (),
        "fear_greed": ev.Absent(absent="a tape has no fear and greed index"),
        "candles": frame(),
        "safety": safety(),
        "history_digest": "0123456789abcdef",
    }
    return ev.SnapshotTaken(**fields | changes)


def report(**changes: Any) -> ev.BacktestReport:
    fields = {
        "days": 365,
        "trades": 219,
        "win_rate": 0.4475,
        "total_return": 0.759,
        "mean_return": 0.0031,
        "expectancy": 0.0031,
        "drawdown": 0.2015,
        "worst_trade": -0.08,
        "profit_factor": 1.3,
        "sharpe": 1.1,
        "buy_and_hold": 0.4,
    }
    return ev.BacktestReport(**fields | changes)


def objection(**changes: Any) -> ev.Objection:
    return ev.Objection(**{"code": "WIN_RATE", "value": 0.4475, "limit": 0.55, "distance": 0.1025} | changes)


def passed(**changes: Any) -> ev.SignalPassed:
    return ev.SignalPassed(**{"cycle": CYCLE, "report": report(win_rate=0.6), "exit_only": False} | changes)


def rejected(**changes: Any) -> ev.SignalRejected:
    fields = {"cycle": CYCLE, "report": report(), "objections": (objection(),), "price": Decimal(4_000_000)}
    return ev.SignalRejected(**fields | changes)


def decision(**changes: Any) -> ev.DecisionMade:
    fields = {
        "cycle": CYCLE,
        "decision": "buy",
        "confidence": "high",
        "reason": "RSI 과매도 구간 진입",
        "reason_code": "RULES_OVERSOLD",
        "analyst": "rules",
        "votes": (ev.Vote(name="rsi", value=24.5, vote=1),),
        "price": Decimal(4_000_000),
    }
    return ev.DecisionMade(**fields | changes)


def books(**changes: Any) -> ev.Books:
    fields = {
        "at": AT,
        "orders_today": 3,
        "profit_today": Decimal("-1200.5"),
        "last_loss_at": AT - timedelta(hours=5),
        "held": Decimal("0.0125"),
        "drift": Decimal(0),
    }
    return ev.Books(**fields | changes)


def settled(**changes: Any) -> ev.OrderSettled:
    fields = {
        "cycle": CYCLE,
        "client_order_id": CYCLE,
        "executed": Decimal(0),
        "said": "HTTP 404 order_not_found",
        "by": "owner",
        "at": AT,
    }
    return ev.OrderSettled(**fields | changes)


def intent(**changes: Any) -> ev.OrderIntended:
    fields = {
        "cycle": CYCLE,
        "client_order_id": CYCLE,
        "side": "buy",
        "funds": Decimal(50_000),
        "expected_price": Decimal(4_000_000),
    }
    return ev.OrderIntended(**fields | changes)


def fill(**changes: Any) -> ev.FillRecorded:
    fields = {
        "cycle": CYCLE,
        "client_order_id": CYCLE,
        "exchange_order_id": "cdd92199-2897-4e14-9448-f923320408ad",
        "side": "buy",
        "price": Decimal(4_000_000),
        "volume": Decimal("0.0125"),
        "funds": Decimal(50_000),
        "fee": Decimal(25),
        "trades": 1,
        "executed_at": AT,
        "slippage": 0.0,
        "position": position(opened_by=CYCLE),
        "confidence": "high",
        "reason": "RSI 과매도 구간 진입",
    }
    return ev.FillRecorded(**fields | changes)


def end(kind: str, **changes: Any) -> ev.CycleEnded:
    """An end of any kind, by its class name."""
    fields: dict[str, Any] = {
        "cycle": CYCLE,
        "stage": "executor",
        "decision": "hold",
        "confidence": "high",
        "reason": "RSI 과매도 구간 진입",
        "reason_code": kind.upper(),
        "price": Decimal(4_000_000),
    }
    bought = {"decision": "buy", "amount": Decimal("0.0125"), "total": Decimal(50_000)}
    own: dict[str, dict[str, Any]] = {
        "CycleRejected": {"stage": "filter", "objections": (objection(),), "confidence": None},
        "OrderFilled": bought | {"fee": Decimal(25), "executed_at": AT},
        "OrderDenied": {"wanted": "buy"},
        "OrderRejected": {"wanted": "buy"},
        "OrderUnresolved": {"decision": "buy", "client_order_id": CYCLE},
        "CycleFailed": {"stage": "collector", "confidence": None, "price": None},
    }
    return ev.KINDS[kind](**fields | own.get(kind, {}) | changes)  # type: ignore[return-value]


def control(**changes: Any) -> ev.ControlGiven:
    return ev.ControlGiven(**{"command": "pause", "id": "20260105T030012123Z", "by": "api", "at": AT} | changes)


def examples() -> dict[str, ev.Event]:
    """One of every kind of event."""
    made: list[ev.Event] = [
        due(), missed(), snapshot(), passed(), rejected(), decision(), intent(), fill(), settled(), control(),
    ]  # fmt: skip
    ends = [
        "CycleRejected",
        "OrderFilled",
        "OrderSkipped",
        "OrderDenied",
        "OrderRejected",
        "OrderUnresolved",
        "CycleFailed",
    ]
    return {event.kind: event for event in [*made, *(end(kind) for kind in ends)]}
