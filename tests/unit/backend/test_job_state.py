"""What a job is said to do next, by a clock's word that may be 10 s old and by the owner's wishes, which are not."""

import pytest

from services.backend.adapters.control import job_state
from shared.catalogue.jobs import JOB_HALTED, JOBS_STOPPED, SCHEDULER_OFF, TAPE_HOUR, TRADING_PAUSED
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


@pytest.mark.parametrize(
    "why", [TRADING_PAUSED.because(), JOBS_STOPPED.because(), JOB_HALTED.because({"by": "the owner"})]
)
def test_a_running_bot_is_not_called_halted_by_an_old_word_of_the_clock(why):
    old = Job.of("trading_job", None, why)
    assert job_state(old.id, DesiredJobState(), old, "running").note == ""


def test_why_the_clock_holds_a_job_up_stands_beside_a_stop():
    held = Job.of("trading_job", None, SCHEDULER_OFF.because())
    assert job_state(held.id, DesiredJobState(), held, "stopped").note == "SCHEDULER_ENABLED=false"


def test_a_halted_job_names_who_halted_it():
    said = job_state("trading_job", DesiredJobState(paused=True, by="me", at=AT), RUNS, "paused")
    assert (said.next_run, said.note, said.paused) == (None, "paused by me", True)


def test_how_a_tape_stands_is_told_in_both_languages_and_an_older_clocks_word_as_it_came():
    tape = Job.of("trading_job", AT, TAPE_HOUR.because({"n": 3, "hours": 48}))
    said = job_state(tape.id, DesiredJobState(), tape, "running")
    assert (said.say("ko"), said.say("en")) == ("48시간 중 3번째 재생 중", "hour 3 of 48 of the tape")
    older = Job(id="trading_job", next_run=None, note="hour 3 of 48 of the tape")
    assert job_state(older.id, DesiredJobState(), older, "running").say("ko") == "hour 3 of 48 of the tape"
