"""Fill the local history from the tape: the one-shot that runs before paper, collector and filter."""

import typer

from services.paper.adapters.history_file import write_history
from services.paper.app import open_tape
from shared.settings import Settings


def run() -> None:
    settings = Settings.load()
    tape, folder = open_tape(settings), settings.data_dir / "history"
    write_history(tape, folder)
    first, last = tape.span
    kind = "synthetic tape" if tape.synthetic else "tape"
    typer.echo(f"{folder}: {', '.join(tape.markets)}, hours of a {kind} from {first.isoformat()} to {last.isoformat()}")
