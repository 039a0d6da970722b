"""Start no cycle and send no order until `upcycle resume`; the jobs go on."""

from services.cli.options import Api, Folder
from services.cli.switch import run

EPILOG = "Example: [bold]upcycle pause[/]"


def command(data_dir: Folder = None, api: Api = None) -> None:
    run("pause", api, data_dir)
