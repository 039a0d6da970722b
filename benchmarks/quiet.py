"""CPU medians, and how noisy the machine was while they were taken."""

import statistics
import time
from collections.abc import Callable, Mapping
from inspect import isawaitable

Work = Callable[[], object]
_BASELINE = "the baseline"


class Measured(dict[str, float]):
    """CPU milliseconds by name, medians. baseline: those of one fixed sum, ascending."""

    baseline: list[float]

    def said(self) -> str:
        usual, slow = statistics.median(self.baseline), self.baseline[len(self.baseline) * 9 // 10]
        return f"noise: a fixed sum of {usual:.2f} ms took {slow / usual - 1:.0%} more in one of ten rounds"


async def measured(work: Mapping[str, Work], rounds: int, before: Callable[[], object] = lambda: None) -> Measured:
    """Take turns, because a machine's mood changes within seconds, a fixed sum among them.

    before: done before each, and not counted. The first tenth warms up.
    """
    took: dict[str, list[float]] = {name: [] for name in (*work, _BASELINE)}
    for turn in range(rounds + rounds // 10):
        for name, run in (*work.items(), (_BASELINE, _fixed)):
            before()
            began = time.process_time()
            done = run()
            if isawaitable(done):
                await done
            if turn >= rounds // 10:
                took[name].append((time.process_time() - began) * 1000)
    baseline = sorted(took.pop(_BASELINE))
    found = Measured({name: statistics.median(each) for name, each in took.items()})
    found.baseline = baseline
    return found


def _fixed() -> int:
    """About half a millisecond of plain Python."""
    return sum(n * n % 7 for n in range(10_000))


def verdict(found: Measured, bars: Mapping[str, float]) -> int:
    """Print every figure beside its bar, and what came of it; 1 if one is above."""
    for name, ms in found.items():
        print(f"{name:<58}{ms:8.3f} ms{f'   bar {bars[name]:g}' if name in bars else ''}")
    print(found.said())
    above = [name.strip() for name, bar in bars.items() if found[name] > bar]
    print(f"ABOVE THE BAR: {', '.join(above)}" if above else "within the bars")
    return 1 if above else 0
