"""What the screens need of the world: the backend, and word that something happened."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel

from shared.api.routes import Route
from shared.errors import Permanent, Transient
from shared.types import Language, UtcTime

Answer = TypeVar("Answer", bound=BaseModel)


class Away(Transient):
    """The backend does not answer, and never answered this before."""


class Refused(Permanent):
    """The backend says no; the text says why."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status = status


@dataclass(frozen=True, slots=True)
class Reading(Generic[Answer]):
    """An answer. at: when it was given. is_fresh: now; otherwise the backend is away and this is its last word."""

    answer: Answer
    at: UtcTime
    is_fresh: bool = True


class Backend(Protocol):
    async def get(
        self, route: Route[Answer], *parts: str, token: str | None = None, **query: str | int
    ) -> Reading[Answer]:
        """Raises Away, or Refused where the backend answers with a no."""
        ...

    async def must_be_owners(self, token: str) -> None:
        """Raises Refused where it is not the owner's token, Away where nobody can say."""
        ...

    async def post(self, route: Route[Answer], *parts: str, token: str, **query: str) -> Answer:
        """Raises Away or Refused."""
        ...


class File(Protocol):
    @property
    def media_type(self) -> str: ...

    def pieces(self) -> AsyncIterator[bytes]: ...


class Files(Protocol):
    async def open(self, path: str, *, token: str | None) -> File:
        """Raises Away or Refused."""
        ...


class Guides(Protocol):
    def read(self, name: str, language: Language) -> str | None:
        """A guide's text, Markdown; None where it is not there."""
        ...


class Pulse(Protocol):
    """token: of any owner that is here; a backend may show strangers nothing."""

    token: str | None

    def is_full(self, *, is_owner: bool) -> bool: ...

    def follow(self) -> AsyncIterator[str]:
        """The messages for one browser."""
        ...
