"""The page of `upcycle gate --html`: one file with its data inside; it asks nobody for anything."""

import json
from importlib.resources import files
from itertools import chain

from services.cli.research.gate_view import WIN_RATES, View
from services.filter.core.hours import HOUR_MS, daily_closes, split


def page(view: View) -> str:
    """The template with the span's stretches for each k, the rule's trades within it, and a close a day."""
    begins, ends = view.span[0].begin, view.span[-1].begin + view.span[-1].hours * HOUR_MS
    data = {
        "market": view.candles.market,
        "from": begins,
        "to": ends,
        "k": view.rule.k,
        "fee": view.rule.fee_rate,
        "slippage": view.rule.slippage,
        "win_rates": WIN_RATES,
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
                    s.report.win_rate,
                    s.report.drawdown,
                    s.report.expectancy,
                ]
                for s in span
            ]
            for k, (span, _) in view.by_k.items()
        },
        "trades": {
            f"{k:g}": [
                [t.entry_time, t.net_return, t.exit_time] for t in sorted(chain(*split(span, trades, view.gate)))
            ]
            for k, (span, trades) in view.by_k.items()
        },
        "closes": daily_closes(view.candles.history, begins, ends),
        "warnings": view.warnings,
    }
    template = files("services.cli.research").joinpath("gate.html").read_text(encoding="utf-8")
    return template.replace("{{DATA}}", json.dumps(data, ensure_ascii=False).replace("<", "\\u003c"))
