"""The prompt of a cycle, made again out of the log."""

from typing import Any, Literal

from pydantic import Field

from shared.api.shape import Shape

Difference = Literal["", "template", "input", "version"]


class CitedFact(Shape):
    """A number that the reply relied on."""

    name: str
    value: float
    shown: float | None = Field(description="what the prompt said of it; null where it said nothing")
    right: bool = Field(description="within 1 % of what the prompt said")


class PromptRequest(Shape):
    """What to POST to ask the same again; the key goes into the Authorization header."""

    path: str = Field(description="behind the base URL: /chat/completions or /responses")
    body: dict[str, Any] = Field(description="with the answer's JSON schema of this version; no digest holds that one")


class SentPrompt(Shape):
    """What the analyst sent to the model. The log keeps its digest alone; the texts are made again from its events."""

    cycle: str
    model: str
    template: str = Field(description="the version of the texts that the numbers were put into")
    sha256: str = Field(description="of what was sent, as the log has it: of system, a NUL, user")
    same: bool = Field(description="true: system and user have that digest, and so are what was sent, byte for byte")
    differs: Difference = Field(
        description="why they are not the same. template: this version has not the one of then; input: the log lacks "
        "something that was in it; version: this version writes it otherwise. Empty where they are the same"
    )
    system: str | None = Field(description="null where nothing could be made")
    user: str | None = Field(description="as system. Where `same` is false, not what was sent")
    evidence: tuple[CitedFact, ...] | None = Field(description="of the reply; null where `same` is false")
    request: PromptRequest | None = Field(description="null where `same` is false")
