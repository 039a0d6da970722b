"""Rows that could not be read and were left out: counted each time, told in the log once an hour for each source."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import structlog

from shared.clock import monotonic

if TYPE_CHECKING:
    from shared.telemetry import Metrics

log = structlog.get_logger("odd")
AGAIN_S = 3600.0


@dataclass(slots=True)
class BadRows:
    """count: a counter by source; None where nobody counts, such as in a command."""

    count: Any = None
    _logged_at: dict[str, float] = field(default_factory=dict)

    def leave_out(self, source: str, why: object) -> None:
        """source: which kind of row, from a closed set."""
        if self.count is not None:
            self.count.add(1, {"source": source})
        now = monotonic()
        if now - self._logged_at.get(source, float("-inf")) >= AGAIN_S:
            self._logged_at[source] = now
            log.warning("left out what cannot be read", source=source, why=str(why)[:200])


def bad_rows(metrics: "Metrics", *sources: str) -> BadRows:
    """sources: all there can be, so that each is shown at 0 from the first."""
    about = "Rows that could not be read and were left out, by source"
    return BadRows(metrics.counter("bad_rows", about, known=[{"source": source} for source in sources]))
