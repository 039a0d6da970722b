"""Time: this machine's clock, slots, and the exit guard's patience."""
# ruff: noqa: E501 - what is replaced stands in one line as it does in the code

from tests.faults.mutants import Mutant, mutant

GUARD = "services/clock/guard.py"

MUTANTS: tuple[Mutant, ...] = (
    mutant("the five seconds stand still while the machine sleeps", "tests/unit/executor/test_deadlines.py",
        ("shared/clock.py", 'getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)', "time.CLOCK_MONOTONIC")),
    mutant("an exit's rest waits for the rule", "tests/unit/clock/test_guard.py",
        (GUARD, "                trigger = trigger or rest_of_exit(", "                _ = rest_of_exit(")),
    mutant("an exit goes on with what was bought since", "tests/unit/clock/test_guard.py",
        (GUARD, "_is_rest(last, held) and at", "last.left is not None and at")),
    mutant("a slot of the future is traded", "tests/unit/collector/test_slot_check.py",
        ("services/collector/core/slot.py", "    if early > SOON:\n", "    if False:\n")),
    mutant("a slot is traded by a machine whose clock is wrong", "tests/unit/collector/test_slot_check.py",
        ("services/collector/core/slot.py", "    if skew_s is not None and skew.is_wrong(skew_s):\n", "    if False:\n")),
    mutant("a last slot of the future is believed", "tests/unit/clock/test_clock_jumps.py",
        ("services/clock/core/schedule.py", "(slot for slot in slots if slot <= now + FUTURE)", "slots")),
    mutant("a clock that is wrong starts slots", "tests/unit/clock/test_clock_jumps.py",
        ("services/clock/core/time_reading.py", "        return self.skew_s is not None and skew.is_wrong(self.skew_s)\n", "        return False\n")),
    mutant("misses are recorded by a time nobody confirmed", "tests/unit/clock/test_clock_jumps.py",
        ("services/clock/wall.py", "            if reading.skew_s is None:\n", "            if False:\n")),
)  # fmt: skip
