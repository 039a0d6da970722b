"""The filter's year against its bars: `make bench-filter`. Exits with 1 above one of them.

CPU milliseconds, medians of interleaved rounds, on a made-up year that is the same everywhere. Every figure is
taken only after what it computes was held against the rule played on its own.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import polars as pl

from services.filter.core.breakout import breakout_trades, report
from services.filter.core.days import Year, history_of, whole, year_before
from services.filter.core.gate import Gate, objections
from services.filter.core.hours import HOUR_MS
from services.filter.core.sweep import Grid, courses, gains, scores
from shared.candles import SCHEMA, check
from shared.events import BacktestReport
from shared.history import history_digest, read_history

ROUNDS = 15
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
COSTS = {"fee_rate": 0.0005, "slippage": 0.0005}
K = 0.5
KS = [n * 0.0015 for n in range(1000)]
START = datetime(2025, 1, 1, tzinfo=UTC)
BARS_MS = {
    "filter call, a year of hours": 2.0,
    "filter call, a year of minutes": 5.0,
    "1,000 settings, a year of hours": 20.0,
}

FIRST_CALL = """
import time; began = time.process_time()
import sys
from pathlib import Path
from services.filter.core.breakout import breakout_trades, report
from services.filter.core.days import history_of, whole
from services.filter.core.gate import Gate, objections
from shared.history import read_history
imported = time.process_time()
year = whole(history_of(read_history(Path(sys.argv[1]))))
trades = breakout_trades(year, k=0.5, fee_rate=0.0005, slippage=0.0005)
objections(report([trade.net_return for trade in trades], year), Gate())
print((imported - began) * 1000, (time.process_time() - imported) * 1000)
"""


def walk(unit: timedelta, sigma: float) -> pl.DataFrame:
    """A year of candles by seed 1, one after another without a gap."""
    chance, price, rows = Random(1), 4_000_000.0, []
    for n in range(int(timedelta(days=365) / unit)):
        opened = price
        path = [opened] + [opened := opened * (1 + chance.gauss(0, sigma)) for _ in range(4)]
        price = path[-1]
        rows.append((START + n * unit, path[0], max(path), min(path), price, 1.0))
    return check(pl.DataFrame(rows, schema=SCHEMA, orient="row"), name="a made-up year")


def call(year: Year) -> BacktestReport:
    """What the handler does with a year."""
    trades = breakout_trades(year, k=K, **COSTS)
    told = report([trade.net_return for trade in trades], year)
    objections(told, Gate())
    return told


def sweep(candles: pl.DataFrame) -> pl.DataFrame:
    grid = Grid(KS)
    seen = courses(candles, grid)
    return scores(seen, grid, gains(seen, grid, **COSTS))


def must_agree(candles: pl.DataFrame) -> None:
    """Hold the sweep against the rule, setting by setting; the rule has its own slow twin in the tests."""
    year = whole(history_of(candles))
    for row in sweep(candles)[::50].to_dicts():
        trades = breakout_trades(year, k=row["k"], **COSTS)
        told = report([trade.net_return for trade in trades], year)
        assert row["trades"] == told.trades
        for name in ("win_rate", "total_return", "drawdown"):
            assert abs(row[name] - getattr(told, name)) < 1e-9, name


def measured(work: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Medians, taking turns, because a machine's mood changes within seconds."""
    took: dict[str, list[float]] = {name: [] for name in work}
    for turn in range(ROUNDS + 2):
        for name, run in work.items():
            began = time.process_time()
            run()
            if turn >= 2:  # the first two warm up
                took[name].append((time.process_time() - began) * 1000)
    return {name: statistics.median(each) for name, each in took.items()}


def main() -> int:
    hours, minutes = walk(HOUR, 0.003), walk(MINUTE, 0.0004)
    must_agree(hours)
    by_hour, by_minute = history_of(hours), history_of(minutes, unit=MINUTE)
    at = by_hour.time[-1] + HOUR_MS
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        file = Path(folder) / "KRW-ETH.parquet"
        hours.write_parquet(file)
        digest = history_digest(file)
        found = measured(
            {
                "filter call, a year of hours": lambda: call(year_before(by_hour, at)),
                "filter call, a year of minutes": lambda: call(year_before(by_minute, at)),
                "1,000 settings, a year of hours": lambda: sweep(hours),
                "  the same with a new file of hours": lambda: call(
                    whole(history_of(read_history(file, digest=digest)))
                ),
                "  of which reading and checking it": lambda: read_history(file, digest=digest),
                "  day rows of a year of hours": lambda: history_of(hours),
                "  day rows of a year of minutes": lambda: history_of(minutes, unit=MINUTE),
            }
        )
        fresh = [sys.executable, "-c", FIRST_CALL, str(file)]
        told = subprocess.run(fresh, capture_output=True, text=True, check=True).stdout
    one = call(year_before(by_hour, at))
    print(f"{one.trades} trades, won {one.win_rate:.4f}, total {one.total_return:+.6f}; CPU ms, median of {ROUNDS}")
    for name, ms in found.items():
        bar = f"   bar {BARS_MS[name]:g}" if name in BARS_MS else ""
        print(f"{name:<36}{ms:8.2f}{bar}")
    imports, first = map(float, told.split())
    print(f"{'first call in a new process':<36}{first:8.2f}   and {imports:.0f} for its imports")
    print("peers (vectorbt, backtesting.py) are not built in: no ratio is claimed")
    above = [name for name, bar in BARS_MS.items() if found[name] > bar]
    print(f"ABOVE THE BAR: {', '.join(above)}" if above else "within the bars")
    return 1 if above else 0


if __name__ == "__main__":
    sys.exit(main())
