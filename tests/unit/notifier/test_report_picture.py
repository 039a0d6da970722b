"""The picture of a report is made of what the backend's API answers, and a report never waits long for it."""

from datetime import timedelta

import httpx
import pytest
from structlog.testing import capture_logs

from services.notifier import report_picture
from services.notifier.adapters.backend_api import BackendApi
from services.notifier.core.picture import PictureDay
from services.notifier.report_picture import ReportPicture
from shared.api import routes as api
from shared.writing import seoul_iso
from tests.support.api_double import ApiDouble
from tests.support.builders import report_ready

REPORT = report_ready()
MARKETS = ("KRW-BTC", "KRW-ETH", "KRW-XRP", "KRW-SOL", "KRW-ADA", "KRW-DOGE")
SECOND = timedelta(seconds=1)
PRICES = dict.fromkeys(("open", "high", "low", "close", "volume"), 4_000_000)
CANDLES = {
    "market": "KRW-ETH", "interval_minutes": 60, "candles": [{"at": seoul_iso(REPORT.from_at)} | PRICES],
}  # fmt: skip


def trade(number, at, symbol="KRW-ETH"):
    sums = {"price": 4_000_000, "amount": 0.0125, "total": 50_000}
    return {"id": number, "symbol": symbol, "side": "buy", "created_at": seoul_iso(at)} | sums


def worth(*times):
    account = {"valued_at": None, "krw_balance": None, "total_value_krw": None, "coins": [], "realised": 0}
    history = [{"at": seoul_iso(at), "total_value_krw": 1_000_000} for at in times]
    return account | {"unrealised": 0, "history": history}


def backend(trades=(), valued=(), **more):
    answers = {
        api.CANDLES.path: CANDLES,
        api.TRADES.path: {"trades": list(trades), "total": len(trades)},
        api.PORTFOLIO.path: worth(*valued),
    }
    return ApiDouble(answers=answers, **more)


def maker(double, markets=("KRW-ETH",)):
    client = httpx.AsyncClient(transport=httpx.MockTransport(double))
    return ReportPicture(BackendApi(client, "http://backend.test", None), "paper", markets)


@pytest.fixture
def days(monkeypatch):
    """What is drawn, in the place of drawing it."""
    found: list[PictureDay] = []

    def draw(day):
        found.append(day)
        return b"PNG"

    monkeypatch.setattr(report_picture, "picture", draw)
    return found


async def test_it_shows_the_trades_and_valuations_of_the_reports_day_alone_oldest_first(days):
    first, last = REPORT.from_at, REPORT.to_at - SECOND
    trades = [trade(4, REPORT.to_at), trade(3, last), trade(2, first), trade(1, first - SECOND)]
    valued = (REPORT.to_at + timedelta(hours=1), REPORT.to_at + 4 * SECOND, first + 4 * SECOND, first - 4 * SECOND)
    assert await maker(backend(trades, valued))(REPORT) == b"PNG"
    (day,) = days
    assert [fill.id for fill in day.markets[0].fills] == [2, 3]
    assert [value.at for value in day.worth] == [first + 4 * SECOND, REPORT.to_at + 4 * SECOND]
    assert (day.day, day.mode, len(day.markets[0].candles)) == (REPORT.day, "paper", 1)


async def test_of_many_markets_four_are_shown_those_with_trades_first_in_the_owners_order(days):
    trades = [trade(2, REPORT.from_at, "KRW-DOGE"), trade(1, REPORT.from_at, "KRW-ADA")]
    double = backend(trades)
    await maker(double, MARKETS)(REPORT)
    (day,) = days
    assert [market.market for market in day.markets] == ["KRW-BTC", "KRW-ETH", "KRW-ADA", "KRW-DOGE"]
    assert day.left_out == 2
    assert [len(market.fills) for market in day.markets] == [0, 0, 1, 1]
    assert double.asked.count(("GET", "/api/candles")) == 4


async def test_a_real_picture_comes_of_it():
    png = await maker(backend(valued=[REPORT.from_at]))(REPORT)
    assert png.startswith(b"\x89PNG")


async def test_of_a_day_with_nothing_to_draw_there_is_none():
    double = backend()
    double.answers[api.CANDLES.path] = CANDLES | {"candles": []}
    assert await maker(double)(REPORT) is None


@pytest.mark.parametrize(
    "broken",
    [
        {"away": True},
        {"open_reads": False},
        {"answers": {api.TRADES.path: {"trades": "none"}}},
    ],
    ids=["away", "no right to read", "another shape"],
)
async def test_a_backend_that_cannot_answer_leaves_the_report_without_it(broken):
    double = backend(**{name: value for name, value in broken.items() if name != "answers"})
    double.answers |= broken.get("answers", {})
    with capture_logs() as lines:
        assert await maker(double)(REPORT) is None
    assert "a report goes without its picture" in [line["event"] for line in lines]


async def test_what_cannot_be_drawn_leaves_the_report_without_it(monkeypatch):
    def draw(day):
        raise ZeroDivisionError

    monkeypatch.setattr(report_picture, "picture", draw)
    with capture_logs() as lines:
        assert await maker(backend())(REPORT) is None
    assert [line["log_level"] for line in lines] == ["error"]
