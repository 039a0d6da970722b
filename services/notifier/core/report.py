"""The report of a day as the owner reads it (pure)."""

from dataclasses import dataclass

from services.notifier.core.frame import framed
from shared.catalogue import sentence
from shared.catalogue.missed_slots import more_of
from shared.events import MissedHour, ReportReady
from shared.glossary import CAUSES
from shared.types import Language, slot_time
from shared.writing import gain, points, seoul_hour, signed_pct, whole_won

_SHOWN = 10  # missed hours named one by one


@dataclass(frozen=True)
class ReportWords:
    title: str
    day: str
    trades: str
    profit: str
    unrealised: str
    value: str
    unknown: str
    fees: str
    gate: str
    short_by: str
    decisions: str
    model: str
    ends: str
    missed: str
    more: str


REPORT: dict[Language, ReportWords] = {
    "ko": ReportWords(
        title="📊 일일 리포트",
        day="날짜: {day}",
        trades="총 거래: {trades}회 (매수 {buys}, 매도 {sells})",
        profit="실현 손익: {won} (수익률 {rate})",
        unrealised="미실현 손익: {won}",
        value="현재 자산: {won}",
        unknown="아직 모름",
        fees="수수료: {won}",
        gate="게이트: 통과 {passed}, 청산만 {exit_only}, 거절 {rejected}",
        short_by=" (승률 평균 {points}%p 부족)",
        decisions="AI 판단: 매수 {buy}, 매도 {sell}, 관망 {hold}",
        model="모델 비용: {won} ({calls}회)",
        ends="사이클: {cycles}회, 실패 {failed}",
        missed="거래하지 못한 시각: {n}",
        more="  … 외 {n}",
    ),
    "en": ReportWords(
        title="📊 Daily report",
        day="Day: {day}",
        trades="Trades: {trades} (bought {buys}, sold {sells})",
        profit="Realised: {won} (return {rate})",
        unrealised="Unrealised: {won}",
        value="Current value: {won}",
        unknown="not known yet",
        fees="Fees: {won}",
        gate="Gate: passed {passed}, exit only {exit_only}, rejected {rejected}",
        short_by=" (win rate short by {points} points on average)",
        decisions="Decisions: buy {buy}, sell {sell}, hold {hold}",
        model="Model cost: {won} ({calls} calls)",
        ends="Cycles: {cycles}, failed {failed}",
        missed="Hours not traded: {n}",
        more="  … and {n} more",
    ),
}


def daily_report(day: ReportReady, language: Language) -> str:
    words = REPORT[language]
    rate = "-" if day.profit_rate is None else signed_pct(day.profit_rate, 2)
    unrealised = words.unknown if day.unrealised is None else gain(day.unrealised, language)
    value = words.unknown if day.current_value is None else whole_won(day.current_value, language)
    gate = words.gate.format(passed=day.gate_passed, exit_only=day.gate_exit_only, rejected=day.gate_rejected)
    if day.gate_distance is not None:
        gate += words.short_by.format(points=points(day.gate_distance))
    lines = [
        words.day.format(day=day.day),
        words.trades.format(trades=day.trades, buys=day.buys, sells=day.sells),
        words.profit.format(won=gain(day.profit_loss, language), rate=rate),
        words.unrealised.format(won=unrealised),
        words.value.format(won=value),
        words.fees.format(won=whole_won(day.fees, language)),
        gate,
        words.decisions.format(**day.decisions),
        words.model.format(won=whole_won(day.model_cost, language), calls=day.model_calls),
        words.ends.format(cycles=day.cycles, failed=day.failed),
        words.missed.format(n=len(day.missed)),
        *(_missed(hour, language) for hour in day.missed[:_SHOWN]),
    ]
    if (left := len(day.missed) - _SHOWN) > 0:
        lines.append(words.more.format(n=left))
    return framed(words.title, lines, slot_time(day.slot), language)


def _missed(hour: MissedHour, language: Language) -> str:
    more = more_of(hour)
    told = f" ({sentence(more, language)})" if more else ""
    return f"  {seoul_hour(hour.slot_at)} {hour.market}: {CAUSES[language][hour.cause]}{told}"
