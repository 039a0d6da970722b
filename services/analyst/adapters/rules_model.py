"""The rules-only analyst behind the model's port: asks nobody, costs nothing, works offline."""

from services.analyst.core import rules
from services.analyst.core.verdict import Opinion
from shared.events import SnapshotTaken
from shared.prompt.charts import charts


class RulesModel:
    async def decide(self, snapshot: SnapshotTaken, *, may_buy: bool) -> Opinion:
        """may_buy changes nothing: the rules say what they see, and the handler holds a forbidden buy back."""
        seen = charts(snapshot)
        return rules.opinion(seen.hour, seen.day)
