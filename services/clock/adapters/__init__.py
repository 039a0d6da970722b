"""What the clock touches: the machine's time, the log, the switch, the paper exchange's time."""
