"""Valid things with one change: `decision(decision="sell")`."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from shared import events as ev
from shared.candle_arrays import NO_CANDLES, CandleArrays
from shared.candle_frame import CandleFrame, CandleWindow
from shared.catalogue import panic, risk
from shared.events.control import control_id
from shared.reason import Figure
from shared.services import READERS
from shared.types import cycle_id, slot_name

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


LATE_BY_4_MIN = {"reason_code": "LATE_START", "figures": (Figure(name="late", value="240", unit="seconds"),)}


def missed(**changes: Any) -> ev.CycleMissed:
    return ev.CycleMissed(**{"cycle": CYCLE, "reason": "late"} | LATE_BY_4_MIN | changes)


def sale_due(**changes: Any) -> ev.SaleDue:
    fields: dict[str, Any] = {
        "cycle": "KRW-ETH-20260105T031502Z-sale",
        "by": "page",
        "at": AT + timedelta(minutes=15, seconds=20),
        "price": Decimal(4_000_000),
        "position": position(opened_by=CYCLE),
    }
    return ev.SaleDue(**fields | changes)


def exit_due(**changes: Any) -> ev.ExitDue:
    fields: dict[str, Any] = {
        "cycle": "KRW-ETH-20260105T031500Z-exit",
        "rule": "stop_loss",
        "at": AT + timedelta(minutes=15),
        "price": Decimal(3_800_000),
        "peak": Decimal(4_050_000),
        "limit": Decimal("0.05"),
        "position": position(opened_by=CYCLE),
        "reason": "손절: 가격 3,800,000원이 매입가보다 5.05 % 낮음 (한도 5.00 %)",
        "settings": {"EXIT_STOP_LOSS": "0.05"},
        "settings_digest": "0123456789abcdef",
        "code": "0.1.0+0123456789ab",
    }
    return ev.ExitDue(**fields | changes)


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
    return CandleFrame.pack([(window, CandleArrays.of(hours)), (absent, NO_CANDLES)])


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
        "fear_greed": ev.Absent(absent="", reason_code="FEAR_GREED_OF_TAPE"),
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


def found(**changes: Any) -> ev.OrderFound:
    fields = {
        "cycle": CYCLE,
        "client_order_id": changes.get("cycle", CYCLE),
        "exchange_order_id": "order-1",
        "side": "buy",
        "state": "cancel",
        "is_open": False,
        "executed": Decimal("0.0125"),
        "ordered_at": AT,
        "at": AT + timedelta(minutes=30),
        "log_says": "",
    }
    return ev.OrderFound(**fields | changes)


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


def model_call(**changes: Any) -> ev.ModelCall:
    fields = {
        "model": "gpt-4.1",
        "api": "chat",
        "served_by": "gpt-4.1-2025-04-14",
        "prompt_version": "v1",
        "prompt_sha256": "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",
        "code": "LLM_ANSWERED",
        "detail": "",
        "finish": "stop",
        "reply": '{"decision":"buy","confidence":"high","reason":"RSI 과매도 구간 진입",'
        '"evidence":[{"name":"rsi_hour","value":24.5}]}',
        "evidence": (ev.Evidence(name="rsi_hour", value=24.5),),
        "tokens_in": 5200,
        "tokens_out": 90,
        "tokens_cached": 1024,
        "cost_usd": Decimal("0.009584"),
        "cost_krw": Decimal("14.376"),
        "billed": True,
        "tariff": ev.Tariff(
            usd_in=Decimal("2.00"), usd_cached=Decimal("0.50"), usd_out=Decimal("8.00"), krw_per_usd=Decimal(1500)
        ),
    }
    return ev.ModelCall(**fields | changes)


def lost_calls(calls: int = 1) -> ev.LostCalls:
    """At the worst of a prompt of 5,300 tokens."""
    usd, krw = calls * Decimal("0.0426"), calls * Decimal("63.9")
    return ev.LostCalls(calls=calls, cost_usd=usd, cost_krw=krw, tariff=model_call().tariff)


def decided(**changes: Any) -> list[ev.Event]:
    """A decision, and behind it what the executor hears of it."""
    said = decision(**changes)
    heard = READERS["executor"].hears[0]
    if isinstance(said, heard):
        return [said]
    told = {name: getattr(said, name) for name in said.model_fields_set}
    return [said, examples()[heard.__name__].model_copy(update=told)]


def asked(**changes: Any) -> ev.DecisionMade:
    """A decision of the model's."""
    said = {"analyst": "model", "reason_code": "LLM_BUY", "votes": (), "call": model_call()}
    return decision(**said | changes)


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


def sale_step(**changes: Any) -> ev.SaleStep:
    fields = {
        "wanted": Decimal("0.0125"),
        "left": Decimal("0.0075"),
        "best": Decimal(4_000_000),
        "worst": Decimal(3_850_000),
        "limit": Decimal("0.05"),
        "cut": "slippage",
    }
    return ev.SaleStep(**fields | changes)


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


def job_switched(**changes: Any) -> ev.JobSwitched:
    fields = {"command": "pause_job", "job": "daily_report_job", "id": "20260105T030012123Z", "by": "api", "at": AT}
    return ev.JobSwitched(**fields | changes)


def log_opened(**changes: Any) -> ev.LogOpened:
    return ev.LogOpened(**{"installation": "0123456789abcdef", "mode": "paper", "at": AT} | changes)


def log_accepted(**changes: Any) -> ev.LogAccepted:
    return ev.LogAccepted(**{"id": "20260105T030012123Z", "end": 60, "by": "owner", "at": AT} | changes)


PANIC_ID = control_id(AT)


def panic_due(**changes: Any) -> ev.PanicDue:
    return ev.PanicDue(**{"id": PANIC_ID, "by": "page", "at": AT, "sell": True} | changes)


def panic_ended(**changes: Any) -> ev.PanicEnded:
    """Of which one market was sold, and another not."""
    eth = {"volume": "0.0125 ETH", "price": Decimal(3_999_000), "funds": Decimal("49987.5")}
    fields: dict[str, Any] = {
        "id": PANIC_ID,
        "by": "page",
        "at": AT + timedelta(seconds=9),
        "sell": True,
        "notes": (
            ev.PanicNote.of("", panic.PAUSED.because()),
            ev.PanicNote.of("KRW-BTC", panic.IN_DOUBT.because()),
            ev.PanicNote.of("KRW-ETH", panic.SOLD.because(eth)),
        ),
        "undone": (ev.PanicNote.of("KRW-BTC", panic.STILL_HELD.because({"volume": "0.0001 BTC"})),),
    }
    return ev.PanicEnded(**fields | changes)


def valuation_due(at: datetime = AT, **changes: Any) -> ev.ValuationDue:
    return ev.ValuationDue(**{"slot": slot_name(at), "slot_at": at, "markets": ("KRW-ETH",)} | changes)


def valued(at: datetime = AT, **changes: Any) -> ev.PortfolioValued:
    eth = {"market": "KRW-ETH", "volume": Decimal("0.0125"), "price": Decimal(4_100_000), "value": Decimal(51_250)}
    fields = {"slot": slot_name(at), "at": at, "krw": Decimal("949975"), "holdings": (ev.Holding(**eth),)}
    return ev.PortfolioValued(**fields | {"total": Decimal("1001225")} | changes)


def differing(**changes: Any) -> ev.PortfolioValued:
    """A valuation whose coins no fill explains."""
    (coin,) = valued().holdings
    differs = {"others": Decimal("-0.0025"), "shortfall": Decimal("0.0025")}
    return valued(holdings=(coin.model_copy(update=differs | changes),))


REPORT_AT = datetime(2026, 1, 6, 0, tzinfo=UTC)  # 09:00 in Seoul


def report_due(at: datetime = REPORT_AT, **changes: Any) -> ev.ReportDue:
    """Over the day before in Seoul: from 15:00 UTC two days ago."""
    day = {"from_at": at - timedelta(hours=33), "to_at": at - timedelta(hours=9)}
    fields = {"slot": slot_name(at), "slot_at": at, "markets": ("KRW-ETH",), "interval_min": 60}
    return ev.ReportDue(**fields | day | changes)


def report_ready(**changes: Any) -> ev.ReportReady:
    due = report_due()
    fields: dict[str, Any] = {
        "slot": due.slot,
        "day": date(2026, 1, 5),
        "from_at": due.from_at,
        "to_at": due.to_at,
        "trades": 2,
        "buys": 1,
        "sells": 1,
        "volume": Decimal(101_000),
        "fees": Decimal("50.5"),
        "profit_loss": Decimal("949.5"),
        "profit_rate": 0.018,
        "unrealised": Decimal("-320"),
        "current_value": Decimal(1_000_629),
        "valued_at": REPORT_AT,
        "cycles": 23,
        "failed": 1,
        "gate_passed": 2,
        "gate_exit_only": 1,
        "gate_rejected": 19,
        "gate_distance": 0.1025,
        "decisions": {"buy": 1, "sell": 1, "hold": 1},
        "model_calls": 3,
        "model_cost": Decimal("41.7"),
        "missed": (ev.MissedHour(market="KRW-ETH", slot_at=AT, cause="late", **LATE_BY_4_MIN),),
    }
    return ev.ReportReady(**fields | changes)


def examples() -> dict[str, ev.Event]:
    """One of every kind of event."""
    made: list[ev.Event] = [
        due(), missed(), exit_due(), snapshot(), passed(), rejected(), asked(), intent(), fill(), found(), settled(),
        control(), job_switched(), valuation_due(), differing(), report_due(), report_ready(), log_opened(),
        log_accepted(), sale_due(), panic_due(), panic_ended(),
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
    wide = risk.SPREAD_TOO_WIDE.because({"spread": Decimal("0.0071"), "limit": Decimal("0.005")})
    kept: dict[str, dict[str, Any]] = {"OrderDenied": wide.fields()}
    return {event.kind: event for event in [*made, *(end(kind, **kept.get(kind, {})) for kind in ends)]}
