"""Upbit's lists of orders, page by page: those under names of ours, in our words. The owner's other orders are passed.

Open ones are asked for first, so that one that ends meanwhile shows in either list.
"""

from datetime import timedelta

from upbit import AsyncUpbit

from services.executor.adapters import upbit_answers as answers
from services.executor.core.orders import ListedOrder, OrderList
from shared.parsing import BadValue, date_of, moment, of
from shared.types import UtcTime

_OPEN_MAX, _CLOSED_MAX = 100, 1000  # in one answer
_WINDOW = timedelta(days=7, minutes=-1)  # of one question, which may ask for seven days
_WINDOWS_MAX = 13
_PAGES_MAX = 100
_WHAT = "listing the orders"


async def list_orders(upbit: AsyncUpbit, since: UtcTime) -> OrderList:
    """Raises BadAnswer or BadValue beside what the SDK raises."""
    found: dict[str, ListedOrder] = {}
    at = None
    for page in range(1, _PAGES_MAX + 1):
        answer = await upbit.orders.with_raw_response.list_open(
            states=["wait", "watch"], page=page, limit=_OPEN_MAX, order_by="asc"
        )
        at = at or date_of(answer.headers)
        rows = answers.body(answer, _WHAT)
        found |= answers.ours(rows)
        if len(rows) < _OPEN_MAX:
            break
    else:
        raise BadValue(f"the exchange lists more than {_PAGES_MAX * _OPEN_MAX} open orders")
    begin = max(min(since, at - _WINDOW), at - _WINDOWS_MAX * _WINDOW)
    while begin < at:
        end = min(begin + _WINDOW, at)
        found |= await _closed(upbit, begin, end + timedelta(seconds=1))  # the Date counts whole seconds
        begin = end
    return OrderList(at, tuple(sorted(found.values(), key=lambda order: (order.created_at, order.client_order_id))))


async def _closed(upbit: AsyncUpbit, begin: UtcTime, end: UtcTime) -> dict[str, ListedOrder]:
    """Those of one window; where an answer is full, the next one begins at its last order's second."""
    found: dict[str, ListedOrder] = {}
    while True:
        answer = await upbit.orders.with_raw_response.list_closed(
            states=["done", "cancel"],
            start_time=begin.isoformat(timespec="seconds"),
            end_time=end.isoformat(timespec="seconds"),
            limit=_CLOSED_MAX,
            order_by="asc",
        )
        rows = answers.body(answer, _WHAT)
        found |= answers.ours(rows)
        if len(rows) < _CLOSED_MAX:
            return found
        last = moment(of(rows[-1], "created_at"), "created_at")
        if last <= begin:
            raise BadValue(f"the exchange lists no more than {_CLOSED_MAX} closed orders from {begin.isoformat()} on")
        begin = last
