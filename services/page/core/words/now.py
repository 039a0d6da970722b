"""The first screen (pure)."""

from services.page.core.words.both import Both
from shared.glossary import STAGE_NAMES

WORDS = {
    "todo": Both("확인할 일", "To look at"),
    "key_ended": Both("업비트 키가 끝났거나 오늘 끝납니다", "Upbit's key has ended, or ends today"),
    "key_ends": Both("업비트 키 {n}일 남음", "Upbit's key: {n} days left"),
    "short": Both("계좌가 장부보다 모자란 종목 {n}", "markets with fewer coins than the books: {n}"),
    "unresolved": Both("주문 결과 불명 {n}", "orders of unknown outcome: {n}"),
    "dead_letters": Both("처리 못한 메시지 {n}", "dead letters: {n}"),
    "slots_missed": Both("놓친 시간 {n}", "missed hours: {n}"),
    "value": Both("지금 자산", "What you own"),
    "valued_at": Both("{at} 기준", "as of {at}"),
    "day_ago": Both("24시간 전보다", "than 24 hours ago"),
    "cash": Both("현금", "Cash"),
    "coins": Both("코인", "Coins"),
    "next_run": Both("다음 실행", "Next run"),
    "no_next": Both("없음", "none"),
    "not_valued": Both(
        "아직 평가한 적이 없습니다. 매시 정각에 평가합니다.", "Not valued yet. It is valued on each hour."
    ),
    "value_line": Both(
        "지난 {n}시간 자산: 최저 {low}, 최고 {high}", "Value over {n} hours: lowest {low}, highest {high}"
    ),
    "cycle_of": Both("{at} 사이클", "cycle of {at}"),
    "no_cycle": Both("아직 사이클이 없습니다", "No cycle yet"),
    "no_cycle_yet": Both(
        "첫 사이클이 끝나면 여기에 결과와 이유가 나옵니다. 그 전에는 판단도 주문도 없습니다.",
        "The first cycle shows here with its outcome and why. Before it there is no decision and no order.",
    ),
    "stages": Both("단계", "Stages"),
    "collector": Both(STAGE_NAMES["ko"]["collector"], "Collect"),
    "filter": Both(STAGE_NAMES["ko"]["filter"], "Gate"),
    "analyst": Both(STAGE_NAMES["ko"]["analyst"], "Analyse"),
    "executor": Both(STAGE_NAMES["ko"]["executor"], "Execute"),
    "notifier": Both(STAGE_NAMES["ko"]["notifier"], "Notify"),
    "done": Both("끝남", "done"),
    "working": Both("진행 중", "working"),
    "rejected": Both("거절", "rejected"),
    "waiting": Both("대기", "waiting"),
    "not_needed": Both("없음", "not needed"),
    "failed": Both("실패", "failed"),
    "unlogged": Both("기록 안 함", "not logged"),
    "win_rate": Both("지난 1년 승률", "Win rate of the year"),
    "limit": Both("기준 {limit}", "limit {limit}"),
    "lacking": Both("{distance} 모자람", "{distance} short"),
    "points": Both("%p", "pp"),
    "passed": Both("통과", "passed"),
    "held": Both("봇 보유", "Bot holds"),
    "bought_at": Both("매입가 {price}", "bought at {price}"),
    "unrealised": Both("미실현 손익", "Unrealised"),
    "last_day": Both("지난 24시간", "Last 24 hours"),
    "no_hours": Both("기록 없음", "nothing recorded"),
    "last_trades": Both("최근 체결", "Last trades"),
    "why_this": Both("이 시간 자세히", "This hour in full"),
}
