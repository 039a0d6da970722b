"""The doctor: a row for everything, a broken check is a row too, and no secret is ever shown."""

import asyncio
import json

import nats
import pytest
from typer.testing import CliRunner

from infra.migrations.run import upgrade
from services.cli.app import app
from services.cli.checks import broker, database, machine
from services.cli.checks.row import Row
from services.cli.checks.settings import table
from services.cli.commands.doctor import examine
from services.local.running import announced, running
from shared.bus import topology
from shared.bus.broker import make_broker
from shared.bus.namespace import Namespace
from shared.clock import SystemClock
from shared.settings import Settings
from shared.switch import Heartbeat, Job
from tests.support.builders import AT, CYCLE, fill, found, settled


@pytest.fixture
def settings(tmp_path):
    return Settings.load(data_dir=tmp_path)


def report(*words):
    done = CliRunner().invoke(app, ["doctor", "--json", *words])
    return done.exit_code, {row["name"]: row for row in json.loads(done.stdout)}


def test_a_fresh_machine_has_nothing_to_mend(tmp_path):
    code, rows = report("--data-dir", str(tmp_path))
    assert code == 0
    assert set(rows) == {
        "python", "packages", "settings", "nats", "streams", "database", "disk", "exchange", "model",
        "telegram", "tape",
    }  # fmt: skip
    assert {row["state"] for row in rows.values()} == {"ok", "skip"}
    assert "rules-only analyst" in rows["model"]["found"]
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_setting_is_the_one_finding(monkeypatch):
    monkeypatch.setenv("GATE_WIN_RATE_MIN", "7")
    code, rows = report()
    assert code == 1
    assert rows["settings"]["found"] == "GATE_WIN_RATE_MIN: Input should be less than or equal to 1"


def test_of_a_whole_env_only_what_differs_from_the_defaults_is_shown(monkeypatch, tmp_path):
    env = tmp_path / ".env"
    env.write_text("LANGUAGE=ko\nTRADING_AMOUNT=60000\nAPI_TOKEN=" + "s3cret" * 8 + "\nHEARTBEAT_URL=\n")
    monkeypatch.setitem(Settings.model_config, "env_file", str(env))
    found = report("--data-dir", str(tmp_path))[1]["settings"]["found"]
    assert found.endswith("otherwise than by default: TRADING_AMOUNT (.env), API_TOKEN (.env)")


async def test_a_check_that_breaks_is_a_row_and_the_others_go_on(settings):
    async def broken(_):
        raise ZeroDivisionError("oh")

    async def fine(_):
        return [Row("fine", "ok", "yes")]

    rows = await examine(settings, [broken, fine])
    assert [(row.name, row.state) for row in rows] == [("broken", "fail"), ("fine", "ok")]
    assert rows[0].found == "the check itself broke: ZeroDivisionError: oh"


def test_the_table_shows_every_setting_and_no_secret(monkeypatch, tmp_path):
    monkeypatch.setenv("API_TOKEN", "s3cret" * 8)
    monkeypatch.setenv("UPBIT_SECRET_KEY", "s3cret")
    monkeypatch.setenv("TRADING_AMOUNT", "70000")
    env = tmp_path / ".env"
    env.write_text("LANGUAGE=en\nTRADING_AMOUNT=60000\nTELEGRAM_CHAT_ID=\n")
    monkeypatch.setitem(Settings.model_config, "env_file", str(env))
    lines = {line.name: line for line in table(Settings.load())}
    assert "s3cret" not in str(lines)
    assert "opens-pretend-money" not in str(lines)
    assert (lines["API_TOKEN"].value, lines["API_TOKEN"].source) == ("***", "environment")
    assert (lines["TRADING_AMOUNT"].value, lines["TRADING_AMOUNT"].source) == ("70000", "environment")
    assert (lines["LANGUAGE"].value, lines["LANGUAGE"].source, lines["LANGUAGE"].default) == ("en", ".env", "ko")
    assert lines["TELEGRAM_CHAT_ID"].source == "default"
    assert (lines["UPBIT_SECRET_KEY"].value, lines["UPBIT_SECRET_KEY"].source) == ("***", "not read")
    assert lines["GATE_WIN_RATE_MIN"].allowed == "at least 0, at most 1"
    assert lines["TRADING_MODE"].allowed == "paper or live"
    assert {name.upper() for name in Settings.model_fields} <= set(lines)


def test_a_package_too_old_or_missing_is_named():
    assert machine.lacks("pydantic>=2") is None
    assert machine.lacks("pydantic>=99.1").endswith("needed is >=99.1")
    assert machine.lacks("pydantic<2").endswith("needed is <2")
    assert machine.lacks("no-such-package[extra]>=1") == "no-such-package is missing"


async def test_streams_are_held_against_their_design(settings, server):
    with announced(settings.data_dir, server.url, 8000):
        bare = await broker.broker(settings)
        assert [row.state for row in bare] == ["ok", "fail"]
        assert "stream EV is missing" in bare[1].found
        nc = await nats.connect(server.url)
        js = nc.jetstream()
        await topology.apply(js, Namespace())
        assert [row.state for row in await broker.broker(settings)] == ["ok", "ok", "ok", "skip"]
        await (await js.key_value("bot")).delete("wish")
        switch = (await broker.broker(settings))[2]
        assert (switch.name, switch.state) == ("switch", "fail")
        assert switch.found.endswith("the bot is paused; look why, then: upcycle resume")
        info = await js.consumer_info("EV", "executor")
        await js.add_consumer("EV", info.config.evolve(max_ack_pending=9))
        await js.delete_consumer("EV", "filter")
        found = (await broker.broker(settings))[1]
        assert found.state == "fail"
        assert found.todo == "apply the topology: upcycle topology"
        assert "consumer filter is missing" in found.found
        assert "consumer executor: max_ack_pending is 9, designed is 1" in found.found
        await nc.close()


@pytest.mark.parametrize(
    ("sign", "state", "found"),
    [
        ({"is_tape": True}, "ok", "plays a tape, next cycle at 2026-01-05 12:00 KST (hour 3)"),
        ({"is_tape": False}, "ok", "keeps the exchange's time, next cycle at"),
        ({}, "ok", "next cycle at"),  # an older clock
        ({"stopped": "the tape stopped: torn"}, "fail", "the clock starts no cycle any more: the tape stopped: torn"),
        ({"fault": "this machine's clock is wrong"}, "fail", "this machine's clock is wrong"),
        ({"at": AT}, "fail", "its last sign of life is of 2026-01-05 12:00 KST"),
    ],
)
def test_what_the_clock_says_of_itself_is_a_row(sign, state, found):
    trading = Job(id="trading_job", next_run=AT, note="hour 3" if sign.get("is_tape") else "")
    now = SystemClock().now()
    row = broker._clock(Heartbeat(**{"at": now, "started_at": now, "interval_min": 60, "jobs": (trading,)} | sign))
    assert (row.name, row.state, row.found[: len(found)]) == ("clock", state, found)


async def test_orders_that_the_log_lacks_fail_until_they_are_adopted(settings, server):
    with announced(settings.data_dir, server.url, 8000):
        bus, log = make_broker(server.url, name="test", namespace=Namespace())
        async with bus:
            await topology.apply(bus.connection.jetstream(), Namespace())
            await log.emit(found())
            row = (await broker.broker(settings))[-1]
            assert (row.name, row.state, CYCLE in row.found) == ("orders", "fail", True)
            assert row.todo.startswith("upcycle adopt")
            await log.emit(fill())
            await log.emit(settled())
            assert [row.name for row in await broker.broker(settings)] == [
                "nats", "streams", "switch", "clock",
            ]  # fmt: skip


async def test_a_login_that_may_not_look_says_so_and_who_may(tmp_path, server, monkeypatch):
    monkeypatch.setattr(broker, "_ANSWER_S", 0.3)
    rows = await broker.broker(Settings.load(data_dir=tmp_path, nats_url=server.url_of("clock")))
    assert [row.state for row in rows] == ["ok", "skip"]
    assert rows[1].found == "the login clock may not look at them"
    assert rows[1].todo.endswith("docker compose run --rm --no-deps topology upcycle doctor")


async def test_a_broker_that_cannot_write_fails_in_its_own_words(tmp_path, server):
    said = b'{"status":"unavailable","error":"JetStream stream \'$G > EV\' write error: no space left on device"}'

    async def healthz(reader, writer):
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"GET /healthz ")
        writer.write(b"HTTP/1.1 503 .\r\nContent-Length: %d\r\n\r\n%s" % (len(said), said))
        await writer.drain()
        writer.close()

    page = await asyncio.start_server(healthz, "127.0.0.1", 0)
    port = page.sockets[0].getsockname()[1]
    async with page:
        given = {"nats_url": server.url, "nats_monitor_url": f"http://127.0.0.1:{port}"}
        rows = await broker.broker(Settings.load(data_dir=tmp_path, **given))
    assert rows[0].state == "fail"
    assert "no space left on device" in rows[0].found
    assert rows[0].todo.startswith("make room on its disk")


async def test_a_broker_that_is_away_fails(tmp_path):
    away = Settings.load(data_dir=tmp_path, nats_url="nats://127.0.0.1:9")
    rows = await broker.broker(away)
    assert [row.state for row in rows] == ["fail", "skip"]
    assert "nats://127.0.0.1:9 does not answer" in rows[0].found


async def test_the_database_and_its_tables(tmp_path, settings):
    assert (await database.database(settings))[0].state == "skip"
    (tmp_path / "upcycle.db").touch()
    assert [row.state for row in await database.database(settings)] == ["ok", "fail"]
    upgrade(settings.database)
    assert [row.state for row in await database.database(settings)] == ["ok", "ok"]


async def test_a_database_that_is_away_fails_without_its_password(tmp_path):
    away = Settings.load(data_dir=tmp_path, database_url="postgresql://me:hidden@127.0.0.1:9/x")
    (row,) = await database.database(away)
    assert row.state == "fail"
    assert "hidden" not in row.found


async def test_a_tape_that_cannot_be_read_fails(tmp_path):
    (row,) = await machine.tape(Settings.load(data_dir=tmp_path, paper_tape="KRW-ETH=nowhere.parquet"))
    assert (row.state, "nowhere.parquet" in row.found) == ("fail", True)


def test_what_runs_in_a_folder_is_known_as_long_as_it_runs(tmp_path):
    assert running(tmp_path) is None
    with announced(tmp_path, "nats://127.0.0.1:4222", 8000):
        assert running(tmp_path).api_port == 8000
    assert running(tmp_path) is None
    (tmp_path / "run.json").write_text('{"nats_url": "x", "api_port": 1, "pid": 999999999}')
    assert running(tmp_path) is None
    (tmp_path / "run.json").write_text("{")
    assert running(tmp_path) is None
