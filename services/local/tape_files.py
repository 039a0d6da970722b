"""The files of PAPER_TAPE, found from another folder, too."""

from pathlib import Path

from services.paper.core.tape_names import LIVE, parts


def absolute(tape: str) -> str:
    """PAPER_TAPE with every file's whole path: the services run in another folder than the person who named them.

    `upbit`, which means live quotes, stays what it is.
    """
    return tape if tape == LIVE else ",".join(_absolute(part) for part in parts(tape))


def _absolute(part: str) -> str:
    """FILE or MARKET=FILE."""
    market, sign, file = part.partition("=")
    if sign and not Path(part).exists():
        return f"{market}={Path(file).absolute()}"
    return str(Path(part).absolute())
