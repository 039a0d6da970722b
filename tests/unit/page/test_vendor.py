"""What others wrote is what its maker published, may be passed on, and is small."""

import gzip
import hashlib
import tomllib
from pathlib import Path

import pytest

PAGE = Path("services/page")
LOCK = tomllib.loads((PAGE / "vendor.lock").read_text())
VENDOR = PAGE / "static" / "vendor"
TESTS = Path("tests/e2e_page")  # of the browser's tests; nothing of it is served


@pytest.mark.parametrize(("lock", "folder"), [(PAGE, VENDOR), (TESTS, TESTS / "vendor")], ids=["page", "tests"])
def test_each_file_is_the_one_of_the_lock_and_no_other_is_there(lock, folder):
    entries = tomllib.loads((lock / "vendor.lock").read_text())
    sums = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}
    assert sums == {name: entry["sha256"] for name, entry in entries.items()}


def test_each_package_has_its_licence_beside_it():
    packages = {entry["package"] for entry in LOCK.values()}
    assert {entry["package"] for entry in LOCK.values() if entry["path"] == "LICENSE"} == packages
    assert {entry["licence"] for entry in LOCK.values()} <= {"0BSD", "MIT", "Apache-2.0"}


def test_a_phone_loads_at_most_150_kb():
    files = [file for file in (PAGE / "static").rglob("*") if file.suffix in (".js", ".css", ".svg")]
    assert sum(len(gzip.compress(file.read_bytes(), 9)) for file in files) <= 150_000


@pytest.mark.parametrize(
    "inline", ["http://", "https://", " style=", "<style", "onclick", "hx-on", "javascript:", "eval("]
)
def test_nothing_is_loaded_from_elsewhere_and_nothing_stands_inline(inline):
    for file in [*(PAGE / "templates").iterdir(), *(PAGE / "static").glob("*.*")]:
        text = file.read_text().replace("http://www.w3.org/2000/svg", "").replace("http://127.0.0.1:8000", "")
        text = text.replace('<a href="https://www.tradingview.com/"', "")  # its licence asks for a link to follow
        assert inline not in text, file
