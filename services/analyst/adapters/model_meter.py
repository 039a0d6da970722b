"""The model as metrics: llm_requests_total{model,outcome}, llm_cost_usd_total{model}, llm_latency_seconds{model}."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.analyst.core.answer import Answer
from services.analyst.core.judge import ANSWERED
from services.analyst.ports import Model
from shared.catalogue.model import NO_ANSWER
from shared.clock import monotonic
from shared.events import DecisionMade, SignalPassed
from shared.prompt.build import Prompt
from shared.telemetry import Metrics

OUTCOMES = {ANSWERED: "ok"} | {code: code.removeprefix("LLM_").lower() for code in NO_ANSWER}


class ModelMeter:
    """outcome: ok, or why the answer was a hold."""

    def __init__(self, metrics: Metrics, model: str) -> None:
        self._model = model
        known = [{"model": model, "outcome": outcome} for outcome in OUTCOMES.values()]
        self._requests = metrics.counter("llm_requests", "Questions to the model by what became of them", known=known)
        self._cost = metrics.counter("llm_cost_usd", "Dollars the model cost", known=[{"model": model}])
        self._latency = metrics.histogram("llm_latency_seconds", "Time the model took, tries included")
        self._used = metrics.gauge("llm_budget_spent_ratio", "Share of the day's budget that is spent or reserved")
        self._used.set(0.0)

    def set_budget_share(self, share: float) -> None:
        self._used.set(share)

    def count(self, decision: DecisionMade) -> None:
        if (call := decision.call) is not None:
            self._requests.add(1, {"model": call.model, "outcome": OUTCOMES[call.code]})
            self._cost.add(float(call.cost_usd), {"model": call.model})
        elif decision.reason_code == "LLM_ASKED_TWICE":
            self._requests.add(1, {"model": self._model, "outcome": OUTCOMES[decision.reason_code]})
        if decision.lost is not None:
            self._cost.add(float(decision.lost.cost_usd), {"model": self._model})

    def record_latency(self, seconds: float) -> None:
        self._latency.record(seconds, {"model": self._model})


@dataclass(frozen=True, slots=True)
class TimedModel:
    """A model whose answers are timed."""

    model: Model
    meter: ModelMeter

    async def ask(self, prompt: Prompt) -> Answer:
        began = monotonic()
        try:
            return await self.model.ask(prompt)
        finally:
            self.meter.record_latency(monotonic() - began)


@dataclass(frozen=True, slots=True)
class MeteredHandler:
    """The handler, and what it said counted once: a redelivery finds its stored answer and does not come here."""

    handler: Callable[[SignalPassed], Awaitable[DecisionMade]]
    meter: ModelMeter

    async def __call__(self, signal: SignalPassed) -> DecisionMade:
        decision = await self.handler(signal)
        self.meter.count(decision)
        return decision
