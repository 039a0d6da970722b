"""The bugs of `make mutants` can be planted: each stands where the code is today, and names tests that are there."""

from pathlib import Path

from tests.faults.mutations import MUTANTS


def test_what_is_replaced_stands_in_the_code_once():
    gone = [
        f"{mutant.what}: {change.file}"
        for mutant in MUTANTS
        for change in mutant.changes
        if Path(change.file).read_text().count(change.old) != 1
    ]
    assert gone == []


def test_each_has_a_name_of_its_own_and_tests_that_can_find_it():
    assert len({mutant.what for mutant in MUTANTS}) == len(MUTANTS)
    assert [mutant.what for mutant in MUTANTS if not mutant.found_by] == []
    missing = {suite for mutant in MUTANTS for suite in mutant.found_by if not Path(suite).exists()}
    assert missing == set()
