"""A service's place on the bus: its broker, its log, its readers; and how its process is run.

A pipeline stage is a handler from one event to one event:

    stage = Stage("filter", settings)
    stage.handle(FilterHandler(...), follow=end_of)

`handle` loads the stage's stored output first and calls the handler only if there is none, so a
redelivery never does the work twice; `follow` names a second output that belongs to the first.
"""

import asyncio
import inspect
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from types import UnionType
from typing import Any, Protocol, TypedDict, Union, get_args, get_origin, get_type_hints

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from shared.bus import topology
from shared.bus.broker import RESTORED, die, make_broker, subscribe, watch
from shared.bus.event_log import DELIVERY
from shared.bus.namespace import Namespace
from shared.bus.outcome import NEWER
from shared.bus.switch import Switch
from shared.bus.waiting import must_be_known
from shared.bus.wire import Stranger, must_be
from shared.clock import monotonic
from shared.errors import Newer, Permanent
from shared.events import CycleEnded, CycleEvent, Event
from shared.history.archive import Archive
from shared.history.objects import BrokerObjects
from shared.sentry import set_up_sentry
from shared.services import NAMED, READERS
from shared.settings import PRIVATE, BadSetting, Settings
from shared.stored import Stored
from shared.telemetry import CONTENT_TYPE, Metrics, set_up_logs
from shared.wiring import Miswired, must_fit

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
                log.info("done", seconds=round(seconds, 4))

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
            await handle_once(self.log, handler, event, gives, follow)

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

    def archive(self) -> Archive:
        """The histories that lie in the broker."""
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


class EventStore(Protocol):
    """shared.bus.event_log.EventLog, or what keeps the same laws."""

    async def emit(self, event: Event, *, after: int = 0) -> Stored: ...

    async def load(self, subject: str) -> Stored | None: ...


async def handle_once(
    log: EventStore,
    handler: Callable[[Any], Awaitable[CycleEvent]],
    event: CycleEvent,
    gives: type[CycleEvent],
    follow: Callable[[CycleEvent], CycleEvent | None],
) -> None:
    """See to it that a stage's answer lies in the log, and the second one that belongs to it.

    What lies there already stays: the handler is called only where there is nothing.
    """
    there = await log.load(gives.subject_of(event.cycle))
    if there is None:
        there = await log.emit(await handler(event))
    if second := follow(there.event):  # type: ignore[arg-type]
        await log.emit(second)


def signature(handler: Any) -> tuple[tuple[type[CycleEvent], ...], tuple[type[CycleEvent], ...]]:
    """What a handler (or its class) takes and what it gives, from its annotations."""
    plain = inspect.isfunction(handler) or inspect.ismethod(handler)
    call: Any = handler if plain else (handler if inspect.isclass(handler) else type(handler)).__call__
    hints = get_type_hints(call)
    gives = hints.pop("return")
    (takes,) = hints.values()
    return members(takes), members(gives)


def must_agree(service: str, handler: Any) -> type[CycleEvent]:
    """Hold a handler's signature against the table of services, and say what it gives. Raises Miswired.

    It may take more than its service hears: what an older log holds in that place.
    """
    (takes, gives), hears = signature(handler), READERS[service].hears
    where = "and in shared/services.py"
    if not (
        all(issubclass(kind, takes) for kind in hears)
        and all(any(issubclass(kind, one) for kind in hears) for one in takes)
    ):
        raise Miswired(f"{service}: its handler takes {_names(takes)}, {where} it hears {_names(hears)}")
    if strange := [kind for kind in gives if kind not in NAMED[service].says]:
        raise Miswired(f"{service}: its handler gives {_names(strange)}, {where} it says {_names(NAMED[service].says)}")
    return gives[0]


def _names(kinds: Sequence[type[Event]]) -> str:
    return " and ".join(kind.__name__ for kind in kinds)


def members(hint: Any) -> tuple[Any, ...]:
    """The members of a union, or the one type it is."""
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def asgi(stage: Stage) -> ASGIApp:
    """The process of a stage: its readers, and /health, /ready, /metrics."""

    async def health(_: Request) -> Response:
        connected = stage.broker.connection.is_connected
        return PlainTextResponse("ok" if connected else "no connection to the broker", 200 if connected else 503)

    async def ready(_: Request) -> Response:
        lacks = await stage.ready()
        return PlainTextResponse(lacks or "ok", 503 if lacks else 200)

    async def metrics(_: Request) -> Response:
        return Response(stage.metrics.render(), headers={"Content-Type": CONTENT_TYPE})

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with stage.running():
            yield

    routes = [Route("/health", health), Route("/ready", ready), Route("/metrics", metrics)]
    return Starlette(routes=routes, lifespan=lifespan)


def serve(name: str, create: Callable[[Settings], ASGIApp], **how: Any) -> None:
    """Run a service's process until SIGINT or SIGTERM; `how`: more of uvicorn's settings.

    A wrong setting ends it with one sentence.
    """
    os.umask(PRIVATE)
    try:
        settings = Settings.load()
        set_up_logs(settings.log_level, service=name)
        set_up_sentry(settings, service=name)
        app = create(settings)
    except (BadSetting, Permanent) as e:
        sys.exit(f"{name}: {e}")
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port or NAMED[name].port,
        log_config=None,
        access_log=False,
        date_header=name != "paper",
        **how,
    )
    server = uvicorn.Server(config)
    server.run()
    if not server.started:
        sys.exit(3)
