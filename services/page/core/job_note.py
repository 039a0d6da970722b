"""Why a job does not run, in the reader's language: the clock says it in English (pure)."""

import re
from collections.abc import Mapping

from shared.api.bot import JobState

_KNOWN = (
    (re.compile(r"the tape has not begun"), "tape_ahead"),
    (re.compile(r"hour (?P<n>\d+) of (?P<of>\d+) of the tape"), "tape_hour"),
    (re.compile(r"the tape is over"), "tape_over"),
    (re.compile(r"paused|stopped"), "bot_is"),
)


def job_note(job: JobState, t: Mapping[str, str]) -> tuple[str, bool]:
    """The note, and whether it is in the reader's language; what a paused job says stands beside it anyway."""
    if job.paused or not job.note:
        return "", True
    for pattern, word in _KNOWN:
        if found := pattern.fullmatch(job.note):
            return t[word].format(status=t.get(job.note, ""), **found.groupdict()), True
    return job.note, False
