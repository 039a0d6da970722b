"""What the bot can do in a cycle, whoever decides (pure)."""

from shared.events import SignalPassed, SnapshotTaken


def buy_block(signal: SignalPassed, snapshot: SnapshotTaken) -> str | None:
    """The code of what forbids buying in this cycle; None if nothing does."""
    return "GATE_EXIT_ONLY" if signal.exit_only else snapshot.safety.buy_blocked_by


def holds(snapshot: SnapshotTaken) -> bool:
    """Whether the bot itself has something to sell."""
    return snapshot.position is not None and snapshot.position.volume > 0
