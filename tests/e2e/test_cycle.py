"""`upcycle cycle`: one cycle by hand, as a person or a script reads it."""

import json
import sys

import pytest

from services.cli.app import main
from services.cli.commands import NAMES
from shared.services import STAGES

OWNERS = {"status", "decision", "confidence", "reason", "price", "amount", "total"}
LATE, NEXT = "2025-03-05T10:00Z", "2025-03-05T11:00Z"  # on the synthetic tape
COMMANDS = [name for name in NAMES if name not in ("db", "dead", "history")]  # groups: their commands have examples


def test_json_is_the_owners_result_and_nothing_else(upcycle):
    done = upcycle("cycle", "--json", "--market", "KRW-BTC", "--at", LATE)
    assert (done.returncode, done.stderr) == (0, "")
    result = json.loads(done.stdout)
    assert set(result) > OWNERS
    assert result["cycle"] == "KRW-BTC-20250305T1000Z"
    assert result["status"] in {"success", "failed"}
    assert result["decision"] in {"buy", "sell", "hold"}
    assert all(isinstance(result[name], float) for name in ("price", "amount", "total"))
    assert result["synthetic"] is True
    assert set(result["stages_ms"]) >= {*STAGES[:3]}


def test_a_folder_keeps_the_account_and_refuses_what_was_played(upcycle, refused, tmp_path):
    words = ("cycle", "--data-dir", tmp_path / "data", "--at")

    def cycle(at, *more):
        return upcycle(*words, at, *more, GATE_WIN_RATE_MIN="0.3")

    first = cycle(LATE)
    assert first.returncode == 0, first.stderr
    stages = [line.split()[0] for line in first.stdout.splitlines() if line.strip()]
    assert [name for name in STAGES if name not in stages] == []
    assert "SYNTHETIC" in first.stdout
    assert "balance after" in first.stdout

    assert refused(*words, LATE).startswith("upcycle: KRW-ETH-20250305T1000Z was played in ")
    assert "time only goes forward; take a later --at" in refused(*words, "2025-03-05T09:00Z")

    before = json.loads(cycle(NEXT, "--json").stdout)
    assert before["cycle"] == "KRW-ETH-20250305T1100Z"
    assert "KRW" in before["balances"]


@pytest.mark.parametrize("command", COMMANDS)
def test_each_commands_help_has_an_example(command, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["upcycle", command, "--help"])
    with pytest.raises(SystemExit) as e:
        main()
    said = capsys.readouterr().out
    assert e.value.code == 0
    assert "Example" in said
    assert f"upcycle {command}" in said
