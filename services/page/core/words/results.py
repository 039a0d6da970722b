"""What was earned (pure)."""

from services.page.core.words.both import Both

WORDS = {
    "span": Both("기간", "Span"),
    "span_7": Both("7일", "7 days"),
    "span_30": Both("30일", "30 days"),
    "span_365": Both("1년", "1 year"),
    "periods": Both("표의 단위", "Periods of the table"),
    "by_day": Both("날마다", "By day"),
    "by_week": Both("주마다", "By week"),
    "by_month": Both("달마다", "By month"),
    "day": Both("날", "Day"),
    "week": Both("주 (월요일)", "Week of"),
    "month": Both("달", "Month"),
    "by_market": Both("종목마다", "By market"),
    "since_start": Both("처음부터", "since the start"),
    "worth": Both("자산의 흐름", "What it was worth"),
    "bot": Both("봇", "the bot"),
    "bot_made": Both("이 기간에 봇은", "Over this span the bot made"),
    "holding_made": Both("그냥 들고 있었다면", "holding would have made"),
    "holding": Both("단순 보유", "holding"),
    "holding_is": Both("(처음에 종목마다 똑같이 사서 그대로)", "(the same in each market at first, then left alone)"),
    "deepest": Both("가장 깊은 낙폭", "Deepest fall"),
    "as_table": Both("표로 보기", "As a table"),
    "earned": Both("번 돈", "Earned"),
    "realised": Both("실현 손익", "Realised"),
    "fees_in": Both("수수료를 뺀 값", "after fees"),
    "fees": Both("수수료", "Fees"),
    "n_trades": Both("체결 {n}번", "{n} trades"),
    "trades": Both("체결", "Trades"),
    "sample": Both(
        "매도 {n}번 중 {wins}번이 이익이라 승률은 {share}이지만, 95 % 구간은 {low}–{high}입니다.",
        "{wins} of {n} sales made a profit, {share}; the true share lies between {low} and {high} (95 %).",
    ),
    "sample_small": Both(
        "이 표본으로는 실력과 운을 가를 수 없습니다. 적어도 매도 {n}번은 있어야 합니다.",
        "That is too few to tell skill from luck; at least {n} sales are needed.",
    ),
    "sample_fair": Both(
        "지난 성과가 앞으로를 보장하지는 않습니다.", "What was earned says nothing certain about what comes."
    ),
    "no_trades": Both("이 기간에는 체결이 없습니다.", "No trade in this span."),
    "gate_said": Both("게이트는 얼마나 자주 막았나", "How often the gate said no"),
    "gate_since": Both("{at}부터 판단 {n}번", "{n} decisions since {at}"),
    "gate_passed": Both("통과", "Passed"),
    "gate_rejected": Both("거절", "Said no"),
    "gate_exit_only": Both("청산만", "Only sales"),
    "gate_short": Both("평균 부족", "Short by, on average"),
    "where_short": Both("승률이 모자란 시간에서", "where the win rate fell short"),
    "n_hours": Both("{n}번", "{n} times"),
}
