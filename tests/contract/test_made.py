"""What is made from a table is what is committed, and no second list of services stands anywhere."""

import re
from pathlib import Path

import pytest

from infra.__main__ import files
from infra.made import renewed
from infra.nats.users import USERS
from infra.prometheus.targets import STAGES
from shared.services import NAMED

ROOT = Path(__file__).parents[2]
TABLES = ("shared/services.py", "shared/settings.py")
FILES = files()
_NAME = f"(?:{'|'.join(NAMED)})"
LISTS = re.compile(rf"(?:[\"']{_NAME}[\"'],\s*){{2}}[\"']{_NAME}[\"']")  # three services side by side
PORTS, PORTS_OF_STAGES = (
    re.compile(rf"(?<![\d._,])(?:{'|'.join(str(NAMED[name].port) for name in names)})(?![\d_]|[.,]\d)")
    for names in (NAMED, STAGES)
)
SUBJECTS = re.compile(r"(?<![\w.$])ev\.[a-z*]+[.>]")
PASSWORDS = re.compile(rf"\b(?:{'|'.join(USERS)})_password\b")
PRODUCT = ("shared", "services", "infra", "benchmarks")


def code(*places: str) -> dict[str, str]:
    """The Python of some folders, by path; without the tables themselves."""
    found = {str(path.relative_to(ROOT)): path for place in places for path in (ROOT / place).rglob("*.py")}
    return {name: path.read_text(encoding="utf-8") for name, path in found.items() if name not in TABLES}


def hits(pattern: re.Pattern[str], files: dict[str, str]) -> list[str]:
    return [
        f"{name}:{text[: hit.start()].count(chr(10)) + 1}: {hit[0]}"
        for name, text in files.items()
        for hit in pattern.finditer(text)
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_committed_file_is_what_the_table_makes(path):
    assert path.read_text(encoding="utf-8") == FILES[path], "python -m infra writes it anew"


def test_a_file_whose_mark_is_gone_is_refused():
    with pytest.raises(ValueError, match="logins: its marks stand there 0 times"):
        renewed("# <logins>\n", {"logins": "x\n"})


def test_no_second_list_of_services_stands_anywhere():
    assert hits(LISTS, code(*PRODUCT, "tests")) == []


def test_no_usual_port_of_a_service_stands_beside_the_table():
    assert hits(PORTS, code(*PRODUCT)) == []
    assert hits(PORTS_OF_STAGES, code("tests")) == []  # the API's and the paper exchange's are their users' addresses


def test_no_password_is_written_out_but_in_what_the_table_makes():
    pages = {
        str(path.relative_to(ROOT)): path
        for path in (*ROOT.glob("*.y*ml"), *ROOT.glob("infra/**/*.y*ml"), *ROOT.glob("docs/*.md"))
    }
    texts = {name: path.read_text("utf-8") for name, path in pages.items() if path not in FILES}
    assert hits(PASSWORDS, {**texts, **code(*PRODUCT, "tests")}) == []


def test_no_subject_is_written_out_but_where_events_and_the_bus_are():
    own = ("shared/events/", "shared/bus/")
    assert hits(SUBJECTS, {name: text for name, text in code(*PRODUCT).items() if not name.startswith(own)}) == []
