"""The jobs of a running bot, as its API says; each can be halted by itself."""

from datetime import datetime
from pathlib import Path

from rich.table import Table

from services.cli.api import address, asked, nobody, token
from services.cli.lines import kst
from services.cli.screen import Screen, say
from shared.errors import BadRequest

JOBS = ("trading_job", "portfolio_snapshot_job", "daily_report_job")


def run(api: str | None, verb: str | None, job: str | None, data_dir: Path | None) -> None:
    api = address(api, data_dir)
    if verb is not None:
        _switch(api, verb, job, data_dir)
    status, jobs = asked(api, "/api/bot/status"), asked(api, "/api/bot/jobs")
    try:
        rows = [(one["id"], _next(one["next_run"]), one["note"]) for one in jobs["jobs"]]
        title = f"{status['status']}, up for {status['uptime_seconds']} s"
        trouble = status.get("trouble", "")
    except (KeyError, TypeError, ValueError):
        raise nobody(api) from None
    table = Table("job", "next run (KST)", "", title=title)
    for row in rows:
        table.add_row(*row)
    Screen().print(table)
    if trouble:
        say(trouble)


def _next(run_at: str | None) -> str:
    return kst(datetime.fromisoformat(run_at)) if run_at else "-"


def _switch(api: str, verb: str, job: str | None, data_dir: Path | None) -> None:
    if verb not in ("pause", "resume"):
        raise BadRequest(f"{verb!r} is nothing a job can be told; write pause or resume")
    if job not in JOBS:
        raise BadRequest(f"name the job to {verb}: {', '.join(JOBS)}")
    asked(api, f"/api/bot/jobs/{job}/{verb}", token=token(data_dir))
