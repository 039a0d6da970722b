"""A key of a bucket that somebody may have deleted: its value, and the revision over which it can be written again.

A deleted key leaves a marker, and the server takes no first writing over it: `update(last=0)` fails for ever.
"""

from typing import NamedTuple

from nats.js.errors import KeyNotFoundError
from nats.js.kv import KeyValue


class Value(NamedTuple):
    """body: None where there is none. revision: of the value, or of the marker of its deletion; 0 where neither is."""

    body: bytes | None
    revision: int

    @property
    def is_lost(self) -> bool:
        """Whether there was a value: it was deleted, purged or emptied."""
        return self.body is None and self.revision > 0


async def value(bucket: KeyValue, key: str) -> Value:
    try:
        entry = await bucket.get(key)
    except KeyNotFoundError as e:
        return Value(None, 0 if e.entry is None else e.entry.revision or 0)
    return Value(entry.value or None, entry.revision or 0)  # a marker of the server's own has no bytes either
