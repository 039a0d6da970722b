"""`upcycle`: its commands, and what an error looks like."""

import os
import sys

import typer

from services.cli.commands import Commands
from services.cli.screen import is_gone, take_any_text
from services.local.errors import NoServer, StartFailed
from shared.errors import BadRequest, Newer, Permanent, Transient
from shared.plain_text import one_line
from shared.settings import PRIVATE, BadSetting

app = typer.Typer(
    cls=Commands,
    name="upcycle",
    help="The AI crypto trader for Upbit that can be watched, explained, replayed and proved. On paper by default.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    add_completion=False,
)
app.callback()(lambda: None)  # a group, whatever it holds


def main() -> None:
    """Run a command; what a person did wrong is said in one sentence, without a traceback."""
    os.umask(PRIVATE)
    take_any_text()
    try:
        app()
    except (BadRequest, BadSetting, NoServer, StartFailed, Permanent, Transient, Newer) as e:
        sys.exit(f"upcycle: {one_line(' '.join(str(e).split()))}")
    except OSError as e:
        if is_gone(e):
            sys.exit(1)
        if e.filename is None:
            raise  # not about a file: a bug
        sys.exit(f"upcycle: {e.filename}: {e.strerror}")


if __name__ == "__main__":
    main()
