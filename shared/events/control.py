"""What happens beside the cycles."""

from typing import Literal

from pydantic import Field

from shared.events.base import Event
from shared.types import UtcTime

ANY_CONTROL = "ev.control.*.*"


def control_id(at: UtcTime) -> str:
    """Name a command by its time."""
    return at.strftime("%Y%m%dT%H%M%S%fZ")


class ControlGiven(Event):
    """The owner, or a panic, changed what the bot is to do. What lets orders out follows the last its giver knew."""

    SUBJECT = "ev.control.{command}.{id}"
    kind: Literal["ControlGiven"] = "ControlGiven"
    command: Literal["start", "stop", "pause", "resume", "exits-only"]
    id: str = Field(pattern=r"^[A-Za-z0-9-]{1,64}$")
    by: str
    at: UtcTime

    @property
    def subject(self) -> str:
        return self.SUBJECT.format(command=self.command, id=self.id)

    @property
    def once(self) -> str:
        return ANY_CONTROL if self.command in ("start", "resume", "exits-only") else self.subject


class JobSwitched(Event):
    """The owner halted one job of the clock, or let it go on."""

    SUBJECT = "ev.control.{command}.{id}"
    kind: Literal["JobSwitched"] = "JobSwitched"
    command: Literal["pause_job", "resume_job"]
    job: Literal["trading_job", "portfolio_snapshot_job", "daily_report_job"]
    id: str = Field(pattern=r"^[A-Za-z0-9-]{1,64}$")
    by: str
    at: UtcTime

    @property
    def subject(self) -> str:
        return self.SUBJECT.format(command=self.command, id=self.id)
