"""Whether the backend is well, and how it refuses."""

from typing import Literal

from pydantic import BaseModel

from shared.api.shape import Shape


class Health(Shape):
    """ "ok", or what is wrong."""

    status: Literal["ok"]
    database: str
    switch: str
    time: str


class Ready(Shape):
    status: Literal["ok"]


class Problem(BaseModel):
    """RFC 9457; `type` is about:blank, so the title is the status's own."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str
