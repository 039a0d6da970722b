"""`upcycle panic --sell --yes` as a process, killed with -9 when its journal grows, and run again: sold once."""

import asyncio
import signal
import subprocess

import pytest

from services.executor.adapters.journal import Journal
from services.local.chain import chain
from services.local.nats_server import free_port
from tests.pipeline.test_panic_command import PANIC, assert_all_adds_up, log_of, settings_in
from tests.support.processes import UPCYCLE, environment
from tests.support.waiting import eventually

pytestmark = pytest.mark.slow


def panic(settings, nats_url):
    """Start the command."""
    env = environment(
        UPBIT_BASE_URL=settings.upbit_base_url, DATA_DIR=str(settings.data_dir), TRADING_SYMBOL="KRW-ETH",
        NATS_URL=nats_url,
    )  # fmt: skip
    command = [*UPCYCLE, "panic", "--sell", "--yes"]
    return subprocess.Popen(
        command, env=env, cwd=settings.data_dir, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


async def ended(process):
    out, _ = await asyncio.to_thread(process.communicate)
    assert process.returncode == 0, out
    return out


@pytest.mark.parametrize("with_broker", [True, False], ids=["broker", "no broker"])
@pytest.mark.parametrize("grown", [1, 2, 3])
async def test_a_panic_killed_when_its_journal_has_grown_so_often_sells_once(tmp_path, grown, with_broker):
    settings = settings_in(tmp_path, 1)
    async with chain(settings) as running:
        async for _ in running.events(1):
            pass
        url = running.settings.nats_url if with_broker else f"nats://127.0.0.1:{free_port()}"
        path = Journal(tmp_path / "executor").path
        size, left = path.stat().st_size, grown
        process = panic(running.settings, url)
        while left and process.poll() is None:
            if path.stat().st_size != size:
                size, left = path.stat().st_size, left - 1
            await asyncio.sleep(0)
        process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(process.communicate)
        out = await ended(panic(running.settings, url))
        assert "paused" in out
        assert [o.identifier for o in running.exchange.orders() if o.identifier == PANIC] == [PANIC]
        if with_broker:
            await assert_all_adds_up(running)
    async with chain(settings) as running:  # an executor comes up again

        async def told():
            return any(e.kind == "OrderFilled" and e.cycle == PANIC for e in await log_of(running))

        await eventually(told)
        await eventually(lambda: Journal(tmp_path / "executor").read().is_merged)
        await assert_all_adds_up(running)
