"""The rules-only analyst behind the model's port: asks nobody, costs nothing, works offline."""

from datetime import timedelta

from services.analyst.core import rules
from services.analyst.core.verdict import Opinion
from shared.candles import closed_before
from shared.events import SnapshotTaken

HOUR_MIN, DAY_MIN = 60, 1440


class RulesModel:
    async def decide(self, snapshot: SnapshotTaken, *, may_buy: bool) -> Opinion:
        """may_buy changes nothing: the rules say what they see, and the handler holds a forbidden buy back."""
        hours, days = (
            closed_before(snapshot.candles.window(snapshot.market, unit), snapshot.at, timedelta(minutes=unit))
            for unit in (HOUR_MIN, DAY_MIN)
        )
        return rules.opinion(hours, days)
