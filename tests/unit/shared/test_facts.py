"""The named facts, by hand."""

from decimal import Decimal

import pytest

from shared.events import BookLevel
from shared.prompt.evidence import EvidenceName, unit_of
from shared.prompt.facts import facts, tidy
from tests.support.builders import balances, book, passed, position, snapshot
from tests.support.looks import charts


def test_what_the_book_weighs():
    levels = [
        BookLevel(ask_price=Decimal(1001), ask_size=Decimal(1), bid_price=Decimal(1000), bid_size=Decimal(3)),
        BookLevel(ask_price=Decimal(1002), ask_size=Decimal(2), bid_price=Decimal(999), bid_size=Decimal(6)),
    ]
    known = facts(snapshot(book=book(levels=levels)), passed())
    assert known[EvidenceName.SPREAD] == 0.001
    assert known[EvidenceName.ASK_DEPTH] == 3005
    assert known[EvidenceName.BID_DEPTH] == 8994
    assert known[EvidenceName.BOOK_IMBALANCE] == pytest.approx((8994 - 3005) / (8994 + 3005), rel=1e-5)


def test_what_the_position_is_worth():
    held = position(volume=Decimal("0.5"), cost=Decimal(1_000_000), opened_by="KRW-ETH-20260104T0300Z")
    purse = balances(krw_free=Decimal("12345678.9"), coin_free=Decimal("0.7"))
    known = facts(snapshot(position=held, price=Decimal(2_200_000), balances=purse), passed())
    assert known[EvidenceName.POSITION_PRICE] == 2_000_000
    assert known[EvidenceName.POSITION_RETURN] == 0.1
    assert known[EvidenceName.POSITION_AGE] == 24
    assert known[EvidenceName.COIN_FREE] == 0.7
    assert known[EvidenceName.KRW_FREE] == 12_345_679


def test_what_is_not_there_has_no_fact():
    known = facts(snapshot(), passed())  # 40 hours, no days, no 15 minutes, no index, nothing held
    assert EvidenceName.SMA_20_HOUR in known
    for name in ("fear_greed", "position_volume", "position_return", "sma_20_day", "sma_20_minute", "sma_50_hour"):
        assert EvidenceName(name) not in known


@pytest.mark.parametrize(("rows", "told"), [(99, False), (100, True)])
def test_what_is_smoothed_is_told_of_a_warm_chart_only(rows, told):
    known = facts(snapshot(candles=charts(rows=rows)), passed())
    for name in ("rsi_hour", "macd_hour", "macd_histogram_day", "atr_minute", "ema_26_hour"):
        assert (EvidenceName(name) in known) is told
    assert EvidenceName.STOCHASTIC_K_HOUR in known


def test_a_position_that_was_sold_is_none():
    assert EvidenceName.POSITION_VOLUME not in facts(snapshot(position=position(volume=Decimal(0))), passed())


def test_an_indicator_is_of_the_last_closed_candle_of_its_own_chart():
    known = facts(snapshot(candles=charts()), passed())
    assert len({known[EvidenceName(f"rsi_{unit}")] for unit in ("day", "hour", "minute")}) == 3


@pytest.mark.parametrize(
    ("value", "shown"), [(24.3141592, 24.3142), (0.000123456789, 0.000123457), (132_715_499.6, 132_715_500), (0, 0)]
)
def test_a_fact_has_six_digits_or_whole_won(value, shown):
    assert tidy(value) == shown


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("price", "KRW"), ("rsi_hour", "of 0-100"), ("atr_day", "KRW"), ("macd_signal_minute", "KRW"),
        ("btc_change_24h", "share"), ("return_24_day", "share"), ("volume_ratio_hour", "times the usual"),
        ("position_volume", "ETH"), ("position_age", "hours"), ("gate_trades", "trades"),
    ],
)  # fmt: skip
def test_each_fact_has_its_unit(name, unit):
    assert unit_of(EvidenceName(name), "ETH") == unit
