"""The end of a cycle the gate refused, and its reason in words (pure)."""

from shared.events import BacktestReport, CycleEvent, CycleRejected, Objection, SignalRejected


def end_of(signal: CycleEvent) -> CycleRejected | None:
    """End the cycle of a rejected signal, naming every objection and how far off it is; a passed one goes on."""
    if not isinstance(signal, SignalRejected):
        return None
    return CycleRejected(
        cycle=signal.cycle,
        stage="filter",
        decision="hold",
        reason=f"지난 1년 백테스트 기준 미달: {', '.join(map(in_words, signal.objections))}{_doubts(signal.report)}",
        reason_code="_".join(("GATE", *(o.code for o in signal.objections))),
        price=signal.price,
        objections=signal.objections,
    )


def in_words(objection: Objection) -> str:
    """승률 44.7 % (기준 55.0 % 이상, 10.3 %p 부족)."""
    value, limit, off = objection.value, objection.limit, objection.distance
    match objection.code:
        case "WIN_RATE":
            return f"승률 {_share(value)} (기준 {_share(limit)} 이상, {_share(off)}p 부족)"
        case "DRAWDOWN":
            # The owner's maximum loss, read as the fall of the equity between trade closes.
            return f"최대 손실(거래 청산 기준 낙폭) {_share(value)} (기준 {_share(limit)} 이하, {_share(off)}p 초과)"
        case "TRADES":
            return f"거래 {value:.0f}회 (기준 {limit:.0f}회 이상, {off:.0f}회 부족)"
        case "EXPECTANCY":
            return f"거래당 기대 수익 {_share(value)} (기준 {_share(limit)} 이상, {_share(off)}p 부족)"


def _doubts(report: BacktestReport) -> str:
    """Few trades, or a year with holes, make every share above a guess; say so."""
    thin = f" (거래가 {report.trades}회뿐이라 수치를 믿기 어려움)" if report.thin else ""
    return thin + (f" (1년 중 {report.hours_missing:,}시간의 캔들이 없음)" if report.gappy else "")


def _share(value: float) -> str:
    """0.5467 -> 54.7 %; more digits where one would hide a difference."""
    digits = 1 if abs(value) >= 0.001 or value == 0 else 4
    return f"{100 * value:.{digits}f} %"
