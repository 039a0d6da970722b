"""Real hours: no verdict, vote, figure or prompt is another than it was. A diff here is a change of what the bot does.

The long one is written anew by `UPCYCLE_GOLDEN=1 pytest -m slow tests/pipeline/test_real_months.py`.
"""

from datetime import UTC, datetime

import pytest

from tests.support.golden import assert_golden
from tests.support.real_hours import FIRST, LAST, RealMonths, tallies


@pytest.fixture
def months(data_dir):
    return RealMonths(data_dir / "candles")


async def test_the_days_of_the_crash_say_what_they_said(months):
    first, last = datetime(2024, 12, 3, 1, tzinfo=UTC), datetime(2024, 12, 4, 6, tzinfo=UTC)
    days = [await tallies(months, market, first, last, "%Y-%m-%d") for market in ("KRW-ETH", "KRW-BTC")]
    assert_golden("months/crash.txt", "".join(days))


@pytest.mark.slow
@pytest.mark.parametrize("market", ["KRW-ETH", "KRW-BTC"])
async def test_every_hour_of_eighteen_months_says_what_it_said(months, market):
    assert_golden(f"months/{market}.txt", await tallies(months, market, FIRST, LAST, "%Y-%m"))
