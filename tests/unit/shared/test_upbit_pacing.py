"""Requests wait for their turn: the paper exchange's own quotas never say 429; and a block lets none through."""

import asyncio

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.paper.core.quotas import Quotas, remaining_req
from shared.upbit_pacing import Blocked, NotSent, PacedTransport, why_not_sent
from shared.upbit_quota import Pace, block_told, group_of, left_of
from tests.support.fake_time import FakeTime

CANDLES = "http://upbit.test/v1/candles/minutes/60"


class Counting:
    """Answers as an exchange with quotas does; `others` take from the same quota before each of our requests."""

    def __init__(self, time, others=0):
        self.quotas, self.others = Quotas(time.now), others
        self.statuses = []

    def __call__(self, request):
        group = group_of(request.method, request.url.path)
        for _ in range(self.others):
            self.quotas.take(group, "all of us")
        verdict = self.quotas.take(group, "all of us")
        self.statuses.append(verdict.status)
        return httpx.Response(verdict.status, headers={"Remaining-Req": remaining_req(group, verdict.left)})


def paced(answer, time):
    return httpx.AsyncClient(transport=PacedTransport(httpx.MockTransport(answer), now=time.now, sleep=time.sleep))


@pytest.mark.parametrize("group", ["candles/minutes/60", "ticker", "accounts", "orders/test"])
async def test_a_hundred_requests_at_once_meet_no_429(group):
    time = FakeTime()
    exchange = Counting(time)
    method = "POST" if group == "orders/test" else "GET"
    paced_s = 100 / group_of(method, f"/v1/{group}").per_s
    async with paced(exchange, time) as http:
        for _ in range(4):  # in waves, because ten seconds are the longest a request waits
            began = time.at
            await asyncio.gather(*(http.request(method, f"http://upbit.test/v1/{group}") for _ in range(25)))
            time.at += 0.1 if began == time.at else 0
    assert set(exchange.statuses) == {200}
    assert len(exchange.statuses) == 100
    assert 0.5 * paced_s <= time.at - 1000 <= 3 * paced_s


async def test_a_quota_that_is_never_short_slows_nothing_down():
    time = FakeTime()
    async with paced(
        lambda _: httpx.Response(200, headers={"Remaining-Req": "group=candle; min=600; sec=9"}), time
    ) as http:
        for _ in range(100):
            await asyncio.gather(*(http.get(CANDLES) for _ in range(6)))
    assert time.at == 1000


async def test_what_other_processes_take_is_seen_in_the_answers():
    time = FakeTime()
    exchange = Counting(time, others=1)
    async with paced(exchange, time) as http:
        for _ in range(30):
            await http.get(CANDLES)
    assert set(exchange.statuses) == {200}


async def test_after_a_429_nothing_leaves_before_the_next_second():
    time, left = FakeTime(), []

    def answer(_):
        left.append(time.at)
        return httpx.Response(429 if len(left) == 1 else 200)

    async with paced(answer, time) as http:
        assert (await http.get(CANDLES)).status_code == 429
        assert (await http.get(CANDLES)).status_code == 200
        await http.get("http://upbit.test/v1/ticker")
    assert left == [1000, 1001, 1001]


async def test_while_the_exchange_blocks_us_nothing_leaves_and_each_attempt_says_for_how_long():
    time, sent = FakeTime(), []

    def answer(request):
        sent.append(request.url.path)
        body = {"error": {"name": 418, "message": "Blocked for 30 seconds: requests went on after 429."}}
        return httpx.Response(418, json=body) if len(sent) == 1 else httpx.Response(200)

    async with paced(answer, time) as http:
        assert (await http.get(CANDLES)).json()["error"]["name"] == 418
        for _ in range(3):
            with pytest.raises(Blocked, match="blocks requests of the group candle for 30 s more"):
                await http.get(CANDLES)
        assert (await http.get("http://upbit.test/v1/accounts")).status_code == 200
        time.at += 30
        assert (await http.get(CANDLES)).status_code == 200
    assert sent == ["/v1/candles/minutes/60", "/v1/accounts", "/v1/candles/minutes/60"]


async def test_an_order_never_waits_and_for_certain_has_not_left():
    time, sent = FakeTime(), []

    def answer(request):
        sent.append(request)
        return httpx.Response(201, headers={"Remaining-Req": "group=order; min=720; sec=0"})

    async with paced(answer, time) as http:
        await http.post("http://upbit.test/v1/orders")
        with pytest.raises(httpx.PoolTimeout) as refused:
            await http.post("http://upbit.test/v1/orders")
        assert isinstance(refused.value, NotSent)
        time.at += 1
        await http.post("http://upbit.test/v1/orders")
    assert len(sent) == 2


async def test_a_broken_connection_gives_its_place_back():
    time = FakeTime()

    def answer(request):
        raise httpx.ConnectError("refused", request=request)

    async with paced(answer, time) as http:
        for _ in range(50):
            with pytest.raises(httpx.ConnectError):
                await http.get(CANDLES)
    assert time.at < 1010


def test_the_reason_is_found_behind_other_errors():
    outer = RuntimeError("the SDK's")
    outer.__cause__ = Blocked("for 30 s")
    assert str(why_not_sent(outer)) == "for 30 s"
    assert why_not_sent(RuntimeError("another")) is None


@pytest.mark.parametrize(
    ("header", "left"),
    [("group=default; min=1800; sec=29", 29), ("group=order-cancel-all; min=30; sec=0", 0), (None, None), ("?", None)],
)
def test_the_header_is_read_or_passed_over(header, left):
    assert left_of(header) == left


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("Blocked for 12 seconds", 12), ("60초 후에 다시 시도", 60), ("I'm a teapot", None), ("", None)],
)
def test_a_block_tells_its_length_or_does_not(text, seconds):
    assert block_told(text) == seconds


def test_a_block_that_does_not_say_doubles():
    pace, lengths = Pace(group_of("GET", "/v1/ticker")), []
    for n in range(8):
        pace.leaves(10_000.0 * n)
        pace.answered(10_000.0 * n, 418, None)
        lengths.append(pace.blocked_s(10_000.0 * n))
    assert lengths == [60, 120, 240, 480, 960, 1920, 3600, 3600]


@given(st.lists(st.floats(0, 2), max_size=80), st.sampled_from(["/v1/ticker", "/v1/accounts", "/v1/orders/open"]))
def test_one_after_the_other_no_pattern_of_requests_meets_a_429(gaps, path):
    at = 0.0
    group = group_of("DELETE" if path.endswith("open") else "GET", path)
    quotas, pace = Quotas(lambda: at), Pace(group)
    for gap in gaps:
        at += gap
        while wait_s := pace.wait_s(at):
            at += wait_s
        pace.leaves(at)
        verdict = quotas.take(group, "us")
        assert verdict.status == 200
        pace.answered(at, verdict.status, int(verdict.left))
