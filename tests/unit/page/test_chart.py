"""The chart's data: what each candle's hour came to, which lines are in force, and nothing from outside the range."""

import re
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from services.page.adapters.static_files import address
from services.page.core.cycle_log import CycleLog, Look
from services.page.core.levels import Level, levels
from shared.api import routes as api
from shared.api.chart import Candle
from shared.api.portfolio import Coin
from shared.writing import seoul_iso
from tests.support.api_double import CYCLE, logged
from tests.support.builders import AT, due, fill, position, snapshot

HOUR = timedelta(hours=1)
T = int(AT.timestamp())
HELD = {
    "symbol": "KRW-ETH", "coin_balance": 0.0125, "coin_price": 4100000, "value": 51250, "bot_amount": 0.0125,
    "bot_cost": 50025, "unrealised": 1225,
}  # fmt: skip


def change(backend, path, **changes):
    backend.answers[path] = backend.answers[path] | changes


def candle(hours, **changes):
    prices = {"open": 4000000, "high": 4010000, "low": 3990000, "close": 4005000, "volume": 8.5}
    return prices | {"at": seoul_iso(AT + hours * HOUR)} | changes


def cycle(backend, hours, **changes):
    newest = backend.answers[api.CYCLES.path]["cycles"][0]
    return newest | {"slot_at": seoul_iso(AT + hours * HOUR)} | changes


@pytest.fixture
def day(backend):
    """Three hours, of which the last runs; in the first something was bought, in the second the gate said no."""
    bought = cycle(backend, -2, cycle="KRW-ETH-20260105T0100Z", end_kind="OrderFilled", decision="buy")
    ended = [cycle(backend, 0, end_kind=None), cycle(backend, -1), bought, cycle(backend, -30, cycle="long ago")]
    trade = {"symbol": "KRW-ETH", "side": "buy", "price": 4000000, "amount": 0.0125, "total": 50000}
    traded = [
        trade | {"id": 2, "created_at": seoul_iso(AT - 2 * HOUR)},
        trade | {"id": 1, "created_at": seoul_iso(AT - 30 * HOUR)},
    ]
    said = {"cycle": CYCLE, "market": "KRW-ETH", "outcome": "rejected", "trades": 90, "threshold": 0.55}
    gate = [said | {"slot_at": seoul_iso(AT - n * HOUR), "figure": f} for n, f in ((1, 0.448), (2, 0.58), (30, 0.6))]
    candles = [candle(-2), candle(-1, close=3995000)]
    backend.answers |= {
        api.STATUS.path: backend.answers[api.STATUS.path] | {"markets": ["KRW-ETH", "KRW-BTC"]},
        api.CANDLES.path: {"market": "KRW-ETH", "interval_minutes": 60, "candles": candles},
        api.CYCLES.path: {"cycles": ended, "total": 4, "older": None},
        api.TRADES.path: {"trades": traded, "total": 2},
        api.GATE.path: {"decisions": gate, "older": None},
        api.PORTFOLIO.path: backend.answers[api.PORTFOLIO.path] | {"coins": []},
    }
    return backend


async def data(browser, query="market=KRW-ETH&days=1", language="ko"):
    answer = await browser.get(f"/chart/data?{query}", headers={"Cookie": f"language={language}"})
    assert answer.status_code == 200
    return answer.json()


async def test_a_chart_holds_each_hour_of_its_range_with_what_it_came_to(browser, day):
    drawn = await data(browser)
    assert drawn["bars"] == [
        [T - 7200, 4000000, 4010000, 3990000, 4005000, 8.5], [T - 3600, 4000000, 4010000, 3990000, 3995000, 8.5],
    ]  # fmt: skip
    assert [(hour["t"], hour["kind"], hour["cycle"]) for hour in drawn["hours"]] == [
        (T - 7200, "buy", "KRW-ETH-20260105T0100Z"), (T - 3600, "gated", CYCLE), (T, "open", CYCLE),
    ]  # fmt: skip
    assert drawn["fills"] == [{"t": T - 7200, "side": "buy", "said": "0.0125 ETH, 4,000,000원"}]
    assert drawn["gate"] == [[T - 7200, 0.58, 0.55], [T - 3600, 0.448, 0.55]]
    assert (drawn["levels"], drawn["stale"]) == ([], "")


async def test_lines_of_a_position_are_those_of_the_settings_in_force(browser, day):
    change(day, api.PORTFOLIO.path, coins=[HELD])
    opened = position(opened_by="KRW-ETH-20260105T0100Z")
    limits = {"EXIT_STOP_LOSS": "0.05", "EXIT_TRAILING_STOP": "0.1"}
    day.answers[api.CYCLE.at(CYCLE)] = day.answers[api.CYCLE.at(CYCLE)] | {
        "events": logged(due(settings=limits), snapshot(position=opened))
    }
    assert [(level["title"], level["price"], level["said"]) for level in (await data(browser))["levels"]] == [
        ("매입가", 4002000, "4,002,000원"),
        ("손절 (매입가 −5.0 %)", 3801900, "3,801,900원"),
        ("추적 손절 (고점 −10.0 %)", 3609000, "3,609,000원"),
        ("익절", None, "정하지 않음"),
    ]


def test_the_peak_is_not_known_where_the_candles_begin_after_the_purchase():
    coin = Coin.model_validate(HELD | {"bot_cost": Decimal(50025), "bot_amount": Decimal("0.0125")})
    look = Look.model_validate(snapshot(position=position(opened_by=CYCLE)).model_dump())
    newest = CycleLog(
        [fill(position=position(opened_by="KRW-ETH-20260104T0100Z"))], look, {"EXIT_TRAILING_STOP": "0.1"}
    )
    late = [Candle.model_validate(candle(-1))]
    assert Level("trailing_stop", None, Decimal("0.1")) in levels(coin, newest, late)


async def test_before_the_first_candle_there_is_nothing_to_draw(browser, day):
    change(day, api.CANDLES.path, candles=[])
    assert await data(browser) == {"bars": [], "hours": [], "fills": [], "gate": [], "levels": [], "stale": ""}


async def test_a_chart_of_the_last_state_says_since_when(browser, day):
    await data(browser)
    day.away = True
    drawn = await data(browser)
    assert "이후 소식이 없습니다" in drawn["stale"]
    assert len(drawn["bars"]) == 2


@pytest.mark.parametrize(
    ("query", "said"), [("market=KRW-DOGE", "KRW-ETH, KRW-BTC"), ("days=2", "1, 3, 12, 30 days"), ("days=²", "days")]
)
async def test_a_market_or_a_range_that_is_none_is_told_what_there_is(browser, day, query, said):
    for path in ("/chart", "/chart/data"):
        answer = await browser.get(f"{path}?{query}")
        assert answer.status_code == 404
        assert said in answer.text


async def test_an_hours_chart_ends_at_its_moment_and_what_came_after_is_asked_for_apart(browser, day):
    """The candles are asked for up to the hour alone; the later ones come with a request of their own."""
    every = [candle(hours, close=4000000 + 10000 * hours) for hours in (-2, -1, 0, 5)]
    asked = []

    def known_by(request):
        until = datetime.fromisoformat(request.url.params["to"])
        asked.append(until)
        closed = [one for one in every if datetime.fromisoformat(one["at"]) + HOUR <= until]
        return {"market": "KRW-ETH", "interval_minutes": 60, "candles": closed}

    day.answers[api.CANDLES.path] = known_by
    html = (await browser.get(f"/hour/{CYCLE}")).text
    assert asked == [AT]
    assert f"[{T - 3600}, 4000000.0" in html
    assert f"[{T}, " not in html
    after = (await browser.get(f"/hour/{CYCLE}/after")).text
    assert asked[1] == AT + 72 * HOUR
    assert f"[{T}, " in after
    text = re.sub(r"</?(span|i)\b[^>]*>", "", after).replace("\N{NO-BREAK SPACE}", " ")
    told = re.findall(r"<dt>(.+?)</dt><dd>(.+?)</dd>", text)
    assert told == [
        ("1시간 뒤", "4,000,000원 ▼ -8.0 %"), ("6시간 뒤", "4,050,000원 ▼ -6.9 %"), ("24시간 뒤", "알 수 없음"),
        ("72시간 뒤", "알 수 없음"),
    ]  # fmt: skip


async def test_an_hour_whose_candles_are_gone_says_so(browser, day):
    change(day, api.CANDLES.path, candles=[])
    html = (await browser.get(f"/hour/{CYCLE}")).text
    assert "이 시간의 캔들은 남아 있지 않습니다." in html
    assert "이후 보기" not in html


@pytest.mark.parametrize("path", ["/chart/data", f"{address()}/vendor/lightweight-charts.standalone.production.js"])
async def test_what_is_large_comes_packed(browser, backend, path):
    many = backend.answers[api.CANDLES.path]["candles"] * 20
    change(backend, api.CANDLES.path, candles=many)
    assert (await browser.get(path)).headers["content-encoding"] == "gzip"


async def test_many_hours_come_page_by_page(browser, day):
    said = {"total": 2}
    first = said | {"cycles": [cycle(day, -1, cycle="one")], "older": CYCLE}
    second = said | {"cycles": [cycle(day, -1, cycle="two")], "older": None}
    day.answers[api.CYCLES.path] = lambda request: second if request.url.params.get("before") == CYCLE else first
    assert [hour["cycle"] for hour in (await data(browser))["hours"]] == ["two", "one"]
