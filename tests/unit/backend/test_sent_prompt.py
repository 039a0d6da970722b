"""The prompt of an hour, made again: it is what was sent, or the answer says why it is not."""

from datetime import timedelta

import pytest

from services.backend.core.sent_prompt import NoPrompt, sent_prompt
from shared.events import Evidence
from shared.prompt.build import build
from shared.prompt.request import request_body
from shared.prompt.templates import load_template
from shared.stored import Stored
from shared.why import Record
from tests.support.builders import (
    AT,
    CYCLE,
    asked,
    decision,
    due,
    end,
    exit_due,
    model_call,
    passed,
    position,
    rejected,
    snapshot,
)
from tests.support.looks import charts

TAKEN, HELD = snapshot(candles=charts()), snapshot(candles=charts(), position=position())
OPENED = decision(cycle=HELD.position.opened_by)


def record(*events, unreadable=()):
    entries = (Stored(event, n, AT + timedelta(seconds=n)) for n, event in enumerate(events, 1))
    return Record(CYCLE, tuple(entries), unreadable=unreadable)


def built(taken=TAKEN, opening=None, **terms):
    return build(taken, passed(), opening, **{"template": load_template(), "count": len, "tokens_max": 10**6} | terms)


def told(taken=TAKEN, *, prompt=None, opening=None, **call):
    call = {"prompt_sha256": (prompt or built(taken, opening)).sha256} | call
    return sent_prompt(record(due(), taken, passed(), asked(call=model_call(**call))), opening)


@pytest.mark.parametrize("terms", [{}, {"language": "en"}, {"tokens_max": 9000}, {"tokens_max": 0, "language": "en"}])
def test_the_texts_are_those_of_the_digest_whatever_the_language_and_the_cut(terms):
    sent = built(**terms)
    found = told(prompt=sent)
    assert (found.same, found.differs, found.system, found.user) == (True, "", sent.system, sent.user)
    assert found.request.path == "/chat/completions"
    assert found.request.body == request_body("chat", "gpt-4.1", system=sent.system, user=sent.user)


def test_each_number_of_the_reply_is_held_against_what_the_prompt_said():
    cited = (("price", float(TAKEN.price)), ("rsi_hour", 1.0), ("position_age", 3.0), ("of_another_version", 1.0))
    evidence = told(evidence=tuple(Evidence(name=name, value=value) for name, value in cited)).evidence
    assert [(one.name, one.right) for one in evidence] == [(name, name == "price") for name, _ in cited]
    assert evidence[0].shown == float(TAKEN.price)
    assert f"rsi_hour = {evidence[1].shown:.9g} of 0-100" in built().user
    assert [one.shown for one in evidence[2:]] == [None, None]


def test_why_the_position_was_bought_is_part_of_it_and_said_to_lack_where_the_log_lacks_it():
    assert told(HELD, opening=OPENED).same
    lost = told(HELD, prompt=built(HELD, OPENED))
    assert (lost.same, lost.differs, lost.evidence, lost.request) == (False, "input", None, None)


def test_a_prompt_of_another_digest_is_never_said_to_be_what_was_sent():
    other = told(prompt_sha256="0" * 64)
    assert (other.same, other.differs, other.evidence, other.request) == (False, "version", None, None)
    assert (other.sha256, other.user) == ("0" * 64, built().user)


def test_without_its_template_or_its_snapshot_nothing_is_made():
    gone = told(prompt_version="v0")
    assert (gone.template, gone.differs, gone.system, gone.user) == ("v0", "template", None, None)
    blind = sent_prompt(record(due(), passed(), asked()), None)
    assert (blind.differs, blind.user) == ("input", None)


@pytest.mark.parametrize(
    ("events", "why"),
    [
        ([due(), snapshot(), rejected(), end("CycleRejected")], f"the gate rejected {CYCLE}, so the analyst was not"),
        ([due(), snapshot(), passed(), decision()], f"the rules decided {CYCLE}, and no model was asked"),
        ([due(), snapshot(), passed(), decision(fallback="LLM_BUDGET")], "the day's budget of the model was spent"),
        (
            [due(), passed(), asked(call=None, reason_code="LLM_ASKED_TWICE")],
            "no model was asked in .*: LLM_ASKED",
        ),
        ([due(), end("CycleFailed")], f"{CYCLE} ended before the analyst decided"),
        ([exit_due(), end("OrderFilled")], "is a sale outside the hours"),
        ([due(), snapshot()], f"the analyst has not decided {CYCLE} yet"),
    ],
)
def test_an_hour_in_which_no_model_was_asked_says_why(events, why):
    with pytest.raises(NoPrompt, match=why):
        sent_prompt(record(*events), None)


def test_a_decision_that_nobody_can_read_is_not_taken_for_none():
    with pytest.raises(NoPrompt, match=f"part of .* cannot be read: {decision().subject}"):
        sent_prompt(record(due(), unreadable=(f"{decision().subject}: holds rubbish",)), None)


async def test_the_api_answers_with_the_prompt_of_bounded_size(running):
    call = model_call(prompt_sha256=built(HELD, OPENED).sha256)
    await running.booked(OPENED, due(), HELD, passed(), asked(call=call))
    answer = await running.api.get(f"/api/cycles/{CYCLE}/prompt")
    assert answer.json()["same"] is True
    assert len(answer.content) < 100_000
    missing = await running.api.get("/api/cycles/KRW-ETH-20260105T0900Z/prompt")
    assert (missing.status_code, missing.json()["detail"]) == (404, "there is no cycle KRW-ETH-20260105T0900Z")
    rules = await running.api.get(f"/api/cycles/{OPENED.cycle}/prompt")
    assert rules.status_code == 404
