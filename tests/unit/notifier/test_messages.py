"""Golden messages: a person reads them. UPCYCLE_GOLDEN=1 writes them anew."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from services.notifier.core.messages import bot_status, message, too_many_letters
from tests.support.builders import AT, control, end, examples
from tests.support.golden import assert_golden

BOUGHT = {
    "cycle": "KRW-ETH-20251228T0500Z",
    "price": Decimal("4350000"),
    "amount": Decimal("0.0115"),
    "total": Decimal("50000"),
    "executed_at": datetime(2025, 12, 28, 5, 0, 15, tzinfo=UTC),
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
        "error_failed": end("CycleFailed", reason="ExchangeUnreachable: no answer", reason_code="STAGE_GAVE_UP"),
        "error_rejected": end(
            "OrderRejected",
            reason="API 키가 만료되었습니다. 업비트 Open API 관리에서 새 키를 만드세요",
            reason_code="EXPIRED_KEY",
        ),
        "error_unresolved": end("OrderUnresolved", reason="60초 동안 조회되지 않음", reason_code="ORDER_UNRESOLVED"),
        "bot_started": control(command="start"),
        "bot_stopped": control(command="stop"),
        "bot_paused": control(command="pause"),
        "bot_resumed": control(command="resume"),
    }
    for name, event in told.items():
        assert_golden(f"messages/{name}.{language}.txt", f"{message(event, language)}\n")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_what_a_process_says_on_its_way_up_equals_its_golden_file(language):
    text = bot_status("started", "paper, KRW-ETH, 60 min", AT, language)
    assert_golden(f"messages/process_started.{language}.txt", f"{text}\n")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_alarm_of_dead_letters_equals_its_golden_file(language):
    assert_golden(f"messages/dead_letters.{language}.txt", f"{too_many_letters(4, AT, language)}\n")


def test_only_trades_errors_and_the_bots_status_are_told():
    told = {kind for kind, event in examples().items() if message(event, "ko") is not None}
    assert told == {"OrderFilled", "OrderRejected", "OrderUnresolved", "CycleFailed", "ControlGiven"}


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
