"""The prompt's sections; whatever came from outside enters as a number or out of a closed list (pure).

No text of the exchange, the index or an earlier reply is put in: a label, a reason or an error name could
tell the model what to do.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

import polars as pl

from services.analyst.core import verdict
from services.analyst.core.charts import UNITS, Charts
from services.analyst.core.codes import VOTES, code
from services.analyst.core.evidence import EvidenceName, unit_of
from shared.events import DecisionMade, FearGreed, Objection, SignalPassed, SnapshotTaken
from shared.types import UtcTime, slot_time, split_cycle

HOUR = timedelta(hours=1)
NONE = "none"
FACTS = frozenset(EvidenceName)
EVIDENCE_MAX = 10  # of what an earlier reply cited


class Room(NamedTuple):
    """How much of what may be cut is shown."""

    minutes: int
    days: int
    hours: int
    levels: int
    past: int


# Tried in this order: the 15-minute chart gives way first, then days, hours, the order book, the last cycles.
ROOMS = (
    Room(32, 30, 48, 10, 5),
    Room(16, 30, 48, 10, 5),
    Room(8, 30, 48, 10, 5),
    Room(8, 14, 48, 10, 5),
    Room(8, 14, 24, 10, 5),
    Room(8, 14, 24, 5, 5),
    Room(8, 14, 24, 5, 2),
    Room(4, 7, 12, 3, 2),
)


def sections(
    snapshot: SnapshotTaken,
    signal: SignalPassed,
    opening: DecisionMade | None,
    seen: Charts,
    known: Mapping[EvidenceName, float],
    room: Room,
) -> dict[str, str]:
    """Each section's text by its name in the template."""
    tell = _Teller(snapshot.market.removeprefix("KRW-"), known)
    return {
        "market": snapshot.market,
        "coin": tell.coin,
        "at": _time(snapshot.at),
        "price": tell("price"),
        "may_buy": _may_buy(signal, snapshot),
        "day_chart": _chart(seen.day, room.days),
        "hour_chart": _chart(seen.hour, room.hours),
        "minute_chart": _chart(seen.minute, room.minutes),
        "indicators": _indicators(seen, tell),
        "book": _book(snapshot, room.levels, tell),
        "fear_greed": _fear_greed(snapshot, tell),
        "bitcoin": tell("btc_correlation", "btc_beta", "btc_change_1h", "btc_change_24h", "btc_volatility"),
        "safety": _safety(snapshot, tell),
        "balances_at": _time(snapshot.balances.at),
        "portfolio": tell("krw_free", "coin_free"),
        "position": _position(snapshot, opening, tell),
        "past": _past(snapshot, seen.hour, room.past),
        "days": str(signal.report.days),
        "gate": _gate(signal, tell),
    }


class _Teller:
    """Says facts by name, one a line, each with its unit."""

    def __init__(self, coin: str, known: Mapping[EvidenceName, float]) -> None:
        self.coin = coin
        self._known = known

    def __call__(self, *names: str) -> str:
        return "\n".join(self._line(EvidenceName(name)) for name in names)

    def of(self, unit: str) -> str:
        return "\n".join(self._line(name) for name in EvidenceName if name.endswith(f"_{unit}"))

    def _line(self, name: EvidenceName) -> str:
        if name not in self._known:
            return f"{name} = not defined"
        return f"{name} = {number(self._known[name])} {unit_of(name, self.coin)}"


def number(value: float, digits: int = 9) -> str:
    """Plain digits: 0.0000123, never 1.23e-05."""
    text = f"{value:.{digits}g}"
    return format(Decimal(text), "f") if "e" in text else text


def _time(at: UtcTime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _may_buy(signal: SignalPassed, snapshot: SnapshotTaken) -> str:
    block = verdict.buy_block(signal, snapshot)
    return "yes" if block is None else f"no ({code(block)}): a buy will be refused; answer sell or hold"


def _chart(candles: pl.DataFrame, rows: int) -> str:
    lines = [
        f"{opened:%Y-%m-%d %H:%M} {' '.join(number(price) for price in prices)} {number(volume, 6)}"
        for opened, *prices, volume in candles.tail(rows).iter_rows()
    ]
    return "\n".join(lines) or NONE


def _indicators(seen: Charts, tell: _Teller) -> str:
    parts = []
    for unit, candles in (("day", seen.day), ("hour", seen.hour), ("minute", seen.minute)):
        if candles.is_empty():
            parts.append(f"_{unit}: no such candles")
            continue
        end = candles["open_time"][-1] + timedelta(minutes=UNITS[unit])
        parts.append(f"_{unit}, of {candles.height} candles up to {end:%Y-%m-%d %H:%M} UTC:\n{tell.of(unit)}")
    return "\n\n".join(parts)


def _book(snapshot: SnapshotTaken, levels: int, tell: _Teller) -> str:
    rows = [
        f"{level.ask_price} {level.ask_size} | {level.bid_price} {level.bid_size}"
        for level in snapshot.book.levels[:levels]
    ]
    return "\n".join([tell("spread", "ask_depth", "bid_depth", "book_imbalance"), *rows])


def _fear_greed(snapshot: SnapshotTaken, tell: _Teller) -> str:
    index = snapshot.fear_greed
    if not isinstance(index, FearGreed):
        return NONE
    return f"{tell('fear_greed')}, {_mood(index.value)}, of {index.at:%Y-%m-%d}"


def _mood(value: int) -> str:
    """The index's own words for its ranges."""
    for up_to, word in ((25, "extreme fear"), (46, "fear"), (54, "neutral"), (75, "greed")):
        if value <= up_to:
            return word
    return "extreme greed"


def _safety(snapshot: SnapshotTaken, tell: _Teller) -> str:
    crash, turn = snapshot.safety.flash_crash, snapshot.safety.rsi_divergence
    lines = [
        f"market risk (Bitcoin): {snapshot.safety.market_risk.level}",
        f"flash crash on {crash.unit_min}-minute candles: {crash.state}",
        tell("crash_fall", "crash_sigma"),
        f"RSI divergence on hours: {turn.kind}",
        f"exchange's delisting warning: {'yes' if snapshot.warning else 'no'}",
    ]
    if crash.at is not None:
        lines.insert(2, f"low of the crash: {crash.at:%Y-%m-%d %H:%M} UTC")
    if turn.first_at is not None and turn.second_at is not None:
        lines.insert(-1, f"its points: {turn.first_at:%Y-%m-%d %H:%M} and {turn.second_at:%Y-%m-%d %H:%M} UTC")
    return "\n".join(lines)


def _position(snapshot: SnapshotTaken, opening: DecisionMade | None, tell: _Teller) -> str:
    if not verdict.holds(snapshot):
        return f"{NONE}: there is nothing to sell"
    names = ("position_volume", "position_cost", "position_price", "position_return", "position_age")
    return "\n".join([tell(*names), "", *_why_opened(opening, tell.coin)])


def _why_opened(opening: DecisionMade | None, coin: str) -> Iterator[str]:
    if opening is None:
        yield "why it was bought: not on record"
        return
    opened = slot_time(opening.slot)
    sure = f", confidence {opening.confidence}" if opening.confidence else ""
    yield f"why it was bought, {opened:%Y-%m-%d %H:%M} UTC at {number(float(opening.price))} KRW:"
    yield f"{opening.analyst} analyst, {code(opening.reason_code)}{sure}"
    for vote in opening.votes:
        if vote.name in VOTES:
            yield f"then the vote of {vote.name} was {vote.vote:+d} at {number(vote.value, 6)}"
    for fact in opening.call.evidence[:EVIDENCE_MAX] if opening.call else ():
        if fact.name in FACTS:
            yield f"then {fact.name} was {number(fact.value)} {unit_of(EvidenceName(fact.name), coin)}"


def _past(snapshot: SnapshotTaken, hours: pl.DataFrame, cycles: int) -> str:
    """Each with the price of then, the close of the hour that ended at its slot, and what came of it."""
    if not snapshot.past:
        return NONE
    close = dict(zip(hours["open_time"].to_list(), hours["close"].to_list(), strict=True))
    lines = []
    for past in snapshot.past[:cycles]:
        at = slot_time(split_cycle(past.cycle)[1])
        line = f"{at:%Y-%m-%d %H:%M} UTC: {past.decision}, {code(past.end)}, {code(past.reason_code)}"
        then = close.get(at - HOUR)
        if then is not None:
            since = float(snapshot.price) / then - 1
            line += f"; price then {number(then)} KRW, since then {number(since, 4)} share"
        lines.append(line)
    return "\n".join(lines)


def _gate(signal: SignalPassed, tell: _Teller) -> str:
    names = ("gate_win_rate", "gate_drawdown", "gate_trades", "gate_expectancy", "gate_total_return")
    said = "passed" if not signal.objections else "not passed" + (": exit only" if signal.exit_only else "")
    return "\n".join([f"verdict: {said}", tell(*names), *_objections(signal.objections)])


def _objections(objections: Sequence[Objection]) -> Iterator[str]:
    for no in objections:
        unit = "trades" if no.code == "TRADES" else "share"
        yield f"objection {no.code}: {number(no.value, 6)} {unit}, limit {number(no.limit, 6)} {unit}"
