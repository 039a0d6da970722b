"""Wires the backend: a reader of every event and an HTTP server, living and ending together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Unpack

from fastapi import Depends, FastAPI

from services.backend.adapters.broker_page import BrokerPage
from services.backend.adapters.connections import Connection
from services.backend.adapters.control import JetStreamControl
from services.backend.adapters.cycle_history import JetStreamCycleHistory
from services.backend.adapters.listeners import Listeners
from services.backend.adapters.log_account import LogAccount
from services.backend.adapters.log_candles import LogCandles
from services.backend.adapters.log_events import JetStreamEvents
from services.backend.adapters.log_trouble import LogTrouble
from services.backend.adapters.owners_panic import OwnersPanic
from services.backend.adapters.owners_sales import OwnersSales
from services.backend.adapters.pipeline_meter import PipelineMeter
from services.backend.adapters.pipeline_watch import PipelineWatch
from services.backend.adapters.prometheus import OwnersMetrics
from services.backend.adapters.public_book import PublicBook
from services.backend.adapters.read_model import ReadModel
from services.backend.adapters.sql_books import SqlBooks
from services.backend.adapters.sql_days import SqlDays
from services.backend.adapters.stored_histories import StoredHistories
from services.backend.adapters.stream import Stream
from services.backend.core.token_throttle import TokenThrottle
from services.backend.dead_man import DeadMan, dead_man_url
from services.backend.handler import Projection
from services.backend.ports import Backend
from services.backend.report import Reporter
from services.backend.routes import (
    bot,
    chart,
    costs,
    cycles,
    docs,
    health,
    panic,
    portfolio,
    problems,
    sale,
    setup,
    stream,
    trades,
    trouble,
)
from services.backend.routes.dependencies import require_reader
from services.backend.routes.problems import refusal
from services.backend.routes.size import SmallBodies
from services.backend.routes.timing import Timing
from shared.bus.records import Records
from shared.clock import SteadyClock, SystemClock
from shared.db import make_engine
from shared.hosts import TrustedHosts
from shared.http_client import direct_client, proxied_client
from shared.settings import Settings
from shared.stage import Stage, StageOptions
from shared.switch import SELLS

SERVER = {"http": Connection}

_ABOUT = """Upcycle trades on Upbit by itself; here you see what it did and why, and switch it.

Reading is open. The switch needs `Authorization: Bearer API_TOKEN`. Errors are problem+json (RFC 9457).
"""


def create_app(settings: Settings, **options: Unpack[StageOptions]) -> FastAPI:
    stage = Stage("backend", settings, **options)
    engine = make_engine(settings.database)
    books = SqlBooks(engine)
    read_model = ReadModel(engine)
    behind = stage.metrics.gauge("log_restored", "1 while the event log lies behind the books and nobody took over")

    async def another_log(why: str) -> None:
        """Pause the bot: what the books know and the log has forgotten, it would do again."""
        behind.set(1 if why else 0)
        if not why:
            return
        switch = JetStreamControl(await stage.switch(), stage.log, SystemClock(), watch.switched, enabled=True)
        if (await switch.state()).status in SELLS:
            await switch.give("pause", "a restored event log")

    project = Projection(read_model, JetStreamEvents(lambda: stage.broker.connection, stage.namespace), another_log)

    @asynccontextmanager
    async def database() -> AsyncIterator[None]:
        yield
        await engine.dispose()

    page = None
    if settings.nats_monitor_url:
        page = direct_client(base_url=settings.nats_monitor_url, timeout=3)
        stage.around(lambda: page)
    broker = BrokerPage(page, Path(settings.broker_dir) if settings.broker_dir else None)
    watch = PipelineWatch(lambda: stage.broker.connection, stage.namespace, engine, settings.markets, broker)
    PipelineMeter(stage.metrics, watch, stage.namespace.events, settings.markets, settings.scheduler_interval_minutes)

    def running() -> bool | None:
        if not settings.scheduler_enabled:
            return False
        return None if watch.switch_status is None else watch.switch_status in SELLS

    book, is_heard = _public_book(stage, settings), _listeners(stage)
    metrics = OwnersMetrics(stage.metrics, books, running, settings.markets)
    stage.around(database)
    stage.task(watch.run)
    if settings.heartbeat_url is not None:
        url = dead_man_url(settings.heartbeat_url)
        client = proxied_client(url, timeout=10)
        stage.around(lambda: client)
        stage.task(DeadMan(client, url, lambda: watch.state, SteadyClock()).run)
    stage.task(project.catch_up_at_start)
    stage.receive(project, reader="projection")
    stage.receive(Reporter(SqlDays(engine), read_model, stage.log), reader="report")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with stage.running():
            control = JetStreamControl(
                await stage.switch(), stage.log, SystemClock(), watch.switched, enabled=settings.scheduler_enabled
            )
            app.state.backend = Backend(
                books=books,
                control=control,
                candles=LogCandles(lambda: stage.broker.connection, stage.namespace, books.snapshot_before),
                account=LogAccount(lambda: stage.broker.connection, stage.namespace),
                histories=StoredHistories(
                    lambda: stage.broker.connection.jetstream(timeout=3), stage.namespace, settings.markets
                ),
                trouble=_trouble(stage),
                settings=settings,
                sales=OwnersSales(
                    stage.log,
                    control,
                    book,
                    is_heard,
                    Decimal(str(settings.exit_slippage_max)),
                    settings.language,
                ),
                panics=OwnersPanic(
                    stage.log, control, books, _trouble(stage), book, is_heard, SystemClock(), settings.markets
                ),
                cycle_history=JetStreamCycleHistory(
                    Records(stage.broker.connection, stage.namespace),
                    SystemClock(),
                    settings.markets,
                    settings.scheduler_interval_minutes,
                    tape=settings.paper_clock == "stepped",
                    language=settings.language,
                ),
                stream=Stream(lambda: stage.broker.connection, stage.namespace),
                reads_open=not settings.api_require_auth_for_reads,
                token_throttle=TokenThrottle(),
                language=settings.language,
                mode=settings.trading_mode,
                markets=settings.markets,
                token=settings.api_token.get_secret_value() if settings.api_token else None,
                connected=lambda: bool(stage.broker.connection.is_connected),
                switch_trouble=lambda: watch.switch_trouble,
                lacks=stage.ready,
                books_fault=lambda: project.fault,
                metrics=metrics.render,
                time_fault=lambda: watch.state.broker.fault if watch.state.broker else "",
                clock_stopped=lambda: watch.state.broker.stopped if watch.state.broker else "",
            )
            yield

    # FastAPI's own pages load their script from a CDN; ours needs none.
    app = FastAPI(
        title="Upcycle",
        description=_ABOUT,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        responses=problems.documented(413, 500),
    )
    seconds = stage.metrics.histogram("http_request_duration_seconds", "HTTP 요청 소요 시간")
    app.add_middleware(SmallBodies)
    app.add_middleware(TrustedHosts, names=settings.api_hosts, refuse=lambda path, said: refusal(path, 421, said))
    app.add_middleware(Timing, histogram=seconds)
    problems.install(app)
    for routes in (bot, sale, panic, setup, trades, costs, cycles, chart, portfolio, trouble, stream):
        app.include_router(
            routes.router,
            dependencies=[Depends(require_reader)],
            responses=problems.documented(400, 401, 422, 429, 503),
        )
    for routes in (health, docs):
        app.include_router(routes.router)
    return app


def _listeners(stage: Stage) -> Listeners:
    return Listeners(lambda: stage.broker.connection, stage.namespace)


def _trouble(stage: Stage) -> LogTrouble:
    return LogTrouble(lambda: stage.broker.connection, stage.namespace)


def _public_book(stage: Stage, settings: Settings) -> PublicBook:
    exchange = direct_client(base_url=settings.upbit_base_url, timeout=5)
    stage.around(lambda: exchange)
    return PublicBook(exchange)
