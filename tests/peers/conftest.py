"""The venv of the peers, and the exchange they are let loose on."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.support.paper_server import seat, seated

HERE = Path(__file__).parent
PYTHON = Path(os.environ.get("UPCYCLE_PEERS", HERE.parents[1] / ".venv-peers")) / "bin" / "python"


@pytest.fixture(scope="session")
def peer_python() -> Path:
    if not PYTHON.exists():
        pytest.skip(f"no {PYTHON}; make peers installs ccxt and pyupbit there")
    return PYTHON


@pytest.fixture(scope="module")
def port():
    with seat() as listening:
        yield listening


@pytest.fixture
def paper(port, tmp_path):
    with seated(port, tmp_path, paper_balance_krw=1_000_000) as running:
        yield running


@pytest.fixture
def drive(peer_python, paper):
    """Run one part of a script beside this file in the peers' Python; gives the JSON it prints last."""

    def run(script: str, part: str):
        done = subprocess.run(
            [peer_python, HERE / script, part, paper.url, paper.access_key, paper.secret_key],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run
