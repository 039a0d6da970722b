"""A process of our side: the real stage around a handler that hands on a fixed event.

python -m benchmarks.ours STAGE URL [otel] [line] [beat]    leaves those parts out, to see what they cost
"""

import asyncio
import sys
from typing import Any

from faststream import BaseMiddleware
from nats.js import JetStreamContext
from nats.js.api import PubAck

from benchmarks import payloads
from shared.bus import broker
from shared.bus.event_log import EventLog
from shared.bus.outcome import Outcome
from shared.bus.tracing import Tracing
from shared.events import CycleEnded, DecisionMade, SignalPassed, SnapshotTaken, TradingDue
from shared.settings import Settings
from shared.stage import Stage
from shared.stored import Stored
from shared.telemetry import set_up_logs


class Collector:
    event = payloads.snapshot()

    async def __call__(self, due: TradingDue) -> SnapshotTaken:
        return self.event.model_copy(update={"cycle": due.cycle})


class Filter:
    event = payloads.signal()

    async def __call__(self, snapshot: SnapshotTaken) -> SignalPassed:
        return self.event.model_copy(update={"cycle": snapshot.cycle})


class Analyst:
    event = payloads.decision()

    async def __call__(self, signal: SignalPassed) -> DecisionMade:
        return self.event.model_copy(update={"cycle": signal.cycle})


class Executor:
    """Stores its event itself, as the real one does: first what lies there, then the end."""

    event = payloads.skipped()

    def __init__(self, log: EventLog) -> None:
        self._log = log

    async def __call__(self, stored: Stored) -> None:
        assert isinstance(stored.event, DecisionMade)
        if await self._log.load(CycleEnded.places_of(stored.event.cycle)) is None:
            await self._log.emit(self.event.model_copy(update={"cycle": stored.event.cycle}))


def stage_of(name: str, url: str) -> Stage:
    stage = Stage(name, Settings(_env_file=None, nats_url=url))
    handlers: dict[str, Any] = {"collector": Collector, "filter": Filter, "analyst": Analyst}
    if name in handlers:
        stage.handle(handlers[name]())
    else:
        stage.receive(Executor(stage.log))
    return stage


class Untraced(Tracing):
    def __call__(self, msg: Any, /, *, context: Any) -> Any:
        return BaseMiddleware(msg, context=context)

    async def publish(self, js: JetStreamContext, where: str, body: bytes, headers: dict[str, str]) -> PubAck:
        return await js.publish(where, body, headers=headers)


def leave_out(parts: set[str]) -> None:
    """Switch parts of the plumbing off; only ever in a process of this benchmark."""
    if "otel" in parts:
        setattr(broker, "Tracing", Untraced)  # noqa: B010
    if "beat" in parts:
        Outcome.on_receive = _nothing  # type: ignore[method-assign]


async def _nothing(self: Outcome) -> None:
    return None


async def main(name: str, url: str, without: set[str]) -> None:
    set_up_logs("WARNING" if "line" in without else "INFO", service=name)
    leave_out(without)
    async with stage_of(name, url).running():
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], set(sys.argv[3:])))
