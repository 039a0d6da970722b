"""How long `why` and its neighbours take from a connected client, on a log of 100,000 events of real size.

Bar: `why` under 200 ms in 95 of 100 calls. The log is written once, in cycles of five events.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from random import Random

import nats
from nats.aio.client import Client

from benchmarks import payloads
from benchmarks.figures import Figure, Found
from benchmarks.run import run
from services.local.nats_server import NatsServer
from shared.bus import topology
from shared.bus.namespace import Namespace
from shared.bus.records import Records
from shared.bus.wire import encode
from shared.clock import monotonic
from shared.events import CycleEnded, SignalPassed
from shared.types import slot_time, split_cycle
from shared.why import why
from shared.writing import whole

EVENTS, CALLS, BAR_MS = 100_000, 100, 200.0
_FLUSH_EVERY = 250  # cycles


async def fill(nc: Client) -> list[str]:
    """Publish the cycles; the bodies are encoded once and differ in the cycle's name alone."""
    events = [payloads.due(0), payloads.snapshot(), payloads.signal(), payloads.decision(), payloads.skipped()]
    bodies = [(event.subject, encode(event)) for event in events]
    first = split_cycle(payloads.CYCLE)[1]
    cycles = [payloads.cycle(n) for n in range(EVENTS // len(events))]
    for n, cycle in enumerate(cycles):
        slot = split_cycle(cycle)[1]
        for subject, body in bodies:
            await nc.publish(subject.replace(first, slot), body.replace(payloads.CYCLE.encode(), cycle.encode()))
        if n % _FLUSH_EVERY == 0:
            await nc.flush(timeout=60)
            await _stored(nc, (n + 1) * len(events))
    await _stored(nc, EVENTS)
    return cycles


async def _stored(nc: Client, events: int) -> None:
    """Core publishes are not acknowledged: ask until the stream has them all."""
    js = nc.jetstream(timeout=60)
    while True:
        if (await js.stream_info("EV")).state.messages >= events:
            return
        await asyncio.sleep(0.01)


async def timed(ask: Callable[[int], Awaitable[object]], calls: int = CALLS) -> list[float]:
    """Milliseconds of each call, shortest first."""
    took = []
    for n in range(calls):
        began = monotonic()
        await ask(n)
        took.append((monotonic() - began) * 1000)
    return sorted(took)


async def measure(folder: Path) -> dict[str, list[float]]:
    with NatsServer(folder / "nats", sync="2m") as server:
        nc = await nats.connect(server.url)
        namespace = Namespace()
        for stream in topology.streams(namespace):  # no consumers: nothing else is to work meanwhile
            await nc.jetstream().add_stream(stream)
        cycles = await fill(nc)
        records = Records(nc, namespace)
        asked = Random(1).choices(cycles, k=CALLS)
        now = slot_time(split_cycle(cycles[-1])[1]) + timedelta(minutes=2)

        async def tell(n: int) -> None:
            assert len(why(await records.cycle(asked[n]), "ko")) > 500

        async def last(_: int) -> None:
            why(await records.cycle(await records.last_started() or ""), "en")

        async def newest(_: int) -> None:
            assert (
                len(
                    await records.newest(
                        [SignalPassed.trunk(market="KRW-ETH"), CycleEnded.trunk(stage="filter", market="KRW-ETH")], 50
                    )
                )
                >= 50
            )

        async def missed(_: int) -> None:
            assert await records.missed(["KRW-ETH"], now, 60) == []

        found = {
            "why CYCLE": await timed(tell),
            "why --last": await timed(last),
            "events --stage filter --limit 50": await timed(newest, 10),
            "missed hours of a day": await timed(missed, 10),
        }
        await nc.close()
        return found


async def find() -> Found:
    with tempfile.TemporaryDirectory(prefix="bench-why-") as folder:
        asked = await measure(Path(folder))
    print(f"on a log of {whole(EVENTS)} events")
    figures = []
    for name, took in asked.items():
        bar = BAR_MS if name.startswith("why") else None
        for part, ms in (("median", took[len(took) // 2]), ("95th of 100", percentile_95(took)), ("slowest", took[-1])):
            figures.append(
                Figure(name=f"{name}, {part}", value=ms, unit="ms", bar=bar if part == "95th of 100" else None)
            )
    return Found(figures=tuple(figures))


def percentile_95(took: list[float]) -> float:
    """took: shortest first."""
    return took[max(0, -(-len(took) * 95 // 100) - 1)]


if __name__ == "__main__":
    run(find)
