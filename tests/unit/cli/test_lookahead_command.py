"""`upcycle check-lookahead` finds nothing in the gate, and finds a rule that peeks."""

import pytest
import typer

from services.cli.commands import check_lookahead
from services.cli.research import hours_asked
from services.filter.core.breakout import Rule
from services.filter.core.gate import StrategyGate
from services.filter.core.hours import HOUR_MS
from shared.settings import Settings

RULE = Rule(k=0.5, fee_rate=0.0005, slippage=0.0005)


@pytest.fixture
def tape(data_dir):
    return [str(data_dir / "candles" / "upbit_KRW-ETH_1h_2023-07_2024-12.parquet")]


def test_real_months_have_no_look_ahead(tape, capsys, monkeypatch):
    monkeypatch.setattr(check_lookahead, "HOURS", 25)
    check_lookahead.run("KRW-ETH", tape)
    assert capsys.readouterr().out.startswith("0 changes in 25 hours of KRW-ETH from 2024-01-02 00:00 UTC")


@pytest.mark.parametrize("name", check_lookahead.judges(RULE, StrategyGate()))
def test_a_decision_that_knows_an_hour_more_is_caught(tape, name):
    found = hours_asked.candles("KRW-ETH", tape, Settings.load())
    honest = check_lookahead.judges(RULE, StrategyGate())[name]

    def peeking(candles, at):
        return honest(candles, at + HOUR_MS)

    hours = hours_asked.span(found, "2024-03-01", "2024-03-02T03:00")
    assert list(check_lookahead.changes(found, honest, hours)) == []
    caught = list(check_lookahead.changes(found, peeking, hours))
    assert {how for _, how in caught} == {"cut off", "shuffled"}


def test_a_change_ends_the_command_with_one(tape, capsys, monkeypatch):
    monkeypatch.setattr(check_lookahead, "HOURS", 5)
    monkeypatch.setattr(check_lookahead, "judges", lambda *_: {"a last close": lambda candles, _: candles["close"][-1]})
    with pytest.raises(typer.Exit) as ended:
        check_lookahead.run("KRW-ETH", tape)
    assert ended.value.exit_code == 1
    assert "a last close changes when what comes after is cut off" in " ".join(capsys.readouterr().out.split())


def test_the_hours_looked_at_meet_every_hour_of_the_day():
    hours = check_lookahead.chosen(range(0, 8760 * HOUR_MS, HOUR_MS))
    assert {at // HOUR_MS % 24 for at in hours} == set(range(24))
