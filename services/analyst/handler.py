"""Signal in, decision out: load the snapshot, ask the model unless that is pointless, hold what may not be."""

from dataclasses import dataclass

from services.analyst.core import call_record, judge, prices, verdict
from services.analyst.core.prices import Terms
from services.analyst.ports import Budget, Declined, Model, Prompter, Rules, Snapshots
from shared.events import DecisionMade, SignalPassed, SnapshotTaken
from shared.prompt import choices
from shared.prompt.facts import facts
from shared.settings import Settings
from shared.types import Language


@dataclass(frozen=True, slots=True)
class ModelSetup:
    """The model, and the terms it is asked on."""

    model: Model
    prompt: Prompter
    budget: Budget
    terms: Terms


@dataclass(frozen=True, slots=True)
class AnalystHandler:
    snapshots: Snapshots
    rules: Rules
    language: Language  # of the model's reasons
    model: ModelSetup | None = None  # None: there is no key, and the rules speak

    @classmethod
    def of(
        cls, settings: Settings, *, snapshots: Snapshots, rules: Rules, model: ModelSetup | None = None
    ) -> "AnalystHandler":
        return cls(snapshots, rules, settings.language, model)

    async def __call__(self, signal: SignalPassed) -> DecisionMade:
        snapshot = await self.snapshots.snapshot(signal.cycle)
        block = choices.buy_block(signal, snapshot)
        if block is not None and not choices.holds(snapshot):
            return verdict.hold_without_asking(snapshot, block)
        if self.model is None:
            return verdict.decide(snapshot, await self.rules.decide(snapshot, may_buy=block is None), block)
        return await self._ask(self.model, signal, snapshot, block)

    async def _ask(
        self, setup: ModelSetup, signal: SignalPassed, snapshot: SnapshotTaken, block: str | None
    ) -> DecisionMade:
        opening = await self.snapshots.opening(snapshot)
        prompt = setup.prompt(snapshot, signal, opening, language=self.language)
        terms, tokens = setup.terms, prompt.tokens + setup.terms.overhead
        worst = prices.worst_cost(terms.tariff, tokens)
        grant = await setup.budget.reserve(signal.cycle, worst.krw)
        lost = call_record.lost_calls(terms, worst, grant.lost)
        if isinstance(grant, Declined) and grant.why == "LLM_BUDGET":
            opinion = await self.rules.decide(snapshot, may_buy=block is None)
            return verdict.decide(snapshot, verdict.rules_fallback(opinion, lost), block)
        if isinstance(grant, Declined):
            return verdict.decide(snapshot, verdict.model_opinion(judge.hold(grant.why), lost=lost), block)
        answer = await setup.model.ask(prompt)
        cost = prices.cost_of_answer(terms.tariff, answer, tokens)
        await setup.budget.settle(grant, cost.krw)
        judged = judge.judge(answer, facts(snapshot, signal))
        call = call_record.call_record(terms, prompt, answer, judged, cost, ask=grant.ask)
        return verdict.decide(snapshot, verdict.model_opinion(judged, call, lost), block)
