"""The account against the books, as the last valuation found it; and how far the gate's candles reach."""

from datetime import datetime, timedelta

from services.backend.core.history_state import history_state
from shared.bus.namespace import Namespace
from shared.history.archive import Archive
from shared.history.months import by_month
from shared.history.objects import BrokerObjects
from tests.support.builders import AT, candles, differing, valued
from tests.support.histories import MemoryObjects

HOUR = timedelta(hours=1)


async def get(running, path):
    return (await running.api.get(path)).raise_for_status().json()


async def test_the_account_is_what_the_last_valuation_found_beside_the_bots_own(running):
    assert await get(running, "/api/account") == {
        "valued_at": None, "coins": [], "left_out": [], "key_expires_at": None,
    }  # fmt: skip
    later = valued(AT + HOUR, holdings=differing().holdings, key_expires_at=AT + timedelta(days=3))
    await running.booked(valued(), later)
    told = await get(running, "/api/account")
    assert told["coins"] == [{"symbol": "KRW-ETH", "account": 0.0125, "beside": -0.0025}]
    assert datetime.fromisoformat(told["key_expires_at"]) == AT + timedelta(days=3)


async def test_a_market_without_candles_says_so_and_another_how_far_they_reach(running):
    (empty,) = (await get(running, "/api/history"))["histories"]
    assert (empty["market"], empty["first"], empty["candles"]) == ("KRW-ETH", None, 0)
    archive = Archive(BrokerObjects(lambda: running.js, Namespace()))
    await archive.revise("KRW-ETH", None, by_month(candles(40)))
    (told,) = (await get(running, "/api/history"))["histories"]
    assert (told["candles"], told["missing"], told["gaps"]) == (40, 0, [])
    assert datetime.fromisoformat(told["until"]) == AT


async def test_hours_that_lack_a_candle_count_to_the_month_in_which_their_gap_ends():
    """Of 1,000 hours until AT, in January, two are gone in November and thirty over the turn of the year."""
    lacks = {990, 991, *range(52, 82)}  # hours before AT
    kept = [n not in lacks for n in range(1000, 0, -1)]
    frame = candles(1000, start=AT - 1000 * HOUR).filter(kept)
    edition = await Archive(MemoryObjects()).revise("KRW-ETH", None, by_month(frame))
    told = history_state("KRW-ETH", edition.manifest)
    assert (told.first, told.until, told.missing) == (AT - 1000 * HOUR, AT, 32)
    assert [(gap.month, gap.hours) for gap in told.gaps] == [("2025-11", 2), ("2026-01", 30)]
