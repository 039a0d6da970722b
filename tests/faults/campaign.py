"""10,000 cycles among seeded faults, in process, and what became of them: `make faults-here`; adds to faults.json.

SEED=n runs that one seed alone, as it failed.
"""

import asyncio
import json
import os
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import structlog

from shared.clock import monotonic
from tests.faults.report import report
from tests.support.chaos import Chaos

SEEDS, SLOTS = 100, 51  # two markets a slot; a slot whose cycle before has not ended is missed, not started


def one(seed: int) -> dict[str, Any]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    chaos = asyncio.run(Chaos(seed, SLOTS).run())
    broken = ""
    try:
        chaos.check()
    except AssertionError as e:
        broken = str(e)
    return {"cycles": chaos.cycles, "ends": chaos.ends, "faults": chaos.faults, "broken": broken}


def main() -> int:
    if seed := os.environ.get("SEED"):
        found = one(int(seed))
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return 1 if found["broken"] else 0
    began = monotonic()
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        played = list(pool.map(one, range(SEEDS), chunksize=2))
    broken = [found["broken"] for found in played if found["broken"]]
    faults: Counter[str] = sum((found["faults"] for found in played), Counter())
    answers, faulty = faults.pop("answers of the exchange"), faults.pop("faulty answers of the exchange")
    report(
        "in process",
        {
            "seeds": SEEDS,
            "cycles": sum(found["cycles"] for found in played),
            "answers of the exchange to the executor": answers,
            "of them faulty": faulty,
            "laws broken": len(broken),
            "ends": dict(sorted(sum((found["ends"] for found in played), Counter()).items())),
            "faults": dict(sorted(faults.items())),
            "seconds": round(monotonic() - began),
        },
    )
    for text in broken:
        print(text, file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
