"""`upcycle pause` and `upcycle resume`: the owner's switch, through the API of a running bot."""

from pathlib import Path
from typing import Literal

import typer

from services.cli.api import asked, nobody, token


def run(command: Literal["pause", "resume"], api: str, data_dir: Path | None) -> None:
    told = asked(api, f"/api/bot/{command}", token=token(data_dir))
    try:
        typer.echo(f"the bot is {told['status']}, by {told['by']}")
    except (KeyError, TypeError):
        raise nobody(api) from None
