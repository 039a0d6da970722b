"""What became of an order, where it is no plain yes (pure)."""

from shared.catalogue.entry import entry, unprompted

NEVER_SENT = entry(
    "NEVER_SENT",
    "주문을 5초 안에 거래소로 보내지 못했습니다. 주문은 없습니다",
    "the order did not reach the exchange within its 5 seconds, so it was never sent; there is none",
)
NOT_EXECUTED = entry(
    "NOT_EXECUTED",
    "체결된 수량 없이 주문이 종료되었습니다",
    "the exchange took the order and executed nothing of it",
)
ORDER_UNRESOLVED = entry(
    "ORDER_UNRESOLVED",
    "주문 결과를 확인하지 못했습니다 ([{cause}||{said}]). 업비트에서 {order} 주문을 직접 확인하세요.",
    "the exchange gave no answer about the order in time[ ({cause})|| ({said})][; look for {order} at Upbit yourself]",
    order="text",  # its name
    cause="code",  # of the fault over which its stage gave up
)
IDENTIFIER_TAKEN = entry(
    "IDENTIFIER_TAKEN",
    "거래소에 이미 {order} 주문이 있는데 이 봇이 보낸 것이 아닙니다. 같은 계정을 쓰는 봇이 또 있는지 확인하세요 "
    "(데이터 폴더 복사본, 다른 컴퓨터). 봇을 일시정지했고 이 주문은 장부에 적지 않았습니다. "
    "정리: upcycle settle {cycle}",
    "the exchange had an order of this name that is not ours: another bot uses the account"
    "[; the bot is paused; settle {order}: upcycle settle {cycle}]",
    order="text",
    cycle="text",
)
# Why the outcome is not known, where the exchange did answer.
STILL_OPEN = unprompted(
    "ORDER_STILL_OPEN", "주문이 아직 {state} 상태입니다", "the order is still in the state {state}", state="text"
)
ANOTHER_ORDER = unprompted(
    "ANOTHER_ORDER",
    "거래소의 {name} 주문은 {market} {side} 주문입니다",
    "the exchange's order {name} is a {side} of {market}",
    name="text",
    market="text",
    side="text",
)
MORE_EXECUTED = unprompted(
    "MORE_EXECUTED",
    "거래소의 {name} 주문은 이 봇이 낸 것보다 많이 체결되었습니다",
    "more of the exchange's order {name} was executed than this bot ordered",
    name="text",
)
EXECUTED_BEFORE = unprompted(
    "EXECUTED_BEFORE",
    "거래소의 {name} 주문은 이 봇이 시장을 보기도 전에 체결되었습니다: 이 봇의 주문이 아닙니다",
    "the exchange's order {name} was executed before this bot even looked at the market: it is not this bot's",
    name="text",
)
DECISION_LOST = unprompted(
    "DECISION_LOST",
    "판단 기록을 읽을 수 없습니다",
    "the record of the decision cannot be read",
)
ORDER_ADOPTED = unprompted(
    "ORDER_ADOPTED",
    "기록에 없던 주문을 거래소에서 인수했습니다",
    "an order that the log lacked was taken over from the exchange",
)
