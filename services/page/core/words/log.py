"""The log (pure)."""

from services.page.core.words.both import Both

WORDS = {
    "all": Both("전체", "All"),
    "all_markets": Both("모든 종목", "All markets"),
    "market": Both("종목", "Market"),
    "kind": Both("결과", "Outcome"),
    "only_trouble": Both("문제만", "Only trouble"),
    "older": Both("더 오래된 것", "Older"),
    "none_such": Both("여기에 맞는 기록이 없습니다.", "Nothing of this kind."),
    "csv": Both("체결 내역 CSV", "Trades as CSV"),
    "missed_slots": Both("놓친 시간", "Missed hours"),
    "missed_range": Both("{first} ~ {last}, {n}번", "{first} to {last}, {n} times"),
}
