"""Events as lines a person can read (pure)."""

from collections.abc import Iterable
from decimal import Decimal

from rich.text import Text

from services.cli.screen import line
from shared import events as ev
from shared.catalogue import sentence
from shared.catalogue.missed_slots import more_of
from shared.types import Language
from shared.why.panic import line as note_line
from shared.why.sale import cut
from shared.writing import booked_won, exact, pct, seoul, signed_pct, whole_won

_COLOUR = {"buy": "green", "sell": "magenta", "hold": "dim"}
Part = str | tuple[str, str]  # a text, or a text and its style


def event_line(event: ev.Event, language: Language) -> Text:
    """What one event says, in one line; the reason in a language."""
    return line(*_event_parts(event, language))


def end(event: ev.CycleEnded, language: Language) -> Text:
    """How a cycle ended, in one line."""
    return line(*_end(event, language))


def _event_parts(event: ev.Event, language: Language) -> Iterable[Part]:  # noqa: PLR0911, PLR0912
    match event:
        case ev.TradingDue():
            return (f"{seoul(event.slot_at)} KST, settings {event.settings_digest}, code {event.code}",)
        case ev.CycleMissed():
            more = more_of(event)
            return ("missed", "yellow"), f": {event.reason}{f', {sentence(more, language)}' if more else ''}"
        case ev.SaleDue():
            return ("sale", "magenta"), f" by {event.by}: at {whole_won(event.price)}, {_held(event.position)}"
        case ev.ExitDue():
            return ("exit", "magenta"), f": {sentence(event, language)}, {_held(event.position)}"
        case ev.SnapshotTaken():
            windows = ", ".join(f"{w.market} {_unit(w.unit_min)} {w.rows or w.absent}" for w in event.candles.windows)
            return (
                f"{whole_won(event.price)}, cash {whole_won(event.balances.krw_free)}, {_held(event.position)}, ",
                f"risk {event.safety.market_risk.level}, crash {event.safety.flash_crash.state}; {windows}",
            )
        case ev.SignalPassed():
            only = f"passed, exit only: {objections(event.objections)}"
            return only if event.exit_only else ("passed", "green"), f"; {_report(event.report)}"
        case ev.SignalRejected():
            return ("rejected", "red"), f": {objections(event.objections)}; {_report(event.report)}"
        case ev.DecisionMade():
            who = f"{event.confidence or '-'}, {event.analyst}"
            return _choice(event.decision), f" ({who}) {sentence(event, language)} ({event.reason_code})"
        case ev.OrderIntended():
            what = whole_won(event.funds) if event.funds is not None else f"{exact(event.volume or Decimal(0))} coins"
            return (f"intends to {event.side} {what} as {event.client_order_id}{_cut(event)}",)
        case ev.FillRecorded():
            what = f"{exact(event.volume)} at {whole_won(event.price)}, fee {booked_won(event.fee)}"
            return (f"{event.side} filled: {what}{_cut(event)}",)
        case ev.CycleEnded():
            return _end(event, language)
        case ev.OrderFound():
            says = f"the log says {event.log_says}" if event.log_says else "the log does not know it"
            what = f" at the exchange: {event.side} {exact(event.executed)} ({event.state}); {says}"
            return ("found", "red"), what
        case ev.OrderSettled():
            return (f"settled by {event.by}: {exact(event.executed)} executed ({event.said})",)
        case ev.ValuationDue() | ev.ReportDue():
            return (f"{event.kind} of {seoul(event.slot_at)} KST",)
        case ev.PortfolioValued():
            lacking = f", without {', '.join(event.left_out)}" if event.left_out else ""
            return (f"the account is worth {whole_won(event.total)}, {whole_won(event.krw)} of it in won{lacking}",)
        case ev.ControlGiven():
            return (f"{event.command} by {event.by}",)
        case ev.JobSwitched():
            return (f"{event.command} {event.job} by {event.by}",)
        case ev.PanicDue():
            return ("panic", "bold red"), f" by {event.by}{': sell all the bot holds' if event.sell else ''}"
        case ev.PanicEnded():
            told = (note_line(note, language) for note in event.undone or event.notes)
            return (f"panic {'NOT all done' if event.undone else 'done'}", "bold red"), f": {'; '.join(told)}"
        case ev.LogOpened():
            return (f"this log is that of installation {event.installation}, on {event.mode}",)
        case ev.LogAccepted():
            return (f"{event.by} goes on with the log", "yellow"), f" as it stood at message {event.end}"
    return (event.kind,)


def _end(event: ev.CycleEnded, language: Language) -> Iterable[Part]:
    if isinstance(event, ev.OrderFilled):
        what = f"{exact(event.amount)} at {whole_won(event.price or 0)} = {whole_won(event.total)}"
        side, colour = _choice(event.decision)
        return (side, f"bold {colour}"), f" {what}: {sentence(event, language)}{_cut(event)}"
    return (event.kind, "red" if event.kind not in ev.SUCCESS else "dim"), f" {sentence(event, language)}"


def _cut(event: ev.OrderIntended | ev.FillRecorded | ev.OrderFilled) -> str:
    said = cut(event, "en")
    return f" ({said})" if said else ""


def objections(them: tuple[ev.Objection, ...]) -> str:
    return ", ".join(f"{o.code} {o.value:.4f} against {o.limit:g} (off by {o.distance:.4f})" for o in them)


def _choice(decision: str) -> tuple[str, str]:
    return decision.upper(), _COLOUR[decision]


def _held(position: ev.Position | None) -> str:
    return f"holds {exact(position.volume)}" if position and position.volume else "holds nothing"


def _unit(minutes: int) -> str:
    return {1440: "days", 60: "hours"}.get(minutes, f"{minutes}m")


def _report(report: ev.BacktestReport) -> str:
    shares = f"win rate {pct(report.win_rate)}, drawdown {pct(report.drawdown)}"
    return f"{report.trades} trades, {shares}, total {signed_pct(report.total_return)}"
