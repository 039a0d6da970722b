"""A passed signal becomes one decision; what may not be done is held, and says so."""

from decimal import Decimal

import pytest

from services.analyst.core.verdict import Opinion
from services.analyst.handler import AnalystHandler
from shared.catalogue import sentence
from shared.events import FlashCrash, MarketRisk, Vote
from shared.reason import Reason
from tests.support.builders import CYCLE, passed, position, safety, snapshot

CRASH = safety(flash_crash=FlashCrash(state="running", unit_min=1, fall=0.38, sigma=41.0, volume_ratio=9.0))
RISK = safety(
    market_risk=MarketRisk(
        level="high", correlation=0.9, beta=1.2, btc_change_1h=-0.041, btc_change_24h=-0.12, btc_volatility=0.01
    )
)


class FakeSnapshots:
    def __init__(self, taken):
        self.taken = taken

    async def snapshot(self, cycle):
        assert cycle == self.taken.cycle
        return self.taken


class FakeRules:
    def __init__(self, decision):
        self.opinion = Opinion(
            decision, "high", Reason("RULES_SAYS", said="RSI 24.3"), "rules", (Vote(name="rsi", value=24.3, vote=1),)
        )
        self.asked = []

    async def decide(self, snapshot, *, may_buy):
        self.asked.append(may_buy)
        return self.opinion


async def decided(decision, *, signal=None, **changes):
    rules = FakeRules(decision)
    made = await AnalystHandler(FakeSnapshots(snapshot(**changes)), rules, "ko")(signal or passed())
    return made, rules.asked


@pytest.mark.parametrize(("wish", "held"), [("buy", None), ("buy", position()), ("sell", position()), ("hold", None)])
async def test_a_wish_that_may_be_is_the_decision(wish, held):
    made, asked = await decided(wish, position=held, price=Decimal(4_350_000))
    assert (made.cycle, made.decision, made.confidence, made.price) == (CYCLE, wish, "high", 4_350_000)
    assert (sentence(made, "ko"), made.reason_code, made.analyst, made.buy_blocked_by) == (
        "RSI 24.3",
        "RULES_SAYS",
        "rules",
        None,
    )
    assert made.votes == (Vote(name="rsi", value=24.3, vote=1),)
    assert asked == [True]


BLOCKS = [
    ("GATE_EXIT_ONLY", {"signal": passed(exit_only=True)}, "백테스트 기준 미달로 매수 제외, 청산만 가능"),
    ("HAZARD_FLASH_CRASH", {"safety": CRASH}, "급락 진행 중이라 매수 제외 (하락 38.0 %, 평소 변동의 41.0배)"),
    ("HAZARD_MARKET_RISK", {"safety": RISK}, "시장 위험이 높아 매수 제외 (비트코인 1시간 -4.1 %, 24시간 -12.0 %)"),
]


@pytest.mark.parametrize(("code", "cause", "why"), BLOCKS)
@pytest.mark.parametrize("held", [None, position(volume=Decimal(0))])
async def test_with_nothing_held_a_blocked_buy_is_a_hold_and_nobody_is_asked(code, cause, why, held):
    made, asked = await decided("buy", position=held, **cause)
    assert (made.decision, made.reason_code, made.buy_blocked_by, sentence(made, "ko")) == ("hold", code, code, why)
    assert (made.confidence, made.votes) == (None, ())
    assert asked == []


@pytest.mark.parametrize(("code", "cause", "why"), BLOCKS)
async def test_with_a_position_the_model_is_asked_and_its_buy_is_held_back(code, cause, why):
    made, asked = await decided("buy", position=position(), **cause)
    assert (made.decision, made.reason_code, made.buy_blocked_by) == ("hold", code, code)
    assert sentence(made, "ko") == f"{why}. 매수 판단이었음: RSI 24.3"
    assert asked == [False]


@pytest.mark.parametrize(("code", "cause", "why"), BLOCKS)
async def test_a_hazard_never_blocks_a_sell(code, cause, why):
    made, asked = await decided("sell", position=position(), **cause)
    assert (made.decision, made.reason_code, made.buy_blocked_by) == ("sell", "RULES_SAYS", code)
    assert asked == [False]


@pytest.mark.parametrize("held", [None, position(volume=Decimal(0))])
async def test_a_sell_of_nothing_is_a_hold(held):
    made, _ = await decided("sell", position=held)
    assert (made.decision, made.reason_code) == ("hold", "RULES_NOTHING_TO_SELL")
    assert sentence(made, "ko") == "팔 수량 없음. 매도 판단이었음: RSI 24.3"
