"""Several processes of a stage: they share the work, nothing is done twice, and one that dies is not missed."""

import json
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

from tests.e2e_compose.questions import ended, targets, values, waiting
from tests.e2e_compose.stack import Stack
from tests.e2e_compose.words import must, said, until

REPLICAS = {"collector": 2, "filter": 2, "analyst": 3, "notifier": 2, "executor": 2}


def work_is_shared(stack: Stack) -> None:
    words = [word for stage, n in REPLICAS.items() for word in ("--scale", f"{stage}={n}")]
    said(f"scaled to {REPLICAS} in {stack.up(*words, 'model', '--no-recreate'):.0f} s")
    until(lambda: all(targets()[stage] == n for stage, n in REPLICAS.items()), within_s=60, what="each replica found")
    said("Prometheus found every replica")
    # Each asks for work; who gets it is who asked first. Two markets a minute need not come to a third analyst.
    until(lambda: asks_for_work(waiting(stack)), within_s=60, what="each replica asking for work")
    until(
        lambda: all(len(done(stage)) > 1 for stage in REPLICAS if stage != "executor"), within_s=420, what="shared work"
    )
    said("messages of each replica: " + ", ".join(f"{stage} {sorted(done(stage).values())}" for stage in REPLICAS))
    one_executor_at_a_time(stack)


def asks_for_work(asking: dict[str, int]) -> bool:
    return all(asking[stage] == n for stage, n in REPLICAS.items())


def done(stage: str) -> dict[str, int]:
    """Messages finished by each replica that lives, by its own /metrics."""
    found = values(
        f'sum by (instance) (stage_duration_seconds_count{{job="stages",stage="{stage}"}} and on (instance) up == 1)'
    )
    return {labels["instance"]: int(count) for labels, count in found if count}


def one_executor_at_a_time(stack: Stack) -> None:
    """By what the executors themselves logged: no two decisions were worked on at once."""
    spans = []
    for line in stack.compose("logs", "--no-color", "--no-log-prefix", "executor").splitlines():
        told = json.loads(line[line.index("{") :]) if "{" in line else {}
        if told.get("event") == "done" and told.get("got") == "DecisionMade":
            ended_at = datetime.fromisoformat(told["timestamp"])
            spans.append((ended_at - timedelta(seconds=told["seconds"]), ended_at))
    spans.sort()
    overlaps = [(one, other) for one, other in pairwise(spans) if other[0] < one[1]]
    must(len(spans) > 1 and not overlaps, f"of {len(spans)} decisions two executors worked at once: {overlaps[:3]}")
    said(f"{len(spans)} decisions, never two at once")


def the_gone_are_caught_up_with(stack: Stack) -> None:
    """Kill one container of each stage; Docker leaves a killed one alone."""
    for stage in REPLICAS:
        stack.docker("kill", stack.ids(stage)[0])
    said("killed one container of each stage")
    before = Counter(cycle["market"] for cycle in ended())
    until(
        lambda: all(n >= before[market] + 2 for market, n in Counter(c["market"] for c in ended()).items()),
        within_s=240,
        what="two more cycles of each market",
    )
    left = {stage: n - 1 for stage, n in REPLICAS.items()}
    until(lambda: all(targets()[s] == n for s, n in left.items()), within_s=60, what="Prometheus drops the gone")
    said(f"cycles went on; Prometheus now sees {left}")
