"""The owner's switch and his jobs, on the broker."""

import asyncio
from collections.abc import Callable
from typing import Literal

from services.backend.adapters.broker_answers import broker_answers
from services.backend.core.commands import STATUS_AFTER, NotNow, must_be_allowed
from services.backend.ports import ClockState
from shared.api.bot import JOBS, JobId, JobState, NextRun, Switched
from shared.bus.event_log import EventLog
from shared.bus.switch import Switch
from shared.catalogue import jobs, sentence
from shared.events import ControlGiven, JobSwitched
from shared.events.control import control_id
from shared.fixed_clock import Clock
from shared.switch import (
    Command,
    Commands,
    DesiredJobState,
    DesiredState,
    Job,
    Status,
    SwitchState,
    is_told,
    of_log,
    state,
)

_TRIES = 5  # a job was switched at the same time


class JetStreamControl:
    """enabled: SCHEDULER_ENABLED; without it the bot is stopped, whatever was wished. switched: told each wish."""

    def __init__(
        self, switch: Switch, log: EventLog, clock: Clock, switched: Callable[[Status], None], *, enabled: bool
    ) -> None:
        self._switch, self._log, self._clock = switch, log, clock
        self._switched, self._enabled = switched, enabled

    async def state(self) -> SwitchState:
        async with broker_answers():
            found = await self._switch.state()
        return found if self._enabled else found.model_copy(update={"status": "stopped"})

    async def clock(self) -> ClockState:
        async with broker_answers():
            beat = await self._switch.heartbeat()
        if beat is None:
            return ClockState(0, ())
        up = int((beat.at - beat.started_at).total_seconds())
        runs = tuple(NextRun(id=job.id, next_run=job.next_run) for job in beat.jobs)
        return ClockState(up, runs, beat.notice)

    async def give(self, command: Command, by: str) -> Switched:
        """The wish first, then the log: a stop holds as soon as one has it, and nothing goes on before both do.

        Said once, however often it is asked; who asks again brings into the log what did not get there.
        """
        async with broker_answers():
            known = await self._switch.log.commands()
            for _ in range(_TRIES):
                end, commands = await self._switch.log.end(), await self._switch.log.commands()
                if commands != known:
                    break
                wish = await self._switch.change(self._after(command, by, commands))
                self._switched(wish.status)
                if is_told(wish, commands) or await self._tell(wish, command, end):
                    return Switched(status=wish.status, by=wish.by, at=wish.at)
        raise NotNow(f"another command came in the same moment; look, and ask for {command} again")

    async def _tell(self, wish: DesiredState, command: Command, end: int) -> bool:
        """Let the log say it; whether it did. end: the last command there, which a start or a resume must follow."""
        at = wish.at or self._clock.now()
        told = ControlGiven(command=wish.command or command, id=control_id(at), by=wish.by, at=at)
        stored = await self._log.emit(told, after=end if told.once != told.subject else 0)
        return stored.event == told

    def _after(self, command: Command, by: str, commands: Commands) -> Callable[[DesiredState], DesiredState | None]:
        """What a command makes of a wish; nothing where it stands already, by the owner's word and in the log."""
        at, status, said = self._clock.now(), STATUS_AFTER[command], of_log(commands).status

        def to(wish: DesiredState) -> DesiredState | None:
            must_be_allowed(command, state(wish, commands).status, enabled=self._enabled)
            on_its_way = wish.command == command and wish.at is not None and not is_told(wish, commands)
            stands = wish.status == status and (on_its_way or (is_told(wish, commands) and said == status))
            return None if stands else DesiredState(status=status, by=by, at=at, command=command)

        return to

    async def jobs(self) -> tuple[JobState, ...]:
        async with broker_answers():
            (beat, state), wishes = await asyncio.gather(
                asyncio.gather(self._switch.heartbeat(), self.state()),
                asyncio.gather(*(self._switch.job(id) for id in JOBS)),
            )
        runs = {} if beat is None else {job.id: job for job in beat.jobs}
        return tuple(job_state(id, wish, runs.get(id), state.status) for id, wish in zip(JOBS, wishes, strict=True))

    async def switch_job(self, id: JobId, *, paused: bool, by: str) -> JobState:
        """Halt a job or let it go on; the clock hears of it within its next step."""
        async with broker_answers():
            wish = await self._switch.job(id)
            if wish.paused is not paused or wish.at is None:
                wish = DesiredJobState(paused=paused, by=by, at=self._clock.now())
                await self._switch.set_job(id, wish)
            at, name = wish.at or self._clock.now(), id.replace("_", "-")
            command: Literal["pause_job", "resume_job"] = "pause_job" if paused else "resume_job"
            told = JobSwitched(command=command, job=id, id=f"{name}-{control_id(at)}", by=wish.by or by, at=at)
            await self._log.emit(told)
        return next(job for job in await self.jobs() if job.id == id)


def job_state(id: str, wish: DesiredJobState, run: Job | None, status: Status) -> JobState:
    """The clock's word is up to 10 s old; the owner's wishes are not. A paused bot still values and reports."""
    next_run, why = (None, None) if run is None else (run.next_run, run.why)
    if wish.paused:
        next_run, why = None, jobs.JOB_HALTED.because({"by": wish.by or "-"})
    elif status == "stopped" or (status == "paused" and id == JOBS[0]):
        halt = jobs.JOBS_STOPPED if status == "stopped" else jobs.TRADING_PAUSED
        next_run, why = None, halt.because() if next_run else why
    elif why and why.code in jobs.HALTS:
        why = None
    said = {"note": sentence(why, "en"), "reason_code": why.code, "figures": why.figures} if why else {"note": ""}
    return JobState(id=id, next_run=next_run, paused=wish.paused, by=wish.by, at=wish.at, **said)
