"""What holds after every run, whatever was killed in it."""

from collections import Counter
from decimal import Decimal

from tests.e2e_compose.questions import Books, Event
from tests.e2e_compose.words import must

ENDS = {
    "CycleRejected",
    "OrderFilled",
    "OrderSkipped",
    "OrderDenied",
    "OrderRejected",
    "OrderUnresolved",
    "CycleFailed",
}


def hold(books: Books) -> str:
    """Raises Failed, else says what was compared."""
    started = [event["cycle"] for event in books.kinds("TradingDue")]
    ends = Counter(event["cycle"] for event in books.kinds(*ENDS))
    wrong = {cycle: ends[cycle] for cycle in started if ends[cycle] != 1}
    must(not wrong, f"cycles without exactly one end: {wrong}")
    one_order_a_cycle(books)
    fills = books.kinds("FillRecorded")
    the_exchange_agrees(fills, books)
    the_table_agrees(fills, books)
    told = ", ".join(f"{n} {kind}" for kind, n in Counter(event["kind"] for event in books.kinds(*ENDS)).items())
    return f"{len(started)} cycles, one end each ({told}); {len(fills)} fills = exchange = /api/trades"


def one_order_a_cycle(books: Books) -> None:
    intended = Counter(event["cycle"] for event in books.kinds("OrderIntended"))
    must(all(n == 1 for n in intended.values()), f"cycles that meant more than one order: {intended}")
    names = Counter(order["identifier"] for order in books.orders)
    must(all(n == 1 for n in names.values()), f"identifiers that were ordered twice: {names}")
    unknown = names.keys() - {event["client_order_id"] for event in books.kinds("OrderIntended")}
    must(not unknown, f"orders at the exchange that nobody meant: {unknown}")


def the_exchange_agrees(fills: list[Event], books: Books) -> None:
    there = {
        order["identifier"]: (order["uuid"], Decimal(order["executed_volume"]), Decimal(order["paid_fee"]))
        for order in books.orders
        if Decimal(order["executed_volume"])
    }
    here = {
        fill["client_order_id"]: (fill["exchange_order_id"], Decimal(fill["volume"]), Decimal(fill["fee"]))
        for fill in fills
    }
    must(here == there, f"the log and the exchange differ: {set(here.items()) ^ set(there.items())}")


def the_table_agrees(fills: list[Event], books: Books) -> None:
    """The API's numbers are JSON's: floats of the exact ones."""
    here = {fill["cycle"]: (fill["side"], float(fill["volume"]), round(float(fill["funds"]), 2)) for fill in fills}
    there = {trade["cycle"]: (trade["side"], trade["amount"], round(trade["total"], 2)) for trade in books.trades}
    must(len(there) == len(books.trades), "two trades of one cycle")
    must(here == there, f"the log and /api/trades differ: {set(here.items()) ^ set(there.items())}")
