"""The chain against the same hops in bare nats-py, and what the difference is made of: `make bench-chain`.

Both sides: five publishes and four readers, a process each, the same streams, consumers, payloads and
`sync_interval: always`. Ours has all it has in production; bare has no headers, no checks, no parsing. Bare runs twice:
how far it is from itself says how much of a ratio is the machine's.
"""

import statistics
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from benchmarks import parts
from benchmarks.figures import Figure, Found, Noise
from benchmarks.run import run
from benchmarks.side import Kind, Side, side

CYCLES = 500  # of each side in each round
TURN = 50
ROUNDS = 3
WARM_UP = 50
BAR, GOAL = 2.2, 2.0
KINDS = (Kind("ours", "ours"), Kind("bare", "bare"), Kind("again", "bare"))
Round = list[list[float]]  # milliseconds of each kind


async def rounds() -> list[Round]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        sides = []
        for kind in KINDS:
            (folder / kind.name).mkdir()
            sides.append(await stack.enter_async_context(side(kind, folder / kind.name)))
        for each in sides:
            await each.play(WARM_UP)
        return [await one_round(sides) for _ in range(ROUNDS)]


async def one_round(sides: list[Side]) -> Round:
    """CYCLES of each in turns of TURN, because a machine's mood changes within seconds."""
    turns = [[await each.play(TURN) for each in sides] for _ in range(CYCLES // TURN)]
    return [[ms for turn in of_one for ms in turn] for of_one in zip(*turns, strict=True)]


def percentile(ms: list[float], n: int) -> float:
    return statistics.quantiles(ms, n=100, method="inclusive")[n - 1]


def table(measured: list[Round]) -> list[list[float]]:
    """Print every round; returns the p50 of each side in each."""
    print(f"chain of five publishes, {CYCLES} cycles a side a round, ms from tick to end")
    print(f"{'round':<8}{'side':<8}{'p50':>8}{'p95':>8}{'p99':>8}{'p50 ratio':>12}")
    for n, sides in enumerate(measured, 1):
        for kind, ms in zip(KINDS, sides, strict=True):
            ratio = f"{percentile(ms, 50) / percentile(sides[1], 50):11.2f}x"
            print(f"{n:<8}{kind.name:<8}" + "".join(f"{percentile(ms, p):8.2f}" for p in (50, 95, 99)) + ratio)
    return [[percentile(ms, 50) for ms in sides] for sides in measured]


def noise(again: list[float]) -> Noise:
    """again: of bare against itself, which is how far the machine takes equal work from itself."""
    share = max(max(ratio, 1 / ratio) for ratio in again) - 1
    return Noise(share=share, said=f"bare against itself {min(again):.2f}x to {max(again):.2f}x")


async def find() -> Found:
    p50 = table(await rounds())
    ours, bare, _ = (statistics.median(of_one) for of_one in zip(*p50, strict=True))
    ratio = statistics.median(ours / bare for ours, bare, _ in p50)
    print(f"median of the rounds {ratio:.2f}x; goal {GOAL}x\n", flush=True)
    figures = (
        Figure(name="ours against bare, p50", value=ratio, unit="times", bar=BAR),
        Figure(name="ours, p50", value=ours, unit="ms"),
        Figure(name="bare, p50", value=bare, unit="ms"),
    )
    return Found(figures=(*figures, *await parts.figures()), noise=noise([again / bare for _, bare, again in p50]))


if __name__ == "__main__":
    run(find)
