"""The day's money never goes beyond its cap; what a call costs is exact, and a lost one counts as the dearest."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analyst.adapters.price_file import tariff
from services.analyst.core.answer import Answer, Usage
from services.analyst.core.budget import Day, counted, crosses_warning, reserve, settle
from services.analyst.core.prices import cost, cost_of_answer, worst_cost
from shared.events import LostCalls
from shared.settings import BadSetting, Settings
from tests.support.builders import CYCLE, decision, model_call

CAP = Decimal(3000)
GPT_41 = model_call().tariff  # $2.00 in, $0.50 cached, $8.00 out, 1,500 won for a dollar
OTHER = "KRW-BTC-20260105T0300Z"


def test_a_call_costs_what_its_tokens_cost():
    # 4,176 fresh at $2, 1,024 cached at $0.50, 90 written at $8, a million each
    assert cost(GPT_41, 5200, 90, 1024).usd == Decimal("0.009584")
    assert cost(GPT_41, 5200, 90, 1024).krw == Decimal("14.376")


@pytest.mark.parametrize(
    ("answer", "usd"),
    [
        (Answer(finish="stop", usage=Usage(1000, 10, 0)), "0.00208"),
        (Answer(finish="stop", usage=None), "0.042"),  # 5,000 in and the 4,000 that were asked for
        (Answer("LLM_TIMEOUT"), "0.042"),
        (Answer("LLM_NOT_AN_ANSWER", usage=Usage(1000, 10, 0)), "0.00208"),
        (Answer("LLM_QUOTA", billed=False), "0"),
    ],
)
def test_what_nobody_tells_counts_as_the_dearest_unless_nothing_was_billed(answer, usd):
    assert cost_of_answer(GPT_41, answer, 5000).usd == Decimal(usd)


def test_a_reservation_is_put_back_but_for_what_the_call_cost():
    day = reserve(Day(), CYCLE, Decimal(60), CAP)
    assert (day.spent, day.asked) == (60, {CYCLE: 1})
    assert settle(day, CYCLE, Decimal(60), Decimal("14.376")) == Day(spent=Decimal("14.376"), asked={CYCLE: 1})


def test_what_a_lost_day_does_not_know_of_is_not_put_back():
    assert settle(Day(spent=Decimal(70)), CYCLE, Decimal(60), Decimal(14)).spent == 84


def test_a_lost_day_is_counted_out_of_its_decisions():
    call = model_call(cost_krw=Decimal("14.5"))
    lost = LostCalls(calls=1, cost_usd=Decimal("0.04"), cost_krw=Decimal(60), tariff=GPT_41)
    made = [decision(call=call, lost=lost, analyst="model"), decision(cycle=OTHER)]
    assert counted(made) == Day(spent=Decimal("74.5"), asked={CYCLE: 2})
    assert counted([]) == Day()


def test_at_the_cap_nobody_is_asked():
    assert reserve(Day(spent=Decimal(2940)), CYCLE, Decimal(60), CAP).spent == 3000
    assert reserve(Day(spent=Decimal("2940.01")), CYCLE, Decimal(60), CAP) == "LLM_BUDGET"


def test_a_cycle_asks_once_more_after_a_crash_and_never_a_third_time():
    once = reserve(Day(), CYCLE, Decimal(60), CAP)
    twice = reserve(once, CYCLE, Decimal(60), CAP)
    assert (twice.spent, twice.asked[CYCLE]) == (120, 2)
    assert reserve(twice, CYCLE, Decimal(60), CAP) == "LLM_ASKED_TWICE"
    assert reserve(twice, OTHER, Decimal(60), CAP).asked[OTHER] == 1


def test_midnight_gives_no_cycle_a_third_question():
    assert reserve(Day(), CYCLE, Decimal(60), CAP, asked_before=1).asked[CYCLE] == 1
    assert reserve(Day(), CYCLE, Decimal(60), CAP, asked_before=2) == "LLM_ASKED_TWICE"


MONEY = st.decimals(0, 200, places=3)


@given(st.lists(st.tuples(MONEY, MONEY, st.booleans()), max_size=60))
def test_settled_and_lost_calls_together_never_cost_more_than_the_cap(calls):
    day, paid, cap = Day(), Decimal(0), Decimal(500)
    for n, (a, b, died) in enumerate(calls):
        dearest, real = max(a, b), min(a, b)
        cycle = f"KRW-ETH-20260105T{n:04d}Z"
        reserved = reserve(day, cycle, dearest, cap)
        if not isinstance(reserved, Day):
            continue
        day = reserved if died else settle(reserved, cycle, dearest, real)
        paid += real
    assert paid <= day.spent <= cap


def test_the_warning_comes_once_when_four_fifths_are_passed():
    assert crosses_warning(Decimal(2399), Decimal(2400), CAP)
    assert not crosses_warning(Decimal(2400), Decimal(2500), CAP)
    assert not crosses_warning(Decimal(100), Decimal(2399), CAP)


def test_the_table_has_the_default_model_and_a_dated_name_costs_the_same():
    assert tariff(Settings.load()) == GPT_41
    assert tariff(Settings.load(openai_model="gpt-4.1-2025-04-14")) == GPT_41
    assert tariff(Settings.load(openai_model="gpt-4.1-mini")).usd_out == Decimal("1.60")


@pytest.mark.parametrize("model", ["llama3", "gpt-4.1-turbo", "gpt-5-pro"])
def test_a_model_of_unknown_price_does_not_start_and_the_sentence_says_what_to_do(model):
    with pytest.raises(BadSetting, match=rf"OPENAI_MODEL: {model} has no price here; set LLM_PRICE_USD"):
        tariff(Settings.load(openai_model=model))


def test_a_price_of_ones_own_goes_before_the_table():
    mine = tariff(Settings.load(openai_model="llama3", llm_price_usd="0,0,0", llm_krw_per_usd="1400"))
    assert worst_cost(mine, 10_000).krw == 0
    assert mine.krw_per_usd == 1400
    with pytest.raises(BadSetting, match="LLM_PRICE_USD"):
        Settings.load(llm_price_usd="cheap")
