"""Trades as CSV that a spreadsheet opens as text and numbers, never as a formula (pure)."""

import csv
import io
import re

from shared.api.trades import TradeDetail
from shared.types import plain
from shared.writing import seoul_iso

COLUMNS = (
    "id", "created_at", "symbol", "side", "price", "amount", "total", "fee", "profit", "confidence", "reason", "cycle",
)  # fmt: skip


_FORMULA = re.compile(r"(?:^|(?<=;))(?=\s*[=+\-@＝＋－＠\t\r])")


def row_of(trade: TradeDetail) -> tuple[str, ...]:
    money = (trade.price, trade.amount, trade.total, trade.fee)
    return (
        str(trade.id), seoul_iso(trade.created_at), harmless(trade.symbol), harmless(trade.side), *map(plain, money),
        "" if trade.profit is None else plain(trade.profit),
        harmless(trade.ai_confidence or ""), harmless(trade.ai_decision or ""), harmless(trade.cycle),
    )  # fmt: skip


def harmless(text: str) -> str:
    """A model may have written it: what a spreadsheet would take for a formula gets an apostrophe in front.

    So does what comes behind a semicolon: in much of Europe a cell begins there.
    """
    return _FORMULA.sub("'", text)


def line(cells: tuple[str, ...]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
