"""Every setting that decides reaches the handler that replay builds of it, or is named here with the reason."""

from dataclasses import fields, replace

import pytest

from services.replay.recording import Line
from services.replay.runner import Runner, settings_of
from shared.errors import Permanent
from shared.events import TradingDue
from shared.settings import BadSetting, Settings, decides
from tests.contract.test_topology import HANDLERS
from tests.support.golden_hours import golden

CLOCK = "the clock's alone: a recorded cycle has been started"
EXIT_GUARD = "the exit guard's: what it fired is recorded as an exit"
CALL = "the model's terms and answer are recorded in the decision"
ELSEWHERE = {
    "TRADING_MODE": "whose account it was: replay reaches none",
    "TRADING_SYMBOL": CLOCK,
    "SCHEDULER_ENABLED": CLOCK,
    "SCHEDULER_INTERVAL_MINUTES": f"{CLOCK}; what the bot remembered by it is recorded in the snapshot",
    "EXIT_STOP_LOSS": EXIT_GUARD,
    "EXIT_TRAILING_STOP": EXIT_GUARD,
    "EXIT_TAKE_PROFIT": EXIT_GUARD,
    "OPENAI_MODEL": CALL,
    "LLM_API": CALL,
    "LLM_TIMEOUT_S": CALL,
    "LLM_DAILY_BUDGET_KRW": "the budget's word is recorded in the decision",
    "LLM_KRW_PER_USD": CALL,
    "LLM_PRICE_USD": CALL,
}
DECIDING = sorted(name.upper() for name in Settings.model_fields if decides(name))
VALUES = ("0.04", "0.5", "2", "7", "6000", "False", "all", "live", "responses", "en", "KRW-BTC", "1,1,1")


class Built(Permanent):
    """The handler is there; it need not work."""


class NoYear:
    async def year_before(self, market, at, digest):
        raise AssertionError("no handler works here")


def another(name):
    """A value that is allowed and not the default."""
    usual = getattr(settings_of({}), name.lower())
    for value in VALUES:
        try:
            if getattr(settings_of({name: value}), name.lower()) != usual:
                return value
        except BadSetting:
            pass
    raise AssertionError(f"none of VALUES is another value of {name}")


@pytest.fixture
def built(monkeypatch):
    """What the handlers hold that replay builds for a tick with these settings."""
    found = []

    async def keep(handler, _):
        found.append({(type(handler).__name__, f.name): getattr(handler, f.name) for f in fields(handler)})
        raise Built("kept")

    for handler in HANDLERS.values():
        monkeypatch.setattr(handler, "__call__", keep)

    async def build(code="", **settings):
        found.clear()
        then = golden("buy")
        tick = then.find(TradingDue).model_copy(update={"settings": settings, "code": code})
        lines = (Line(tick, b""), *(line for line in then.lines if not isinstance(line.event, TradingDue)))
        reruns = await Runner(NoYear())(replace(then, lines=lines))
        assert {rerun.why_not for rerun in reruns} == {"kept"}
        return {name: value for held in found for name, value in held.items()}

    return build


async def test_every_setting_that_decides_reaches_a_handler_or_is_named_with_the_reason(built):
    usual, again = await built(), await built(code="another")
    values = {name for name, value in usual.items() if value == again[name]}  # a port knows the recording
    reach = set()
    for name in DECIDING:
        other = await built(**{name: another(name)})
        if any(other[field] != usual[field] for field in values):
            reach.add(name)
    assert set(DECIDING) - reach == set(ELSEWHERE)
