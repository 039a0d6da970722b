"""Every secret planted, the whole system run: none stands in a log, an event, an answer, a metric or an error."""

import asyncio
import json
import re
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from nats.js.errors import NotFoundError
from starlette.responses import JSONResponse

from infra.nats import users
from services.local.errors import StartFailed
from services.local.system import system
from shared.events import CycleEnded
from shared.settings import LiveKeys, Settings
from tests.support.openai_server import openai_server, says
from tests.support.processes import linux_only

pytestmark = [linux_only, pytest.mark.slow]
HOURS = 3
PLANTED = {
    "UPBIT_ACCESS_KEY": "PLANTEDupbitaccess0123456789",
    "UPBIT_SECRET_KEY": "PLANTEDupbitsecret0123456789012345678901",
    "PAPER_SECRET_KEY": "PLANTEDpapersecret0123456789012345678901",
    "OPENAI_API_KEY": "sk-PLANTEDopenai0123456789",
    "TELEGRAM_BOT_TOKEN": "123456:PLANTEDtelegram-0123456789",
    "API_TOKEN": "PLANTEDapitoken0123456789012345678901",
    "POSTGRES_PASSWORD": "PLANTEDpostgres0123456789",
    "HEARTBEAT_URL": "http://127.0.0.1:9/PLANTEDheartbeat0123456789",
    "SENTRY_DSN": "https://PLANTEDsentry0123456789@127.0.0.1:9/1",
}
MARK = re.compile(rb"PLANTED\w+")
HEADERS = {"Authorization": f"Bearer {PLANTED['API_TOKEN']}"}


def echoes(body):
    """A server that has no manners: it repeats the key it refuses."""
    return JSONResponse({"error": {"message": f"Incorrect API key provided: {PLANTED['OPENAI_API_KEY']}"}}, 401)


@pytest.fixture
def planted(monkeypatch):
    for name, value in PLANTED.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TELEGRAM_ENABLED", "true")
    monkeypatch.setenv("TELEGRAM_CHAT_ID", "1")
    monkeypatch.setenv("SENTRY_ENABLED", "true")
    monkeypatch.setattr(users, "new_password", lambda: "PLANTEDbroker0123456789")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # nothing leaves this machine


async def everything_said(folder: Path, model: str, **given: str) -> dict[str, bytes]:
    """Run a few hours on a tape and collect all that can be read of it afterwards, by where it stands."""
    settings = Settings.load(
        data_dir=folder, paper_clock="stepped", tape_from="2025-01-02T00:00Z", tape_hours=HOURS, openai_base_url=model,
        gate_win_rate_min=0, gate_drawdown_max=1, log_level="DEBUG", **given,
    )  # fmt: skip
    said: list[str] = []
    async with system(settings, api_port=None, say=said.append) as running:
        await running.supervisor.start("clock")
        left = HOURS
        while left:
            left -= isinstance(await asyncio.wait_for(running.heard.get(), 60), CycleEnded)
        found = {"said": "\n".join(said).encode()}
        js = running.nc.jetstream(timeout=5)
        for stream in await js.streams_info():
            if stream.config.name.startswith("OBJ_"):
                continue  # candles
            for seq in range(max(1, stream.state.first_seq), stream.state.last_seq + 1):
                with suppress(NotFoundError):  # a bucket forgets the value before
                    message = await js.get_msg(stream.config.name, seq)
                    found[f"{stream.config.name} {seq}"] = f"{message.headers} ".encode() + (message.data or b"")
        async with httpx.AsyncClient(timeout=10) as http:
            for name, child in running.supervisor.children.items():
                found[f"metrics of {name}"] = (await http.get(f"{child.url}/metrics")).content
            backend = running.supervisor.children["backend"].url
            for path in (await http.get(f"{backend}/openapi.json")).json()["paths"]:
                if "{" not in path and not path.endswith("stream"):
                    for headers in ({}, HEADERS):
                        answer = await http.get(backend + path, headers=headers)
                        found[f"GET {path} {bool(headers)}"] = f"{answer.headers}".encode() + answer.content
            refused = await http.post(f"{backend}/api/bot/pause", headers={"Authorization": "Bearer wrong"})
            found["refused"] = refused.content
    return found | files_of(folder)


def files_of(folder: Path) -> dict[str, bytes]:
    """All but the broker's messages, which were read."""
    files = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if not name.startswith("nats/jetstream/")}


def leaks(found: dict[str, bytes]) -> dict[str, set[bytes]]:
    return {where: set(MARK.findall(text)) for where, text in found.items() if MARK.search(text)}


@pytest.mark.parametrize("step", [says("buy"), echoes], ids=["a good model", "a model that repeats the key"])
async def test_after_hours_of_trading_no_secret_can_be_read_anywhere(planted, tmp_path, step):
    with openai_server(step) as model:
        found = await everything_said(tmp_path / "data", model.url)
        assert model.asked  # the key was used
        assert any(PLANTED["OPENAI_API_KEY"] in header["authorization"] for header in model.headers)
    assert leaks(found) == {}
    assert {"said", "EV 1", "logs/executor.log", "nats/nats.conf", "upcycle.db", "metrics of backend"} <= set(found)
    assert len(found) > 60


@pytest.mark.parametrize("command", [["doctor", "--json"], ["doctor", "--settings", "--json"]])
def test_the_doctor_shows_no_secret(planted, upcycle, tmp_path, command):
    said = upcycle(
        *command, "--data-dir", tmp_path, **PLANTED, TELEGRAM_ENABLED="true", TELEGRAM_CHAT_ID="1",
        OPENAI_BASE_URL="http://127.0.0.1:9", DATABASE_URL="postgresql://me:PLANTEDdatabase@127.0.0.1:9/x",
        NATS_URL="nats://owner:PLANTEDlogin@127.0.0.1:9",
    )  # fmt: skip
    assert json.loads(said.stdout)
    assert leaks({"stdout": said.stdout.encode(), "stderr": said.stderr.encode()}) == {}


async def test_a_database_that_is_away_keeps_its_password(planted, tmp_path):
    settings = Settings.load(data_dir=tmp_path, database_url="postgresql://me:PLANTEDdatabase@127.0.0.1:9/x")
    with pytest.raises(Exception) as failed:
        async with system(settings, api_port=None, say=lambda _: None):
            pass
    assert not isinstance(failed.value, StartFailed)
    assert "PLANTED" not in str(failed.value)


def test_every_secret_of_the_table_is_planted_here():
    secret = {name.upper() for table in (Settings, LiveKeys) for name, info in table.model_fields.items()
              if "SecretStr" in str(info.annotation)}  # fmt: skip
    made_by_the_system = {"PAPER_ADMIN_TOKEN"}
    assert secret - made_by_the_system - set(PLANTED) <= {"DATABASE_URL"}
