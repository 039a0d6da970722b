"""From a snapshot to the prompt with all its indicators: `make bench-prompt`. Exits with 1 above the bar.

CPU milliseconds, medians, warm. The charts are opened anew each time, so that nothing of them is remembered.
"""

import time

from benchmarks.figures import Figure, Found
from benchmarks.quiet import measured
from benchmarks.run import run
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


async def find() -> Found:
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
        "opening its charts": lambda: charts(taken),
        "charts opened and every fact": lambda: facts(taken, signal),
        "all indicators of one chart": lambda: latest(hours),
    }
    took = await measured(work, ROUNDS, before=candles.forget)
    first = (
        Figure(name="tokens of a prompt of 3 charts of 200 candles", value=tokens, unit="tokens"),
        Figure(name="the first prompt in a process, tokenizer loaded", value=first_ms, unit="ms"),
    )
    return Found(figures=(*took.figures(BARS_MS), *first), noise=took.noise)


if __name__ == "__main__":
    run(find)
