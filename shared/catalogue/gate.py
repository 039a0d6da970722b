"""The gate said no, for one reason or several: the code names them all (pure)."""

from itertools import combinations

from shared.catalogue.entry import Entry, unprompted

# By objection: the value, the limit, and how far off it is.
FIGURES = {
    "WIN_RATE": ("win_rate", "win_rate_min", "win_rate_short"),
    "DRAWDOWN": ("drawdown", "drawdown_max", "drawdown_over"),
    "TRADES": ("trades", "trades_min", "trades_short"),
    "EXPECTANCY": ("expectancy", "expectancy_min", "expectancy_short"),
}


def _refused(codes: tuple[str, ...]) -> Entry:
    return unprompted(
        "_".join(("GATE", *codes)),
        "지난 1년 백테스트 기준 미달: [승률 {win_rate} (기준 {win_rate_min} 이상, {win_rate_short}p 부족)"
        # The owner's maximum loss, read as the fall of the equity between trade closes.
        "|최대 손실(거래 청산 기준 낙폭) {drawdown} (기준 {drawdown_max} 이하, {drawdown_over}p 초과)"
        "|거래 {trades}회 (기준 {trades_min}회 이상, {trades_short}회 부족)"
        "|거래당 기대 수익 {expectancy} (기준 {expectancy_min} 이상, {expectancy_short}p 부족)]"
        "[ (거래가 {few_trades}회뿐이라 수치를 믿기 어려움)][ (1년 중 {hours_missing}시간의 캔들이 없음)]",
        "the backtest of the year before fails the gate: [win rate {win_rate} (at least {win_rate_min})"
        "|largest loss (drawdown) {drawdown} (at most {drawdown_max})"
        "|{trades} trades (at least {trades_min})"
        "|expectancy of a trade {expectancy} (at least {expectancy_min})||" + ", ".join(codes) + "]"
        "[ (only {few_trades} trades: the figures say little)][ (candles of {hours_missing} hours of it are missing)]",
        win_rate="share",
        win_rate_min="share",
        win_rate_short="share",
        drawdown="share",
        drawdown_max="share",
        drawdown_over="share",
        trades="count",
        trades_min="count",
        trades_short="count",
        expectancy="share",
        expectancy_min="share",
        expectancy_short="share",
        few_trades="count",
        hours_missing="count",
    )


_SETS = [codes for n in range(1, len(FIGURES) + 1) for codes in combinations(FIGURES, n)]
REFUSED = {codes: _refused(codes) for codes in _SETS}
