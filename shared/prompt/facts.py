"""The packet of named facts: what the prompt shows is what a reply's evidence is checked against (pure)."""

from collections.abc import Iterator
from decimal import Decimal

from shared.events import FearGreed, Position, SignalPassed, SnapshotTaken
from shared.indicators import latest
from shared.prompt.charts import WARM_UP, Charts, charts
from shared.prompt.evidence import EvidenceName
from shared.types import slot_time, split_cycle

__all__ = ["EvidenceName", "facts"]

SMOOTHED = ("rsi", "macd", "atr", "ema")  # not told before the chart is warm
NOT_TOLD = ("bollinger_middle",)  # it is sma_20


def facts(snapshot: SnapshotTaken, signal: SignalPassed, opened: Charts | None = None) -> dict[EvidenceName, float]:
    """Every fact that is defined, in the unit `evidence.unit_of` names; an undefined one is left out.

    opened: the snapshot's charts, where they are open already. Values are rounded as they are shown.
    """
    found = {
        **dict(_market(snapshot)),
        **dict(_safety(snapshot)),
        **dict(_gate(signal)),
        **dict(_portfolio(snapshot)),
        **dict(_indicators(opened or charts(snapshot))),
    }
    return {EvidenceName(name): tidy(float(value)) for name, value in found.items() if value is not None}


def tidy(value: float) -> float:
    """Six digits that count, or whole numbers from a million up."""
    return float(round(value)) if abs(value) >= 1e6 else float(f"{value:.6g}")


_Named = Iterator[tuple[str, float | Decimal | None]]


def _market(snapshot: SnapshotTaken) -> _Named:
    best, levels = snapshot.book.levels[0], snapshot.book.levels
    bids = sum(level.bid_price * level.bid_size for level in levels)
    asks = sum(level.ask_price * level.ask_size for level in levels)
    yield "price", snapshot.price
    yield "spread", (best.ask_price - best.bid_price) / best.bid_price
    yield "bid_depth", Decimal(bids)
    yield "ask_depth", Decimal(asks)
    if bids + asks:
        yield "book_imbalance", Decimal(bids - asks) / (bids + asks)
    if isinstance(snapshot.fear_greed, FearGreed):
        yield "fear_greed", snapshot.fear_greed.value


def _safety(snapshot: SnapshotTaken) -> _Named:
    risk, crash = snapshot.safety.market_risk, snapshot.safety.flash_crash
    yield "btc_correlation", risk.correlation
    yield "btc_beta", risk.beta
    yield "btc_change_1h", risk.btc_change_1h
    yield "btc_change_24h", risk.btc_change_24h
    yield "btc_volatility", risk.btc_volatility
    yield "crash_fall", crash.fall
    yield "crash_sigma", crash.sigma


def _gate(signal: SignalPassed) -> _Named:
    report = signal.report
    yield "gate_win_rate", report.win_rate
    yield "gate_drawdown", report.drawdown
    yield "gate_trades", report.trades
    yield "gate_expectancy", report.expectancy
    yield "gate_total_return", report.total_return


def _portfolio(snapshot: SnapshotTaken) -> _Named:
    yield "krw_free", snapshot.balances.krw_free
    yield "coin_free", snapshot.balances.coin_free
    if snapshot.position is not None and snapshot.position.volume > 0:
        yield from _position(snapshot.position, snapshot)


def _position(held: Position, snapshot: SnapshotTaken) -> _Named:
    yield "position_volume", held.volume
    yield "position_cost", held.cost
    yield "position_price", held.cost / held.volume
    if held.cost:
        yield "position_return", snapshot.price * held.volume / held.cost - 1
    if held.opened_by is not None:
        opened = slot_time(split_cycle(held.opened_by)[1])
        yield "position_age", (snapshot.at - opened).total_seconds() / 3600


def _indicators(opened: Charts) -> _Named:
    for unit, candles in opened.by_unit():
        left_out = NOT_TOLD if len(candles) >= WARM_UP else (*NOT_TOLD, *SMOOTHED)
        for row in latest(candles):
            yield from ((f"{name}_{unit}", value) for name, value in row.items() if not name.startswith(left_out))
