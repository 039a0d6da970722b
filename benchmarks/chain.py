"""The chain against the same hops in bare nats-py, the cold cycle, the whole system: `make bench-chain`.

Both sides: five publishes and four readers, a process each, the same streams, consumers, payloads and
`sync_interval: always`. Ours has all it has in production; bare has no headers, no checks, no parsing.
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
BAR, GOAL = 3.5, 2.0
OURS, BARE = Kind("ours", "ours"), Kind("bare", "bare")


async def rounds() -> list[tuple[list[float], list[float]]]:
    """Milliseconds of ours and of bare, round by round, taking turns."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        sides = []
        for kind in (OURS, BARE):
            (folder / kind.name).mkdir()
            sides.append(await stack.enter_async_context(side(kind, folder / kind.name)))
        for each in sides:
            await each.play(WARM_UP)
        return [await one_round(*sides) for _ in range(ROUNDS)]


async def one_round(ours: Side, bare: Side) -> tuple[list[float], list[float]]:
    """CYCLES of each in turns of TURN, because a machine's mood changes within seconds."""
    turns = [(await ours.play(TURN), await bare.play(TURN)) for _ in range(CYCLES // TURN)]
    return [ms for turn, _ in turns for ms in turn], [ms for _, turn in turns for ms in turn]


def percentile(ms: list[float], n: int) -> float:
    return statistics.quantiles(ms, n=100, method="inclusive")[n - 1]


def table(measured: list[tuple[list[float], list[float]]]) -> list[float]:
    """Print every round; returns the rounds' p50 ratios."""
    print(f"chain of five publishes, {CYCLES} cycles a side a round, ms from tick to end")
    print(f"{'round':<8}{'side':<8}{'p50':>8}{'p95':>8}{'p99':>8}{'p50 ratio':>12}")
    ratios = []
    for n, (ours, bare) in enumerate(measured, 1):
        ratios.append(percentile(ours, 50) / percentile(bare, 50))
        for name, ms, ratio in (("ours", ours, f"{ratios[-1]:.2f}x"), ("bare", bare, "")):
            print(f"{n:<8}{name:<8}" + "".join(f"{percentile(ms, p):8.2f}" for p in (50, 95, 99)) + f"{ratio:>12}")
    return ratios


def main() -> int:
    ratios = table(asyncio.run(rounds()))
    ratio = statistics.median(ratios)
    print(f"median of the rounds {ratio:.2f}x; bar {BAR}x, goal {GOAL}x\n", flush=True)
    asyncio.run(parts.main())
    cold_s = whole.cold_cycle_s()
    print(f"\nupcycle cycle --json, cold to result: {cold_s:.1f} s; bar {whole.COLD_BAR_S:.0f} s", flush=True)
    print(f"upcycle up, a cycle a minute: {whole.first_cycle()}")
    missed = [name for name, over in (("chain", ratio > BAR), ("cold cycle", cold_s > whole.COLD_BAR_S)) if over]
    print(f"ABOVE THE BAR: {', '.join(missed)}" if missed else "within the bars")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
