"""`upcycle pause`, `exits-only`, `resume`, `stop`, `start`: the owner's switch, through the API of a running bot."""

from pathlib import Path

from services.cli.api import address, ask, token
from services.cli.screen import say
from shared.api.routes import JOBS, SWITCH
from shared.switch import SELLS, Command


def run(command: Command, api: str | None, data_dir: Path | None) -> None:
    api, owners = address(api, data_dir), token(data_dir)
    now = ask(api, SWITCH[command], token=owners)
    say(f"the bot is {now.status}, by {now.by}")
    for job in ask(api, JOBS, token=owners).jobs if now.status in SELLS else ():
        if job.paused:
            say(f"but {job.id} does not run: {job.note or f'paused by {job.by}'}")
