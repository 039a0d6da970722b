"""A service's place on the bus: its broker, its log, its readers.

A pipeline stage is a handler from one event to one event:

    stage = Stage("filter", settings)
    stage.handle(FilterHandler(...), follow=end_of)

The log takes a stage's output once, and what lies there holds. Where a message may have been answered before, and where
the work is `costly`, `handle` looks there first and calls the handler only if there is nothing. `follow` names a second
output that belongs to the first.

stage.py      a place on the bus
handler.py    what a handler may be, and that it works once
pages.py      what its process serves
"""

from shared.stage.handler import EventStore, handle_once, members, must_agree, signature
from shared.stage.pages import asgi
from shared.stage.stage import NotReady, Stage, StageOptions

__all__ = [
    "EventStore",
    "NotReady",
    "Stage",
    "StageOptions",
    "asgi",
    "handle_once",
    "members",
    "must_agree",
    "signature",
]
