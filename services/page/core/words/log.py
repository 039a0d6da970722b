"""The log (pure)."""

from services.page.core.words.both import Both

WORDS = {
    "all": Both("전체", "All"),
    "all_markets": Both("모든 종목", "All markets"),
    "market": Both("종목", "Market"),
    "kind": Both("결과", "Outcome"),
    "only_trouble": Both("문제만", "Only trouble"),
    "older": Both("더 오래된 것", "Older"),
    "none_so_far": Both("{at}까지 거슬러 보아도 없습니다.", "None back to {at}."),
    "none_such": Both("여기에 맞는 기록이 없습니다.", "Nothing of this kind."),
    "times": Both("{n}번", "× {n}"),
    "missed_slots": Both("놓친 시간", "Missed hours"),
    "unsettled": Both("{coin} 주문 결과를 모릅니다", "{coin}: an order of unknown outcome"),
    "settle_first": Both(
        "먼저 업비트에 다시 물어보세요. 대부분 여기서 끝납니다. 정리할 때까지 이 종목은 사지 않습니다.",
        "First ask Upbit again; most end here. Until it is settled, nothing of this market is bought.",
    ),
    "settle_look": Both(
        "답이 없으면 업비트 앱의 투자내역에서 찾아보세요. 그런 주문이 없을 때만 이렇게 적습니다.",
        "If there is no answer, look for the order in Upbit's app. Only if it is not there, say so:",
    ),
    "settle_whose": Both(
        "업비트 앱에서 보니 다른 봇의 주문이면 이렇게 적습니다.",
        "If Upbit's app shows that another bot sent it, say so:",
    ),
    "foreign": Both("기록에 없는 {coin} 주문이 거래소에 있습니다", "{coin}: the exchange has an order the log lacks"),
    "foreign_do": Both(
        "먼저 무엇인지 보고, 이 봇의 것이면 넘겨받으세요. 그때까지 이 종목은 거래하지 않습니다.",
        "Look at it first; if it is this bot's, take it over. Until then this market stands still.",
    ),
    "dead": Both("처리하지 못한 메시지 {n}건", "Messages that nobody could handle: {n}"),
    "tried": Both("{n}번 시도.", "Tried {n} times."),
    "dead_do": Both(
        "원인을 고친 뒤 위의 명령으로 다시 처리합니다. 내용은 upcycle dead show로 보고, "
        "upcycle dead drop --why로 치웁니다.",
        "Mend the cause, then use the command above. upcycle dead show shows one, upcycle dead drop --why removes it.",
    ),
    "files": Both("내려받기", "Download"),
    "csv_trades": Both("체결 CSV", "Trades as CSV"),
    "csv_cycles": Both("사이클 CSV (최근 5,000개)", "Cycles as CSV (the newest 5,000)"),
    "csv_decisions": Both("분석가 판단 CSV (최근 5,000개)", "What the analyst said as CSV (the newest 5,000)"),
}
