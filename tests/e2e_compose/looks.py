"""What a running system is looked at for: health, switch, metrics, dashboards, rules, secrets."""

import json
from pathlib import Path

from infra.prometheus.targets import STAGES
from shared.services import NAMED
from tests.e2e_compose.questions import API, PROMETHEUS, alerts, get, prometheus, values, web
from tests.e2e_compose.stack import Stack
from tests.e2e_compose.words import must, said

ON_FILE = (
    "/api/bot/status", "/api/bot/jobs", "/api/trades?limit=10", "/api/trades/stats", "/api/cycles", "/api/portfolio",
)  # fmt: skip


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
    for stage in STAGES:
        url = f"http://{stage}:{NAMED[stage].port}/metrics"
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
