"""What the rules say of the votes, and what keeps a wish from being a decision (pure)."""

from shared.catalogue.entry import Entry, entry
from shared.reason import Unit

# By name of the vote.
_OSCILLATORS: dict[str, Unit] = {"rsi": "number", "bollinger": "number", "stochastic": "number", "volume": "number"}
_TREND: dict[str, Unit] = {"trend": "number", "macd": "number", "volume": "number"}
# A wish that cannot be keeps its own figures and words beside the figures of what forbade it.
_WISH: dict[str, Unit] = {"wish": "code"}
_NUMBERS_KO = "[RSI {rsi:1}|볼린저 %b {bollinger:2}|스토캐스틱 {stochastic:1}|거래량 {volume:1}배||지표 없음]"
_NUMBERS_EN = "[ (RSI {rsi:1}, Bollinger %b {bollinger:2}, stochastic {stochastic:1})]"
_WANTED_KO, _WANTED_EN = "[. 매수 판단이었음: {wish}]", "[; it would have been a buy: {wish}]"

RULES_OVERSOLD = entry(
    "RULES_OVERSOLD",
    "RSI 과매도 구간 진입 (" + _NUMBERS_KO + ")",
    "oversold: RSI, Bollinger and stochastic all say buy" + _NUMBERS_EN,
    **_OSCILLATORS,
)
RULES_OVERBOUGHT = entry(
    "RULES_OVERBOUGHT",
    "RSI 과매수 구간 진입 (" + _NUMBERS_KO + ")",
    "overbought: RSI, Bollinger and stochastic all say sell" + _NUMBERS_EN,
    **_OSCILLATORS,
)
RULES_TREND_BREAK = entry(
    "RULES_TREND_BREAK",
    "상승 추세 이탈 "
    "([50시간 평균 대비 ATR {trend:+2}배|MACD 히스토그램 ATR {macd:+2}배|거래량 {volume:1}배||지표 없음])",
    "the trend broke: the close fell below its 50-hour mean while MACD points down"
    "[ (by {trend:+2} ATR, MACD histogram {macd:+2} ATR)]",
    **_TREND,
)
RULES_NO_MAJORITY = entry(
    "RULES_NO_MAJORITY",
    "뚜렷한 신호 없음 (" + _NUMBERS_KO + ")",
    "no clear signal" + _NUMBERS_EN,
    **_OSCILLATORS,
)
RULES_TOO_FEW_CANDLES = entry(
    "RULES_TOO_FEW_CANDLES",
    "시간봉 {candles}개뿐이라 판단 보류 (최소 {least}개 필요)",
    "too few hourly candles to judge[: {candles}, at least {least}]",
    candles="count",
    least="count",
)
RULES_NOTHING_TO_SELL = entry(
    "RULES_NOTHING_TO_SELL",
    "팔 수량 없음[. 매도 판단이었음: {wish}]",
    "the indicators said sell, but nothing is held[: {wish}]",
    **_WISH,
)
LLM_NOTHING_TO_SELL = entry(
    "LLM_NOTHING_TO_SELL",
    "팔 수량 없음[. 매도 판단이었음: {wish}]",
    "the model said sell, but nothing is held[: {wish}]",
    **_WISH,
)
GATE_EXIT_ONLY = entry(
    "GATE_EXIT_ONLY",
    "백테스트 기준 미달로 매수 제외, 청산만 가능" + _WANTED_KO,
    "the gate failed, so nothing may be bought" + _WANTED_EN,
    **_WISH,
)
HAZARD_FLASH_CRASH = entry(
    "HAZARD_FLASH_CRASH",
    "급락 진행 중이라 매수 제외 (하락 {fall:1}, 평소 변동의 {sigma:1}배)" + _WANTED_KO,
    "a flash crash is running, so nothing may be bought[ (a fall of {fall:1}, {sigma:1} times the usual unrest)]"
    + _WANTED_EN,
    fall="share",
    sigma="number",
    **_WISH,
)
HAZARD_MARKET_RISK = entry(
    "HAZARD_MARKET_RISK",
    "시장 위험이 높아 매수 제외 (비트코인 1시간 {hour:+1}, 24시간 {day:+1})" + _WANTED_KO,
    "the market risk is high, so nothing may be bought[ (Bitcoin {hour:+1} in 1 h, {day:+1} in 24 h)]" + _WANTED_EN,
    hour="share",
    day="share",
    **_WISH,
)
RULES = (RULES_OVERSOLD, RULES_OVERBOUGHT, RULES_TREND_BREAK, RULES_NO_MAJORITY, RULES_TOO_FEW_CANDLES)


def _over_budget(rules: Entry) -> Entry:
    return entry(
        f"LLM_BUDGET_{rules.code}",
        f"모델 하루 예산 소진, 규칙 분석가: {rules.ko}",
        f"the model's money of the day is spent; {rules.en}",
        **rules.takes,
    )


# At the model's daily cap the rules speak, and the code says both.
OVER_BUDGET = {rules.code: _over_budget(rules) for rules in RULES}
