"""A whole buy and a whole sell by the model, through OpenAI's SDK, on the synthetic tape."""

import socket

import pytest

from services.backend.core.sent_prompt import sent_prompt
from services.local.event_log import open_log
from services.replay.differences import differences
from services.replay.event_log import RecordedCycles
from services.replay.runner import Runner
from shared.bus.namespace import Namespace
from shared.events import DecisionMade, FillRecorded
from shared.stored import Stored
from shared.why import Record
from tests.support.builders import AT
from tests.support.hours import LOOSE, play
from tests.support.openai_server import decides, openai_server


def trades_each_hour(prompt: str) -> str:
    return "buy" if "there is nothing to sell" in prompt else "sell"


@pytest.mark.parametrize("api", ["chat", pytest.param("responses", marks=pytest.mark.slow)])
async def test_the_model_buys_and_sells_and_what_was_asked_and_answered_is_made_again(tmp_path, api, monkeypatch):
    with openai_server(decides(trades_each_hour)) as server:
        model = {"openai_api_key": "sk-test", "openai_base_url": server.url, "llm_api": api}
        await play(tmp_path, start="2025-01-02T04:00Z", hours=2, **LOOSE, **model)
    async with open_log(None, tmp_path) as nc:
        log = RecordedCycles(nc, Namespace())
        recordings = [await log.read(cycle) for cycle in await log.started()]
        money = await (await nc.jetstream().key_value("budget")).keys()

    fills = [recording.find(FillRecorded) for recording in recordings]
    assert [fill.side for fill in fills] == ["buy", "sell"]
    assert fills[1].position.volume == 0
    decisions = [recording.find(DecisionMade) for recording in recordings]
    assert [(d.analyst, d.reason_code) for d in decisions] == [("model", "LLM_BUY"), ("model", "LLM_SELL")]
    for made in decisions:
        (cited,) = made.call.evidence
        assert (cited.name, cited.value) == ("price", float(made.price))
        assert (made.call.api, made.call.tokens_in, str(made.call.cost_krw)) == (api, 5200, "14.376")
    assert len(server.asked) == 2
    assert "why it was bought, 2025-01-02 04:00 UTC" in str(server.asked[1])
    assert len(money) == 1
    for recording, asked in zip(recordings, server.asked, strict=True):
        entries = (Stored(line.event, n, AT) for n, line in enumerate(recording.lines, 1))
        prompt = sent_prompt(Record(recording.cycle, tuple(entries)), recording.opening)
        assert (prompt.same, prompt.request.body) == (True, asked)
        assert [fact.right for fact in prompt.evidence] == [True]

    monkeypatch.setattr(socket, "socket", None)  # nobody can be reached
    for recording in recordings:
        (rerun,) = await Runner(None)(recording, ["analyst"])
        assert (rerun.why_not, differences(rerun)) == (None, [])
        assert rerun.now == (recording.find(DecisionMade),)
