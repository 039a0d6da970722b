"""Tables as CSV that a spreadsheet opens as text and numbers, never as a formula (pure)."""

import csv
import io
import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from shared.api.shape import Shape
from shared.api.trades import TradeDetail
from shared.types import plain
from shared.writing import seoul_iso

TRADES = {
    "id": "id", "created_at": "created_at", "symbol": "symbol", "side": "side", "price": "price", "amount": "amount",
    "total": "total", "fee": "fee", "profit": "profit", "confidence": "ai_confidence", "reason": "ai_decision",
    "cycle": "cycle",
}  # fmt: skip
MARK = "\ufeff"  # by which Excel knows UTF-8
_FORMULA = re.compile(r"(?:^|(?<=;))(?=\s*[=+\-@＝＋－＠\t\r])")


def trade_row(trade: TradeDetail) -> str:
    return line([cell(getattr(trade, name)) for name in TRADES.values()])


def row(shape: Shape) -> str:
    """Its fields, in the order in which its shape names them."""
    return line([cell(value) for _, value in shape])


def cell(value: object) -> str:
    match value:
        case None:
            return ""
        case Decimal():
            return plain(value)
        case datetime():
            return seoul_iso(value)
    return harmless(str(value))


def harmless(text: str) -> str:
    """A model may have written it: what a spreadsheet would take for a formula gets an apostrophe in front.

    So does what comes behind a semicolon: in much of Europe a cell begins there.
    """
    return _FORMULA.sub("'", text)


def line(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
