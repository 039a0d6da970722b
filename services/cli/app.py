"""`upcycle`: its commands, in the order of its help, and what an error looks like."""

import os
import sys

import typer

from services.cli import commands_act, commands_gate, commands_read, commands_run
from services.cli.asked import BadRequest
from services.cli.machine.nats_server import NoServer
from services.cli.machine.supervisor import StartFailed
from shared.errors import Permanent, Transient
from shared.settings import PRIVATE, BadSetting

app = typer.Typer(
    name="upcycle",
    help="The AI crypto trader for Upbit that can be watched, explained, replayed and proved. On paper by default.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    add_completion=False,
)
for commands in (commands_run, commands_read, commands_act, commands_gate):
    app.add_typer(commands.app)


def main() -> None:
    """Run a command; what a person did wrong is said in one sentence, without a traceback."""
    os.umask(PRIVATE)
    try:
        app()
    except (BadRequest, BadSetting, NoServer, StartFailed, Permanent, Transient) as e:
        sys.exit(f"upcycle: {' '.join(str(e).split())}")
    except OSError as e:
        if e.filename is None:
            raise  # not about a file: a bug
        sys.exit(f"upcycle: {e.filename}: {e.strerror}")


if __name__ == "__main__":
    main()
