"""What happens beside the cycles."""

from typing import Literal

from pydantic import Field

from shared.events.base import Event
from shared.types import UtcTime


class ControlGiven(Event):
    """The owner (or a service on its way up or down) changed what the bot is to do."""

    SUBJECT = "ev.control.{command}.{id}"
    kind: Literal["ControlGiven"] = "ControlGiven"
    command: Literal["start", "stop", "pause", "resume"]
    id: str = Field(pattern=r"^[A-Za-z0-9-]{1,64}$")
    by: str
    at: UtcTime

    @property
    def subject(self) -> str:
        return self.SUBJECT.format(command=self.command, id=self.id)


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
