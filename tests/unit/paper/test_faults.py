"""The script of faults: which request meets which, how often, and from when to when."""

from datetime import UTC, datetime, timedelta

import pytest

from services.paper.core.faults import Fault, Faults, read_script
from services.paper.core.refusal import Refusal

NOW = datetime(2025, 9, 1, tzinfo=UTC)


def met(faults, *requests) -> list[str]:
    found = (faults.next(*request.split(" "), NOW) for request in requests)
    return [fault.do if fault else "" for fault in found]


def test_a_fault_meets_the_requests_it_names_and_is_then_spent():
    faults = Faults([Fault(do="delay", on="GET /v1/ticker", skip=1, times=2)])
    ticker = "GET /v1/ticker"
    assert met(faults, "GET /v1/accounts", ticker, "POST /v1/ticker", ticker, ticker, ticker) == [
        "", "", "", "delay", "delay", "",
    ]  # fmt: skip


def test_faults_wait_for_one_another():
    faults = Faults([Fault(do="drop_answer"), Fault(do="answer", on="/v1/orders", status=429)])
    assert met(faults, *["POST /v1/orders"] * 3) == ["drop_answer", "answer", ""]


def test_kinds_know_their_usual_route():
    faults = Faults([Fault(do="late_order"), Fault(do="wrong_balance"), Fault(do="maintenance", times=0)])
    assert met(faults, "GET /v1/ticker", "GET /v1/order", "GET /v1/accounts", "GET /v1/accounts") == [
        "", "late_order", "wrong_balance", "maintenance",
    ]  # fmt: skip


def test_a_window_is_of_the_exchanges_time():
    fault = Fault(do="maintenance", times=0, since=NOW, until=NOW + timedelta(hours=5))
    at = [NOW - timedelta(seconds=1), NOW, NOW + timedelta(hours=5)]
    assert [fault.meets("POST", "/v1/orders", moment) for moment in at] == [False, True, False]


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"faults": [{"do": "dance"}]}', '{"faults": [{"do": "delay", "seconds": -1}]}', '{"fault": []}',
     '{"faults": [{"do": "delay", "on": "anything"}]}', '{"markets": {"KRW-ETH": {"warning": 7}}}'],
)  # fmt: skip
def test_a_script_that_makes_no_sense_is_refused_with_a_sentence(text):
    with pytest.raises(Refusal, match=r"^faults: "):
        read_script(text)


def test_a_script_names_markets_and_the_key():
    script = read_script(
        '{"markets": {"KRW-ETH": {"warning": true, "caution": ["PRICE_FLUCTUATIONS"]}},'
        ' "key": {"expire_at": "2026-01-01T00:00:00Z", "permissions": ["view_account"]}}'
    )
    assert script.markets["KRW-ETH"].event()["caution"]["PRICE_FLUCTUATIONS"]
    assert script.key.permissions == {"view_account"}
