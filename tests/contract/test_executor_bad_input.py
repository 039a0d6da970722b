"""Whatever is wrong with account, key, market or amount: its own code and one sentence, and never an order."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from services.executor.adapters.order_log import EventOrderLog
from services.executor.adapters.upbit_exchange import UpbitExchange
from services.executor.handler import ExecutorHandler
from services.notifier.core.messages import message
from shared.catalogue import ENTRIES, sentence
from shared.events import FillRecorded, OrderIntended
from shared.types import cycle_id
from shared.why import Record, why
from tests.support.builders import book, decision, fill, position, snapshot
from tests.support.fake_exchange import LIMITS, FakePace, FakeSwitch
from tests.support.memory_log import MemoryLog
from tests.support.paper_server import NOW, TOKEN, seat, seated

D = Decimal
CYCLE, BEFORE = cycle_id("KRW-ETH", NOW), cycle_id("KRW-ETH", NOW - timedelta(hours=1))


def answers(request, status, name):
    body = {"error": {"name": name, "message": "…"}}
    return {"faults": [{"do": "answer", "on": request, "status": status, "body": body, "times": 1}]}


def misbehave(paper, faults):
    said = httpx.post(f"{paper.url}/admin/faults", json=faults, headers={"Authorization": f"Bearer {TOKEN}"})
    assert said.status_code == 200, said.text


VIEW_ONLY = {"expire_at": "2027-01-01T00:00:00Z", "permissions": ["view_account", "view_orders"]}
LOOK, SEND = "GET /v1/orders/chance", "POST /v1/orders"
CASES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    # what is wrong: (code, faults of the exchange, what else is changed)
    "wrong secret": ("WRONG_SECRET", {}, {"secret": "another-secret-of-at-least-32-characters"}),
    "unknown key": ("UNKNOWN_KEY", {}, {"key": "nobody's"}),
    "expired key": ("EXPIRED_KEY", {"key": {"expire_at": "2025-01-01T00:00:00Z"}}, {}),
    "a key that may not order": ("KEY_LACKS_RIGHT", {"key": VIEW_ONLY}, {}),
    "an IP that is not allowed": ("IP_REFUSED", answers(LOOK, 401, "no_authorization_ip"), {}),
    "an unknown market": ("MARKET_UNKNOWN", answers(LOOK, 400, "notfoundmarket"), {}),
    "a suspended market": ("MARKET_NOT_ACTIVE", {"markets": {"KRW-ETH": {"suspended": True}}}, {}),
    "maintenance at the last moment": ("MARKET_OFFLINE", answers(SEND, 403, "market_offline"), {}),
    "a warned market": ("MARKET_WARNING", {}, {"warning": True}),
    "an amount below 5,000": ("BELOW_MINIMUM", {}, {"amount": D(4999)}),
    "funds gone after the check": ("INSUFFICIENT_FUNDS_BID", answers(SEND, 400, "insufficient_funds_bid"), {}),
    "too little cash": ("INSUFFICIENT_KRW", {}, {"balance": "50000"}),
    "a coin that is not held": ("NOTHING_TO_SELL", {}, {"side": "sell"}),
    "coins that are gone from the account": ("NOTHING_TO_SELL", {}, {"side": "sell", "held": D("0.5")}),
    "too many decimals": ("INVALID_VOLUME_BID", answers(SEND, 400, "invalid_volume_bid"), {}),
    "a snapshot of another time": ("STALE_SNAPSHOT", {}, {"seen": NOW - timedelta(minutes=6)}),
    "a name nobody knows yet": ("SOMETHING_NEW", answers(SEND, 400, "something_new"), {}),
}


@pytest.fixture(scope="module")
def port():
    with seat() as at:
        yield at


@pytest.mark.parametrize("what", CASES)
async def test_bad_input_ends_with_its_code_and_one_sentence_in_event_telegram_and_why(what, port, tmp_path):
    code, faults, changed = CASES[what]
    side, log = changed.get("side", "buy"), MemoryLog()
    with seated(port, tmp_path, paper_balance_krw=changed.get("balance", "1000000")) as paper:
        misbehave(paper, faults)
        secret = SecretStr(changed.get("secret", paper.secret_key))
        exchange = UpbitExchange(paper.url, changed.get("key", paper.access_key), secret)
        seen = changed.get("seen", NOW)
        await log.emit(snapshot(cycle=CYCLE, at=seen, book=book(at=seen), warning=changed.get("warning", False)))
        if held := changed.get("held"):
            await log.emit(fill(cycle=BEFORE, position=position(volume=held)))
        handler = ExecutorHandler(
            exchange=exchange, log=EventOrderLog(log), switch=FakeSwitch(), pace=FakePace(),
            amount=changed.get("amount", D(50_000)), scope="bot", limits=LIMITS, lookup_s=60,
        )  # fmt: skip
        async with exchange.closing():
            end = await handler(decision(cycle=CYCLE, decision=side))
        placed = paper.exchange.orders()

    assert (end.kind in {"OrderDenied", "OrderRejected"}, end.reason_code) == (True, code)
    assert code in ENTRIES or code == "SOMETHING_NEW"
    assert (end.decision, end.wanted, end.total) == ("hold", side, 0)
    assert not placed
    assert len(log.of(FillRecorded)) == ("held" in changed)
    assert len(log.of(OrderIntended)) <= 1
    for language in ("ko", "en"):
        told = sentence(end, language)
        assert "\n" not in told
        for text in (message(end, language), why(Record(CYCLE, (Entry(end),)), language)):
            assert told in text
            assert code in text


@dataclass(frozen=True)
class Entry:
    """An end as it lies in the log."""

    event: Any
    at: datetime = NOW
    delivery: int = 1


async def test_coins_gone_from_the_account_are_named_as_drift(port, tmp_path):
    log = MemoryLog()
    with seated(port, tmp_path) as paper:
        exchange = UpbitExchange(paper.url, paper.access_key, SecretStr(paper.secret_key))
        await log.emit(snapshot(cycle=CYCLE, at=NOW, book=book(at=NOW)))
        await log.emit(fill(cycle=BEFORE, position=position(volume=D("0.5"))))
        handler = ExecutorHandler(exchange, EventOrderLog(log), FakeSwitch(), FakePace(), D(50_000), "bot", LIMITS, 60)
        async with exchange.closing():
            end = await handler(decision(cycle=CYCLE, decision="sell"))
    assert (end.books.held, end.books.drift) == (D("0.5"), D("0.5"))
