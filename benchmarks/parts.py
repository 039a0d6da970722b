"""What the difference between bare and ours is made of: one part more on each rung, all within one run."""

import asyncio
import statistics
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from benchmarks.side import Kind, side

BLOCK, BLOCKS, WARM_UP = 25, 8, 25
NO_FSYNC = Kind("bare, fsync every 2 min", "bare", sync="2m")
RUNGS = (
    Kind("bare", "bare"),
    Kind("+ expected sequence, message id", "bare", ("cas",)),
    Kind("+ a look first where work is paid for", "bare", ("cas", "load")),
    Kind("+ pydantic in and out", "bare", ("cas", "load", "pydantic")),
    Kind("+ FastStream, event log, stage", "ours", ("otel", "line", "beat")),
    Kind("+ heartbeat task", "ours", ("otel", "line")),
    Kind("+ log line", "ours", ("otel",)),
    Kind("+ trace and metrics: ours", "ours"),
)


async def main() -> None:
    """Print the ladder: p50 of each rung, and what it adds to the one below."""
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
    print(f"what it is made of, p50 of {BLOCK * BLOCKS} cycles in turns of {BLOCK}, ms a cycle")
    print(f"{'part':<36}{'p50':>8}{'adds':>8}")
    below = p50[0]
    for each, ms in zip(sides, p50, strict=True):
        print(f"{each.kind.name:<36}{ms:8.2f}{ms - below:8.2f}")
        below = ms


if __name__ == "__main__":
    asyncio.run(main())
