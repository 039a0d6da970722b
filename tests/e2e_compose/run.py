"""`make e2e`: the last commit as a stranger gets it, from `git clone` to `docker compose down -v`."""

import json
import sys
from pathlib import Path

from tests.e2e_compose import laws, scale
from tests.e2e_compose.questions import API, PROMETHEUS, Books, alerts, ended, get, prometheus, targets, values, web
from tests.e2e_compose.stack import (
    STAGES,
    Failed,
    Stack,
    clone,
    example,
    init,
    must,
    ports_must_be_free,
    running,
    said,
    until,
    why_not,
)

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
ON_FILE = (
    "/api/bot/status", "/api/bot/jobs", "/api/trades?limit=10", "/api/trades/stats", "/api/cycles", "/api/portfolio",
)  # fmt: skip


def main() -> None:
    if reason := why_not():
        print(f"SKIPPED: {reason}, so nothing was run; `make e2e` needs Docker Engine 25 and Compose 2.24")
        return
    try:
        ports_must_be_free()
        with clone() as folder:
            bare(folder)
            whole(folder)
    except Failed as e:
        sys.exit(f"FAILED: {e}")
    said("everything held")


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
        health()
        switch(stack)
        every_service_has_metrics(stack)
        until(lambda: all(targets()[name] for name in (*STAGES, "backend", "postgres")), within_s=60, what="targets up")
        said(f"Prometheus scrapes {dict(targets())}")
        until(lambda: get("/api/trades")["total"], within_s=150, what="a trade")
        said(f"a trade: {json.dumps(get('/api/trades?limit=1')['trades'][0])}")
        print(stack.docker("stats", "--no-stream", "--format", "{{.Name}}\t{{.MemUsage}}", *every(stack)), flush=True)
        scale.work_is_shared(stack)
        scale.the_gone_are_caught_up_with(stack)
        dashboards(folder)
        rules()
        no_secret(stack)
        said(laws.hold(Books.read(stack)))


def every(stack: Stack) -> list[str]:
    return stack.compose("ps", "-q").split()


def health() -> None:
    """The owner's curls; Grafana's only where it runs."""
    for url in (f"{API}/health", f"{PROMETHEUS}/-/healthy", f"{API}/docs", f"{API}/metrics"):
        must(web("GET", url).status_code == 200, f"{url} is not well")
    for path in ON_FILE:
        get(path)
    said("health curls and every GET answer 200")


def switch(stack: Stack) -> None:
    """What only the owner may."""
    must(web("POST", f"{API}/api/bot/pause").status_code == 401, "the switch moved without a token")
    for verb, after in (("pause", "paused"), ("resume", "running")):
        answer = web("POST", f"{API}/api/bot/{verb}", token=stack.env()["API_TOKEN"])
        must(answer.status_code == 200, f"POST {verb} with the token: {answer.status_code} {answer.text}")
        must(get("/api/bot/status")["status"] == after, f"after {verb} the bot is not {after}")
    said("POST: 401 without the token, 200 with it; paused and resumed")


def every_service_has_metrics(stack: Stack) -> None:
    ports = {"clock": 9463, "collector": 9464, "filter": 9465, "analyst": 9466, "executor": 9467, "notifier": 9468}
    for stage, port in ports.items():
        url = f"http://{stage}:{port}/metrics"
        text = stack.inside("backend", f"import urllib.request as w; print(w.urlopen({url!r}).read().decode())")
        must("# TYPE " in text, f"{url} holds no metric: {text[:200]}")
    said("/metrics of each stage, asked from inside the network")


def dashboards(folder: Path) -> None:
    """Every query of every panel gives numbers, out of this run."""
    asked, empty = 0, []
    for file in sorted((folder / "infra/grafana/dashboards").glob("*.json")):
        for panel in json.loads(file.read_text(encoding="utf-8"))["panels"]:
            for target in panel["targets"]:
                asked += 1
                if not any(value == value for _, value in values(target["expr"])):  # NaN is not itself  # noqa: PLR0124
                    empty.append(f"{panel['title']}: {target['expr']}")
    said(f"{asked - len(empty)} of {asked} dashboard queries give numbers")
    must(not empty, "without a number:\n  " + "\n  ".join(empty))


def rules() -> None:
    found = [rule for group in prometheus("rules")["groups"] for rule in group["rules"]]
    must(found and all(rule["health"] == "ok" for rule in found), f"rules that cannot be evaluated: {found}")
    firing = alerts()
    said(f"{len(found)} rules are evaluated; firing: {', '.join(sorted(firing)) or 'none'}")


def no_secret(stack: Stack) -> None:
    """Nothing of the .env is in the image: not in its history, its settings or its files."""
    shown = stack.docker("history", "--no-trunc", "upcycle") + stack.docker("image", "inspect", "upcycle")
    words = ("PASSWORD", "TOKEN", "SECRET")
    secrets = {name: value for name, value in stack.env().items() if value and any(word in name for word in words)}
    told = [name for name, value in secrets.items() if value in shown or name in shown]
    must(secrets and not told, f"the image tells {told}")
    as_root = ("run", "--rm", "--network", "none", "--user", "0", "upcycle")  # who may look everywhere
    files = stack.docker(*as_root, "find", "/", "-xdev", "-name", ".env*")
    must(not files.strip(), f"the image holds {files}")
    user = json.loads(stack.docker("image", "inspect", "upcycle"))[0]["Config"]["User"]
    must(user == "10001", f"the image runs as {user or 'root'}")
    said(f"none of {len(secrets)} secrets is in the image's history or settings, no .env in it, its user is {user}")


if __name__ == "__main__":
    main()
