"""The rules-only analyst on a handful of hours, as a table a person has read."""

from datetime import UTC, datetime, timedelta

import polars as pl

from services.analyst.core.rules import opinion
from shared.candle_arrays import CandleArrays
from shared.candles import SCHEMA
from shared.catalogue import sentence
from tests.support.golden import assert_golden
from tests.support.shapes import BREAK, DIP, NO_DAYS, RALLY, WAVE, window

HOURS = (
    ("KRW-ETH", "2023-12-03T21:00Z", "after five hours of maintenance"),
    ("KRW-ETH", "2024-03-05T20:00Z", "a fall from the year's high"),
    ("KRW-ETH", "2024-05-20T20:00Z", "the rally of the ETF"),
    ("KRW-ETH", "2024-08-05T06:00Z", "the world's markets fall"),
    ("KRW-ETH", "2024-10-10T12:00Z", "a quiet day"),
    ("KRW-ETH", "2024-12-03T14:00Z", "the flash crash: its hour has just closed"),
    ("KRW-ETH", "2024-12-03T15:00Z", "an hour later"),
    ("KRW-BTC", "2024-11-11T22:00Z", "a rally"),
    ("KRW-BTC", "2024-08-05T06:00Z", "the world's markets fall"),
)
SHAPES = (
    ("a dip", window(DIP, last_volume=3.0), NO_DAYS),
    ("a rally", window(RALLY, last_volume=3.0), NO_DAYS),
    ("a dip in a market that rises", window(DIP), window([500] * 20, unit=timedelta(days=1))),
    ("the hour that breaks the trend", window(BREAK[:-2]), NO_DAYS),
    ("nothing happens", window(WAVE), window([1000] * 20, unit=timedelta(days=1))),
    ("99 candles", window(DIP)[:99], NO_DAYS),
)


def row(name, hours, days):
    told = opinion(hours, days)
    votes = [f"    {vote.name:<11}{vote.value:>12.4f}  {vote.vote:2d}" for vote in told.votes]
    sure = told.confidence or "-"
    return "\n".join([name, *votes, f"    => {told.decision}, {sure}, {told.why.code}: {sentence(told.why, 'ko')}", ""])


def test_shapes_get_these_votes():
    assert_golden("votes/shapes.txt", "\n".join(row(*shape) for shape in SHAPES))


def test_real_hours_get_these_votes(data_dir):
    def seen(market, unit, at):
        read = pl.read_parquet(data_dir / "candles" / f"upbit_{market}_{unit}_2023-07_2024-12.parquet")
        closed = at - timedelta(hours=1 if unit == "1h" else 24)
        frame = read.rename({"ts": "open_time"}).select(SCHEMA.names())
        return CandleArrays.of(frame.filter(pl.col("open_time") <= closed).tail(200))

    rows = []
    for market, text, what in HOURS:
        at = datetime.fromisoformat(text).astimezone(UTC)
        rows.append(row(f"{market} {text}, {what}", seen(market, "1h", at), seen(market, "1d", at)))
    assert_golden("votes/real.txt", "\n".join(rows))
