"""Buy nothing more until `upcycle resume`; sales and the exit guard go on."""

from services.cli.options import Api, Folder
from services.cli.switch import run

EPILOG = "Example: [bold]upcycle exits-only[/]"


def command(data_dir: Folder = None, api: Api = None) -> None:
    run("exits-only", api, data_dir)
