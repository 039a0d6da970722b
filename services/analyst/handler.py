"""Signal in, decision out: load the snapshot, ask the model unless that is pointless, hold what may not be."""

from dataclasses import dataclass

from services.analyst.core import judge, prices, record, verdict
from services.analyst.core.facts import facts
from services.analyst.core.prices import Terms
from services.analyst.core.prompt import Language
from services.analyst.ports import Budget, Declined, Model, Prompter, Rules, Snapshots
from shared.events import DecisionMade, SignalPassed, SnapshotTaken
from shared.settings import Settings


@dataclass(frozen=True, slots=True)
class Asked:
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
    asked: Asked | None = None  # None: there is no key, and the rules speak

    @classmethod
    def of(
        cls, settings: Settings, *, snapshots: Snapshots, rules: Rules, asked: Asked | None = None
    ) -> "AnalystHandler":
        return cls(snapshots, rules, settings.language, asked)

    async def __call__(self, signal: SignalPassed) -> DecisionMade:
        snapshot = await self.snapshots.snapshot(signal.cycle)
        block = verdict.buy_block(signal, snapshot)
        if block is not None and not verdict.holds(snapshot):
            return verdict.unasked(snapshot, block)
        if self.asked is None:
            return verdict.decide(snapshot, await self.rules.decide(snapshot, may_buy=block is None), block)
        return await self._ask(self.asked, signal, snapshot, block)

    async def _ask(
        self, asked: Asked, signal: SignalPassed, snapshot: SnapshotTaken, block: str | None
    ) -> DecisionMade:
        opening = await self.snapshots.opening(snapshot)
        prompt = asked.prompt(snapshot, signal, opening, language=self.language)
        terms, tokens = asked.terms, prompt.tokens + asked.terms.overhead
        worst = prices.worst(terms.tariff, tokens)
        grant = await asked.budget.reserve(signal.cycle, worst.krw)
        lost = record.lost(terms, worst, grant.lost)
        if isinstance(grant, Declined) and grant.why == "LLM_BUDGET":
            said = await self.rules.decide(snapshot, may_buy=block is None)
            return verdict.decide(snapshot, verdict.in_its_place(said, lost), block)
        if isinstance(grant, Declined):
            return verdict.decide(snapshot, verdict.of_model(judge.held(grant.why), lost=lost), block)
        answer = await asked.model.ask(prompt)
        cost = prices.spent(terms.tariff, answer, tokens)
        await asked.budget.settle(grant, cost.krw)
        judged = judge.judge(answer, facts(snapshot, signal))
        call = record.written(terms, prompt, answer, judged, cost, ask=grant.ask)
        return verdict.decide(snapshot, verdict.of_model(judged, call, lost), block)
