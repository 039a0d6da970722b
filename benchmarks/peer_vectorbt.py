"""The breakout rule in vectorbt, for `make bench-filter`; runs in .venv-bench and answers each line with one.

    {"file": NPZ, "ks": [0.5]}  ->  {"ms": CPU milliseconds, "trades": [..], "total": [..], "lost": [ms, ..]}

It has one order a bar: a day that is entered in the bar that also closes the day before cannot be told to it.
Those entries are `lost` (of the first k), and taken out before it is asked.
"""

import json
import sys
import time
from typing import Any

import numpy as np
import pandas as pd
import vectorbt as vbt

Bars = dict[str, Any]  # a column's name -> numpy array
DAY_MS = 86_400_000
COST = {"fees": 0.0005, "slippage": 0.0005}


def signals(bars: Bars, ks: Any) -> tuple[Any, Any, Any, Any]:
    """Entries, exits and prices, (bars, ks) each; and which entries had to be left out."""
    day = bars["time"] // DAY_MS
    first = np.r_[True, day[1:] != day[:-1]]
    begins, nth = np.flatnonzero(first), np.cumsum(first) - 1
    high = np.maximum.reduceat(bars["high"], begins)
    reach = np.r_[np.nan, (high - np.minimum.reduceat(bars["low"], begins))[:-1]]
    target = (bars["open"][begins][:, None] + ks * reach[:, None])[nth]
    top = pd.Series(bars["high"]).groupby(nth).cummax().to_numpy()
    before = np.where(first, -np.inf, np.r_[-np.inf, top[:-1]])
    hit = (top[:, None] >= target) & (before[:, None] < target)
    hit[begins[-1] :] = False  # the last day has no exit
    traded = np.logical_or.reduceat(hit, begins)
    exits, lost, held = np.zeros_like(hit), np.zeros_like(hit), np.zeros(len(ks), bool)
    for nth_day, begin in enumerate(begins):
        exits[begin], lost[begin] = held, hit[begin] & held
        held = traded[nth_day] & ~lost[begin]
    entries, opened = hit & ~lost, bars["open"][:, None]
    return entries, exits, np.where(entries, np.maximum(target, opened), opened), lost


def call(bars: Bars, ks: Any) -> tuple[list[Any], Any]:
    entries, exits, price, lost = signals(bars, ks)
    played = vbt.Portfolio.from_signals(
        bars["close"][:, None], entries, exits, price=price, init_cash=1.0, freq="1h", **COST
    )
    trades = played.trades
    told = [np.atleast_1d(figure) for figure in (trades.count(), played.total_return(), trades.win_rate())]
    np.atleast_1d(played.max_drawdown())
    return told, lost


for line in sys.stdin:
    asked = json.loads(line)
    bars, ks = dict(np.load(asked["file"])), np.array(asked["ks"])
    began = time.process_time()
    (count, total, _), lost = call(bars, ks)
    ms = (time.process_time() - began) * 1000
    answer = {
        "ms": ms,
        "trades": [int(n) for n in count],
        "total": [float(share) for share in total],
        "lost": [int(at) for at in bars["time"][lost[:, 0]]],
    }
    print(json.dumps(answer), flush=True)
