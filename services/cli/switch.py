"""`upcycle pause`, `resume`, `stop`, `start`: the owner's switch, through the API of a running bot."""

from pathlib import Path

from services.cli.api import address, asked, nobody, token
from services.cli.screen import say
from shared.switch import Command


def run(command: Command, api: str | None, data_dir: Path | None) -> None:
    api = address(api, data_dir)
    told = asked(api, f"/api/bot/{command}", token=token(data_dir))
    try:
        say(f"the bot is {told['status']}, by {told['by']}")
    except (KeyError, TypeError):
        raise nobody(api) from None
