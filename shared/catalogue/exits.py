"""A position is closed between the hourly cycles (pure)."""

from shared.catalogue.entry import Entry, entry, unprompted


def _exit(rule: str, ko: str, en: str) -> Entry:
    return unprompted(
        f"EXIT_{rule}",
        ko + "[, 나눠 파는 {step}번째 주문]",
        en + "[, order {step} of the sale]",
        price="price",
        change="share",  # against what was paid, or against the peak
        limit="share",
        step="count",
    )


STOP_LOSS = _exit(
    "STOP_LOSS",
    "손절: 현재가 {price}, 매입가 대비 {change:+2} (한도 -{limit:2})",
    "stop-loss: the price fell to the limit below what was paid[: {price}, {change:+2} (limit -{limit:2})]",
)
TRAILING_STOP = _exit(
    "TRAILING_STOP",
    "추적 손절: 현재가 {price}, 고점 대비 {change:+2} (한도 -{limit:2})",
    "trailing stop: the price fell to the limit below its peak[: {price}, {change:+2} (limit -{limit:2})]",
)
TAKE_PROFIT = _exit(
    "TAKE_PROFIT",
    "익절: 현재가 {price}, 매입가 대비 {change:+2} (목표 +{limit:2})",
    "take-profit: the price rose to the limit above what was paid[: {price}, {change:+2} (aim +{limit:2})]",
)
OWNER = unprompted(
    "EXIT_OWNER",
    "직접 매도: {by}에서 요청",
    "the owner asked for the sale[: by {by}]",
    by="text",
)
SALE_TOO_LATE = entry(
    "SALE_TOO_LATE",
    "요청한 지 {age}초가 지나 매도하지 않았습니다 (한도 {limit}초). 지금도 원하면 다시 요청하세요",
    "the owner's request to sell came too late and was not carried out[: {age} s, limit {limit} s]",
    age="seconds",
    limit="seconds",
)
SALE_UNHEARD = unprompted(
    "SALE_UNHEARD",
    "실행 서비스가 응답하지 않아 지금은 팔 수 없습니다. upcycle status 로 확인하세요. "
    "급하면 봇이 있는 컴퓨터에서 upcycle panic --sell",
    "no executor listens, so nothing would be sold: look with upcycle status; on the bot's machine "
    "upcycle panic --sell sells all it holds",
)
PANIC = unprompted(
    "EXIT_PANIC",
    "긴급 청산: {by}",
    "panic: the owner closed the position by hand[: {by}]",
    by="text",
)
BY_RULE = {
    "stop_loss": STOP_LOSS,
    "trailing_stop": TRAILING_STOP,
    "take_profit": TAKE_PROFIT,
    "owner": OWNER,
    "panic": PANIC,
}
