"""Undo a pause, also that of `upcycle panic`; and `upcycle exits-only`."""

from services.cli.options import Api, Folder
from services.cli.switch import run

EPILOG = "Example: [bold]upcycle resume[/]"


def command(data_dir: Folder = None, api: Api = None) -> None:
    run("resume", api, data_dir)
