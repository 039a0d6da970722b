"""`TRADING_MODE=live upcycle up` against a stand-in for Upbit: what starts, what is refused, who gets the keys."""

import pytest

from services.local.nats_server import free_port
from shared.services import SERVICES
from tests.support.paper_server import seat, seated
from tests.support.processes import Up, environment_of, linux_only, processes_of

pytestmark = [linux_only, pytest.mark.slow]
KEYS = {
    "UPBIT_ACCESS_KEY": "an-access-key-to-real-money-of-tests",
    "UPBIT_SECRET_KEY": "a-secret-key-to-real-money-that-opens-nothing",
}


@pytest.fixture
def exchange(tmp_path):
    """Stands for Upbit: it tells this machine's time, and knows the keys."""
    house = {"paper_access_key": KEYS["UPBIT_ACCESS_KEY"], "paper_secret_key": KEYS["UPBIT_SECRET_KEY"]}
    (tmp_path / "exchange").mkdir()
    with seat() as port, seated(port, tmp_path / "exchange", paper_clock="wall", paper_tape="", **house) as running:
        yield running


async def test_live_starts_without_a_paper_exchange_and_two_processes_hold_the_keys(exchange, folder):
    up = Up(folder, free_port(), TRADING_MODE="live", UPBIT_BASE_URL=exchange.url, **KEYS)
    try:
        running = await up.ready()
        services = {pid: what for pid, what in processes_of(folder).items() if " -m services." in what}
        assert {name_of(what): holds_keys(pid) for pid, what in services.items()} == {
            service.name: service.opens_account for service in SERVICES if service.is_on_the_bus
        }
        assert running.get("/api/bot/status").json()["status"] == "running"
        logs = "".join(path.read_text() for path in (folder / "logs").glob("*.log"))
        assert '"what": "test order"' in logs
        assert not any(secret in logs for secret in KEYS.values())
    finally:
        up.process.terminate()
        up.process.wait(30)


def test_a_clock_that_is_off_refuses_live_with_one_sentence(tmp_path, folder, upcycle):
    house = {"paper_access_key": KEYS["UPBIT_ACCESS_KEY"], "paper_secret_key": KEYS["UPBIT_SECRET_KEY"]}
    with seat() as port, seated(port, tmp_path, **house) as exchange:  # it lives in September 2025
        ports = ("--port", str(free_port()), "--page-port", str(free_port()))
        said = upcycle("up", "--data-dir", folder, *ports, TRADING_MODE="live", UPBIT_BASE_URL=exchange.url, **KEYS)
    assert said.returncode == 1
    assert "executor did not start: NotProved: TRADING_MODE=live is refused: clock skew: " in said.stderr
    assert not any(secret in said.stdout + said.stderr for secret in KEYS.values())


def name_of(arguments: str) -> str:
    return arguments.rpartition("services.")[2]


def holds_keys(pid: int) -> bool:
    return environment_of(pid, *KEYS) == KEYS
