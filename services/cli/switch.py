"""`upcycle pause`, `resume`, `stop`, `start`: the owner's switch, through the API of a running bot."""

from pathlib import Path

from services.cli.api import address, ask, token
from services.cli.screen import say
from shared.api.routes import SWITCH
from shared.switch import Command


def run(command: Command, api: str | None, data_dir: Path | None) -> None:
    api = address(api, data_dir)
    now = ask(api, SWITCH[command], token=token(data_dir))
    say(f"the bot is {now.status}, by {now.by}")
