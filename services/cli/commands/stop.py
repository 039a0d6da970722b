"""Start no cycle, send no order, value and report nothing until `upcycle start`; the processes stay up."""

from services.cli.options import Api, Folder
from services.cli.switch import run

EPILOG = "Example: [bold]upcycle stop[/]"


def command(data_dir: Folder = None, api: Api = None) -> None:
    run("stop", api, data_dir)
