"""Write a .env with every setting, its default, and generated secrets."""

from pathlib import Path
from typing import Annotated

import typer

from services.cli import envfile
from services.cli.screen import say
from shared.errors import BadRequest

EPILOG = "Example: [bold]upcycle init && upcycle up[/]"


def command(
    path: Annotated[Path, typer.Option(help="The file to write.")] = Path(".env"),
) -> None:
    try:
        envfile.write(path)
    except FileExistsError:
        raise BadRequest(f"{path} is there already; move it away first, or edit it") from None
    except OSError as e:
        raise BadRequest(f"{path} cannot be written: {e.strerror}") from None
    say(f"{path} is written, readable by you alone. Next: upcycle up")
