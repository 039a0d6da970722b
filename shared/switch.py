"""What the bucket's wish and the log's commands come to: the more restrictive of the two (pure).

So a stop holds if either of them has it, and a start needs both. What is missing or unreadable is *paused*.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from shared.catalogue import sentence
from shared.reason import Figure, Reason
from shared.types import Language, UtcTime

Status = Literal["running", "exits-only", "paused", "stopped"]
Command = Literal["start", "stop", "pause", "resume", "exits-only"]
Fault = Literal["", "missing", "deleted", "unreadable", "lost", "untold"]

COMMANDS: tuple[Command, ...] = ("start", "stop", "pause", "resume", "exits-only")
SELLS: tuple[Status, ...] = ("running", "exits-only")  # where cycles start, and what is held may be sold
WISH = "wish"  # its key in the bucket
FIRST = ("default", "topology")  # who sets a wish that nobody has changed
SETTING = "settings"
_RESTRICTS: dict[Status, int] = {"running": 0, "exits-only": 1, "paused": 2, "stopped": 3}
_WRONG: dict[Language, dict[Fault, str]] = {
    "ko": {
        "missing": "브로커에 봇의 스위치가 없습니다",
        "deleted": "브로커에서 봇의 스위치가 지워졌습니다",
        "unreadable": "브로커에 있는 봇의 스위치를 읽을 수 없습니다",
        "lost": "기록은 있는데 봇의 스위치가 없었습니다",
        "untold": "봇의 스위치가 API를 거치지 않고 바뀌었습니다: 기록에 그런 명령이 없습니다",
    },
    "en": {
        "missing": "the bot's switch is missing from the broker",
        "deleted": "the bot's switch was deleted from the broker",
        "unreadable": "the bot's switch on the broker cannot be read",
        "lost": "the bot's switch was not there beside a log that holds events",
        "untold": "the bot's switch was changed past the API: the log has no such command",
    },
}
_TODO: dict[Language, str] = {
    "ko": "{wrong}. 봇은 {status} 상태입니다. 까닭을 살핀 뒤: upcycle {todo}",
    "en": "{wrong}; the bot is {status}; look why, then: upcycle {todo}",
}
_CLOCK_STOPPED: dict[Language, str] = {
    "ko": "시계가 더는 사이클을 시작하지 않습니다: {why}",
    "en": "the clock starts no cycle any more: {why}",
}
_STATUS_KO: dict[Status, str] = {
    "running": "실행 중",
    "exits-only": "매수 중지",
    "paused": "일시정지",
    "stopped": "정지",
}


class DesiredState(BaseModel):
    """The state the owner asked for, and how."""

    model_config = ConfigDict(frozen=True)

    status: Status = "running"
    by: str = "default"
    at: UtcTime | None = None
    command: Command | None = None
    before: Status | None = None  # of a stop by SCHEDULER_ENABLED=false: what it goes back to


class Job(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: str
    next_run: UtcTime | None  # None: it will not run
    note: str = ""  # of an older clock alone, in English
    reason_code: str = ""
    figures: tuple[Figure, ...] = ()

    @classmethod
    def of(cls, id: str, next_run: UtcTime | None, why: Reason | None) -> "Job":
        told = {"reason_code": why.code, "figures": why.figures} if why else {}
        return cls(id=id, next_run=next_run, **told)

    @property
    def why(self) -> Reason | None:
        """Why it does not run, or how a tape stands; None where there is nothing to say."""
        return Reason(self.reason_code, self.figures, text=self.note) if self.reason_code or self.note else None

    def say(self, language: Language) -> str:
        return sentence(self.why, language) if self.why else ""


class DesiredJobState(BaseModel):
    """Whether the owner lets one job run; a job nobody ever halted runs."""

    model_config = ConfigDict(frozen=True)

    paused: bool = False
    by: str | None = None
    at: UtcTime | None = None


class Heartbeat(BaseModel):
    """Written by the clock every 10 s."""

    model_config = ConfigDict(frozen=True)

    at: UtcTime
    started_at: UtcTime
    interval_min: int
    jobs: tuple[Job, ...]
    fault: str = ""  # of an older clock alone: what is wrong with the time, in one sentence
    fault_code: str = ""
    figures: tuple[Figure, ...] = ()
    stopped: str = ""  # of an older clock alone: why it starts no cycle any more, in English
    stop_code: str = ""  # why it starts no cycle any more, though it is alive
    stop_figures: tuple[Figure, ...] = ()
    is_tape: bool | None = None  # whether its time is a tape's; None: an older clock did not say

    @property
    def wrong_time(self) -> Reason | None:
        """What is wrong with the time; None where nothing is."""
        return Reason(self.fault_code, self.figures, text=self.fault) if self.fault or self.fault_code else None

    def notice(self, language: Language) -> str:
        """That it starts no cycle any more, in one sentence; empty where it does."""
        if not (self.stop_code or self.stopped):
            return ""
        why = sentence(Reason(self.stop_code, self.stop_figures, text=self.stopped), language)
        return _CLOCK_STOPPED[language].format(why=why)


class SwitchState(DesiredState):
    """What the bot is to do. fault: why the wish in the bucket is not to be relied on; empty where it is."""

    fault: Fault = ""

    @property
    def trouble(self) -> str:
        return self.notice("en")

    def notice(self, language: Language) -> str:
        """What is wrong, in one sentence with what to do; empty where nothing is."""
        if not self.fault:
            return ""
        status = _STATUS_KO[self.status] if language == "ko" else self.status
        todo = "start" if self.status == "stopped" else "resume"
        return _TODO[language].format(wrong=_WRONG[language][self.fault], status=status, todo=todo)


class Given(NamedTuple):
    """The last command of its name in the log. at: None where its event cannot be read."""

    seq: int
    by: str
    at: UtcTime | None


Commands = Mapping[Command, Given]


def state(stored: DesiredState | Fault, commands: Commands) -> SwitchState:
    """stored: the bucket's wish, or why there is none."""
    wish = stored if isinstance(stored, DesiredState) else paused_by_nobody(stored)
    said = of_log(commands)
    counts = said if _RESTRICTS[said.status] > _RESTRICTS[wish.status] else wish
    fault = _fault(stored, commands) if isinstance(stored, DesiredState) else stored
    return SwitchState(**counts.model_dump(), fault=fault)


def paused_by_nobody(fault: Fault) -> DesiredState:
    """What stands in for a wish that is not there."""
    return DesiredState(status="paused", by=f"nobody: {_WRONG['en'][fault]}")


def of_log(commands: Commands) -> DesiredState:
    """What the commands in the log come to. A pause that comes after a stop takes nothing back of it.

    Exits-only takes a pause back, but not where its event cannot be read.
    """
    last = {name: commands[name].seq if name in commands else 0 for name in COMMANDS}
    exits = commands.get("exits-only")
    lifted = exits.seq if exits and exits.at else 0
    if last["stop"] > last["start"]:
        return _wish("stopped", "stop", commands)
    if last["pause"] > max(last["start"], last["resume"], lifted):
        return _wish("paused", "pause", commands)
    if last["exits-only"] > max(last["start"], last["resume"]):
        return _wish("exits-only", "exits-only", commands)
    return DesiredState()


def is_told(wish: DesiredState, commands: Commands) -> bool:
    """Whether the log has the command that made this wish as the last of its name."""
    names = COMMANDS if wish.command is None else (wish.command,)
    return wish.at is not None and any(commands[name].at == wish.at for name in names if name in commands)


def _fault(wish: DesiredState, commands: Commands) -> Fault:
    if wish.by in FIRST:
        if wish.status != "running":
            return "lost"
        return "untold" if set(commands) - {"pause"} else ""  # an executor can pause by the log alone
    return "" if wish.by == SETTING or is_told(wish, commands) else "untold"


def _wish(status: Status, command: Command, commands: Commands) -> DesiredState:
    given = commands[command]
    return DesiredState(status=status, by=given.by, at=given.at, command=command)
