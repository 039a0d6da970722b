"""What the gate measured, which threshold failed and by how much, and what the others had to spare (pure)."""

from collections.abc import Iterator

from shared import events as ev
from shared.types import Language
from shared.why.record import Record
from shared.why.words import WORDS
from shared.writing import share, whole


def gate(record: Record, language: Language) -> Iterator[str]:
    say = WORDS[language]
    signal = record.first(ev.SignalRejected) or record.first(ev.SignalPassed)
    if signal is None:
        return
    if isinstance(signal, ev.SignalRejected):
        yield say["refused"]
    else:
        yield say["exit_only"] if signal.exit_only else say["passed"]
    for objection in signal.objections:
        yield lacking(objection, language)
    failed = {str(objection.code) for objection in signal.objections}
    report = signal.report
    for code, value, limit in _limits(record, report):
        if code not in failed:
            verdict = say["spare"].format(distance=_distance(code, abs(value - limit), language))
            yield f"{_threshold(code, value, limit, language)} {verdict}"
    totals = {"total": share(report.total_return, signed=True), "hold": share(report.buy_and_hold, signed=True)}
    yield say["report"].format(trades=report.trades, **totals)
    if report.thin:
        yield say["thin"].format(trades=report.trades)
    if report.gappy:
        yield say["gappy"].format(hours=whole(report.hours_missing))


def lacking(objection: ev.Objection, language: Language) -> str:
    """ "win rate 44.8 % (at least 55.0 %) ✗ 10.2 pp short"."""
    word = WORDS[language]["over" if objection.code == "DRAWDOWN" else "short"]
    told = _threshold(objection.code, objection.value, objection.limit, language)
    return f"{told} {word.format(distance=_distance(objection.code, objection.distance, language))}"


def _limits(record: Record, report: ev.BacktestReport) -> Iterator[tuple[str, float, float]]:
    """The thresholds of shares as they stood, where the cycle's start says them."""
    due = record.first(ev.TradingDue)
    settings = due.settings if due else {}
    for code, name, value in (
        ("WIN_RATE", "GATE_WIN_RATE_MIN", report.win_rate),
        ("DRAWDOWN", "GATE_DRAWDOWN_MAX", report.drawdown),
        ("EXPECTANCY", "GATE_EXPECTANCY_MIN", report.expectancy),
    ):
        if name in settings:
            yield code, value, float(settings[name])


def _threshold(code: str, value: float, limit: float, language: Language) -> str:
    return WORDS[language][code].format(value=_figure(code, value), limit=_figure(code, limit))


def _figure(code: str, value: float) -> str:
    return f"{value:.0f}" if code == "TRADES" else share(value)


def _distance(code: str, value: float, language: Language) -> str:
    return _figure(code, value).replace("%", WORDS[language]["points"])
