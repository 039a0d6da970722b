"""Several analysts share the work: with a slow model, N processes give N times the decisions of one.

python -m benchmarks.analyst [SECONDS]    how long the model takes; 5 by default, 1 is quicker and stricter

Real NATS, real processes, OpenAI's SDK against the scripted server. A round is timed from the publishing of
its signals to the last stored decision, after one cycle for each process that is not counted.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import nats
from nats.js import JetStreamContext

from benchmarks import payloads
from benchmarks.figures import Figure, Found
from benchmarks.run import run
from services.local.nats_server import NatsServer, free_port
from shared.bus import topology
from shared.bus.namespace import Namespace
from shared.bus.wire import encode
from shared.clock import monotonic
from shared.events import CycleEvent, DecisionMade
from tests.support.openai_server import openai_server, says

PROCESSES = (1, 2, 4)
EACH = 4  # cycles for each process in a round
BAR = 0.95
_START_S = 60


@contextmanager
def analysts(n: int, folder: Path, nats_url: str, model_url: str) -> Iterator[None]:
    """N processes of the real service, ready and connected."""
    env = {
        "PATH": os.environ["PATH"],
        "NATS_URL": nats_url,
        "OPENAI_API_KEY": "sk-benchmark",
        "OPENAI_BASE_URL": model_url,
        "LLM_DAILY_BUDGET_KRW": "1000000000",
        "LOG_LEVEL": "WARNING",
    }
    ports = [free_port() for _ in range(n)]
    with ExitStack() as stack:
        log = stack.enter_context((folder / "analysts.log").open("a"))
        running = [
            subprocess.Popen(
                [sys.executable, "-m", "services.analyst"], env={**env, "PORT": str(port)}, stdout=log, stderr=log
            )
            for port in ports
        ]
        try:
            for port, process in zip(ports, running, strict=True):
                _until_ready(port, process)
            yield
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait(30)


def _until_ready(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = monotonic() + _START_S
    while not _is_ready(port):
        if process.poll() is not None or monotonic() > deadline:
            raise RuntimeError(f"an analyst did not start; exit code {process.poll()}")
        threading.Event().wait(0.05)


def _is_ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/ready").status_code == 200
    except httpx.TransportError:
        return False  # it does not listen yet


async def played(js: JetStreamContext, first: int, cycles: int) -> float:
    """Seconds from the signals of that many cycles, the first-th on, to the last decision."""
    names = [payloads.cycle(n) for n in range(first, first + cycles)]
    await _publish(js, payloads.snapshot(), names)
    began = monotonic()
    await _publish(js, payloads.signal(), names)
    while True:
        info = await js.stream_info("EV", subjects_filter=DecisionMade.trunk())
        if len(info.state.subjects or ()) >= first + cycles:
            return monotonic() - began
        await asyncio.sleep(0.02)


async def _publish(js: JetStreamContext, event: CycleEvent, cycles: list[str]) -> None:
    named = [event.model_copy(update={"cycle": cycle}) for cycle in cycles]
    await asyncio.gather(*(js.publish(said.subject, encode(said)) for said in named))


async def measure(takes_s: float) -> list[tuple[int, float]]:
    """Decisions a second for each number of processes."""
    rates, done = [], 0
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        NatsServer(Path(folder) / "nats") as server,
        openai_server(says("hold"), takes_s=takes_s) as model,
    ):
        nc = await nats.connect(server.url)
        js = nc.jetstream()
        await topology.apply(js, Namespace())
        for n in PROCESSES:
            with analysts(n, Path(folder), server.url, model.url):
                await played(js, done, n)  # each process's first call is slower
                done += n
                seconds = await played(js, done, n * EACH)
                done += n * EACH
            rates.append((n, n * EACH / seconds))
        await nc.close()
        if len(model.asked) != done:
            raise RuntimeError(f"{done} cycles, but the model was asked {len(model.asked)} times")
    return rates


async def find() -> Found:
    takes_s = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    (_, one), *_ = rates = await measure(takes_s)
    print(f"a model that takes {takes_s:g} s, {EACH} cycles a process")
    alone = Figure(name="decisions of one process", value=one, unit="a second")
    times = (
        Figure(name=f"{n} processes", value=rate / one, unit="times one", bar=BAR * n, bar_is="least")
        for n, rate in rates[1:]
    )
    return Found(figures=(alone, *times))


if __name__ == "__main__":
    run(find)
