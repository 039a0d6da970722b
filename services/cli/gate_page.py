"""The page of `upcycle gate --html`: one file with its data inside; it asks nobody for anything."""

import json
from importlib.resources import files
from itertools import chain
from typing import TYPE_CHECKING

from services.filter.core.hours import HOUR_MS, split

if TYPE_CHECKING:
    from services.cli.gate import View


def page(view: "View") -> str:
    """The template with the span's stretches for each k and the rule's trades within it."""
    last = view.span[-1]
    data = {
        "market": view.candles.market,
        "from": view.span[0].begin,
        "to": last.begin + last.hours * HOUR_MS,
        "k": view.rule.k,
        "gate": {
            "win": view.gate.win_rate_min,
            "drawdown": view.gate.drawdown_max,
            "trades": view.gate.trades_min,
            "expectancy": view.gate.expectancy_min,
        },
        # begin, hours, trades, win rate, drawdown, expectancy
        "stretches": {
            f"{k:g}": [
                [
                    s.begin,
                    s.hours,
                    s.report.trades,
                    _r(s.report.win_rate),
                    _r(s.report.drawdown),
                    _r(s.report.expectancy),
                ]
                for s in span
            ]
            for k, (span, _) in view.by_k.items()
        },
        "trades": {
            f"{k:g}": [[t.entry_time, _r(t.net_return)] for t in sorted(chain(*split(span, trades, view.gate)))]
            for k, (span, trades) in view.by_k.items()
        },
        "warnings": view.warnings,
    }
    template = files("services.cli").joinpath("gate.html").read_text(encoding="utf-8")
    return template.replace("{{DATA}}", json.dumps(data, ensure_ascii=False).replace("<", "\\u003c"))


def _r(share: float) -> float:
    return round(share, 9)
