"""upcycle sell shows what would be sold, asks, and tells how it ended."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from services.cli.commands import sell
from shared.api.routes import CYCLE, SALE, SELL
from shared.api.sale import Sale, SaleRequest
from shared.errors import BadRequest

AT = datetime(2026, 1, 5, 3, tzinfo=UTC)
NAME = "KRW-ETH-20260105T030000Z-sale"
D = Decimal


def sale(**changes):
    fields = {
        "id": NAME, "market": "KRW-ETH", "at": AT, "valid_until": AT, "amount": D("0.0115"), "order": D("0.0115"),
        "bid": D(4_400_000), "price": D(4_399_000), "slippage": 0.0002, "slippage_max": 0.05, "total": D(50_563),
        "fee": D(25), "profit": D(4_563), "obstacle": "",
    }  # fmt: skip
    return Sale(**fields | changes)


class Ended:
    def __init__(self, kind):
        self.end_kind, self.why = kind, f"it ended as {kind}"


@pytest.fixture
def bot(monkeypatch):
    """What the API answers, and what it was asked."""
    asked, answers = [], {SALE: sale(), CYCLE: Ended("OrderFilled")}
    answers[SELL] = SaleRequest(cycle=NAME, market="KRW-ETH", amount=D("0.0115"), price=D(1), by="cli", at=AT)

    def ask(_, route, *parts, token, **query):
        asked.append((route, parts, query))
        return answers[route]

    monkeypatch.setattr(sell, "ask", ask)
    monkeypatch.setattr(sell, "token", lambda _: "t" * 32)
    monkeypatch.setattr(sell, "address", lambda *_: "http://127.0.0.1:8000")
    return asked, answers


def test_what_was_shown_is_what_is_asked_for_and_the_end_is_told(bot, capsys):
    asked, _ = bot
    sell.run("KRW-ETH", True, None, None)
    assert (SELL, ("KRW-ETH",), {"id": NAME, "amount": "0.0115"}) in asked
    out = capsys.readouterr().out
    assert "the bot holds 0.0115" in out
    assert "it ended as OrderFilled" in out


def test_nothing_is_asked_for_where_nobody_says_yes(bot):
    asked, _ = bot
    with pytest.raises(BadRequest, match="say --yes"):
        sell.run("KRW-ETH", False, None, None)
    assert [route for route, _, _ in asked] == [SALE]


def test_an_obstacle_is_told_and_nothing_is_asked_for(bot):
    asked, answers = bot
    answers[SALE] = sale(obstacle="the bot was paused")
    with pytest.raises(BadRequest, match="the bot was paused"):
        sell.run("KRW-ETH", True, None, None)
    assert [route for route, _, _ in asked] == [SALE]


def test_a_sale_that_did_not_happen_is_an_error(bot):
    _, answers = bot
    answers[CYCLE] = Ended("OrderDenied")
    with pytest.raises(BadRequest, match="NOT sold"):
        sell.run("KRW-ETH", True, None, None)


def test_a_thin_book_says_that_a_rest_stays(bot, capsys):
    _, answers = bot
    answers[SALE] = sale(order=D("0.005"))
    sell.run("KRW-ETH", True, None, None)
    assert "the rest stays" in capsys.readouterr().out
