"""All services in one process: `upcycle up --one-process`."""

import json
import signal
from decimal import Decimal

import pytest

from services.local.nats_server import free_port
from services.local.system import OPENERS
from services.paper.app import create_exchange
from shared.http_client import direct_client
from shared.services import NAMED
from tests.faults.killing import play
from tests.support import checkers
from tests.support.processes import Up, linux_only, processes_of

pytestmark = linux_only


async def test_it_serves_all_of_them_and_ctrl_c_leaves_no_process(tmp_path):
    folder = tmp_path / "data"
    up = Up(folder, free_port(), "--one-process", SCHEDULER_INTERVAL_MINUTES="60")
    try:
        await up.ready()
        services = [what for what in processes_of(folder).values() if " -m services." in what]
        assert [what.rpartition("services.")[2] for what in services] == ["local.one_process"]
        assert up.get("/api/bot/status").json()["status"] == "running"
        async with direct_client(timeout=30) as http:
            assert (await http.get(f"http://127.0.0.1:{up.page_port}/health")).is_success
        lines = [json.loads(line) for line in (folder / "logs" / "upcycle.log").read_text().splitlines()]
        assert {line["service"] for line in lines} <= {*NAMED, "upcycle"}
        assert {"clock", OPENERS[0]} <= {line["service"] for line in lines}
        assert await up.ended(signal.SIGINT) == 0
        assert processes_of(folder) == {}
    finally:
        up.process.kill()
        up.process.wait()


@pytest.mark.slow
async def test_killed_again_and_again_each_cycle_ends_once_and_the_books_are_the_exchanges(tmp_path):
    settings, killed, log = await play(tmp_path, 80, 1, one_process=True)
    assert killed["kill -9 of the upcycle"]
    exchange = create_exchange(settings)
    try:
        checkers.assert_each_started_cycle_ended_once(log)
        checkers.assert_one_order_for_each_cycle(log, exchange)
        checkers.assert_the_books_hold_what_was_executed(log)
        checkers.assert_balances_add_up(log, exchange, Decimal(settings.paper_balance_krw))
    finally:
        exchange.close()
