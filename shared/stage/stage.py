"""A service's place on the bus: its broker, its log, its readers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, TypedDict

import structlog

from shared.bus import topology
from shared.bus.broker import RESTORED, die, make_broker, subscribe, watch
from shared.bus.event_log import DELIVERY
from shared.bus.namespace import Namespace
from shared.bus.switch import Switch
from shared.bus.waiting import must_be_known
from shared.bus.wire import Stranger, must_be
from shared.clock import monotonic
from shared.errors import NEWER, Newer, Permanent
from shared.events import CycleEnded, CycleEvent
from shared.services import READERS
from shared.settings import Settings
from shared.stage.handler import handle_once, must_agree
from shared.stored import Stored
from shared.telemetry import Metrics
from shared.wiring import must_fit

if TYPE_CHECKING:
    from shared.history.archive import Archive

log = structlog.get_logger("stage")


class NotReady(Permanent):
    """The broker lacks what this service needs; the text says what, and what to do."""


class StageOptions(TypedDict, total=False):
    """What whoever runs a service hands through to its stage: a test, or the chain in one process.

    on_fatal: what to do when the process cannot go on; by default it ends.
    """

    middlewares: Sequence[Any]
    on_fatal: Callable[[int, str], None]


class Stage:
    """Raises Miswired where events and services do not fit together."""

    def __init__(
        self,
        name: str,
        settings: Settings,
        *,
        middlewares: Sequence[Any] = (),
        on_fatal: Callable[[int, str], None] = die,
    ) -> None:
        must_fit()
        self.name = name
        self.namespace = Namespace(settings.subject_prefix)
        self.metrics = Metrics()
        self.broker, self.log = make_broker(
            settings.nats_url,
            name=name,
            namespace=self.namespace,
            meters=self.metrics.provider,
            middlewares=middlewares,
            on_fatal=on_fatal,
        )
        self.log.memory.on_restored.append(lambda why: on_fatal(RESTORED, f"the event log is an older copy: {why}"))
        self.readers: list[str] = []
        self._before_us = 0  # the last message that was stored before this process began
        self._on_fatal = on_fatal
        self._around: list[Callable[[], Any]] = []  # async context managers that live as long as the stage
        self._before: list[Callable[[], Awaitable[None]]] = []
        self._tasks: list[Callable[[], Awaitable[None]]] = []
        self._seconds = self.metrics.histogram(
            "stage_duration_seconds", "Time from a message to its answer being stored"
        )
        mine = {"stage": name}
        self._again = self.metrics.counter("stage_redeliveries", "Messages that were given once more", [mine])
        self._failures = self.metrics.counter("stage_failures", "Messages whose handling ended in an error", [mine])

    def receive(
        self, callback: Callable[[Stored], Awaitable[None]], *, reader: str | None = None, parallel: int = 1
    ) -> None:
        """Give `callback` every event of this service's reader, which says what it hears and what it passes over."""
        reader = reader or self.name
        self.readers.append(reader)
        hears, passes_over = READERS[reader].hears, READERS[reader].passes_over
        told = log.bind()  # the logger itself: its proxy would be set up anew for each line

        async def timed(stored: Stored) -> None:
            began, mine = monotonic(), {"stage": self.name}
            if DELIVERY.get() > 1:
                self._again.add(1, mine)
            with structlog.contextvars.bound_contextvars(
                cycle=getattr(stored.event, "cycle", None), got=stored.event.kind
            ):
                try:
                    await self.log.memory.sure()
                    self.log.memory.note(stored.seq, stored.stamp)
                    if isinstance(stored.event, hears):
                        await callback(stored)
                    elif not isinstance(stored.event, passes_over):
                        raise Stranger(f"{reader} is given {stored.event.kind}, which it does not hear")
                except Exception:
                    self._failures.add(1, mine)
                    raise
                seconds = monotonic() - began
                self._seconds.record(seconds, mine)
                told.info("done", seconds=round(seconds, 4))

        subscribe(self.broker, self.namespace, reader, timed, parallel=parallel)

    def handle(
        self,
        handler: Callable[[Any], Awaitable[CycleEvent]],
        *,
        follow: Callable[[CycleEvent], CycleEvent | None] = lambda _: None,
        parallel: int = 1,
    ) -> None:
        """Make this a pipeline stage: the handler's signature says what it takes and gives. Raises Miswired.

        A reader made anew, as a new stage's is, hears the log from its beginning: what has ended it leaves as it is.
        """
        gives = must_agree(self.name, handler)

        async def answer(stored: Stored) -> None:
            event = must_be(stored.event, CycleEvent)
            is_old = stored.seq <= self._before_us
            if is_old and not await self.log.is_empty(CycleEnded.places_of(event.cycle)):
                log.info("passed over: its cycle has ended")
                return
            look_first = READERS[self.name].costly or is_old or DELIVERY.get() > 1
            await handle_once(self.log, handler, event, gives, follow, look_first=look_first)

        self.receive(answer, parallel=parallel)

    def around(self, resource: Callable[[], Any]) -> None:
        """Open an async context manager when the stage starts and close it when it ends."""
        self._around.append(resource)

    def before(self, check: Callable[[], Awaitable[None]]) -> None:
        """Run once connected, before the first message is heard; what it raises keeps the stage from starting."""
        self._before.append(check)

    def on_restored(self, tell: Callable[[str], None]) -> None:
        """Tell it what the log has lost, before this process ends over it."""
        self.log.memory.on_restored.insert(0, tell)

    def task(self, run: Callable[[], Awaitable[None]]) -> None:
        """Run beside the readers, from start to end."""
        self._tasks.append(run)

    def archive(self) -> "Archive":
        """The histories that lie in the broker."""
        from shared.history.archive import Archive  # brings polars, which few services need
        from shared.history.objects import BrokerObjects

        return Archive(BrokerObjects(lambda: self.broker.connection.jetstream(timeout=3), self.namespace))

    async def switch(self) -> Switch:
        return await Switch.open(self.broker.connection.jetstream(timeout=3), self.namespace)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Stage"]:
        """Connect, check the topology, start the readers; on the way out finish what is in hand."""
        async with AsyncExitStack() as stack:
            for resource in self._around:
                await stack.enter_async_context(resource())
            stack.push_async_callback(self.broker.stop)
            await self.broker.connect()
            js = self.broker.connection.jetstream(timeout=3)
            if lacks := await topology.missing(js, self.namespace, tuple(self.readers)):
                raise NotReady(f"the broker lacks {lacks}; apply the topology first: upcycle topology")
            await self._begin()
            await self.broker.start()
            tasks = [asyncio.ensure_future(run()) for run in self._tasks]
            tasks.append(asyncio.ensure_future(watch(self.broker, self.log, tuple(self.readers), self._on_fatal)))
            for task in tasks:
                task.add_done_callback(self._broken)
            try:
                yield self
            finally:
                await _cancelled(tasks)

    async def _begin(self) -> None:
        """What must hold before the first message is heard."""
        try:
            await self.log.memory.begin()
            self._before_us = self.log.memory.last
            for reader in self.readers:
                await must_be_known(self.broker.connection, self.namespace, reader)
            for check in self._before:
                await check()
        except Newer as e:
            self._on_fatal(NEWER, str(e))
            raise

    def _broken(self, task: "asyncio.Future[None]") -> None:
        if not task.cancelled() and (fault := task.exception()):
            log.error("a task of the stage broke", exc_info=fault)
            if isinstance(fault, Newer):
                self._on_fatal(NEWER, str(fault))
            self._on_fatal(1, f"a task broke: {type(fault).__name__}: {fault}")

    async def ready(self) -> str | None:
        """What keeps this service from hearing its messages; None if nothing does."""
        try:
            js = self.broker.connection.jetstream(timeout=1)
            return await topology.missing(js, self.namespace, tuple(self.readers))
        except Exception as e:
            return f"the broker does not answer: {type(e).__name__}"


async def _cancelled(tasks: Sequence["asyncio.Future[None]"]) -> None:
    """Cancel until it is heard: before Python 3.12 `wait_for`, which nats-py waits with, may swallow it."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=0.25)
