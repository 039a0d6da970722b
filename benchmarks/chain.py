"""The chain against the same hops in bare nats-py, the cold cycle, the whole system: `make bench-chain`.

Both sides: five publishes and four readers, a process each, the same streams, consumers, payloads and
`sync_interval: always`. Ours has all it has in production; bare has no headers, no checks, no parsing. Bare runs twice:
how far it is from itself says how much of a ratio is the machine's.
"""

import asyncio
import statistics
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from benchmarks import parts, whole
from benchmarks.side import Kind, Side, side

CYCLES = 500  # of each side in each round
TURN = 50
ROUNDS = 3
WARM_UP = 50
BAR, GOAL = 2.2, 2.0
QUIET = 1.1  # bare against itself
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


def table(measured: list[Round]) -> tuple[list[float], list[float]]:
    """Print every round; returns the p50 of ours, and of bare run again, against bare in each."""
    print(f"chain of five publishes, {CYCLES} cycles a side a round, ms from tick to end")
    print(f"{'round':<8}{'side':<8}{'p50':>8}{'p95':>8}{'p99':>8}{'p50 ratio':>12}")
    for n, sides in enumerate(measured, 1):
        for kind, ms in zip(KINDS, sides, strict=True):
            ratio = f"{percentile(ms, 50) / percentile(sides[1], 50):11.2f}x"
            print(f"{n:<8}{kind.name:<8}" + "".join(f"{percentile(ms, p):8.2f}" for p in (50, 95, 99)) + ratio)
    p50 = [[percentile(ms, 50) for ms in sides] for sides in measured]
    return [ours / bare for ours, bare, _ in p50], [again / bare for _, bare, again in p50]


def noise(again: list[float]) -> str:
    """How far the machine takes equal work from itself."""
    furthest = max(again, key=lambda ratio: max(ratio, 1 / ratio))
    quiet = "quiet enough" if 1 / QUIET <= furthest <= QUIET else "TOO NOISY to judge by one run"
    return f"bare against itself {min(again):.2f}x to {max(again):.2f}x: {quiet}"


def main() -> int:
    ratios, again = table(asyncio.run(rounds()))
    ratio = statistics.median(ratios)
    print(f"median of the rounds {ratio:.2f}x; bar {BAR}x, goal {GOAL}x; {noise(again)}\n", flush=True)
    asyncio.run(parts.main())
    cold_s = whole.cold_cycle_s()
    print(f"\nupcycle cycle --json, cold to result: {cold_s:.1f} s; bar {whole.COLD_BAR_S:.0f} s", flush=True)
    print(f"upcycle up, a cycle a minute: {whole.first_cycle()}")
    missed = [name for name, over in (("chain", ratio > BAR), ("cold cycle", cold_s > whole.COLD_BAR_S)) if over]
    print(f"ABOVE THE BAR: {', '.join(missed)}; {noise(again)}" if missed else "within the bars")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
