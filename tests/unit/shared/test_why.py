"""The story of a cycle: one golden text for every kind of end, in both languages."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from shared import events as ev
from shared.catalogue import orders, risk
from shared.catalogue.analyst import RULES_NO_MAJORITY
from shared.reason import Reason
from shared.refusals import reason_of_refusal
from shared.why import Fault, Record, why
from shared.why.words import WORDS
from shared.writing import ratio
from tests.support.builders import (
    AT,
    CYCLE,
    asked,
    balances,
    books,
    decision,
    due,
    end,
    examples,
    exit_due,
    fill,
    intent,
    lost_calls,
    missed,
    model_call,
    objection,
    passed,
    position,
    rejected,
    report,
    safety,
    sale_step,
    settled,
    snapshot,
)
from tests.support.golden import assert_golden


@dataclass(frozen=True)
class Lies:
    event: ev.Event
    at: datetime
    delivery: int = 1


GATE = {"GATE_WIN_RATE_MIN": "0.55", "GATE_DRAWDOWN_MAX": "0.3"}
VOTES = (
    ev.Vote(name="rsi", value=24.5, vote=1),
    ev.Vote(name="bollinger", value=-0.08, vote=1),
    ev.Vote(name="stochastic", value=12.4, vote=1),
    ev.Vote(name="macd", value=-0.31, vote=-1),
    ev.Vote(name="volume", value=1.2, vote=0),
    ev.Vote(name="days", value=-0.000412, vote=-1),
)
GRUMBLE = objection(code="DRAWDOWN", value=0.3122, limit=0.30, distance=0.0122)
START = (due(settings=GATE), snapshot(fear_greed=ev.FearGreed(at=AT, value=21, label="Extreme Fear")))
SOLD = {"side": "sell", "position": position(volume="0", cost="0"), "volume": "0.0125", "slippage": 0.00021}

LATE = model_call(
    served_by="", code="LLM_TIMEOUT", detail="60 s", finish="", reply="", evidence=(), ask=2, cost_usd="0.043",
    tokens_in=None, tokens_out=None, tokens_cached=None, cost_krw="64.5",
)  # fmt: skip
CALM = RULES_NO_MAJORITY.because({"rsi": 48.2})
NO_HISTORY = "HistoryMissing: there is no history of KRW-ETH"
CHAINS: dict[str, tuple[ev.Event, ...]] = {
    "rejected": (
        *START, rejected(report=report(drawdown=0.3122), objections=(objection(), GRUMBLE)),
        end("CycleRejected", objections=(objection(), GRUMBLE), reason_code="GATE_WIN_RATE_DRAWDOWN",
            reason="지난 1년 백테스트 기준 미달: 승률 44.8 % (기준 55.0 % 이상, 10.2 %p 부족)"),
    ),
    "exited": (
        exit_due(cycle=CYCLE), intent(side="sell", funds=None, volume="0.0125"), fill(**SOLD, confidence=None),
        end("OrderFilled", decision="sell", reason_code="EXIT_STOP_LOSS", confidence=None,
            reason="손절: 가격 3,800,000원이 매입가보다 5.05 % 낮음 (한도 5.00 %)"),
    ),
    "sold_in_steps": (
        exit_due(cycle=CYCLE, step=2),
        intent(side="sell", funds=None, volume="0.005", step=sale_step()),
        fill(**SOLD | {"volume": "0.005", "price": "3900000", "position": position(volume="0.0075")},
             confidence=None, step=sale_step()),
        end("OrderFilled", decision="sell", reason_code="EXIT_STOP_LOSS", confidence=None, step=sale_step(),
            reason="손절: 가격 3,800,000원이 매입가보다 5.05 % 낮음 (한도 5.00 %)"),
    ),
    "sale_under_way": (
        exit_due(cycle=CYCLE), intent(side="sell", funds=None, volume="0.005", step=sale_step(cut="smallest")),
    ),
    "bought": (
        *START, passed(), decision(votes=VOTES), intent(), fill(),
        end("OrderFilled", reason_code="RULES_OVERSOLD"),
    ),
    "sold": (
        START[0], snapshot(position=position(), balances=balances(coin_free="0.0125")),
        passed(exit_only=True, objections=(objection(),)),
        decision(decision="sell", reason="RSI 과매수 구간 진입", reason_code="RULES_OVERBOUGHT",
                 buy_blocked_by="GATE_EXIT_ONLY"),
        intent(side="sell", funds=None, volume="0.0125", books=books()), fill(**SOLD, profit="949.5"),
        end("OrderFilled", decision="sell", reason="RSI 과매수 구간 진입", reason_code="RULES_OVERBOUGHT"),
    ),
    "bought_by_the_model": (
        *START, passed(), asked(reason="RSI 24.5로 과매도이고 거래량이 늘었음"), intent(), fill(),
        end("OrderFilled", reason="RSI 24.5로 과매도이고 거래량이 늘었음", reason_code="LLM_BUY"),
    ),
    "held_because_the_model_was_late": (
        *START, passed(), asked(decision="hold", confidence=None, reason="모델이 제시간에 답하지 않음: 60 s",
                                reason_code="LLM_TIMEOUT", call=LATE, lost=lost_calls()),
        end("OrderSkipped", confidence=None, reason="모델이 제시간에 답하지 않음: 60 s", reason_code="LLM_TIMEOUT"),
    ),
    "skipped_over_budget": (
        *START, passed(), decision(decision="hold", confidence=None, fallback="LLM_BUDGET",
                                   reason="모델 하루 예산 소진, 규칙 분석가: 뚜렷한 신호 없음 (RSI 48.2)",
                                   reason_code="LLM_BUDGET_RULES_NO_MAJORITY", votes=VOTES[3:]),
        end("OrderSkipped", confidence=None, reason="모델 하루 예산 소진, 규칙 분석가: 뚜렷한 신호 없음 (RSI 48.2)",
            reason_code="LLM_BUDGET_RULES_NO_MAJORITY"),
    ),
    "skipped": (
        *START, passed(), decision(decision="hold", confidence=None, **CALM.fields(), votes=VOTES[3:]),
        end("OrderSkipped", confidence=None, **CALM.fields()),
    ),
    "denied": (
        *START, passed(), decision(votes=VOTES),
        end("OrderDenied", **risk.SPREAD_TOO_WIDE.because({"spread": 0.0071, "limit": 0.005}).fields()),
    ),
    "denied_by_an_older_version": (
        *START, passed(), decision(votes=VOTES),
        end("OrderDenied", reason="호가 차이 0.71 % (한도 0.50 %)", reason_code="SPREAD_TOO_WIDE"),
    ),
    "paused_before_it_was_sent": (
        *START, passed(), decision(), intent(),
        end("OrderDenied", **risk.BOT_PAUSED.because().fields()),
    ),
    "the_key_has_expired": (
        START[0], end("CycleFailed", **reason_of_refusal("expired_access_key", "it has").fields(), confidence=None),
    ),
    "denied_over_all_markets": (
        START[0], snapshot(position=position(), balances=balances(coin_free="0.01")), passed(), decision(votes=VOTES),
        end("OrderDenied", **risk.DAILY_LOSS_MAX.because({"lost": 51_200, "limit": 50_000}).fields(),
            books=books(profit_today="-51200", drift="0.0025")),
    ),
    "adopted": (fill(), settled(executed="0.0125", said="cancel, executed 0.0125, fee 25")),
    "settled": (
        *START, passed(), decision(), intent(books=books()),
        end("OrderUnresolved", reason_code="ORDER_UNRESOLVED",
            reason=f"주문 결과를 확인하지 못했습니다 (no answer). 업비트에서 {CYCLE} 주문을 직접 확인하세요."),
        fill(), settled(executed="0.0125", said="cancel, executed 0.0125, fee 25"),
    ),
    "refused_by_the_exchange": (
        *START, passed(), decision(), intent(),
        end("OrderRejected", **reason_of_refusal("insufficient_funds_bid", "too little").fields()),
    ),
    "unresolved": (
        *START, passed(), decision(), intent(),
        end("OrderUnresolved", **orders.ORDER_UNRESOLVED.because({"order": CYCLE}, said="no answer").fields()),
    ),
    "failed": (
        START[0], end("CycleFailed", **Reason("STAGE_GAVE_UP", said=NO_HISTORY).fields(), confidence=None),
    ),
    "missed": (missed(),),
    "running": (*START, passed()),
}  # fmt: skip
FAULTS = {"failed": (Fault(7, "collector", NO_HISTORY, 1, AT),)}
AGAIN = {"unresolved": {3: 1, 4: 3, 5: 3}}  # a place in the chain: the delivery that brought it


def record(name: str) -> Record:
    deliveries = AGAIN.get(name, {})
    entries = (Lies(e, AT + timedelta(milliseconds=120 * n), deliveries.get(n, 1)) for n, e in enumerate(CHAINS[name]))
    return Record(CYCLE, tuple(entries), FAULTS.get(name, ()))


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("name", CHAINS)
def test_the_golden_story_of(name, language):
    assert_golden(f"why/{language}/{name}.txt", why(record(name), language))


def test_every_kind_of_end_has_its_story():
    ends = {kind for kind, cls in ev.KINDS.items() if issubclass(cls, ev.CycleEnded)}
    assert {chain[-1].kind for chain in CHAINS.values()} >= ends | {"CycleMissed"}


def test_both_languages_say_the_same_things():
    assert WORDS["ko"].keys() == WORDS["en"].keys()


@pytest.mark.parametrize("kind", examples())
@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_record_torn_anywhere_is_told_all_the_same(kind, language):
    alone = Record(CYCLE, (Lies(examples()[kind], AT),), unreadable=(f"{passed().subject}: body: Invalid JSON",))
    told = why(alone, language)
    assert told.startswith(CYCLE)
    assert "Invalid JSON" in told


def test_a_year_with_holes_is_told_with_their_number():
    told = why(Record(CYCLE, (Lies(passed(report=report(hours_missing=8280)), AT),)), "en")
    assert "⚠ candles of 8,280 hours of the year are missing" in told


def test_a_hazard_is_told_with_its_numbers():
    crash = ev.FlashCrash(state="running", unit_min=1, fall=0.083, sigma=7.25, volume_ratio=3.0)
    told = why(Record(CYCLE, (Lies(snapshot(safety=safety(flash_crash=crash)), AT),)), "en")
    assert "flash crash running: fall 8.3 %, 7.2 times the usual unrest" in told


@pytest.mark.parametrize(("trades", "warned"), [(29, True), (30, False)])
def test_a_year_of_few_trades_is_warned_about(trades, warned):
    told = why(Record(CYCLE, (Lies(passed(report=report(trades=trades)), AT),)), "en")
    assert ("⚠ only 29 trades: the figures above say little" in told) == warned


def test_every_vote_of_the_rules_is_called_by_a_name_in_both_languages():
    cast = {"rsi", "bollinger", "stochastic", "macd", "trend", "volume", "days"}
    for say in WORDS.values():
        assert {name for name in cast if f"vote_{name}" not in say} == set()


@pytest.mark.parametrize(("value", "shown"), [(24.5, "24.5"), (-0.08, "-0.08"), (0.000412, "0.000412"), (0, "0")])
def test_a_vote_that_decided_something_is_never_shown_as_nought(value, shown):
    assert ratio(value) == shown
