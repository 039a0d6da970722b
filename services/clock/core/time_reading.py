"""The time that slots are counted by: this machine's, as far as the exchange confirms it (pure)."""

from dataclasses import dataclass
from datetime import timedelta

from shared import skew
from shared.types import UtcTime


@dataclass(frozen=True, slots=True)
class TimeReading:
    """machine: its clock. skew_s: see shared.skew; None where the exchange did not say what time it is."""

    machine: UtcTime
    skew_s: float | None

    @property
    def is_wrong(self) -> bool:
        return self.skew_s is not None and skew.is_wrong(self.skew_s)

    @property
    def is_confirmed(self) -> bool:
        return self.skew_s is not None and not self.is_wrong

    @property
    def at(self) -> UtcTime:
        """The exchange's time; this machine's while they agree to seconds, since a header counts only whole ones.

        Where they are far apart nobody knows which is wrong: what is past by the earlier of them is past by both.
        """
        if self.skew_s is None or not skew.is_off(self.skew_s):
            return self.machine
        return min(self.machine, self._exchange) if self.is_wrong else self._exchange

    def machine_at(self, at: UtcTime) -> UtcTime:
        """What this machine's clock will show then."""
        return at + (self.machine - self.at)

    @property
    def _exchange(self) -> UtcTime:
        return self.machine - timedelta(seconds=self.skew_s or 0.0)
