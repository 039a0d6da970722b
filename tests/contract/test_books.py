"""The books, one promise on two databases: booked once, in the order of the log, exact to the last digit."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import create_engine, inspect, select, text
from sqlalchemy.exc import StatementError

from infra.migrations.run import AnotherVersion, check, downgrade, upgrade
from services.backend.adapters.database import NoTables
from services.backend.adapters.read_model import ReadModel
from services.backend.adapters.sql_books import SqlBooks
from services.backend.adapters.sql_days import SqlDays
from services.backend.core.report import report
from services.backend.core.setting_list import Change
from shared.catalogue import risk, sentence
from shared.catalogue.missed_slots import more_of
from shared.db import DatabaseAway, DatabaseDamaged, make_engine
from shared.events import Holding
from shared.reach import Reach
from shared.reason import Reason
from shared.stored import Stored
from shared.tables import (
    bot_status,
    cycles,
    metadata,
    missed,
    model_figures,
    portfolio_snapshots,
    read_state,
    setting_changes,
    trade_figures,
    trades,
)
from tests.support import builders as make

LATER = "KRW-ETH-20260105T0400Z"
STORED = datetime(2026, 1, 5, 3, 0, 1, tzinfo=UTC)


@pytest.fixture
async def engine(migrated):
    engine = make_engine(migrated)
    yield engine
    await engine.dispose()


@pytest.fixture
def ledger(engine):
    return ReadModel(engine)


@pytest.fixture
def books(engine):
    return SqlBooks(engine)


async def rows(engine, table):
    async with engine.begin() as db:
        return [dict(row) for row in (await db.execute(select(table).order_by(*table.primary_key))).mappings()]


async def everything(engine):
    return {table.name: await rows(engine, table) for table in metadata.sorted_tables}


LOG = (
    make.due(),
    make.snapshot(),
    make.passed(),
    make.decision(),
    make.intent(),
    make.fill(),
    make.end("OrderFilled"),
    make.missed(cycle="KRW-BTC-20260105T0300Z"),
    make.control(),
    make.due(cycle="KRW-ETH-20260105T0400Z"),
    make.rejected(cycle="KRW-ETH-20260105T0400Z"),
    make.end("CycleRejected", cycle="KRW-ETH-20260105T0400Z"),
    make.fill(cycle="KRW-ETH-20260105T0500Z", side="sell"),
    make.valuation_due(),
    make.valued(),
    make.report_due(),
)


async def book(ledger, events, first=1):
    for seq, event in enumerate(events, first):
        await ledger.apply(event, seq, STORED + timedelta(seconds=seq))


# --- migrations --------------------------------------------------------------------------------


def test_the_migrations_and_the_code_say_the_same_up_down_and_up_again(empty):
    upgrade(empty)
    check(empty)
    downgrade(empty)
    upgrade(empty)
    check(empty)


def test_up_to_date_is_left_alone(empty):
    upgrade(empty)
    upgrade(empty)


def test_a_database_of_a_newer_version_is_left_alone_and_says_so(empty):
    upgrade(empty)
    engine = create_engine(empty)
    with engine.begin() as db:
        db.execute(text("update alembic_version set version_num = '9999'"))
    engine.dispose()
    with pytest.raises(AnotherVersion, match=r"another version of the code.*9999.*built again from the event log"):
        upgrade(empty)


def test_the_owners_tables_have_his_columns_and_indexes(empty):
    upgrade(empty)
    engine = create_engine(empty)
    seen = inspect(engine)
    columns = {name: [c["name"] for c in seen.get_columns(name)] for name in seen.get_table_names()}
    indexes = {name: {i["name"] for i in seen.get_indexes(name)} for name in columns}
    engine.dispose()
    assert columns["trades"][:11] == [
        "id", "symbol", "side", "price", "amount", "total_krw", "fee", "ai_decision", "ai_confidence", "created_at",
        "updated_at",
    ]  # fmt: skip
    assert columns["portfolio_snapshots"][:6] == [
        "id", "krw_balance", "coin_balance", "coin_price", "total_value_krw", "created_at",
    ]  # fmt: skip
    assert columns["bot_status"] == [
        "id", "status", "last_trade_time", "total_trades", "uptime_seconds", "created_at", "updated_at",
    ]  # fmt: skip
    assert indexes["trades"] >= {"idx_trades_symbol", "idx_trades_created_at"}
    assert indexes["portfolio_snapshots"] == {"idx_snapshots_created_at"}


def test_his_defaults_fill_a_row_that_says_little(empty):
    upgrade(empty)
    engine = create_engine(empty)
    with engine.begin() as db:
        db.execute(text("insert into bot_status (status) values ('running')"))
        row = db.execute(select(bot_status)).mappings().one()
    engine.dispose()
    assert (row["id"], row["total_trades"], row["uptime_seconds"]) == (1, 0, 0)
    assert row["created_at"].tzinfo is UTC


# --- what is booked ----------------------------------------------------------------------------


async def test_a_fill_becomes_a_trade(ledger, engine):
    await book(ledger, [make.fill()])
    assert await rows(engine, trades) == [
        {
            "id": 1,
            "symbol": "KRW-ETH",
            "side": "buy",
            "price": Decimal("4000000"),
            "amount": Decimal("0.0125"),
            "total_krw": Decimal("50000"),
            "fee": Decimal("25"),
            "ai_decision": "RSI 과매도 구간 진입",
            "ai_confidence": "high",
            "created_at": make.AT,
            "updated_at": make.AT,
            "cycle": "KRW-ETH-20260105T0300Z",
            "funds_exact": Decimal("50000"),
            "fee_exact": Decimal("25"),
            "profit_exact": None,
            "held_volume": Decimal("0.0125"),
            "held_cost": Decimal("50025"),
            "reason": "RSI 과매도 구간 진입",
            "reason_code": None,
            "figures": None,
            "said": None,
            "opened_for": None,
            "slippage_krw": Decimal(0),
        }
    ]


async def test_the_owners_columns_are_rounded_and_the_exact_ones_are_not(ledger, engine):
    exact = {"funds": Decimal("49999.9428749999"), "fee": Decimal("24.99997143749995"), "price": Decimal("1") / 3}
    await book(ledger, [make.fill(**exact)])
    (trade,) = await rows(engine, trades)
    assert trade["total_krw"] == Decimal("49999.94")
    assert trade["fee"] == Decimal("25.00")
    assert trade["price"] == Decimal("0.33333333")
    assert trade["funds_exact"] == Decimal("49999.9428749999")
    assert trade["fee_exact"] == Decimal("24.99997143749995")


async def test_a_cycle_fills_up_event_by_event(ledger, books):
    await book(ledger, LOG[:2])
    begun = await books.cycle(make.CYCLE, "ko")
    assert (begun.price, begun.status, begun.ended_at) == (Decimal(4_000_000), None, None)
    await book(ledger, LOG[2:7], first=3)
    done = await books.cycle(make.CYCLE, "ko")
    assert done.started_at == STORED + timedelta(seconds=1)
    assert done.ended_at == STORED + timedelta(seconds=7)
    assert (done.end_kind, done.status, done.decision, done.ai_decision) == ("OrderFilled", "success", "buy", "buy")
    assert (done.amount, done.total) == (Decimal("0.0125"), Decimal(50_000))


async def test_an_end_without_a_price_leaves_the_snapshots(ledger, books):
    await book(ledger, [make.due(), make.snapshot(), make.end("CycleFailed", stage="analyst")])
    assert (await books.cycle(make.CYCLE, "ko")).price == Decimal(4_000_000)


async def test_a_missed_slot_and_a_switch_have_their_rows(ledger, engine):
    await book(ledger, [make.fill(), make.missed(cycle="KRW-BTC-20260105T0300Z"), make.control(command="pause")])
    (slot,) = await rows(engine, missed)
    assert (slot["cycle"], slot["reason"], slot["reason_code"]) == ("KRW-BTC-20260105T0300Z", "late", "LATE_START")
    (status,) = await rows(engine, bot_status)
    assert (status["status"], status["total_trades"], status["last_trade_time"]) == ("paused", 1, make.AT)


# --- once, and in order ------------------------------------------------------------------------


async def test_delivered_twice_is_booked_once(ledger, engine):
    for seq, event in enumerate(LOG, 1):
        assert await ledger.apply(event, seq, STORED + timedelta(seconds=seq))
        assert not await ledger.apply(event, seq, STORED + timedelta(seconds=seq))
    assert len(await rows(engine, trades)) == 2
    assert len(await rows(engine, cycles)) == 2


async def test_any_stretch_of_the_log_read_again_changes_nothing(ledger, engine):
    await book(ledger, LOG)
    before = await everything(engine)
    for first in range(1, len(LOG) + 1):
        await book(ledger, LOG[first - 1 :], first=first)
    assert await everything(engine) == before


async def test_thrown_away_at_any_point_and_built_again_the_books_are_equal_ids_included(ledger, engine):
    await book(ledger, LOG)
    whole = await everything(engine)
    for read in range(len(LOG) + 1):
        async with engine.begin() as db:
            for table in metadata.sorted_tables:
                await db.execute(table.delete())
        await book(ledger, LOG[:read])
        await book(ledger, LOG)
        assert await everything(engine) == whole


async def test_an_event_that_cannot_be_booked_leaves_no_trace_and_no_gap_in_the_ids(ledger, engine):
    await book(ledger, [make.fill()])
    with pytest.raises(StatementError, match="does not fit"):
        await ledger.apply(make.fill(cycle="KRW-ETH-20260105T0400Z", price=Decimal(10) ** 13), 2, STORED)
    assert await ledger.last_seq() == 1
    await ledger.apply(make.fill(cycle="KRW-ETH-20260105T0400Z"), 2, STORED)
    assert [row["id"] for row in await rows(engine, trades)] == [1, 2]


async def test_no_text_of_an_exchange_or_a_crash_holds_up_the_books(ledger, engine):
    """PostgreSQL refuses a NUL and what is wider than its column; SQLite takes both."""
    broken = {"reason": "no\0answer", "reason_code": "E" * 100, "said": "no\0word"}
    await book(ledger, [
        make.end("OrderRejected", **broken),
        make.missed(cycle="KRW-BTC-20260105T0300Z", detail="no\0clock"),
        make.fill(cycle="KRW-ETH-20260105T0400Z", reason="no\0reason"),
    ])  # fmt: skip
    (cycle,), (slot,), (trade,) = [await rows(engine, table) for table in (cycles, missed, trades)]
    assert (cycle["reason"], cycle["reason_code"]) == ("no\ufffdanswer", "E" * 64)
    assert cycle["said"] == "no\ufffdword"
    assert (slot["detail"], trade["ai_decision"]) == ("no\ufffdclock", "no\ufffdreason")


async def test_the_place_in_the_log_moves_with_events_that_have_no_row(ledger, engine):
    await book(ledger, [make.passed(), make.intent()])
    (place,) = await rows(engine, read_state)
    assert (place["id"], place["last_seq"]) == (1, 2)


async def test_the_books_keep_how_far_their_log_reached(ledger):
    assert await ledger.reach() == Reach()
    fill, later = make.fill(), make.missed(cycle="KRW-ETH-20260105T0500Z")
    await ledger.apply_all([Stored(fill, 1, STORED, stamp="one"), Stored(make.passed(), 2, STORED, stamp="two")])
    assert await ledger.reach() == Reach(last=2, stamp="two", fill=fill.cycle)
    await ledger.belong_to(STORED)
    await ledger.belong_to(STORED + timedelta(hours=1))  # they say already
    await ledger.apply_all([Stored(later, 3, STORED), Stored(make.log_accepted(), 4, STORED, stamp="four")])
    assert await ledger.reach() == Reach(created=STORED, last=4, stamp="four", fill=fill.cycle, accepted_at=make.AT)


async def test_books_that_start_over_are_as_if_nothing_had_been_read(ledger, engine):
    await book(ledger, LOG)
    whole = await everything(engine)
    await ledger.start_over(Reach(created=STORED, last=7))
    assert await ledger.reach() == Reach(created=STORED)
    assert await rows(engine, trades) == []
    await book(ledger, LOG)
    again = await everything(engine)
    for table in (whole, again):
        table.pop("read_state", None)
    assert again == whole


async def test_a_booking_that_is_cancelled_holds_up_nobody(ledger):
    async with asyncio.timeout(60):  # a lock left behind would be waited for 5 s and then be an error
        for seq, event in enumerate(LOG, 1):
            booking = asyncio.ensure_future(ledger.apply(event, seq, STORED))
            for _ in range(seq):
                await asyncio.sleep(0)
            booking.cancel()
            await asyncio.gather(booking, return_exceptions=True)
            await ledger.apply(event, seq, STORED)
    assert await ledger.last_seq() == len(LOG)


# --- what is read ------------------------------------------------------------------------------


async def test_trades_come_newest_first_by_page_and_filter(ledger, books):
    for n in range(1, 6):
        side = "buy" if n % 2 else "sell"
        market = "KRW-BTC" if n == 5 else "KRW-ETH"
        await ledger.apply(make.fill(cycle=f"{market}-2026010{n}T0300Z", side=side), n, STORED)
    page, total = await books.trades(limit=2, offset=1, symbol=None, side=None)
    assert ([t.id for t in page], total) == ([4, 3], 5)
    page, total = await books.trades(limit=50, offset=0, symbol="KRW-ETH", side="buy")
    assert ([t.id for t in page], total) == ([3, 1], 2)
    page, total = await books.trades(limit=2, offset=0, symbol=None, side=None, before=4)
    assert ([t.id for t in page], total) == ([3, 2], 5)
    page, _ = await books.trades(limit=2, offset=1, symbol=None, side="buy", before=5)
    assert [t.id for t in page] == [1]
    assert await books.trades(limit=2, offset=0, symbol=None, side=None, before=1) == ((), 5)
    assert await books.trade(6, "ko") is None


async def test_sums_are_exact(ledger, books):
    fees = ["0.1", "0.2", "24.99997143749995"]
    for n, fee in enumerate(fees, 1):
        await ledger.apply(make.fill(cycle=f"KRW-ETH-2026010{n}T0300Z", fee=Decimal(fee)), n, STORED)
    stats = await books.stats("day")
    assert (stats.trades, stats.buys, stats.volume) == (3, 3, Decimal(150_000))
    assert stats.fees == Decimal("25.29997143749995")
    assert [m.symbol for m in stats.markets] == ["KRW-ETH"]


async def test_a_sale_tells_its_profit_and_the_figures_add_it_up(ledger, books, engine):
    """Bought for 50,025 with the fee; half of it sold for 30,000 less 15, the rest for 20,000 less 10."""
    half = make.position(volume="0.00625", cost="25012.5")
    gone = make.position(volume="0", cost="0", opened_by=None)
    first = {"side": "sell", "volume": "0.00625", "funds": "30000", "fee": "15", "position": half}
    last = {"side": "sell", "volume": "0.00625", "funds": "20000", "fee": "10", "position": gone}
    log = [
        make.fill(),
        make.fill(cycle="KRW-ETH-20260105T0400Z", **first),
        make.fill(cycle="KRW-ETH-20260105T0500Z", **last, profit="-5022.5"),
    ]
    await book(ledger, log)
    assert [row["profit_exact"] for row in await rows(engine, trades)] == [None, Decimal("4972.5"), Decimal("-5022.5")]
    stats = await books.stats("month")
    assert (stats.profit, stats.win_rate, stats.sells) == (Decimal(-50), 0.5, 2)
    assert [(p.period, p.trades) for p in stats.periods] == [("2026-01", 3)]


async def test_a_valuation_is_a_row_for_each_market_and_the_worth_of_the_account(ledger, books, engine):
    btc = Holding(market="KRW-BTC", volume="0", price="130000000", value="0")
    both = make.valued(holdings=(*make.valued().holdings, btc))
    await book(ledger, [make.fill(), both, make.valued(make.AT + timedelta(hours=1), total="1002000")])
    kept = await rows(engine, portfolio_snapshots)
    assert [(r["id"], r["symbol"], r["krw_balance"], r["total_value_krw"]) for r in kept] == [
        (1, "KRW-ETH", Decimal("949975"), Decimal("1001225")),
        (2, "KRW-BTC", Decimal("949975"), Decimal("1001225")),
        (3, "KRW-ETH", Decimal("949975"), Decimal("1002000")),
    ]
    worth = await books.portfolio(hours=24)
    assert (worth.total_value_krw, worth.valued_at) == (Decimal(1_002_000), make.AT + timedelta(hours=1))
    assert [point.total_value_krw for point in worth.history] == [Decimal(1_002_000), Decimal(1_001_225)]
    assert worth.coins[0].unrealised == worth.unrealised == Decimal("1225")  # 0.0125 at 4,100,000 less 50,025
    assert (await books.totals()).value == Decimal(1_002_000)


async def test_what_was_traded_since_the_valuation_is_in_the_account_at_its_prices(ledger, books):
    """Valued at 949,975 won and 0.0125 ETH of 4,100,000; then half sold for 26,000 less 13, BTC for 10,000 and 5."""
    later = {"executed_at": make.AT + timedelta(minutes=20)}
    half = {"side": "sell", "volume": "0.00625", "funds": "26000", "fee": "13", "profit": "974.5"}
    left = make.position(volume="0.00625", cost="25012.5")
    bought = make.position(volume="0.0001", cost="10005")
    btc = {"volume": "0.0001", "funds": "10000", "fee": "5", "price": "100000000", "position": bought}
    await book(ledger, [
        make.fill(), make.valued(),
        make.fill(cycle="KRW-ETH-20260105T0320Z", **half, **later, position=left),
        make.fill(cycle="KRW-BTC-20260105T0320Z", **btc, **later),
    ])  # fmt: skip
    now = await books.portfolio(hours=24)
    assert now.valued_at == make.AT
    assert now.krw_balance == Decimal(949_975) + 26_000 - 13 - 10_005
    assert [(c.symbol, c.coin_balance, c.value, c.bot_amount) for c in now.coins] == [
        ("KRW-BTC", Decimal("0.0001"), Decimal(10_000), Decimal("0.0001")),
        ("KRW-ETH", Decimal("0.00625"), Decimal(25_625), Decimal("0.00625")),
    ]
    assert now.total_value_krw == now.krw_balance + 10_000 + 25_625
    assert (now.realised, now.unrealised) == (Decimal("974.5"), Decimal("612.5") - 5)


async def test_a_stretch_booked_at_once_leaves_the_rows_of_one_by_one(ledger, engine, tmp_path):
    stored = [Stored(event, seq, STORED + timedelta(seconds=seq)) for seq, event in enumerate(LOG, 1)]
    assert await ledger.apply_all(stored) == len(LOG)
    assert await ledger.apply_all(stored) == 0
    address = f"sqlite:///{tmp_path / 'other.db'}"
    upgrade(address)
    other = make_engine(address)
    await book(ReadModel(other), LOG)
    assert await everything(engine) == await everything(other)
    await other.dispose()


async def test_a_report_is_what_the_books_hold_of_the_day_and_names_what_was_missed(ledger, engine):
    """Seoul's 5 January is 4 January 15:00 to 5 January 15:00 UTC."""
    sold = {"side": "sell", "funds": "51000", "fee": "25.5", "profit": "949.5"}
    flat = make.position(volume="0", cost="0", opened_by=None)
    days = [
        make.due(cycle="KRW-ETH-20260105T0100Z"),
        make.due(), make.passed(), make.decision(), make.fill(), make.end("OrderFilled"),
        make.due(cycle="KRW-ETH-20260105T0400Z"),
        make.rejected(cycle="KRW-ETH-20260105T0400Z"),
        make.end("CycleRejected", cycle="KRW-ETH-20260105T0400Z"),
        make.missed(cycle="KRW-ETH-20260105T0500Z"),
        make.fill(cycle="KRW-ETH-20260105T0600Z", **sold, position=flat, executed_at=make.AT + timedelta(hours=3)),
        make.fill(cycle="KRW-ETH-20260105T1500Z", executed_at=make.AT + timedelta(hours=12)),  # the next day
        make.valued(make.REPORT_AT),
        make.valued(make.REPORT_AT + timedelta(hours=1), total="1"),  # after the report's hour
    ]  # fmt: skip
    await book(ledger, days)
    due = make.report_due()
    told = report(due, await SqlDays(engine).of(due))
    assert (told.day.isoformat(), told.trades, told.buys, told.sells) == ("2026-01-05", 2, 1, 1)
    assert (told.volume, told.fees, told.profit_loss) == (Decimal(101_000), Decimal("50.5"), Decimal("949.5"))
    assert round(told.profit_rate, 6) == round(949.5 / 50_025, 6)
    assert (told.current_value, told.valued_at) == (Decimal("1001225"), make.REPORT_AT)
    assert told.unrealised == Decimal("1225")
    assert (told.cycles, told.failed, told.gate_passed, told.gate_rejected) == (3, 0, 1, 1)
    assert (told.decisions, told.model_calls, told.model_cost) == ({"buy": 1, "sell": 0, "hold": 0}, 0, 0)
    missed_hours = {f"{hour.slot_at:%H}": hour.cause for hour in told.missed}
    assert {hour: missed_hours[hour] for hour in ("01", "02", "05", "14")} == {
        "01": "unfinished", "02": "no_clock", "05": "late", "14": "no_clock",
    }  # fmt: skip
    late = next(hour for hour in told.missed if hour.cause == "late")
    assert sentence(more_of(late), "en") == "240 s after the slot"
    assert "00" not in missed_hours  # before the bot's first slot nothing was to be traded
    assert not {"03", "06"} & set(missed_hours)  # of the last only the fill is there: its order was adopted


async def test_a_sale_counts_on_the_day_of_seoul_it_was_made_to_the_last_microsecond(ledger, books, engine):
    """Bought 0.01 at 4,000,000 and 0.02 at 4,300,000: with fees 126,063 for 0.03. Half sold just before midnight for
    66,000 less 33, which had cost 63,031.5; half at midnight for 61,500 less 30.75."""
    midnight = datetime(2026, 1, 5, 15, tzinfo=UTC)
    first, second, third = (make.position(volume=v, cost=c) for v, c in (
        ("0.01", "40020"), ("0.03", "126063"), ("0.015", "63031.5"),
    ))  # fmt: skip
    gone = make.position(volume="0", cost="0", opened_by=None)
    sold = {"side": "sell", "volume": "0.015"}
    await book(ledger, [
        make.fill(volume="0.01", funds="40000", fee="20", position=first, executed_at=midnight - timedelta(days=1)),
        make.fill(cycle="KRW-ETH-20260105T0400Z", volume="0.02", funds="86000", fee="43", position=second),
        make.fill(cycle="KRW-ETH-20260105T1400Z", **sold, funds="66000", fee="33", position=third,
                  executed_at=midnight - timedelta(microseconds=1)),
        make.fill(cycle="KRW-ETH-20260105T1500Z", **sold, funds="61500", fee="30.75", position=gone,
                  executed_at=midnight),
    ])  # fmt: skip
    days = [make.report_due(make.REPORT_AT + timedelta(days=n)) for n in range(2)]
    told = [report(due, await SqlDays(engine).of(due)) for due in days]
    assert [(day.buys, day.sells, day.volume, day.fees, day.profit_loss) for day in told] == [
        (2, 1, Decimal(192_000), Decimal(96), Decimal("2935.5")),
        (0, 1, Decimal(61_500), Decimal("30.75"), Decimal("-1562.25")),
    ]
    assert [round(day.profit_rate, 6) for day in told] == [round(2935.5 / 63031.5, 6), round(-1562.25 / 63031.5, 6)]
    stats = await books.stats("day")
    assert (stats.profit, stats.fees, stats.win_rate) == (Decimal("1373.25"), Decimal("126.75"), 0.5)
    assert [(p.period, p.sells, p.profit, p.win_rate) for p in stats.periods] == [
        ("2026-01-06", 1, Decimal("-1562.25"), 0.0), ("2026-01-05", 1, Decimal("2935.5"), 1.0),
    ]  # fmt: skip


async def test_a_reason_is_kept_as_code_figures_and_words_and_told_in_the_readers_language(ledger, books, engine):
    wide = risk.SPREAD_TOO_WIDE.because({"spread": Decimal("0.0071"), "limit": Decimal("0.005")})
    bought = {"reason": "", "reason_code": "AI_BUY", "said": "a\0 dip"}
    await book(ledger, [make.end("OrderDenied", **wide.fields()), make.fill(cycle=LATER, **bought)])
    (row,) = await rows(engine, cycles)
    assert (row["reason"], row["reason_code"]) == (None, "SPREAD_TOO_WIDE")
    for language in ("ko", "en"):
        assert (await books.cycle(make.CYCLE, language)).reason == sentence(wide, language)
        words = Reason("AI_BUY", said="a\ufffd dip")
        assert (await books.trade(1, language)).ai_decision == sentence(words, language)


async def test_an_older_events_own_sentence_is_its_reason(ledger, books):
    await book(ledger, [make.fill(), make.end("OrderFilled", reason="과매도", reason_code="AI_BUY")])
    assert (
        (await books.trade(1, "ko")).ai_decision == (await books.trade(1, "en")).ai_decision == "RSI 과매도 구간 진입"
    )
    assert (await books.cycle(make.CYCLE, "ko")).reason == "과매도"


async def test_the_gate_is_told_newest_first_each_with_the_threshold_of_its_tick(ledger, books):
    strict, odd = {"GATE_WIN_RATE_MIN": "0.6"}, {"GATE_WIN_RATE_MIN": "much"}
    await book(ledger, [
        make.due(settings=strict), make.passed(),
        make.due(cycle=LATER, settings=odd), make.rejected(cycle=LATER),
        make.due(cycle="KRW-BTC-20260105T0400Z", settings=strict), make.rejected(cycle="KRW-BTC-20260105T0400Z"),
        make.due(cycle="KRW-ETH-20260105T0500Z", settings=strict),  # not at the gate yet
    ])  # fmt: skip
    told = await books.gate(market=None, limit=10, before=None)
    assert [(d.cycle, d.outcome, d.figure, d.threshold, d.trades) for d in told.decisions] == [
        ("KRW-BTC-20260105T0400Z", "rejected", 0.4475, 0.6, 219),
        (LATER, "rejected", 0.4475, None, 219),
        (make.CYCLE, "passed", 0.6, 0.6, 219),
    ]
    assert told.older is None
    first = await books.gate(market="KRW-ETH", limit=1, before=None)
    assert first.older == LATER
    rest = await books.gate(market="KRW-ETH", limit=1, before=first.older)
    assert ([d.cycle for d in rest.decisions], rest.older) == ([make.CYCLE], None)


async def test_a_page_behind_a_cycle_is_not_shifted_by_new_ones(ledger, books):
    names = [f"{market}-20260105T0{hour}00Z" for hour in (5, 4) for market in ("KRW-BTC", "KRW-ETH")]
    await book(
        ledger, [event for name in reversed(names) for event in (make.due(cycle=name), make.decision(cycle=name))]
    )
    wanted = {"limit": 2, "offset": 0, "language": "ko"}
    for before, page in ((None, names[:2]), (names[0], names[1:3]), (names[1], names[2:]), (names[3], [])):
        found, total = await books.cycles(**wanted, market=None, before=before)
        assert ([c.cycle for c in found], total) == (page, 4)
        said, total = await books.decisions(**wanted, symbol=None, decision=None, before=before)
        assert ([d.cycle for d in said], total) == (page, 4)


async def test_a_trade_at_the_moment_of_the_valuation_counts_where_the_log_has_it_later(ledger, books):
    """A tape that is over stands still: what is sold then is sold at the time of the last valuation."""
    sold = {"side": "sell", "executed_at": make.AT, "volume": "0.0125", "funds": "51250", "fee": "25"}
    gone = make.position(volume="0", cost="0", opened_by=None)
    log = [
        make.fill(executed_at=make.AT), make.end("OrderFilled"), make.valuation_due(), make.valued(),
        make.fill(cycle=LATER, **sold, position=gone), make.end("OrderFilled", cycle=LATER),
    ]  # fmt: skip
    await book(ledger, log[:4])
    assert (await books.portfolio(hours=1)).krw_balance == Decimal(949_975)
    await book(ledger, log)
    told = await books.portfolio(hours=1)
    assert (told.krw_balance, told.coins[0].coin_balance) == (Decimal(1_001_200), 0)


async def test_slippage_in_won_and_what_a_position_was_opened_for_are_booked_with_the_trade(ledger, engine):
    """Bought for 50,000 at 1 % above what was expected, sold for 49,500 at 1 % below."""
    gone = make.position(volume="0", cost="0", opened_by=None)
    more = make.position(volume="0.025", cost="100050")
    await book(ledger, [
        make.fill(reason_code="AI_BUY", slippage=0.01, funds="50500"),
        make.fill(cycle=LATER, reason_code="RULES_BUY", position=more),
        make.fill(cycle="KRW-ETH-20260105T0500Z", side="sell", funds="49500", slippage=0.01, position=gone,
                  reason_code="EXIT_STOP_LOSS"),
        make.fill(cycle="KRW-ETH-20260105T0600Z", reason_code="RULES_BUY"),
    ])  # fmt: skip
    kept = await rows(engine, trades)
    assert [row["slippage_krw"] for row in kept] == [500, 0, 500, 0]
    assert [row["opened_for"] for row in kept] == ["AI_BUY", "AI_BUY", "AI_BUY", "RULES_BUY"]
    figures = [(r["period"], r["side"], r["reason_code"], r["slippage"]) for r in await rows(engine, trade_figures)]
    assert ("all", "buy", "AI_BUY", 500) in figures
    assert ("2026-01-05", "sell", "EXIT_STOP_LOSS", 500) in figures


async def test_trades_are_added_up_by_why_a_position_was_opened_and_why_it_was_sold(ledger, books):
    """Two positions: one bought twice for 100,050 and sold at a loss, one bought and sold at a profit."""
    gone = {"side": "sell", "position": make.position(volume="0", cost="0", opened_by=None)}
    more = make.position(volume="0.025", cost="100050")
    await book(ledger, [
        make.fill(reason_code="LLM_BUY"),
        make.fill(cycle=LATER, reason_code="RULES_OVERSOLD", position=more),
        make.fill(cycle="KRW-ETH-20260105T0500Z", **gone, profit="-500", reason_code="EXIT_STOP_LOSS"),
        make.fill(cycle="KRW-ETH-20260106T0600Z", executed_at=make.AT + timedelta(days=1),
                  reason_code="RULES_OVERSOLD"),
        make.fill(cycle="KRW-ETH-20260106T0700Z", executed_at=make.AT + timedelta(days=1), **gone, profit="700",
                  reason_code="LLM_SELL"),
    ])  # fmt: skip
    stats = await books.stats("day")
    entries = [(one.reason_code, one.buys, one.sells, one.profit, one.win_rate) for one in stats.entries]
    assert entries == [("LLM_BUY", 2, 1, -500, 0), ("RULES_OVERSOLD", 1, 1, 700, 1)]
    exits = [(one.reason_code, one.buys, one.sells, one.profit) for one in stats.exits]
    assert exits == [("EXIT_STOP_LOSS", 0, 1, -500), ("LLM_SELL", 0, 1, 700)]
    assert (stats.trades, stats.profit) == (5, 200)
    later = await books.stats("month", date(2026, 1, 6))
    assert (later.trades, later.profit, [one.reason_code for one in later.entries]) == (2, 700, ["RULES_OVERSOLD"])
    assert [(one.period, one.trades) for one in later.periods] == [("2026-01", 2)]
    assert (await books.stats("day", date(2026, 1, 7))).trades == 0


async def test_what_the_model_cost_is_added_up_by_day_and_month_of_seoul(ledger, engine):
    cost = make.model_call().cost_krw
    await book(ledger, [
        make.decision(), make.asked(cycle=LATER), make.asked(cycle="KRW-ETH-20260105T1500Z", lost=make.lost_calls(2)),
    ])  # fmt: skip
    found = {row["period"]: (row["calls"], row["cost"]) for row in await rows(engine, model_figures)}
    lost = make.lost_calls(2).cost_krw
    assert found == {
        "2026-01-05": (1, cost), "2026-01-06": (3, cost + lost), "2026-01": (4, 2 * cost + lost),
        "all": (4, 2 * cost + lost),
    }  # fmt: skip


async def test_the_costs_of_a_period_are_its_fees_its_slippage_and_the_models(ledger, books):
    asked, cost = make.asked(cycle="KRW-ETH-20260106T0300Z"), make.model_call().cost_krw
    await book(ledger, [make.fill(slippage=-0.01, funds="49500"), asked, make.asked(cycle=LATER)])
    days, whole = await books.costs("day", 10)
    assert [(d.period, d.fees, d.slippage, d.model_cost, d.model_calls) for d in days] == [
        ("2026-01-06", 0, 0, cost, 1), ("2026-01-05", 25, -500, cost, 1),
    ]  # fmt: skip
    assert (whole.period, whole.fees, whole.slippage, whole.model_calls) == ("all", 25, -500, 2)
    assert [m.period for m in (await books.costs("month", 10))[0]] == ["2026-01"]
    assert [d.period for d in (await books.costs("day", 1))[0]] == ["2026-01-06"]
    assert (await books.model_used(datetime(2026, 1, 6).date())).cost == cost
    assert (await books.model_used(datetime(2026, 1, 7).date())).calls == 0


async def test_a_setting_has_a_row_each_time_a_tick_came_with_another_value(ledger, books, engine):
    ticks = [{"A": "1", "B": "x"}, {"A": "1", "B": "x"}, {}, {"A": "2"}, {"A": "2", "B": "x"}]
    await book(ledger, [make.due(cycle=f"KRW-ETH-20260105T0{n}00Z", settings=said) for n, said in enumerate(ticks)])
    found = [(r["name"], r["before"], r["value"], r["at"]) for r in await rows(engine, setting_changes)]
    at = [STORED + timedelta(seconds=n) for n in range(6)]
    assert found == [
        ("A", None, "1", at[1]), ("B", None, "x", at[1]), ("A", "1", "2", at[4]), ("B", "x", None, at[4]),
        ("B", None, "x", at[5]),
    ]  # fmt: skip
    assert await books.setting_changes() == {"A": Change("2", "1", at[4], 1), "B": Change("x", None, at[5], 2)}


async def test_the_totals_count_what_is_in_the_books(ledger, books):
    await book(ledger, [*LOG, make.end("OrderUnresolved", cycle="KRW-ETH-20260105T0600Z")])
    totals = await books.totals()
    assert totals.jobs == {"success": 2, "failed": 1}
    assert totals.decisions == {("KRW-ETH", "buy"): 1}
    assert totals.trades == {"KRW-ETH": 2}
    assert totals.volume == {"KRW-ETH": Decimal(100_000)}
    assert await books.ended_after(0) == [
        (7, "trading_job", 6.0), (12, "trading_job", 2.0), (15, "portfolio_snapshot_job", 1.0),
    ]  # fmt: skip
    assert await books.ended_after(12) == [(15, "portfolio_snapshot_job", 1.0)]


async def test_the_jobs_beside_the_cycle_take_from_question_to_answer(ledger, books):
    """The log stored event n at n seconds. The first valuation never came, and the report's answer is late."""
    hours = [make.AT + timedelta(hours=n) for n in range(3)]
    await book(ledger, [
        make.valuation_due(hours[0]), make.valuation_due(hours[1]), make.report_due(), make.valued(hours[1]),
        make.valuation_due(hours[2]), make.report_ready(), make.valued(hours[2]), make.valued(hours[0]),
    ])  # fmt: skip
    assert await books.ended_after(0) == [
        (4, "portfolio_snapshot_job", 2.0), (6, "daily_report_job", 3.0), (7, "portfolio_snapshot_job", 2.0),
    ]  # fmt: skip
    assert await books.ended_after(6) == [(7, "portfolio_snapshot_job", 2.0)]
    totals = await books.totals()
    assert totals.jobs_failed["portfolio_snapshot_job"] == 1


async def test_empty_books_answer_with_nothing(books):
    assert await books.trades(limit=50, offset=0, symbol=None, side=None) == ((), 0)
    assert (await books.stats("day")).trades == 0
    assert await books.last_trade_at() is None
    assert await books.lacks() is None


async def test_a_database_without_tables_says_what_to_run(empty):
    engine = make_engine(empty)
    with pytest.raises(NoTables, match=r"python -m infra\.migrations"):
        await ReadModel(engine).apply(make.fill(), 1, STORED)
    assert "python -m infra.migrations" in (await SqlBooks(engine).lacks() or "")
    await engine.dispose()


async def test_a_database_that_is_away_is_tried_again_later():
    engine = make_engine("postgresql://trader@127.0.0.1:1/none")
    with pytest.raises(DatabaseAway, match="does not answer"):
        await ReadModel(engine).apply(make.fill(), 1, STORED)
    await engine.dispose()


async def test_a_folder_that_is_not_there_says_what_to_run(tmp_path):
    engine = make_engine(f"sqlite:///{tmp_path}/none/books.db")
    with pytest.raises(NoTables, match=r"python -m infra\.migrations"):
        await ReadModel(engine).last_seq()
    await engine.dispose()


async def test_a_damaged_file_says_what_to_do_and_stops_nobody(tmp_path):
    """Its head is whole, so that it opens; what follows is not."""
    file = tmp_path / "books.db"
    upgrade(f"sqlite:///{file}")
    whole = file.read_bytes()
    file.write_bytes(whole[:100] + b"x" * (len(whole) - 100))
    engine = make_engine(f"sqlite:///{file}")
    with pytest.raises(DatabaseDamaged, match=r"damaged.*move the file away and start again"):
        await ReadModel(engine).last_seq()
    assert "damaged" in (await SqlBooks(engine).lacks() or "")
    await engine.dispose()


def test_a_file_that_is_no_database_is_not_written_over(tmp_path):
    (tmp_path / "books.db").write_bytes(b"my holiday photographs" * 100)
    with pytest.raises(DatabaseDamaged, match=r"books\.db is damaged \(file is not a database\)"):
        upgrade(f"sqlite:///{tmp_path / 'books.db'}")
    assert (tmp_path / "books.db").read_bytes().startswith(b"my holiday")
