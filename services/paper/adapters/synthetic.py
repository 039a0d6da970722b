"""A synthetic tape: seeded, hourly, KRW-BTC and KRW-ETH; never to be taken for real prices.

Only additions, products and quotients of stdlib random numbers, so it is the same on every machine.
Its mood goes round: calm, climb, calm, slide, plunge, recovery, so that an indicator that buys the
oversold and sells the overbought finds both every few days.
"""

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import polars as pl

from shared.candles import SCHEMA

SEED = 20260101
ANCHORS = {"KRW-BTC": 130_000_000.0, "KRW-ETH": 4_500_000.0}
BETA = {"KRW-BTC": 1.0, "KRW-ETH": 1.15}  # how strongly each follows the common mood
TURNOVER = {"KRW-BTC": 180.0, "KRW-ETH": 3500.0}  # coins in a calm hour
TICK = 1000  # of both: they stay above two million won
STEPS = 4  # moves within an hour
NOISE_COMMON, NOISE_OWN = 0.0032, 0.0018  # standard deviation of an hour's return
PULL = 0.0006  # share of the distance to the anchor given back each hour

# Mood: drift of an hour, shortest and longest stay in hours.
MOODS = (
    ("calm", 0.0, 6, 20),
    ("climb", 0.0011, 16, 34),
    ("calm", 0.0, 6, 18),
    ("slide", -0.0009, 10, 26),
    ("plunge", -0.0056, 5, 8),
    ("recovery", 0.0036, 7, 11),
)


def make_tape(start: datetime, days: int, seed: int = SEED) -> dict[str, pl.DataFrame]:
    """Hourly candles in `shared.candles.SCHEMA` by market, ascending, with the gaps of maintenance nights."""
    dice = Random(seed)
    prices = dict(ANCHORS)
    rows: dict[str, list[tuple[datetime, float, float, float, float, float]]] = {market: [] for market in ANCHORS}
    drift, closed = _moods(dice), _maintenance(dice)
    for hour in range(days * 24):
        at, mood = start + timedelta(hours=hour), next(drift)
        common = [_normal(dice) * NOISE_COMMON / STEPS**0.5 for _ in range(STEPS)]
        silent = closed(at)
        for market, anchor in ANCHORS.items():
            price = prices[market]
            path = [_tick(price)]
            pull = PULL * (anchor / price - 1) * 2
            for shared in common:
                own = _normal(dice) * NOISE_OWN / STEPS**0.5
                price *= 1 + BETA[market] * (mood / STEPS + shared) + own + pull / STEPS
                path.append(_tick(price))
            prices[market] = price
            busy = 1 + 150 * abs(path[-1] / path[0] - 1)
            volume = round(TURNOVER[market] * busy * (0.5 + dice.random()), 8)
            if not silent:
                rows[market].append((at, path[0], max(path), min(path), path[-1], volume))
    return {market: pl.DataFrame(of, schema=SCHEMA, orient="row") for market, of in rows.items()}


def write_tape(tape: dict[str, pl.DataFrame], folder: Path, seed: int = SEED) -> list[Path]:
    """Write `<folder>/<MARKET>.parquet`, marked as synthetic; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for market, candles in tape.items():
        files.append(folder / f"{market}.parquet")
        half = files[-1].with_suffix(".part")
        candles.write_parquet(half, metadata={"market": market, "synthetic": "true", "seed": str(seed)})
        os.replace(half, files[-1])
    return files


def _moods(dice: Random) -> Iterator[float]:
    while True:
        for _, drift, shortest, longest in MOODS:
            stay = shortest + int(dice.random() * (longest - shortest + 1))
            yield from (drift for _ in range(stay))


def _maintenance(dice: Random) -> Callable[[datetime], bool]:
    """Say of each hour whether the exchange stood still: three hours of about every 30th night in Seoul."""
    nights: dict[int, bool] = {}

    def closed(at: datetime) -> bool:
        night = at.toordinal()
        if night not in nights:
            nights[night] = dice.random() < 1 / 30
        return 17 <= at.hour < 20 and nights[night]

    return closed


def _normal(dice: Random) -> float:
    """Near enough to a standard normal: six uniform numbers, no logarithm whose last digit differs between machines."""
    roll = dice.random
    # Not sum(): from Python 3.12 on it rounds otherwise.
    return (roll() + roll() + roll() + roll() + roll() + roll() - 3.0) * 1.4142135623730951


def _tick(price: float) -> float:
    return float(round(price / TICK) * TICK)
