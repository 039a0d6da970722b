"""Every address of the API, and the shape of its answer (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from shared.api.account import Account
from shared.api.bot import Jobs, JobState, Status, Switched
from shared.api.chart import Candles, GateSeries
from shared.api.costs import Costs
from shared.api.cycles import CycleDetail, Cycles, Decisions, Logged
from shared.api.health import Health, Problem, Ready
from shared.api.history import Histories
from shared.api.panic import Panic, PanicRequest, PanicResult
from shared.api.portfolio import Portfolio
from shared.api.prompt import SentPrompt
from shared.api.sale import Sale, SaleRequest
from shared.api.settings import Settings
from shared.api.shape import OtherShape
from shared.api.trades import TradeDetail, Trades, TradeStats
from shared.api.trouble import DeadLetters, UnresolvedOrders
from shared.parsing import check_body
from shared.switch import COMMANDS

Answer = TypeVar("Answer", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Route(Generic[Answer]):
    """path: as the backend has it, "/api/cycles/{cycle}"."""

    method: Literal["GET", "POST"]
    path: str
    answer: type[Answer]

    def at(self, *parts: str) -> str:
        """The address with its {…} filled in, in their order."""
        path = self.path
        for part in parts:
            before, _, rest = path.partition("{")
            path = before + quote(part, safe="") + rest.partition("}")[2]
        return path

    def read(self, body: bytes) -> Answer:
        """Raises OtherShape."""
        return _read(self.answer, body, f"{self.method} {self.path}")


def problem(body: bytes) -> Problem:
    """What a route answers that refuses. Raises OtherShape."""
    return _read(Problem, body, "a refusal")


def _read(shape: type[Answer], body: bytes, what: str) -> Answer:
    try:
        check_body(body)
        return shape.model_validate_json(body, strict=True)
    except ValidationError as e:
        fault = e.errors(include_url=False, include_input=False)[0]
        raise OtherShape(f"{what}: {'.'.join(map(str, fault['loc'])) or 'body'}: {fault['msg']}") from e
    except (ValueError, OverflowError) as e:
        raise OtherShape(f"{what}: {e}") from e


STATUS = Route("GET", "/api/bot/status", Status)
OWNER = Route("GET", "/api/owner", Ready)
JOBS = Route("GET", "/api/bot/jobs", Jobs)
SWITCH: Mapping[str, Route[Switched]] = {
    command: Route("POST", f"/api/bot/{command}", Switched) for command in COMMANDS
}
PANIC = Route("GET", "/api/bot/panic", Panic)
LAST_PANIC = Route("GET", "/api/bot/panic/last", PanicResult)
ASK_PANIC = Route("POST", PANIC.path, PanicRequest)  # ?sell=true
SALE = Route("GET", "/api/bot/sale/{market}", Sale)
SELL = Route("POST", SALE.path, SaleRequest)  # ?id=…&amount=…, as SALE gave them
PAUSE_JOB = Route("POST", "/api/bot/jobs/{job}/pause", JobState)
RESUME_JOB = Route("POST", "/api/bot/jobs/{job}/resume", JobState)
TRADES = Route("GET", "/api/trades", Trades)
STATS = Route("GET", "/api/trades/stats", TradeStats)
TRADE = Route("GET", "/api/trades/{trade_id}", TradeDetail)
CYCLES = Route("GET", "/api/cycles", Cycles)
CYCLE = Route("GET", "/api/cycles/{cycle}", CycleDetail)
PROMPT = Route("GET", "/api/cycles/{cycle}/prompt", SentPrompt)
CANDLES = Route("GET", "/api/candles", Candles)
GATE = Route("GET", "/api/gate", GateSeries)
COSTS = Route("GET", "/api/costs", Costs)
DEAD = Route("GET", "/api/dead", DeadLetters)
UNRESOLVED = Route("GET", "/api/orders/unresolved", UnresolvedOrders)
SETTINGS = Route("GET", "/api/settings", Settings)
ACCOUNT = Route("GET", "/api/account", Account)
HISTORIES = Route("GET", "/api/history", Histories)
PORTFOLIO = Route("GET", "/api/portfolio", Portfolio)
DECISIONS = Route("GET", "/api/decisions", Decisions)
STREAM = Route("GET", "/api/events/stream", Logged)  # text/event-stream; the shape is that of each `data:`
HEALTH = Route("GET", "/health", Health)
READY = Route("GET", "/ready", Ready)
EXPORTS = {name: f"/api/{name}/export.csv" for name in ("trades", "cycles", "decisions")}  # texts, as is METRICS
METRICS = "/metrics"
