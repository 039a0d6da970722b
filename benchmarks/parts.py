"""What the difference between bare and ours is made of: one part more on each rung, all within one run."""

import statistics
import tempfile
from contextlib import AsyncExitStack
from itertools import pairwise
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.side import Kind, side

BLOCK, BLOCKS, WARM_UP = 25, 8, 25
NO_FSYNC = Kind("bare, fsync every 2 min", "bare", sync="2m")
RUNGS = (
    Kind("+ fsync on each message, which is bare", "bare"),
    Kind("+ expected sequence, message id", "bare", ("cas",)),
    Kind("+ a look first where work is paid for", "bare", ("cas", "load")),
    Kind("+ pydantic in and out", "bare", ("cas", "load", "pydantic")),
    Kind("+ FastStream, event log, stage", "ours", ("otel", "line", "beat")),
    Kind("+ heartbeat task", "ours", ("otel", "line")),
    Kind("+ log line", "ours", ("otel",)),
    Kind("+ trace and metrics, which is ours", "ours"),
)


async def figures() -> tuple[Figure, ...]:
    """The ladder: p50 of its lowest rung, and what each adds to the one below."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        sides = []
        for n, kind in enumerate((NO_FSYNC, *RUNGS)):
            (folder / str(n)).mkdir()
            sides.append(await stack.enter_async_context(side(kind, folder / str(n))))
        for each in sides:
            await each.play(WARM_UP)
        for _ in range(BLOCKS):  # short turns: the machine's mood is the same for all
            for each in sides:
                each.ms += await each.play(BLOCK)
    p50 = [statistics.median(each.ms) for each in sides]
    adds = [p50[0], *(ms - below for below, ms in pairwise(p50))]
    return tuple(
        Figure(name=each.kind.name, value=ms, unit=f"ms, p50 of {BLOCK * BLOCKS} cycles")
        for each, ms in zip(sides, adds, strict=True)
    )
