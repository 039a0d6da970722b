"""The analyst again, on the snapshot and the model's answer of then."""

from dataclasses import dataclass
from decimal import Decimal

from services.analyst.adapters.rules_model import RulesModel
from services.analyst.app import overhead, prompter
from services.analyst.core.answer import Answer
from services.analyst.core.call_record import answer_of
from services.analyst.core.prices import Terms
from services.analyst.handler import AnalystHandler, ModelSetup
from services.analyst.ports import Declined, Grant
from services.filter.ports import CandleHistory
from services.replay.recording import NotRecorded, Recording
from shared.events import DecisionMade, SignalPassed, SnapshotTaken, Tariff
from shared.prompt.build import Prompt
from shared.settings import Settings
from shared.types import CycleId

_NOTHING = Decimal(0)
_FREE = Tariff(usd_in=_NOTHING, usd_cached=_NOTHING, usd_out=_NOTHING, krw_per_usd=_NOTHING)


async def again(recording: Recording, settings: Settings, history: CandleHistory) -> tuple[DecisionMade]:
    snapshots = RecordedSnapshots(recording.must(SnapshotTaken), recording.opening)
    handler = AnalystHandler.of(
        settings, snapshots=snapshots, rules=RulesModel(), model=_model(recording.find(DecisionMade))
    )
    return (await handler(recording.must(SignalPassed)),)


def _model(then: DecisionMade | None) -> ModelSetup | None:
    """The model of then, who says what he said then; None where there was none."""
    if then is None or (then.analyst == "rules" and then.fallback is None):
        return None
    again = RecordedModel(then)
    # Without a call no prompt is on record, and whichever is built is thrown away.
    told = prompter(then.call.prompt_version) if then.call else prompter()
    return ModelSetup(again, told, again, again.terms)


@dataclass(frozen=True)
class RecordedSnapshots:
    """The analyst's look into the log."""

    taken: SnapshotTaken
    opened: DecisionMade | None = None

    async def snapshot(self, cycle: CycleId) -> SnapshotTaken:
        return self.taken

    async def opening(self, snapshot: SnapshotTaken) -> DecisionMade | None:
        return self.opened


@dataclass(frozen=True)
class RecordedModel:
    """The model and its budget, told from what the decision carries: nobody is asked, and nothing is spent."""

    then: DecisionMade

    @property
    def terms(self) -> Terms:
        call = self.then.call
        if call is None:
            return Terms("", "chat", self.then.lost.tariff if self.then.lost else _FREE, overhead())
        return Terms(call.model, call.api, call.tariff, overhead())

    async def ask(self, prompt: Prompt) -> Answer:
        if self.then.call is None:
            raise NotRecorded("the model was not asked then")
        return answer_of(self.then.call)

    async def reserve(self, cycle: CycleId, worst_krw: Decimal) -> Grant | Declined:
        if self.then.call is None:
            return Declined(self.then.fallback or "LLM_ASKED_TWICE", self.then.lost.calls if self.then.lost else 0)
        return Grant("", cycle, worst_krw, self.then.call.ask)

    async def settle(self, grant: Grant, cost_krw: Decimal) -> None:
        """There is no money here."""
