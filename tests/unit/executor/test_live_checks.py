"""What was seen of the account decides whether orders may leave."""

from datetime import UTC, datetime, timedelta

import pytest

from services.executor.core import live_checks
from services.executor.core.live_checks import KeyInfo, No, Yes
from services.executor.live import NotProved, check_account, must_be_proved
from shared.account import PROOFS

NOW = datetime(2026, 1, 5, 3, tzinfo=UTC)
OUT_OF_SCOPE = No("out_of_scope", "권한이 부족합니다.")


def seen(*, ahead_s=0.1, left=timedelta(days=200)):
    return KeyInfo(NOW, ahead_s, None if left is None else NOW + left)


class FakeWitness:
    """A key as it should be, unless told otherwise."""

    def __init__(self, *, key=None, withdrawals=OUT_OF_SCOPE, order=None):
        self._key, self._withdrawals, self._order = key or seen(), withdrawals, order or Yes()
        self.asked = []

    async def key(self):
        self.asked.append("key")
        return self._key

    async def withdrawals(self):
        self.asked.append("withdrawals")
        return self._withdrawals

    async def test_order(self, market, won):
        self.asked.append(f"order {market} {won}")
        return self._order


@pytest.mark.parametrize(
    ("ahead_s", "state"),
    [(0.4, "ok"), (2.0, "ok"), (-2.1, "warn"), (30.0, "warn"), (30.1, "fail"), (-3600, "fail")],
)
def test_a_clock_that_is_off(ahead_s, state):
    assert live_checks.clock(ahead_s).state == state


@pytest.mark.parametrize(
    ("left", "state", "found"),
    [
        (timedelta(days=200), "ok", "it works for 200 days more"),
        (timedelta(days=7), "ok", "it works for 7 days more"),
        (timedelta(days=6, hours=23), "warn", "it expires in 7 days"),
        (timedelta(hours=1), "warn", "it expires in 0 days"),
        (timedelta(0), "fail", "it has expired"),
        (None, "fail", "the exchange does not list this key"),
    ],
)
def test_a_key_that_ends(left, state, found):
    finding = live_checks.key(seen(left=left))
    assert (finding.state, finding.found) == (state, found)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Yes(), "fail"),
        (OUT_OF_SCOPE, "ok"),
        (No("", "status 404"), "warn"),
        (No("market_offline", "점검 중입니다."), "warn"),
    ],
)
def test_a_key_that_may_withdraw_is_refused_where_it_shows_and_warned_about_otherwise(answer, state):
    assert live_checks.withdrawal(answer).state == state


@pytest.mark.parametrize(
    ("answer", "state", "todo"),
    [
        (Yes(), "ok", ""),
        (No("insufficient_funds_bid", "주문가능한 금액(KRW)이 부족합니다."), "ok", ""),
        (OUT_OF_SCOPE, "fail", "to make orders"),
        (No("no_authorization_i_p", "This is not a verified IP."), "fail", "this machine's address"),
        (No("jwt_verification", "…"), "fail", "UPBIT_SECRET_KEY"),
        (No("market_offline", "…"), "fail", "maintenance"),
        (No("", "the exchange does not answer (ConnectError)"), "fail", "look at the network"),
    ],
)
def test_a_test_order_needs_no_money_but_every_right(answer, state, todo):
    finding = live_checks.order(answer)
    assert finding.state == state
    assert todo in finding.todo


async def test_a_key_as_it_should_be_lets_orders_leave():
    findings = await must_be_proved(FakeWitness(), PROOFS, "KRW-ETH", 50_000)
    assert [(f.name, f.state) for f in findings] == [
        ("clock skew", "ok"),
        ("key", "ok"),
        ("withdrawal", "ok"),
        ("test order", "ok"),
    ]


@pytest.mark.parametrize(
    ("witness", "said"),
    [
        (FakeWitness(key=seen(ahead_s=-90)), "clock skew: -90.0 s against the exchange; set this machine's clock"),
        (FakeWitness(key=seen(left=timedelta(days=-1))), "key: it has expired; make a new key"),
        (FakeWitness(key=No("jwt_verification", "…")), "key: jwt_verification: …; correct UPBIT_SECRET_KEY"),
        (FakeWitness(withdrawals=Yes()), "withdrawal: this key has rights over withdrawals; make a key"),
        (FakeWitness(order=OUT_OF_SCOPE), "test order: out_of_scope"),
    ],
)
async def test_each_objection_alone_keeps_every_order_back_and_says_what_to_do(witness, said):
    with pytest.raises(NotProved, match=r"^TRADING_MODE=live is refused: ") as refused:
        await must_be_proved(witness, PROOFS, "KRW-ETH", 50_000)
    assert said in str(refused.value)


async def test_paper_proves_nothing_and_asks_nothing():
    witness = FakeWitness()
    assert await check_account(witness, (), "KRW-ETH", 50_000) == []
    assert witness.asked == []


async def test_all_proofs_take_three_questions():
    witness = FakeWitness()
    await check_account(witness, PROOFS, "KRW-ETH", 50_000)
    assert witness.asked == ["key", "withdrawals", "order KRW-ETH 50000"]
