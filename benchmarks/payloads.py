"""The fixed events that the benchmarked stages hand on, as large as real ones."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random

import polars as pl

from shared import events as ev
from shared.candle_arrays import CandleArrays
from shared.candle_frame import CandleFrame, CandleWindow
from shared.settings import Settings
from shared.types import cycle_id

START = datetime(2026, 1, 5, tzinfo=UTC)
_MARKETS = ("KRW-ETH", "KRW-BTC")
_UNITS_MIN = (1440, 60, 15)
_ROWS = 200
CYCLE = cycle_id("KRW-ETH", START)


def cycle(n: int) -> str:
    """The n-th cycle; each has a minute of its own."""
    return cycle_id("KRW-ETH", START + timedelta(minutes=n))


def due(n: int) -> ev.TradingDue:
    settings = Settings(_env_file=None)
    return ev.TradingDue(
        cycle=cycle(n),
        slot_at=START + timedelta(minutes=n),
        settings=settings.deciding(),
        settings_digest=settings.digest(),
        code="0.1.0+0123456789ab",
    )


def snapshot() -> ev.SnapshotTaken:
    zero = Decimal(0)
    levels = tuple(
        ev.BookLevel(
            ask_price=Decimal(4_000_000 + 1000 * n),
            ask_size=Decimal("0.51234567"),
            bid_price=Decimal(3_999_000 - 1000 * n),
            bid_size=Decimal("0.51234567"),
        )
        for n in range(15)
    )
    windows = [_window(market, unit_min) for market in _MARKETS for unit_min in _UNITS_MIN]
    risk = ev.MarketRisk(
        level="low", correlation=0.81, beta=1.12, btc_change_1h=0.0012, btc_change_24h=0.0131, btc_volatility=0.0042
    )
    crash = ev.FlashCrash(state="none", unit_min=15, fall=0.0123, sigma=1.53, volume_ratio=1.04)
    return ev.SnapshotTaken(
        cycle=CYCLE,
        at=START,
        price=Decimal(4_000_000),
        warning=False,
        book=ev.OrderBook(at=START, levels=levels),
        balances=ev.Balances(at=START, krw_free=Decimal(1_000_000), krw_locked=zero, coin_free=zero, coin_locked=zero),
        position=None,
        past=tuple(
            ev.PastCycle(cycle=cycle(n), end="OrderSkipped", decision="hold", reason_code="RULES_NO_MAJORITY")
            for n in range(5)
        ),
        fear_greed=ev.FearGreed(at=START, value=52, label="Neutral"),
        candles=CandleFrame.pack(windows),
        safety=ev.Safety(market_risk=risk, flash_crash=crash, rsi_divergence=ev.RsiDivergence(kind="none")),
        history_digest="0123456789abcdef",
    )


def signal() -> ev.SignalPassed:
    report = ev.BacktestReport(
        days=365, trades=219, win_rate=0.6028368794326241, total_return=0.39930649652904937,
        mean_return=0.0025817284278654685, expectancy=0.0025817284278654685, drawdown=0.16023813762748906,
        worst_trade=-0.06275992251068463, profit_factor=1.31234567, sharpe=1.12345678, buy_and_hold=0.41234567,
    )  # fmt: skip
    return ev.SignalPassed(cycle=CYCLE, report=report, exit_only=False)


def decision() -> ev.DecisionMade:
    names = ("rsi", "macd", "bollinger", "stochastic", "trend", "volume")
    return ev.DecisionMade(
        cycle=CYCLE,
        decision="hold",
        confidence=None,
        reason="뚜렷한 신호 없음 (RSI 63.6, 볼린저 %b 0.74, 스토캐스틱 62.7, 거래량 1.3배)",
        reason_code="RULES_NO_MAJORITY",
        analyst="rules",
        votes=tuple(ev.Vote(name=name, value=63.590945, vote=0) for name in names),
        price=Decimal(4_000_000),
    )


def skipped() -> ev.OrderSkipped:
    made = decision()
    return ev.OrderSkipped(
        cycle=CYCLE,
        stage="executor",
        decision="hold",
        reason=made.reason,
        reason_code=made.reason_code,
        price=made.price,
    )


def _window(market: str, unit_min: int) -> tuple[CandleWindow, CandleArrays]:
    """A seeded walk, whose digits compress as badly as real ones do."""
    chance = Random(f"{market} {unit_min}")
    prices = [4_000_000.0 if market == "KRW-ETH" else 140_000_000.0]
    for _ in range(_ROWS):
        prices.append(round(prices[-1] * (1 + chance.gauss(0, 0.0002 * unit_min**0.5)), -3))
    frame = pl.DataFrame(
        {
            "open_time": [START - timedelta(minutes=unit_min * (_ROWS - n)) for n in range(_ROWS)],
            "open": prices[:-1],
            "high": [max(pair) + 1000 * chance.randrange(9) for pair in pairwise(prices)],
            "low": [min(pair) - 1000 * chance.randrange(9) for pair in pairwise(prices)],
            "close": prices[1:],
            "volume": [round(chance.expovariate(0.01), 8) for _ in range(_ROWS)],
        },
        schema_overrides={"open_time": pl.Datetime("ms", "UTC")},
    )
    return CandleWindow(market=market, unit_min=unit_min, rows=_ROWS), CandleArrays.of(frame)


BY_STAGE = {"collector": snapshot, "filter": signal, "analyst": decision, "executor": skipped}
