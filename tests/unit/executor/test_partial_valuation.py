"""One market's trouble takes no other market's value away, and a part is never shown as the whole."""

from datetime import timedelta
from decimal import Decimal

import pytest

from services.backend.core.projection import snapshots_of
from services.executor.adapters.upbit_answers import BadAnswer, holdings
from services.executor.valuation import ValuationHandler
from shared.bad_rows import BadRows
from tests.support import builders

D = Decimal
MARKETS = ("KRW-ETH", "KRW-OLD")
HEAD = {"Date": f"{builders.AT:%a, %d %b %Y %H:%M:%S} GMT"}


def account(currency, balance="1"):
    return {"currency": currency, "balance": balance, "locked": "0"}


class Counter:
    def __init__(self):
        self.by_source = {}

    def add(self, n, labels):
        self.by_source[labels["source"]] = self.by_source.get(labels["source"], 0) + n


def held(*accounts, prices):
    counter = Counter()
    return holdings(MARKETS, [account("KRW", "1000"), *accounts], prices, HEAD, BadRows(counter)), counter


@pytest.mark.parametrize(
    ("old", "prices"),
    [
        ("1", {"KRW-ETH": D(2000)}),
        (None, {"KRW-ETH": D(2000), "KRW-OLD": D(5)}),
        ("-1", {"KRW-ETH": D(2000), "KRW-OLD": D(5)}),
    ],
)
async def test_a_market_that_cannot_be_valued_is_named_and_the_others_are_valued(old, prices):
    found, counter = held(account("ETH"), account("OLD", old), prices=prices)
    assert (found.coins, found.left_out) == ((("KRW-ETH", D(1), D(2000)),), ("KRW-OLD",))
    assert counter.by_source == {"valuation": 1}

    async def look(_):
        return found

    async def books(markets):
        return dict.fromkeys(markets, D(0))

    async def last():
        return None

    handler = ValuationHandler(look, books, last, key_expires_at=lambda: builders.AT)
    valued = await handler(builders.valuation_due(markets=MARKETS))
    assert valued.key_expires_at == builders.AT
    assert (valued.total, valued.left_out) == (D(3000), ("KRW-OLD",))
    assert snapshots_of(valued) == []


def test_a_market_of_which_nothing_is_held_needs_no_price():
    found, _ = held(account("ETH"), prices={"KRW-ETH": D(2000)})
    assert (found.coins, found.left_out) == ((("KRW-ETH", D(1), D(2000)),), ())


def test_without_the_won_or_without_any_price_there_is_no_valuation():
    with pytest.raises(BadAnswer, match="KRW"):
        holdings(MARKETS, [account("KRW", "abc")], {"KRW-ETH": D(1)}, HEAD, BadRows())
    with pytest.raises(BadAnswer, match="not one"):
        held(account("ETH"), prices={})


@pytest.mark.parametrize(("after_s", "valued"), [(-3600, False), (-31, False), (-1, True), (0, True), (3600, False)])
async def test_only_an_hour_that_it_is_by_the_exchanges_clock_is_valued(after_s, valued):
    """Whoever asks for an hour that has not come has a wrong clock; the hour itself would then be spent."""
    found, _ = held(account("ETH"), prices={"KRW-ETH": D(2000)})

    async def look(_):
        return found

    async def books(markets):
        return dict.fromkeys(markets, D(0))

    async def last():
        return None

    due = builders.valuation_due(markets=MARKETS, slot_at=builders.AT - timedelta(seconds=after_s))
    assert (await ValuationHandler(look, books, last)(due) is not None) is valued
