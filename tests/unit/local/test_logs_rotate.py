"""A log that grows is put aside, and only so many are kept."""

from services.local.supervisor import Child, rotate


def child(folder, text):
    log = folder / "filter.log"
    log.write_text(text)
    return Child("filter", 1, {}, log, log_begins=7)


def test_a_short_log_stays(tmp_path):
    mine = child(tmp_path, "short")
    rotate(mine, most=10)
    assert (mine.log.read_text(), mine.log_begins) == ("short", 7)


def test_a_long_log_is_put_aside_and_its_process_goes_on_in_an_empty_one(tmp_path):
    mine = child(tmp_path, "0123456789")
    with mine.log.open("ab") as out:
        rotate(mine, most=10)
        out.write(b"more")
    assert mine.log.read_text() == "more"
    assert (tmp_path / "filter.log.1").read_text() == "0123456789"
    assert mine.log_begins == 0  # what it says last is looked for from the beginning


def test_the_oldest_goes(tmp_path):
    for number in range(6):
        rotate(child(tmp_path, f"log {number} is long"), most=10, kept=3)
    kept = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert kept == {
        "filter.log": "",
        "filter.log.1": "log 5 is long",
        "filter.log.2": "log 4 is long",
        "filter.log.3": "log 3 is long",
    }


def test_where_there_is_no_log_there_is_nothing_to_do(tmp_path):
    rotate(Child("filter", 1, {}, tmp_path / "none.log"), most=10)
    assert list(tmp_path.iterdir()) == []
