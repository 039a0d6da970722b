"""What comes from outside is believed only where it can be true."""

import contextlib
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import parsing
from shared.parsing import BadValue
from shared.refusals import upbit_error
from shared.upbit_answers import balance, candles, order_book

D = Decimal
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.decimals(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
READERS = [
    parsing.price, parsing.volume, parsing.won,
    *(lambda v, r=r: r(v, "it") for r in (
        parsing.number, parsing.share, parsing.flag, parsing.word, parsing.moment_ms, parsing.moment,
        parsing.bare_utc, parsing.rows,
    )),
    lambda v: parsing.of(v, "name"), lambda v: parsing.date_of({"Date": v}),
]  # fmt: skip


@given(value=ANYTHING)
def test_a_reader_gives_a_value_or_says_odd_whatever_it_is_given(value):
    for read in READERS:
        with contextlib.suppress(BadValue):
            read(value)


@given(value=ANYTHING)
def test_what_was_odd_is_said_in_a_line_that_can_be_printed(value):
    with pytest.raises(BadValue) as caught:
        parsing.flag([value], "it")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "value",
    [0, "0", "-1", -1, None, "", "abc", "NaN", "Infinity", "1e400", "1e-400", True, [], {}, "1_000", " 1", "１"],
)
def test_what_is_no_price_is_none(value):
    with pytest.raises(BadValue, match="price"):
        parsing.price(value)


@pytest.mark.parametrize(
    ("value", "exact"),
    [("4000000", "4000000"), (4000000, "4000000"), (0.0005, "0.0005"), ("1E-8", "1E-8"), ("2.50", "2.50")],
)
def test_a_price_keeps_every_digit_be_it_text_or_number(value, exact):
    assert str(parsing.price(value)) == exact


@pytest.mark.parametrize(
    "value", ["1764300000", "1764300000000000", "1764300000000000000", "0.5", "1e400", None, "2026"]
)
def test_a_time_in_another_unit_is_refused(value):
    with pytest.raises(BadValue, match="timestamp"):
        parsing.moment_ms(value, "timestamp")
    assert parsing.moment_ms("1764300000000", "timestamp") == datetime(2025, 11, 28, 3, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["9999-12-31T23:59:59-14:00", "2025-08-09T16:44:00", "0001-01-01T00:00:00+09:00", "soon"]
)
def test_a_time_out_of_this_world_or_without_a_zone_is_refused(text):
    with pytest.raises(BadValue, match="created_at"):
        parsing.moment(text, "created_at")


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"\xff\xfe[\x00", b'{"a":"\xff"}', b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000,
     b'{"a":' * 50 + b"1" + b"}" * 50, b" " * (parsing.SIZE_MAX + 1), b'[{"a":1}', b"NaN,"],
    ids=lambda content: repr(content[:8]),
)  # fmt: skip
def test_a_body_that_is_no_answer_is_refused_before_it_is_parsed(content):
    with pytest.raises(BadValue, match="the body"):
        parsing.parse_json(content)


def test_brackets_in_texts_are_no_depth_and_numbers_stay_text():
    assert parsing.parse_json(b'[{"message":"]}}}[[[[","price":148520000.00000001,"n":[1]}]') == [
        {"message": "]}}}[[[[", "price": "148520000.00000001", "n": ["1"]}
    ]


def bar(start="2026-11-28T00:00:00", o=2, h=3, low=1, c=2, **changes):
    names = ("opening_price", "high_price", "low_price", "trade_price")
    return {
        "candle_date_time_utc": start,
        **dict(zip(names, (o, h, low, c), strict=True)),
        "candle_acc_trade_volume": 1,
    } | changes


def test_a_bad_candle_is_left_out_and_told_and_the_others_count():
    told = []
    good = [bar(f"2026-11-28T0{hour}:00:00") for hour in (3, 2, 1)]
    bad = [bar("2026-11-28T00:00:00", h=1.9), bar(o=None)]
    found = candles([*good, *bad], told.append)
    assert [candle.opened_at.hour for candle in found] == [1, 2, 3]
    assert len(told) == 2
    with pytest.raises(BadValue, match="2 of 3"):
        candles([good[0], *bad], told.append)


def level(ask="4000000", bid="3900000", size="1"):
    return {"ask_price": ask, "ask_size": size, "bid_price": bid, "bid_size": size}


def book(*levels, **changes):
    return [{"market": "KRW-ETH", "timestamp": 1764300000000, "orderbook_units": list(levels)} | changes]


def test_a_book_ends_before_a_level_that_has_no_price():
    assert len(order_book(book(level(), level("0", "0", "0"), level()), "KRW-ETH").levels) == 1


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (book(), "empty"),
        (book(level("0")), "ask_price"),
        (book(level(bid="4000001")), "crossed"),
        (book(level("4100000"), level("4000000")), "order of its prices"),
        (book(level()) * 2, "2 order books"),
        (book(level(), market="KRW-BTC"), "0 order books"),
        (book(level(), timestamp=1764300000), "milliseconds"),
        ({}, "list"),
    ],
)
def test_a_book_that_cannot_be_is_refused(answer, why):
    with pytest.raises(BadValue, match=why):
        order_book(answer, "KRW-ETH")


def test_another_coins_row_never_stands_in_the_way_and_our_own_must_be_whole():
    odd = [{"currency": "APENFT", "balance": None}, {"currency": "XRP"}]
    mine = {"currency": "ETH", "balance": "0.5", "locked": "0"}
    assert balance([*odd, mine], "ETH").free == D("0.5")
    assert balance(odd, "ETH").free == 0
    for wrong in (
        [mine, mine | {"balance": "0.25"}],
        [mine | {"balance": "-3"}],
        [mine | {"locked": None}],
        [{"coin": "ETH"}],
    ):
        with pytest.raises(BadValue, match="ETH"):
            balance(wrong, "ETH")


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"error": {"name": 404, "message": "Code not found"}}, "404"),
        ({"error": {"name": "jwt_verification", "message": "…"}}, "jwt_verification"),
        ({"error": {"name": 403}}, None),
        ({"error": {"name": "403"}}, None),
        ({"error": "forbidden"}, None),
        ({"message": "no Route matched with those values"}, None),
        ("<html>", None), (None, None), ([], None),
        ({"error": {"name": "\ud800"}}, None), ({"error": {"name": True}}, None),
    ],
)  # fmt: skip
def test_only_an_error_in_upbits_own_form_is_upbits(body, name):
    error = upbit_error(body, 404)
    assert (error.code if error else None) == name
    assert error is None or error.reason.encode()
