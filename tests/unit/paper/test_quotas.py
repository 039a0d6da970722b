"""Request quotas: the bucket, the refusal, the block; on a time that is given."""

import pytest

from services.paper.core.quotas import HAMMERING, Quotas, remaining_req
from shared.upbit_quota import group_of


class Seconds:
    def __init__(self):
        self.at = 1000.0

    def __call__(self):
        return self.at


ORDER, CANDLE = group_of("POST", "/v1/orders"), group_of("GET", "/v1/candles/days")


@pytest.mark.parametrize(
    ("method", "path", "name", "per_s"),
    [
        ("GET", "/v1/market/all", "market", 10),
        ("GET", "/v1/candles/minutes/60", "candle", 10),
        ("GET", "/v1/trades/ticks", "trade", 10),
        ("GET", "/v1/ticker/all", "ticker", 10),
        ("GET", "/v1/orderbook/instruments", "orderbook", 10),
        ("GET", "/v1/accounts", "default", 30),
        ("DELETE", "/v1/order", "default", 30),
        ("POST", "/v1/orders", "order", 12),
        ("POST", "/v1/orders/test", "order-test", 8),
        ("DELETE", "/v1/orders/open", "order-cancel-all", 0.5),
        ("GET", "/v1/orders/open", "default", 30),
    ],
)
def test_every_route_has_its_group(method, path, name, per_s):
    group = group_of(method, path)
    assert (group.name, group.per_s) == (name, per_s)


def test_twelve_orders_a_second_and_the_header_counts_down():
    seconds = Seconds()
    quotas = Quotas(seconds)
    told = [quotas.take(ORDER, "me") for _ in range(13)]
    assert [verdict.status for verdict in told] == [200] * 12 + [429]
    assert remaining_req(ORDER, told[0].left) == "group=order; min=720; sec=11"
    assert remaining_req(ORDER, told[12].left) == "group=order; min=720; sec=0"
    seconds.at += 0.5
    assert [quotas.take(ORDER, "me").status for _ in range(7)] == [200] * 6 + [429]


def test_groups_and_callers_are_counted_apart():
    quotas = Quotas(Seconds())
    assert {quotas.take(CANDLE, "a").status for _ in range(10)} == {200}
    assert quotas.take(CANDLE, "a").status == 429
    assert quotas.take(CANDLE, "b").status == 200
    assert quotas.take(ORDER, "a").status == 200


def test_whoever_hammers_on_is_blocked_each_time_for_longer():
    seconds = Seconds()
    quotas = Quotas(seconds)

    def hammer() -> float:
        while (verdict := quotas.take(CANDLE, "a")).status != 418:
            pass
        return verdict.blocked_s

    assert hammer() == 10
    seconds.at += 9
    assert (quotas.take(CANDLE, "a").status, quotas.take(CANDLE, "a").blocked_s) == (418, 1)
    seconds.at += 2
    assert hammer() == 20


def test_a_pause_forgives_the_refusals():
    seconds = Seconds()
    quotas = Quotas(seconds)
    for _ in range(10 + HAMMERING):
        quotas.take(CANDLE, "a")
    seconds.at += 1
    assert quotas.take(CANDLE, "a").status == 200


def test_a_browser_may_ask_once_in_ten_seconds():
    seconds = Seconds()
    quotas = Quotas(seconds)
    assert [quotas.take(CANDLE, "b", 0.1).status for _ in range(2)] == [200, 429]
    seconds.at += 10
    assert quotas.take(CANDLE, "b", 0.1).status == 200


def test_without_a_time_nothing_is_counted():
    quotas = Quotas(None)
    assert {quotas.take(ORDER, "me") for _ in range(1000)} == {(200, 11, 0)}


def test_a_steady_hammerer_is_blocked_though_one_in_fifteen_passes():
    now = 0.0
    quotas = Quotas(lambda: now)
    seen = []
    for n in range(300):  # 150 a second, without a second's pause
        now = n / 150
        seen.append(quotas.take(CANDLE, "a").status)
    assert {200, 429, 418} == set(seen)
