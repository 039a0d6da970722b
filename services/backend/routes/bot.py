"""What the bot is doing, the owner's switch, and the jobs one by one."""

import asyncio
from typing import Literal

from fastapi import APIRouter, Depends

from services.backend.routes import examples
from services.backend.routes.dependencies import BackendDep, RequestedBy, require_owner
from services.backend.routes.examples import answers
from services.backend.routes.problems import documented
from shared.api import routes
from shared.api.bot import JobId, Jobs, JobState, Status, Switched
from shared.api.health import Ready
from shared.switch import Command

router = APIRouter(tags=["bot"])


@router.get(routes.STATUS.path, summary="What the bot is doing", responses=answers(examples.STATUS))
async def status(backend: BackendDep) -> Status:
    """What the bot is to do, how long the clock has been up, the last trade, the next runs, what was missed."""
    clock, state, last_trade_at, missed = await asyncio.gather(
        backend.control.clock(),
        backend.control.state(),
        backend.books.last_trade_at(),
        backend.cycle_history.missed(),
    )
    return Status(
        status=state.status,
        mode=backend.mode,
        markets=backend.markets,
        trouble=". ".join(filter(None, (state.notice(backend.language), clock.notice(backend.language)))),
        uptime_seconds=clock.up_s,
        last_trade_time=last_trade_at,
        jobs=clock.next_runs,
        missed=missed,
    )


@router.get(
    routes.OWNER.path,
    summary="Whether this is the owner's token",
    dependencies=[Depends(require_owner)],
    responses=answers(examples.READY) | documented(401, 429),
)
async def is_owner() -> Ready:
    """Answers who has API_TOKEN, and refuses everybody else: for whoever asks for the token once."""
    return Ready(status="ok")


@router.get(routes.JOBS.path, summary="The jobs and their next runs", responses=answers(examples.JOBS))
async def jobs(backend: BackendDep) -> Jobs:
    """The clock's jobs: when each runs next, or why it does not, and who halted it when."""
    return Jobs(jobs=await backend.control.jobs())


def _switch(command: Command, about: str) -> None:
    async def give(backend: BackendDep, by: RequestedBy = "api") -> Switched:
        return await backend.control.give(command, by)

    router.post(
        routes.SWITCH[command].path,
        name=command,
        summary=f"{command.capitalize()} the bot",
        description=f"{about} Asking twice does no harm. Needs the token.",
        dependencies=[Depends(require_owner)],
        responses=answers(examples.SWITCHED) | documented(409),
    )(give)


_switch("start", "Set a stopped bot going; a paused one, too.")
_switch("stop", "Start no more cycles and refuse every order.")
_switch("pause", "Keep the jobs, but start no cycle and refuse every order. A stopped bot stays stopped (409).")
_switch("resume", "Undo a pause, or exits-only. A stopped bot stays stopped (409).")
_switch(
    "exits-only",
    "Buy nothing more; the analyst's sales and the exit guard's go on. Lets a paused bot sell again. "
    "A stopped bot stays stopped (409).",
)


def _switch_job(verb: Literal["pause", "resume"], about: str) -> None:
    async def switch_job(backend: BackendDep, job: JobId, by: RequestedBy = "api") -> JobState:
        return await backend.control.switch_job(job, paused=verb == "pause", by=by)

    router.post(
        (routes.PAUSE_JOB if verb == "pause" else routes.RESUME_JOB).path,
        name=f"{verb}_job",
        summary=f"{verb.capitalize()} one job",
        description=f"{about} Asking twice does no harm. Needs the token.",
        dependencies=[Depends(require_owner)],
        responses=answers(examples.JOB),
    )(switch_job)


_switch_job("pause", "Halt this one job; the others go on.")
_switch_job("resume", "Let a halted job go on.")
