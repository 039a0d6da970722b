"""List the jobs of a running bot and when each runs next; halt one, or let it go on."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from services.cli.api import address, ask, token
from services.cli.options import Api, Folder
from services.cli.screen import Screen, say
from shared.api import routes
from shared.api.bot import JOBS
from shared.errors import BadRequest
from shared.writing import seoul

EPILOG = "Examples: [bold]upcycle jobs[/]   [bold]upcycle jobs pause daily_report_job[/]"


def command(
    verb: Annotated[str | None, typer.Argument(help="pause or resume.", show_default=False)] = None,
    job: Annotated[
        str | None,
        typer.Argument(help="trading_job, portfolio_snapshot_job or daily_report_job.", show_default=False),
    ] = None,
    data_dir: Folder = None,
    api: Api = None,
) -> None:
    run(api, verb, job, data_dir)


def run(api: str | None, verb: str | None, job: str | None, data_dir: Path | None) -> None:
    api = address(api, data_dir)
    if verb is not None:
        _switch(api, verb, job, data_dir)
    status, jobs = ask(api, routes.STATUS), ask(api, routes.JOBS)
    table = Table("job", "next run (KST)", "", title=f"{status.status}, up for {status.uptime_seconds} s")
    for one in jobs.jobs:
        table.add_row(one.id, seoul(one.next_run) if one.next_run else "-", one.note)
    Screen().print(table)
    if status.trouble:
        say(status.trouble)


def _switch(api: str, verb: str, job: str | None, data_dir: Path | None) -> None:
    if verb not in ("pause", "resume"):
        raise BadRequest(f"{verb!r} is nothing a job can be told; write pause or resume")
    if job not in JOBS:
        raise BadRequest(f"name the job to {verb}: {', '.join(JOBS)}")
    ask(api, routes.PAUSE_JOB if verb == "pause" else routes.RESUME_JOB, job, token=token(data_dir))
