"""Golden messages: a person reads them. UPCYCLE_GOLDEN=1 writes them anew."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from services.notifier.core.messages import KINDS, about, bot_status, message, no_report, too_many_letters, wrong_time
from shared import skew
from shared.catalogue import exits, missed_slots
from shared.reason import Reason
from tests.support.builders import (
    AT,
    control,
    differing,
    end,
    examples,
    found,
    job_switched,
    panic_ended,
    report_ready,
    sale_step,
    valued,
)
from tests.support.golden import assert_golden

BOUGHT = {
    "cycle": "KRW-ETH-20251228T0500Z",
    "price": Decimal("4350000"),
    "amount": Decimal("0.0115"),
    "total": Decimal("50000"),
    "executed_at": datetime(2025, 12, 28, 5, 0, 15, tzinfo=UTC),
}

NOTHING = {
    **dict.fromkeys(
        ("trades", "buys", "sells", "cycles", "failed", "gate_passed", "gate_exit_only", "gate_rejected"), 0
    ),
    **dict.fromkeys(("volume", "fees", "profit_loss", "model_cost"), Decimal(0)),
    **dict.fromkeys(("profit_rate", "unrealised", "current_value", "valued_at", "gate_distance")),
    "decisions": {"buy": 0, "sell": 0, "hold": 0},
    "model_calls": 0,
    "missed": (),
}


@pytest.mark.parametrize("language", ["ko", "en"])
def test_each_message_equals_its_golden_file(language):
    told = {
        "trade_buy": end("OrderFilled", **BOUGHT),
        "trade_sell": end("OrderFilled", decision="sell", reason="RSI 과매수 구간", **BOUGHT),
        "trade_exit": end(
            "OrderFilled",
            **BOUGHT | {"cycle": "KRW-ETH-20251228T050007Z-exit"},
            decision="sell",
            reason="손절: 현재가 4,350,000원, 매입가 대비 -5.05 % (한도 -5.00 %)",
            reason_code="EXIT_STOP_LOSS",
        ),
        "trade_step": end(
            "OrderFilled",
            **BOUGHT | {"cycle": "KRW-ETH-20251228T050007Z-exit"},
            decision="sell",
            reason="손절: 현재가 4,350,000원, 매입가 대비 -5.05 % (한도 -5.00 %), 나눠 파는 2번째 주문",
            reason_code="EXIT_STOP_LOSS",
            step=sale_step(wanted="0.05", left="0.0385", best="4400000"),
        ),
        "error_failed": end("CycleFailed", reason="ExchangeUnreachable: no answer", reason_code="STAGE_GAVE_UP"),
        "error_rejected": end(
            "OrderRejected",
            reason="API 키가 만료되었습니다. 업비트 Open API 관리에서 새 키를 만드세요",
            reason_code="EXPIRED_KEY",
        ),
        "error_unresolved": end("OrderUnresolved", reason="60초 동안 조회되지 않음", reason_code="ORDER_UNRESOLVED"),
        "found_forgotten": found(cycle="KRW-ETH-20251228T0500Z", ordered_at=AT, at=AT),
        "found_panic": found(cycle="KRW-ETH-20251228T050012Z-panic", side="sell", at=AT),
        "found_rejected": found(cycle="KRW-ETH-20251228T0500Z", side="sell", at=AT, log_says="OrderRejected"),
        "found_empty": found(cycle="KRW-ETH-20251228T0500Z", executed="0", at=AT, log_says="OrderDenied"),
        "shortfall": differing(),
        "surplus": differing(others=Decimal("0.5"), surplus=Decimal("0.5"), shortfall=Decimal(0)),
        "bot_started": control(command="start"),
        "bot_stopped": control(command="stop"),
        "bot_paused": control(command="pause"),
        "bot_exits_only": control(command="exits-only"),
        "bot_resumed": control(command="resume"),
        "job_paused": job_switched(),
        "panic_undone": panic_ended(),
        "panic_done": panic_ended(undone=(), notes=panic_ended().notes[::2]),
        "report": report_ready(),
        "report_of_nothing": report_ready(**NOTHING),
        "hold": end("OrderSkipped", reason_code="RULES_CALM"),
        "denied": end("OrderDenied", reason="슬리피지 한도 초과", reason_code="SPREAD_TOO_WIDE"),
        "sale_denied": end(
            "OrderDenied",
            cycle="KRW-ETH-20251228T050007Z-sale",
            **exits.SALE_TOO_LATE.because({"age": 200.0, "limit": 120.0}).fields(),
        ),
        "exit_denied": end(
            "OrderDenied",
            cycle="KRW-ETH-20251228T050007Z-exit",
            reason="주문 금액 4,812.35원 (최소 5,000원)",
            reason_code="BELOW_MINIMUM",
        ),
        "rejected": end("CycleRejected", reason="승률 45.0% (기준 55.0% 이상)", reason_code="GATE_REJECTED"),
    }
    for name, event in told.items():
        assert_golden(f"messages/{name}.{language}.txt", f"{message(event, language)}\n")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_what_a_process_says_on_its_way_up_equals_its_golden_file(language):
    text = bot_status("started", about("paper", ["KRW-ETH", "KRW-BTC"], 60, language), AT, language)
    assert_golden(f"messages/process_started.{language}.txt", f"{text}\n")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_alarm_of_dead_letters_equals_its_golden_file(language):
    assert_golden(f"messages/dead_letters.{language}.txt", f"{too_many_letters(4, AT, language)}\n")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_alarm_of_a_missing_report_equals_its_golden_file(language):
    assert_golden(f"messages/no_report.{language}.txt", f"{no_report('20260106T0000Z', 10, AT, language)}\n")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_alarm_of_a_wrong_clock_equals_its_golden_file(language):
    fault = missed_slots.skewed(missed_slots.CLOCK_WRONG, 86400)
    assert_golden(f"messages/wrong_clock.{language}.txt", f"{wrong_time(fault, AT, language)}\n")


def test_a_valuation_in_which_all_agrees_disturbs_nobody():
    assert message(valued(), "ko") is None


def test_every_message_has_a_kind_and_every_kind_a_message():
    told = {kind for kind, event in examples().items() if message(event, "ko") is not None}
    assert told == set(KINDS)


@pytest.mark.parametrize(
    ("more", "ko", "en"),
    [
        (missed_slots.LATE.because({"late": 240}), "240초 늦음", "240 s after the slot"),
        (missed_slots.HALTED_BY.because({"by": "telegram"}), "요청: telegram", "by telegram"),
        (
            missed_slots.JOB_PAUSED_BY.because({"job": "trading_job", "by": "api"}),
            "trading_job 일시정지, 요청: api",
            "trading_job paused by api",
        ),
        (
            missed_slots.NOT_ENDED.because({"before": "KRW-ETH-20260105T0200Z"}),
            "KRW-ETH-20260105T0200Z",
            "KRW-ETH-20260105T0200Z has not ended",
        ),
        (missed_slots.skewed(missed_slots.CLOCK_OFF, -86400.4), "이 컴퓨터의 시계가 거래소보다 86,400초 느림",
         skew.sentence(-86400.4)),
        (missed_slots.skewed(missed_slots.CLOCK_OFF, 45), "이 컴퓨터의 시계가 거래소보다 45초 빠름", skew.sentence(45)),
        (Reason("", text="of an older event"), "of an older event", "of an older event"),
    ],
)  # fmt: skip
def test_why_an_hour_was_missed_is_told_in_the_owners_language(more, ko, en):
    (hour,) = report_ready().missed
    told = {"detail": more.text, "reason_code": more.code, "figures": more.figures}
    missed = (hour.model_copy(update=told),)
    assert f"({ko})" in message(report_ready(missed=missed), "ko")
    assert f"({en})" in message(report_ready(missed=missed), "en")


def test_an_hour_of_which_nothing_more_is_known_is_told_by_its_cause():
    (hour,) = report_ready().missed
    bare = hour.model_copy(update={"cause": "no_clock", "reason_code": "", "figures": ()})
    assert "12:00 KRW-ETH: 시계가 돌지 않음\n" in message(report_ready(missed=(bare,)), "ko")


def test_of_many_missed_hours_ten_are_named():
    missed = report_ready().missed * 24
    text = message(report_ready(missed=missed), "ko")
    assert "거래하지 못한 시각: 24" in text
    assert text.count("KRW-ETH: ") == 10
    assert "… 외 14" in text


@pytest.mark.parametrize(
    ("price", "shown"),
    [
        ("4350000.4", "4,350,000원"),
        ("1234.5", "1,234원"),
        ("12.30", "12.3원"),
        ("0.00001234", "0.00001234원"),
        ("8", "8원"),
    ],
)
def test_a_cheap_coins_price_keeps_its_digits(price, shown):
    assert f"가격: {shown}\n" in message(end("OrderFilled", **BOUGHT | {"price": Decimal(price)}), "ko")


@pytest.mark.parametrize(
    ("amount", "shown"), [("0.011494252873", "0.01149425"), ("10", "10"), ("100.50000000", "100.5")]
)
def test_an_amount_has_at_most_eight_digits_and_no_empty_ones(amount, shown):
    assert f"수량: {shown} ETH\n" in message(end("OrderFilled", **BOUGHT | {"amount": Decimal(amount)}), "ko")
