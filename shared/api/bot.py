"""What the bot does, its switch and its jobs."""

from typing import Literal, get_args

from pydantic import Field

from shared import switch
from shared.api.shape import Shape, Time
from shared.catalogue import sentence
from shared.missed import Cause
from shared.reason import Figure, Reason
from shared.types import Language

JobId = Literal["trading_job", "portfolio_snapshot_job", "daily_report_job"]
JOBS: tuple[JobId, ...] = get_args(JobId)


class NextRun(Shape):
    id: str
    next_run: Time | None


class Missed(Shape):
    """A slot that was to be traded and has no end."""

    cycle: str
    market: str
    slot_at: Time
    cause: Cause
    detail: str = Field(description="what more is known, in LANGUAGE")
    reason_code: str = Field("", description="the same as a code; empty where nothing more is known")
    figures: tuple[Figure, ...] = Field((), description="that its sentence is made of")


class Status(Shape):
    """What the bot is to do, for how long the clock has been up, when the jobs run next, and what was missed."""

    status: switch.Status
    mode: Literal["paper", "live"] = Field(description="practice money, or real money")
    markets: tuple[str, ...]
    trouble: str = Field(
        "", description="what is wrong with the switch or the clock, and what to do; empty where nothing is"
    )
    uptime_seconds: int
    last_trade_time: Time | None
    jobs: tuple[NextRun, ...]
    missed: tuple[Missed, ...] = Field(description="slots of the last 24 hours without an end, and why")


class Switched(Shape):
    """What the bot is to do from now on, and who said so when."""

    status: switch.Status
    by: str
    at: Time | None


class JobState(Shape):
    id: str
    next_run: Time | None
    note: str = Field(description="why it does not run, if it does not, in English")
    reason_code: str = Field("", description="the same as a code; empty where there is nothing to say")
    figures: tuple[Figure, ...] = Field((), description="that its sentence is made of")
    paused: bool
    by: str | None = Field(description="who last paused or resumed it")
    at: Time | None

    def say(self, language: Language) -> str:
        """Why it does not run, if it does not."""
        return sentence(Reason(self.reason_code, self.figures, said=self.note), language)


class Jobs(Shape):
    jobs: tuple[JobState, ...]
