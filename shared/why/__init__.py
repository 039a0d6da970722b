"""Why a cycle ended as it did, in words: one renderer for the command, the API and the messages (pure)."""

from shared.why.record import Fault, Record
from shared.why.story import why

__all__ = ["Fault", "Record", "why"]
