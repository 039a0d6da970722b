"""Set a bot going that was stopped (or paused); its processes must be up: `upcycle up`."""

from services.cli.options import Api, Folder
from services.cli.switch import run

EPILOG = "Example: [bold]upcycle start[/]"


def command(data_dir: Folder = None, api: Api = None) -> None:
    run("start", api, data_dir)
