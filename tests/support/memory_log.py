"""The event log in memory, for tests of handlers."""

from services.replay.memory_log import MemoryLog

__all__ = ["MemoryLog"]
