"""What the bot is doing, and the owner's switch."""

from fastapi import APIRouter, Depends

from services.backend.core.shapes import Status, Switched
from services.backend.ports import Command
from services.backend.routes.asked import Asked, owner
from services.backend.routes.problems import documented

router = APIRouter(prefix="/api/bot", tags=["bot"])


@router.get("/status", responses=documented(503))
async def status(backend: Asked) -> Status:
    """What the bot is to do, how long the clock has been up, the last trade, the next runs, what was missed."""
    uptime_seconds, jobs = await backend.control.uptime()
    return Status(
        status=await backend.control.status(),
        uptime_seconds=uptime_seconds,
        last_trade_time=await backend.books.last_trade_at(),
        jobs=jobs,
        missed=await backend.chain.missed(),
    )


def _switch(command: Command, about: str) -> None:
    async def give(backend: Asked) -> Switched:
        return Switched(status=await backend.control.give(command))

    router.post(
        f"/{command}",
        name=command,
        description=f"{about} Asking twice does no harm. Needs the token.",
        dependencies=[Depends(owner)],
        responses=documented(401, 503),
    )(give)


_switch("start", "Set the clock going.")
_switch("stop", "Start no more cycles and refuse every order.")
_switch("pause", "Keep the jobs, but start no cycle and refuse every order.")
_switch("resume", "Undo a pause.")
