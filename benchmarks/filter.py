"""The filter's year against its bars and against vectorbt: `make bench-filter`. Exits with 1 beyond one of them.

CPU milliseconds, medians of interleaved rounds, on a made-up year that is the same everywhere. Every figure is
taken only after what it computes was held against the rule played on its own, and vectorbt's trades against ours.
"""

import asyncio
import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import polars as pl

from benchmarks.figures import Figure, Found
from benchmarks.run import NotHere, run
from services.filter.adapters.archived_years import ArchivedYears
from services.filter.core.breakout import breakout_trades, report
from services.filter.core.daily_inputs import ParameterGrid, daily_inputs
from services.filter.core.days import Year, history_of, whole, year_before
from services.filter.core.gate import StrategyGate, objections
from services.filter.core.hours import HOUR_MS
from services.filter.core.sweep import gains, scores
from shared.candles import SCHEMA, check
from shared.events import BacktestReport
from shared.history.months import by_month, pack_month
from tests.support.histories import kept

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
TIMES_MIN = {  # faster than vectorbt, in its row
    "filter call, a year of hours": ("vectorbt, a year of hours", 10.0),
    "1,000 settings, a year of hours": ("vectorbt, 1,000 settings", 5.0),
}
PEER = Path(".venv-bench/bin/python")

FIRST_CALL = """
import time; began = time.process_time()
import sys
from pathlib import Path
from services.filter.core.breakout import breakout_trades, report
from services.filter.core.days import history_of, whole
from services.filter.core.gate import StrategyGate, objections
from shared.history.months import unpack_month
imported = time.process_time()
year = whole(history_of(unpack_month(Path(sys.argv[1]).read_bytes())))
trades = breakout_trades(year, k=0.5, fee_rate=0.0005, slippage=0.0005)
objections(report([trade.net_return for trade in trades], year), StrategyGate())
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
    objections(told, StrategyGate())
    return told


def sweep(candles: pl.DataFrame) -> pl.DataFrame:
    grid = ParameterGrid(KS)
    seen = daily_inputs(candles, grid)
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


class Vectorbt:
    """vectorbt in its own venv and process: numba compiles at its first call, which is not counted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            [str(PEER), "benchmarks/peer_vectorbt.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def file(self, name: str, candles: pl.DataFrame) -> str:
        path = self._folder / f"{name}.npz"
        columns: dict[str, Any] = {column: candles[column].to_numpy() for column in ("open", "high", "low", "close")}
        np.savez(path, time=candles["open_time"].to_physical().to_numpy(), **columns)
        return str(path)

    def ask(self, file: str, ks: list[float]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps({"file": file, "ks": ks}), file=self._process.stdin, flush=True)
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return told

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def same_trades(year: Year, told: dict[str, Any]) -> str:
    """Hold vectorbt's result against the rule's, without the trades that it cannot play; name those."""
    trades = breakout_trades(year, k=K, **COSTS)
    lost = {at: trade for trade in trades if (at := trade.entry_time) in told["lost"]}
    left = [trade.net_return for trade in trades if trade.entry_time not in lost]
    assert told["trades"] == [len(left)], (told["trades"], len(left))
    assert abs(told["total"][0] - (math.prod(1 + net for net in left) - 1)) < 1e-9
    days = ", ".join(f"{datetime.fromtimestamp(at / 1000, UTC):%m-%d}" for at in lost)
    return f"{len(left)} of {len(trades)} trades; it has one order a bar and loses {len(lost)} re-entries: {days}"


def measured(work: dict[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, float]:
    """Medians, taking turns, because a machine's mood changes within seconds. What gives a float was measured there."""
    took: dict[str, list[float]] = {name: [] for name in work}
    for turn in range(rounds + 2):
        for name, one in work.items():
            began = time.process_time()
            said = one()
            ms = said if isinstance(said, float) else (time.process_time() - began) * 1000
            del said  # or letting it go is on the next one's bill
            if turn >= 2:  # the first two warm up
                took[name].append(ms)
    return {name: statistics.median(each) for name, each in took.items()}


def new_hour(candles: pl.DataFrame) -> Callable[[], object]:
    """The whole of the filter's call in the first cycle of an hour: one month is new, the others are held."""
    loop = asyncio.new_event_loop()
    archive, _ = loop.run_until_complete(kept(candles.head(len(candles) - ROUNDS - 8)))
    years, grown = ArchivedYears(archive), []
    for missing in range(ROUNDS + 7, -1, -1):
        base = loop.run_until_complete(archive.newest("KRW-ETH"))
        frame = candles.head(len(candles) - missing)
        edition = loop.run_until_complete(archive.revise("KRW-ETH", base, by_month(frame.tail(24 * 31))))
        grown.append((edition.digest, edition.manifest.ends, edition.manifest.months[-1].digest))
    turns = iter(grown)

    def one() -> object:
        digest, at, newest = next(turns)
        archive._months.pop(newest, None)
        return call(loop.run_until_complete(years.year_before("KRW-ETH", at, digest)))

    return one


def find() -> Found:
    if not PEER.exists():
        raise NotHere("vectorbt is not installed; `make bench-filter` does it")
    hours, minutes = walk(HOUR, 0.003), walk(MINUTE, 0.0004)
    must_agree(hours)
    by_hour, by_minute = history_of(hours), history_of(minutes, unit=MINUTE)
    at = by_hour.time[-1] + HOUR_MS
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        peer = Vectorbt(Path(folder))
        peer_hours, peer_minutes = peer.file("hours", hours), peer.file("minutes", minutes)
        agreed = same_trades(whole(by_hour), peer.ask(peer_hours, [K]))
        same_trades(whole(by_minute), peer.ask(peer_minutes, [K]))
        file = Path(folder) / "year.parquet"
        file.write_bytes(pack_month(hours))
        found = measured(
            {
                "filter call, a year of hours": lambda: call(year_before(by_hour, at)),
                "vectorbt, a year of hours": lambda: peer.ask(peer_hours, [K])["ms"],
                "filter call, a year of minutes": lambda: call(year_before(by_minute, at)),
                "vectorbt, a year of minutes": lambda: peer.ask(peer_minutes, [K])["ms"],
                "filter call in a new hour": new_hour(hours),
                "day rows of a year of hours": lambda: history_of(hours),
                "day rows of a year of minutes": lambda: history_of(minutes, unit=MINUTE),
                "1,000 settings, a year of hours": lambda: sweep(hours),
            }
        )
        # Four seconds a turn: too long to take turns with.
        found |= measured({"vectorbt, 1,000 settings": lambda: peer.ask(peer_hours, KS)["ms"]}, rounds=3)
        peer.close()
        fresh = [sys.executable, "-c", FIRST_CALL, str(file)]
        told = subprocess.run(fresh, capture_output=True, text=True, check=True).stdout
    one = call(year_before(by_hour, at))
    print(f"{one.trades} trades, won {one.win_rate:.4f}, total {one.total_return:+.6f}; CPU ms, medians")
    print(f"vectorbt has the same {agreed}")
    imports, first = map(float, told.split())
    found |= {"first call in a new process": first, "imports of a new process": imports}
    figures = [Figure(name=name, value=ms, unit="ms", bar=BARS_MS.get(name)) for name, ms in found.items()]
    for name, (peer_name, least) in TIMES_MIN.items():
        times = found[peer_name] / found[name]
        figures.append(Figure(name=f"{name}, against", value=times, unit="times vectorbt", bar=least, bar_is="least"))
    return Found(figures=tuple(figures))


if __name__ == "__main__":
    run(find)
