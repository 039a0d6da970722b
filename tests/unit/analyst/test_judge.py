"""An answer is read strictly and checked against what was shown; whatever is wrong with it is a hold with its code."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analyst.core.answer import TEXT_MAX, Answer, Usage, read
from services.analyst.core.call_record import call_record
from services.analyst.core.judge import ANSWERED, judge
from services.analyst.core.prices import Terms, cost_of_answer
from services.analyst.core.verdict import decide, model_opinion
from shared.bus.wire import encode
from shared.catalogue import ENTRIES
from shared.catalogue.model import NO_ANSWER
from shared.prompt.build import Prompt
from shared.prompt.evidence import EvidenceName
from tests.support.builders import model_call, snapshot
from tests.support.openai_server import USAGE, advice, shaped

FACTS = {EvidenceName.RSI_HOUR: 24.5, EvidenceName.PRICE: 4_000_000.0, EvidenceName.RETURN_1_HOUR: 0.0}
TERMS = Terms("gpt-4.1", "chat", model_call().tariff, overhead=1000)
PROMPT = Prompt("system", "user", "v1", "5" * 64, 4000)
GOOD = advice("buy", {"rsi_hour": 24.5})


def judged(text, finish="stop"):
    return judge(Answer(finish=finish, text=text), FACTS)


@pytest.mark.parametrize("decision", ["buy", "sell", "hold"])
def test_a_good_answer_is_what_it_says(decision):
    made = judged(advice(decision, {"rsi_hour": 24.5, "price": 4_000_000}, confidence="medium", reason="RSI 24.5"))
    assert (made.decision, made.confidence, made.said, made.code) == (decision, "medium", "RSI 24.5", ANSWERED)
    assert [(item.name, item.value) for item in made.evidence] == [("rsi_hour", 24.5), ("price", 4_000_000)]


def without(name):
    return json.dumps({k: v for k, v in json.loads(GOOD).items() if k != name})


def citing(evidence):
    return json.dumps(json.loads(GOOD) | {"evidence": evidence})


UNFIT = [
    ("LLM_EMPTY", ""),
    ("LLM_EMPTY", " \n\t"),
    ("LLM_NOT_JSON", "buy"),
    ("LLM_NOT_JSON", "I would buy now."),
    ("LLM_PROSE", f"Sure!\n{GOOD}"),
    ("LLM_PROSE", f"```json\n{GOOD}\n```"),
    ("LLM_PROSE", f"{GOOD} {GOOD}"),
    ("LLM_PROSE", f"{GOOD[:-1]},}}"),
    ("LLM_PROSE", GOOD.replace('"decision"', '"decision": "hold", "decision"')),
    ("LLM_PROSE", GOOD.replace("24.5", "NaN")),
    ("LLM_PROSE", "{" * 30_000 + "}"),
    ("LLM_NOT_JSON", "[" * 30_000),
    ("LLM_BAD_DECISION", advice("moon", {"rsi_hour": 24.5})),
    ("LLM_BAD_DECISION", advice("BUY", {"rsi_hour": 24.5})),
    ("LLM_BAD_DECISION", advice(None, {"rsi_hour": 24.5})),
    ("LLM_BAD_DECISION", GOOD.replace('"buy"', '["buy"]')),
    ("LLM_NO_CONFIDENCE", without("confidence")),
    ("LLM_NO_CONFIDENCE", json.dumps({"decision": "buy"})),
    ("LLM_BAD_CONFIDENCE", advice("buy", confidence=0.9)),
    ("LLM_BAD_CONFIDENCE", advice("buy", confidence=None)),
    ("LLM_EXTRA_FIELDS", advice("buy", amount=1_000_000)),
    ("LLM_EXTRA_FIELDS", citing([{"name": "rsi_hour", "value": 24.5, "unit": "%"}])),
    ("LLM_OFF_SCHEMA", without("reason")),
    ("LLM_OFF_SCHEMA", without("decision")),
    ("LLM_OFF_SCHEMA", without("evidence")),
    ("LLM_OFF_SCHEMA", "[]"),
    ("LLM_OFF_SCHEMA", "null"),
    ("LLM_OFF_SCHEMA", json.dumps([json.loads(GOOD)])),
    ("LLM_BAD_EVIDENCE", citing("rsi_hour = 24.5")),
    ("LLM_BAD_EVIDENCE", citing([{"name": "rsi", "value": 24.5}])),
    ("LLM_BAD_EVIDENCE", citing([{"name": "rsi_hour", "value": "24.5"}])),
    ("LLM_BAD_EVIDENCE", GOOD.replace("24.5", "1e999")),
    ("LLM_NO_EVIDENCE", advice("buy")),
    ("LLM_NO_EVIDENCE", advice("sell")),
    ("LLM_EVIDENCE_WRONG", advice("buy", {"rsi_hour": 24.1})),
    ("LLM_EVIDENCE_WRONG", advice("sell", {"rsi_hour": 24.5, "price": 3_000_000})),
    ("LLM_EVIDENCE_WRONG", advice("hold", {"rsi_hour": -24.5})),
    ("LLM_EVIDENCE_WRONG", advice("buy", {"atr_day": 1.0})),  # a name of ours that was not shown
    ("LLM_EVIDENCE_WRONG", advice("buy", {"return_1_hour": 0.001})),
]


@pytest.mark.parametrize(("code", "text"), UNFIT, ids=[f"{n}-{row[0]}" for n, row in enumerate(UNFIT)])
def test_an_unfit_answer_is_a_hold_with_its_code(code, text):
    made = judged(text)
    assert (made.code, made.decision, made.confidence) == (code, "hold", None)


@pytest.mark.parametrize("value", [24.5, 24.3, 24.74])
def test_evidence_within_one_percent_is_true(value):
    assert judged(advice("buy", {"rsi_hour": value})).code == ANSWERED


def test_a_hold_needs_no_evidence():
    assert judged(advice("hold")).code == ANSWERED


@pytest.mark.parametrize(
    ("finish", "code"),
    [
        ("length", "LLM_CUT"),
        ("content_filter", "LLM_FILTERED"),
        ("refusal", "LLM_REFUSED"),
        ("eos", "LLM_NOT_AN_ANSWER"),
    ],
)
def test_a_whole_answer_of_an_unfinished_kind_is_not_trusted(finish, code):
    assert judged(GOOD, finish).code == code


def test_a_reason_is_one_line_for_a_phone():
    made = judged(advice("hold", reason="첫째\n둘째\u001b[31m\u202e\t끝 " + "가" * 900))
    assert made.said.startswith("첫째 둘째 [31m 끝 가")
    assert len(made.said) == 500
    assert made.said.isprintable()


def test_half_letters_and_nul_can_be_stored():
    body = shaped({"model": "m", "messages": []}, "\ud800\0 buy", "stop", None, USAGE)
    answer = read("chat", body)
    assert answer.text.encode() == "?\N{REPLACEMENT CHARACTER} buy".encode()


@pytest.mark.parametrize("asked", [{"model": "m", "messages": []}, {"model": "m", "input": []}])
def test_an_answer_longer_than_what_is_kept_is_refused_so_that_what_is_kept_is_what_was_judged(asked):
    answer = read("chat" if "messages" in asked else "responses", shaped(asked, "{" * 30_000, "stop", None, USAGE))
    assert (answer.finish, len(answer.text)) == ("length", TEXT_MAX)


@pytest.mark.parametrize(
    ("told", "usage"),
    [
        ({"prompt_tokens": 10, "completion_tokens": 2}, Usage(10, 2, 0)),
        ({"input_tokens": 10, "output_tokens": 2, "input_tokens_details": {"cached_tokens": 4}}, Usage(10, 2, 4)),
        (
            {"prompt_tokens": 10, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 99}},
            Usage(10, 2, 10),
        ),
        ({"prompt_tokens": 10, "completion_tokens": 2, "prompt_tokens_details": None}, Usage(10, 2, 0)),
        ({"prompt_tokens": -1, "completion_tokens": 2}, None),
        ({"prompt_tokens": True, "completion_tokens": 2}, None),
        ({"prompt_tokens": "10", "completion_tokens": 2}, None),
        ({"prompt_tokens": 10}, None),
        ([10, 2], None),
        (None, None),
    ],
)
def test_a_usage_nobody_can_believe_counts_as_none(told, usage):
    body = shaped({"model": "m", "messages": []}, GOOD, "stop", None, USAGE) | {"usage": told}
    answer = read("chat", body)
    assert (answer.usage, answer.text) == (usage, GOOD)


def test_every_code_has_its_words_for_readers_of_english():
    assert {code for code in ENTRIES if code.startswith("LLM_") and "BUDGET" not in code} == {
        *NO_ANSWER, "LLM_NOTHING_TO_SELL", "LLM_BUY", "LLM_SELL", "LLM_HOLD",
    }  # fmt: skip


TEXTS = st.one_of(
    st.sampled_from([GOOD, "stop", "length", "message", "output_text", "refusal", "completed", "incomplete"]),
    st.text(st.characters(exclude_categories=())),  # halves of letters too
)
NAMES = st.sampled_from(
    [
        "choices", "message", "content", "finish_reason", "refusal", "usage", "prompt_tokens", "completion_tokens",
        "prompt_tokens_details", "cached_tokens", "status", "incomplete_details", "reason", "output", "type", "text",
        "model",
    ]
)  # fmt: skip
BODIES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=5)),
    max_leaves=25,
)


@given(st.dictionaries(NAMES, BODIES, max_size=6), st.sampled_from(["chat", "responses"]))
def test_whatever_a_server_sends_it_is_read_judged_and_can_be_stored(body, api):
    answer = read(api, body)
    made = judge(answer, FACTS)
    assert made.code == ANSWERED or made.decision == "hold"
    call = call_record(TERMS, PROMPT, answer, made, cost_of_answer(TERMS.tariff, answer, 100), ask=1)
    stored = model_opinion(made, call)
    assert encode(decide(snapshot(), stored, None))


# Mutations of good replies: what a flaky server, a proxy or a mischievous model could make of them.

LETTERS = '{}[]":,0123456789.eE+-\\u nulltruefalse\0\x1b\N{SNOWMAN}가' + "\ud800"


def mutated(dice, text):
    """A reply with some letters changed, lost, doubled or moved; its decision word stays whole and alone."""
    made = list(text)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(made))
        match dice.randrange(5):
            case 0:
                made[at] = dice.choice(LETTERS)
            case 1:
                del made[at : at + dice.randint(1, 6)]
            case 2:
                made[at:at] = dice.choice(LETTERS) * dice.randint(1, 3)
            case 3:
                other = dice.randrange(len(made))
                made[at], made[other] = made[other], made[at]
            case 4:
                made[at:at] = made[at : at + dice.randint(1, 40)]
    return "".join(made)


def untouched(text, decision):
    words = sum(text.count(f'"{word}"') for word in ("buy", "sell", "hold"))
    return words == 1 and f'"{decision}"' in text


def test_500_mutations_of_good_replies_raise_nothing_and_buy_nothing_that_was_not_asked_for():
    dice, seen, bought = random.Random(7), 0, 0
    while seen < 500:
        decision = dice.choice(("buy", "sell", "hold"))
        text = mutated(dice, advice(decision, {"rsi_hour": 24.5, "price": 4_000_000.0}))
        if not untouched(text, decision):
            continue
        seen += 1
        body = shaped({"model": "gpt-4.1", "messages": []}, text, "stop", None, USAGE)
        made = judge(read("chat", body), FACTS)
        assert made.decision in (decision, "hold"), text
        assert made.code == ANSWERED or (made.decision == "hold" and made.code in NO_ANSWER), text
        bought += made.decision == "buy"
    assert bought > 0  # some mutations are harmless, such as one inside the reason
