"""Hours as the page may meet them, for its backend's double: bought, denied, held, rejected, given up."""

from services.backend.core.sent_prompt import sent_prompt
from services.backend.routes import examples
from shared.api import routes as api
from shared.catalogue import risk
from shared.events import Event, Evidence
from shared.prompt.build import build
from shared.prompt.templates import load_template
from shared.services import stage_of
from shared.stored import Stored
from shared.why import Record
from tests.support.api_double import CYCLE, ApiDouble, logged
from tests.support.builders import (
    AT,
    asked,
    books,
    decision,
    due,
    end,
    fill,
    intent,
    model_call,
    passed,
    rejected,
    snapshot,
)
from tests.support.looks import charts

RULES = {
    "GATE_WIN_RATE_MIN": "0.55", "TRADING_AMOUNT": "50000", "SNAPSHOT_AGE_MAX_S": "300", "DAILY_LOSS_MAX_KRW": "50000",
    "COOLDOWN_AFTER_LOSS_MIN": "180", "ORDERS_PER_DAY_MAX": "24", "POSITION_MAX_KRW": "500000", "SPREAD_MAX": "0.005",
    "DEPTH_SLIPPAGE_MAX": "0.005",
}  # fmt: skip
TWO = (Evidence(name="rsi_hour", value=24.5), Evidence(name="btc_change_1h", value=-0.0023))
HOURS: dict[str, tuple[Event, ...]] = {
    "hour_bought": (
        snapshot(), passed(), asked(said="과매도입니다", reason="", call=model_call(evidence=TWO)),
        intent(books=books()), fill(said="과매도입니다", reason=""),
        end("OrderFilled", reason_code="LLM_BUY", said="과매도입니다", reason=""),
    ),
    "hour_denied": (
        snapshot(), passed(), decision(),
        end("OrderDenied", **risk.SPREAD_TOO_WIDE.because({"spread": "0.0071", "limit": "0.005"}).fields(),
            books=books(last_loss_at=None)),
    ),
    "hour_wrong": (
        snapshot(), passed(),
        asked(decision="hold", confidence=None, reason="", reason_code="LLM_EVIDENCE_WRONG", said="rsi_hour 24.5",
              call=model_call(code="LLM_EVIDENCE_WRONG", evidence=TWO)),
        end("OrderSkipped", reason="", reason_code="LLM_EVIDENCE_WRONG", said="rsi_hour 24.5"),
    ),
}  # fmt: skip
OTHERS: dict[str, tuple[Event, ...]] = {
    "hour_rejected": (snapshot(), rejected(), end("CycleRejected", reason="승률 44.8 %")),
    "hour_held": (snapshot(), passed(), decision(decision="hold", reason_code="RULES_NO_MAJORITY", reason="", votes=()),
                  end("OrderSkipped", reason_code="RULES_NO_MAJORITY", reason="")),
    "hour_failed": (end("CycleFailed", reason="", reason_code="STAGE_GAVE_UP", said="ConnectError"),),
}  # fmt: skip


def with_prompt(backend: ApiDouble, *evidence: float, **changes: object) -> None:
    """evidence: what the prompt said of each of TWO."""
    cited = [
        {"name": fact.name, "value": fact.value, "shown": shown, "right": shown == fact.value}
        for fact, shown in zip(TWO, evidence, strict=True)
    ]
    sent = examples.PROMPT | {"cycle": CYCLE, "evidence": cited} | changes
    backend.answers[api.PROMPT.at(CYCLE)] = sent


def with_events(backend: ApiDouble, *events: Event) -> None:
    cycle = backend.answers[api.CYCLE.at(CYCLE)]
    ended = {"end_kind": events[-1].kind, "stage": stage_of(events[-1]), "gate": "passed"}
    backend.answers[api.CYCLE.at(CYCLE)] = cycle | ended | {"events": logged(due(settings=RULES), *events)}


def with_whole_prompt(backend: ApiDouble) -> None:
    """An hour of a model that cited one number wrongly, and the prompt that it was given, made as the backend does."""
    taken = snapshot(candles=charts())
    sent = build(taken, passed(), template=load_template(), count=len, tokens_max=10**6)
    cited = (Evidence(name="price", value=4_000_000), Evidence(name="rsi_hour", value=24.5))
    call = model_call(code="LLM_EVIDENCE_WRONG", evidence=cited, prompt_sha256=sent.sha256)
    wrong = {"reason": "", "reason_code": "LLM_EVIDENCE_WRONG", "said": "rsi_hour 24.5"}
    said = asked(decision="hold", confidence=None, call=call, **wrong)
    with_events(backend, taken, passed(), said, end("OrderSkipped", **wrong))
    entries = (Stored(event, n, AT) for n, event in enumerate((taken, passed(), said), 1))
    found = sent_prompt(Record(CYCLE, tuple(entries)), None)
    backend.answers[api.PROMPT.at(CYCLE)] = found.model_dump(mode="json")
