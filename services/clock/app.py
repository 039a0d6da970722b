"""The clock, wired. It reads no events: it looks at the time and says what is due."""

from datetime import UTC, datetime
from typing import Any

import httpx
from starlette.types import ASGIApp

from services.clock.adapters.jetstream_cycles import JetStreamCycles, JetStreamEnds
from services.clock.adapters.machine_time import MachineTime
from services.clock.adapters.owner_switch import OwnerSwitch
from services.clock.adapters.paper_time import PaperTime
from services.clock.handler import CycleStarter
from services.clock.heartbeat import Pulse
from services.clock.tape import TapeClock
from services.clock.wall import WallClock
from shared.settings import BadSetting, Settings
from shared.stage import Stage, asgi
from shared.types import UtcTime
from shared.version import code_version


def create_stage(settings: Settings, **stage_kwargs: Any) -> Stage:
    stage = Stage("clock", settings, **stage_kwargs)
    alarm, cycles, owner = MachineTime(), JetStreamCycles(stage.log), OwnerSwitch(stage.switch)
    start = CycleStarter(cycles, owner, settings.deciding(), settings.digest(), code_version())
    enabled, interval_min = settings.scheduler_enabled, settings.scheduler_interval_minutes
    clock: WallClock | TapeClock
    if settings.paper_clock == "wall":
        clock = WallClock(settings.markets, interval_min, enabled, cycles, start, alarm)
        stage.task(clock.run)
    else:
        clock, interval_min = _on_tape(settings, stage, cycles, owner, start, alarm), 60
    pulse = Pulse(owner, alarm, alarm.now(), interval_min, enabled, clock.jobs)
    stage.task(pulse.run)
    return stage


def _on_tape(
    settings: Settings,
    stage: Stage,
    cycles: JetStreamCycles,
    owner: OwnerSwitch,
    start: CycleStarter,
    alarm: MachineTime,
) -> TapeClock:
    if settings.trading_mode == "live":
        raise BadSetting("PAPER_CLOCK: stepped plays a tape, which is paper only; TRADING_MODE=live is refused with it")
    if settings.paper_admin_token is None:
        raise BadSetting("PAPER_ADMIN_TOKEN: is not set; PAPER_CLOCK=stepped moves the paper exchange's time with it")
    token = settings.paper_admin_token.get_secret_value()
    client = httpx.AsyncClient(
        base_url=settings.upbit_base_url, headers={"Authorization": f"Bearer {token}"}, timeout=10
    )
    ends = JetStreamEnds(stage.world)
    clock = TapeClock(
        settings.markets, _first_slot(settings.tape_from), settings.tape_hours,
        cycles, owner, start, PaperTime(client), ends, alarm,
    )  # fmt: skip

    async def play() -> None:
        await ends.listen(stage.broker.connection)
        await clock.run()

    stage.around(lambda: client)
    if settings.scheduler_enabled:
        stage.task(play)
    return clock


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
