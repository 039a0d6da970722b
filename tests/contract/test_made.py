"""What is made from a table is what is committed, and no second list of services stands anywhere."""

import re
from pathlib import Path

import pytest

from infra.__main__ import files, parts
from infra.made import renewed
from infra.nats.users import USERS
from infra.prometheus.targets import STAGES
from shared.events import KINDS
from shared.services import NAMED, READERS

ROOT = Path(__file__).parents[2]
FILES, PARTS = files(), parts()
TABLES = ("shared/services.py", "shared/settings.py")
_NAME = f"(?:{'|'.join(NAMED)})"
LISTS = re.compile(rf"(?:[\"'`]{_NAME}[\"'`],\s*){{2}}[\"'`]{_NAME}[\"'`]")  # three services side by side
PORTS, PORTS_OF_STAGES = (
    re.compile(rf"(?<![\d._,])(?:{'|'.join(str(NAMED[name].port) for name in names)})(?![\d_]|[.,]\d)")
    for names in (NAMED, STAGES)
)
_PLACES = "|".join({kind.SUBJECT.split(".")[1] for kind in KINDS.values()})
SUBJECTS = re.compile(rf"(?<![\w.$])(?:ev\\?\.(?:{_PLACES}|[*>])|dead\\?\.(?:{'|'.join(READERS)}|[*>]))(?!\w)")
PASSWORDS = re.compile(rf"\b(?:{'|'.join(USERS)})_password\b")
# Events name their places, and the bus its own; everybody else builds them from an event.
HOMES = ("shared/events/", "shared/bus/")
# The stage that a recipe adds, in no table before: the place of its event is written where it is made up.
MADE_UP = ("tests/recipes/", "tests/unit/shared/test_wiring.py")


def by_hand(path: Path) -> str:
    """What a person wrote of a file: nothing of one that is made, and none of the parts that are."""
    if path in FILES and path not in PARTS:
        return ""
    return renewed(path.read_text(encoding="utf-8"), dict.fromkeys(PARTS.get(path, ()), ""))


def written(*patterns: str) -> dict[str, str]:
    """What stands in the files of these patterns, by path; without the tables themselves."""
    found = {str(path.relative_to(ROOT)): path for pattern in patterns for path in ROOT.glob(pattern)}
    return {
        name: by_hand(path)
        for name, path in found.items()
        if path.is_file() and path.suffix != ".pyc" and name not in TABLES
    }


PRODUCT = written(*(f"{folder}/**/*.py" for folder in ("shared", "services", "infra", "benchmarks")))
TESTS = written("tests/**/*.py")
# Prose and configuration: what is not Python, but for golden files, which hold what is made.
PAGES = written("*.md", "*.y*ml", "*.toml", "Makefile", "docs/*.md", "infra/**/*")


def hits(pattern: re.Pattern[str], *groups: dict[str, str]) -> list[str]:
    return [
        f"{name}:{text[: hit.start()].count(chr(10)) + 1}: {hit[0]}"
        for group in groups
        for name, text in group.items()
        for hit in pattern.finditer(text)
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_committed_file_is_what_the_table_makes(path):
    assert path.read_text(encoding="utf-8") == FILES[path], "python -m infra writes it anew"


def test_a_file_whose_mark_is_gone_is_refused():
    with pytest.raises(ValueError, match="logins: its marks stand there 0 times"):
        renewed("# <logins>\n", {"logins": "x\n"})


def test_no_second_list_of_services_stands_anywhere():
    assert hits(LISTS, PRODUCT, TESTS, PAGES) == []


def test_no_usual_port_of_a_service_stands_beside_the_table():
    assert hits(PORTS, PRODUCT) == []
    assert hits(PORTS_OF_STAGES, TESTS, PAGES) == []  # the API's, the page's, the paper exchange's are users' addresses


def test_no_password_is_written_out_but_in_what_the_table_makes():
    assert hits(PASSWORDS, PRODUCT, TESTS, PAGES) == []


def test_no_subject_is_written_out_but_where_events_and_the_bus_are():
    others = {name: text for name, text in (PRODUCT | TESTS).items() if not name.startswith((*HOMES, *MADE_UP))}
    assert hits(SUBJECTS, others, PAGES) == []
