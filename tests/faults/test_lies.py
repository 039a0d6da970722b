"""A small slice of the world that lies (`make faults-lies`), and proof that a broken law would be seen."""

import pytest

from tests.faults import lies_processes
from tests.faults.lies import play


@pytest.mark.parametrize("seed", [0, 69])
def test_whatever_the_world_says_no_coin_of_the_owners_is_sold_and_trading_goes_on(seed):
    found = play(seed, hours=12)
    assert found["broken"] == ""
    assert found["cycles"] >= 10
    assert sum(found["faults"].values()) > 20


def test_a_seed_is_the_same_world_each_time():
    assert play(3, hours=4) == play(3, hours=4)


def test_a_broken_law_names_the_command_that_shows_it_again(monkeypatch):
    monkeypatch.setattr("services.executor.core.proof.TIMES", 0)
    monkeypatch.setattr("services.executor.core.proof.HIDDEN_S", -1.0)
    monkeypatch.setattr("tests.faults.lying_acts._adopted", lambda *_: _yes())
    broken = next(filter(None, (play(seed, hours=12)["broken"] for seed in range(20))))
    assert "make faults-lies-here SEED=" in broken


async def _yes():
    return True


@pytest.mark.slow
async def test_real_processes_behind_a_lying_proxy_come_through(tmp_path):
    it, log = await lies_processes.play(tmp_path, 12, 2)
    lies_processes.check(it, log)
    assert sum(it.proxy.lies.values()) > 0
