"""The prompt's sections about the market: charts, indicators, order book, mood, safety checks (pure)."""

from datetime import timedelta

from shared.candle_arrays import CandleArrays
from shared.events import FearGreed, SnapshotTaken
from shared.prompt.charts import UNITS, Charts
from shared.prompt.fact_text import NONE, FactWriter, number
from shared.types import plain


def chart(candles: CandleArrays, rows: int) -> str:
    lines = [
        f"{opened:%Y-%m-%d %H:%M} {' '.join(number(price) for price in prices)} {number(volume, 6)}"
        for opened, *prices, volume in candles[-rows:].rows()
    ]
    return "\n".join(lines) or NONE


def indicators(charts: Charts, fact_lines: FactWriter) -> str:
    parts = []
    for unit, candles in charts.by_unit():
        if not len(candles):
            parts.append(f"_{unit}: no such candles")
            continue
        end = candles.opened_at(-1) + timedelta(minutes=UNITS[unit])
        parts.append(f"_{unit}, of {len(candles)} candles up to {end:%Y-%m-%d %H:%M} UTC:\n{fact_lines.of(unit)}")
    return "\n\n".join(parts)


def book(snapshot: SnapshotTaken, levels: int, fact_lines: FactWriter) -> str:
    rows = [
        f"{plain(level.ask_price)} {plain(level.ask_size)} | {plain(level.bid_price)} {plain(level.bid_size)}"
        for level in snapshot.book.levels[:levels]
    ]
    return "\n".join([fact_lines("spread", "ask_depth", "bid_depth", "book_imbalance"), *rows])


def fear_greed(snapshot: SnapshotTaken, fact_lines: FactWriter) -> str:
    index = snapshot.fear_greed
    if not isinstance(index, FearGreed):
        return NONE
    return f"{fact_lines('fear_greed')}, {_mood(index.value)}, of {index.at:%Y-%m-%d}"


def _mood(value: int) -> str:
    """The index's own words for its ranges."""
    for up_to, word in ((25, "extreme fear"), (46, "fear"), (54, "neutral"), (75, "greed")):
        if value <= up_to:
            return word
    return "extreme greed"


def safety(snapshot: SnapshotTaken, fact_lines: FactWriter) -> str:
    crash, turn = snapshot.safety.flash_crash, snapshot.safety.rsi_divergence
    lines = [
        f"market risk (Bitcoin): {snapshot.safety.market_risk.level}",
        f"flash crash on {crash.unit_min}-minute candles: {crash.state}",
        fact_lines("crash_fall", "crash_sigma"),
        f"RSI divergence on hours: {turn.kind}",
        f"exchange's delisting warning: {'yes' if snapshot.warning else 'no'}",
    ]
    if crash.at is not None:
        lines.insert(2, f"low of the crash: {crash.at:%Y-%m-%d %H:%M} UTC")
    if turn.first_at is not None and turn.second_at is not None:
        lines.insert(-1, f"its points: {turn.first_at:%Y-%m-%d %H:%M} and {turn.second_at:%Y-%m-%d %H:%M} UTC")
    return "\n".join(lines)
