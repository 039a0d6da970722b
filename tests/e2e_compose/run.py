"""`make e2e`: the last commit as a stranger gets it, from `git clone` to `docker compose down -v`."""

import json
from pathlib import Path

from infra.prometheus.targets import STAGES
from tests.e2e_compose import laws, looks, scale
from tests.e2e_compose.looks import ON_FILE
from tests.e2e_compose.machine import example, init, run
from tests.e2e_compose.questions import API, Books, ended, get, targets, web
from tests.e2e_compose.stack import Stack, running
from tests.e2e_compose.words import must, said, until

# So that there is something to see in minutes: a cycle a minute, a gate that lets pass, limits that do not end it.
QUICK = {
    "SCHEDULER_INTERVAL_MINUTES": 1,
    "TRADING_SYMBOL": "KRW-ETH,KRW-BTC",
    "GATE_WIN_RATE_MIN": 0,
    "GATE_DRAWDOWN_MAX": 1,
    "COOLDOWN_AFTER_LOSS_MIN": 1,
    "ORDERS_PER_DAY_MAX": 1000,
    "DAILY_LOSS_MAX_KRW": 5000000,
    "POSITION_MAX_KRW": 5000000,
    "PAPER_BALANCE_KRW": 10000000,
    "LLM_DAILY_BUDGET_KRW": 1000000,
}


def bare(folder: Path) -> None:
    """With the example of a .env, unchanged: everything runs, and nobody can switch it."""
    example(folder)
    with running(Stack(folder)) as stack:
        stack.compose("build", "--quiet", "topology", timeout=1800)
        said("cloned and built")
        said(f"up with .env.example in {stack.up():.0f} s, all healthy")
        for path in ON_FILE:
            get(path)
        for verb in ("start", "stop", "pause", "resume"):
            answer = web("POST", f"{API}/api/bot/{verb}", token="x" * 32)
            must(answer.status_code == 503, f"POST /api/bot/{verb} without API_TOKEN set: {answer.status_code}")
            must("API_TOKEN" in answer.text, f"it does not say how to set one: {answer.text}")
        said("reading is open, the switch answers 503 and says how to set a token")


def whole(folder: Path) -> None:
    init(folder)
    with running(Stack(folder, "compose.e2e.yaml")) as stack:
        stack.setting(**QUICK)
        said(f"up with `upcycle init` in {stack.up('model'):.0f} s, all healthy")
        until(ended, within_s=130, what="a cycle with an end")
        said(f"the first cycle ended: {ended()[-1]['cycle']} {ended()[-1]['end_kind']}")
        looks.health()
        looks.switch(stack)
        looks.every_service_has_metrics(stack)
        until(lambda: all(targets()[name] for name in (*STAGES, "backend", "postgres")), within_s=60, what="targets up")
        said(f"Prometheus scrapes {dict(targets())}")
        until(lambda: get("/api/trades")["total"], within_s=150, what="a trade")
        said(f"a trade: {json.dumps(get('/api/trades?limit=1')['trades'][0])}")
        print(stack.docker("stats", "--no-stream", "--format", "{{.Name}}\t{{.MemUsage}}", *every(stack)), flush=True)
        scale.work_is_shared(stack)
        scale.the_gone_are_caught_up_with(stack)
        looks.dashboards(folder)
        looks.rules()
        looks.no_secret(stack)
        said(laws.hold(Books.read(stack)))


def every(stack: Stack) -> list[str]:
    return stack.compose("ps", "-q").split()


if __name__ == "__main__":
    run("e2e", bare, whole)
