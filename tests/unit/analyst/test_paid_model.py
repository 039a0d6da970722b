"""The handler with a model: paid for before it is asked, judged, and at the cap the rules speak."""

from dataclasses import replace
from decimal import Decimal

import pytest

from services.analyst.core.answer import Answer, Usage
from services.analyst.core.call_record import answer_of
from services.analyst.core.prices import Terms
from services.analyst.core.verdict import Opinion
from services.analyst.handler import AnalystHandler, ModelSetup
from services.analyst.ports import Declined, Grant
from shared.catalogue import sentence
from shared.catalogue.analyst import RULES_OVERSOLD
from shared.events import Evidence, FlashCrash, Vote
from shared.prompt.build import Prompt
from tests.support.builders import CYCLE, model_call, passed, position, safety, snapshot
from tests.support.openai_server import advice

TERMS = Terms("gpt-4.1", "chat", model_call().tariff, overhead=1000)
PROMPT = Prompt("system", "user", "v1", "5" * 64, 4000)
CRASH = safety(flash_crash=FlashCrash(state="running", unit_min=1, fall=0.38, sigma=41.0, volume_ratio=9.0))
PRICE = {"price": 4_000_000.0}


class FakeSnapshots:
    def __init__(self, taken):
        self.taken = taken

    async def snapshot(self, cycle):
        return self.taken

    async def opening(self, snapshot):
        return None


class FakeRules:
    async def decide(self, snapshot, *, may_buy):
        return Opinion(
            "buy", "low", RULES_OVERSOLD.because({"rsi": 24.3}), "rules", (Vote(name="rsi", value=24.3, vote=1),)
        )


class FakeModel:
    """Gives one answer, and knows whether the money was reserved by then."""

    def __init__(self, answer, budget):
        self.answer, self.budget, self.asked = answer, budget, 0

    async def ask(self, prompt):
        assert self.budget.reserved is not None
        assert prompt == PROMPT
        self.asked += 1
        return self.answer


class FakeBudget:
    def __init__(self, says=None, ask=1):
        self.says, self.ask = says, ask
        self.reserved = self.settled = None

    async def reserve(self, cycle, worst_krw):
        if self.says:
            return Declined(self.says, self.ask - 1)
        self.reserved = worst_krw
        return Grant("2026-01-05", cycle, worst_krw, self.ask)

    async def settle(self, grant, cost_krw):
        assert grant.krw == self.reserved
        self.settled = cost_krw


def answer(text, **changes):
    return replace(
        Answer(finish="stop", text=text, served_by="gpt-4.1-2025-04-14", usage=Usage(4000, 100, 0)), **changes
    )


async def decided(said, *, budget=None, signal=None, **changes):
    budget = budget or FakeBudget()
    model = FakeModel(said, budget)
    asked = ModelSetup(model, lambda *_, language: PROMPT, budget, TERMS)
    made = await AnalystHandler(FakeSnapshots(snapshot(**changes)), FakeRules(), "ko", asked)(signal or passed())
    return made, model, budget


async def test_the_model_decides_and_its_call_is_on_record():
    text = advice("buy", PRICE, reason="RSI 24.5, 과매도")
    made, _, budget = await decided(answer(text))
    assert (made.cycle, made.decision, made.confidence, made.said) == (CYCLE, "buy", "high", "RSI 24.5, 과매도")
    assert (made.reason_code, made.analyst, made.fallback, made.votes) == ("LLM_BUY", "model", None, ())
    call = made.call
    assert (call.model, call.api, call.served_by) == ("gpt-4.1", "chat", "gpt-4.1-2025-04-14")
    assert (call.prompt_version, call.prompt_sha256) == ("v1", "5" * 64)
    assert (call.code, call.reply, call.evidence) == ("LLM_ANSWERED", text, (Evidence(name="price", value=4e6),))
    assert (call.tokens_in, call.tokens_out, call.tokens_cached, call.ask) == (4000, 100, 0, 1)
    assert (call.cost_usd, call.cost_krw) == (Decimal("0.0088"), Decimal("13.2"))
    # 5,000 tokens in at $2 and 4,000 out at $8 a million, 1,500 won a dollar
    assert (budget.reserved, budget.settled) == (Decimal(63), Decimal("13.2"))


@pytest.mark.parametrize("code", ["LLM_TIMEOUT", "LLM_KEY_REFUSED", "LLM_QUOTA", "LLM_UNREACHABLE", "LLM_SERVER_ERROR"])
async def test_trouble_with_the_model_is_a_hold_and_never_the_rules_word(code):
    made, _, _ = await decided(Answer(code, "what happened"))
    assert (made.decision, made.confidence, made.reason_code, made.analyst) == ("hold", None, code, "model")
    assert "what happened" in made.said
    assert made.call.code == code


async def test_a_call_that_may_have_been_billed_costs_its_worst_case():
    made, _, budget = await decided(Answer("LLM_TIMEOUT", "60 s"))
    assert (budget.settled, made.call.cost_krw, made.call.tokens_in) == (63, 63, None)
    made, _, budget = await decided(Answer("LLM_QUOTA", billed=False))
    assert (budget.settled, made.call.cost_krw) == (0, 0)


async def test_at_the_cap_the_rules_speak_and_the_code_says_so():
    made, model, _ = await decided(None, budget=FakeBudget("LLM_BUDGET"))
    assert (made.decision, made.analyst, made.fallback, made.call) == ("buy", "rules", "LLM_BUDGET", None)
    assert made.reason_code == "LLM_BUDGET_RULES_OVERSOLD"
    assert sentence(made, "ko") == "모델 하루 예산 소진, 규칙 분석가: RSI 과매도 구간 진입 (RSI 24.3)"
    assert model.asked == 0


async def test_a_cycle_that_asked_twice_and_lost_both_answers_is_held():
    made, model, _ = await decided(None, budget=FakeBudget("LLM_ASKED_TWICE"))
    assert (made.decision, made.analyst, made.reason_code, made.call) == ("hold", "model", "LLM_ASKED_TWICE", None)
    assert model.asked == 0


async def test_the_second_question_of_a_cycle_is_counted():
    made, _, _ = await decided(answer(advice("buy", PRICE)), budget=FakeBudget(ask=2))
    assert (made.call.ask, made.lost.calls) == (2, 1)
    assert (made.lost.cost_usd, made.lost.cost_krw) == (Decimal("0.042"), Decimal(63))  # at their worst
    assert made.call.cost_krw == Decimal("13.2")


async def test_lost_answers_are_paid_for_also_where_nobody_is_asked_again():
    made, _, _ = await decided(None, budget=FakeBudget("LLM_ASKED_TWICE", ask=3))
    assert (made.lost.calls, made.lost.cost_krw) == (2, Decimal(126))
    made, _, _ = await decided(None, budget=FakeBudget("LLM_BUDGET", ask=2))
    assert (made.lost.calls, made.lost.cost_krw) == (1, Decimal(63))


async def test_a_first_question_has_lost_nothing():
    made, _, _ = await decided(answer(advice("buy", PRICE)))
    assert made.lost is None


@pytest.mark.parametrize(
    ("code", "cause"),
    [("GATE_EXIT_ONLY", {"signal": passed(exit_only=True)}), ("HAZARD_FLASH_CRASH", {"safety": CRASH})],
)
async def test_a_buy_while_buying_is_excluded_is_a_hold_that_says_what_it_was(code, cause):
    made, model, _ = await decided(answer(advice("buy", PRICE, reason="싸다")), position=position(), **cause)
    assert (made.decision, made.reason_code, made.buy_blocked_by) == ("hold", code, code)
    assert sentence(made, "ko").endswith("매수 판단이었음: 싸다")
    assert (model.asked, made.call.code) == (1, "LLM_ANSWERED")


async def test_with_nothing_held_a_blocked_buy_is_not_asked_for_and_nothing_is_spent():
    made, model, budget = await decided(None, signal=passed(exit_only=True))
    assert (made.reason_code, made.call, model.asked, budget.reserved) == ("GATE_EXIT_ONLY", None, 0, None)


async def test_a_sale_of_nothing_is_a_hold_in_the_models_name():
    made, _, _ = await decided(answer(advice("sell", PRICE, reason="비싸다")))
    assert (made.decision, made.reason_code) == ("hold", "LLM_NOTHING_TO_SELL")


async def test_evidence_that_contradicts_the_snapshot_is_a_hold():
    made, _, _ = await decided(answer(advice("buy", {"price": 4_100_000.0})))
    assert (made.decision, made.reason_code) == ("hold", "LLM_EVIDENCE_WRONG")
    assert sentence(made, "ko") == "근거 수치가 실제와 다름: price 4100000"


@pytest.mark.parametrize(
    "came",
    [
        answer(advice("buy", PRICE)),
        answer("", finish="refusal"),
        answer(advice("buy", PRICE), usage=None),
        Answer("LLM_TIMEOUT", "60 s"),
        Answer("LLM_NOT_AN_ANSWER", "no JSON", usage=Usage(4000, 100, 0)),
        Answer("LLM_QUOTA", "HTTP 429", billed=False),
    ],
)
async def test_an_answer_comes_back_out_of_the_record_as_it_was(came):
    made, _, _ = await decided(came)
    assert answer_of(made.call) == came
