"""Write every file that is made from the table of services: python -m infra."""

from pathlib import Path

from infra import compose
from infra.made import renewed
from infra.nats import users
from infra.prometheus import targets


def files() -> dict[Path, str]:
    """Each file as it is to be now."""
    made = {users.FILE: users.text()} | {path: users.page(path) for path in users.PAGES}
    for path, parts in {compose.FILE: compose.parts(), **targets.parts()}.items():
        made[path] = renewed(path.read_text(encoding="utf-8"), parts)
    return made


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
