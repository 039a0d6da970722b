"""What a job is said to do next, by a clock's word that may be 10 s old and by the owner's wishes, which are not."""

import pytest

from services.backend.adapters.control import job_state
from shared.switch import DesiredJobState, Job
from tests.support.builders import AT

RUNS = Job(id="trading_job", next_run=AT)


@pytest.mark.parametrize("status", ["paused", "stopped"])
def test_a_halted_bot_trades_next_at_no_time_though_the_clock_has_not_heard_of_it(status):
    said = job_state("trading_job", DesiredJobState(), RUNS, status)
    assert (said.next_run, said.note) == (None, status)


def test_a_paused_bot_goes_on_valuing():
    job = RUNS.model_copy(update={"id": "portfolio_snapshot_job"})
    assert job_state(job.id, DesiredJobState(), job, "paused").next_run == AT
    assert job_state(job.id, DesiredJobState(), job, "stopped").next_run is None


@pytest.mark.parametrize("note", ["paused", "stopped", "paused by the owner"])
def test_a_running_bot_is_not_called_halted_by_an_old_word_of_the_clock(note):
    old = Job(id="trading_job", next_run=None, note=note)
    assert job_state(old.id, DesiredJobState(), old, "running").note == ""


def test_why_the_clock_holds_a_job_up_stands_beside_a_stop():
    held = Job(id="trading_job", next_run=None, note="SCHEDULER_ENABLED=false")
    assert job_state(held.id, DesiredJobState(), held, "stopped").note == "SCHEDULER_ENABLED=false"


def test_a_halted_job_names_who_halted_it():
    said = job_state("trading_job", DesiredJobState(paused=True, by="me", at=AT), RUNS, "paused")
    assert (said.next_run, said.note, said.paused) == (None, "paused by me", True)
