"""`upcycle ask`: one hour of a tape, as the analyst's own process would see and answer it, and nothing kept."""

import json
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from services.analyst.app import prompter
from services.cli.commands import ask
from services.cli.research import ask_hour
from services.cli.research.ask_hour import Hour
from shared.errors import BadRequest
from shared.events import FlashCrash
from shared.settings import Settings
from tests.support.builders import end, objection, passed, safety, snapshot
from tests.support.looks import charts
from tests.support.openai_server import fails, openai_server, replies, says

KEY = "sk-never-to-be-shown"


async def asked(hour, *script, dry=False):
    """What `ask` finds, with the scripted model where there is a script."""
    settings = Settings.load()
    if not script:
        return await found(settings, hour, dry)
    with openai_server(*script) as server:
        settings = Settings.load(openai_api_key=KEY, openai_base_url=server.url)
        return await found(settings, hour, dry)


async def found(settings, hour, dry):
    prompt = prompter()(hour.snapshot, hour.signal, None, language=settings.language)
    return ask.Found(hour, prompt, None if dry else await ask._decide(settings, hour))


def shown(capsys, found, *, keyless=False):
    ask._print(found, "ko", keyless=keyless)
    return capsys.readouterr().out


HOUR = Hour(snapshot(candles=charts()), passed(), rejected=False, synthetic=True)


def test_an_hour_of_the_synthetic_tape_is_judged_and_nothing_of_it_is_kept(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "real"))
    ask.run(ask.Question("KRW-ETH", "2025-03-01T05:00Z", []), True, None, None)
    told = json.loads(capsys.readouterr().out)
    assert (told["cycle"], told["at"], told["synthetic"]) == (
        "KRW-ETH-20250301T0500Z",
        "2025-03-01T05:00:00+00:00",
        True,
    )
    assert told["prompt"]["user"].startswith("# KRW-ETH at 2025-03-01 05:00:00 UTC\n")
    assert 3000 < told["prompt"]["tokens"] < 7000
    assert told["decision"]["analyst"] == "rules"
    assert {vote["name"] for vote in told["decision"]["votes"]} >= {"rsi", "macd", "days"}
    assert list(Path(tmp_path).iterdir()) == []


async def test_without_a_key_the_rules_answer_and_it_is_said(capsys):
    text = shown(capsys, await asked(HOUR), keyless=True)
    assert ask.NO_KEY in text
    assert "decision  hold (rules, RULES_NO_MAJORITY)" in text


async def test_with_a_key_reply_verdict_and_cost_are_shown_and_never_the_key(capsys):
    text = shown(capsys, await asked(HOUR, says("buy", "price", "rsi_hour")))
    assert 'reply     {"decision": "buy"' in text
    assert "verdict   accepted" in text
    assert "cost      $0.0" in text
    assert "decision  buy, confidence high (model, LLM_BUY)" in text
    assert KEY not in text


async def test_a_reply_that_cannot_be_trusted_is_a_hold_with_its_code(capsys):
    text = shown(capsys, await asked(HOUR, fails(401)))
    assert "verdict   a hold: LLM_KEY_REFUSED" in text
    assert "decision  hold (model, LLM_KEY_REFUSED)" in text
    assert KEY not in text


async def test_a_reply_cannot_move_the_terminal(capsys):
    text = shown(capsys, await asked(HOUR, replies("\x1b[2Jbuy")))
    assert "reply     ␛[2Jbuy" in text
    assert "\x1b" not in text


async def test_it_says_that_the_account_of_a_tape_holds_nothing(capsys):
    assert ask.FLAT in shown(capsys, await asked(HOUR, dry=True))


async def test_dry_asks_nobody(capsys):
    with openai_server(says("buy")) as server:
        settings = Settings.load(openai_api_key=KEY, openai_base_url=server.url)
        text = shown(capsys, await found(settings, HOUR, dry=True))
        assert server.asked == []
    assert "decision" not in text.rpartition("KRW-ETH-20260105T0300Z")[2]


async def test_a_rejected_hour_is_judged_all_the_same_and_says_so(capsys):
    no = Hour(HOUR.snapshot, passed(objections=(objection(),)), rejected=True)
    text = shown(capsys, await asked(no))
    assert "the gate rejects this hour (WIN_RATE)" in text
    assert "verdict: not passed" in text


async def test_a_hazard_with_nothing_held_asks_nobody(capsys):
    crash = FlashCrash(state="running", unit_min=15, fall=0.2, sigma=9.0, volume_ratio=3.0)
    hour = Hour(snapshot(candles=charts(), safety=safety(flash_crash=crash)), passed(), rejected=False)
    text = shown(capsys, await asked(hour, says("buy")))
    assert "nobody is asked: buying is excluded and nothing is held" in text
    assert "HAZARD_FLASH_CRASH" in text


async def test_a_look_that_fails_is_one_sentence_with_its_reason(monkeypatch):
    failed = end("CycleFailed", reason="IncompleteSnapshot: the daily candles of KRW-ETH end at 2024-05-01 00:00 UTC")

    class Broken:
        async def events(self, cycles):
            yield failed

    @asynccontextmanager
    async def chain(*_, **__):
        yield Broken()

    monkeypatch.setattr("services.cli.research.ask_hour.chain", chain)
    with pytest.raises(BadRequest, match=f"{failed.cycle} cannot be looked at: IncompleteSnapshot: the daily candles"):
        await ask_hour.of_tape(ask._on_a_tape(ask.Question("KRW-ETH", None, [])), "KRW-ETH", None)
