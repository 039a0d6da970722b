"""The clock, wired. It reads no events: it looks at the time and says what is due."""

from datetime import UTC, datetime, timedelta
from typing import Unpack

import httpx
from starlette.types import ASGIApp

from services.clock.adapters.exchange_time import TickerTime, open_exchange_time
from services.clock.adapters.exit_log import EventExitLog
from services.clock.adapters.jetstream_cycles import JetStreamCycles, JetStreamEnds, JetStreamJobs
from services.clock.adapters.machine_time import MachineTime
from services.clock.adapters.owner_switch import OwnerSwitch
from services.clock.adapters.paper_time import PaperTime
from services.clock.adapters.public_prices import PublicPrices
from services.clock.adapters.ticker_socket import TickerSocket
from services.clock.core.exits import ExitLimits
from services.clock.guard import ExitGuard
from services.clock.handler import CycleStarter
from services.clock.heartbeat import HeartbeatLoop
from services.clock.portfolio_jobs import PortfolioJobs
from services.clock.retry import retry_until_done
from services.clock.slot_time import SlotTime
from services.clock.tape import TapeClock
from services.clock.wall import WallClock
from services.clock.watch import TickerWatch
from shared.bad_rows import bad_rows
from shared.bus.last_delivery import LastDelivery
from shared.catalogue.jobs import TAPE_NOT_BEGUN
from shared.http_client import direct_client
from shared.settings import BadSetting, Settings
from shared.stage import Stage, StageOptions, asgi
from shared.types import UtcTime
from shared.upbit_clock import CLOCK_SKEW, ExchangeClock
from shared.version import code_version

TAPE_INTERVAL_MIN = 60
ODD_SOURCES = ("ticker", "ticker_socket", "candle", "exit_guard")


def create_stage(settings: Settings, **options: Unpack[StageOptions]) -> Stage:
    stage = Stage("clock", settings, **options)
    stage.task(LastDelivery(stage.log, lambda: stage.broker.connection.jetstream(timeout=3)).run)
    timer, cycles, owner = MachineTime(), JetStreamCycles(stage.log), OwnerSwitch(stage.switch)
    jobs = JetStreamJobs(stage.log)
    code, exits = code_version(), ExitLimits.of(settings)
    start = CycleStarter.of(settings, log=cycles, owner=owner, code=code)
    enabled, started_at = settings.scheduler_enabled, timer.now()
    if settings.paper_clock == "wall":
        interval_min = settings.scheduler_interval_minutes
        time = SlotTime(timer, _exchange_time(stage, settings))
        wall = WallClock(settings.markets, interval_min, enabled, cycles, start, time)
        portfolio_jobs = PortfolioJobs(settings.markets, interval_min, enabled, jobs, owner, time)
        stage.task(wall.run)
        stage.task(portfolio_jobs.run)
        stage.task(
            HeartbeatLoop(
                owner, timer, started_at, interval_min, enabled, wall.job, portfolio_jobs, lambda: wall.fault
            ).run
        )
        if exits.any:
            odd = bad_rows(stage.metrics, *ODD_SOURCES)
            prices = PublicPrices(_public(stage, settings), odd)
            silence = stage.metrics.gauge("exit_guard_silence_seconds", "Since the exit guard last saw prices")
            exit_log, takes = EventExitLog(stage.log), timedelta(minutes=1)
            guard = ExitGuard.of(settings, log=exit_log, owner=owner, past=prices, code=code, opening_takes=takes)
            socket = TickerSocket(settings.upbit_base_url, settings.markets, prices, odd)
            stage.task(socket.run)
            stage.task(TickerWatch(settings.markets, socket, prices, guard, timer, silence, odd).run)
        return stage

    client, ends = _exchange(settings), JetStreamEnds(stage.namespace)
    first, hours = _first_slot(settings.tape_from), settings.tape_hours
    portfolio_jobs = PortfolioJobs(
        settings.markets, TAPE_INTERVAL_MIN, enabled, jobs, owner, SlotTime(timer), idle=TAPE_NOT_BEGUN.because()
    )
    tape = TapeClock(
        settings.markets, first, hours, cycles, owner, start, PaperTime(client), ends, timer, portfolio_jobs
    )
    if exits.any:
        prices = PublicPrices(_public(stage, settings), bad_rows(stage.metrics, *ODD_SOURCES))
        exit_log, takes = EventExitLog(stage.log), timedelta()
        tape.guard = ExitGuard.of(settings, log=exit_log, owner=owner, past=prices, code=code, opening_takes=takes)
    pulse = HeartbeatLoop(
        owner, timer, started_at, TAPE_INTERVAL_MIN, enabled, tape.job, portfolio_jobs, stopped=lambda: tape.stopped
    )

    async def play() -> None:
        await ends.listen(stage.broker.connection)
        await tape.run()
        await retry_until_done(pulse.beat, timer)  # whoever waits for the end of the tape hears of it at once

    stage.around(lambda: client)
    stage.task(pulse.run)
    if enabled:
        stage.task(play)
    return stage


def _exchange_time(stage: Stage, settings: Settings) -> TickerTime:
    clock = ExchangeClock(gauge=stage.metrics.gauge(*CLOCK_SKEW).set)
    found = open_exchange_time(settings.upbit_base_url, settings.markets[0], clock)
    stage.around(lambda: found.client)
    return found


def _public(stage: Stage, settings: Settings) -> httpx.AsyncClient:
    """What anybody may ask of the exchange: without a token."""
    client = direct_client(base_url=settings.upbit_base_url, timeout=10)
    stage.around(lambda: client)
    return client


def _exchange(settings: Settings) -> httpx.AsyncClient:
    if settings.paper_admin_token is None:
        raise BadSetting("PAPER_ADMIN_TOKEN: is not set; PAPER_CLOCK=stepped moves the paper exchange's time with it")
    token = settings.paper_admin_token.get_secret_value()
    return direct_client(base_url=settings.upbit_base_url, headers={"Authorization": f"Bearer {token}"}, timeout=10)


def _first_slot(text: str) -> UtcTime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise BadSetting(f"TAPE_FROM: {text!r} is no time; write it as 2024-12-01T00:00Z") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def create_app(settings: Settings) -> ASGIApp:
    return asgi(create_stage(settings))
