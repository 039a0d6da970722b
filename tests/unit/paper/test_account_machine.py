"""Orders, cancels, hours and crashes in any order: balances are never negative and always add up."""

import shutil
import tempfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.paper.adapters.journal_file import JournalFile
from services.paper.core.exchange import PaperExchange
from services.paper.core.refusal import Refusal
from services.paper.core.tape import Tape
from shared.candles import SCHEMA
from shared.fixed_clock import FixedClock
from shared.types import plain
from shared.venue import floor_tick

D = Decimal
START = datetime(2025, 9, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
OPENING = D(1_000_000)
SWING = (1.0, 1.02, 0.97, 1.05, 0.94, 1.01)
PRICES = {"KRW-ETH": 4_000_000.0, "KRW-PEPE": 0.0123}


def swinging(price: float) -> pl.DataFrame:
    """Ninety hours, each from one swing to the next and a little beyond; few coins, so that orders fill in parts."""
    rows = []
    for n in range(90):
        begin, end = price * SWING[n % 6], price * SWING[(n + 1) % 6]
        rows.append((START + n * HOUR, begin, max(begin, end) * 1.01, min(begin, end) * 0.99, end, 40_000 / price))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


TAPE = Tape({market: swinging(price) for market, price in PRICES.items()})


class AnyLife(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.path = self.folder / "journal.jsonl"
        self.sent = 0

    @initialize()
    def open(self):
        self.journal = JournalFile(self.path)
        self.paper = PaperExchange(TAPE, FixedClock(START), journal=self.journal, opening=OPENING, spread=D("0.0004"))

    @rule(
        market=st.sampled_from(sorted(PRICES)),
        side=st.sampled_from(["bid", "ask"]),
        kind=st.sampled_from(["limit", "limit", "limit", "market", "best"]),
        part=st.sampled_from(["0.01", "0.1", "0.5", "0.9995", "1"]),
        off=st.sampled_from(["0.9", "0.97", "0.995", "1", "1.005", "1.03", "1.1"]),
        option=st.sampled_from(["", "", "ioc", "fok", "post_only"]),
        share=st.sampled_from(["1", "1", "0.3"]),
        named=st.booleans(),
    )
    def place(self, market, side, kind, part, off, option, share, named):
        last = D(str(TAPE.price_at(market, self.paper.now)))
        price = floor_tick(last * D(off), self.paper.now)
        won = (self.paper.account.krw * D(part)).quantize(D(1))
        coins = (self.paper.account.coin(market[4:]).balance * D(part)).quantize(D("1e-8"))
        volume = coins if side == "ask" else (won / price).quantize(D("1e-8"))
        fields = {"market": market, "side": side, "ord_type": kind, "time_in_force": option}
        if kind == "limit":
            fields |= {"price": plain(price), "volume": plain(volume)}
        else:
            fields |= {"price": plain(won)} if side == "bid" else {"volume": plain(volume)}
        if kind == "market":
            fields |= {"ord_type": "price" if side == "bid" else "market", "time_in_force": ""}
        self.sent += 1
        with suppress(Refusal):
            self.paper.place(fields | ({"identifier": f"n{self.sent}"} if named else {}), D(share))

    @rule(which=st.integers(0, 99))
    def cancel(self, which):
        resting = list(self.paper.ledger.resting)
        if resting:
            self.paper.cancel(resting[which % len(resting)], None)

    @rule(hours=st.integers(1, 4))
    def pass_hours(self, hours):
        with suppress(Refusal):
            self.paper.move(self.paper.now + hours * HOUR)

    @rule(cut=st.integers(0, 3000))
    def die_while_writing(self, cut):
        """The last line stops at any byte: what it told never happened; at its end it did, and nothing is lost."""
        whole = self.path.read_bytes()
        before = whole.rstrip(b"\n").rpartition(b"\n")[0]
        kept = max(len(before) + 1 if before else 0, len(whole) - cut)
        complete = kept == len(whole)
        now = (self.paper.account, self.paper.orders(), self.paper.now)
        self.journal.close()
        self.path.write_bytes(whole[:kept])
        self.open()
        if complete:
            found = (self.paper.account, self.paper.orders(), self.paper.now)
            assert found[:2] == now[:2]
        assert self.path.read_bytes().endswith(b"\n")

    @invariant()
    def it_adds_up(self):
        account = self.paper.account
        won, held = OPENING, D(0)
        coins = {market[4:]: D(0) for market in PRICES}
        locked = dict(coins)
        for order in self.paper.orders():
            sign = 1 if order.side == "bid" else -1
            won -= sign * order.funds + order.fee
            coins[order.base] += sign * order.volume
            if order.side == "bid":
                held += order.locked
            else:
                locked[order.base] += order.locked
            assert order.held >= 0
            assert (order.rest or 0) >= 0
        assert account.krw + account.krw_locked == won
        assert account.krw_locked == held
        assert account.krw >= 0
        for name, total in coins.items():
            assert account.coin(name).total == total
            assert account.coin(name).locked == locked[name]
            assert account.coin(name).balance >= 0

    def teardown(self):
        self.journal.close()
        shutil.rmtree(self.folder)


AnyLife.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestAnyLife = pytest.mark.timeout(300)(AnyLife.TestCase)
