"""Our own rules said no to an order: a sentence for each rule of `services/executor/core/risk.py` (pure)."""

from shared.catalogue.entry import entry

BOT_STOPPED = entry("BOT_STOPPED", "봇이 중지된 상태입니다", "the bot was stopped")
BOT_PAUSED = entry("BOT_PAUSED", "봇이 일시정지된 상태입니다", "the bot was paused")
BOT_EXITS_ONLY = entry(
    "BOT_EXITS_ONLY",
    "신규 매수를 중지한 상태라 매도만 합니다",
    "the bot was told to buy nothing more: it only sells",
)
UNRESOLVED_ORDER = entry(
    "UNRESOLVED_ORDER",
    "결과를 모르는 주문 {cycle}을 먼저 정리해야 합니다: upcycle settle {cycle}",
    "an order of this market is of unknown outcome and must be settled first: upcycle settle[ {cycle}]",
    cycle="text",
)
UNREADABLE_LOG = entry(
    "UNREADABLE_LOG",
    "{cycle}의 주문 기록을 읽을 수 없어 보유 수량을 알 수 없습니다. 이 기록을 읽는 버전으로 올리거나, "
    "업비트에 주문이 없음을 확인한 뒤 upcycle settle {cycle} --not-there",
    "what an order of this market came to cannot be read by this version: upgrade, or upcycle settle"
    "[ {cycle} --not-there, once you saw that Upbit has no such order]",
    cycle="text",
)
FOREIGN_ORDER = entry(
    "FOREIGN_ORDER",
    "기록에 없는 봇 주문 {cycle}이 거래소에 있어 먼저 인수해야 합니다: upcycle adopt {cycle}",
    "the exchange has an order of this market that the log lacks: upcycle adopt[ {cycle}]",
    cycle="text",
)
BOOKS_NOT_COMPARED = entry(
    "BOOKS_NOT_COMPARED",
    "거래소의 주문 목록을 기록과 아직 대조하지 못해 매수하지 않습니다",
    "the exchange's list of orders was not held against the log yet, so nothing is bought",
)
STALE_SNAPSHOT = entry(
    "STALE_SNAPSHOT",
    "스냅샷과 호가의 시각 차이 {age}초 (한도 {limit}초)",
    "the snapshot and the order book are too far apart in time[: {age} s, limit {limit} s]",
    age="seconds",
    limit="seconds",
)
MARKET_NOT_ACTIVE = entry(
    "MARKET_NOT_ACTIVE",
    "거래소의 마켓 상태가 {state}입니다",
    "the exchange does not trade this market now[: its state is {state}]",
    state="text",
)
MARKET_WARNING = entry("MARKET_WARNING", "업비트 유의 종목이라 매수하지 않습니다", "Upbit flags this market")
BUY_BLOCKED = entry(
    "BUY_BLOCKED", "위험 신호 {hazard}로 매수가 금지된 상태입니다", "a hazard forbids buying[: {hazard}]", hazard="text"
)
DAILY_LOSS_MAX = entry(
    "DAILY_LOSS_MAX",
    "오늘 전체 종목 실현 손실 {lost} (한도 {limit})",
    "today's loss over all markets has reached its limit[: {lost}, limit {limit}]",
    lost="won",
    limit="won",
)
COOLDOWN_AFTER_LOSS = entry(
    "COOLDOWN_AFTER_LOSS",
    "손실 매도 후 {passed}분 경과 (대기 {limit}분)",
    "too soon after a sale at a loss[: {passed} of {limit} min]",
    passed="minutes",
    limit="minutes",
)
ORDERS_PER_DAY_MAX = entry(
    "ORDERS_PER_DAY_MAX",
    "오늘 전체 종목 주문 {orders}건 (한도 {limit}건)",
    "today's orders over all markets have reached their limit[: {orders}, limit {limit}]",
    orders="count",
    limit="count",
)
POSITION_GONE = entry(
    "POSITION_GONE",
    "{cycle} 사이클에서 연 포지션은 이미 정리되었습니다",
    "the position this exit was for is closed already[: that of {cycle}]",
    cycle="text",
)
NOTHING_TO_SELL = entry("NOTHING_TO_SELL", "매도할 수 있는 보유 수량이 없습니다", "nothing is held that may be sold")
BELOW_MINIMUM = entry(
    "BELOW_MINIMUM",
    "주문 금액 {value} (최소 {least})",
    "the order is below the exchange's minimum[: {value}, at least {least}]",
    value="won",
    least="won",
)
INSUFFICIENT_KRW = entry(
    "INSUFFICIENT_KRW",
    "주문 가능 원화 {free} (수수료 포함 {needed} 필요)",
    "not enough cash, fee included[: {free}, {needed} are needed]",
    free="won",
    needed="won",
)
POSITION_MAX = entry(
    "POSITION_MAX",
    "매수 후 보유 평가액 {value} (한도 {limit})",
    "the position would grow beyond its limit[: {value}, limit {limit}]",
    value="won",
    limit="won",
)
SPREAD_TOO_WIDE = entry(
    "SPREAD_TOO_WIDE",
    "호가 차이 {spread:2} (한도 {limit:2})",
    "bid and ask are too far apart for a buy[: {spread:2}, limit {limit:2}]",
    spread="share",
    limit="share",
)
BOOK_TOO_THIN = entry(
    "BOOK_TOO_THIN",
    "호가 {levels}단계로는 주문을 다 채울 수 없습니다",
    "the order book is too thin for the order[: its {levels} levels do not fill it]",
    levels="count",
)
DEPTH_SLIPPAGE = entry(
    "DEPTH_SLIPPAGE",
    "예상 최악 체결가 차이 {worst:2} (한도 {limit:2})",
    "the buy would walk the book too far[: {worst:2}, limit {limit:2}]",
    worst="share",
    limit="share",
)
