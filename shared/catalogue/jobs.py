"""How one of the clock's jobs stands: why it does not run, or how far a tape has been played (pure)."""

from shared.catalogue.entry import unprompted

TAPE_NOT_BEGUN = unprompted("TAPE_NOT_BEGUN", "재생을 시작하기 전", "the tape has not begun")
TAPE_HOUR = unprompted(
    "TAPE_HOUR", "{hours}시간 중 {n}번째 재생 중", "hour {n} of {hours} of the tape", n="count", hours="count"
)
TAPE_OVER = unprompted("TAPE_OVER", "재생이 끝남", "the tape is over")
TAPE_STOPPED = unprompted("TAPE_STOPPED", "재생이 멈춤: {fault}", "the tape stopped: {fault}", fault="text")
SCHEDULER_OFF = unprompted("SCHEDULER_OFF", "SCHEDULER_ENABLED=false", "SCHEDULER_ENABLED=false")
JOBS_STOPPED = unprompted("JOBS_STOPPED", "봇이 중지 상태", "stopped")
TRADING_PAUSED = unprompted("TRADING_PAUSED", "봇이 일시정지 상태", "paused")
JOB_HALTED = unprompted("JOB_HALTED", "일시정지, 요청: {by}", "paused by {by}", by="text")
HALTS = frozenset({JOBS_STOPPED.code, TRADING_PAUSED.code, JOB_HALTED.code})  # the owner's own wishes
