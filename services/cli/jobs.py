"""The jobs of a running bot, as its API says."""

import httpx
from rich.console import Console
from rich.table import Table

from services.cli.asked import BadRequest


def run(api: str) -> None:
    try:
        answer = httpx.get(f"{api.rstrip('/')}/api/bot/status", timeout=5)
        answer.raise_for_status()
        status = answer.json()
        rows = [(job["id"], job["next_run"] or "-", job.get("note") or "") for job in status["jobs"]]
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError):
        raise BadRequest(
            f"no bot answers at {api}; start one with `upcycle up`, or name its address with --api"
        ) from None
    table = Table("job", "next run", "", title=f"{status['status']}, up for {status['uptime_seconds']} s")
    for row in rows:
        table.add_row(*row)
    Console().print(table)
