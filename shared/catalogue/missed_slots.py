"""What is known of a slot that was not traded, beyond its cause; and what is wrong with the time (pure)."""

from typing import Protocol

from shared.catalogue.entry import Entry, Values, unprompted
from shared.reason import Figure, Reason


def _clock(code: str, ko: str, en: str) -> Entry:
    return unprompted(
        code,
        "이 컴퓨터의 시계가 거래소보다 " + ko,
        "this machine's clock is [{fast} s ahead of|{slow} s behind] the exchange's" + en,
        fast="seconds",
        slow="seconds",
    )


LATE = unprompted("LATE_START", "{late}초 늦음", "{late} s after the slot", late="seconds")
CLOCK_OFF = _clock("CLOCK_OFF", "[{fast}초 빠름|{slow}초 느림]", "")
HALTED_BY = unprompted("HALTED_BY", "요청: {by}", "by {by}", by="text")
JOB_PAUSED_BY = unprompted("JOB_PAUSED_BY", "{job} 일시정지, 요청: {by}", "{job} paused by {by}", job="text", by="text")
NOT_ENDED = unprompted("NOT_ENDED", "{before}", "{before} has not ended", before="text")
UNREADABLE_SLOT = unprompted("UNREADABLE_SLOT", "읽을 수 없는 기록: {line}", "nobody can read {line}", line="text")

CLOCK_WRONG = _clock(
    "CLOCK_WRONG",
    "[{fast}초 빠릅니다|{slow}초 느립니다]. 시계를 맞출 때까지 사이클을 시작하지 않습니다",
    ": no slot is started until it is set",
)
LOG_AHEAD = unprompted(
    "LOG_AHEAD",
    "기록에 있는 {market}의 마지막 시각 {slot}은 아직 오지 않았습니다. 그때 시계가 빨랐거나 지금 시계가 느립니다. "
    "이 기록은 믿지 않으며, 그때 시작하거나 놓치지 않은 다음 시각부터 거래합니다",
    "the log's newest slot of {market}, {slot}, lies in the future: the clock was ahead then, or is behind now. "
    "It is not believed; the next slot that was not started or missed then is traded",
    market="text",
    slot="text",
)


class _Missed(Protocol):
    """Whatever keeps what is known of a missed slot beyond its cause."""

    @property
    def detail(self) -> str: ...

    @property
    def reason_code(self) -> str: ...

    @property
    def figures(self) -> tuple[Figure, ...]: ...


def more_of(missed: _Missed) -> Reason | None:
    """Give what is known beyond its cause, if anything is."""
    if not (missed.reason_code or missed.detail):
        return None
    return Reason(missed.reason_code, missed.figures, text=missed.detail)


def skewed(entry: Entry, skew_s: float) -> Reason:
    """skew_s: see shared.skew."""
    values: Values = {"fast" if skew_s > 0 else "slow": abs(skew_s)}
    return entry.because(values)
