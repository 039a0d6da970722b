"""Write every file that is made from a table, of services, the life of an order or benchmarks: python -m infra."""

import sys
from pathlib import Path

from infra import compose, imports, life, measured
from infra.made import renewed
from infra.nats import users
from infra.prometheus import targets
from shared.wiring import Miswired, must_fit


def parts() -> dict[Path, dict[str, str]]:
    """What is made of a file that a person writes, by its mark."""
    return (
        compose.parts()
        | {imports.FILE: imports.parts()}
        | targets.parts()
        | users.parts()
        | life.parts()
        | measured.parts()
    )


def files() -> dict[Path, str]:
    """Each file as it is to be now."""
    made = {users.FILE: users.text()}
    for path, between in parts().items():
        made[path] = renewed(path.read_text(encoding="utf-8"), between)
    return made


if __name__ == "__main__":
    try:
        must_fit()
    except Miswired as e:
        sys.exit(f"infra: {e}")
    for path, text in files().items():
        if path.read_text(encoding="utf-8") != text:  # make sets up anew behind a newer pyproject.toml
            path.write_text(text, encoding="utf-8")
