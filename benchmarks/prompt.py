"""From a snapshot to the prompt with all its indicators: `make bench-prompt`. Exits with 1 above the bar.

CPU milliseconds, medians, warm. The charts are opened anew each time, so that nothing of them is remembered.
"""

import asyncio
import sys
import time

from benchmarks.quiet import measured, verdict
from services.analyst.adapters.tokens import count_tokens
from shared import candles
from shared.bus.wire import encode
from shared.events import SnapshotTaken
from shared.indicators import latest
from shared.prompt.build import build
from shared.prompt.charts import charts
from shared.prompt.facts import facts
from shared.prompt.templates import load_template
from tests.support.builders import passed, position, snapshot
from tests.support.looks import charts as packed

ROUNDS = 60
WHOLE = "snapshot to prompt"
BARS_MS = {WHOLE: 3.0}


def main() -> int:
    taken = SnapshotTaken.model_validate_json(encode(snapshot(candles=packed(), position=position())))
    signal, template = passed(), load_template()

    def prompt() -> int:
        return build(taken, signal, template=template, count=count_tokens).tokens

    began = time.perf_counter()
    tokens = prompt()
    first_ms = (time.perf_counter() - began) * 1000
    hours = charts(taken).hour
    work = {
        WHOLE: prompt,
        "  of which opening the charts": lambda: charts(taken),
        "  charts opened and every fact": lambda: facts(taken, signal),
        "  all indicators of one chart": lambda: latest(hours),
    }
    print(f"{tokens} tokens; 3 charts of 200 candles; the first one in a process, tokenizer loaded: {first_ms:.0f} ms")
    return verdict(asyncio.run(measured(work, ROUNDS, before=candles.forget)), BARS_MS)


if __name__ == "__main__":
    sys.exit(main())
