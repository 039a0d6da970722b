"""What one event means for the books."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.backend.core.draft import periods
from services.backend.core.projection import CycleRow, MissedRow, StatusRow, TradeRow, rounded, row_of
from shared.events import SUCCESS
from tests.support.builders import (
    AT,
    CYCLE,
    asked,
    control,
    decision,
    due,
    end,
    examples,
    exit_due,
    fill,
    lost_calls,
    missed,
    model_call,
    snapshot,
)

STORED = datetime(2026, 1, 5, 3, 0, 1, tzinfo=UTC)


def test_a_tick_starts_a_cycle_when_the_log_stored_it():
    assert row_of(due(), 1, STORED) == CycleRow(CYCLE, "KRW-ETH", AT, started_at=STORED)


def test_the_exit_guards_start_tells_its_price_and_who_spoke():
    started = row_of(exit_due(), 1, STORED)
    assert (started.started_at, started.price, started.analyst) == (STORED, Decimal(3_800_000), "guard")
    assert started.ai_decision is None  # nobody was asked


def test_a_snapshot_tells_the_price():
    assert row_of(snapshot(), 2, STORED) == CycleRow(CYCLE, "KRW-ETH", AT, price=Decimal(4_000_000))


def test_the_analysts_word_is_kept_beside_what_was_done():
    said = row_of(decision(decision="buy"), 3, STORED)
    done = row_of(end("OrderDenied"), 4, STORED)
    assert (said.ai_decision, said.decision) == ("buy", None)
    assert (done.ai_decision, done.decision) == (None, "hold")


@pytest.mark.parametrize(
    ("said", "won"),
    [
        (decision(), None),  # the rules cost nothing and are no call
        (asked(call=model_call(cost_krw="14.376")), "14.376"),
        (asked(call=model_call(cost_krw="14.376"), lost=lost_calls()), "78.276"),
        (asked(call=None, reason_code="LLM_ASKED_TWICE", lost=lost_calls(2)), "127.8"),
    ],
)
def test_the_model_costs_what_it_was_asked_for_the_answers_a_crash_lost_among_it(said, won):
    assert row_of(said, 3, STORED).model_cost == (won and Decimal(won))


@pytest.mark.parametrize("kind", ["OrderFilled", "CycleRejected", "OrderSkipped", "OrderDenied"])
def test_these_ends_are_a_success(kind):
    assert row_of(end(kind), 9, STORED).status == "success"
    assert kind in SUCCESS


@pytest.mark.parametrize("kind", ["CycleFailed", "OrderRejected", "OrderUnresolved"])
def test_these_ends_are_a_failure(kind):
    assert row_of(end(kind), 9, STORED).status == "failed"


def test_a_trade_comes_from_the_fill_and_not_from_the_end():
    assert isinstance(row_of(fill(), 5, STORED), TradeRow)
    assert isinstance(row_of(end("OrderFilled"), 6, STORED), CycleRow)


def test_a_trades_time_is_the_exchanges():
    assert row_of(fill(executed_at=AT), 5, STORED).created_at == AT


def test_a_missed_slot_keeps_its_reason():
    figures = '[{"name":"late","value":"240","unit":"seconds"}]'
    assert row_of(missed(), 1, STORED) == MissedRow(CYCLE, "KRW-ETH", AT, "late", "", "LATE_START", figures)
    older = missed(detail="4 min after the slot", reason_code="", figures=())
    assert row_of(older, 1, STORED) == MissedRow(CYCLE, "KRW-ETH", AT, "late", "4 min after the slot", "", "[]")


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("start", "running"),
        ("stop", "stopped"),
        ("pause", "paused"),
        ("resume", "running"),
        ("exits-only", "exits-only"),
    ],
)
def test_a_switch_becomes_a_state(command, status):
    assert row_of(control(command=command), 1, STORED) == StatusRow(status, AT)


def test_intents_and_the_jobs_questions_have_no_row_of_a_cycle():
    silent = {kind for kind, event in examples().items() if row_of(event, 1, STORED) is None}
    assert silent == {
        "OrderIntended", "OrderFound", "OrderSettled", "JobSwitched", "PanicDue", "PanicEnded", "ValuationDue",
        "PortfolioValued", "ReportDue", "ReportReady", "LogOpened", "LogAccepted",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("exact", "places", "kept"), [("0.125", 2, "0.13"), ("-0.125", 2, "-0.13"), ("24.99", 0, "25"), ("7", 8, "7")]
)
def test_rounding_is_postgresqls(exact, places, kept):
    assert rounded(Decimal(exact), places) == Decimal(kept)


@given(st.decimals(0, 10**11, places=15))
def test_rounding_never_moves_an_amount_by_more_than_half_a_unit(exact):
    assert abs(rounded(exact, 8) - exact) <= Decimal("0.000000005")


@pytest.mark.parametrize(
    ("at", "month", "day"),
    [
        ("2026-01-31T14:59:59.999999", "2026-01", "2026-01-31"),
        ("2026-01-31T15:00:00", "2026-02", "2026-02-01"),
        ("2025-12-31T15:00:00", "2026-01", "2026-01-01"),
        ("2028-02-28T15:00:00", "2028-02", "2028-02-29"),
    ],
)
def test_a_month_and_a_day_begin_at_seouls_midnight(at, month, day):
    assert periods(datetime.fromisoformat(at).replace(tzinfo=UTC)) == ("all", month, day)
