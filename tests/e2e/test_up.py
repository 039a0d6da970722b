"""`upcycle up`, in its own process: it comes up, answers its owner, and leaves nothing behind."""

import json
import os
import signal
import stat
from contextlib import suppress

import httpx
import pytest

from services.local.installation import installation
from services.local.nats_server import free_port
from services.local.running import running as told_of
from services.paper.adapters.journal_file import JournalFile
from shared.services import NAMED
from shared.settings import secrets
from tests.support.curl import curl
from tests.support.processes import Up, environment_of, linux_only, processes_of
from tests.support.waiting import eventually

pytestmark = linux_only
SWITCHING = (("start", "running"), ("pause", "paused"), ("resume", "running"), ("stop", "stopped"))


@pytest.fixture
def up(folder):
    """Start `upcycle up` in the test's folder."""
    started = []

    def start(**settings: str) -> Up:
        started.append(Up(folder, free_port(), **settings))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()


def names_of(folder) -> set[str]:
    """The services that live there, and nats-server."""
    arguments = processes_of(folder).values()
    named = {what.rpartition("services.")[2] for what in arguments if " -m services." in what}
    return named | {"nats-server" for what in arguments if "nats-server" in what}


def modes(folder) -> dict[str, int]:
    """Of what lies there; what a process takes away meanwhile is left out."""
    found = {}
    for path in (folder, *folder.rglob("*")):
        with suppress(FileNotFoundError):
            found[str(path)] = stat.S_IMODE(path.stat().st_mode)
    return found


def secrets_of_processes(folder) -> dict[str, set[str]]:
    """Which secrets a service finds in its environment, where it finds any."""
    mine, found = {name.upper() for name in secrets()}, {}
    for pid, what in processes_of(folder).items():
        service = what.rpartition("services.")[2]
        if " -m services." in what:
            found[service] = set(environment_of(pid, *mine))
    return {service: knows for service, knows in found.items() if knows}


async def test_up_answers_its_owner_and_ctrl_c_leaves_no_process(up, folder, upcycle):
    running = await up(SCHEDULER_INTERVAL_MINUTES="60").ready()
    assert names_of(folder) == {*NAMED, "nats-server"}
    here = told_of(folder)
    assert (here.mode, here.installation) == ("paper", installation(folder))

    assert running.get("/health").json()["status"] == "ok"
    status = running.get("/api/bot/status").json()
    assert status["status"] == "running"
    assert [job["id"] for job in status["jobs"]] == ["trading_job", "portfolio_snapshot_job", "daily_report_job"]
    assert running.get("/api/trades?limit=10").json() == {"trades": [], "total": 0}
    assert "scheduler_job_success_total" in running.get("/metrics").text
    assert "<title>" in running.get("/docs").text

    assert {path: mode for path, mode in modes(folder).items() if mode & 0o077} == {}
    assert stat.S_IMODE((folder / "api_token").stat().st_mode) == 0o600
    assert secrets_of_processes(folder) == {
        "backend": {"API_TOKEN", "DATABASE_URL"}, "notifier": {"API_TOKEN"}, "clock": {"PAPER_ADMIN_TOKEN"},
        "paper": {"PAPER_ADMIN_TOKEN", "PAPER_SECRET_KEY"}, "collector": {"PAPER_SECRET_KEY"},
        "executor": {"PAPER_SECRET_KEY"},
    }  # fmt: skip

    token = folder / "api_token"
    assert running.post("/api/bot/pause").status_code == 401
    assert running.post("/api/bot/pause", "wrong").status_code == 401
    assert running.post("/api/bot/pause", token.read_text()).json()["status"] == "paused"
    assert running.get("/api/bot/status").json()["status"] == "paused"

    as_the_owner_types_it(running.api, token.read_text())

    jobs = upcycle("jobs", "--api", running.api).stdout
    assert all(job in jobs for job in ("trading_job", "portfolio_snapshot_job", "daily_report_job"))

    other = upcycle("up", "--data-dir", folder, "--port", free_port())
    assert (other.returncode, "Traceback" in other.stderr) == (1, False)
    assert f"upcycle: another upcycle runs in {folder}; stop it, or choose another folder" in other.stderr

    assert await running.ended(signal.SIGINT) == 0
    assert running.said.rstrip().endswith("stopped")
    assert "Traceback" not in running.said
    assert processes_of(folder) == {}


def as_the_owner_types_it(api: str, token: str) -> None:
    """OWNER.md, "API": reading is open, switching needs the token."""
    told = json.loads(curl("curl http://localhost:8000/api/bot/status", api))
    assert set(told) >= {"status", "uptime_seconds", "last_trade_time", "jobs"}
    assert json.loads(curl("curl http://localhost:8000/api/trades?limit=10", api)) == {"trades": [], "total": 0}
    assert json.loads(curl("curl http://localhost:8000/api/trades/1", api))["status"] == 404
    assert json.loads(curl("curl http://localhost:8000/api/trades/stats", api))["trades"] == 0
    health = {"status": "ok", "database": "ok", "switch": "ok", "time": "ok"}
    assert json.loads(curl("curl http://localhost:8000/health", api)) == health
    assert "# HELP ai_decision_total AI 판단 횟수" in curl("curl http://localhost:8000/metrics", api)
    assert "Upcycle API" in curl("curl http://localhost:8000/docs", api)
    bearer = f"-H 'Authorization: Bearer {token}'"
    for command, status in SWITCHING:
        address = f"http://localhost:8000/api/bot/{command}"
        assert json.loads(curl(f"curl -X POST {address}", api))["status"] == 401
        assert json.loads(curl(f"curl -X POST {bearer} {address}", api))["status"] == status


@pytest.mark.slow  # two starts of the whole system
async def test_the_next_start_goes_on_and_a_killed_up_takes_all_with_it(up, folder):
    first = await up(SCHEDULER_INTERVAL_MINUTES="1").ready()
    token = (folder / "api_token").read_text()
    (cycle, *_) = await eventually(lambda: _cycles(first))
    assert first.post("/api/bot/pause", token).json()["status"] == "paused"
    assert await first.ended(signal.SIGTERM) == 0
    assert first.said.rstrip().endswith("stopped")
    assert processes_of(folder) == {}
    account = _account(folder)

    second = await up(SCHEDULER_INTERVAL_MINUTES="1").ready()
    assert (folder / "api_token").read_text() == token
    assert second.get("/api/bot/status").json()["status"] == "paused"
    assert cycle in _cycles(second)

    killed = second.pid_of("analyst")
    os.kill(killed, signal.SIGKILL)
    await eventually(lambda: _differs(second, "analyst", killed))
    assert "analyst ended with code -9 and is started again" in " ".join(second.said.split())

    (broker,) = (pid for pid, what in processes_of(folder).items() if "nats-server" in what)
    os.kill(broker, signal.SIGKILL)
    await eventually(lambda: "the broker ended and is started again" in second.said)
    await eventually(lambda: _answers(second))

    assert await second.ended(signal.SIGKILL) == -signal.SIGKILL
    await eventually(lambda: processes_of(folder) == {})
    assert _account(folder)[: len(account)] == account


@pytest.mark.parametrize(
    ("sent", "after"), [(signal.SIGINT, "paper"), pytest.param(signal.SIGTERM, "executor", marks=pytest.mark.slow)]
)
async def test_a_start_that_is_cut_short_leaves_no_process(up, folder, sent, after):
    starting = up()
    await eventually(lambda: after in names_of(folder))
    assert await starting.ended(sent) == 0
    assert starting.said.rstrip().endswith("stopped")
    assert "Traceback" not in starting.said
    assert processes_of(folder) == {}


def _cycles(running: Up) -> list[str]:
    return [cycle["cycle"] for cycle in running.get("/api/cycles").json()["cycles"]]


def _account(folder):
    """What the paper exchange keeps; it opens only when nobody else holds it."""
    journal = JournalFile(folder / "paper" / "journal.jsonl")
    try:
        return journal.read()
    finally:
        journal.close()


def _differs(running: Up, service: str, killed: int) -> bool:
    with suppress(ValueError):
        return running.pid_of(service) != killed
    return False


def _answers(running: Up) -> bool:
    with suppress(httpx.HTTPError):
        return running.get("/ready").status_code == 200
    return False
