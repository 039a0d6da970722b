"""Money and times as both databases keep them; the types alone, without a database."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite

from shared.columns import EveryDigit, ExactDecimal, UTCDateTime

DIALECTS = [sqlite.dialect(), postgresql.dialect()]
MONEY = st.decimals(Decimal("-92233720368"), Decimal("92233720368"), places=8)


def test_sqlite_keeps_money_as_whole_units():
    assert ExactDecimal(20, 8).process_bind_param(Decimal("0.0125"), sqlite.dialect()) == 1_250_000
    assert ExactDecimal(20, 8).process_result_value(1_250_000, sqlite.dialect()) == Decimal("0.0125")


@given(MONEY)
def test_money_comes_back_as_it_went_in(amount):
    column, dialect = ExactDecimal(20, 8), sqlite.dialect()
    assert column.process_result_value(column.process_bind_param(amount, dialect), dialect) == amount


@given(MONEY, MONEY)
def test_sqlite_sums_and_sorts_money_as_we_do(one, other):
    column, dialect = ExactDecimal(20, 8), sqlite.dialect()
    units = [column.process_bind_param(amount, dialect) for amount in (one, other)]
    assert column.process_result_value(sum(units), dialect) == one + other
    assert (units[0] < units[1]) == (one < other)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.name)
@pytest.mark.parametrize(
    ("bad", "error", "why"),
    [
        (0.1, TypeError, "not float"),
        (1, TypeError, "not int"),
        (Decimal("0.123456789"), ValueError, "more than 8 decimals"),
        (Decimal(10) ** 12, ValueError, "does not fit 20 digits"),
        (Decimal("NaN"), ValueError, "no amount"),
        (Decimal("Infinity"), ValueError, "no amount"),
    ],
)
def test_what_money_cannot_be_is_refused(dialect, bad, error, why):
    with pytest.raises(error, match=why):
        ExactDecimal(20, 8).process_bind_param(bad, dialect)


def test_what_does_not_fit_sqlite_is_refused_and_not_rounded():
    with pytest.raises(OverflowError, match="64-bit"):
        ExactDecimal(20, 8).process_bind_param(Decimal("92233720368.54775808"), sqlite.dialect())


def test_a_fee_keeps_every_digit_on_sqlite():
    fee = Decimal("24.99997143750000000021")
    kept = EveryDigit().process_bind_param(fee, sqlite.dialect())
    assert kept == "24.99997143750000000021"
    assert EveryDigit().process_result_value(kept, sqlite.dialect()) == fee


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.name)
def test_a_float_is_no_fee(dialect):
    with pytest.raises(TypeError, match="not float"):
        EveryDigit().process_bind_param(24.99, dialect)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.name)
def test_a_time_in_seoul_comes_back_in_utc(dialect):
    noon = datetime(2026, 1, 5, 12, tzinfo=timezone(timedelta(hours=9)))
    back = UTCDateTime().process_result_value(UTCDateTime().process_bind_param(noon, dialect), dialect)
    assert back == datetime(2026, 1, 5, 3, tzinfo=UTC)
    assert back.tzinfo is UTC


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.name)
def test_a_naive_time_is_refused(dialect):
    with pytest.raises(ValueError, match="naive"):
        UTCDateTime().process_bind_param(datetime(2026, 1, 5, 12), dialect)
