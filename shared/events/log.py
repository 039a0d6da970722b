"""What the log says of itself: whose it is, and that a person went on with it after it had lost something."""

from typing import Literal

from pydantic import Field

from shared.events.base import Event
from shared.types import UtcTime


class LogOpened(Event):
    """Whose log this is: told once for ever, right after the stream was made.

    installation: a random name that data folder, journal and log share. mode: of the account it trades on. Two logs of
    one tape differ here on purpose: no cycle holds it, so replay compares none of it.
    """

    SUBJECT = "ev.opened"
    kind: Literal["LogOpened"] = "LogOpened"
    installation: str = Field(pattern=r"^[A-Za-z0-9-]{1,64}$")
    mode: Literal["paper", "live"]
    at: UtcTime

    @property
    def subject(self) -> str:
        return self.SUBJECT


class LogAccepted(Event):
    """The owner goes on with a log that was put back from an older copy. end: its last message until then."""

    SUBJECT = "ev.accepted.{id}"
    kind: Literal["LogAccepted"] = "LogAccepted"
    id: str = Field(pattern=r"^[A-Za-z0-9-]{1,64}$")
    end: int
    by: str
    at: UtcTime

    @property
    def subject(self) -> str:
        return self.SUBJECT.format(id=self.id)
