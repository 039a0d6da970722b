"""How often the flash crash check would have spoken over 18 real months: `make bench-alarms`; 1 above two a month.

The recorded candles are no part of the project: UPCYCLE_DATA_DIR names their folder.
"""

import os
from collections import Counter
from datetime import timedelta
from pathlib import Path

import polars as pl

from benchmarks.figures import Figure, Found
from benchmarks.run import NotHere, run
from shared.candles import check
from tests.support.alarms import SIGMA, alarms

DATA = Path(os.environ.get("UPCYCLE_DATA_DIR", Path(__file__).parents[2] / "shared" / "data")) / "candles"
A_MONTH_MAX = 2
DEEP = 0.10  # an hour that fell so far below the close before is no false alarm
DAY = timedelta(days=1)
HISTORIES = (
    ("KRW-ETH hours", "upbit_KRW-ETH_1h_2023-07_2024-12.parquet", 60),
    ("KRW-BTC hours", "upbit_KRW-BTC_1h_2023-07_2024-12.parquet", 60),
    ("KRW-ETH quarter-hours", "upbit_KRW-ETH_15m_2024.parquet", 15),
)


def find() -> Found:
    if not DATA.is_dir():
        raise NotHere("no recorded candles stand here; UPCYCLE_DATA_DIR names their folder")
    rates = []
    for name, file, unit_min in HISTORIES:
        candles = check(pl.read_parquet(DATA / file).rename({"ts": "open_time"}), name=file)
        found = alarms(candles, unit_min=unit_min)
        apart = [alarm for alarm in found if alarm.silence >= DAY]
        months = candles["open_time"].dt.strftime("%Y-%m").n_unique()
        rate = len([a for a in found if a.drop < DEEP]) / months
        rates.append(Figure(name=name, value=rate, unit="a month", bar=A_MONTH_MAX))
        busiest = max(Counter(f"{alarm.opened_at:%Y-%m}" for alarm in apart).values())
        print(f"\n{name}, {months} months, {SIGMA:g} deviations: {len(found)} alarms, {rate:.1f} a month")
        print(f"without those within a day of the one before: {len(apart)}, at most {busiest} in a month")
        for alarm in found:
            crash, mark = alarm.crash, "  at least 10 % under the close before" if alarm.drop >= DEEP else ""
            print(
                f"  {alarm.opened_at:%Y-%m-%d %H:%M}  {crash.state:<9}  -{crash.fall:5.1%}"
                f"  {crash.sigma:5.1f} deviations  volume x{crash.volume_ratio or 0:4.1f}{mark}"
            )
    return Found(figures=tuple(rates))


if __name__ == "__main__":
    run(find)
