"""The jobs of a running bot, as its API says; each can be halted by itself."""

from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from services.cli.asked import BadRequest
from services.cli.reading import settings_of

JOBS = ("trading_job", "portfolio_snapshot_job", "daily_report_job")


def run(api: str, verb: str | None, job: str | None, data_dir: Path | None) -> None:
    if verb is not None:
        _switch(api, verb, job, data_dir)
    status, jobs = _asked(api, "/api/bot/status"), _asked(api, "/api/bot/jobs")
    try:
        rows = [(one["id"], one["next_run"] or "-", one["note"]) for one in jobs["jobs"]]
        title = f"{status['status']}, up for {status['uptime_seconds']} s"
    except (KeyError, TypeError):
        raise _nobody(api) from None
    table = Table("job", "next run", "", title=title)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def _switch(api: str, verb: str, job: str | None, data_dir: Path | None) -> None:
    if verb not in ("pause", "resume"):
        raise BadRequest(f"{verb!r} is nothing a job can be told; write pause or resume")
    if job not in JOBS:
        raise BadRequest(f"name the job to {verb}: {', '.join(JOBS)}")
    _asked(api, f"/api/bot/jobs/{job}/{verb}", token=_token(data_dir))


def _token(data_dir: Path | None) -> str:
    """API_TOKEN, or the one that `upcycle up` made for itself."""
    settings = settings_of(data_dir)
    if settings.api_token is not None:
        return settings.api_token.get_secret_value()
    made = settings.data_dir / "api_token"
    if not made.exists():
        raise BadRequest("no API_TOKEN is set, and `upcycle up` has made none here; name its folder with --data-dir")
    return made.read_text().strip()


def _asked(api: str, path: str, *, token: str | None = None) -> Any:
    """GET, or with a token POST."""
    try:
        if token is None:
            answer = httpx.get(f"{api.rstrip('/')}{path}", timeout=5)
        else:
            headers = {"Authorization": f"Bearer {token}", "X-Asked-By": "cli"}
            answer = httpx.post(f"{api.rstrip('/')}{path}", headers=headers, timeout=5)
        told = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        raise _nobody(api) from None
    if answer.is_error:
        raise BadRequest(f"{api} says no: {told.get('detail', answer.status_code) if isinstance(told, dict) else told}")
    return told


def _nobody(api: str) -> BadRequest:
    return BadRequest(f"no bot answers at {api}; start one with `upcycle up`, or name its address with --api")
