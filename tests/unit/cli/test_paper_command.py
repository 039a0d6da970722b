"""`upcycle paper`: what its options mean, what it refuses, what it prints, and that it serves until it is told."""

import re
import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from upbit import Upbit

from services.cli.commands.paper import PaperOptions, given
from shared.errors import BadRequest
from shared.settings import Settings
from tests.support.paper_server import NOW, write_tape
from tests.support.processes import environment

NOTHING = PaperOptions([], None, None, None, None, 0, None)


def settings_of(**options) -> Settings:
    return Settings.load(**given(NOTHING._replace(**options), Path("here")))


def test_without_a_tape_it_plays_the_machines_time():
    settings = settings_of()
    assert (settings.paper_clock, settings.paper_tape, settings.data_dir) == ("wall", "", Path("here"))


def test_a_tape_lies_in_the_past_so_it_is_played_second_by_second():
    settings = settings_of(tape=["a.parquet", "KRW-BTC=b.csv"], start="2024-12-03T12:00Z")
    assert (settings.paper_clock, settings.paper_speed) == ("played", 1)
    assert settings.paper_tape == "a.parquet,KRW-BTC=b.csv"
    assert settings.tape_from == "2024-12-03T12:00:00+00:00"


def test_speed_balance_and_faults_are_settings():
    settings = settings_of(speed="60", balance="KRW=5000000", faults=Path("faults.json"))
    assert (settings.paper_clock, settings.paper_speed) == ("played", 60)
    assert settings.paper_balance_krw == Decimal(5_000_000)
    assert settings.paper_faults == Path("faults.json")


def test_a_stepped_tape_gets_a_token_to_step_it_with():
    first, second = settings_of(speed="stepped"), settings_of(speed="stepped")
    assert first.paper_clock == "stepped"
    assert len(first.paper_admin_token.get_secret_value()) >= 32
    assert first.paper_admin_token != second.paper_admin_token


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"speed": "fast"}, "--speed fast: give a number such as 60, or wall, or stepped"),
        ({"balance": "ETH=1"}, "--balance ETH=1: the account begins with won alone; write KRW=1000000"),
        ({"balance": "KRW=many"}, "--balance KRW=many: write won as KRW=1000000"),
        ({"start": "yesterday"}, "'yesterday' is no time; write it as 2024-12-03T13:00Z"),
    ],
)
def test_what_cannot_be_is_refused_with_one_sentence(options, said):
    with pytest.raises(BadRequest) as refused:
        settings_of(**options)
    assert str(refused.value) == said


def test_it_serves_upbits_client_with_the_printed_url_and_keys_and_stops_when_told(tmp_path):
    (tmp_path / "tape").mkdir()
    tapes = [part for file in write_tape(tmp_path / "tape").split(",") for part in ("--tape", file)]
    command = [sys.executable, "-m", "services.cli.app", "paper", "--port", "0", "--speed", "stepped", *tapes]
    command += ["--from", NOW.isoformat(), "--balance", "KRW=2000000", "--data-dir", str(tmp_path / "state")]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes, env=environment(), cwd=tmp_path) as process:
        try:
            printed: dict[str, str] = {}
            for line in process.stdout:
                name, _, text = line.partition("  ")
                printed[name.strip()] = text.strip()
                if line.startswith("Ctrl-C"):
                    break
            url = re.match(r"http://127\.0\.0\.1:\d+", printed["base URL"])[0]
            keys = {"access_key": printed["access key"], "secret_key": printed["secret key"].split()[0]}
            with Upbit(base_url=url, max_retries=0, **keys) as sdk:
                assert [Decimal(row.balance) for row in sdk.accounts.list()] == [2_000_000]
            process.send_signal(signal.SIGINT)
            rest, errors = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, rest.strip(), errors) == (0, "stopped", "")
    assert "prices" not in printed["synthetic"]
    assert "/admin/time" in printed["step it"]
