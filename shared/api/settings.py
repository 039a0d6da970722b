"""How the bot is set up; no secret, and no part of one."""

from pydantic import Field

from shared.api.shape import Shape, Time


class Setting(Shape):
    """A setting of the backend's own process, as `.env` would have it.

    decides: it can change what the bot does, so that every tick carries it. Of these alone the log knows more.
    """

    name: str = Field(description="as in .env: GATE_WIN_RATE_MIN")
    about: str = Field(description="what it is, in English")
    value: str | None = Field(
        description='null: unset. A secret is "set", "not set", or "unknown" where others keep it'
    )
    is_secret: bool
    is_default: bool | None = Field(description="null of a secret")
    decides: bool
    used: str | None = Field(description="what the last tick was decided by; null: unset, or never told")
    since: Time | None = Field(description="of `used`: the first tick with it; null where no tick ever told it")
    before: str | None = Field(description="what `used` was before that; null: unset, or as far as the log goes back")
    changes: int = Field(description="how often `used` has changed in the log; 0: never, as far as the log goes back")


class Settings(Shape):
    """In the order of .env.example."""

    settings: tuple[Setting, ...]
