"""No inherited settings or secrets, the same examples for every run, and the real data where it is."""

import gc
import logging
import os
import ssl
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings

from services.local.nats_server import NatsServer
from shared.settings import LiveKeys, Settings
from tests.support.one_broker import emptied

DATA = Path(os.environ.get("UPCYCLE_DATA_DIR", Path(__file__).parents[2] / "shared" / "data"))

# No setting of this machine reaches a test, nor a fixture that many tests share, and no `.env` of this folder.
_SETTINGS = {name.upper() for table in (Settings, LiveKeys) for name in table.model_fields}
for name in [name for name in os.environ if name.upper() in _SETTINGS]:
    del os.environ[name]
for table in (Settings, LiveKeys):
    table.model_config["env_file"] = None

# Each would change what commands print or whom they ask; Typer and Rich read theirs when they are imported.
_TERMINAL = ("COLUMNS", "LINES", "TERMINAL_WIDTH", "FORCE_COLOR", "NO_COLOR", "PY_COLORS", "GITHUB_ACTIONS")
for name in (*_TERMINAL, *(name for name in os.environ if name.lower().endswith("_proxy"))):
    os.environ.pop(name, None)

# Every HTTP client loads the world's certificates, 20 ms each time, and none in a test ever meets one.
ssl.create_default_context = cache(ssl.create_default_context)

# Rich draws a traceback for a second or more where the machine is busy; a broker asked meanwhile seems not to answer.
_PLAIN = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
structlog.configure(processors=[*structlog.get_config()["processors"][:-1], _PLAIN])

# A law is tried on the same examples each time, so that a red run is a change; `make test-all` seeks new ones.
# How fast a machine makes an example is nobody's fault.
settings.register_profile(
    "same", max_examples=50, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("search", settings.get_profile("same"), max_examples=200, derandomize=False, print_blob=True)
settings.load_profile("same")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """What thousands of tests are made of stays to the end: the collector of garbage need not walk it each time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(autouse=True)
def same_log_level():
    """A command that was told to be quiet does not quieten the tests after it."""
    root = logging.getLogger()
    before = root.level
    yield
    root.setLevel(before)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The recorded market data that is not part of the project."""
    if not (DATA / "candles").is_dir():
        pytest.skip(f"no recorded data in {DATA}; set UPCYCLE_DATA_DIR to its folder")
    return DATA


@pytest.fixture(scope="session")
def one_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    with NatsServer(tmp_path_factory.mktemp("nats"), sync="2m") as running:
        yield running


@pytest.fixture
def server(one_broker: NatsServer) -> NatsServer:
    """A real broker without streams; a test may kill it, wipe it and start it again."""
    return emptied(one_broker)
