"""CPU medians, and how noisy the machine was while they were taken."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from inspect import isawaitable

from benchmarks.figures import Figure, Noise
from shared.clock import monotonic
from shared.writing import pct

Work = Callable[[], object]
_BASELINE = "the baseline"
_TIMES = 200


class Measured(dict[str, float]):
    """CPU milliseconds by name, medians. noise: of the same rounds."""

    noise: Noise

    def figures(self, bars: Mapping[str, float]) -> tuple[Figure, ...]:
        return tuple(Figure(name=name, value=ms, unit="ms", bar=bars.get(name)) for name, ms in self.items())


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
    baseline = took.pop(_BASELINE)
    found = Measured({name: statistics.median(each) for name, each in took.items()})
    found.noise = noise_of(baseline)
    return found


def baseline() -> list[float]:
    """Milliseconds of a fixed sum by the wall's clock, again and again: others on the machine make it longer."""
    took = []
    for _ in range(_TIMES):
        began = monotonic()
        _fixed()
        took.append((monotonic() - began) * 1000)
    return took


def noise_of(took: Sequence[float]) -> Noise:
    """took: milliseconds of the fixed sum."""
    usual, slow = statistics.median(took), sorted(took)[len(took) * 9 // 10]
    share = slow / usual - 1
    return Noise(share=share, said=f"a fixed sum of {usual:.2f} ms took {pct(share, 0)} more in one of ten rounds")


def _fixed() -> int:
    """About half a millisecond of plain Python."""
    return sum(n * n % 7 for n in range(10_000))
