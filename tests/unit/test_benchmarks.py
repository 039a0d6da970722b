"""What a benchmark finds, what `make bench` keeps of it, and the table the READMEs show."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from benchmarks import figures
from benchmarks.figures import Figure, Found, Machine, Noise, Run
from benchmarks.latest import BENCHMARKS, chosen, played, renewed
from benchmarks.quiet import noise_of
from benchmarks.run import NotHere, run, verdict
from infra.measured import ENGLISH, KOREAN, table

ROOT = Path(__file__).parents[2]
LOUD = Noise(share=0.31, said="a fixed sum took 31% more")
MACHINE = Machine(cpu="A processor", cores=2, memory_gb=8.2, python="3.11.9")
COSTS = {
    "collector": (0.524, 1.0),
    "filter": (0.5, 0.4),
    "analyst by rules": (0.1, 0.5),
    "executor, an order": (0.2, 0.6),
}
CYCLE = Found(figures=[Figure(name=n, value=ms, unit="ms", bar=bar) for n, (ms, bar) in COSTS.items()], noise=LOUD)


def ran(found, commit="0123456789", is_clean=True):
    at = datetime(2026, 11, 28, 10, 50, tzinfo=UTC)
    return Run(at=at, commit=commit, is_clean=is_clean, machine=MACHINE, seconds=3, found=found)


def row(text, begin):
    (found,) = (line for line in text.splitlines() if line.startswith(f"| {begin}"))
    return [cell.strip() for cell in found.strip("|").split("|")][1:]


@pytest.mark.parametrize(
    ("value", "bar", "bar_is", "is_missed"),
    [
        (1.0, 1.0, "most", False),
        (1.1, 1.0, "most", True),
        (1.0, 1.0, "least", False),
        (0.9, 1.0, "least", True),
        (9.0, None, "most", False),
        (float("nan"), 1.0, "most", True),
        (float("nan"), 1.0, "least", True),
    ],
)
def test_a_figure_misses_its_bar_beyond_it_and_not_on_it(value, bar, bar_is, is_missed):
    assert Figure(name="a", value=value, unit="ms", bar=bar, bar_is=bar_is).is_missed is is_missed


def test_a_name_that_the_table_could_not_write_is_refused():
    with pytest.raises(ValidationError, match="a figure's name holds none of"):
        Figure(name="a: {b}", value=1, unit="ms")


def test_noise_is_how_much_more_one_of_ten_equal_works_took():
    assert noise_of([1.0] * 89 + [1.5] * 11).share == 0.5
    assert str(noise_of([1.0] * 95 + [1.5] * 5)).endswith("quiet enough")


def test_a_benchmark_beyond_its_bar_ends_with_1_and_says_how_noisy_the_machine_was(capsys, monkeypatch, tmp_path):
    file = tmp_path / "found.json"
    monkeypatch.setenv("BENCH_FOUND_FILE", str(file))
    with pytest.raises(SystemExit, match="1"):
        run(lambda: CYCLE)
    *_, noise, end = capsys.readouterr().out.splitlines()
    assert (noise, end) == (f"noise: {LOUD.said}: TOO NOISY to judge by one run", "BEYOND THE BAR: filter")
    assert Found.model_validate_json(file.read_bytes()) == CYCLE


def test_a_benchmark_without_noise_of_its_own_gets_that_of_a_sum_before_and_after_it(capsys):
    with pytest.raises(SystemExit, match="0"):
        run(lambda: Found(figures=CYCLE.figures[:1]))
    assert "noise: a fixed sum of" in capsys.readouterr().out


def test_what_needs_something_that_is_not_here_is_skipped_with_the_reason(capsys):
    async def find():
        raise NotHere("no candles stand here")

    with pytest.raises(SystemExit, match="0"):
        run(find)
    assert capsys.readouterr().out == "SKIPPED: no candles stand here\n"


def test_only_these_are_renewed_and_the_others_keep_their_date_and_commit():
    older, saved = {"filter": ran(CYCLE, "older"), "cycle": ran(CYCLE, "older"), "gone": ran(CYCLE)}, []
    skipped = Found(why_not="no vectorbt")
    latest = renewed(older, chosen("cycle"), lambda module: skipped, saved.append)
    assert latest["filter"] == older["filter"]
    assert latest["cycle"].found == skipped  # and no older figure beside it
    assert latest["cycle"].commit != "older"
    assert [list(each) for each in saved] == [["cycle", "filter"]]


def test_a_name_of_no_benchmark_is_refused_with_the_ones_there_are():
    assert chosen(" replay, cycle ") == ("cycle", "replay")
    assert chosen("") == BENCHMARKS
    with pytest.raises(ValueError, match="ONLY: no benchmark is speed; there are cycle, prompt"):
        chosen("cycle,speed")


def test_a_benchmark_that_breaks_has_found_nothing():
    found = played("benchmarks.no_such_module")
    assert (found.is_broken, found.why_not) == (True, "it broke, exit code 1")


def test_what_is_written_is_read_again(tmp_path):
    latest = {"cycle": ran(Found(figures=[Figure(name="a", value=float("inf"), unit="ms", bar=1)], noise=LOUD))}
    figures.write(latest, tmp_path / "latest.json")
    assert figures.read(tmp_path / "latest.json") == latest
    assert figures.read(tmp_path / "none.json") == {}


def test_a_row_shows_figures_and_bars_and_what_is_missed_with_its_noise():
    english, korean = (table({"cycle": ran(CYCLE)}, words) for words in (ENGLISH, KOREAN))
    measured, bar = "0.524 / 0.5 / 0.1 / 0.2 ms", "≤ 1 / 0.4 / 0.5 / 0.6"
    assert row(english, "what a cycle costs") == [measured, f"{bar} **missed**, noise 31%"]
    assert row(korean, "사이클 하나가") == [measured, f"{bar} **미달**, 잡음 31%"]


def test_the_table_says_when_where_and_at_which_commit_each_benchmark_ran():
    latest = {
        "cycle": ran(CYCLE),
        "why": ran(Found(why_not="x"), "abc", is_clean=False),
        "filter": ran(Found(why_not="x")),
    }
    told = table(latest, ENGLISH)
    where = "2 cores (A processor, 8.2 GB, Python 3.11.9)"
    assert f"Measured 2026-11-28 at commit `0123456789`, {where}: cycle, filter.\n" in told
    assert f"Measured 2026-11-28 at commit `abc` and changes that were not committed, {where}: why.\n" in told


def test_a_row_that_was_not_measured_says_so_and_why():
    told = table({"alarms": ran(Found(why_not="no recorded candles"))}, ENGLISH)
    assert row(told, "flash-crash alarms") == ["not measured: no recorded candles", ""]
    assert row(told, "paper exchange") == ["not measured yet", ""]
    assert "Nothing is measured yet" in table({}, ENGLISH)


def test_a_row_of_a_figure_that_its_benchmark_does_not_find_is_refused():
    with pytest.raises(ValueError, match="finds no figure 'collector'"):
        table({"cycle": ran(Found(figures=CYCLE.figures[1:]))}, ENGLISH)


def test_both_languages_show_the_same_figures_of_each_benchmark():
    english, korean = (
        [set(re.findall(r"\{\w+: [^{}]+\}", line)) for line in words.rows.read_text().splitlines()]
        for words in (ENGLISH, KOREAN)
    )
    assert english == korean
    assert {name.split(":")[0].strip("{") for line in english for name in line} == set(BENCHMARKS)


def test_make_has_a_target_for_each_benchmark():
    targets = re.findall(r"^bench-(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert sorted(targets) == sorted(BENCHMARKS)


def test_a_verdict_within_the_bars_says_so():
    assert verdict(Found(figures=CYCLE.figures[:1], noise=LOUD)).endswith("\nwithin the bars")
