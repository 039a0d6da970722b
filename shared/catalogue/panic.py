"""What a panic says as it goes, of a market or of an order under way, and what it left undone (pure)."""

from shared.catalogue.entry import unprompted

PAUSED = unprompted(
    "PANIC_PAUSED",
    "일시정지했습니다. 봇이 있는 컴퓨터에서 새 주문이 나가지 않습니다",
    "paused: no new order leaves the bot's machine",
)

# Of a position, by its market.
HOLDS_NOTHING = unprompted(
    "PANIC_HOLDS_NOTHING",
    "봇이 보유한 코인이 없습니다",
    "by the {source} the bot holds nothing",
    source="text",
)
NOT_ASKED = unprompted(
    "PANIC_NOT_ASKED",
    "{volume} 보유 중입니다. 매도를 요청하지 않아 팔지 않았습니다",
    "holds {volume}; upcycle panic --sell sells it",
    volume="text",
)
SOLD = unprompted(
    "PANIC_SOLD",
    "{volume} 매도, 평균 {price}, 합계 {funds}[. 나머지 {left}는 다음 주문으로 팝니다]",
    "sold {volume} at {price} on average, {funds} in all[; {left} left for the next order]",
    volume="text",
    price="price",
    funds="won",
    left="text",
)
NOT_SOLD = unprompted("PANIC_NOT_SOLD", "팔지 못했습니다: {cause}", "NOT sold: {cause}", cause="code")
NOT_SENT = unprompted(
    "PANIC_NOT_SENT",
    "팔지 못했습니다. 주문을 보내지 않았습니다[ ({said})]. 다시 실행하세요",
    "NOT sold, nothing was sent[: {said}]; run it again",
)
SALE_UNKNOWN = unprompted(
    "PANIC_SALE_UNKNOWN",
    "팔렸는지 알 수 없습니다[ ({cause})|| ({said})]. 다시 실행하거나 업비트에서 직접 확인하세요",
    "UNKNOWN whether it was sold[ ({cause})|| ({said})]; run it again, or look yourself",
    cause="code",
)
IN_DOUBT = unprompted(
    "PANIC_IN_DOUBT",
    "팔지 않았습니다. 이 종목에 결과를 모르는 주문이 있습니다. 다시 실행하거나 업비트에서 직접 확인하세요",
    "NOT sold: what became of an order there is unknown; run it again, or look yourself",
)
UNREADABLE = unprompted(
    "PANIC_UNREADABLE",
    "{place} 기록을 읽을 수 없어 봇이 여기서 무엇을 보유하는지 알 수 없습니다",
    "{place} cannot be read, so what the bot holds there is not known",
    place="text",
)
LEFT = unprompted(
    "PANIC_LEFT",
    "주문 {orders}번 뒤에도 {volume} 남았습니다. 다시 실행하면 이어서 팝니다",
    "{volume} left after {orders} orders; run it again to go on",
    volume="text",
    orders="count",
)

# Of an order that was under way, by its cycle.
TAKEN_UP = unprompted(
    "PANIC_TAKEN_UP",
    "앞선 패닉이 끝내지 못한 주문을 이어서 처리합니다",
    "an earlier panic left it unfinished: going on with it",
)
NOTHING_EXECUTED = unprompted(
    "PANIC_NOTHING_EXECUTED",
    "진행 중이던 주문은 체결된 수량 없이 끝났습니다",
    "of the {side} under way nothing was executed",
    side="text",
)
EXECUTED = unprompted(
    "PANIC_EXECUTED",
    "진행 중이던 주문은 {volume} 체결되었습니다",
    "of the {side} under way {volume} was executed",
    side="text",
    volume="text",
)
ORDER_UNKNOWN = unprompted(
    "PANIC_ORDER_UNKNOWN",
    "진행 중이던 주문의 결과를 알 수 없습니다[ ({cause})|| ({said})]. 업비트에서 직접 확인하세요",
    "UNKNOWN what became of the {side} under way[ ({cause})|| ({said})]; look yourself",
    side="text",
    cause="code",
)
NAME_TAKEN = unprompted(
    "PANIC_NAME_TAKEN",
    "이 봇이 주문을 보내기 전에 거래소에 같은 이름의 주문이 있었습니다. 같은 계정을 쓰는 봇이 또 있을 수 있습니다. "
    "누구의 주문인지 알려 주실 때까지 장부에 적지 않습니다: upcycle settle {cycle}",
    "the exchange had an order of this name before this bot sent its {side}: another bot may use this account, and "
    "nothing of it is booked before you say whose it is: upcycle settle {cycle}",
    side="text",
    cycle="text",
)
MAY_ARRIVE = unprompted(
    "PANIC_MAY_ARRIVE",
    "거래소에 없는 매수 주문이지만 아직 도착할 수 있습니다. {seconds}초 뒤에 다시 실행하세요",
    "the exchange has no such order of the buy under way, but it MAY STILL ARRIVE: run panic again in {seconds} s",
    seconds="seconds",
)
ABSENT = unprompted(
    "PANIC_ABSENT",
    "진행 중이던 매수 주문은 거래소에 없습니다",
    "the exchange has no such order of the buy under way",
)
FOREIGN_SALE = unprompted(
    "PANIC_FOREIGN_SALE",
    "기록에 없는 매도입니다. 다른 봇이 이 봇의 코인을 팔았을 수 있습니다: upcycle adopt",
    "A SALE THAT THE LOG LACKS, so another bot may have sold what this one held: upcycle adopt",
)
FOREIGN_PANIC = unprompted(
    "PANIC_FOREIGN_PANIC",
    "기록에 없는 매도입니다. 다른 데이터 폴더(복사본?)의 패닉이 이 봇의 코인을 팔았을 수 있습니다: upcycle adopt",
    "A SALE THAT THE LOG LACKS, so A PANIC OF ANOTHER DATA FOLDER (a copy?) may have sold what this one held: "
    "upcycle adopt",
)

# Of what it works by.
LOG_AWAY = unprompted(
    "PANIC_LOG_AWAY", "지금 기록을 쓸 수 없습니다[: {said}]", "the event log cannot be used now[: {said}]"
)
LOG_BEHIND = unprompted(
    "PANIC_LOG_BEHIND", "기록이 예전 것으로 되돌려졌습니다[: {said}]", "[{said}||the event log was put back]"
)
LIST_AWAY = unprompted(
    "PANIC_LIST_AWAY",
    "다른 봇이 같은 이름으로 팔았는지 확인하지 못했습니다[: {said}]",
    "whether another bot has sold under our names could not be seen[: {said}]",
)

# What is left undone in the end.
STILL_HELD = unprompted(
    "PANIC_STILL_HELD", "봇이 아직 {volume} 보유 중입니다", "the bot still holds {volume}", volume="text"
)
DOUBT_LEFT = unprompted("PANIC_DOUBT_LEFT", "결과를 모르는 주문이 있습니다", "what became of an order is unknown")
BUY_ARRIVING = unprompted("PANIC_BUY_ARRIVING", "매수 주문이 아직 도착할 수 있습니다", "a buy may still arrive")
WHOSE = unprompted(
    "PANIC_WHOSE",
    "누구의 주문인지 정해 주세요: upcycle settle {cycle}",
    "whose order it is must be said: upcycle settle {cycle}",
    cycle="text",
)
ONLY_JOURNAL = unprompted(
    "PANIC_ONLY_JOURNAL",
    "기록을 쓸 수 없어 이 폴더의 주문 일지에 있는 것만 처리했습니다",
    "the event log could not be used, so only what this folder's journal knows was done",
)
BLANK = unprompted(
    "PANIC_BLANK",
    "주문 일지가 비어 있어 봇이 무엇을 보유하는지 알 수 없습니다",
    "the journal is empty, so what the bot holds is not known here",
)
NO_JOURNAL = unprompted(
    "PANIC_NO_JOURNAL",
    "아무것도 취소하거나 팔지 않았습니다. 주문 일지를 쓸 수 없습니다[: {said}]",
    "NOTHING WAS CANCELLED OR SOLD: the executor's journal cannot be used[: {said}]",
)

# Of a request that came by the log.
TOO_LATE = unprompted(
    "PANIC_TOO_LATE",
    "요청한 지 {age}초가 지나 더는 취소하거나 팔지 않습니다 (한도 {limit}초). 지금도 원하면 다시 요청하세요",
    "the request is {age} s old (limit {limit} s), so nothing more is cancelled or sold; ask again if you want it",
    age="seconds",
    limit="seconds",
)
TAKEN_BACK = unprompted(
    "PANIC_TAKEN_BACK",
    "요청한 뒤에 봇을 다시 움직이게 하셔서({command}) 더는 취소하거나 팔지 않습니다",
    "the bot was set going again ({command}) after it was asked for, so nothing more is cancelled or sold",
    command="text",
)

# Of a request, before the executor has heard of it.
TO_CANCEL = unprompted(
    "PANIC_TO_CANCEL",
    "봇을 멈췄습니다. 이제 실행 서비스가 열린 주문을 취소합니다",
    "the bot is halted; the executor cancels its open orders now",
)
TO_SELL = unprompted(
    "PANIC_TO_SELL",
    "봇을 멈췄습니다. 이제 실행 서비스가 열린 주문을 취소하고 보유한 코인을 모두 팝니다",
    "the bot is halted; the executor cancels its open orders and sells all it holds now",
)
NOT_HALTED = unprompted(
    "PANIC_NOT_HALTED",
    "다른 명령이 같은 순간에 들어와 봇이 아직 멈추지 않았습니다. 한 번 더 요청하세요",
    "the bot is NOT halted: another command came in the same moment; ask once more",
)
UNHEARD = unprompted(
    "PANIC_UNHEARD",
    "실행 서비스가 응답하지 않습니다: 아직 아무것도 취소하거나 팔지 않았습니다. "
    "봇이 있는 컴퓨터에서 upcycle panic --sell 명령을 실행하세요",
    "NO EXECUTOR LISTENS: nothing is cancelled or sold yet; on the bot's machine: upcycle panic --sell",
)
ASKS_FIRST = unprompted(
    "PANIC_ASKS_FIRST",
    "결과를 모르는 주문이 있어 업비트에 먼저 물어봅니다. 답이 없으면 팔지 않고 알려 드립니다",
    "an order here is in doubt: Upbit is asked first, and without an answer it is not sold and you are told",
)
