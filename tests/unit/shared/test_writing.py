"""Won, coins, shares and times of Seoul as a person reads them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from shared import writing

AT = datetime(2026, 1, 5, 16, 3, 12, 345678, tzinfo=UTC)


def test_a_time_is_that_of_seoul():
    assert writing.seoul(AT) == "2026-01-06 01:03"
    assert writing.seoul_second(AT, "ko") == "2026-01-06 01:03:12"
    assert writing.seoul_second(AT, "en") == "2026-01-06 01:03:12 KST"
    assert writing.seoul_short(AT) == "01-06 01:03"
    assert writing.seoul_hour(AT) == "01:03"
    assert writing.seoul_iso(AT) == "2026-01-06T01:03:12+09:00"
    assert writing.seoul_iso(AT, "microseconds") == "2026-01-06T01:03:12.345678+09:00"
    assert writing.seoul_day(AT) == date(2026, 1, 6)


@pytest.mark.parametrize(
    ("amount", "won", "whole", "exact"),
    [
        ("4350000.4", "4,350,000원", "4,350,000원", "4,350,000.40원"),
        ("100", "100원", "100원", "100원"),
        ("99.50", "99.5원", "100원", "99.50원"),
        ("0.00001234", "0.00001234원", "0원", "0.00원"),
        ("-1234.56", "-1,235원", "-1,235원", "-1,234.56원"),
        ("0", "0원", "0원", "0원"),
    ],
)
def test_won_have_the_decimals_that_they_need(amount, won, whole, exact):
    assert writing.won(Decimal(amount), "ko") == won
    assert writing.whole_won(Decimal(amount), "ko") == whole
    assert writing.exact_won(Decimal(amount), "ko") == exact
    assert writing.won(Decimal(amount), "en") == won.replace("원", " KRW")


def test_a_price_keeps_the_digits_of_its_quote():
    assert writing.quoted_won(Decimal("4385000"), "ko") == "4,385,000원"
    assert writing.quoted_won(Decimal("0.5123"), "en") == "0.5123 KRW"
    assert writing.quoted_won(Decimal("124198500"), "ko") == "124,198,500원"
    assert writing.quoted_won(Decimal("0.00012345"), "ko") == "0.00012345원"


def test_less_than_half_a_won_below_nothing_is_nothing():
    assert writing.whole_won(Decimal("-0.4")) == "0원"
    assert writing.whole(-0.4) == "0"


@pytest.mark.parametrize(("amount", "gain"), [("949.4", "+949원"), ("-320", "-320원"), ("-0.4", "0원"), ("0", "0원")])
def test_a_gain_and_a_loss_have_their_sign(amount, gain):
    assert writing.gain(Decimal(amount), "ko") == gain


def test_coins_have_no_noughts_at_the_end():
    assert writing.coins(Decimal("0.01150000"), "KRW-ETH") == "0.0115 ETH"
    assert writing.volume(Decimal("100")) == "100"
    assert writing.volume(Decimal("1E-8")) == "0.00000001"
    assert writing.exact(Decimal("2.4995000000")) == "2.4995"
    assert writing.exact(Decimal("1E+2")) == "100"


def test_a_share_is_of_a_hundred():
    assert writing.share(0.447) == "44.7 %"
    assert writing.share(0.0004, signed=True) == "+0.0400 %"
    assert writing.percent(Decimal("-0.0123"), 2, signed=True) == "-1.23 %"
    assert writing.pct(0.447) == "44.7%"
