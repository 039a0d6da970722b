"""What a run is asked: the API, Prometheus, the event log, the paper exchange."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

import httpx

from shared.settings import API_PORT
from tests.e2e_compose.stack import Stack
from tests.e2e_compose.words import Failed, must

API, PROMETHEUS = f"http://127.0.0.1:{API_PORT}", "http://127.0.0.1:9090"

_LOG = """
import asyncio, os, nats
from shared.bus.records import Records
from shared.bus.namespace import Namespace

async def main():
    nc = await nats.connect(os.environ["NATS_URL"])
    async for line in Records(nc, Namespace()).after(0):
        print(line.event.model_dump_json())
    await nc.close()

asyncio.run(main())
"""
_WAITING = """
import asyncio, collections, json, os, nats

async def main():
    nc, seen = await nats.connect(os.environ["NATS_URL"]), collections.defaultdict(list)
    for _ in range(60):  # a replica asks anew every two seconds; just then it is seen twice, or not at all
        for reader in await nc.jetstream().consumers_info("EV"):
            seen[reader.name].append(reader.num_waiting)
        await asyncio.sleep(0.1)
    print(json.dumps({name: collections.Counter(counts).most_common(1)[0][0] for name, counts in seen.items()}))
    await nc.close()

asyncio.run(main())
"""
_ORDERS = """
import hashlib, jwt, os, urllib.request, uuid
for what in ("closed", "open"):
    text = "limit=1000" if what == "closed" else "limit=100"
    claims = {"access_key": os.environ["PAPER_ACCESS_KEY"], "nonce": str(uuid.uuid4()),
              "query_hash": hashlib.sha512(text.encode()).hexdigest(), "query_hash_alg": "SHA512"}
    token = jwt.encode(claims, os.environ["PAPER_SECRET_KEY"], algorithm="HS256")
    url = f"http://127.0.0.1:{os.environ['PORT']}/v1/orders/{what}?{text}"
    asked = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    print(urllib.request.urlopen(asked).read().decode())
"""

Event = dict[str, Any]


def web(method: str, url: str, *, token: str | None = None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        return httpx.request(method, url, headers=headers, timeout=10, trust_env=False)
    except httpx.HTTPError as e:
        raise Failed(f"{method} {url}: {type(e).__name__} {e}") from e


def get(path: str) -> Any:
    """JSON of the API. Raises ValueError where it is not 200."""
    answer = web("GET", API + path)
    must(answer.status_code == 200, f"GET {path}: {answer.status_code} {answer.text[:200]}")
    return answer.json()


def ended() -> list[Event]:
    """The cycles with an end, newest first."""
    return [cycle for cycle in get("/api/cycles?limit=200")["cycles"] if cycle["end_kind"]]


def prometheus(path: str, **params: str) -> Any:
    answer = web("GET", str(httpx.URL(f"{PROMETHEUS}/api/v1/{path}", params=params))).json()
    must(answer["status"] == "success", f"Prometheus: {path} {params}: {answer.get('error')}")
    return answer["data"]


def values(query: str) -> list[tuple[dict[str, str], float]]:
    return [(row["metric"], float(row["value"][1])) for row in prometheus("query", query=query)["result"]]


def targets() -> Counter[str]:
    """How many of each job or stage answer."""
    found = prometheus("targets", state="active")["activeTargets"]
    return Counter(one["labels"].get("stage", one["labels"]["job"]) for one in found if one["health"] == "up")


def alerts() -> set[str]:
    """The alerts that fire now."""
    return {one["labels"]["alertname"] for one in prometheus("alerts")["alerts"] if one["state"] == "firing"}


def log(stack: Stack) -> list[Event]:
    """Every event there is, in the order of the log."""
    return [json.loads(line) for line in stack.as_owner("python", "-", stdin=_LOG).splitlines()]


def waiting(stack: Stack) -> dict[str, int]:
    """How many processes ask the broker for each reader's messages."""
    return dict(json.loads(stack.as_owner("python", "-", stdin=_WAITING)))


def orders(stack: Stack) -> list[dict[str, Any]]:
    """Every order the paper exchange ever took."""
    return [order for line in stack.inside("paper", _ORDERS).splitlines() for order in json.loads(line)]


@dataclass(frozen=True)
class Books:
    """What must agree: the log, the exchange and the owner's table."""

    log: list[Event]
    orders: list[dict[str, Any]]
    trades: list[dict[str, Any]]

    @classmethod
    def read(cls, stack: Stack) -> "Books":
        listed = get("/api/trades?limit=500")["trades"]
        return cls(log(stack), orders(stack), [get(f"/api/trades/{trade['id']}") for trade in listed])

    def kinds(self, *names: str) -> list[Event]:
        return [event for event in self.log if event["kind"] in names]
