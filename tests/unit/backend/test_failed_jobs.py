"""A valuation or a report that was asked for and had not come when the next was asked for: that one failed."""

from datetime import timedelta
from functools import reduce

import pytest

from services.backend.core.draft import BooksState, draft_of
from shared.events import ReportReady
from shared.stored import Stored
from tests.support.builders import AT, REPORT_AT, report_due, valuation_due, valued
from tests.support.waiting import eventually

HOUR = timedelta(hours=1)
ASKED, LATER, AFTER = (valuation_due(AT + n * HOUR) for n in range(3))
MADE, MADE_LATER = valued(AT), valued(AT + HOUR)


def failed_and_done(*events, stretches=False) -> tuple[int, int]:
    """stretches: booked one by one, as they come, instead of all at once."""
    stored = [Stored(event, seq, AT) for seq, event in enumerate(events, 1)]
    known = BooksState()
    parts = [[one] for one in stored] if stretches else [stored]
    total = reduce(lambda counts, part: _added(counts, draft_of(part, known).tallies), parts, {})
    return tuple(total.get((kind, "", "portfolio_snapshot_job"), 0) for kind in ("failed", "job"))


def _added(counts, more):
    return {key: counts.get(key, 0) + more.get(key, 0) for key in counts | more}


@pytest.mark.parametrize("stretches", [True, False])
@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([ASKED], (0, 0)),  # it may still come
        ([ASKED, MADE, LATER, MADE_LATER], (0, 2)),
        ([ASKED, LATER], (1, 0)),
        ([ASKED, LATER, MADE_LATER, AFTER], (1, 1)),
        ([ASKED, LATER, AFTER], (2, 0)),
        ([MADE, LATER, MADE_LATER], (0, 2)),  # books that began in the middle
    ],
)
def test_a_valuation_that_did_not_come_before_the_next_one_has_failed(events, expected, stretches):
    assert failed_and_done(*events, stretches=stretches) == expected


def test_a_job_takes_from_its_question_to_its_answer():
    stored = [Stored(event, 7 + n, AT + timedelta(seconds=3 * n)) for n, event in enumerate((ASKED, MADE, LATER))]
    first, second = draft_of(stored, BooksState()).job_runs.values()
    assert (first.job, first.asked_seq, first.done_seq) == ("portfolio_snapshot_job", 7, 8)
    assert first.done_at - first.asked_at == timedelta(seconds=3)
    assert (second.asked_seq, second.done_seq, second.done_at) == (9, None, None)


async def test_the_metrics_tell_what_failed_by_job(running):
    await running.booked(ASKED, LATER, report_due())
    failed = 'scheduler_job_failure_total{{job_name="{}"}} {}'

    async def it_is_told() -> bool:
        lines = (await running.api.get("/metrics")).text.splitlines()
        assert failed.format("daily_report_job", "0.0") in lines
        return failed.format("portfolio_snapshot_job", "1.0") in lines

    await eventually(it_is_told)
    await eventually(lambda: running.log.load(ReportReady.places()))
    await running.booked(report_due(REPORT_AT + 24 * HOUR))
    assert await it_is_told()
