"""Write every file that is made from the table of services: python -m infra."""

import sys
from pathlib import Path

from infra import compose, imports
from infra.made import renewed
from infra.nats import users
from infra.prometheus import targets
from shared.wiring import Miswired, must_fit


def files() -> dict[Path, str]:
    """Each file as it is to be now."""
    made = {users.FILE: users.text()} | {path: users.page(path) for path in users.PAGES}
    for path, parts in {compose.FILE: compose.parts(), imports.FILE: imports.parts(), **targets.parts()}.items():
        made[path] = renewed(path.read_text(encoding="utf-8"), parts)
    return made


if __name__ == "__main__":
    try:
        must_fit()
    except Miswired as e:
        sys.exit(f"infra: {e}")
    for path, text in files().items():
        if path.read_text(encoding="utf-8") != text:  # make sets up anew behind a newer pyproject.toml
            path.write_text(text, encoding="utf-8")
