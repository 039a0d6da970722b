"""What the analyst said."""

from decimal import Decimal
from typing import Literal

from shared.events.base import Choice, Confidence, CycleEvent, Part
from shared.reason import Figure
from shared.types import Exact, Krw, Price


class Vote(Part):
    """What one indicator says: +1 buy, -1 sell, 0 nothing."""

    name: str
    value: float
    vote: Literal[-1, 0, 1]


class Evidence(Part):
    """A number the model relied on, as it cited it."""

    name: str
    value: float


class Tariff(Part):
    """Dollars for a million tokens, and won for a dollar."""

    usd_in: Exact[Decimal]
    usd_cached: Exact[Decimal]
    usd_out: Exact[Decimal]
    krw_per_usd: Exact[Decimal]


class ModelCall(Part):
    """One question to the model: what was asked, what came back, what it cost."""

    model: str  # as it was asked for
    api: Literal["chat", "responses"]
    served_by: str  # the version that answered, in its own words; empty without an answer
    prompt_version: str
    prompt_sha256: str
    code: str  # LLM_ANSWERED, or why the answer is a hold
    detail: str  # where there is no answer: what happened instead
    finish: str  # stop, length, content_filter, refusal …; empty without an answer
    reply: str  # the model's words as they came
    evidence: tuple[Evidence, ...] = ()
    tokens_in: int | None  # None: nobody said
    tokens_out: int | None
    tokens_cached: int | None  # part of tokens_in
    cost_usd: Exact[Decimal]  # the worst case where a call may have been billed and nobody said
    cost_krw: Exact[Krw]
    billed: bool  # False: surely nothing was spent
    tariff: Tariff
    ask: int = 1  # 2: the process died after the first one, which may have been paid as well


class LostCalls(Part):
    """Questions whose answers went with a process that died; the day's budget holds them at their worst."""

    calls: int
    cost_usd: Exact[Decimal]
    cost_krw: Exact[Krw]
    tariff: Tariff


class DecisionMade(CycleEvent):
    SUBJECT = "ev.decision.{market}.{slot}"
    kind: Literal["DecisionMade"] = "DecisionMade"
    decision: Choice
    confidence: Confidence | None
    reason: str = ""  # of an older event alone, which kept a sentence and no figures
    reason_code: str
    analyst: Literal["rules", "model", "guard"]  # who spoke; guard: an ExitDue, never stored as a decision
    votes: tuple[Vote, ...] = ()
    buy_blocked_by: str | None = None  # why a buy was excluded, if it was
    price: Exact[Price]  # last price of the snapshot
    call: ModelCall | None = None  # where the model was asked
    fallback: Literal["LLM_BUDGET"] | None = None  # why the rules spoke in its place
    lost: LostCalls | None = None  # asked before in this cycle, in vain
    figures: tuple[Figure, ...] = ()  # that decided; see shared/reason.py
    said: str = ""  # the model's own words
