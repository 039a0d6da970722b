"""The chart (pure)."""

from services.page.core.words.both import Both

WORDS = {
    "chart": Both("차트", "Chart"),
    "range": Both("기간", "Range"),
    "days": Both("{n}일", "{n} d"),
    "candles_of": Both("캔들과 게이트", "Candles and the gate"),
    "chart_keys": Both(
        "캔들 차트. 왼쪽·오른쪽 화살표로 캔들을 옮겨 다니고, Home과 End로 처음과 끝, 엔터로 그 시간을 엽니다. "
        "같은 내용이 아래 표에 있습니다.",
        "Candle chart. Left and right arrow move from candle to candle, Home and End to the first and the last, "
        "Enter opens the hour. The table below holds the same.",
    ),
    "touch_one": Both(
        "캔들을 누르면 그 시간에 한 일과 이유가 나옵니다.", "Touch a candle to see what was done then, and why."
    ),
    "open_hour": Both("이 시간 열기", "Open this hour"),
    "hour_at": Both("시각", "Time"),
    "close": Both("종가(원)", "Close (KRW)"),
    "change": Both("변화", "Change"),
    "done_then": Both("한 일", "Done"),
    "ohlc": Both("시 {open} · 고 {high} · 저 {low} · 종 {close}", "O {open} · H {high} · L {low} · C {close}"),
    "not_closed": Both("아직 닫히지 않은 캔들", "candle not closed yet"),
    "not_told": Both("기록 없음", "nothing recorded"),
    "and_more": Both("외 {n}시간", "and {n} h more"),
    "hours_each": Both("캔들 하나 {n}시간", "{n} hours a candle"),
    "no_candles": Both(
        "아직 캔들이 없습니다. 첫 사이클이 끝나면 나옵니다.", "No candles yet. They come with the first cycle."
    ),
    "no_data": Both(
        "백엔드가 답하지 않아 차트를 그릴 수 없습니다.", "The backend does not answer: no chart can be drawn."
    ),
    "gate_line": Both("게이트 승률", "The gate's win rate"),
    "gate_then": Both("게이트 {figure} % / 기준 {limit} %", "gate {figure} % / limit {limit} %"),
    "gate_limit": Both("기준", "limit"),
    "lines_now": Both("지금 걸린 선", "Lines in force"),
    "no_position": Both(
        "봇이 보유한 코인이 없어 걸린 선도 없습니다.", "The bot holds nothing here, so no line is in force."
    ),
    "level_cost": Both("매입가", "Paid"),
    "level_stop_loss": Both("손절", "Stop loss"),
    "level_trailing_stop": Both("추적 손절", "Trailing stop"),
    "level_take_profit": Both("익절", "Take profit"),
    "share_stop_loss": Both("매입가 −{share}", "paid −{share}"),
    "share_trailing_stop": Both("고점 −{share}", "peak −{share}"),
    "share_take_profit": Both("매입가 +{share}", "paid +{share}"),
    "level_off": Both("정하지 않음", "not set"),
    "level_unknown": Both("고점을 알 수 없음", "its peak is not known"),
    "peak": Both("캔들로 본 고점 {price}", "peak of the candles {price}"),
    "marks_mean": Both("표시의 뜻", "What the marks mean"),
    "marks_say": Both(
        "속이 빈 표시는 거래하지 않은 시간입니다. 좁은 곳에서는 가까운 시간을 묶어 가장 중요한 것 하나만 그립니다. "
        "표시를 누르면 그 시간이 열립니다. 표시가 없으면 그 시각을 놓쳤습니다.",
        "A hollow mark is an hour without a trade. Where there is no room, the gravest of a few hours stands for them. "
        "Touch a mark to open its hour. Where there is none, the hour was missed.",
    ),
    "needs_script": Both(
        "차트를 그리려면 스크립트가 필요합니다. 같은 시간들이 기록에 있습니다.",
        "The chart needs scripts. The log has the same hours.",
    ),
    "chart_by": Both("차트:", "Chart:"),
}
