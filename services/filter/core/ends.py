"""The end of a cycle the gate refused (pure)."""

from shared.catalogue import Values, gate
from shared.events import BacktestReport, CycleEvent, CycleRejected, Objection, SignalRejected


def end_of(signal: CycleEvent) -> CycleRejected | None:
    """End the cycle of a rejected signal, naming every objection and how far off it is; a passed one goes on."""
    if not isinstance(signal, SignalRejected):
        return None
    refused = gate.REFUSED[tuple(objection.code for objection in signal.objections)]
    figures = {name: value for objection in signal.objections for name, value in _figures(objection).items()}
    return CycleRejected(
        cycle=signal.cycle,
        stage="filter",
        decision="hold",
        **refused.because({**figures, **_doubts(signal.report)}).fields(),
        price=signal.price,
        objections=signal.objections,
    )


def _figures(objection: Objection) -> Values:
    values = (objection.value, objection.limit, objection.distance)
    return dict(zip(gate.FIGURES[objection.code], values, strict=True))


def _doubts(report: BacktestReport) -> Values:
    """Few trades, or a year with holes, make every share above a guess."""
    return {
        "few_trades": report.trades if report.thin else None,
        "hours_missing": report.hours_missing if report.gappy else None,
    }
