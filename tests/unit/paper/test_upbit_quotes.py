"""A tape that grows from quotes; the stand-in for Upbit is a second paper exchange that is stepped."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

import polars as pl
import pytest

from services.paper.adapters import upbit_quotes
from services.paper.adapters.upbit_quotes import NoQuotes, UpbitQuotes, follow
from services.paper.app import create_app
from services.paper.core.exchange import PaperExchange
from services.paper.core.refusal import Refusal
from services.paper.core.tape import BadTape
from shared.candles import SCHEMA
from shared.fixed_clock import FixedClock
from shared.settings import Settings
from tests.support.paper_server import HOUR, NOW, seat, seated
from tests.support.waiting import eventually

MINUTE = timedelta(minutes=1)
BEGAN = NOW - 10 * HOUR


class FakeJournal(list):
    def read(self):
        return list(self)

    def close(self):
        self.clear()


@pytest.fixture(scope="module")
def port():
    with seat() as empty:
        yield empty


@pytest.fixture
def upbit(port, tmp_path):
    """Ten hours of minutes at 4,000,000; the first one after NOW dips to 3,800,000."""
    rows = [(BEGAN + n * MINUTE, *[4e6] * 4, 2.0) for n in range(600)]
    rows += [(NOW + n * MINUTE, 4e6, 4e6, 3.8e6 if n == 0 else 4e6, 4e6, 2.0) for n in range(60)]
    file = tmp_path / "minutes-KRW-ETH.parquet"
    pl.DataFrame(rows, schema=SCHEMA, orient="row").write_parquet(file)
    with seated(port, tmp_path, paper_tape=str(file)) as running:
        yield running


def test_hours_and_minutes_of_quotes_make_a_tape_that_grows(upbit):
    quotes = UpbitQuotes(upbit.url, ["KRW-ETH"], pause_s=0)
    clock = FixedClock(NOW)
    paper = PaperExchange(
        quotes.first(NOW, 300 * HOUR), clock, journal=FakeJournal(), opening=Decimal(1_000_000), spread=Decimal("0.01")
    )
    assert paper.tape.unit_min == {"KRW-ETH": 1}
    assert len(paper.tape.candles("KRW-ETH", 60, NOW, 200)) == 10
    assert len(paper.tape.candles("KRW-ETH", 1, NOW, 200)) == 200
    assert paper.levels("KRW-ETH") != upbit.exchange.levels("KRW-ETH")
    paper.go_on(paper.tape, quotes.books(NOW))
    assert paper.levels("KRW-ETH") == upbit.exchange.levels("KRW-ETH")

    fields = {"market": "KRW-ETH", "side": "bid", "ord_type": "limit", "price": "3900000", "volume": "0.01"}
    paper.place(fields | {"identifier": "a"})
    clock.at = NOW + 1.5 * MINUTE
    assert paper.order(None, "a")["state"] == "wait"  # the minute is over, but its bar is not known yet
    upbit.move(clock.at)
    paper.go_on(quotes.next(clock.at), quotes.books(clock.at))
    assert paper.order(None, "a")["state"] == "done"
    assert paper.account.coin("ETH").balance == Decimal("0.01")

    clock.at = NOW + 7 * MINUTE
    with pytest.raises(Refusal, match="no quotes for minutes"):
        paper.place(fields)
    quotes.close()


def test_quotes_that_cannot_be_had_are_said(upbit, tmp_path):
    quotes = UpbitQuotes(upbit.url, ["KRW-DOGE"], pause_s=0)
    for ask in (lambda: quotes.first(NOW, HOUR), lambda: quotes.books(NOW)):
        with pytest.raises(NoQuotes, match="404"):
            ask()
    quotes.close()
    live = Settings.load(data_dir=tmp_path / "b", paper_tape="upbit", paper_quotes_url=upbit.url)
    with pytest.raises(BadTape, match="PAPER_TAPE=upbit: "):
        create_app(live)
    with pytest.raises(BadTape, match="needs PAPER_CLOCK=wall"):
        create_app(live.model_copy(update={"paper_clock": "stepped"}))


def test_the_time_is_upbits_and_not_this_machines(upbit):
    """So that a machine whose clock is wrong is found out on paper, too."""
    quotes = UpbitQuotes(upbit.url, ["KRW-ETH"], pause_s=0)
    assert abs(quotes.now() - NOW) < timedelta(minutes=1)
    upbit.move(NOW + HOUR)
    assert abs(quotes.now() - NOW - HOUR) < timedelta(minutes=1)
    quotes.close()


async def test_the_tape_is_followed_and_a_silence_is_lived_through(upbit, monkeypatch):
    monkeypatch.setattr(upbit_quotes, "EVERY_S", 0.01)
    quotes = UpbitQuotes(upbit.url, ["KRW-ETH"], pause_s=0)
    paper = PaperExchange(
        quotes.first(NOW, HOUR), FixedClock(NOW), journal=FakeJournal(), opening=Decimal(1000), spread=Decimal("0.01")
    )
    begun, asked = paper.tape, []

    def silent_once(now):
        asked.append(now)
        if len(asked) == 1:
            raise NoQuotes("the line is dead")
        return type(quotes).books(quotes, now)

    monkeypatch.setattr(quotes, "books", silent_once)
    following = asyncio.create_task(follow(quotes, paper))
    await eventually(lambda: paper.tape is not begun)
    assert len(asked) >= 2
    following.cancel()
    with suppress(asyncio.CancelledError):
        await following
    quotes.close()
