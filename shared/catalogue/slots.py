"""A slot that is not now, by the exchange's clock (pure)."""

from shared.catalogue.entry import entry

CLOCK_SKEW = entry(
    "CLOCK_SKEW",
    "이 컴퓨터의 시계가 거래소보다 [{fast}초 빠릅니다|{slow}초 느립니다]. "
    "시계를 맞추세요(NTP). 이 시각은 거래하지 않고, 다시 시작하지도 않습니다",
    "this machine's clock is more than 30 s off the exchange's[ ({fast} s fast)][ ({slow} s slow)]: set it by NTP; "
    "the slot is not traded",
    fast="seconds",
    slow="seconds",
)
SLOT_OVER = entry(
    "SLOT_OVER",
    "거래소 시계로 이미 {late}초 지난 시각이라 거래하지 않습니다",
    "the exchange's clock says that this slot is over[, by {late} s]",
    late="seconds",
)
SLOT_AHEAD = entry(
    "SLOT_AHEAD",
    "거래소 시계로 아직 {early}초 남은 시각입니다. "
    "시작한 컴퓨터의 시계가 빨랐습니다. 이 시각은 거래하지 않고, 다시 시작하지도 않습니다",
    "the exchange's clock has not come to this slot[ by {early} s]: it was started by a wrong clock, and is not traded",
    early="seconds",
)
BOOK_TOO_OLD = entry(
    "BOOK_TOO_OLD",
    "호가창이 이 시각보다 {older}초 오래되어 거래하지 않습니다",
    "the order book is older than the slot by more than 10 minutes[: by {older} s]",
    older="seconds",
)
