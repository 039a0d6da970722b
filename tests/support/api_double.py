"""A backend for the page: it answers by the API's own shapes, says no to wrong tokens, and can be away."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

from services.backend.routes import examples
from shared.api import routes as api
from shared.events import KINDS, Event
from shared.types import UtcTime
from shared.why import Record, why
from shared.writing import seoul_iso
from tests.support.builders import AT, due, end, rejected

TOKEN = "t" * 40
CYCLE = "KRW-ETH-20260105T0300Z"
_OWNERS = (
    api.OWNER.path,
    api.PANIC.path,
    api.LAST_PANIC.path,
    api.SALE.at("KRW-ETH"),
    api.SETTINGS.path,
    api.DEAD.path,
    api.UNRESOLVED.path,
)


@dataclass(frozen=True)
class Stored:
    event: Event
    at: UtcTime
    delivery: int = 1


def logged(*events: Event) -> list[dict[str, Any]]:
    """A second from each to the next."""
    return [
        {"seq": n, "stored_at": seoul_iso(AT + timedelta(seconds=n)), "subject": event.subject,
         "event": event.model_dump(mode="json")}
        for n, event in enumerate(events, 1)
    ]  # fmt: skip


def story(cycle: dict[str, Any], language: str) -> str:
    """As the backend tells it of these events."""
    entries = (
        Stored(KINDS[lie["event"]["kind"]].model_validate(lie["event"]), datetime.fromisoformat(lie["stored_at"]))
        for lie in cycle["events"]
    )
    return why(Record(cycle["cycle"], tuple(entries)), "en" if language == "en" else "ko")


@dataclass
class ApiDouble:
    """answers: by address, or what makes one of a request. asked: method and address; sold, panicked: with what."""

    away: bool = False
    open_reads: bool = True
    answers: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=lambda: {api.EXPORTS["trades"]: examples.TRADES_CSV})
    asked: list[tuple[str, str]] = field(default_factory=list)
    sold: list[dict[str, str]] = field(default_factory=list)
    panicked: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        told = examples.CYCLE_DETAIL | {
            "cycle": CYCLE, "market": "KRW-ETH", "slot_at": "2026-01-05T12:00:00+09:00", "end_kind": "CycleRejected",
            "stage": "filter", "decision": "hold", "gate": "rejected", "amount": None, "total": None,
            "events": logged(
                due(settings={"GATE_WIN_RATE_MIN": "0.55"}), rejected(), end("CycleRejected", reason="승률 <44.8 %>")
            ),
        }  # fmt: skip
        slim = {name: value for name, value in told.items() if name not in ("why", "events")}
        self.answers = {
            api.STATUS.path: examples.STATUS,
            api.JOBS.path: examples.JOBS,
            api.PORTFOLIO.path: examples.PORTFOLIO,
            api.ACCOUNT.path: examples.ACCOUNT,
            api.HISTORIES.path: examples.HISTORIES,
            api.CYCLES.path: {"cycles": [slim], "total": 1},
            api.CYCLE.at(CYCLE): told,
            api.PROMPT.at(CYCLE): examples.PROMPT | {"cycle": CYCLE},
            api.STATS.path: examples.STATS,
            api.GATE.path: examples.GATE,
            api.COSTS.path: examples.COSTS,
            api.SETTINGS.path: examples.SETTINGS,
            api.DEAD.path: {"letters": [], "older": None},
            api.UNRESOLVED.path: {"orders": []},
            api.CANDLES.path: examples.CANDLES,
            api.SALE.at("KRW-ETH"): examples.SALE,
            api.PANIC.path: examples.PANIC,
            api.LAST_PANIC.path: {"warning": "", "last": None},
            api.CANDLES.path: examples.CANDLES,
            api.GATE.path: examples.GATE,
            api.TRADES.path: examples.TRADES,
            api.OWNER.path: {"status": "ok"},
        } | self.answers

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("nobody there", request=request)
        path = request.url.path
        self.asked.append((request.method, path))
        owners = request.headers.get("Authorization") == f"Bearer {TOKEN}"
        if not owners and (request.method == "POST" or path in _OWNERS or not self.open_reads):
            return self._no(401, "this is not API_TOKEN", path)
        if request.method == "POST":
            return self._done(request, path)
        if path in self.texts:
            return httpx.Response(200, text=self.texts[path], headers={"Content-Type": "text/csv; charset=utf-8"})
        if path not in self.answers:
            return self._no(404, "there is nothing here", path)
        given = self.answers[path]
        given = given(request) if callable(given) else given
        if "events" in given:
            given = given | {"why": story(given, request.url.params.get("language", "ko"))}
        return httpx.Response(200, content=json.dumps(given).encode())

    def _done(self, request: httpx.Request, path: str) -> httpx.Response:
        if path.startswith(f"{api.JOBS.path}/"):
            return self._shaped(api.PAUSE_JOB, examples.JOB)
        if path == api.ASK_PANIC.path:
            self.panicked.append(dict(request.url.params))
            return self._shaped(api.ASK_PANIC, examples.PANIC_REQUEST)
        if path == api.SELL.at("KRW-ETH"):
            self.sold.append(dict(request.url.params))
            return self._shaped(api.SELL, examples.SALE_REQUEST | {"cycle": CYCLE})
        return self._shaped(api.SWITCH[path.rpartition("/")[2]], examples.SWITCHED)  # type: ignore[index]

    def _shaped(self, route: api.Route[Any], given: Any) -> httpx.Response:
        return httpx.Response(200, content=route.answer.model_validate(given).model_dump_json().encode())

    def _no(self, status: int, detail: str, path: str) -> httpx.Response:
        body = {"type": "about:blank", "title": "No", "status": status, "detail": detail, "instance": path}
        return httpx.Response(status, json=body)
